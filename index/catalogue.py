"""Articles, their sources and passages in SQLite files that are written once.

A generation of the index lists several such segments. Numbers of articles and
passages are given once and never again, and they rise from segment to
segment, so a number tells its segment.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.rows import (
    article_from,
    passages_from,
    source_from,
    unpack_alignment,
    unpack_text,
)
from index.schema import Article, ArticleSummary, Passage, Span, Within


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a source came from: what makes it the same source the next time."""

    root: str  # absolute folder
    path: str  # relative to it
    record: str | None
    under_any_root: bool = False  # True: the same file that was given by another folder is it, too

    @property
    def key(self) -> bytes:
        return b"\0".join(part.encode("utf-8", "surrogatepass") for part in (self.root, self.path))

    @property
    def keys(self) -> list[bytes]:
        """Those that this source may have in an index, `key` among them."""
        if not self.under_any_root:
            return [self.key]
        file = file_of_key(self.key)
        cuts = [at for at, byte in enumerate(file) if byte == ord("/")]
        return [(file[:at] or b"/") + b"\0" + file[at + 1 :] for at in cuts]


def file_of_key(key: bytes) -> bytes:
    """The absolute path in an origin's key: the same by whatever root the file was given."""
    root, path = key.split(b"\0")
    return os.path.join(root, path)  # noqa: PTH118 bytes


