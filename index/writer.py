"""The index as it is written: every change makes a new generation, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index import generations
from index.catalogue import Origin, file_of_key
from index.draft import Draft, Step, opened_catalogues
from index.embed import Embedder
from index.embedding import EMBED_AT_ONCE, Progress, embed_missing, no_step, quiet
from index.errors import (
    IndexLocked,
    IndexUnusable,
    NothingReadable,
    StorageFailed,
    VectorsUnfinished,
)
from index.generations import Generation
from index.made_with import Recorded, fits
from index.rows import stamp
from index.schema import Article
from index.sources import FileReport, Limits, root_of, walking
from index.vectors import Part, VectorStore

_LIMITS = Limits()
_MAY_PASS = ("unreadable", "timeout")  # what was indexed of such a file before stays


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did."""

    files: tuple[FileReport, ...]
    n_added: int  # articles
    n_removed: int
    n_unchanged: int
    n_embedded: int  # passages that got a vector from the model, one text's all the same one
    n_reused: int  # passages whose vector was there already
    generation: int

    @property
    def n_skipped(self) -> int:
        return sum(row.status == "skipped" for row in self.files)


def update(
    path: Path,
    inputs: Sequence[Path],
    *,
    embedder: Embedder,
    prune: bool,
    embed: bool = True,
    progress: Callable[[Progress], None] = quiet,
    limits: Limits = _LIMITS,
    on_step: Callable[[Step], None] = no_step,
) -> UpdateReport:
    """Bring the index at `path` to what the inputs hold; only what changed is embedded.

    A few new passages are committed with their vectors. When there are many,
    their articles are committed first and can be found by their words, and
    the vectors follow batch by batch (`embed_missing`).

    Args:
        prune: True (build): what no input holds any more is removed, and an
            index that cannot be used is replaced. False (add): it stays, and
            there must be one.
        embed: False: leave the vectors of many passages to `embed_missing`.
        on_step: called after each step of the write; tests stop it there.

    Raises:
        IndexLocked, StorageFailed, NothingReadable: nothing was changed.
        VectorsUnfinished: the articles are committed, the disk refused some vectors.
        IndexUnusable: only with `prune` False.
    """
    with (
        generations.writing(path, new=prune),
        generations.storage_errors(path),
        ExitStack() as stack,
    ):
        on_step("locked")
        before, donor = _before(path, embedder, replace_unusable=prune)
        for held in {id(g): g for g in (before, donor) if g}.values():
            stack.callback(held.close)
        draft = Draft(path, embedder, before, on_step, stack)
        reading = _Reading(draft, under_any_root=not prune)
        files = tuple(reading.read(inputs, limits, progress))
        if prune:
            draft.prune(reading.holds)
        if not draft.n_living:
            raise NothingReadable(files)
        generation = before.number if before else 0
        n_reused = n_embedded = 0
        if draft.n_added or draft.n_removed or draft.migrates:
            draft.settle()
            missing, n_reused = _reuse_vectors(draft, donor)
            if 0 < len(missing) <= EMBED_AT_ONCE:
                vectors = embedder.encode(draft.new_texts(missing), side="passage")
                draft.add_vectors(np.array(missing, np.int64), vectors)
                n_embedded = len(missing)
            generation = draft.commit()
    report = UpdateReport(
        files=files,
        n_added=draft.n_added,
        n_removed=draft.n_removed,
        n_unchanged=reading.n_unchanged,
        n_embedded=n_embedded,
        n_reused=n_reused,
        generation=generation,
    )
    if not embed:
        return report
    known = before.manifest.sums if before else frozenset[str]()
    return with_vectors(path, report, embedder=embedder, checked=known, progress=progress)


def with_vectors(
    path: Path,
    report: UpdateReport,
    *,
    embedder: Embedder,
    checked: frozenset[str] = frozenset(),
    progress: Callable[[Progress], None] = quiet,
) -> UpdateReport:
    """Make the vectors that an update with `embed` False has left.

    Args:
        checked: as in `generations.open_current`.

    Raises:
        VectorsUnfinished: the disk refused some.
    """
    try:
        more, generation = embed_missing(
            path, embedder=embedder, checked=checked, progress=progress
        )
    except (StorageFailed, IndexLocked) as error:
        raise VectorsUnfinished(path, error.reason) from error
    return replace(report, n_embedded=report.n_embedded + more, generation=generation)


