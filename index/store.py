"""The index as it is read: open, search, look up. `index.writer` writes it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from index import generations
from index.catalogue import Catalogue
from index.embed import Embedder, better
from index.errors import UnknownArticle
from index.fusion import Scored, fuse
from index.generations import Generation
from index.lexical import Lexical, to_simplified
from index.made_with import Recorded, fits
from index.manifest import FileSum
from index.on_demand import AT_ONCE, OnDemand
from index.queries import DEPTH, checked
from index.rescore import RESCORED, SAMPLE, Rescorer
from index.schema import Article, ArticleSummary, Hit, Passage, Stats, Within
from index.vectors import FEWEST, Numbers, Part, VectorStore


class Index:
    """One generation, open for reading; may be asked from any thread.

    It stays what it was while others write; `refresh` gives the newest.
    """

    def __init__(
        self,
        path: Path,
        embedder: Embedder,
        generation: Generation,
        rescorer: Rescorer | None,
        on_demand: OnDemand,
    ) -> None:
        """Use `Index.open`."""
        self.path, self.embedder, self._generation = path, embedder, generation
        manifest, folder = generation.manifest, generation.folder
        self._segments = [Catalogue(folder / segment.file) for segment in manifest.segments]
        self._firsts = [segment.first for segment in manifest.segments]
        self._dead = frozenset(manifest.dead)
        self._rescorer, self._on_demand = rescorer, on_demand
        self._lexical = Lexical(folder / "lexical")
        dead_passages = [n for s in self._segments for n in s.passage_numbers(manifest.dead)]
        self._vectors = VectorStore(
            [Part.open(folder / part.file) for part in manifest.vectors],
            dead=np.array(dead_passages, np.int64),
        )
        self._unfinished = manifest.n_embedded < manifest.n_passages
        self._too_few = self._unfinished and len(self._vectors) < FEWEST

    @classmethod
    def open(cls, path: Path, *, embedder: Embedder) -> Index:
        """The newest generation, every byte of it checked.

        Raises:
            IndexMissing, IndexDamaged: nothing there, or not what was written.
            WrongModel, WrongFormat: made with another embedder or version.
        """
        second = better(embedder)
        rescorer = Rescorer(second) if second else None
        return cls._opened(path, embedder, frozenset(), rescorer, OnDemand(embedder))

    @classmethod
    def inspect(cls, path: Path) -> Index:
        """The newest generation, to read articles from without loading its model.

        Raises as `open` does, but for the model.
        """
        manifest = generations.read_manifest(path)
        return cls.open(path, embedder=Recorded(manifest))

    @classmethod
    def _opened(
        cls,
        path: Path,
        embedder: Embedder,
        checked: frozenset[str],
        rescorer: Rescorer | None,
        on_demand: OnDemand,
    ) -> Index:
        generation = generations.open_current(path, checked=checked)
        try:
            fits(path, generation.manifest, embedder)
            return cls(path, embedder, generation, rescorer, on_demand)
        except BaseException:
            generation.close()
            raise

    def refresh(self) -> Index:
        """The newest generation, or that of another index put in its place; else this object."""
        if generations.read_pointer(self.path) == self._generation.pointer:
            return self
        checked = self._generation.manifest.sums
        return self._opened(self.path, self.embedder, checked, self._rescorer, self._on_demand)

    def close(self) -> None:
        for segment in self._segments:
            segment.close()
        self._generation.close()

    def search(self, query: str, *, top_k: int = 10, within: Within | None = None) -> list[Hit]:
        """The best passages for a query, best first."""
        return self.search_many([query], top_k=top_k, within=within)[0]

    def search_many(
        self, queries: Sequence[str], *, top_k: int = 10, within: Within | None = None
    ) -> list[list[Hit]]:
        """`search` for each query, embedded and compared in one batch.

        Args:
            within: search in these articles only; the rest is left out before, not after.

        Raises:
            BadRequest: a query is blank or longer than 10,000 characters.
        """
        checked(queries)
        if not queries or top_k < 1:
            return [[] for _ in queries]
        with self._on_demand.searching():
            return self._search(queries, top_k=top_k, within=within)

    def _search(
        self, queries: Sequence[str], *, top_k: int, within: Within | None
    ) -> list[list[Hit]]:
        depth = max(DEPTH, top_k)
        vectors = self.embedder.encode([to_simplified(query) for query in queries], side="query")
        articles, among = self._among(within) if within else (None, None)
        nearest = self._vectors.search(vectors, limit=depth, among=among)
        usual = [(0.0, 0.0)] * len(queries) if self._too_few else self._vectors.usual(vectors)
        return [
            self._hits(
                self._ranked(
                    query, dict(near), vectors[n], usual[n], depth=depth, articles=articles
                )[:top_k]
            )
            for n, (query, near) in enumerate(zip(queries, nearest, strict=True))
        ]

    def _among(self, within: Within) -> tuple[list[int], Numbers]:
        """Numbers of the living articles, and of their passages."""
        articles: list[int] = []
        numbers: list[int] = []
        for segment in self._segments:
            here = [number for number in segment.within(within) if number not in self._dead]
            articles.extend(here)
            numbers.extend(segment.passage_numbers(here))
        return articles, np.array(numbers, np.int64)

    def _ranked(
        self,
        query: str,
        dense: dict[int, float],
        vector: np.ndarray,
        usual: tuple[float, float],
        *,
        depth: int,
        articles: Sequence[int] | None,
    ) -> list[Scored]:
        matched, against = self._lexical.search(query, limit=depth, articles=articles)
        lexical = dict(matched)
        missing = np.array([number for number in lexical if number not in dense], np.int64)
        if len(missing):
            numbers, rows = self._vectors.get(missing)
            if len(numbers):
                dense.update(zip(numbers.tolist(), (rows @ vector).tolist(), strict=True))
        if self._unfinished and not self._too_few:
            waiting = [number for number, _ in matched if number not in dense][:AT_ONCE]
            found = self._passages(waiting)
            vectors_of = self._on_demand.rows(found.values())
            for number, passage in found.items():
                if passage.id in vectors_of:
                    dense[number] = float(vectors_of[passage.id] @ vector)
        ranked = fuse(dense, lexical, usual=usual, against=against)
        if not self._rescorer:
            return ranked
        best = self._passages([scored.number for scored in ranked[:RESCORED]])
        return self._rescorer.rank(query, ranked, best, self._sample(), against=against)

    def _sample(self) -> list[Passage]:
        """Passages from all over the index, always the same ones."""
        numbers = self._vectors.numbers()
        chosen = np.linspace(0, len(numbers) - 1, min(SAMPLE, len(numbers))).astype(np.int64)
        return list(self._passages(numbers[chosen].tolist()).values())

    def _hits(self, ranked: Sequence[Scored]) -> list[Hit]:
        found = self._passages([scored.number for scored in ranked])
        return [
            Hit(found[scored.number], scored.score, scored.dense, scored.lexical)
            for scored in ranked
        ]

    def _passages(self, numbers: Sequence[int]) -> dict[int, Passage]:
        found: dict[int, Passage] = {}
        for segment, some in self._by_segment(numbers).items():
            found.update(self._segments[segment].passages(some))
        return found

    def _by_segment(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        grouped: dict[int, list[int]] = {}
        for number in numbers:
            grouped.setdefault(bisect_right(self._firsts, number) - 1, []).append(number)
        return grouped

    def article(self, article_id: str) -> Article:
        """Raises UnknownArticle."""
        segment, number = self._find(article_id)
        article = segment.article(number)
        if article is None:
            raise UnknownArticle(article_id)
        return article

    def file_of(self, article_id: str) -> Path | None:
        """Where its source was read from; compare `Source.sha256`. Raises UnknownArticle."""
        segment, number = self._find(article_id)
        return segment.file_of(number)

    def passages(self, article_id: str) -> list[Passage]:
        """The article's passages, in its order. Raises UnknownArticle."""
        segment, number = self._find(article_id)
        numbers = segment.passage_numbers([number])
        found = segment.passages(numbers)
        return [found[number] for number in sorted(numbers)]

    def _find(self, article_id: str) -> tuple[Catalogue, int]:
        for segment in self._segments:
            for number in segment.numbers_of(article_id):
                if number not in self._dead:
                    return segment, number
        raise UnknownArticle(article_id)

    def article_ids(self) -> list[str]:
        """In the order of files, and of the articles in each."""
        rows = [
            row for segment in self._segments for row in segment.order() if row[1] not in self._dead
        ]
        return [article_id for _, _, article_id in sorted(rows)]

    def summaries(self, *, offset: int = 0, limit: int | None = None) -> list[ArticleSummary]:
        """What a list shows of each article, in the order of `article_ids`."""
        rows = [
            (*row, segment)
            for segment in self._segments
            for row in segment.order()
            if row[1] not in self._dead
        ]
        rows.sort(key=lambda row: row[:3])
        end = None if limit is None else offset + limit
        return [self._summary(segment, number) for _, number, _, segment in rows[offset:end]]

    def summary(self, article_id: str) -> ArticleSummary:
        """Raises UnknownArticle."""
        return self._summary(*self._find(article_id))

    def _summary(self, segment: Catalogue, number: int) -> ArticleSummary:
        ids = self._ids(frozenset(self._reprints.get(number, ())))
        return replace(segment.summary(number), like=tuple(ids[n] for n in sorted(ids)))

    @cached_property
    def _reprints(self) -> dict[int, list[int]]:
        """Articles that say nearly the same, both ways, rising."""
        found: dict[int, list[int]] = {}
        if self._generation.manifest.format > 1:
            for one, other in sorted(p for s in self._segments for p in s.reprints()):
                found.setdefault(one, []).append(other)
                found.setdefault(other, []).append(one)
        return {number: sorted(others) for number, others in found.items()}

    def _ids(self, numbers: AbstractSet[int]) -> dict[int, str]:
        """Of the living articles among these."""
        living = numbers - self._dead
        if not living:
            return {}
        return {n: i for segment in self._segments for n, i in segment.ids(living).items()}

    def files(self) -> dict[str, FileSum]:
        """The files of the generation, relative to its folder."""
        return dict(self._generation.manifest.files)

    def n_vectors(self) -> int:
        """Passages that have a row; counted, not read from the manifest."""
        return self._vectors.n_living

    def stats(self) -> Stats:
        manifest = self._generation.manifest
        return Stats(
            n_articles=manifest.n_articles,
            n_passages=manifest.n_passages,
            n_embedded=manifest.n_embedded,
            n_bytes=sum(told.n_bytes for told in manifest.files.values()),
            generation=self._generation.number,
            embedding=manifest.embedding,
            dim=manifest.dim,
            splitter=manifest.splitter,
            format=manifest.format,
        )
