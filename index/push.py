"""Puts an index into PostgreSQL, or brings the one there up to it: one transaction.

Files are parsed and embedded where the folder is; the server gets what it
lacks. Numbers of articles and passages are never given twice in one index, so
a number with the same mark needs no second look.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import database, generations
from index.catalogue import Catalogue
from index.draft import opened_catalogues
from index.errors import BadRequest, IndexLocked
from index.generations import Generation
from index.lexical import terms
from index.postings import pack_postings
from index.vectors import Part, VectorStore, embedded_text

APPROXIMATE_FROM = 50_000  # vectors; below, a scan of all of them takes tens of milliseconds
_LOCK = 0x77656E6A75  # “wenju”: the advisory lock of whoever writes
_AT_ONCE = 1000  # vectors in memory


@dataclass(frozen=True, slots=True)
class PushReport:
    """What the server did not have, and what it had too much."""

    n_added: int  # articles
    n_removed: int
    n_vectors: int  # sent
    revision: int


def push(path: Path, url: str) -> PushReport:
    """Make the index in the database what the folder's newest generation is.

    Raises:
        BadRequest: not a URL.
        IndexUnusable: the folder, or the server; nothing was changed.
        IndexLocked: somebody else pushes.
    """
    if not database.is_url(url):  # the driver takes other forms, too; no other command would
        raise BadRequest("a database is named by its URL: postgresql://user@host/name")
    psycopg = database.driver()
    with ExitStack() as stack:
        stack.enter_context(database.database_errors(url))
        current = generations.open_current(path)
        stack.callback(current.close)
        connection: Any = stack.enter_context(psycopg.connect(url))
        if not connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone()[0]:
            raise IndexLocked(Path(database.shown(url)), "another process")
        return _Push(current, opened_catalogues(current, stack), connection).run()


class _Push:
    def __init__(
        self, current: Generation, catalogues: Sequence[Catalogue], connection: Any
    ) -> None:
        self._current, self._catalogues, self._connection = current, catalogues, connection
        self._dead = frozenset(current.manifest.dead)

    def run(self) -> PushReport:
        revision = self._prepare()
        known = dict(self._all("SELECT article, mark FROM wenju.articles"))
        had = {row[0] for row in self._all("SELECT passage FROM wenju.passages")}
        living = {row[0]: (mark, row) for row, mark in self._articles()}
        gone = [n for n, mark in known.items() if n not in living or living[n][0] != mark]
        new = {n: both for n, both in living.items() if n not in known or n in set(gone)}
        kept = [place for c in self._catalogues for place in c.places() if place[1] in living]
        changed = had - {place[0] for place in kept if place[1] not in new}
        self._run("DELETE FROM wenju.articles WHERE article = ANY(%s)", gone)
        self._run(
            "DELETE FROM wenju.sources s WHERE NOT EXISTS"
            " (SELECT FROM wenju.articles a WHERE a.source = s.source)"
        )
        self._add_articles(list(new.values()))
        added = [place for place in kept if place[1] in new]
        self._copy('passages (passage, article, start, "end")', added, ["int4"] * 4)
        self._set_words({n // database.BLOCK for n in changed | {p[0] for p in added}})
        self._set_reprints(living.keys())
        n_vectors = self._add_vectors(np.array([place[0] for place in kept], np.int64))
        self._run("UPDATE wenju.about SET revision = revision + 1")
        return PushReport(len(new), len(gone), n_vectors, revision + 1)

    def _prepare(self) -> int:
        """Tables for this index; one that was made with something else is replaced."""
        told, manifest = database.about(self._connection), self._current.manifest
        made_with = {
            "format": database.FORMAT,
            **{n: getattr(manifest, n) for n in ("embedding", "fingerprint", "dim", "splitter")},
            "terms": manifest.terms,
        }
        if told and {name: told[name] for name in made_with} == made_with:
            return int(told["revision"])
        revision = int(told["revision"]) if told else 0
        self._connection.execute("DROP SCHEMA IF EXISTS wenju CASCADE")
        self._connection.execute(database.TABLES)
        self._run(
            "INSERT INTO wenju.about VALUES (%s, %s, %s, %s, %s, %s, %s)",
            *made_with.values(),
            revision,
        )
        return revision

    def _articles(self) -> Iterator[tuple[tuple[Any, ...], bytes]]:
        """What the folder has of each living article, and a sum of it."""
        for catalogue in self._catalogues:
            for row in catalogue.packed():
                if row[0] not in self._dead:
                    yield row, hashlib.sha256(repr(row).encode()).digest()[:16]

    def _add_articles(self, new: Sequence[tuple[bytes, tuple[Any, ...]]]) -> None:
        sources = {row[2]: (row[2], row[11], _json(row[12]), *row[13:16]) for _, row in new}
        known = {row[0] for row in self._all("SELECT source FROM wenju.sources")}
        self._copy(
            "sources (source, origin, record, sha256, facts, text)",
            [row for number, row in sources.items() if number not in known],
            ["int4", "bytea", "text", "text", "text", "bytea"],
        )
        self._copy(
            "articles (article, mark, id, source, facts, context, date, newspaper, authors,"
            " n_characters, n_passages, text, alignment)",
            [
                (row[0], mark, row[1], row[2], row[3], row[4], row[5],
                 row[6] and database.plain(row[6]),
                 [database.plain(name) for name in json.loads(row[3])["authors"]], *row[7:11])
                for mark, row in new
            ],
            ["int4", "bytea", "text", "int4", "text", "text", "text", "text", "text[]", "int4",
             "int4", "bytea", "bytea"],
        )  # fmt: skip

    def _set_words(self, blocks: set[int]) -> None:
        """Write these blocks again, from the passages that the folder has."""
        self._run("DELETE FROM wenju.postings WHERE block = ANY(%s)", sorted(blocks))
        self._run("DELETE FROM wenju.blocks WHERE block = ANY(%s)", sorted(blocks))
        dead = {n for c in self._catalogues for n in c.passage_numbers(self._dead)}
        for block in sorted(blocks):
            numbers = list(range(block * database.BLOCK, (block + 1) * database.BLOCK))
            cut = [
                (number, terms(embedded_text(passage)))
                for catalogue in self._catalogues
                for number, passage in sorted(catalogue.passages(numbers).items())
                if number not in dead
            ]
            rows = [(block, term, packed) for term, packed in pack_postings(cut).items()]
            self._copy("postings (block, term, rows)", rows, ["int4", "text", "bytea"])
            self._run(
                "INSERT INTO wenju.blocks VALUES (%s, %s, %s)",
                block,
                len(cut),
                sum(len(found) for _, found in cut),
            )

    def _set_reprints(self, living: Any) -> None:
        self._run("DELETE FROM wenju.reprints")
        pairs = [p for c in self._catalogues for p in c.reprints()] if self._has_reprints else []
        kept = [pair for pair in pairs if pair[0] in living and pair[1] in living]
        self._copy("reprints (article, other)", kept, ["int4", "int4"])

    @property
    def _has_reprints(self) -> bool:
        return self._current.manifest.format > 1

    def _add_vectors(self, living: Any) -> int:
        """Send the rows that the server has not; build its graph when they are many."""
        known = np.array([row[0] for row in self._all("SELECT passage FROM wenju.vectors")])
        parts = [Part.open(self._current.folder / f.file) for f in self._current.manifest.vectors]
        store = VectorStore(parts, dead=np.empty(0, np.int64))
        wanted = np.setdiff1d(np.intersect1d(store.numbers(), living), known)
        for at in range(0, len(wanted), _AT_ONCE):
            numbers, rows = store.get(wanted[at : at + _AT_ONCE])
            self._copy(
                "vectors (passage, vector)",
                zip(numbers.tolist(), map(_halfvec, rows), strict=True),
                ["int4", "bytea"],  # as pgvector receives them
            )
        if len(known) + len(wanted) >= APPROXIMATE_FROM:
            self._connection.execute(
                "ALTER TABLE wenju.vectors ALTER vector TYPE"
                f" halfvec({int(self._current.manifest.dim)})"
            )
            self._connection.execute(
                "CREATE INDEX IF NOT EXISTS vectors_near ON wenju.vectors"
                " USING hnsw (vector halfvec_ip_ops)"
            )
        return len(wanted)

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()

    def _run(self, query: str, *values: Any) -> None:
        self._connection.execute(query, values)

    def _copy(self, into: str, rows: Any, types: Sequence[str]) -> None:
        statement = f"COPY wenju.{into} FROM STDIN (FORMAT BINARY)"
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)


def _halfvec(row: Any) -> bytes:
    """pgvector's binary form: dimensions, two unused bytes, half floats, all big-endian."""
    return struct.pack(">HH", len(row), 0) + row.astype(">f2").tobytes()


def _json(record: str | None) -> str | None:
    """A record's id may hold what PostgreSQL's text cannot."""
    return None if record is None else json.dumps(record)
