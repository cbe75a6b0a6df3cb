"""Readings of several passages to one ranking of candidates, by the joint decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.schema import Article, Hit, Span
from qa.abstain import Decision, features, names_said, said
from qa.asking.question import Question
from qa.reading.coverage import fold_aligned
from qa.retrieve import Retrieval
from qa.schema import Candidate, Reading


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate answer with how sure we are of it."""

    article: Article
    hit: Hit
    span: Span  # in Article.text
    confidence: float

    @property
    def text(self) -> str:
        return self.span.of(self.article.text)


def rerank(
    question: Question, retrieval: Retrieval, readings: Sequence[Reading], decision: Decision
) -> list[Choice]:
    """All candidates, best first.

    Args:
        readings: of the first hits of `retrieval`, in their order.
    """
    rows = candidate_features(question, retrieval, readings)
    choices = [
        Choice(
            retrieval.article_of(hit),
            hit,
            candidate.span.shifted(hit.passage.span.start),
            decision.confidence(decision.logit(row)),
        )
        for hit, candidate, row in rows
    ]
    return sorted(
        choices, key=lambda choice: (-choice.confidence, choice.article.id, choice.span.start)
    )


def candidate_features(
    question: Question, retrieval: Retrieval, readings: Sequence[Reading]
) -> list[tuple[Hit, Candidate, tuple[float, ...]]]:
    """Every candidate with the values of `abstain.FEATURES`; the fitting script reads them too."""
    articles = [retrieval.article_of(hit) for hit in retrieval.hits[: len(readings)]]
    folded = {article.id: fold_aligned(all_of(article)) for article in articles}
    names = names_said(question, folded.values())
    rows: list[tuple[Hit, Candidate, tuple[float, ...]]] = []
    for rank, reading in enumerate(readings):
        hit, article = retrieval.hits[rank], folded[articles[rank].id]
        passage = fold_aligned(f"{reading.passage.context}\n{reading.passage.text}")
        compared = said(question, passage, article, names=names)
        for candidate in reading.candidates:
            row = features(question, retrieval.hits, rank, reading, candidate, compared)
            rows.append((hit, candidate, row))
    return rows


def all_of(article: Article) -> str:
    """All that an article says, its newspaper and date too."""
    about = (article.context, article.newspaper, article.date, article.text)
    return "\n".join(filter(None, about))
