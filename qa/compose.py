"""Choices to an Answer's words and citations: completed, merged, listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from index.passages import sentences
from index.schema import Article, Span
from qa.asking.kinds import Kind
from qa.asking.measures import is_of
from qa.asking.question import Question
from qa.cite import cite
from qa.reading.coverage import coverage, fold_aligned, terms_of
from qa.reading.quantities import quantities
from qa.reading.spans import (
    HOUR,
    TO,
    clauses,
    is_bare,
    is_broken,
    listed,
    outermost,
    trim,
    typed_spans,
    whole_list,
)
from qa.reading.values import meant
from qa.rerank import Choice
from qa.schema import Citation

_MAX_CITATIONS = 4
_GAP = 3  # characters between two items of one enumeration: “A”和“B”
_ASKED_NOUN = re.compile(
    r"哪(?:些|[几两二三四五六七八九十]?[个条项家种类大]?)([\u4e00-\u9fff]{2})(?=[?？\s]|$)"
)
_KINDS_COMPLETED: dict[Kind, tuple[Kind, ...]] = {
    "number": ("number",),
    "date": ("date",),
    "yesno": ("date", "number"),
}
# Asked for one end of a range: “哪天开始” of “9月2日至6日”.
_ONE_END = re.compile(
    r"开始|[从自](?!.*到)|(?<![天日号点年月])到(?:哪|几|什么时[候间]|何时)|为止|[去逝]世|出生|起(?=[的?？]|$)|开幕|启动|截[止至]|结束|闭幕|最[早晚高低多少迟]|至[少多]|"
    r"\b(?:begins?|began|starts?|started|opens?|opened|ends?|ended|least|most|close[sd]?)\b"
)
_ABOUT = re.compile(r"(?:大?约|将?近|接近|超过?|逾|不[足到少多][于]?|至[少多])$")
_TIE = re.compile(r"(?:但是?|不过|其中|尤其是?|特别是|而且?|并且?|同时|此外|所以|因此)(?=.{4})")
_MAX_CLAUSE = 24  # characters; of a longer one the reader's own words are enough
_MAX_AROUND_VALUE = 24  # characters of a span that is a value with words around it
_MEASURE_WORD = 2  # characters
_GOES_ON = re.compile(r"\s?[^\W\d]")  # letters, of whichever script
_MAX_NUMBER = 12  # characters of an answer that is only a number
_AS_SURE = 0.75  # of the best: below it nothing is one more item, nor disagrees


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said: words of the articles only."""

    text: str
    answers: tuple[str, ...]
    citations: tuple[Citation, ...]
    notes: tuple[str, ...] = ()


def compose(question: Question, choices: Sequence[Choice], *, threshold: float) -> Composed:
    """The best choice, and those that say the same, or the contrary, elsewhere.

    Args:
        choices: best first; the first is at or above the threshold.

    Raises:
        ValueError: there is no choice.
    """
    if not choices:
        raise ValueError("nothing to compose an answer from")
    best = choices[0]
    span = completed(question, best.article, best.span)
    items = _items(question, choices, span, threshold)
    if len(items) > 1:
        answers = tuple(_unquoted(item.of(choice.article.text)) for choice, item in items)
        return Composed(_said_together(items), answers, cited(items))
    text = span.of(best.article.text)
    chosen = [(best, span)]
    notes: tuple[str, ...] = ()
    for choice in choices[1:]:
        if choice.confidence < threshold or len(chosen) == _MAX_CITATIONS:
            break
        other = completed(question, choice.article, choice.span)
        words = other.of(choice.article.text)
        if any(choice.article.id == c.article.id and other.overlaps(s) for c, s in chosen):
            continue
        if _same(words, text):
            chosen.append((choice, other))
        elif _contradicts(question, best, text, choice, words):
            chosen.append((choice, other))
            notes = ("articles-disagree",)
    answers = tuple(dict.fromkeys(each.of(choice.article.text) for choice, each in chosen))
    return Composed(text, answers if notes else (text,), cited(chosen), notes)


