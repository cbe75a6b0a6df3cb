"""The index as many machines read it, out of PostgreSQL; `index.push` writes it.

Asked as `index.store.Index` is, and with the same answers: the same terms and
BM25 (`index.postings`), the same vectors (pgvector, scored again here in
single precision), mixed by the same `fuse`. It always shows the newest state;
one search sees one state.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import database
from index.embed import Embedder, Vectors, better
from index.errors import DatabaseUnusable, UnknownArticle, WrongFormat, WrongModel
from index.fusion import Scored, Yardstick, fuse
from index.lexical import looked_for, to_simplified
from index.made_with import Recorded, fits
from index.manifest import Manifest
from index.postings import best_by_bm25
from index.queries import DEPTH, checked
from index.rescore import RESCORED, SAMPLE, Rescorer
from index.rows import article_from, passages_from, source_from, unpack_alignment, unpack_text
from index.schema import Article, ArticleSummary, Hit, Passage, Span, Stats, Within

_SAMPLE = 1024  # as in index.vectors
_CONNECTIONS = 8

_SUMMARY = """
SELECT s.record, s.facts, a.id, a.facts, a.n_characters, a.n_passages, a.alignment,
  ARRAY(SELECT l.id FROM wenju.reprints r JOIN wenju.articles l
    ON l.article = CASE r.article WHEN a.article THEN r.other ELSE r.article END
    WHERE a.article IN (r.article, r.other) ORDER BY l.article)
