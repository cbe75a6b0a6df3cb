"""Vectors for passages that have none yet: batch by batch, each batch a commit.

A process that stops loses the batch it was at; the next one goes on there.
The first batch is a sample of all passages, the others follow in the order of
their numbers; a text that stands in many places is embedded once. The write
lock is held only while a batch is committed, so articles can be added meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from index import generations
from index.catalogue import Catalogue
from index.draft import Draft, Step, opened_catalogues
from index.embed import Embedder
from index.generations import Generation
from index.made_with import fits
from index.vectors import FEWEST, Numbers, Part, embedded_text

EMBED_AT_ONCE = 256  # passages of a batch; the embedder sorts them by length
_LOCK_WAIT_S = 600.0  # a big build may be writing; the batch is worth waiting for


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Literal["read", "embed"]
    done: int  # articles read, or passages that have a vector
    total: int | None  # None: not known yet


def quiet(_: Progress) -> None: ...


def no_step(_: Step) -> None: ...


def _never() -> bool:
    return False


def embed_missing(
    path: Path,
    *,
    embedder: Embedder,
    checked: frozenset[str] = frozenset(),
    progress: Callable[[Progress], None] = quiet,
    stop: Callable[[], bool] = _never,
    on_step: Callable[[Step], None] = no_step,
) -> tuple[int, int]:
    """Give every passage of the index a vector.

    Args:
        checked: as in `generations.open_current`.
        stop: asked before each batch; True ends there.

    Returns:
        How many passages got a vector, and the generation that holds them.

    Raises:
        IndexUnusable, IndexLocked, StorageFailed: what was committed stays.
    """
    n_embedded = 0
    known, missing = (0, ""), np.empty(0, np.int64)  # a generation's pointer, and what it lacks
    while True:
        with ExitStack() as stack:
            current = generations.open_current(path, checked=checked)
            stack.callback(current.close)
            fits(path, current.manifest, embedder)
            checked = current.manifest.sums
            if current.pointer != known:
                missing = missing_numbers(current)
            n_passages = current.manifest.n_passages
            if not len(missing) or stop():
                return n_embedded, current.number
            batch = _next_batch(missing, first=current.manifest.n_embedded < FEWEST)
            catalogues = opened_catalogues(current, stack)
            twins = _twins(catalogues, batch.tolist())
            found = {n: p for each in catalogues for n, p in each.passages(list(twins)).items()}
        vectors = embedder.encode([embedded_text(found[n]) for n in twins], side="passage")
        numbers = np.array([number for alike in twins.values() for number in alike], np.int64)
        rows = np.repeat(np.arange(len(twins)), [len(alike) for alike in twins.values()])
        order = np.argsort(numbers)
        numbers, rows = numbers[order], rows[order]
        with (
            generations.writing(path, wait_s=_LOCK_WAIT_S),
            generations.storage_errors(path),
            ExitStack() as stack,
        ):
            before = generations.open_current(path, checked=checked)
            stack.callback(before.close)
            fits(path, before.manifest, embedder)
            draft = Draft(path, embedder, before, on_step, stack)
            if before.pointer != current.pointer:  # others have written meanwhile
                missing = missing_numbers(before)
            still = np.isin(numbers, missing)
            draft.add_vectors(numbers[still], vectors[rows[still]])
            draft.settle()
            draft.commit()
            known = generations.read_pointer(path)
        missing = np.setdiff1d(missing, numbers, assume_unique=True)
        n_embedded += int(still.sum())
        progress(Progress("embed", n_passages - len(missing), n_passages))


def _next_batch(missing: Numbers, *, first: bool) -> Numbers:
    """The lowest numbers; first of all a sample of everything, which cosines are held against."""
    if not first:
        return missing[:EMBED_AT_ONCE]
    spread = np.linspace(0, len(missing) - 1, min(EMBED_AT_ONCE, len(missing)))
    return missing[spread.astype(np.int64)]


def _twins(catalogues: Sequence[Catalogue], batch: Sequence[int]) -> dict[int, list[int]]:
    """One passage of the batch for each text in it, with all that have the same text."""
    keys = {number: key for each in catalogues for number, key in each.keys(batch).items()}
    first: dict[bytes, int] = {}
    for number in batch:
        first.setdefault(keys[number], number)
    return {
        number: [n for each in catalogues for n in each.passages_with(key)]
        for key, number in first.items()
    }


def missing_numbers(generation: Generation) -> Numbers:
    """The numbers of the living passages that have no vector, rising."""
    manifest, folder = generation.manifest, generation.folder
    if manifest.n_embedded == manifest.n_passages:
        return np.empty(0, np.int64)
    with ExitStack() as stack:
        catalogues = opened_catalogues(generation, stack)
        living = [
            np.setdiff1d(
                np.array(catalogue.all_passage_numbers(), np.int64),
                np.array(catalogue.passage_numbers(manifest.dead), np.int64),
                assume_unique=True,
            )
            for catalogue in catalogues
        ]
    rows = [Part.open(folder / part.file).numbers for part in manifest.vectors]
    empty = np.empty(0, np.int64)
    known = np.concatenate([empty, *rows])
    return np.sort(np.setdiff1d(np.concatenate([empty, *living]), known, assume_unique=True))
