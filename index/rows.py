"""Articles and sources as the catalogue's columns, and back."""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterable
from typing import Any

from index.schema import Alignment, Article, Passage, Source, Span


def stamp(source: Source) -> str:
    """Equal when nothing about the source has changed."""
    return f"{source.sha256} {source.extractor} {source.encoding}"


def source_facts(source: Source) -> str:
    names = ("path", "format", "encoding", "extractor", "page_starts", "title", "authors", "date")
    return json.dumps({name: getattr(source, name) for name in names})


def source_from(facts: str, *, text: str, sha256: str, record: str | None) -> Source:
    read: dict[str, Any] = json.loads(facts)
    read["page_starts"] = tuple(read["page_starts"])
    read["authors"] = tuple(read["authors"])
    return Source(**read, text=text, sha256=sha256, record=record)


def article_facts(article: Article) -> str:
    facts: dict[str, Any] = {
        name: getattr(article, name) for name in ("title", "kicker", "authors", "newspaper", "date")
    }
    for name in ("headline_span", "byline_span"):
        span: Span | None = getattr(article, name)
        facts[name] = (span.start, span.end) if span else None
    return json.dumps(facts)


def article_from(
    facts: str, *, id_: str, text: str, alignment: Alignment, source: Source
) -> Article:
    read: dict[str, Any] = json.loads(facts)
    read["authors"] = tuple(read["authors"])
    for name in ("headline_span", "byline_span"):
        read[name] = Span(*read[name]) if read[name] else None
    return Article(**read, id=id_, text=text, alignment=alignment, source=source)


def passages_from(rows: Iterable[tuple[Any, ...]]) -> dict[int, Passage]:
    """By number; a row is number, start, end, article id, its context, its packed text, and the
    number of the article's first passage."""
    found: dict[int, Passage] = {}
    for number, start, end, article_id, context, text, first in rows:
        span = Span(start, end)
        found[number] = Passage(
            id=f"{article_id}:{number - first}",
            article_id=article_id,
            span=span,
            text=span.of(unpack_text(text)),
            context=json.loads(context),
        )
    return found


def pack_text(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def unpack_text(packed: bytes) -> str:
    return zlib.decompress(packed).decode("utf-8", "surrogatepass")


def pack_alignment(alignment: Alignment) -> bytes:
    runs = array("Q", alignment.article_starts)
    runs.extend(alignment.source_starts)
    return zlib.compress(runs.tobytes(), 1)


def unpack_alignment(packed: bytes) -> Alignment:
    runs = array("Q", zlib.decompress(packed))
    half = len(runs) // 2
    return Alignment(tuple(runs[:half]), tuple(runs[half:]))
