"""What flows through an evaluation: Question → Record → Scores. All values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eval.errors import Invalid
from index.schema import Span

Mode = Literal["any", "all"]
Reading = Literal["open", "given", "search"]
Form = Literal["jsonl", "squad", "beir"]


@dataclass(frozen=True, slots=True)
class Gold:
    """Where an answer stands."""

    span: Span  # in the text of the source (a file's, or a record's)
    path: str | None = None  # the source file's; None: the only one indexed
    document: str | None = None  # the record's id; None: the source is a whole file
    need: int = 0  # mode all: the answer that stands there, by its position in `answers`


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a set with what is right for it."""

    id: str
    text: str
    answerable: bool
    answers: tuple[str, ...] = ()  # acceptable strings; empty for search tasks
    mode: Mode = "any"  # any: each is a full answer; all: every one is needed
    gold: tuple[Gold, ...] = ()  # where answers stand; empty: the set does not say
    documents: tuple[str, ...] = ()  # records, any of which answers
    asked_of: str | None = None  # the record it was written on, where that does not answer it
    grades: Mapping[str, int] = field(default_factory=dict[str, int])  # BEIR: document → grade
    lang: str | None = None
    type: str | None = None
    history: tuple[str, ...] = ()  # user and assistant in turn, user first
    line: int | None = None

    @property
    def needs(self) -> tuple[tuple[Gold, ...], ...]:
        """Alternatives that together make a full answer: one group for each thing needed."""
        if self.mode == "all":
            needed = sorted({gold.need for gold in self.gold})
            return tuple(tuple(g for g in self.gold if g.need == need) for need in needed)
        return (self.gold,) if self.gold else ()


@dataclass(frozen=True, slots=True)
class Document:
    """One text that a set brings along: a SQuAD context, a BEIR document."""

    id: str
    text: str
    title: str | None = None

    @property
    def words(self) -> str:
        """What it says: the text, or the title where there is no other."""
        return self.text if self.text.strip() else self.title or ""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set as read: what can be asked, and what was wrong with the rest."""

    name: str
    path: str
    form: Form
    sha256: str  # over the files read
    questions: tuple[Question, ...]
    documents: tuple[Document, ...] = ()  # empty: asked of an index that stands
    invalid: tuple[Invalid, ...] = ()


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """A citation as given, with what our own look at the source says of it."""

    passage_id: str
    article_id: str
    path: str
    document: str | None  # the record of the file; None: the source is a whole file
    span: Span  # in the source's text
    quote: str
    answer: str  # the words marked in the quote
    verified: bool
    against: Literal["file", "index"]  # index: the file was not at hand, or has no plain text


@dataclass(frozen=True, slots=True)
class HitRecord:
    """A passage as ranked, with where it stands in its source."""

    passage_id: str
    article_id: str
    path: str
    document: str | None
    span: Span  # in the source's text
    score: float
    text: str = ""  # the passage's
    title: str | None = None  # the article's
    gold: tuple[Span, ...] = ()  # in the passage's text: what of the gold spans it holds
    cited: tuple[Span, ...] = ()  # in the passage's text: the quotes


@dataclass(frozen=True, slots=True)
class Record:
    """What the system made of one question. Enough to score it again without the system."""

    id: str
    query: str
    text: str | None  # None: abstained, or only searched
    answers: tuple[str, ...]
    confidence: float
    citations: tuple[CitationRecord, ...]
    ranking: tuple[HitRecord, ...]  # the retriever's, ten deep where it has them
    timings_ms: Mapping[str, float]
    notes: tuple[str, ...] = ()

    @property
    def abstained(self) -> bool:
        return self.text is None
