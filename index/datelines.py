"""What opens a news item: “科学导报讯”, “新华社北京3月5日电”, “BEIJING, March 5 (Xinhua) --”."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.bylines import parse_authors, role_end

_OURS = r"本报|本報|本刊|本网|本網|本台|本社"
_NAME = (
    r"[\u4e00-\u9fffA-Za-z·]{1,14}(?:[（(][\u4e00-\u9fff]{2,8}[)）]|[-－—·][\u4e00-\u9fff]{2,10})?"
)
_OUTLET = (
    rf"(?:{_OURS}|[\u4e00-\u9fffA-Za-z·—-]{{0,14}}?"
    r"(?:社|报|報|网|網|台|客户端|新闻|新聞|时刻|周刊|经纬|在线|融媒|频道|杂志|財經|财经))"
)
_PLACE = r"[-－·\u4e00-\u9fff]{0,10}?"
_DAY = r"(?:\d{2,4}\s*年\s*)?(?:\d{1,2}\s*月\s*)?\d{1,2}\s*日"
_WIRE = r"(?:电|電|讯|訊|专电|專電|专讯|專訊|综合电|综合报道|報導|报道)"
_WORDS_IN_XUN = (
    r"(?:通|资|資|视|視|喜|简|簡|音|短|快|问|問|审|審|电|電|传|傳|闻|聞|死|凶|噩|警|查|腾|騰|侦|偵)"
)
_BY = r"(?P<by>\s*[（(]\s*(?P<names>[^（）()]{2,80}?)\s*[)）])"

_OUTLET_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,14}?(?:社|报|報|网|網|台|客户端)")
_CHINESE = re.compile(
    rf"(?P<left>[【〔\[［（(])?\s*(?:"
    rf"(?P<dated>{_OUTLET})\s*{_PLACE}\s*{_DAY}\s*{_WIRE}"
    rf"|(?P<ours>{_OURS}|新华社|新華社|中新社|中央社){_PLACE}(?:电|電|讯|訊|专电|專電|专讯|專訊)(?=[\s：:（(】〕\]］)）]|$)"
    rf"|(?P<paper>{_NAME})(?<!{_WORDS_IN_XUN})(?:讯|訊)(?=[\s：:（(】〕\]］)）]|$)"
    rf")(?P<right>[】〕\]］)）])?{_BY}?"
)
_REPORTER = re.compile(
    r"(?P<left>[【〔\[［（(])\s*(?:(?P<paper>[\u4e00-\u9fff]{2,8}?))?(?:记者|記者)\s*"
    r"(?P<names>[\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,4}?)\s*"
    rf"(?:[/／]\s*[\u4e00-\u9fff]{{2,12}}(?:报道|報導)|[\u4e00-\u9fff]{{0,6}}?{_DAY}\s*[电電讯訊])?\s*[】〕\]］)）](?=\s*\S)"
)
_REPORTS = re.compile(
    r"(?:本报|本報|本刊)?(?:记者|記者)\s*(?P<names>[\u4e00-\u9fff]{2,4}(?:[、\s]+[\u4e00-\u9fff]{2,4}){0,4}?)\s*"
    r"(?:报道|報導)(?=[\s：:])"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_ENGLISH = re.compile(
    rf"[A-Z][A-Z.'’\-]+(?: [A-Z][A-Z.'’\-]+){{0,3}}(?:, [A-Z][A-Za-z. ]{{1,20}}?)?"
    rf"(?:, {_MONTH} \d{{1,2}})?"
    r"\s*(?:\((?P<paper>[A-Z][\w .&/-]{1,30})\))?\s*(?:--|—|–|-)\s"
)
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Dateline:
    """An opening, up to `end` of its line."""

    end: int
    newspaper: str | None  # None: “本报讯”, the paper does not say its name
    authors: tuple[str, ...] = ()
    names: tuple[int, int] | None = None  # where the authors stand in the line


def find_dateline(line: str) -> Dateline | None:
    """The dateline that the line opens with; “据新华社电” in mid-sentence is none."""
    head = line[:_LONGEST]
    found = _CHINESE.match(head)
    if found is not None and bool(found["left"]) == bool(found["right"]):
        paper = found["dated"] or found["ours"] or found["paper"]
        if not paper.startswith(("据", "據", "综合", "引述")):
            return _with_authors(found, paper)
    for form in (_REPORTER, _REPORTS):
        found = form.match(head)
        if found is not None:
            paper = found["paper"] if form is _REPORTER else None
            return _with_authors(found, paper)
    found = _ENGLISH.match(head)
    return Dateline(found.end(), found["paper"]) if found is not None else None


def _with_authors(found: re.Match[str], paper: str | None) -> Dateline:
    if paper is not None:
        outlet = _OUTLET_NAME.match(paper)
        paper = outlet.group() if outlet is not None else paper
    newspaper = None if paper is None or paper.startswith("本") else paper
    names = found["names"]
    authors = parse_authors(names) if names else ()
    if not authors:
        return Dateline(found.end(), newspaper)
    where = (found.start("names") + role_end(names), found.end("names"))
    return Dateline(found.end(), newspaper, authors, where)
