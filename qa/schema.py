"""What the reader finds and what a person gets: Reading → Citation → Answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from index.schema import Article, Hit, Passage, Span


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation before a question."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What is known before reading: the query searched for and its hits."""

    question: str
    query: str
    hits: tuple[Hit, ...]
    titles: tuple[str | None, ...]  # of each hit's article


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of a passage that may be the answer."""

    span: Span  # in Passage.text
    probability: float  # that this is the answer, given that the passage holds one


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one question and one passage."""

    passage: Passage
    answerable: float  # probability that the passage answers the question
    candidates: tuple[Candidate, ...]  # best first; some may lie inside others


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that verifies. Made by `qa.cite.cite` only."""

    marker: int
    article: Article
    passage_id: str
    span: Span  # in Article.text: the sentence quoted
    quote: str  # span.of(article.text)
    answer: Span  # in Article.text: the words that answer, inside `span`
    source: Span  # in Article.source.text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that a language model wrote and the articles were found to say."""

    text: str  # with the markers of its citations
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole of what the articles say to one question, or that they do not say."""

    question: str
    query: str  # what was searched for: the question with what the history adds
    text: str | None  # None: abstained
    answers: tuple[str, ...]  # each item of a list answer; one for others; none when abstained
    confidence: float  # probability that `text` is right; when abstained, of the best rejected
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    titles: tuple[str | None, ...] = ()  # of each hit's article
    readings: tuple[Reading, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict[str, float])
    notes: tuple[str, ...] = ()  # codes of what a person should know: "articles-disagree", …
    n_unsupported: int = 0  # sentences that a language model wrote and that were not shown

    @property
    def abstained(self) -> bool:
        return self.text is None
