"""Runs the graphs of `bert_onnx`: token ids in, arrays out, both cores busy, little padding."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from index.q4 import BLOCK_BYTES, BLOCK_WEIGHTS, dequantize

Floats = NDArray[np.float32]

BATCH_TOKENS = 1024  # more is no faster and takes memory; measured in docs/embedding.md


def n_threads() -> int:
    """OMP_NUM_THREADS if set, else the cores this process may use."""
    if asked := os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]:
        return max(1, int(asked))
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class TokenTable:
    """The token embeddings, kept in four bits on disk; only rows that are asked for are read."""

    def __init__(self, path: Path) -> None:
        self._rows = np.load(path, mmap_mode="r", allow_pickle=False)  # uint8 (tokens, bytes)
        self.dim = self._rows.shape[1] // BLOCK_BYTES * BLOCK_WEIGHTS

    def __getitem__(self, ids: NDArray[np.integer]) -> Floats:
        """float32, of the ids' shape and `dim` at the end."""
        flat = self._rows[ids.ravel()]
        return dequantize(flat, (ids.size, self.dim)).reshape(*ids.shape, self.dim)


class Encoder:
    """A graph and a token table. Built loaded; `run` may be called from any thread.

    Each batch runs on one thread and the batches side by side: nothing waits
    for the slowest part of a product, no thread spins between two questions.
    """

    def __init__(self, model: Path, table: TokenTable, *, threads: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # one plan kept for every shape ever seen
        # Further fusions replace LayerNormalization by an operator that is six times slower.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self.outputs = [output.name for output in self._session.get_outputs()]
        self._table = table
        self.threads = threads or n_threads()
        self._pool = ThreadPoolExecutor(self.threads, "encoder")

    def run(self, sequences: Sequence[Sequence[int]]) -> list[tuple[Floats, ...]]:
        """For each sequence of token ids, the graph's outputs, in the graph's order.

        Outputs that have a row for each token are cut to the sequence's length.
        """
        rows: list[tuple[Floats, ...]] = [()] * len(sequences)
        batches = list(batched_by_length([len(ids) for ids in sequences], parts=self.threads))
        if len(batches) == 1:  # a question: no thread to wake
            done = [self._run_batch([sequences[row] for row in batches[0]])]
        else:
            work = ([sequences[row] for row in batch] for batch in batches)
            done = self._pool.map(self._run_batch, work)
        for batch, outputs in zip(batches, done, strict=True):
            for row, values in zip(batch, outputs, strict=True):
                rows[row] = values
        return rows

    def _run_batch(self, sequences: Sequence[Sequence[int]]) -> list[tuple[Floats, ...]]:
        longest = max(map(len, sequences))
        padded = np.zeros((len(sequences), longest), np.int64)
        mask = np.zeros((len(sequences), longest), np.int32)
        for row, sequence in enumerate(sequences):
            padded[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        outputs = cast(
            "list[Floats]", self._session.run(None, {"embedded": self._table[padded], "mask": mask})
        )
        return [
            tuple(
                values[row, : len(ids)] if values.ndim == 3 else values[row] for values in outputs
            )
            for row, ids in enumerate(sequences)
        ]


def batched_by_length(
    lengths: Sequence[int], *, parts: int = 1, budget: int = BATCH_TOKENS
) -> Iterator[list[int]]:
    """Positions in batches of like lengths, longest first.

    A batch holds at most `budget` tokens, padding included (one sequence may be
    longer than that), and there are at least `parts` batches where the
    sequences suffice and are worth it.
    """
    order = sorted(range(len(lengths)), key=lambda position: (-lengths[position], position))
    total = sum(lengths)
    budget = max(min(budget, -(-total // parts)), 64)
    start = 0
    while start < len(order):
        longest = max(1, lengths[order[start]])
        end = start + max(1, budget // longest)
        yield order[start:end]
        start = end
