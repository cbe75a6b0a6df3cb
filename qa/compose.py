"""Choices to an Answer's words and citations: completed, merged, listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.passages import sentences
from index.schema import Article, Span
from qa.cite import cite
from qa.coverage import fold_aligned
from qa.question import Question
from qa.rerank import Choice
from qa.schema import Citation
from qa.spans import listed, typed_spans

_MAX_CITATIONS = 4


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said: words of the articles only."""

    text: str
    answers: tuple[str, ...]
    citations: tuple[Citation, ...]
    notes: tuple[str, ...] = ()


def compose(question: Question, choices: Sequence[Choice], *, threshold: float) -> Composed:
    """The best choice, and those that say the same elsewhere.

    Args:
        choices: best first; the first is at or above the threshold.

    Raises:
        ValueError: there is no choice.
    """
    if not choices:
        raise ValueError("nothing to compose an answer from")
    best = choices[0]
    span = completed(question, best.article, best.span)
    text = span.of(best.article.text)
    if question.kind == "list":
        items = listed(text)
        if len(items) > 1:
            spans = [item.shifted(span.start) for item in items]
            answers = tuple(item.of(best.article.text) for item in spans)
            return Composed(text, answers, cited([(best, item) for item in spans]))
    same = [(best, span)]
    for choice in choices[1:]:
        if choice.confidence < threshold or len(same) == _MAX_CITATIONS:
            break
        also = completed(question, choice.article, choice.span)
        if _same(also.of(choice.article.text), text):
            same.append((choice, also))
    return Composed(text, (text,), cited(same))


def completed(question: Question, article: Article, span: Span) -> Span:
    """A number with its unit, a date with its year, as the article prints them."""
    if question.kind not in ("number", "date"):
        return span
    around = sentence_around(article, span)
    inside = around.of(article.text)
    for typed in typed_spans(inside, question.kind):
        whole = typed.shifted(around.start)
        if whole.overlaps(span) and whole.start <= span.start and span.end <= whole.end:
            return whole
    return span


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
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return "".join(character for character in fold_aligned(text) if character.isalnum())
