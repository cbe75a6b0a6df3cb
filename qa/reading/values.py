"""Which of the numbers that one sentence sets side by side a question means.

    人才引进、企业认证分别奖励25万元、20万元      each number belongs to the thing in its place
    时限由327天减至31天                          the second is the one of now
    发明专利4项，实用新型专利9项                 each number belongs to the words before it

A reader's span is moved only within such a form, and only where the question's own
words tell the numbers apart.
"""

from __future__ import annotations

import re
from itertools import pairwise

from index.schema import Span
from qa.asking.question import Question
from qa.reading.coverage import Term, coverage, fold_aligned, terms_of
from qa.reading.spans import outermost, typed_spans

_JOINED = re.compile(r"[、，]?(?:和|与|及|以及)|、")
_RESPECTIVELY = re.compile(r"分别")
_FROM = re.compile(r"(?:由|从)[^，。；]{0,10}$")
_CHANGED_TO = (
    r"^[^，。；\d]{0,6}(?:减|降|增|升|缩短|压缩|压减|减少|下降|增加|增长|提高|提升|上升|扩大|缩减|精简|变|跌|涨)"
    r"[^，。；\d]{0,2}(?:至|到|为|成)[^，。；\d]{0,4}"
)
_TO, _TO_NEXT = re.compile(rf"{_CHANGED_TO}$"), re.compile(rf"{_CHANGED_TO}\d")
_ONCE = re.compile(
    r"原来|原先|原本|以前|之前|过去|此前|法定|曾|\b(?:before|previously|originally|used to)\b"
)
_BOTH = re.compile(r"从(?:多少|几).*(?:到|至)(?:多少|几)")
_CHANGE = re.compile(
    r"(?:减|降|增|升|缩|压|提|涨|跌|多|少)[少低加长短减高升缩降]?了?(?:多少|几)(?!.*(?:至|到))"
)
_CHANGED_EN = re.compile(
    r"\bhow (?:many|much)\b(?!.*\bto (?:what|how)\b).*\b(?:cut|reduced?|shorten(?:ed)?|saved?|"
    r"drop(?:ped)?|fell|fall|decreased?|increased?|grow|grew|rise|rose|added|gain(?:ed)?|los[et]|"
    r"shrink|shrank)\b"
)
_LEVEL = re.compile(r"(?:至|到|为|成|仅用|只用|达到?)了?$")
_ASKS = re.compile(r"(?:一共|总共|共|分别|大约|约|达到|达|是|为|有|了|的|到)*(?:多少|几(?!乎))")
_LINKS = re.compile(
    r"(?:一共|总共|共计|共|累计|大约|约|达到|达|是|为|有|了|的|到|近|超过|超|逾|至|仅|只|[：:，])*$"
)
_NAME, _CLEARLY = 3, 2  # characters that name a number, and more of them than another has
_SUBJECTS = 60  # characters before “分别” in which its things stand


def meant(question: Question, sentence: str, span: Span) -> Span:
    """The number that is meant, in `sentence`; the span itself where no form tells."""
    if question.kind != "number":
        return span
    values = outermost(typed_spans(sentence, "number"))
    near = [value for value in values if value.overlaps(span)]
    if len(values) < 2 or not near:
        return span
    folded = fold_aligned(sentence)
    terms = terms_of(question.text)
    return (
        _in_its_place(terms, folded, values, near)
        or _before_or_now(question, folded, values, near)
        or _behind_its_name(question, folded, values, near)
        or span
    )


def is_level_for_change(question: Question, text: str, span: Span) -> bool:
    """Whether by how much something changed is asked, and this is what it changed from or to.

    Neither number of “由327天减至31天” answers “减少了多少天”, nor do both.
    """
    if not _asks_for_change(fold_aligned(question.text)):
        return False
    before = text[: span.start]
    if _LEVEL.search(before):
        return True
    values = outermost(typed_spans(span.of(text), "number"))
    behind = text[span.start + values[0].end :] if values else ""
    return bool(_FROM.search(before) and _TO_NEXT.match(behind))


def _asks_for_change(asked: str) -> bool:
    return bool(_CHANGE.search(asked) or _CHANGED_EN.search(asked))


def _in_its_place(
    terms: tuple[Term, ...], text: str, values: list[Span], near: list[Span]
) -> Span | None:
    for match in _RESPECTIVELY.finditer(text):
        listed = [value for value in values if value.start >= match.end()]
        run = listed[:1]
        for value in listed[1:]:
            if not _JOINED.fullmatch(text[run[-1].end : value.start]):
                break
            run.append(value)
        if len(run) < 2 or not any(value in run for value in near):
            continue
        before = re.split(r"[，。；：]", text[max(0, match.start() - _SUBJECTS) : match.start()])[
            -1
        ]
        things = [each for each in _JOINED.split(before) if each][-len(run) :]
        if len(things) == len(run):
            return _best(terms, list(zip(run, things, strict=True)))
    return None


def _before_or_now(
    question: Question, text: str, values: list[Span], near: list[Span]
) -> Span | None:
    asked = fold_aligned(question.text)
    for first, second in pairwise(values):
        if not _FROM.search(text[: first.start]) or not _TO.match(text[first.end : second.start]):
            continue
        if first not in near and second not in near:
            continue
        named = [each for each in (first, second) if each.of(text) in asked]
        if len(named) == 1:
            return second if named[0] == first else first
        if _BOTH.search(asked):
            return Span(first.start, second.end)
        if _asks_for_change(asked):
            return None
        return first if _ONCE.search(asked) else second
    return None


def _behind_its_name(
    question: Question, text: str, values: list[Span], near: list[Span]
) -> Span | None:
    """The number behind the words that the question has before “多少”."""
    asked = fold_aligned(question.text)
    asks = _ASKS.search(asked)
    if asks is None or len(near) > 1:
        return None
    name = _LINKS.sub("", asked[: asks.start()])
    unit = near[0].of(text)[-1]
    like = [value for value in values if value.of(text)[-1] == unit]
    named = [_common_end(name, _LINKS.sub("", text[: value.start])) for value in like]
    first, *others = sorted(named, reverse=True)
    if not others or first < _NAME or others[0] > first - _CLEARLY:
        return None
    return like[named.index(first)]


def _common_end(one: str, other: str) -> int:
    """How many characters the ends of both have in common."""
    n = 0
    while n < min(len(one), len(other)) and one[-n - 1] == other[-n - 1]:
        n += 1
    return n


def _best(terms: tuple[Term, ...], owned: list[tuple[Span, str]]) -> Span | None:
    """The number whose thing says most of the question; None: no one of them alone does."""
    said = sorted(((coverage(terms, thing), n) for n, (_, thing) in enumerate(owned)), reverse=True)
    return owned[said[0][1]][0] if said[0][0] > said[1][0] else None