def _said_together(items: Sequence[tuple[Choice, Span]]) -> str:
    """The enumeration as it is printed, or the items one by one where they stand apart."""
    text = items[0][0].article.text
    run = Span(items[0][1].start, items[-1][1].end)
    gaps = (one.end <= two.start <= one.end + _GAP for (_, one), (_, two) in pairwise(items))
    if all(gaps) and not is_broken(text, run):
        return run.of(text)
    return "；".join(item.of(text) for _, item in items)


def _unquoted(item: str) -> str:
    """An item of “甲”和“乙” without the quotes that are only about it."""
    whole = item[:1] + item[-1:] in ("“”", "‘’", "「」", "『』") and len(item) > 2
    return item[1:-1] if whole and item[0] not in item[1:-1] else item


def _items(
    question: Question, choices: Sequence[Choice], span: Span, threshold: float
) -> list[tuple[Choice, Span]]:
    """What a list holds: the items of the best span, or several spans of its article."""
    best = choices[0]
    text = best.article.text
    if question.kind != "list":
        return _typed_items(question, best, span)
    span = whole_list(text, span)
    words = span.of(text)
    listing = listed(words, question.count)
    if len(listing) == 1:  # “A和B”, asked for as a list, are two
        listing = listed(words, 2)
    listing = _without_noun(question, words, listing)
    items = [(best, item.shifted(span.start)) for item in listing]
    if len(items) > 1:
        return items
    near = [(best, span)]
    for choice in choices[1:]:
        if choice.confidence < max(threshold, _AS_SURE * best.confidence):
            break
        if choice.article.id == best.article.id and not any(
            choice.span.overlaps(other) for _, other in near
        ):
            near.append((choice, choice.span))
    return sorted(near, key=lambda each: each[1].start)


def _without_noun(question: Question, text: str, items: list[Span]) -> list[Span]:
    """“哪些领域” of “新能源、新材料领域等”: the noun belongs to all of them, not to the last."""
    asked = _ASKED_NOUN.search(fold_aligned(question.text))
    if len(items) < 2 or asked is None:
        return items
    noun, last = asked.group(1), items[-1]
    if not last.of(text).endswith(noun) or any(each.of(text).endswith(noun) for each in items[:-1]):
        return items
    kept = trim(text, Span(last.start, last.end - len(noun)))
    return [*items[:-1], kept] if kept else items


def _typed_items(question: Question, best: Choice, span: Span) -> list[tuple[Choice, Span]]:
    """“25万元、20万元” asked for as numbers: each is an answer of its own."""
    words = span.of(best.article.text)
    items = listed(words)
    if len(items) < 2 or not all(typed_spans(item.of(words), question.kind) for item in items):
        return []
    return [(best, item.shifted(span.start)) for item in items]


def _contradicts(question: Question, best: Choice, text: str, other: Choice, words: str) -> bool:
    """Whether another article, as sure, gives another value of the same measure."""
    if question.kind not in ("number", "date") or other.article.id == best.article.id:
        return False
    if other.confidence < _AS_SURE * best.confidence:
        return False
    one, two = quantities(fold_aligned(text)), quantities(fold_aligned(words))
    return bool(one and two) and one[0].unit == two[0].unit and one[0].value != two[0].value


def completed(question: Question, article: Article, span: Span) -> Span:
    """A number with its unit, a date with its year, as the article prints them.

    For yes or no as well: “减少了90天吗？” is answered by what the article says, 72天.
    """
    around = sentence_around(article, span)
    inside = around.of(article.text)
    span = meant(question, inside, span.shifted(-around.start)).shifted(around.start)
    if question.kind == "yesno" and not typed_spans(span.of(article.text), "number"):
        return _clause_that_tells(question, inside, span.shifted(-around.start)).shifted(
            around.start
        )
    for kind in _KINDS_COMPLETED.get(question.kind, ()):
        for typed in typed_spans(inside, kind):
            if _more_than_asked(question, typed.of(inside)):
                continue
            whole = typed.shifted(around.start)
            if whole.start <= span.start and span.end <= whole.end:
                return whole
    return _only_value(question, article, span)


