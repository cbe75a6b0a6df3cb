"""Writes one segment file of the catalogue, once; `index.catalogue` reads it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.catalogue import Catalogue, Origin
from index.reprints import Bands, Imprint, candidates
from index.rows import (
    article_facts,
    pack_alignment,
    pack_text,
    source_facts,
    stamp,
    unpack_text,
)
from index.schema import Article, Passage, Source
from index.tables import COPY, INDEXES, SCHEMA


@dataclass(frozen=True, slots=True)
class Entry:
    """A source with what was made of it, numbered for the catalogue."""

    origin: Origin
    source: Source
    articles: tuple[tuple[int, Article], ...]
    passages: tuple[tuple[int, int, Passage, bytes], ...]  # number, article's, passage, vector key


class CatalogueWriter:
    """Writes one segment file; complete after `close`."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")  # the file counts only when complete
        self._database.execute("PRAGMA synchronous=OFF")  # whoever commits it, syncs it
        self._database.execute("PRAGMA cache_size=-32000")  # KiB: else it sorts in a temporary file
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")

    def add(self, entry: Entry) -> None:
        source, alone = entry.source, len(entry.articles) == 1
        same = alone and entry.articles[0][1].text == source.text
        row = self._database.execute(
            "INSERT INTO sources (origin, record, stamp, sha256, facts, text)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                entry.origin.key,
                entry.origin.record,
                stamp(source),
                source.sha256,
                source_facts(source),
                None if same else pack_text(source.text),
            ),
        )
        counts: dict[int, int] = {}
        contexts: dict[int, str] = {}
        for _, number, passage, _ in entry.passages:
            counts[number] = counts.get(number, 0) + 1
            contexts[number] = passage.context
        self._database.executemany(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    number,
                    article.id,
                    row.lastrowid,
                    article_facts(article),
                    json.dumps(contexts.get(number, "")),
                    article.date,
                    article.newspaper,
                    len(article.text),
                    counts.get(number, 0),
                    pack_text(article.text),
                    pack_alignment(article.alignment),
                )
                for number, article in entry.articles
            ),
        )
        self._database.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
            (
                (number, article, passage.span.start, passage.span.end, key)
                for number, article, passage, key in entry.passages
            ),
        )

    def rename(self, article: int, article_id: str) -> None:
        self._database.execute(
            "UPDATE articles SET id = ? WHERE article = ?", (article_id, article)
        )

    def close(self) -> None:
        self._database.execute("COMMIT")
        self._database.executescript(INDEXES)
        self._database.close()

    def add_bands(self, rows: Iterable[tuple[int, int]]) -> None:
        """(band, article); the sooner the more they are in order."""
        self._database.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", rows)

    def add_reprints(self, pairs: Iterable[tuple[int, int]]) -> None:
        """(article, another before it) that say nearly the same."""
        self._database.executemany("INSERT INTO reprints VALUES (?, ?)", pairs)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are by now."""
        query = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        return self._database.execute(query).fetchone()

    def article_numbers(self) -> list[int]:
        return [row[0] for row in self._database.execute("SELECT article FROM articles")]

    def text(self, article: int) -> str | None:
        """Of an article that was added; None: it was not."""
        query = "SELECT text FROM articles WHERE article = ?"
        row = self._database.execute(query, (article,)).fetchone()
        return unpack_text(row[0]) if row else None

    def copy(
        self, segment: Catalogue, *, dead: AbstractSet[int], tables: Sequence[str] = tuple(COPY)
    ) -> None:
        """Take over what is alive in a finished segment, numbers kept."""
        self._database.execute("COMMIT")
        self._database.execute("ATTACH ? AS old", (str(segment.path),))
        self._database.execute("BEGIN")
        self._database.execute("CREATE TEMP TABLE dead (article INTEGER PRIMARY KEY)")
        self._database.executemany("INSERT INTO dead VALUES (?)", ((n,) for n in sorted(dead)))
        # Sources are renumbered: their numbers count within one segment only.
        shift = self._database.execute("SELECT coalesce(max(source), 0) FROM sources").fetchone()[0]
        for table in tables:
            self._database.execute(COPY[table], {"shift": shift})
        self._database.execute("DROP TABLE dead")
        self._database.execute("COMMIT")
        self._database.execute("DETACH old")
        self._database.execute("BEGIN")


def mark_reprints(
    writer: CatalogueWriter,
    bands: dict[int, Bands],
    earlier: Sequence[Catalogue],
    *,
    dead: AbstractSet[int],
) -> None:
    """Write down which of the new articles say nearly what another one says.

    Only what is new is compared: with one another and with the earlier segments.

    Args:
        writer: holds the new articles.
        bands: of the new articles, by number.
        dead: articles of the earlier segments that do not count any more.
    """
    if not bands:
        return
    keys = np.concatenate(list(bands.values()))
    owners = np.repeat(np.array(list(bands), np.int64), [len(found) for found in bands.values()])
    order = np.lexsort((owners, keys))
    writer.add_bands(zip(keys[order].tolist(), owners[order].tolist(), strict=True))
    sharing = [
        row
        for segment in earlier
        for row in segment.sharing(np.unique(keys).tolist())
        if row[1] not in dead
    ]
    known = np.array(sharing, np.int64).reshape(-1, 2)
    pairs = candidates(
        np.concatenate([known[:, 0], keys]), np.concatenate([known[:, 1], owners]), bands.keys()
    )

    @lru_cache(maxsize=4096)  # those alike stand near each other
    def imprint(article: int) -> Imprint:
        found = (place.text(article) for place in (writer, *earlier))
        return Imprint.of(next(text for text in found if text is not None))

    writer.add_reprints([(a, b) for a, b in pairs if imprint(a).resembles(imprint(b))])