def remove(
    path: Path, article_ids: Sequence[str], *, on_step: Callable[[Step], None] = no_step
) -> UpdateReport:
    """Take articles out. No model is needed for it.

    Raises:
        UnknownArticle: one of the ids; nothing was removed.
        IndexLocked, StorageFailed, IndexUnusable: nothing was changed.
    """
    with generations.writing(path), generations.storage_errors(path), ExitStack() as stack:
        before = generations.open_current(path)
        stack.callback(before.close)
        draft = Draft(path, Recorded(before.manifest), before, on_step, stack)
        for wanted in article_ids:
            draft.remove(wanted)
        draft.settle()
        generation = draft.commit()
    return UpdateReport((), 0, draft.n_removed, 0, 0, 0, generation)


class _Reading:
    """One pass over the inputs into a draft."""

    def __init__(self, draft: Draft, *, under_any_root: bool) -> None:
        """under_any_root: what is there stays as it was named, whatever root it is given by."""
        self._draft, self._under_any_root = draft, under_any_root
        self._seen: dict[tuple[bytes, str | None], bytes] = {}  # (file, record) → its origin
        self._not_read: list[bytes] = []  # origins that may be there and could not be read
        self.n_unchanged = 0

    def read(
        self, inputs: Sequence[Path], limits: Limits, progress: Callable[[Progress], None]
    ) -> Iterator[FileReport]:
        """Take in what is new or changed; the report's rows as they come."""
        n_read = 0
        with walking(limits) as walk:
            for given in inputs:
                root = root_of(given)
                # Path.exists raises where a folder is closed or a disk fails.
                if not os.path.exists(given):  # noqa: PTH110 perhaps a drive that is not mounted
                    self._not_read.append(os.path.realpath(given).encode("utf-8", "surrogatepass"))
                articles: list[Article] = []  # of one source
                for item in walk.given(given):
                    if isinstance(item, FileReport):
                        self._take(root, articles)
                        articles = []
                        if item.reason in _MAY_PASS:
                            lost = Origin(root, item.file, None).key
                            # “.” is the root itself
                            self._not_read.append(lost.removesuffix(b"\0."))
                        yield item
                        continue
                    if articles and articles[-1].source is not item.source:
                        self._take(root, articles)
                        articles = []
                    articles.append(item)
                    n_read += 1
                    if n_read % 100 == 0:
                        progress(Progress("read", n_read, None))
                self._take(root, articles)
        progress(Progress("read", n_read, n_read))

    def holds(self, origin: bytes, record: str | None) -> bool:
        """Whether the inputs have this source still, as far as one can know."""
        return self._seen.get((file_of_key(origin), record)) == origin or any(
            origin == lost or origin.startswith((lost + b"/", lost + b"\0"))
            for lost in self._not_read
        )

    def _take(self, root: str, articles: list[Article]) -> None:
        if not articles:
            return
        source = articles[0].source
        origin = Origin(root, source.path, source.record, under_any_root=self._under_any_root)
        known_as = file_of_key(origin.key), origin.record
        if known_as in self._seen:
            return  # given twice, by two overlapping paths
        self._seen[known_as] = origin.key
        n_unchanged = self._draft.unchanged(origin, stamp(source))
        self.n_unchanged += n_unchanged
        if not n_unchanged:
            self._draft.add(origin, articles)


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


def _reuse_vectors(draft: Draft, donor: Generation | None) -> tuple[list[int], int]:
    """Vectors that the donor has of the same text; the new passages without, and how many had."""
    if not donor:
        return [number for number, _ in draft.new_keys], 0
    with ExitStack() as stack:
        catalogues = opened_catalogues(donor, stack)
        twins = {
            number: next((n for c in catalogues for n in c.passages_with(key)), 0)
            for number, key in draft.new_keys
        }
    store = VectorStore(
        [Part.open(donor.folder / part.file) for part in donor.manifest.vectors],
        dead=np.empty(0, np.int64),
    )
    wanted = np.unique(np.array([twin for twin in twins.values() if twin], np.int64))
    found, rows = store.get(wanted)
    place = {number: row for row, number in enumerate(found.tolist())}
    reused = np.array([number for number, twin in twins.items() if twin in place], np.int64)
    if len(reused):
        draft.add_vectors(reused, rows[[place[twins[number]] for number in reused.tolist()]])
    return [number for number, twin in twins.items() if twin not in place], len(reused)
