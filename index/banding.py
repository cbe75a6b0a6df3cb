"""Bands of new articles; of many, by a process of its own, for which there is a second core.

The parent writes each text behind its length, the child answers with all rows when there are no
more. What it leaves unanswered, having died, is made by the parent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from subprocess import Popen
from typing import IO, cast

import numpy as np

from index.reprints import N_BANDS, Bands, bands, shingles
from index.sources.child import ended, started

_FEW = 200  # articles that are not worth a process
_LENGTH = 8  # bytes
_NONE = np.full(N_BANDS, -1, np.int64)  # of a text without shingles
_ROW_BYTES = _NONE.nbytes


class Banding:
    """Takes texts while they come; `close` ends it."""

    def __init__(self) -> None:
        self._made: dict[int, Bands] = {}
        self._sent: list[int] = []
        self._child: Popen[bytes] | None = None

    def add(self, article: int, text: str) -> None:
        if self._child is None and len(self._made) >= _FEW:
            with suppress(OSError):  # no process to be had now: the next article tries again
                self._child = started("index.banding")
        if self._child is None:
            self._made[article] = bands(shingles(text))
            return
        self._sent.append(article)
        data = text.encode("utf-8", "surrogatepass")
        with suppress(BrokenPipeError):
            cast("IO[bytes]", self._child.stdin).write(len(data).to_bytes(_LENGTH) + data)

    def finish(self, text_of: Callable[[int], str | None]) -> dict[int, Bands]:
        """The bands of every article that was added, by its number."""
        if self._child is not None:
            with suppress(BrokenPipeError):
                cast("IO[bytes]", self._child.stdin).close()
            answer = cast("IO[bytes]", self._child.stdout).read()
            whole = len(answer) // _ROW_BYTES * _ROW_BYTES
            rows = np.frombuffer(answer[:whole], np.int64).reshape(-1, N_BANDS)
            for article, row in zip(self._sent, rows, strict=False):
                self._made[article] = row if row[0] >= 0 else row[:0]
            for article in self._sent[len(rows) :]:
                self._made[article] = bands(shingles(text_of(article) or ""))
        return self._made

    def close(self) -> None:
        if self._child is not None:
            ended(self._child)
            self._child = None


def serve(texts: IO[bytes], answers: IO[bytes]) -> None:
    rows: list[bytes] = []
    while length := texts.read(_LENGTH):
        text = texts.read(int.from_bytes(length)).decode("utf-8", "surrogatepass")
        made = bands(shingles(text))
        rows.append((made if len(made) else _NONE).tobytes())
    answers.write(b"".join(rows))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
