"""What newspapers print to open an article and to close it: datelines and bylines."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACE = r"[\u4e00-\u9fff]{2,8}"
_DAY = r"(?:\d{1,2}\s*月\s*)?\d{1,2}\s*日"
_AGENCIES = (
    "新华社|新華社|中新社|中新网|中央社|中国新闻社|路透社|法新社|美联社|塔斯社|共同社|韩联社"
)
_REPORTED_BY = (
    r"(?:\s*[（(]\s*(?:[\u4e00-\u9fff]{0,8}(?:记者|記者)|通讯员|通訊員)[^（）()]{1,60}[)）])"
)
_DATELINE = re.compile(
    rf"(?:(?P<paper>[\u4e00-\u9fff]{{2,10}}?)(?:讯|訊)(?=[\s：:（(]|$)"
    rf"|(?P<agency>本报|本報|本刊|本网|{_AGENCIES}|[\u4e00-\u9fff]{{2,6}}(?:报|報|网|社))"
    rf"\s*{_PLACE}?\s*{_DAY}\s*(?:电|電|讯|訊)"
    rf")(?P<by>{_REPORTED_BY})?"
)
_OURSELVES = frozenset(("本报", "本報", "本刊", "本网", "本社"))

_NAME = r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}·[\u4e00-\u9fff]{1,8}"
_NAMES = rf"(?:{_NAME})(?:[\s、，,]+(?:{_NAME})){{0,5}}"
_ROLE = r"(?:[\u4e00-\u9fff]{0,8}(?:记者|記者|通讯员|通訊員|特约撰稿人|实习生|實習生|撰文|作者))"
_CLOSING = re.compile(
    rf"(?<=[。！？…”’」』）])\s*(?:[（(]\s*(?P<bracketed>{_ROLE}?\s*[:：]?\s*{_NAMES})\s*[)）]"
    rf"|/\s*(?P<slashed>{_NAMES})"
    rf"|\s+(?P<plain>{_ROLE}?\s*[:：]?\s*{_NAMES}))$"
)
_ROLE_ONLY = re.compile(rf"{_ROLE}\s*[:：]?\s*")
_SPLIT_NAMES = re.compile(r"[\s、，,]+")


@dataclass(frozen=True, slots=True)
class Dateline:
    """“科学导报讯”, “新华社北京3月5日电”: the words that open an article."""

    end: int  # in the line
    newspaper: str | None  # None: “本报讯”, the paper does not say its name


@dataclass(frozen=True, slots=True)
class Byline:
    """Who wrote it, as printed in one line."""

    start: int  # of the names, in the line
    end: int
    sign_start: int  # where the words around the names begin: “（记者 ”
    authors: tuple[str, ...]


def find_dateline(line: str) -> Dateline | None:
    """The dateline that the line opens with."""
    found = _DATELINE.match(line)
    if found is None:
        return None
    paper = found["paper"] or found["agency"]
    return Dateline(found.end(), None if paper in _OURSELVES else paper)


def find_closing_byline(line: str) -> Byline | None:
    """The byline that stands after the last sentence of the line."""
    found = _CLOSING.search(line, max(0, len(line) - 60))
    if found is None:
        return None
    kind = found.lastgroup or "plain"
    start = found.start(kind)
    role = _ROLE_ONLY.match(line, start)
    if role is not None and role.end() < found.end(kind):
        start = role.end()
    names = line[start : found.end(kind)].rstrip()
    sign = found.start() + len(found.group()) - len(found.group().lstrip())
    return Byline(start, start + len(names), sign, tuple(_SPLIT_NAMES.split(names)))
