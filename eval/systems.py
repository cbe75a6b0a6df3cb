"""What is evaluated: questions in, records out.

Three systems: the whole pipeline over an index (`open`), the reader with the
gold passage put before it (`given`), and the retriever alone (`search`).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, Protocol

from eval.places import Articles, marks
from eval.schema import CitationRecord, Document, HitRecord, Question, Record
from eval.verification import SourceFiles
from index.schema import Article, Hit, Passage, Span
from qa.pipeline import Pipeline
from qa.reading.readers import Reader
from qa.schema import Answer, Citation, Turn

DEPTH = 10  # passages ranked for a question: what MRR@10 and nDCG@10 need
_ROLES: tuple[Literal["user"], Literal["assistant"]] = ("user", "assistant")


class System(Protocol):
    """Built loaded."""

    def answer(self, questions: Sequence[Question]) -> list[Record]:
        """One record for each question, in their order; batched inside."""
        ...


class OpenBook:
    """The pipeline as it ships, asked over its index."""

    def __init__(self, pipeline: Pipeline, index: Articles, files: SourceFiles) -> None:
        self._pipeline, self._files = pipeline, files
        self._article = lru_cache(maxsize=4096)(index.article)

    def answer(self, questions: Sequence[Question]) -> list[Record]:
        answers = self._pipeline.ask_many(
            [question.text for question in questions],
            histories=[turns(question.history) for question in questions],
            top_k=DEPTH,
        )
        return [
            self._record(question, answer)
            for question, answer in zip(questions, answers, strict=True)
        ]

    def _record(self, question: Question, answer: Answer) -> Record:
        return Record(
            id=question.id,
            query=answer.query,
            text=answer.text,
            answers=answer.answers,
            confidence=answer.confidence,
            citations=tuple(map(self._citation, answer.citations)),
            ranking=tuple(
                hit_record(self._article(hit.passage.article_id), hit, question, answer.citations)
                for hit in answer.hits
            ),
            timings_ms=answer.timings_ms,
            notes=answer.notes,
        )

    def _citation(self, citation: Citation) -> CitationRecord:
        article = citation.article
        verified, against = self._files.check(article, citation.source, citation.quote)
        return CitationRecord(
            passage_id=citation.passage_id,
            article_id=article.id,
            path=article.source.path,
            document=article.source.record,
            span=citation.source,
            quote=citation.quote,
            answer=citation.answer.of(article.text),
            verified=verified and citation.quote == citation.span.of(article.text),
            against=against,
        )


class SearchOnly:
    """The retriever alone, for sets without answers."""

    def __init__(self, index: Articles) -> None:
        self._index = index
        self._article = lru_cache(maxsize=4096)(index.article)

    def answer(self, questions: Sequence[Question]) -> list[Record]:
        # Deeper than DEPTH: several passages of one document count as one.
        found = self._index.search_many([question.text for question in questions], top_k=3 * DEPTH)
        return [
            Record(
                id=question.id,
                query=question.text,
                text=None,
                answers=(),
                confidence=0.0,
                citations=(),
                ranking=tuple(
                    hit_record(self._article(hit.passage.article_id), hit, question, ())
                    for hit in hits
                ),
                timings_ms={},
            )
            for question, hits in zip(questions, found, strict=True)
        ]


class GivenPassage:
    """The reader alone: the gold context is put before it, with noise where asked.

    Args:
        noise: share of all the passages that are contexts of other questions, as
            in RGB (Chen et al., 2023): 0.8 puts four beside each gold one, 0.2 one
            beside a quarter of them, drawn by the seed. 1 leaves the gold one out,
            and abstaining is then right.
        abstain_threshold: answerability below which to abstain; 0 for sets in
            which every question has an answer, as CMRC and SQuAD 1.1 are scored.
    """

    def __init__(
        self,
        reader: Reader,
        documents: Sequence[Document],
        *,
        noise: float = 0.0,
        seed: int = 0,
        abstain_threshold: float = 0.0,
    ) -> None:
        if not 0.0 <= noise <= 1.0:
            raise ValueError(f"a noise ratio is a share, not {noise}")
        self._reader = reader
        self._documents = {document.id: document for document in documents}
        self._noise, self._seed = noise, seed
        self._abstain_threshold = abstain_threshold

    def answer(self, questions: Sequence[Question]) -> list[Record]:
        shown = [self._shown(question) for question in questions]
        readings = iter(
            self._reader.read(
                [q.text for q, passages in zip(questions, shown, strict=True) for _ in passages],
                [passage for passages in shown for passage in passages],
            )
        )
        records: list[Record] = []
        for question, passages in zip(questions, shown, strict=True):
            best, text, chosen = 0.0, None, None
            answerable = 0.0
            for passage in passages:
                reading = next(readings)
                answerable = max(answerable, reading.answerable)
                for candidate in reading.candidates[:1]:
                    score = reading.answerable * candidate.probability
                    if text is None or score > best:
                        best, text = score, candidate.span.of(passage.text)
                        chosen = (passage, candidate.span)
            if answerable < self._abstain_threshold:
                text, chosen = None, None
            records.append(_given_record(question, passages, text, best, chosen))
        return records

    def noise_share(self, questions: Sequence[Question]) -> float | None:
        """Share of all the passages shown that are noise, as drawn; None: none is shown."""
        of_gold = [
            passage.article_id in _asked_of(question)
            for question in questions
            for passage in self._shown(question)
        ]
        return of_gold.count(False) / len(of_gold) if of_gold else None

    def _shown(self, question: Question) -> list[Passage]:
        own = _asked_of(question)
        gold = [self._documents[document] for document in own[:1]]
        n_noise = 4
        if self._noise < 1.0:
            mean = self._noise / (1 - self._noise)  # beside one gold passage
            chance = random.Random(f"{self._seed}:{question.id}:how many").random()
            n_noise = int(mean) + (chance < mean % 1)
        others = [id_ for id_, each in self._documents.items() if id_ not in own and each.words]
        order = random.Random(f"{self._seed}:{question.id}")
        drawn = order.sample(others, min(n_noise, len(others)))
        documents = [self._documents[id_] for id_ in drawn]
        documents += [] if self._noise == 1.0 else gold
        order.shuffle(documents)
        return [
            Passage(f"{d.id}:0", d.id, Span(0, len(d.words)), d.words, d.title or "")
            for d in documents
            if d.words
        ]


def _asked_of(question: Question) -> tuple[str, ...]:
    """The documents that a question is about, whether they answer it or not."""
    return question.documents if question.asked_of is None else (question.asked_of,)


def _given_record(
    question: Question,
    passages: Sequence[Passage],
    text: str | None,
    confidence: float,
    chosen: tuple[Passage, Span] | None,
) -> Record:
    golds: dict[str | None, tuple[Span, ...]] = {}
    for gold in question.gold:
        golds[gold.document] = (*golds.get(gold.document, ()), gold.span)
    return Record(
        id=question.id,
        query=question.text,
        text=text,
        answers=() if text is None else (text,),
        confidence=confidence,
        citations=(),
        ranking=tuple(
            HitRecord(
                passage_id=passage.id,
                article_id=passage.article_id,
                path="",
                document=passage.article_id,
                span=passage.span,
                score=0.0,
                text=passage.text,
                title=passage.context or None,
                gold=golds.get(passage.article_id, ()),
                cited=(chosen[1],) if chosen and chosen[0].id == passage.id else (),
            )
            for passage in passages
        ),
        timings_ms={},
    )


def hit_record(
    article: Article, hit: Hit, question: Question, citations: Sequence[Citation]
) -> HitRecord:
    """A hit with the gold and cited characters of its passage marked."""
    passage = hit.passage
    cited: list[Span] = []
    for citation in citations:
        if citation.article.id == article.id and citation.span.overlaps(passage.span):
            start = max(citation.span.start, passage.span.start) - passage.span.start
            end = min(citation.span.end, passage.span.end) - passage.span.start
            cited.append(Span(start, end))
    return HitRecord(
        passage_id=passage.id,
        article_id=article.id,
        path=article.source.path,
        document=article.source.record,
        span=article.alignment.to_source(passage.span),
        score=hit.score,
        text=passage.text,
        title=article.title,
        gold=marks(article, passage, question.gold),
        cited=tuple(cited),
    )


def turns(history: Sequence[str]) -> tuple[Turn, ...]:
    """Strings, user and assistant in turn, as turns."""
    return tuple(Turn(_ROLES[n % 2], content) for n, content in enumerate(history))


def reader_fingerprint(reader: Reader) -> str:
    """The reader's own, or a digest of its name where it has none."""
    known = getattr(reader, "fingerprint", None)
    return str(known) if known else hashlib.sha256(reader.name.encode()).hexdigest()
