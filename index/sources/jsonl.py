"""Corpora: JSON lines of {"id", "date", "text", "title"?}, plain or packed with xz or gzip."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import os
import re
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

from index.schema import Source
from index.sources.report import Limits, Skipped

SUFFIXES = (".jsonl", ".jsonl.xz", ".jsonl.gz")
_SMALL = 64 << 20  # bytes that any packed file may unpack to
_RATIO_MOST = 300  # beyond: unpacked to packed bytes; text packs to a fifth or a tenth
_BAD_MOST = 1000
_SURROGATE = re.compile("[\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_records(file: BinaryIO, path: str, limits: Limits) -> Iterator[Source | Skipped]:
    """One source a record, in order; a record that is none comes as `Skipped`.

    Args:
        file: at its start; unpacked as the suffix of `path` says.
        path: as the sources shall have it.

    Raises:
        Skipped: the file as a whole ends here: cut, not packed as named, too large.
    """
    packed_bytes = os.fstat(file.fileno()).st_size
    left = min(limits.corpus_bytes, max(_SMALL, _RATIO_MOST * packed_bytes))
    longest = 4 * limits.record_characters + 4096
    n_lines = n_bad = 0
    taken: dict[str, int] = {}  # each record's id → the ending its next namesake tries first
    try:
        with _unpacked(file, path) as lines:
            while line := lines.readline(longest):
                n_lines += 1
                cut = len(line) == longest
                left -= len(line)
                while len(line) == longest and not line.endswith(b"\n"):
                    line = lines.readline(longest)
                    left -= len(line)
                    if left < 0:
                        break
                if left < 0:
                    reason = "zip-bomb" if path.endswith((".xz", ".gz")) else "too-large"
                    raise Skipped(reason, f"line {n_lines} unpacks beyond all measure")
                if line.isspace() and not cut:
                    continue
                try:
                    if cut:
                        raise Skipped("bad-record", f"line {n_lines}: over {longest} bytes")
                    yield _record(line, path, n_lines, limits, taken)
                except Skipped as skipped:
                    n_bad += 1
                    yield skipped
                    if n_bad == _BAD_MOST:
                        raise Skipped("malformed", f"after {n_bad} bad records") from None
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise Skipped("malformed", f"after line {n_lines}: {error}") from None


def _unpacked(file: BinaryIO, path: str) -> IO[bytes]:
    if path.endswith(".xz"):
        return lzma.open(file, "rb")
    if path.endswith(".gz"):
        return cast("IO[bytes]", gzip.open(file, "rb"))
    return file


def _record(line: bytes, path: str, number: int, limits: Limits, taken: dict[str, int]) -> Source:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Skipped("bad-record", f"line {number}: {error}") from None
    if not isinstance(found, dict):
        raise Skipped("bad-record", f"line {number}: not an object")
    record = cast("dict[str, Any]", found)
    text, date, title = record.get("text"), record.get("date"), record.get("title")
    id_ = str(number if record.get("id") is None else record["id"])
    if not isinstance(text, str) or not text.strip():
        raise Skipped("bad-record", f"line {number}: no text")
    if _SURROGATE.search(text) or _SURROGATE.search(id_):
        raise Skipped("bad-record", f"line {number}: half a surrogate pair")
    if len(text) > limits.record_characters:
        raise Skipped("bad-record", f"line {number}: over {limits.record_characters} characters")
    return Source(
        path=path,
        text=text,
        format="jsonl",
        sha256=hashlib.sha256(line).hexdigest(),
        encoding="utf-8",
        record=_own_id(id_, taken),
        title=_SURROGATE.sub("\ufffd", title) if isinstance(title, str) and title.strip() else None,
        date=date if isinstance(date, str) and _DAY.fullmatch(date) else None,
    )


def _own_id(given: str, taken: dict[str, int]) -> str:
    """The id; a further record of the same id has it with the ending ~2, ~3, …"""
    name = given
    while name in taken:
        name = f"{given}~{taken[given]}"
        taken[given] += 1
    taken[name] = 2
    return name
