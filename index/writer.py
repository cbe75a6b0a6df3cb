"""The index as it is written: every change makes a new generation, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from index import generations, passages
from index.articles import article_id
from index.catalogue import Catalogue, CatalogueWriter, Entry, Origin
from index.embed import Embedder, Vectors
from index.errors import IndexUnusable, NothingReadable, UnknownArticle
from index.generations import Generation, Manifest, Segment, VectorFile
from index.lexical import TERMS, LexicalWriter
from index.passages import split_passages
from index.rows import stamp
from index.schema import Article, Passage
from index.sources import FileReport, Limits, read_tree
from index.store import Recorded, fits
from index.vectors import Part, VectorStore, embedded_text, vector_key, write_part

Step = Literal[
    "locked", "staged", "catalogued", "worded", "embedded", "sealed", "switched", "collected"
]
Stage = Literal["read", "embed"]

_LIMITS = Limits()
_EMBED_AT_ONCE = 512  # passages handed to the embedder, which sorts them by length
_KEPT_REASONS = ("unreadable", "timeout")  # may pass: what was indexed of the file before stays


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Stage
    done: int  # articles read, or passages embedded
    total: int | None  # None: not known yet


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did."""

    files: tuple[FileReport, ...]
    n_added: int  # articles
    n_removed: int
    n_unchanged: int
    n_embedded: int  # passages that went through the model
    n_reused: int  # passages whose vector was there already
    generation: int

    @property
    def n_skipped(self) -> int:
        return sum(row.status == "skipped" for row in self.files)


def _quiet(_: Progress) -> None: ...


def _no_step(_: Step) -> None: ...


def update(
    path: Path,
    inputs: Sequence[Path],
    *,
    embedder: Embedder,
    prune: bool,
    progress: Callable[[Progress], None] = _quiet,
    limits: Limits = _LIMITS,
    on_step: Callable[[Step], None] = _no_step,
) -> UpdateReport:
    """Bring the index at `path` to what the inputs hold; only what changed is embedded.

    Args:
        prune: True (build): what no input holds any more is removed, and an
            index that cannot be used is replaced. False (add): it stays, and
            there must be one.
        on_step: called after each step of the write; tests stop it there.

    Raises:
        IndexLocked, StorageFailed, NothingReadable: nothing was changed.
        IndexUnusable: only with `prune` False.
    """
    with generations.writing(path), generations.storage_errors(path), ExitStack() as stack:
        on_step("locked")
        before, donor = _before(path, embedder, replace_unusable=prune)
        for held in {id(g): g for g in (before, donor) if g}.values():
            stack.callback(held.close)
        draft = _Draft(path, embedder, before, donor, on_step, stack)
        files = tuple(draft.read(inputs, limits, progress))
        if prune:
            draft.prune()
        if not draft.n_living:
            draft.discard()
            raise NothingReadable(len(files))
        return draft.commit(files, progress)


def remove(
    path: Path, article_ids: Sequence[str], *, on_step: Callable[[Step], None] = _no_step
) -> UpdateReport:
    """Take articles out. No model is needed for it.

    Raises:
        UnknownArticle: one of the ids; nothing was removed.
        IndexLocked, StorageFailed, IndexUnusable: nothing was changed.
    """
    with generations.writing(path), generations.storage_errors(path), ExitStack() as stack:
        before = generations.open_current(path)
        stack.callback(before.close)
        draft = _Draft(path, Recorded(before.manifest), before, before, on_step, stack)
        try:
            for wanted in article_ids:
                draft.remove(wanted)
        except UnknownArticle:
            draft.discard()
            raise
        return draft.commit((), _quiet)


def _before(
    path: Path, embedder: Embedder, *, replace_unusable: bool
) -> tuple[Generation | None, Generation | None]:
    """The generation to go on from, and one whose vectors can be taken over."""
    try:
        found = generations.open_current(path)
    except IndexUnusable:
        if not replace_unusable:
            raise
        return None, None
    try:
        fits(path, found.manifest, embedder)
    except IndexUnusable:
        if not replace_unusable:
            found.close()
            raise
        if found.manifest.fingerprint == embedder.fingerprint:
            return None, found
        found.close()
        return None, None
    return found, found


