"""What flows through the index: Source → Article → Passage → Hit. All values, no I/O."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Format = Literal["text", "markdown", "html", "pdf", "docx", "epub", "jsonl"]

_WHITE_SPACE = re.compile(r"\s+")


def squeeze(text: str) -> str:
    """The text without its white space: what a quote and its source must agree on."""
    return _WHITE_SPACE.sub("", text)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to, but not including, `end` of one text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        if self.end > len(text):  # a slice would clamp in silence
            raise ValueError(f"span ends at {self.end}, text at {len(text)}")
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Source:
    """One file that the user gave, or one record of it, as text."""

    path: str  # relative to the root that was given, as os.fsdecode has it
    text: str  # decoded, or extracted by `extractor`
    format: Format
    sha256: str  # of the file's bytes (of the record's, for a record)
    encoding: str | None = None  # None: the format fixes it
    extractor: str | None = None  # name and version; None: `text` is the decoded file itself
    page_starts: tuple[int, ...] = ()  # offsets in `text`; empty: the format has no pages
    record: str | None = None  # the record's own id; None: the source is a whole file
    title: str | None = None  # what the format itself names as title, author, date
    authors: tuple[str, ...] = ()
    date: str | None = None  # YYYY-MM-DD

    def page_of(self, offset: int) -> int | None:
        """The 1-based page that holds the character, None without pages."""
        return bisect_right(self.page_starts, offset) or None


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where each character of an article's text stands in its source's.

    Kept as runs: within a run, both offsets grow together. `article_starts`
    and `source_starts` both rise strictly, and the first run starts the text.
    """

    article_starts: tuple[int, ...]
    source_starts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.article_starts) != len(self.source_starts) or not self.article_starts:
            raise ValueError("an alignment needs as many source starts as article starts")
        if self.article_starts[0] != 0:
            raise ValueError("the first run does not start the text")
        for starts in (self.article_starts, self.source_starts):
            if any(after <= before for before, after in pairwise(starts)):
                raise ValueError("runs must rise")

    def offset_to_source(self, offset: int) -> int:
        run = bisect_right(self.article_starts, offset) - 1
        return self.source_starts[run] + offset - self.article_starts[run]

    def to_source(self, span: Span) -> Span:
        """The stretch of the source from the span's first to its last character."""
        return Span(self.offset_to_source(span.start), self.offset_to_source(span.end - 1) + 1)


@dataclass(frozen=True, slots=True)
class Article:
    """One news item: all that the file prints of it, in the file's order.

    `text` holds the body and, where they are printed, the headline and the
    byline, so that they can be cited too. Paragraphs are separated by one
    newline; line breaks of the printed column are gone.
    """

    id: str
    text: str
    alignment: Alignment  # `text` → `source.text`
    source: Source
    title: str | None  # None: the page prints no headline
    kicker: str | None = None  # the line above the headline; often whom it is about
    authors: tuple[str, ...] = ()
    newspaper: str | None = None
    date: str | None = None  # YYYY-MM-DD
    headline_span: Span | None = None  # in `text`: kicker and title lines together
    byline_span: Span | None = None  # in `text`: the authors' names

    @property
    def context(self) -> str:
        """What is said above every passage of the article: kicker and title."""
        return " ".join(filter(None, (self.kicker, self.title)))

    @property
    def source_span(self) -> Span:
        """The article's stretch of its source."""
        return self.alignment.to_source(Span(0, len(self.text)))


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: what is embedded, found and read."""

    id: str  # the article's id, a colon, the passage's number in the article
    article_id: str
    span: Span  # in Article.text
    text: str  # span.of(article.text)
    context: str  # Article.context: read and embedded with the text, never cited as it


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score for one query; higher is better."""

    passage: Passage
    score: float  # what the ranking goes by, in [0, 1]
    dense: float | None  # cosine; None: the dense index did not return it
    lexical: float | None  # BM25; None: the lexical index did not return it


@dataclass(frozen=True, slots=True)
class Within:
    """Which articles to search in; None and empty: any. All that is set must hold."""

    date_from: str | None = None  # YYYY-MM-DD, both ends included
    date_to: str | None = None
    newspaper: str | None = None
    author: str | None = None  # one of the article's
    article_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article as a list names it."""

    article_id: str
    title: str | None
    authors: tuple[str, ...]
    newspaper: str | None
    date: str | None
    path: str  # of the source
    record: str | None
    source: Span  # in the source's text
    n_characters: int
    n_passages: int
    like: tuple[str, ...] = ()  # ids of articles that say nearly the same


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds and how it was made."""

    n_articles: int
    n_passages: int
    n_embedded: int  # passages that have a vector; the others are found by their words only
    n_bytes: int  # on disk, of this generation
    generation: int
    embedding: str
    dim: int
    splitter: str
    format: int
