"""Kinds of FAISS index over many vectors: milliseconds a query, recall@10 against exact, memory.

    python -m benchmarks.vectors 145000 1000000

One thread. The vectors are those of an index that `benchmarks.storage` keeps in
the cache, each varied with noise as often as it takes: their clusters stay, and
a query's nearest are its like. Approximate kinds keep the half-precision rows
beside their codes and score the best hundred again by them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
from numpy.typing import NDArray

from index.embed import model_cache
from index.generations import open_current
from index.vectors import Part, VectorStore

Floats = NDArray[np.float32]

K = 10
AGAIN = 100  # hits scored again by the exact rows
N_QUERIES = 200
NOISE = 0.4  # length of the noise beside a vector of length 1: cosine .93, as of like passages
_faiss: Any = faiss


def seeds(path: Path) -> Floats:
    """The rows of a kept index."""
    generation = open_current(path)
    parts = [Part.open(generation.folder / part.file) for part in generation.manifest.vectors]
    store = VectorStore(parts, dead=np.empty(0, np.int64))
    return store.get(store.numbers())[1]


def varied(rows: Floats, n: int, *, seed: int) -> Floats:
    """n unit vectors around the rows."""
    chance = np.random.default_rng(seed)
    made = np.empty((n, rows.shape[1]), np.float32)
    for start in range(0, n, 50_000):
        size = min(50_000, n - start)
        noise = chance.standard_normal((size, rows.shape[1]), np.float32)
        noise *= NOISE / np.sqrt(rows.shape[1])
        made[start : start + size] = rows[chance.integers(0, len(rows), size)] + noise
    _faiss.normalize_L2(made)
    return made


def flat(dim: int) -> Any:
    quantizer = _faiss.ScalarQuantizer.QT_fp16
    return _faiss.IndexScalarQuantizer(dim, quantizer, _faiss.METRIC_INNER_PRODUCT)


def ivf_rabitq(dim: int, n: int, rows: Floats) -> Any:
    """Trained and filled; as many lists as four roots of n, the power of two below."""
    n_lists = 1 << int(np.log2(4 * np.sqrt(n)))
    made = _faiss.index_factory(dim, f"IVF{n_lists},RaBitQ", _faiss.METRIC_INNER_PRODUCT)
    made.train(rows[: 40 * n_lists])
    made.add(rows)
    made.nprobe = 16
    return made


def ms_each(run: Callable[[Floats], Any], queries: Floats) -> float:
    began = time.perf_counter()
    for query in queries:
        run(query[None])
    return (time.perf_counter() - began) * 1000 / len(queries)


def measure(rows: Floats, queries: Floats) -> None:
    n, dim = rows.shape
    exact = flat(dim)
    exact.add(rows)
    truth = exact.search(queries, K)[1]
    size = len(_faiss.serialize_index(exact)) / 1e6
    ms = ms_each(lambda q: exact.search(q, K), queries)
    print(f"| {n:,} | flat, half precision | 0 | {size:.0f} | {ms:.1f} | 1.000 |", flush=True)
    began = time.perf_counter()
    coarse = ivf_rabitq(dim, n, rows)
    seconds = time.perf_counter() - began

    def search(query: Floats) -> NDArray[np.int64]:
        found = coarse.search(query, AGAIN)[1][0]
        found = found[found >= 0]
        cosines = exact.reconstruct_batch(found) @ query[0]
        return found[np.argsort(-cosines)[:K]]

    recall = np.mean(
        [len(np.intersect1d(search(q[None]), t)) / K for q, t in zip(queries, truth, strict=True)]
    )
    size = len(_faiss.serialize_index(coarse)) / 1e6
    ms = ms_each(search, queries)
    name = f"IVF{coarse.nlist}, RaBitQ, {coarse.nprobe} lists, {AGAIN} scored again"
    print(f"| {n:,} | {name} | {seconds:.0f} | {size:.0f} | {ms:.1f} | {recall:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="+", type=int)
    parser.add_argument("--kept", default="news", help="index in the cache to take vectors of")
    args = parser.parse_args()
    _faiss.omp_set_num_threads(1)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, one thread, FAISS {_faiss.__version__}; "
        f"python -m benchmarks.vectors {' '.join(sys.argv[1:])}\n"
    )
    print("| vectors | kind | build s | MB | ms a query | recall@10 |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    rows = seeds(model_cache() / "benchmarks" / args.kept)
    queries = varied(rows, N_QUERIES, seed=1)
    for n in args.sizes:
        measure(varied(rows, n, seed=0), queries)


if __name__ == "__main__":
    main()
