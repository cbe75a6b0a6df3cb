"""Passage vectors in FAISS's own files: inner product over half-precision rows, exact.

Half precision halves the disk, the memory and the time of a search; cosines
move by less than 0.0005. A store has several parts, each a file that is
written once; what they hold is searched as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.encoder import n_threads
from index.lexical import to_simplified
from index.schema import Passage

Numbers = NDArray[np.int64]

_SAMPLE = 1024  # rows that stand for all when a query's usual cosine is estimated
FEWEST = 128  # rows below which those of an unfinished index stand for nothing but themselves
_faiss: Any = faiss


@contextmanager
def _threads(n: int) -> Generator[None]:
    """FAISS with so many threads, of this thread's calls.

    One query is the work of one thread; OpenMP starts the others all the same, and where a core is
    busy it waits 20 ms for them to begin.
    """
    before = _faiss.omp_get_max_threads()
    _faiss.omp_set_num_threads(n)
    try:
        yield
    finally:
        _faiss.omp_set_num_threads(before)


def embedded_text(passage: Passage) -> str:
    """What of a passage is embedded and indexed by its words: headline, then text.

    In Simplified characters, as the query is: the script that the model knows best.
    """
    whole = f"{passage.context}\n{passage.text}" if passage.context else passage.text
    return to_simplified(whole)


def vector_key(text: str) -> bytes:
    """What a vector is found again by: 16 bytes of the SHA-256 of the embedded text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def write_part(path: Path, numbers: Numbers, vectors: Vectors) -> None:
    """One file with a row for each passage.

    Args:
        numbers: the passages', rising.
        vectors: float32 of L2 norm 1, shape (len(numbers), dim).

    Raises:
        ValueError: the numbers do not rise or are not as many as the rows.
    """
    if len(numbers) != len(vectors) or np.any(np.diff(numbers) <= 0):
        raise ValueError("a part needs one rising number for each row")
    rows = _faiss.IndexScalarQuantizer(
        vectors.shape[1], _faiss.ScalarQuantizer.QT_fp16, _faiss.METRIC_INNER_PRODUCT
    )
    part = _faiss.IndexIDMap(rows)
    part.add_with_ids(np.ascontiguousarray(vectors, np.float32), numbers)
    # Through a Python file, so that a full disk is an OSError.
    path.write_bytes(_faiss.serialize_index(part).tobytes())


@dataclass(frozen=True, slots=True)
class Part:
    """One file, mapped into memory."""

    index: Any  # IndexIDMap over IndexScalarQuantizer
    numbers: Numbers

    @classmethod
    def open(cls, path: Path) -> Part:
        index = _faiss.read_index(str(path), _faiss.IO_FLAG_MMAP_IFC)
        return cls(index, _faiss.vector_to_array(index.id_map))

    def rows(self, positions: Numbers) -> Vectors:
        inner = _faiss.downcast_index(self.index.index)
        with _threads(1):
            return inner.reconstruct_batch(positions)


class VectorStore:
    """All parts of one generation; may be asked from any thread."""

    def __init__(self, parts: Sequence[Part], *, dead: Numbers) -> None:
        """dead: numbers of passages that still have a row and must not be found."""
        self._parts = tuple(parts)
        self._dead = np.sort(dead)

    def __len__(self) -> int:
        return sum(len(part.numbers) for part in self._parts)

    def numbers(self) -> Numbers:
        """Of all rows, the dead ones too, rising."""
        return np.sort(np.concatenate([np.empty(0, np.int64), *(p.numbers for p in self._parts)]))

    @property
    def n_living(self) -> int:
        return len(self) - sum(int(np.isin(part.numbers, self._dead).sum()) for part in self._parts)

    def search(
        self, queries: Vectors, *, limit: int, among: Numbers | None = None
    ) -> list[list[tuple[int, float]]]:
        """The passages with the highest cosine, for each query.

        Args:
            among: passage numbers to search in; None: all.

        Returns:
            (passage number, cosine) pairs, best first, ties by number.
        """
        found: list[list[tuple[int, float]]] = [[] for _ in queries]
        parameters = self._parameters(among)
        with _threads(min(len(queries), n_threads())):
            each = [part.index.search(queries, limit, params=parameters) for part in self._parts]
        for scores, numbers in each:
            for pairs, row_scores, row_numbers in zip(found, scores, numbers, strict=True):
                kept = row_numbers >= 0
                pairs.extend(
                    zip(row_numbers[kept].tolist(), row_scores[kept].tolist(), strict=True)
                )
        return [sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit] for pairs in found]

    def get(self, numbers: Numbers) -> tuple[Numbers, Vectors]:
        """The passages among these that have a vector, and their rows."""
        known: list[Numbers] = []
        rows: list[Vectors] = []
        for part in self._parts:
            positions = np.searchsorted(part.numbers, numbers)
            positions = np.minimum(positions, len(part.numbers) - 1)
            here = part.numbers[positions] == numbers
            if here.any():
                known.append(numbers[here])
                rows.append(part.rows(positions[here]))
        if not known:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        return np.concatenate(known), np.concatenate(rows)

    def usual(self, queries: Vectors) -> list[tuple[float, float]]:
        """Mean and standard deviation of each query's cosine to passages at large."""
        if not len(self._sample):
            return [(0.0, 1.0) for _ in queries]
        cosines = queries @ self._sample.T
        return list(zip(cosines.mean(1).tolist(), cosines.std(1).tolist(), strict=True))

    @cached_property
    def _sample(self) -> Vectors:
        """Rows from all over, however they came in; a writer has no need of them."""
        everything = self.numbers()
        if len(self._dead):
            everything = np.setdiff1d(everything, self._dead, assume_unique=True)
        chosen = np.linspace(0, len(everything) - 1, min(_SAMPLE, len(everything))).astype(int)
        return self.get(everything[chosen])[1]

    def _parameters(self, among: Numbers | None) -> Any:
        if among is not None:
            selector = _faiss.IDSelectorBatch(np.setdiff1d(among, self._dead))
        elif len(self._dead):
            selector = _faiss.IDSelectorNot(_faiss.IDSelectorBatch(self._dead))
        else:
            return None
        return _faiss.SearchParameters(sel=selector)
