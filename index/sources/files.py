"""The walk over what the user gave: each file to sources and articles, or a reason why not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.articles import split_articles
from index.schema import Article, Source
from index.sources import jsonl, text
from index.sources.report import DEFAULT_LIMITS, FileReport, Limits, Skipped

_FORMATS = {".txt": "text", ".text": "text", "": "text", ".md": "markdown", ".markdown": "markdown"}


def read_sources(path: Path, *, root: Path, limits: Limits = DEFAULT_LIMITS) -> list[Source]:
    """The sources of one file: one, or as many as a corpus has records.

    Raises:
        Skipped: the file gives none.
    """
    name = os.fsdecode(path.relative_to(root))
    if path.name.endswith(jsonl.SUFFIXES):
        return [s for s in jsonl.read_records(path, name, limits) if isinstance(s, Source)]
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise Skipped("unsupported", f"no reader for {suffix}")
    data = path.read_bytes()
    decoded, encoding = text.decode(data)
    return [
        Source(
            path=name,
            text=decoded,
            format="markdown" if _FORMATS[suffix] == "markdown" else "text",
            sha256=hashlib.sha256(data).hexdigest(),
            encoding=encoding,
        )
    ]


def read_tree(
    paths: Sequence[Path], *, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Article | FileReport]:
    """All articles under `paths`, folders walked in order of name.

    For each file its articles come first, then its row; every directory entry
    has a row at least. A bad record of a corpus has a row of its own.
    """
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders.sort()
                for name in sorted(names):
                    yield from _read_file(Path(folder, name), path, limits)
        else:
            yield from _read_file(path, path.parent, limits)


def _read_file(path: Path, root: Path, limits: Limits) -> Iterator[Article | FileReport]:
    name = os.fsdecode(path.relative_to(root))
    try:
        sources = read_sources(path, root=root, limits=limits)
    except Skipped as skipped:
        yield FileReport(name, "skipped", skipped.reason, skipped.detail)
        return
    except OSError as error:
        yield FileReport(name, "skipped", "unreadable", error.strerror or str(error))
        return
    articles = 0
    for source in sources:
        for article in split_articles(source):
            articles += 1
            yield article
    yield FileReport(name, "indexed", encoding=sources[0].encoding, articles=articles)
