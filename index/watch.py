"""A folder watched: its index follows it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from index.embed import Embedder
from index.embedding import Progress, quiet
from index.errors import IndexLocked, NothingReadable
from index.writer import UpdateReport, update


def watch(
    path: Path,
    inputs: list[Path],
    *,
    embedder: Embedder,
    every_s: float = 2.0,
    progress: Callable[[Progress], None] = quiet,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[UpdateReport]:
    """Update the index whenever a file under the inputs has changed; without an end.

    Files are compared by size and time of change; an update waits until two
    looks in a row are alike, so that a file still being copied is left alone.

    Yields:
        What each update did.
    """
    indexed: dict[str, tuple[int, int]] | None = None
    seen = look(inputs)
    while True:
        if seen != indexed:
            try:
                yield update(path, inputs, embedder=embedder, prune=True, progress=progress)
                indexed = seen
            except IndexLocked:
                pass  # somebody else writes: the next look tries again
            except NothingReadable:
                indexed = seen
        while True:
            sleep(every_s)
            before, seen = seen, look(inputs)
            if seen == before:
                break


def look(inputs: list[Path]) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file there is by now."""
    found: dict[str, tuple[int, int]] = {}
    for given in inputs:
        files = (
            (Path(folder, name) for folder, _, names in os.walk(given) for name in names)
            if os.path.isdir(given)  # noqa: PTH112 Path.is_dir raises where the folder is closed
            else iter([given])
        )
        for file in files:
            try:
                status = file.lstat()
            except OSError:
                continue  # gone since it was listed
            found[os.fspath(file)] = (status.st_size, status.st_mtime_ns)
    return found