class Catalogue:
    """Reads one segment file; may be asked from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()

    def close(self) -> None:
        self._database.close()

    def _rows(
        self, query: str, values: Sequence[Any] | dict[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def order(self) -> list[tuple[bytes, int, str]]:
        """(origin, number, id) of every article; sorted, they stand in the order of the files."""
        return self._rows(  # type: ignore[return-value]
            "SELECT s.origin, a.article, a.id FROM articles a JOIN sources s USING (source)"
        )

    def summary(self, number: int) -> ArticleSummary:
        (row,) = self._rows(
            "SELECT s.record, s.facts, a.id, a.facts, a.n_characters, a.n_passages, a.alignment"
            " FROM articles a JOIN sources s USING (source) WHERE a.article = ?",
            (number,),
        )
        record, source, id_, facts, n_characters, n_passages, runs = row
        article = json.loads(facts)
        return ArticleSummary(
            article_id=id_,
            title=article["title"],
            authors=tuple(article["authors"]),
            newspaper=article["newspaper"],
            date=article["date"],
            path=json.loads(source)["path"],
            record=record,
            source=unpack_alignment(runs).to_source(Span(0, n_characters)),
            n_characters=n_characters,
            n_passages=n_passages,
        )

    def ids(self, articles: Iterable[int]) -> dict[int, str]:
        """The ids of these articles that stand in this segment, by their numbers."""
        return dict(
            self._rows(
                "SELECT article, id FROM articles"
                " WHERE article IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(articles)),),
            )
        )

    def numbers_of(self, article_id: str) -> list[int]:
        rows = self._rows("SELECT article FROM articles WHERE id = ?", (article_id,))
        return [row[0] for row in rows]

    def ids_like(self, article_id: str) -> list[tuple[str, int]]:
        """(id, number) of the articles with that text: the id itself, and with ~2, ~3, …"""
        return self._rows(  # type: ignore[return-value]
            "SELECT id, article FROM articles WHERE id = ? OR id BETWEEN ? AND ?",
            (article_id, article_id + "~", article_id + "~:"),
        )

    def sources(self) -> list[tuple[bytes, str | None, str, int]]:
        """(origin, record, stamp, number) of every source."""
        return self._rows("SELECT origin, record, stamp, source FROM sources")  # type: ignore[return-value]

    def source(self, origin: Origin) -> list[tuple[str, int]]:
        """(stamp, number) of the sources from there."""
        query = "SELECT stamp, source FROM sources WHERE origin = ? AND record IS ?"
        return [
            row
            for key in origin.keys
            for row in self._rows(query, (key, origin.record))  # type: ignore[misc]
        ]

    def articles_of(self, source: int) -> list[int]:
        rows = self._rows("SELECT article FROM articles WHERE source = ?", (source,))
        return [row[0] for row in rows]

    def passage_numbers(self, articles: Iterable[int]) -> list[int]:
        rows = self._rows(
            "SELECT passage FROM passages WHERE article IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(articles)),),
        )
        return [row[0] for row in rows]

    def article_numbers(self) -> list[int]:
        return [row[0] for row in self._rows("SELECT article FROM articles")]

    def within(self, within: Within) -> list[int]:
        """Numbers of the articles for which all that is set holds."""
        rows = self._rows(
            "SELECT article FROM articles WHERE"
            " (:date_from IS NULL OR date >= :date_from) AND (:date_to IS NULL OR date <= :date_to)"
            " AND (:newspaper IS NULL OR newspaper = :newspaper) AND (:author IS NULL OR :author IN"
            " (SELECT value FROM json_each(facts, '$.authors')))"
            " AND (:ids = '[]' OR id IN (SELECT value FROM json_each(:ids)))",
            {
                "date_from": within.date_from,
                "date_to": within.date_to,
                "newspaper": within.newspaper,
                "author": within.author,
                "ids": json.dumps(within.article_ids),
            },
        )
        return [row[0] for row in rows]

    def sharing(self, bands: Iterable[int]) -> list[tuple[int, int]]:
        """(band, article) of every article here that has one of these bands."""
        return self._rows(  # type: ignore[return-value]
            "SELECT band, article FROM bands WHERE band IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(bands)),),
        )

    def reprints(self) -> list[tuple[int, int]]:
        """(article, another before it) of all that say nearly the same; both may be dead."""
        return self._rows("SELECT article, other FROM reprints")  # type: ignore[return-value]

    def text(self, number: int) -> str | None:
        """The article's text; None: it does not stand in this segment."""
        rows = self._rows("SELECT text FROM articles WHERE article = ?", (number,))
        return unpack_text(rows[0][0]) if rows else None

    def packed(self) -> Iterator[tuple[Any, ...]]:
        """All of every article as it stands here, for another store to take over.

        (article, id, its source, facts, context, date, newspaper, n_characters, n_passages,
        text, alignment, origin, record, sha256, source facts, source text, first passage)
        """
        with self._lock:
            yield from self._database.execute(
                "SELECT a.article, a.id, (SELECT min(article) FROM articles WHERE source ="
                " s.source), a.facts, a.context, a.date, a.newspaper, a.n_characters,"
                " a.n_passages, a.text, a.alignment, s.origin, s.record, s.sha256, s.facts, s.text,"
                " (SELECT min(passage) FROM passages p WHERE p.article = a.article)"
                " FROM articles a JOIN sources s USING (source) ORDER BY a.article"
            )

    def places(self) -> list[tuple[int, int, int, int]]:
        """(passage, article, start, end) of every passage."""
        return self._rows('SELECT passage, article, start, "end" FROM passages ORDER BY passage')  # type: ignore[return-value]

    def all_passage_numbers(self) -> list[int]:
        return [row[0] for row in self._rows("SELECT passage FROM passages ORDER BY passage")]

    def keys(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """What the vectors of these passages go by."""
        query = (
            "SELECT passage, key FROM passages WHERE passage IN (SELECT value FROM json_each(?))"
        )
        return dict(self._rows(query, (json.dumps(numbers),)))

    def passages_with(self, key: bytes) -> list[int]:
        """Numbers of the passages of the same embedded text."""
        return [r[0] for r in self._rows("SELECT passage FROM passages WHERE key = ?", (key,))]

    def passages(self, numbers: Sequence[int]) -> dict[int, Passage]:
        """The passages of these numbers that stand in this segment."""
        rows = self._rows(
            'SELECT p.passage, p.start, p."end", a.id, a.context, a.text,'
            " (SELECT min(passage) FROM passages f WHERE f.article = p.article)"
            " FROM passages p JOIN articles a USING (article)"
            " WHERE p.passage IN (SELECT value FROM json_each(?))",
            (json.dumps(numbers),),
        )
        return passages_from(rows)

    def file_of(self, number: int) -> Path | None:
        """Where the article's source was read from; it may be gone, or another file by now."""
        rows = self._rows(
            "SELECT s.origin FROM articles a JOIN sources s USING (source) WHERE a.article = ?",
            (number,),
        )
        if not rows:
            return None
        return Path(file_of_key(rows[0][0]).decode("utf-8", "surrogatepass"))

    def article(self, number: int) -> Article | None:
        rows = self._rows(
            "SELECT a.id, a.facts, a.text, a.alignment, s.facts, s.sha256, s.record, s.text"
            " FROM articles a JOIN sources s USING (source) WHERE a.article = ?",
            (number,),
        )
        if not rows:
            return None
        id_, facts, packed, runs, source_facts, sha256, record, source_text = rows[0]
        text = unpack_text(packed)
        source = source_from(
            source_facts,
            text=text if source_text is None else unpack_text(source_text),
            sha256=sha256,
            record=record,
        )
        return article_from(
            facts, id_=id_, text=text, alignment=unpack_alignment(runs), source=source
        )