def _more_than_asked(question: Question, value: str) -> bool:
    """A range where one of its ends, an hour where a day is asked for."""
    if question.grain is not None and HOUR.search(value):
        return True
    return bool(TO.search(value) and _ONE_END.search(fold_aligned(question.text)))


def _only_value(question: Question, article: Article, span: Span) -> Span:
    """The one number or date in a longer span: “减少了72天” asked for as a number is 72天."""
    words = span.of(article.text)
    typed = typed_spans(words, question.kind)
    typed = [each for each in typed if not _more_than_asked(question, each.of(words))]
    values = outermost(typed)
    if question.unit is not None and len(values) > 1:
        values = [each for each in values if each.of(words).endswith(question.unit)]
    elif question.measure is not None and len(values) > 1:
        values = [each for each in values if is_of(question.measure, each.of(words))]
    if len(values) != 1 or len(words) > _MAX_AROUND_VALUE:
        return span
    start, end = values[0].start, values[0].end
    # A measure not known as such (86万册, 3000万新加坡元), “上午” where no day was asked for.
    unknown = (
        question.kind == "number" and is_bare(values[0].of(words)) and _GOES_ON.match(words, end)
    )
    if unknown or (len(words) - end <= _MEASURE_WORD and question.grain is None):
        end = len(words)
    if about := _ABOUT.search(words[:start]):  # “超过300亿元” is not 300亿元
        start = about.start()
    return Span(start, end).shifted(span.start)


def _clause_that_tells(question: Question, sentence: str, span: Span) -> Span:
    """Of the clauses that the span touches, the one that says most of the question.

    A word that ties it to the clause before (“但”, “其中”) is no part of it.
    """
    terms = terms_of(question.text)
    touched = [each for each in clauses(sentence) if each.overlaps(span)]
    folded = fold_aligned(sentence)
    best = max(touched, key=lambda each: coverage(terms, each.of(folded)), default=span)
    if len(touched) == 1 and best.end - best.start > _MAX_CLAUSE:
        return span
    tie = _TIE.match(best.of(sentence))
    return Span(best.start + tie.end(), best.end) if tie else best


def sentence_around(article: Article, span: Span) -> Span:
    """The whole sentence, or sentences, of an article that hold a span."""
    found = [each for each in _sentences(article.text) if each.overlaps(span)]
    if not found:
        return span
    return Span(min(span.start, found[0].start), max(span.end, found[-1].end))


def cited(chosen: Sequence[tuple[Choice, Span]]) -> tuple[Citation, ...]:
    """One citation for each choice and its span, markers from 1, none twice."""
    citations: list[Citation] = []
    seen: set[tuple[str, Span]] = set()
    for choice, span in chosen:
        if (choice.article.id, span) in seen:
            continue
        seen.add((choice.article.id, span))
        citations.append(
            cite(
                choice.article,
                sentence_around(choice.article, span),
                span,
                marker=len(citations) + 1,
                passage_id=choice.hit.passage.id,
            )
        )
    return tuple(citations)


@lru_cache(maxsize=256)
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentences(text))


def _same(one: str, other: str) -> bool:
    """Whether two answers say the same: the same letters, or the same one number."""
    if _bare(one) == _bare(other):
        return True
    a, b = quantities(fold_aligned(one)), quantities(fold_aligned(other))
    if len(a) != 1 or len(b) != 1 or max(len(one), len(other)) > _MAX_NUMBER:
        return False
    return a[0].value == b[0].value and a[0].unit == b[0].unit


def _bare(text: str) -> str:
    return "".join(character for character in fold_aligned(text) if character.isalnum())