FROM wenju.articles a JOIN wenju.sources s USING (source)"""


@dataclass(frozen=True, slots=True)
class _AtLarge:
    """What stands for all that one state of the index holds."""

    revision: int
    rows: Vectors
    passages: Sequence[Passage]  # only where hits are scored again


class PostgresIndex:
    """May be asked from any thread."""

    def __init__(self, url: str, embedder: Embedder, pool: Any, rescorer: Rescorer | None) -> None:
        """Use `PostgresIndex.open`."""
        self.path = database.shown(url)
        self.embedder, self._url, self._pool, self._rescorer = embedder, url, pool, rescorer
        self._at_large = _AtLarge(-1, np.empty((0, 0), np.float32), [])

    @classmethod
    def open(cls, url: str, *, embedder: Embedder) -> PostgresIndex:
        """
        Raises:
            DatabaseUnusable: not reached, no index there, or one made with something else.
            BadRequest: the extra is not installed.
        """
        second = better(embedder)
        return cls._opened(url, embedder, Rescorer(second) if second else None)

    @classmethod
    def inspect(cls, url: str) -> PostgresIndex:
        """To read articles from without loading its model."""
        return cls._opened(url, None, None)

    @classmethod
    def _opened(
        cls, url: str, embedder: Embedder | None, rescorer: Rescorer | None
    ) -> PostgresIndex:
        psycopg = database.driver()
        import psycopg_pool

        with database.database_errors(url), psycopg.connect(url) as connection:
            told = database.about(connection)
        if not told or told["format"] != database.FORMAT:
            found = f"an index in format {told['format']}" if told else "no index"
            raise DatabaseUnusable(database.shown(url), f"{found} there")
        names = ("embedding", "fingerprint", "dim", "splitter", "terms")
        manifest = Manifest(**{name: told[name] for name in names})
        try:
            fits(Path(), manifest, embedder or Recorded(manifest))
        except WrongModel as error:
            reason = f"built with {error.built_with}, not {error.asked_for}"
            raise DatabaseUnusable(database.shown(url), reason) from None
        except WrongFormat as error:
            reason = f"it has {error.found}, this version reads {error.expected}"
            raise DatabaseUnusable(database.shown(url), reason) from None
        pool = psycopg_pool.ConnectionPool(
            url, min_size=1, max_size=_CONNECTIONS, open=True, kwargs={"autocommit": True}
        )
        return cls(url, embedder or Recorded(manifest), pool, rescorer)

    def refresh(self) -> PostgresIndex:
        """Itself: it shows the newest state anyway."""
        return self

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def _state(self) -> Generator[Any]:
        """A cursor that sees one state of the index from its first to its last query."""
        with (
            database.database_errors(self._url),
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor(binary=True) as cursor,
        ):
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield cursor

    def search(self, query: str, *, top_k: int = 10, within: Within | None = None) -> list[Hit]:
        """The best passages for a query, best first."""
        return self.search_many([query], top_k=top_k, within=within)[0]

    def search_many(
        self, queries: Sequence[str], *, top_k: int = 10, within: Within | None = None
    ) -> list[list[Hit]]:
        """As `Index.search_many`."""
        checked(queries)
        if not queries or top_k < 1:
            return [[] for _ in queries]
        depth = max(DEPTH, top_k)
        vectors = self.embedder.encode([to_simplified(query) for query in queries], side="query")
        with self._state() as cursor:
            among = _among(cursor, within) if within else None
            at_large = self._sample(cursor)
            found: list[list[Hit]] = []
            for query, vector in zip(queries, vectors, strict=True):
                dense = _nearest(cursor, vector, depth, among)
                matched, against = _matched(cursor, query, depth, among)
                lexical = dict(matched)
                dense.update(_cosines(cursor, vector, [n for n in lexical if n not in dense]))
                cosines = at_large.rows @ vector if len(at_large.rows) else np.array([0.0])
                usual = (float(cosines.mean()), float(cosines.std()))
                ranked = fuse(dense, lexical, usual=usual, against=against)
                if self._rescorer:
                    best = _passages(cursor, [scored.number for scored in ranked[:RESCORED]])
                    ranked = self._rescorer.rank(
                        query, ranked, best, at_large.passages, against=against
                    )
                found.append(_hits(cursor, ranked[:top_k]))
        return found

    def _sample(self, cursor: Any) -> _AtLarge:
        """Read once for each state."""
        (revision,) = cursor.execute("SELECT revision FROM wenju.about").fetchone()
        if self._at_large.revision != revision:
            numbers = _column(cursor, "SELECT passage FROM wenju.vectors ORDER BY passage")
            rows = _vectors(cursor, _spread(numbers, _SAMPLE))
            passages = _passages(cursor, _spread(numbers, SAMPLE)) if self._rescorer else {}
            self._at_large = _AtLarge(
                revision, np.array([*rows.values()], np.float32), [*passages.values()]
            )
        return self._at_large

    def article(self, article_id: str) -> Article:
        """Raises UnknownArticle."""
        with self._state() as cursor:
            row = cursor.execute(
                "SELECT a.id, a.facts, a.text, a.alignment, s.facts, s.sha256, s.record, s.text"
                " FROM wenju.articles a JOIN wenju.sources s USING (source) WHERE a.id = %s",
                [_id(article_id)],
            ).fetchone()
        if row is None:
            raise UnknownArticle(article_id)
        id_, facts, packed, runs, source_facts, sha256, record, source_text = row
        text = unpack_text(packed)
        source = source_from(
            source_facts,
            text=text if source_text is None else unpack_text(source_text),
            sha256=sha256,
            record=None if record is None else json.loads(record),
        )
        return article_from(
            facts, id_=id_, text=text, alignment=unpack_alignment(runs), source=source
        )

    def passages(self, article_id: str) -> list[Passage]:
        """The article's passages, in its order. Raises UnknownArticle."""
        with self._state() as cursor:
            numbers = _column(
                cursor,
                "SELECT passage FROM wenju.passages JOIN wenju.articles USING (article)"
                " WHERE id = %s ORDER BY passage",
                _id(article_id),
            )
            found = _passages(cursor, numbers)
        if not found:
            raise UnknownArticle(article_id)
        return [found[number] for number in numbers]

    def article_ids(self) -> list[str]:
        """In the order of files, and of the articles in each."""
        with self._state() as cursor:
            return _column(
                cursor,
                "SELECT a.id FROM wenju.articles a JOIN wenju.sources s USING (source)"
                " ORDER BY s.origin, a.article",
            )

    def summaries(self, *, offset: int = 0, limit: int | None = None) -> list[ArticleSummary]:
        """What a list shows of each article, in the order of `article_ids`."""
        with self._state() as cursor:
            rows = cursor.execute(
                f"{_SUMMARY} ORDER BY s.origin, a.article LIMIT %s OFFSET %s", [limit, offset]
            ).fetchall()
        return [_summary(*row) for row in rows]

    def summary(self, article_id: str) -> ArticleSummary:
        """Raises UnknownArticle."""
        with self._state() as cursor:
            row = cursor.execute(f"{_SUMMARY} WHERE a.id = %s", [_id(article_id)]).fetchone()
        if row is None:
            raise UnknownArticle(article_id)
        return _summary(*row)

    def n_vectors(self) -> int:
        with self._state() as cursor:
            return _column(cursor, "SELECT count(*)::int FROM wenju.vectors")[0]

    def stats(self) -> Stats:
        with self._state() as cursor:
            counts = cursor.execute(
                "SELECT (SELECT count(*) FROM wenju.articles), (SELECT count(*) FROM"
                " wenju.passages), (SELECT count(*) FROM wenju.vectors), (SELECT"
                " sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'wenju'::regnamespace)"
            ).fetchone()
            told = cursor.execute(
                "SELECT revision, embedding, dim, splitter, format FROM wenju.about"
            ).fetchone()
        return Stats(*counts, *told)


def _id(asked_for: str) -> str:
    """As it is, or one that no article has where PostgreSQL's text cannot hold it."""
    return asked_for if database.plain(asked_for) == asked_for else ""


def _column(cursor: Any, query: str, *values: Any) -> list[Any]:
    return [row[0] for row in cursor.execute(query, values)]


