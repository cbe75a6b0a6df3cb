"""Vectors in FAISS's files: what is written is found, and how FAISS is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
import pytest

from index.vectors import Part, VectorStore, write_part

_faiss: Any = faiss
NOBODY = np.empty(0, np.int64)


@pytest.fixture
def part(tmp_path: Path) -> Part:
    rows = np.random.default_rng(1).standard_normal((50, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    write_part(tmp_path / "rows.faiss", np.arange(100, 150), rows)
    return Part.open(tmp_path / "rows.faiss")


def test_a_row_is_its_own_nearest_and_the_dead_are_not_found(part: Part) -> None:
    numbers, rows = VectorStore([part], dead=NOBODY).get(np.array([120, 130]))
    assert numbers.tolist() == [120, 130]
    store = VectorStore([part], dead=np.array([120]))
    first, second = store.search(rows, limit=3)
    assert second[0] == (130, pytest.approx(1.0, abs=2e-3))
    assert 120 not in [number for number, _ in first + second]


def test_one_query_wakes_no_further_thread_and_others_keep_theirs(part: Part) -> None:
    """OpenMP waits for each thread to begin, which on a busy machine takes 20 ms."""
    seen: list[int] = []

    class Watched:
        def search(self, *args: Any, **named: Any) -> Any:
            seen.append(_faiss.omp_get_max_threads())
            return part.index.search(*args, **named)

    before = _faiss.omp_get_max_threads()
    _faiss.omp_set_num_threads(3)
    try:
        store = VectorStore([Part(Watched(), part.numbers)], dead=NOBODY)
        store.search(np.ones((1, 16), np.float32), limit=1)
        assert seen == [1]
        assert _faiss.omp_get_max_threads() == 3
    finally:
        _faiss.omp_set_num_threads(before)
