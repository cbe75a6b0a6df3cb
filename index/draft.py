"""The next generation in the making: what is new, what is gone, and the files for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from index import generations, passages
from index.banding import Banding
from index.catalogue import Catalogue, Origin
from index.embed import Embedder, Vectors
from index.errors import UnknownArticle
from index.generations import Generation
from index.lexical import TERMS, LexicalWriter
from index.manifest import FORMAT, Manifest, Segment, VectorFile
from index.merge import compact_segments, compact_vectors
from index.migrate import migrate
from index.passages import split_passages
from index.schema import Article, Passage
from index.segment import CatalogueWriter, Entry, mark_reprints
from index.vectors import Numbers, Part, embedded_text, vector_key, write_part

Step = Literal[
    "locked", "staged", "catalogued", "worded", "embedded", "merged", "sealed", "switched",
    "collected",
]  # fmt: skip


class Draft:
    """Takes changes, then `commit`s them together; given up, it leaves nothing."""

    def __init__(
        self,
        path: Path,
        embedder: Embedder,
        before: Generation | None,
        on_step: Callable[[Step], None],
        stack: ExitStack,
    ) -> None:
        """
        Args:
            before: the generation to go on from; None: from nothing.
            stack: closes what the draft opens.
        """
        self._path, self._before, self._on_step = path, before, on_step
        self._number, self._folder = generations.stage(path, before)
        stack.callback(self.discard)
        self._committed = False
        on_step("staged")
        self._manifest = (
            before.manifest
            if before
            else Manifest(
                embedding=embedder.name,
                fingerprint=embedder.fingerprint,
                dim=embedder.dim,
                splitter=passages.SPLITTER,
                terms=TERMS,
            )
        )
        self._next_article = self._manifest.next_article
        self._next_passage = self._manifest.next_passage
        self._next_file = self._manifest.next_file
        self.migrates = self._manifest.format != FORMAT
        if self.migrates:
            self._manifest = migrate(self._folder, self._manifest, self._name)
        self._segments = _opened(self._folder, self._manifest, stack)
        self._dead: set[int] = set(self._manifest.dead)
        self._newly_dead: set[int] = set()
        self._named: list[tuple[int, str]] = []  # new articles and their ids in their source
        self._catalogue_file = ""
        self._catalogue: CatalogueWriter | None = None
        self._lexical: LexicalWriter | None = None
        self._banding = Banding()
        stack.callback(self._banding.close)
        self._parts: list[tuple[Numbers, Vectors]] = []
        self.new_keys: list[tuple[int, bytes]] = []  # new passages and what their vectors go by

    @property
    def n_added(self) -> int:
        return len(self._named)

    @property
    def n_removed(self) -> int:
        return len(self._newly_dead)

    @property
    def n_living(self) -> int:
        return self._manifest.n_articles - len(self._newly_dead) + len(self._named)

    def unchanged(self, origin: Origin, source_stamp: str) -> int:
        """How many articles of this source stand there as they are; else they are taken out."""
        for segment in self._segments:
            for found_stamp, number in segment.source(origin):
                known = segment.articles_of(number)
                living = [a for a in known if a not in self._dead]
                if living and found_stamp == source_stamp and len(living) == len(known):
                    return len(living)
                self._kill(living)
        return 0

    def add(self, origin: Origin, articles: Sequence[Article]) -> None:
        """All articles of one source."""
        if self._catalogue is None:
            self._catalogue_file = self._name("articles", "sqlite")
            self._catalogue = CatalogueWriter(self._folder / self._catalogue_file)
        numbered: list[tuple[int, Article]] = []
        cut: list[tuple[int, int, Passage, bytes]] = []
        for article in articles:
            number = self._next_article
            self._next_article += 1
            numbered.append((number, article))
            self._named.append((number, article.id))
            self._banding.add(number, article.text)
            words: dict[int, str] = {}
            for passage in split_passages(article):
                text = words[self._next_passage] = embedded_text(passage)
                key = vector_key(text)
                cut.append((self._next_passage, number, passage, key))
                self.new_keys.append((self._next_passage, key))
                self._next_passage += 1
            self._words().add(number, words)
        self._catalogue.add(Entry(origin, articles[0].source, tuple(numbered), tuple(cut)))

    def prune(self, kept: Callable[[bytes, str | None], bool]) -> None:
        """Remove the articles of all sources but those whose origin and record are `kept`."""
        for segment in self._segments:
            for origin, record, _, number in segment.sources():
                if not kept(origin, record):
                    self._kill([a for a in segment.articles_of(number) if a not in self._dead])

    def remove(self, wanted: str) -> None:
        """Raises UnknownArticle."""
        for segment in self._segments:
            for number in segment.numbers_of(wanted):
                if number not in self._dead:
                    self._kill([number])
                    return
        raise UnknownArticle(wanted)

    def add_vectors(self, numbers: Numbers, vectors: Vectors) -> None:
        """Rows for passages that have none, numbers rising."""
        if len(numbers):
            self._parts.append((numbers, vectors))

    def settle(self) -> None:
        """Finish the articles and words; what is left to add are vectors."""
        if self._catalogue:
            self._settle_ids(self._catalogue)
            bands = self._banding.finish(self._catalogue.text)
            mark_reprints(self._catalogue, bands, self._segments, dead=self._dead)
            self._catalogue.close()
        self._on_step("catalogued")
        if self._newly_dead:
            self._words().remove(sorted(self._newly_dead))
        if self._lexical or not self._before:
            self._words().commit()
        self._on_step("worded")

    def commit(self) -> int:
        """Put the new generation in place of the old one; its number."""
        segments, vector_files = list(self._manifest.segments), list(self._manifest.vectors)
        if self._catalogue:
            segments.append(
                Segment(
                    self._catalogue_file,
                    self._manifest.next_passage,
                    self._next_passage - 1,
                    len(self._named),
                    len(self.new_keys),
                )
            )
        n_new_rows = 0
        for numbers, vectors in self._parts:
            name = self._name("vectors", "faiss")
            write_part(self._folder / name, numbers, vectors)
            vector_files.append(VectorFile(name, len(numbers)))
            n_new_rows += len(numbers)
        self._on_step("embedded")
        gone = np.array(
            [n for segment in self._segments for n in segment.passage_numbers(self._newly_dead)],
            np.int64,
        )
        n_gone_rows = self._rows_among(gone)
        segments, dead, purged = compact_segments(self._folder, segments, self._dead, self._name)
        vector_files = compact_vectors(self._folder, vector_files, purged, self._name)
        self._on_step("merged")
        manifest = replace(
            self._manifest,
            segments=tuple(segments),
            vectors=tuple(vector_files),
            dead=tuple(sorted(dead)),
            n_articles=self.n_living,
            n_passages=self._manifest.n_passages - len(gone) + len(self.new_keys),
            n_embedded=self._manifest.n_embedded - n_gone_rows + n_new_rows,
            next_article=self._next_article,
            next_passage=self._next_passage,
            next_file=self._next_file,
            files=generations.seal(self._folder, self._before.manifest if self._before else None),
        )
        self._on_step("sealed")
        generations.switch(self._path, self._number, manifest)
        self._committed = True
        self._on_step("switched")
        if self._before:
            self._before.close()  # else it could not be collected
        generations.collect(self._path, self._number)
        self._on_step("collected")
        return self._number

    def discard(self) -> None:
        """Give up what is not committed."""
        if not self._committed and not generations.names(self._path, self._number):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _words(self) -> LexicalWriter:
        if self._lexical is None:
            self._lexical = LexicalWriter(self._folder / "lexical")
        return self._lexical

    def new_texts(self, numbers: Sequence[int]) -> list[str]:
        """What is embedded of new passages, in this order; after `settle`."""
        reader = Catalogue(self._folder / self._catalogue_file)
        found = reader.passages(numbers)
        reader.close()
        return [embedded_text(found[number]) for number in numbers]

    def _kill(self, articles: Sequence[int]) -> None:
        self._dead.update(articles)
        self._newly_dead.update(articles)

    def _name(self, kind: str, suffix: str) -> str:
        name = f"{kind}-{self._next_file:06d}.{suffix}"
        self._next_file += 1
        return name

    def _settle_ids(self, catalogue: CatalogueWriter) -> None:
        """Give articles of the same text the endings ~2, ~3, … in their order."""
        taken: set[str] = set()
        copies: dict[str, int] = {}  # what was tried last for a text that comes thousandfold
        for number, given in self._named:
            base = given.partition("~")[0]
            if base not in copies:
                for segment in self._segments:
                    taken.update(i for i, n in segment.ids_like(base) if n not in self._dead)
            copy = copies.get(base, 1)
            while (name := base if copy == 1 else f"{base}~{copy}") in taken:
                copy += 1
            taken.add(name)
            copies[base] = copy
            if name != given:
                catalogue.rename(number, name)

    def _rows_among(self, numbers: Numbers) -> int:
        if not len(numbers) or not self._before:
            return 0
        found = (Part.open(self._folder / part.file).numbers for part in self._manifest.vectors)
        return sum(int(np.isin(rows, numbers).sum()) for rows in found)


def opened_catalogues(generation: Generation, stack: ExitStack) -> list[Catalogue]:
    """The generation's segments, closed with the stack."""
    return _opened(generation.folder, generation.manifest, stack)


def _opened(folder: Path, manifest: Manifest, stack: ExitStack) -> list[Catalogue]:
    opened = [Catalogue(folder / segment.file) for segment in manifest.segments]
    for catalogue in opened:
        stack.callback(catalogue.close)
    return opened