def _spread(numbers: Sequence[int], n: int) -> list[int]:
    """That many of them, or all, as far from each other as they can be."""
    at = np.linspace(0, len(numbers) - 1, min(n, len(numbers))).astype(np.int64)
    return [numbers[each] for each in at.tolist()]


def _among(cursor: Any, within: Within) -> list[int]:
    """Numbers of the passages of the articles for which all that is set holds."""
    return _column(
        cursor,
        "SELECT p.passage FROM wenju.passages p JOIN wenju.articles a USING (article) WHERE"
        " (%s::text IS NULL OR a.date >= %s) AND (%s::text IS NULL OR a.date <= %s)"
        " AND (%s::text IS NULL OR a.newspaper = %s) AND (%s::text IS NULL OR %s = ANY(a.authors))"
        " AND (%s::text[] = '{}' OR a.id = ANY(%s))",
        *(
            None if value is None else database.plain(value)
            for value in (within.date_from, within.date_to, within.newspaper, within.author)
            for _ in (0, 1)
        ),
        *(list(map(_id, within.article_ids)) for _ in (0, 1)),
    )


def _nearest(cursor: Any, vector: Vectors, limit: int, among: list[int] | None) -> dict[int, float]:
    """Passage → cosine, of those with the highest."""
    query = "[" + ",".join(map(repr, vector.tolist())) + "]"
    if among is not None:
        rows = cursor.execute(
            "WITH among AS MATERIALIZED (SELECT * FROM wenju.vectors WHERE passage = ANY(%s))"
            " SELECT passage, halfvec_send(vector) FROM among"
            " ORDER BY vector <#> %s::halfvec, passage LIMIT %s",
            [among, query, limit],
        )
    else:
        cursor.execute(f"SET LOCAL hnsw.ef_search = {min(2 * limit, 1000)}")
        rows = cursor.execute(
            "SELECT passage, halfvec_send(vector) FROM wenju.vectors"
            " ORDER BY vector <#> %s::halfvec LIMIT %s",
            [query, limit],
        )
    return {number: float(_row(sent) @ vector) for number, sent in rows}


def _cosines(cursor: Any, vector: Vectors, numbers: list[int]) -> dict[int, float]:
    return {n: float(row @ vector) for n, row in _vectors(cursor, numbers).items()}


def _vectors(cursor: Any, numbers: list[int]) -> dict[int, Vectors]:
    rows = cursor.execute(
        "SELECT passage, halfvec_send(vector) FROM wenju.vectors WHERE passage = ANY(%s)"
        " ORDER BY passage",
        [numbers],
    )
    return {number: _row(sent) for number, sent in rows}


def _row(sent: bytes) -> Vectors:
    """From pgvector's binary form: dimensions, two unused bytes, half floats."""
    return np.frombuffer(sent, ">f2", offset=4).astype(np.float32)


def _matched(
    cursor: Any, query: str, limit: int, among: list[int] | None
) -> tuple[list[tuple[int, float]], Yardstick]:
    n_passages, n_terms = cursor.execute(
        "SELECT coalesce(sum(n_passages), 0)::int, coalesce(sum(n_terms), 0)::bigint"
        " FROM wenju.blocks"
    ).fetchone()
    rows = cursor.execute(
        "SELECT term, string_agg(rows, '' ORDER BY block) FROM wenju.postings"
        " WHERE term = ANY(%s) GROUP BY term",
        [list(looked_for(query))],
    )
    return best_by_bm25(
        query,
        dict(rows.fetchall()),
        n_passages=n_passages,
        n_terms=n_terms,
        limit=limit,
        among=None if among is None else np.array(among, np.int64),
    )


def _hits(cursor: Any, ranked: Sequence[Scored]) -> list[Hit]:
    found = _passages(cursor, [scored.number for scored in ranked])
    return [Hit(found[s.number], s.score, s.dense, s.lexical) for s in ranked]


def _passages(cursor: Any, numbers: list[int]) -> dict[int, Passage]:
    rows = cursor.execute(
        'SELECT p.passage, p.start, p."end", a.id, a.context, a.text,'
        " (SELECT min(passage) FROM wenju.passages f WHERE f.article = p.article)"
        " FROM wenju.passages p JOIN wenju.articles a USING (article) WHERE p.passage = ANY(%s)",
        [numbers],
    )
    return passages_from(rows)


def _summary(
    record: str | None,
    source: str,
    id_: str,
    facts: str,
    n_characters: int,
    n_passages: int,
    runs: bytes,
    like: list[str],
) -> ArticleSummary:
    article = json.loads(facts)
    return ArticleSummary(
        article_id=id_,
        title=article["title"],
        authors=tuple(article["authors"]),
        newspaper=article["newspaper"],
        date=article["date"],
        path=json.loads(source)["path"],
        record=None if record is None else json.loads(record),
        source=unpack_alignment(runs).to_source(Span(0, n_characters)),
        n_characters=n_characters,
        n_passages=n_passages,
        like=tuple(like),
    )
