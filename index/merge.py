"""When files of a generation are put together, so that adding one article stays cheap.

As in a log-structured merge tree: a run of eight files of about one size
becomes one. A byte is so written about log8(n) times however articles come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from index.catalogue import Catalogue
from index.manifest import Segment, VectorFile
from index.segment import CatalogueWriter
from index.vectors import Numbers, Part, VectorStore, write_part

FAN = 8
_DEAD_SHARE = 0.25  # of a file; more than that and it is written again without them


def to_merge(sizes: Sequence[int]) -> int:
    """How many files at the end to put together: 0, or FAN and more.

    A file of n rows is of tier floor(log8 n). The shortest run at the end is
    merged that holds FAN files of some tier or a lower one, and rows enough to
    become a file of the next: so each merge lifts every row in it by a tier,
    and one article beside a hundred thousand does not write them all again.
    Only the end is ever merged, so numbers keep rising from file to file.

    Args:
        sizes: rows of each file, in the order in which they were written.
    """
    tiers = [_tier(size) for size in sizes]
    for highest in sorted(set(tiers)):
        run = 0
        for tier in reversed(tiers):
            if tier > highest:
                break
            run += 1
        if run >= FAN and sum(sizes[-run:]) >= FAN ** (highest + 1):
            return run
    return 0


def worth_rewriting(n_rows: int, n_dead: int) -> bool:
    return n_dead > _DEAD_SHARE * n_rows


def _tier(size: int) -> int:
    tier = 0
    while size >= FAN:
        size //= FAN
        tier += 1
    return tier


def compact_segments(
    folder: Path,
    segments: Sequence[Segment],
    dead: AbstractSet[int],
    name: Callable[[str, str], str],
) -> tuple[list[Segment], set[int], Numbers]:
    """Merge segments that are due, and write those again that hold many dead articles.

    Args:
        name: gives a file name that was never used, from a kind and a suffix.

    Returns:
        The segments now, the dead articles still in them, and the numbers of
        the passages that were left out.
    """
    made, still_dead, left_out = list(segments), set(dead), list[int]()

    def rewrite(old: Sequence[Segment]) -> list[Segment]:
        with ExitStack() as stack:
            readers = [Catalogue(folder / segment.file) for segment in old]
            for reader in readers:
                stack.callback(reader.close)
            gone = {n for reader in readers for n in reader.article_numbers()} & still_dead
            for reader in readers:
                left_out.extend(reader.passage_numbers(gone))
            file = name("articles", "sqlite")
            writer = CatalogueWriter(folder / file)
            for reader in readers:
                writer.copy(reader, dead=gone)
            n_articles, n_passages = writer.counts()
            writer.close()
        still_dead.difference_update(gone)
        for segment in old:
            (folder / segment.file).unlink()
        if not n_articles:
            (folder / file).unlink()
            return []
        return [Segment(file, old[0].first, old[-1].last, n_articles, n_passages)]

    while n := to_merge([segment.n_passages for segment in made]):
        made[-n:] = rewrite(made[-n:])
    for at in reversed(range(len(made) if still_dead else 0)):
        reader = Catalogue(folder / made[at].file)
        n_dead = sum(number in still_dead for number in reader.article_numbers())
        reader.close()
        if worth_rewriting(made[at].n_articles, n_dead):
            made[at : at + 1] = rewrite(made[at : at + 1])
    return made, still_dead, np.array(sorted(left_out), np.int64)


def compact_vectors(
    folder: Path, files: Sequence[VectorFile], purged: Numbers, name: Callable[[str, str], str]
) -> list[VectorFile]:
    """Merge vector files that are due, and take out the rows of the passages `purged`."""
    made = list(files)

    def rewrite(old: Sequence[VectorFile]) -> list[VectorFile]:
        store = VectorStore(
            [Part.open(folder / part.file) for part in old], dead=np.empty(0, np.int64)
        )
        numbers = np.setdiff1d(store.numbers(), purged)
        found, rows = store.get(numbers)
        for part in old:
            (folder / part.file).unlink()
        if not len(numbers):
            return []
        file, order = name("vectors", "faiss"), np.argsort(found)
        write_part(folder / file, found[order], rows[order])
        return [VectorFile(file, len(numbers))]

    for at in reversed(range(len(made) if len(purged) else 0)):
        if np.isin(Part.open(folder / made[at].file).numbers, purged).any():
            made[at : at + 1] = rewrite(made[at : at + 1])
    while n := to_merge([part.n_rows for part in made]):
        made[-n:] = rewrite(made[-n:])
    return made
