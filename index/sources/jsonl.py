"""Corpora: JSON lines of {"id", "date", "text", "title"?}, plain or packed with xz or gzip."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from index.schema import Source
from index.sources.report import Limits, Skipped

SUFFIXES = (".jsonl", ".jsonl.xz", ".jsonl.gz")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_records(file: Path, path: str, limits: Limits) -> Iterator[Source | Skipped]:
    """One source a record, in order; a record that is none comes as `Skipped`.

    Raises:
        Skipped: the file as a whole ends here: cut, not packed as named, too large.
    """
    left = limits.corpus_bytes
    number = 0
    try:
        with _opened(file) as lines:
            while line := lines.readline(4 * limits.record_characters + 4096):
                number += 1
                left -= len(line)
                if left < 0:
                    raise Skipped("too-large", f"unpacks to over {limits.corpus_bytes} bytes")
                if line.isspace():
                    continue
                try:
                    yield _record(line, path, number, limits)
                except Skipped as skipped:
                    yield skipped
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise Skipped("malformed", f"after line {number}: {error}") from None


def _opened(file: Path) -> IO[bytes]:
    if file.name.endswith(".xz"):
        return lzma.open(file, "rb")
    if file.name.endswith(".gz"):
        return cast("IO[bytes]", gzip.open(file, "rb"))
    return file.open("rb")


def _record(line: bytes, path: str, number: int, limits: Limits) -> Source:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Skipped("bad-record", f"line {number}: {error}") from None
    if not isinstance(found, dict):
        raise Skipped("bad-record", f"line {number}: not an object")
    record = cast("dict[str, Any]", found)
    text, date, title = record.get("text"), record.get("date"), record.get("title")
    if not isinstance(text, str) or not text.strip():
        raise Skipped("bad-record", f"line {number}: no text")
    if len(text) > limits.record_characters:
        raise Skipped("bad-record", f"line {number}: over {limits.record_characters} characters")
    return Source(
        path=path,
        text=text,
        format="jsonl",
        sha256=hashlib.sha256(line).hexdigest(),
        record=str(record.get("id", number)),
        title=title if isinstance(title, str) and title.strip() else None,
        date=date if isinstance(date, str) and _DAY.fullmatch(date) else None,
    )
