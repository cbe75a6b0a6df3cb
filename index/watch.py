"""A folder watched: its index follows it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from index.embed import Embedder
from index.embedding import Progress, quiet
from index.errors import IndexLocked, NothingReadable, StorageFailed, VectorsUnfinished
from index.generations import is_index
from index.writer import UpdateReport, update

_log = logging.getLogger("wenju.index")


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
    What the disk refuses is tried again at the next look, and logged once.

    Yields:
        What each update did.
    """
    indexed: dict[str, tuple[int, int]] | None = None
    told = ""
    seen = look(inputs)
    while True:
        if seen != indexed:
            try:
                yield update(path, inputs, embedder=embedder, prune=True, progress=progress)
                indexed, told = seen, ""
            except IndexLocked:
                pass  # somebody else writes: the next look tries again
            except NothingReadable:
                indexed = seen
            except (StorageFailed, VectorsUnfinished) as error:
                if str(error) != told:
                    told = str(error)
                    _log.warning("%s; trying again", error)
        while True:
            sleep(every_s)
            before, seen = seen, look(inputs)
            if seen == before:
                break


def look(inputs: list[Path]) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file there is by now."""
    found: dict[str, tuple[int, int]] = {}
    for given in inputs:
        is_folder = os.path.isdir(given)  # noqa: PTH112 Path.is_dir raises where it is closed
        for file in _files(given) if is_folder else iter([given]):
            try:
                status = file.lstat() if is_folder else file.stat()  # as links are followed
            except OSError:
                continue  # gone since it was listed
            found[os.fspath(file)] = (status.st_size, status.st_mtime_ns)
    return found


def _files(top: Path) -> Iterator[Path]:
    """Those that a walk would read; not those of an index, which each update changes."""
    for folder, below, names in os.walk(top):
        if is_index(Path(folder)):
            below.clear()
            continue
        yield from (Path(folder, name) for name in names)
