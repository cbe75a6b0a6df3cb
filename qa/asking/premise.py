"""Yes-or-no questions opened, so that a wrong premise is answered by what the article says.

    侯马减少了90天吗？        → 侯马减少了多少天
    图书馆是2021年开馆的吗    → 图书馆是哪一年开馆的
    Did Houma cut 90 days?  → Did Houma cut how many days?

A reader looks for words that answer; a premise that is no number or date stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from index.schema import Span
from qa.asking.question import Question, analyse
from qa.reading.coverage import fold_aligned
from qa.reading.quantities import quantities
from qa.reading.spans import outermost, typed_spans

_VERDICT = re.compile(
    r"(?:，|,)?(?:是吗|对吗|对不对|是不是|是吧|对吧|没错吧)\s*[?？]*\s*$|(?:[吗嗎]|(?<![什怎那多这甚])么|没有?|吧|不)\s*[?？]*\s*$|[?？]+\s*$"
)
_WHETHER = re.compile(r"是不是(?:真的)?|是否|有没有|有沒有|能否|可否|([\u4e00-\u9fff])不\1")
_VALUE = re.compile(
    r"^(?:[约近超逾])?(?:\d[\d.,，]*|百分之[零一二两三四五六七八九十百千万]+|[零一二两三四五六七八九十百千万亿半]+)"
    r"\s*(?:%|％)?"
)

# Beside a value: it only bounds what is claimed.
_BOUND = re.compile(
    r"[超逾近约]|左右|不[足到止]|[至起]?[多少低高]于|至[多少]|以[上下内]|多|"
    r"\b(?:over|under|about|around|nearly|least|most|than|up to)\b"
)
_AROUND = 10  # characters in which such a word is looked for

# Characters behind a claim; what stands farther from the end only tells when or of how many.
_BEHIND_NUMBER, _BEHIND_DATE = 8, 5
_AT_THE_END = 2  # characters behind a number that no word before it needs to tell as claimed
_CLAIMS = re.compile(
    r"(?:是|了|有|到|为|达|至|于|过|超|约|近|共|用|需|要|花|占|降|增|涨|跌|判|罚|满|足|只|才|仅)$|"
    r"\b(?:is|are|was|were|has|have|had|of|by|to|than|about|over|under|nearly|least|most|only)\s*$",
    re.IGNORECASE,
)
# A number that names what is spoken of: “那两个”, “其中三家”, “头一次”, “iPhone 15”, “G20”.
_NAMES = re.compile(r"(?:[这那其中前后上下头第每等某各以的]|[A-Za-z][A-Za-z'’]*\s?[-+]?)$")
_NAMES_EN = re.compile(r"(?:[A-Z][\w'’]*\s|[A-Za-z][-+]?)$")
_ONE = re.compile(
    r"一[^百千万亿年天日周岁倍成小公元米吨分半]|半年|.{1,2}季度$|^[一二三四五六七八九十]+月$"
)
# A date that tells when: “8月8日收盘是涨的吗”, “比去年多吗”.
_WHEN = re.compile(r"[了是又也还能会可比有没线楼机店]")
_SAYS_WHEN = re.compile(r"(?:是|于|到|至|定在|就在|定于)$")
_RELATIVE = re.compile(r"[去今明前][年天日]|昨[天日]|近日|日前")


def opened(question: Question) -> Question:
    """The question that asks for what the premise claims; others as they are."""
    if question.kind != "yesno":
        return question
    text = _as_claim(question)
    claim = _claimed(text)
    if claim is None:
        return replace(question, text=text) if text else question
    start, end, asking = claim
    asked = analyse(text[:start] + asking + text[end:])
    return replace(asked, kind="date" if asking.startswith(("哪", "which")) else "number")


def differs(question: Question, answer: str) -> bool:
    """Whether an answer gives another value than the question claims.

    Args:
        question: as it was asked, not opened.
    """
    text = _as_claim(question)
    claim = _claimed(text) if question.kind == "yesno" else None
    if claim is None:
        return False
    start, end, _ = claim
    text = fold_aligned(text)
    if _BOUND.search(text[max(0, start - _AROUND) : end + _AROUND]):
        return False  # “超过3亿元” is not denied by 5亿元
    said = quantities(fold_aligned(answer))
    for claimed in quantities(text[start:end]):
        values = [each.value for each in said if each.unit == claimed.unit]
        if values and claimed.value not in values:
            return True
    return False


def _as_claim(question: Question) -> str:
    """Its text without the words that ask for a verdict."""
    if not question.is_chinese:
        return question.text
    return _WHETHER.sub(_stated, _VERDICT.sub("", question.text))


def _stated(match: re.Match[str]) -> str:
    """“是不是” and “有没有” leave their verb; “是否” leaves nothing."""
    return {"是否": ""}.get(match.group(), match.group()[0])


def _claimed(text: str) -> tuple[int, int, str] | None:
    """Where the last number or date stands, and what asks for it in its place."""
    latin = not re.search(r"[\u3400-\u9fff]", text)
    dates = outermost(typed_spans(text, "date"))  # a year is a number too, but asked for otherwise
    numbers = [
        span
        for span in outermost(typed_spans(text, "number"))
        if not any(span.overlaps(date) for date in dates)
    ]
    folded = fold_aligned(text) if not latin else text  # a name's capitals tell it
    if numbers and _claims(folded, numbers[-1], latin=latin):
        words = numbers[-1].of(text)
        value = _VALUE.match(words)
        unit = words[value.end() :] if value else ""
        unit = re.sub(r"^[多余]?[百千万亿]+(?=[^百千万亿元]|$)", "", unit)
        asking = f"how many{' ' if unit.strip() else ''}{unit.strip()}" if latin else f"多少{unit}"
        return numbers[-1].start, numbers[-1].end, asking
    if dates and _dates(folded, dates[-1], latin=latin):
        words = dates[-1].of(text)
        asking = "which year" if latin else "哪一年" if words.endswith("年") else "哪一天"
        return dates[-1].start, dates[-1].end, asking
    return None


def _claims(text: str, number: Span, *, latin: bool) -> bool:
    """Whether the number is what is claimed; else it only names what is spoken of."""
    before, behind = text[: number.start], text[number.end :]
    if len(behind) > _BEHIND_NUMBER or (_NAMES_EN if latin else _NAMES).search(before):
        return False
    if _ONE.match(number.of(text)) or re.match(r"[A-Za-z]", behind):
        return False
    return len(behind) <= _AT_THE_END or latin or bool(_CLAIMS.search(before))


def _dates(text: str, date: Span, *, latin: bool) -> bool:
    """Whether the date is what is claimed; else it only tells when."""
    before, behind = text[: date.start], text[date.end :]
    if len(behind) > _BEHIND_DATE:
        return False
    if latin:
        return date.of(text).isdigit() and bool(re.search(r"\bin\s*$", before))
    if _SAYS_WHEN.search(before):
        return not re.match(r"[线楼机店]", behind)
    return not _WHEN.search(behind) and not _RELATIVE.search(date.of(text)) and before[-1:] != "比"