class _Draft:
    """The generation in the making."""

    def __init__(
        self,
        path: Path,
        embedder: Embedder,
        before: Generation | None,
        donor: Generation | None,
        on_step: Callable[[Step], None],
        stack: ExitStack,
    ) -> None:
        self._path, self._embedder, self._before, self._on_step = path, embedder, before, on_step
        self._number, self._folder = generations.stage(path, before)
        stack.callback(self._clean)
        on_step("staged")
        self._old = (
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
        self._segments = self._opened(before, stack)
        self._donor = self._segments if donor is before else self._opened(donor, stack)
        self._donor_vectors = VectorStore(
            [Part.open(donor.folder / part.file) for part in donor.manifest.vectors]
            if donor
            else [],
            dead=np.empty(0, np.int64),
        )
        self._next_article, self._next_passage = self._old.next_article, self._old.next_passage
        self._next_file = self._old.next_file
        self._dead: set[int] = set(self._old.dead)
        self._newly_dead: set[int] = set()
        self._named: list[tuple[int, str]] = []  # new articles and their ids before ~2
        self._new: list[tuple[int, bytes]] = []  # new passages and their vector keys
        self._texts: dict[bytes, str] = {}
        self._seen: set[tuple[bytes, str | None]] = set()
        self._kept: list[bytes] = []  # origins that could not be read this time
        self._n_unchanged = 0
        self._catalogue_file = self._name("articles", "sqlite")
        self._catalogue = CatalogueWriter(self._folder / self._catalogue_file)
        self._lexical = LexicalWriter(self._folder / "lexical")
        self._committed = False

    @staticmethod
    def _opened(generation: Generation | None, stack: ExitStack) -> list[Catalogue]:
        if not generation:
            return []
        opened = [Catalogue(generation.folder / s.file) for s in generation.manifest.segments]
        for catalogue in opened:
            stack.callback(catalogue.close)
        return opened

    def _name(self, kind: str, suffix: str) -> str:
        name = f"{kind}-{self._next_file:06d}.{suffix}"
        self._next_file += 1
        return name

    @property
    def n_living(self) -> int:
        return self._old.n_articles - len(self._newly_dead) + len(self._named)

    def read(
        self, inputs: Sequence[Path], limits: Limits, progress: Callable[[Progress], None]
    ) -> Iterator[FileReport]:
        """Take in what is new or changed; the report's rows as they come."""
        n_read = 0
        for given in inputs:
            root = str((given if given.is_dir() else given.parent).resolve())
            if not given.exists():  # perhaps a drive that is not mounted
                self._kept.append(str(given.resolve()).encode("utf-8", "surrogatepass"))
            batch: list[Article] = []
            for item in read_tree([given], limits=limits):
                if isinstance(item, FileReport):
                    self._take(root, batch)
                    batch = []
                    if item.reason in _KEPT_REASONS:
                        self._kept.append(Origin(root, item.file, None).key)
                    yield item
                    continue
                if batch and batch[-1].source is not item.source:
                    self._take(root, batch)
                    batch = []
                batch.append(item)
                n_read += 1
                if n_read % 1000 == 0:
                    progress(Progress("read", n_read, None))
            self._take(root, batch)
        progress(Progress("read", n_read, n_read))

    def _take(self, root: str, articles: list[Article]) -> None:
        """All articles of one source."""
        if not articles:
            return
        source = articles[0].source
        origin = Origin(root, source.path, source.record)
        if (origin.key, origin.record) in self._seen:
            return  # given twice, by two overlapping paths
        self._seen.add((origin.key, origin.record))
        for segment in self._segments:
            for found_stamp, number in segment.source(origin):
                known = segment.articles_of(number)
                living = [a for a in known if a not in self._dead]
                if not living:
                    continue
                if found_stamp == stamp(source) and len(living) == len(known):
                    self._n_unchanged += len(living)
                    return
                self._kill(living)
        self._add(origin, articles)

    def _add(self, origin: Origin, articles: list[Article]) -> None:
        numbered: list[tuple[int, Article]] = []
        cut: list[tuple[int, int, Passage, bytes]] = []
        for article in articles:
            number = self._next_article
            self._next_article += 1
            numbered.append((number, article))
            self._named.append((number, article_id(article.text)))
            for passage in split_passages(article):
                text = embedded_text(passage)
                key = vector_key(text)
                cut.append((self._next_passage, number, passage, key))
                self._new.append((self._next_passage, key))
                self._texts[key] = text
                self._lexical.add(self._next_passage, number, text)
                self._next_passage += 1
        entry = Entry(origin, articles[0].source, tuple(numbered), tuple(cut))
        self._catalogue.add(entry)

    def prune(self) -> None:
        """Remove what came from sources that are not there any more."""
        for segment in self._segments:
            for origin, record, _, number in segment.sources():
                if (origin, record) in self._seen or any(
                    origin == kept or origin.startswith((kept + b"/", kept + b"\0"))
                    for kept in self._kept
                ):
                    continue
                self._kill([a for a in segment.articles_of(number) if a not in self._dead])

    def remove(self, wanted: str) -> None:
        for segment in self._segments:
            for number in segment.numbers_of(wanted):
                if number not in self._dead:
                    self._kill([number])
                    return
        raise UnknownArticle(wanted)

    def _kill(self, articles: Sequence[int]) -> None:
        self._dead.update(articles)
        self._newly_dead.update(articles)

    def _settle_ids(self) -> None:
        """Give articles of the same text the endings ~2, ~3, … in their order."""
        taken: set[str] = set()
        for number, base in self._named:
            for segment in self._segments:
                living = (i for i, n in segment.ids_like(base) if n not in self._dead)
                taken.update(living)
            name, copy = base, 1
            while name in taken:
                copy += 1
                name = f"{base}~{copy}"
            taken.add(name)
            self._catalogue.rename(number, name)

    def commit(
        self, files: tuple[FileReport, ...], progress: Callable[[Progress], None]
    ) -> UpdateReport:
        if not self._newly_dead and not self._named and self._before:
            self.discard()
            return self._report(files, 0, 0)
        self._settle_ids()
        self._catalogue.close()
        self._on_step("catalogued")
        self._lexical.remove(sorted(self._newly_dead))
        self._lexical.commit()
        self._on_step("worded")
        numbers, vectors, n_embedded = self._embed(progress)
        vector_files = list(self._old.vectors)
        if len(numbers):
            name = self._name("vectors", "faiss")
            write_part(self._folder / name, numbers, vectors)
            vector_files.append(VectorFile(name, len(numbers)))
        self._on_step("embedded")
        segments = list(self._old.segments)
        if self._new or self._named:
            first, last = self._old.next_passage, self._next_passage - 1
            segments.append(
                Segment(self._catalogue_file, first, last, len(self._named), len(self._new))
            )
        else:
            (self._folder / self._catalogue_file).unlink()
        n_dead_passages = sum(len(s.passage_numbers(self._newly_dead)) for s in self._segments)
        manifest = replace(
            self._old,
            segments=tuple(segments),
            vectors=tuple(vector_files),
            dead=tuple(sorted(self._dead)),
            n_articles=self.n_living,
            n_passages=self._old.n_passages - n_dead_passages + len(self._new),
            n_embedded=self._old.n_embedded - n_dead_passages + len(numbers),
            next_article=self._next_article,
            next_passage=self._next_passage,
            next_file=self._next_file,
            files=generations.seal(self._folder, self._before.manifest if self._before else None),
        )
        self._on_step("sealed")
        generations.switch(self._path, self._number, manifest)
        self._committed = True
        self._on_step("switched")
        generations.collect(self._path, self._number)
        self._on_step("collected")
        return self._report(files, n_embedded, len(numbers) - n_embedded)

    def _embed(self, progress: Callable[[Progress], None]) -> tuple[np.ndarray, Vectors, int]:
        """Numbers and vectors of the new passages, and how many the model had to make."""
        numbers = np.array([number for number, _ in self._new], np.int64)
        rows = np.zeros((len(numbers), self._old.dim), np.float32)
        places: dict[bytes, list[int]] = {}
        for place, (_, key) in enumerate(self._new):
            places.setdefault(key, []).append(place)
        missing: list[bytes] = []
        for key, where in places.items():
            known = np.array([n for s in self._donor for n in s.passage_with(key)], np.int64)
            _, found = self._donor_vectors.get(known)
            if len(found):
                rows[where] = found[0]
            else:
                missing.append(key)
        n_embedded = 0
        for start in range(0, len(missing), _EMBED_AT_ONCE):
            keys = missing[start : start + _EMBED_AT_ONCE]
            made = self._embedder.encode([self._texts[key] for key in keys], side="passage")
            for key, vector in zip(keys, made, strict=True):
                rows[places[key]] = vector
                n_embedded += len(places[key])
            progress(Progress("embed", start + len(keys), len(missing)))
        return numbers, rows, n_embedded

    def _report(
        self, files: tuple[FileReport, ...], n_embedded: int, n_reused: int
    ) -> UpdateReport:
        return UpdateReport(
            files=files,
            n_added=len(self._named),
            n_removed=len(self._newly_dead),
            n_unchanged=self._n_unchanged,
            n_embedded=n_embedded,
            n_reused=n_reused,
            generation=self._number if self._committed else self._number - 1,
        )

    def discard(self) -> None:
        self._clean()

    def _clean(self) -> None:
        if not self._committed:
            shutil.rmtree(self._folder, ignore_errors=True)
