"""The path of one question: resolve, retrieve, read, decide, compose."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from index.errors import BadRequest
from index.schema import Hit
from qa.abstain import Decision, load_decision
from qa.asking.premise import differs
from qa.asking.question import Question, analyse, checked
from qa.asking.resolve import Asked, resolve
from qa.compare import compared, sides_of
from qa.compose import Composed, compose
from qa.home import default_index
from qa.metadata import answer_from_print, names_article
from qa.parts import Parts, belong_together, parts_after, side_by_side
from qa.reading.readers import Reader
from qa.rerank import rerank
from qa.retrieve import Retrieval, Searchable
from qa.schema import Answer, Reading, Retrieved, Sentence, Turn
from qa.survey import MAX_ARTICLES, survey_all, survey_topic, topic_of
from qa.which import places_that

if TYPE_CHECKING:
    from index.places import Place
    from qa.writing.generate import Writer

N_READ = 5  # passages read for a question
N_FIRST = 2  # of them, read before the others
SETTLED = 0.6  # confidence at which the others are not read,
FAR_BEHIND = 0.8  # if the next one's score is at most this share of the first's
MAX_TOP_K = 100


class Pipeline:
    """Answers questions from one index with one reader. Keeps nothing between questions."""

    def __init__(
        self,
        index: Searchable,
        reader: Reader,
        *,
        abstain_threshold: float | None = None,
        writer: Writer | None = None,
    ) -> None:
        """
        Args:
            abstain_threshold: confidence below which to abstain; None: the fitted one.
            writer: words the answer anew, see `qa.writing.generate`; None: the articles' own words.
        """
        self.index, self.reader, self.writer = index, reader, writer
        self._decision: Decision = load_decision(reader.name)
        self.abstain_threshold = (
            self._decision.threshold if abstain_threshold is None else abstain_threshold
        )
        if not 0.0 <= self.abstain_threshold <= 1.0:
            raise ValueError(f"an abstain threshold is a probability, not {abstain_threshold}")

    def on(self, index: Searchable) -> Pipeline:
        """The same pipeline over another index, or a newer state of its own."""
        return Pipeline(
            index, self.reader, abstain_threshold=self.abstain_threshold, writer=self.writer
        )

    def with_writer(self, writer: Writer | None) -> Pipeline:
        """The same pipeline, its answers worded by a writer."""
        return Pipeline(
            self.index, self.reader, abstain_threshold=self.abstain_threshold, writer=writer
        )

    def ask(self, question: str, *, history: Sequence[Turn] = (), top_k: int = 5) -> Answer:
        """The answer to one question, or the abstention.

        Raises:
            BadRequest: the question or `top_k` cannot be meant.
        """
        (answer,) = self.ask_many([question], histories=[history], top_k=top_k)
        return answer

    def ask_many(
        self,
        questions: Sequence[str],
        *,
        histories: Sequence[Sequence[Turn]] | None = None,
        top_k: int = 5,
    ) -> list[Answer]:
        """Answers in the order of the questions, batched through retrieval and reader."""
        if histories is None:
            histories = [()] * len(questions)
        if len(histories) != len(questions):
            raise ValueError(f"{len(histories)} histories for {len(questions)} questions")
        sides = [sides_of(checked(question)) for question in questions]
        whole = [
            Parts(pair.texts, certain=True) if pair else parts_after(question.strip(), history)
            for pair, question, history in zip(sides, questions, histories, strict=True)
        ]
        texts = [text for parts in whole for text in parts.texts]
        asked_after = [
            () if parts.whole else history
            for history, parts in zip(histories, whole, strict=True)
            for _ in parts.texts
        ]
        answers = iter(self._ask_each(texts, asked_after, top_k))
        joined: list[Answer] = []
        for question, history, pair, parts in zip(questions, histories, sides, whole, strict=True):
            text = question.strip()
            found = [next(answers) for _ in parts.texts]
            answer = compared(text, pair, found, top_k=top_k) if pair else None
            if answer is None:
                if pair or not belong_together(parts, found):
                    found = self._ask_each([text], [history], top_k)
                answer = side_by_side(text, found, top_k=top_k)
            joined.append(self._finished(answer))
        return joined

    def _ask_each(
        self, texts: Sequence[str], histories: Sequence[Sequence[Turn]], top_k: int
    ) -> list[Answer]:
        started = time.perf_counter()
        asked = self._resolve(texts, histories, top_k)
        retrieved = time.perf_counter()
        readings = self._read(asked)
        read = time.perf_counter()
        shares = max(1, len(texts))
        timings = {
            "retrieve": (retrieved - started) * 1e3 / shares,
            "read": (read - retrieved) * 1e3 / shares,
        }
        return [
            self._answer(each, found, top_k, timings)
            for each, found in zip(asked, readings, strict=True)
        ]

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), top_k: int = 5
    ) -> Iterator[Retrieved | Sentence | Answer]:
        """First what was retrieved, then each sentence of a writer's, then the answer."""
        text = checked(question)
        if sides_of(text) or len(parts_after(text, history).texts) > 1:
            answer = self.ask(text, history=history, top_k=top_k)
            yield Retrieved(text, answer.query, answer.hits, answer.titles)
            yield answer
            return
        started = time.perf_counter()
        (asked,) = self._resolve([text], [history], top_k)
        retrieval = asked.retrieval
        retrieved = time.perf_counter()
        yield Retrieved(text, asked.question.text, retrieval.hits[:top_k], retrieval.titles[:top_k])
        resumed = time.perf_counter()  # the consumer's own time is not ours
        (readings,) = self._read([asked])
        timings = {
            "retrieve": (retrieved - started) * 1e3,
            "read": (time.perf_counter() - resumed) * 1e3,
        }
        yield from self._written(self._answer(asked, readings, top_k, timings))

    def search(self, query: str, *, top_k: int = 10) -> list[Hit]:
        """Passages only, best first.

        Raises:
            BadRequest: the query or `top_k` cannot be meant.
        """
        (hits,) = self.index.search_many([checked(query)], top_k=_in_range(top_k))
        return hits

    def _written(self, answer: Answer) -> Iterator[Sentence | Answer]:
        if self.writer is None:
            yield answer
        else:
            yield from self.writer.write(answer, self.index.article)

    def _finished(self, answer: Answer) -> Answer:
        for step in self._written(answer):
            if isinstance(step, Answer):
                answer = step
        return answer

    def _resolve(
        self, texts: Sequence[str], histories: Sequence[Sequence[Turn]], top_k: int
    ) -> list[Asked]:
        return resolve(self.index, texts, histories, top_k=max(_in_range(top_k), N_READ))

    def _read(self, asked: Sequence[Asked]) -> list[list[Reading]]:
        """The first hits of each question in one batch, then those of the unsettled ones."""
        first = self._read_hits([(each, _hits_to_read(each)[:N_FIRST]) for each in asked])
        rest = self._read_hits(
            [
                (each, () if self._settles(each, readings) else _hits_to_read(each)[N_FIRST:])
                for each, readings in zip(asked, first, strict=True)
            ]
        )
        return [one + other for one, other in zip(first, rest, strict=True)]

    def _read_hits(self, chosen: Sequence[tuple[Asked, Sequence[Hit]]]) -> list[list[Reading]]:
        questions = [each.question.text for each, hits in chosen for _ in hits]
        if not questions:
            return [[] for _ in chosen]
        passages = [hit.passage for _, hits in chosen for hit in hits]
        readings = iter(self.reader.read(questions, passages))
        return [[next(readings) for _ in hits] for _, hits in chosen]

    def _settles(self, asked: Asked, readings: Sequence[Reading]) -> bool:
        """Whether the first hits answer so surely that what stands far behind cannot matter."""
        hits = asked.retrieval.hits
        if len(hits) <= N_FIRST or asked.question.kind == "list":
            return False
        if hits[N_FIRST].score > FAR_BEHIND * hits[0].score:
            return False
        choices = rerank(asked.question, asked.retrieval, readings, self._decision)
        return bool(choices) and choices[0].confidence >= max(SETTLED, self.abstain_threshold)

    def _answer(
        self, asked: Asked, readings: Sequence[Reading], top_k: int, timings_ms: dict[str, float]
    ) -> Answer:
        started = time.perf_counter()
        composed, confidence = self._decide(asked, readings)
        notes = composed.notes if composed else ()
        if composed and differs(analyse(asked.text), composed.text):
            notes = (*notes, "premise-differs")
        own = (time.perf_counter() - started) * 1e3
        return Answer(
            question=asked.text,
            query=asked.question.text,
            text=composed.text if composed else None,
            answers=composed.answers if composed else (),
            confidence=confidence,
            citations=composed.citations if composed else (),
            hits=asked.retrieval.hits[:top_k],
            titles=asked.retrieval.titles[:top_k],
            readings=tuple(readings),
            timings_ms={**timings_ms, "total": sum(timings_ms.values()) + own},
            notes=notes,
        )

    def _decide(self, asked: Asked, readings: Sequence[Reading]) -> tuple[Composed | None, float]:
        """What to say, None to abstain, and how sure we are."""
        question, retrieval = asked.question, asked.retrieval
        if question.kind == "survey":
            return self._sure(*self._survey(question, retrieval))
        composed, share = places_that(question, retrieval)
        if composed is not None:
            return self._sure(composed, share)
        choices = rerank(question, retrieval, readings, self._decision)
        confidence = choices[0].confidence if choices else 0.0
        if choices and confidence >= self.abstain_threshold:
            return compose(question, choices, threshold=self.abstain_threshold), confidence
        if question.kind in ("byline", "headline"):
            n_articles = len(self.index.article_ids())
            return self._sure(
                *answer_from_print(question, retrieval, n_articles, stays=asked.stays)
            )
        return None, confidence

    def _sure(self, composed: Composed | None, confidence: float) -> tuple[Composed | None, float]:
        return (composed if confidence >= self.abstain_threshold else None), confidence

    def _survey(self, question: Question, retrieval: Retrieval) -> tuple[Composed | None, float]:
        topic = topic_of(question)
        if topic.text:
            return survey_topic(topic, retrieval)
        ids = self.index.article_ids()[:MAX_ARTICLES]
        every = [(self.index.article(each), self.index.passages(each)) for each in ids]
        composed = survey_all(every)
        return composed, 0.9 if composed else 0.0


def _hits_to_read(asked: Asked) -> tuple[Hit, ...]:
    """None where no span is looked for: in surveys, and for the print of an article."""
    if asked.question.kind == "survey":
        return ()
    if asked.question.kind in ("byline", "headline") and names_article(asked.question.text):
        return ()
    return asked.retrieval.hits[:N_READ]


def load_pipeline(
    index_path: Place | None = None,
    *,
    embedding: str = "default",
    abstain_threshold: float | None = None,
) -> Pipeline:
    """A pipeline with the default reader.

    Args:
        index_path: None: the index over the bundled articles, built on first need.

    Raises:
        IndexUnusable, ModelUnavailable: as they say.
    """
    from index.embed import load_embedder
    from index.places import open_index
    from qa.reading.readers import load_reader

    embedder = load_embedder(embedding)
    index = open_index(index_path or default_index(embedder), embedder=embedder)
    return Pipeline(index, load_reader(embedder), abstain_threshold=abstain_threshold)


def _in_range(top_k: int) -> int:
    if not 1 <= top_k <= MAX_TOP_K:
        raise BadRequest(f"top_k is {top_k}; it goes from 1 to {MAX_TOP_K}")
    return top_k
