"""Readers: a question and passages in, candidate spans with probabilities out.

`OverlapReader` is the first honest one: it needs no training. It takes the
sentences that say most of the question, by terms and, where a question shares
no script with its passage, by the embedding; inside them the shortest span of
the kind that the question asks for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from index.passages import sentences
from index.schema import Passage, Span
from qa.asking.question import Question, analyse
from qa.reading.coverage import Term, coverage, covered, fold_aligned, is_han, terms_of
from qa.reading.spans import clauses, gives_reason, trim, typed_spans
from qa.schema import Candidate, Reading

if TYPE_CHECKING:
    from index.embed import Embedder

_MAX_CANDIDATES = 5
_TOP_SENTENCES = 2
_LETTERS = 0.5  # what single characters count beside terms: 减少 is near 缩减
_NEAR = 12.0  # characters at which nearness to the question's words counts half


class Reader(Protocol):
    """Built loaded; `read` may be called from any thread."""

    name: str

    def read(self, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reading]:
        """One Reading per (question, passage) pair, aligned; batched inside.

        Raises:
            ValueError: not as many questions as passages.
        """
        ...


def load_reader(embedder: Embedder, name: str = "default") -> Reader:
    """The reader of that name: "default" is the trained one, "overlap" needs no training.

    Raises:
        ValueError: no such reader.
    """
    if name == "overlap":
        return OverlapReader(embedder)
    if name == "default":
        from qa.reading.trained import TrainedReader

        return TrainedReader()
    raise ValueError(f"no reader {name!r}: default, overlap")


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span  # in Passage.text
    coverage: float
    similarity: float  # cosine to the question, 0 where it was not needed

    @property
    def score(self) -> float:
        return self.coverage + 4.0 * max(0.0, self.similarity - 0.8)


class OverlapReader:
    """Reads by shared terms and sentence similarity."""

    name = "overlap"

    def __init__(self, embedder: Embedder | None = None) -> None:
        """Without an embedder, questions in another script than the passage find nothing."""
        self._embedder = embedder

    def read(self, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reading]:
        if len(questions) != len(passages):
            raise ValueError(f"{len(questions)} questions for {len(passages)} passages")
        return [
            self._read_one(question, passage)
            for question, passage in zip(questions, passages, strict=True)
        ]

    def _read_one(self, text: str, passage: Passage) -> Reading:
        question = analyse(text)
        terms = terms_of(text)
        folded = fold_aligned(passage.text)
        spans = sentences(passage.text)
        letters = {character for term in terms for character in term.text}
        scores = [
            coverage(terms, part) + _LETTERS * len(letters & set(part)) / max(1, len(letters))
            for part in (folded[span.start : span.end] for span in spans)
        ]
        similarities = [0.0] * len(spans)
        if spans and self._embedder is not None and is_han(text) != is_han(passage.text):
            vectors = self._embedder.encode(
                [span.of(passage.text) for span in spans], side="passage"
            )
            (query,) = self._embedder.encode([text], side="query")
            similarities = [float(cosine) for cosine in vectors @ query]
        ranked = sorted(
            map(_Sentence, spans, scores, similarities),
            key=lambda sentence: (-sentence.score, sentence.span.start),
        )
        scored: dict[Span, float] = {}
        looked_at = len(ranked) if question.unit else _TOP_SENTENCES
        for sentence in ranked[:looked_at]:
            for span, score in _candidates(question, terms, passage.text, folded, sentence):
                scored[span] = max(score, scored.get(span, -math.inf))
        whole = coverage(terms, folded + "\n" + fold_aligned(passage.context))
        best = max(scored.values(), default=0.0)
        answerable = _sigmoid(3.0 * best + 3.0 * whole - 4.0) if scored else 0.0
        return Reading(passage, answerable, _shared_out(scored))


def _candidates(
    question: Question, terms: Sequence[Term], text: str, folded: str, sentence: _Sentence
) -> list[tuple[Span, float]]:
    """Spans of one sentence with what speaks for each, in `text`."""
    start = sentence.span.start
    inside = sentence.span.of(text)
    mask = covered(terms, folded[start : sentence.span.end])
    letters = {character for term in terms for character in term.text}
    whole = trim(inside, Span(0, len(inside)))
    if whole is None:
        return []
    found: list[tuple[Span, float]] = []
    for span in typed_spans(inside, question.kind):
        if span.of(inside) in question.text:
            continue
        fits = question.unit is not None and span.of(inside).endswith(question.unit)
        near = 0.4 * _nearness(mask, span) + 0.4 * _shared(letters, inside, span)
        found.append((span, 0.6 * fits + near))
    if not found and question.kind not in ("yesno", "number", "date"):
        found = [(span, score) for span, score in _uncovered(inside, mask, question)]
    if not found:
        found = [(whole, 0.3 * (question.kind == "yesno") - 0.3 * (question.kind == "number"))]
    return [(span.shifted(start), score + sentence.score) for span, score in found]


def _uncovered(text: str, mask: list[bool], question: Question) -> list[tuple[Span, float]]:
    """Clauses that go on where the question stops: its words are near, others are new."""
    found: list[tuple[Span, float]] = []
    for clause in clauses(text):
        said = sum(mask[clause.start : clause.end]) / (clause.end - clause.start)
        reason = 0.4 * (question.kind == "reason" and gives_reason(clause.of(text)))
        span = clause
        if question.kind in ("person", "place", "organisation", "other") and 0 < said < 1:
            span = _longest_new(text, mask, clause) or clause
        found.append((span, 0.4 * said + 0.3 * _nearness(mask, span) + reason))
    return found


def _longest_new(text: str, mask: list[bool], clause: Span) -> Span | None:
    runs: list[Span] = []
    start = clause.start
    for position in range(clause.start, clause.end + 1):
        if position == clause.end or mask[position]:
            if position > start and (span := trim(text, Span(start, position))):
                runs.append(span)
            start = position + 1
    return max(runs, key=lambda run: (run.end - run.start, -run.start), default=None)


def _shared(letters: set[str], text: str, span: Span) -> float:
    """Share of the question's characters in the clause around a span, which it is not part of."""
    around = next((clause for clause in clauses(text) if clause.overlaps(span)), span)
    outside = text[around.start : span.start] + text[span.end : around.end]
    return len(letters & set(outside)) / len(letters) if letters else 0.0


def _nearness(mask: list[bool], span: Span) -> float:
    """1 at the question's own words, less the farther the nearest of them is; 0: none."""
    distances = [
        span.start - position if position < span.start else position - span.end + 1
        for position, is_covered in enumerate(mask)
        if is_covered and not span.start <= position < span.end
    ]
    return _NEAR / (_NEAR + min(distances)) if distances else 0.0


def _shared_out(scored: dict[Span, float]) -> tuple[Candidate, ...]:
    """Scores to probabilities, best first, what overlaps a better one left out."""
    ranked = sorted(scored.items(), key=lambda item: (-item[1], item[0].start, item[0].end))
    kept: list[tuple[Span, float]] = []
    for span, score in ranked:
        if len(kept) < _MAX_CANDIDATES and not any(span.overlaps(other) for other, _ in kept):
            kept.append((span, math.exp(4.0 * score)))
    total = sum(weight for _, weight in kept)
    return tuple(Candidate(span, weight / total) for span, weight in kept)


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))
