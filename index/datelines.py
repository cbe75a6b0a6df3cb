"""What opens a news item: “科学导报讯”, “新华社北京3月5日电”, “BEIJING, March 5 (Xinhua) --”."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from index.bylines import names_in, parse_authors

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
_QUOTED = re.compile(
    rf"[据據]\s*(?:(?P<dated>{_OUTLET})\s*{_PLACE}\s*{_DAY}|(?P<ours>新华社|新華社|中新社|中央社){_PLACE})\s*"
    rf"(?:电|電|讯|訊|专电|專電|专讯|專訊)(?=[\s：:（(]|$){_BY}?"
)
_REPORTER = re.compile(
    r"(?P<left>[【〔\[［（(])\s*(?:(?P<paper>[\u4e00-\u9fff]{2,8}?))?(?:记者|記者)\s*"
    r"(?P<names>[\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,4}?)\s*"
    rf"(?:\s[\u4e00-\u9fff]{{2,10}}(?:报道|報導)|[/／]\s*[\u4e00-\u9fff]{{2,12}}(?:报道|報導)|[\u4e00-\u9fff]{{0,6}}?{_DAY}\s*[电電讯訊])?\s*[】〕\]］)）](?=\s*\S)"
)
_REPORTS = re.compile(
    r"(?:本报|本報|本刊)?(?:记者|記者)\s*(?P<names>[\u4e00-\u9fff]{2,4}(?:[、\s]+[\u4e00-\u9fff]{2,4}){0,4}?)\s*"
    r"(?:[/／]\s*[\u4e00-\u9fff]{2,10})?(?:报道|報導)(?=[\s：:])"
)
_REPORTER_LINE = re.compile(
    r"[\u4e00-\u9fff]{0,6}?(?:记者|記者)\s*[\u4e00-\u9fff]{2,4}(?:[、\s]+[\u4e00-\u9fff]{2,4}){0,4}\s*"
    r"[/／]\s*[\u4e00-\u9fff]{2,10}(?:报道|報導)"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_PLACE_IN_CAPITALS = r"[A-Z][A-Z.'’\-]+(?: [A-Z][A-Z.'’\-]+){0,3}"
_ENGLISH = re.compile(
    rf"{_PLACE_IN_CAPITALS}(?P<state>, [A-Z][A-Za-z. ]{{1,20}}?)?"
    rf"(?P<date>, {_MONTH} \d{{1,2}})?"
    r"\s*(?:\((?P<paper>[A-Z][\w .&/-]{1,30})\))?\s*(?P<dash>--|—|–|-)\s"
)
_PLACE_ALONE = re.compile(r"[A-Z]{4}")  # “BEIJING —”; not “U.S. —” or “AI —”
_SENTENCE_START = re.compile(r"\s*[“\"‘'A-Z\d]")
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Dateline:
    """An opening, up to `end` of its line."""

    end: int
    newspaper: str | None  # None: “本报讯”, the paper does not say its name
    authors: tuple[str, ...] = ()
    names: tuple[int, int] | None = None  # where the authors stand in the line
    paper_end: int = 0  # where the paper's name ends in the line; 0 without one
    quoted: bool = False  # “据新华社北京3月5日电”: opens what a headline stands above


def find_dateline(line: str) -> Dateline | None:
    """The dateline that the line opens with; “据新华社电，……” is a sentence and none."""
    head = line[:_LONGEST]
    found = _CHINESE.match(head)
    if found is not None and bool(found["left"]) == bool(found["right"]):
        paper = found["dated"] or found["ours"] or found["paper"]
        if not paper.startswith(("据", "據", "综合", "引述")):
            return _with_authors(found, paper)
    found = _QUOTED.match(head)
    if found is not None:
        return replace(_with_authors(found, found["dated"] or found["ours"]), quoted=True)
    for form in (_REPORTER, _REPORTS):
        found = form.match(head)
        if found is not None:
            paper = found["paper"] if form is _REPORTER else None
            return _with_authors(found, paper)
    found = _ENGLISH.match(head)
    if found is None or not _is_english_dateline(found, head):
        return None
    return Dateline(found.end(), found["paper"])


def find_dateline_over(line: str, below: str) -> Dateline | None:
    """The dateline that begins in one line and ends in the next; offsets in both together."""
    opens_itself = _CHINESE.match(below) or find_dateline(below)
    if opens_itself and not below.startswith(("（", "(")):  # “（记者 ……” may go on
        return None  # what stands above is a headline, also of “综合新华社北京3月5日电”
    found = find_dateline(line + below)
    if found is None or found.paper_end > len(line):
        return None
    own_line = line.startswith(("【", "〔", "[", "［"))  # these close no article
    return found if found.end > len(line) or (own_line and found.end == len(line)) else None


def is_reporter_line(line: str) -> bool:
    """Whether the line is all “記者王小明／台北報導”: it stands above its article."""
    return _REPORTER_LINE.fullmatch(line) is not None


def _is_english_dateline(found: re.Match[str], head: str) -> bool:
    """A place with date or agency, or before a long dash and a sentence: not “U.S. - China”."""
    if found["date"]:
        return True
    if _SENTENCE_START.match(head, found.end()) is None:
        return False
    if found["paper"] or (found["state"] and found["dash"] in ("—", "--")):
        return True
    return found["dash"] in ("—", "--") and _PLACE_ALONE.search(found.group()) is not None


def _with_authors(found: re.Match[str], paper: str | None) -> Dateline:
    if paper is not None:
        outlet = _OUTLET_NAME.match(paper)
        paper = outlet.group() if outlet is not None else paper
    newspaper = None if paper is None or paper.startswith("本") else paper
    kinds = found.re.groupindex.keys() & {"dated", "ours", "paper"}
    paper_end = max((found.end(kind) for kind in kinds), default=0)
    names = found["names"]
    authors = parse_authors(names) if names else ()
    if not authors:
        return Dateline(found.end(), newspaper, paper_end=paper_end)
    first, last = names_in(names)
    where = (found.start("names") + first, found.start("names") + last)
    return Dateline(found.end(), newspaper, authors, where, paper_end)
