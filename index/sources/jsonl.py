"""Corpora: JSON lines of {"id", "date", "text", "title"?}, plain or packed with xz or gzip.

"authors", "newspaper" and "kicker", as `index export` writes them, are taken over, too.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any, BinaryIO, cast

from index.schema import Article, Source
from index.sources.report import Limits, Skipped

SUFFIXES = (".jsonl", ".jsonl.xz", ".jsonl.gz")
_SMALL = 64 << 20  # bytes that any packed file may unpack to
_RATIO_MOST = 300  # beyond: unpacked to packed bytes; text packs to a fifth or a tenth
_BAD_MOST = 1000
_SURROGATE = re.compile("[\ud800-\udfff]")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")  # a time of day may follow


@dataclass(frozen=True, slots=True)
class Record(Source):
    """What a record says of its article and no file of another format does."""

    kicker: str | None = None
    newspaper: str | None = None


def completed(article: Article) -> Article:
    """With what its record says and its text does not."""
    record = article.source
    if not isinstance(record, Record) or not (record.kicker or record.newspaper):
        return article
    return replace(
        article,
        kicker=article.kicker or record.kicker,
        newspaper=article.newspaper or record.newspaper,
    )


def read_records(file: BinaryIO, path: str, limits: Limits) -> Iterator[Record | Skipped]:
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


def _record(line: bytes, path: str, number: int, limits: Limits, taken: dict[str, int]) -> Record:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Skipped("bad-record", f"line {number}: {error}") from None
    if not isinstance(found, dict):
        raise Skipped("bad-record", f"line {number}: not an object")
    record = cast("dict[str, Any]", found)
    text, date, authors = record.get("text"), record.get("date"), record.get("authors")
    id_ = str(number if record.get("id") is None else record["id"])
    if not isinstance(text, str) or not text.strip():
        raise Skipped("bad-record", f"line {number}: no text")
    if _SURROGATE.search(text) or _SURROGATE.search(id_):
        raise Skipped("bad-record", f"line {number}: half a surrogate pair")
    if len(text) > limits.record_characters:
        raise Skipped("bad-record", f"line {number}: over {limits.record_characters} characters")
    day = _DAY.fullmatch(date) if isinstance(date, str) else None
    named = cast("list[Any]", authors if isinstance(authors, list) else [authors])
    return Record(
        path=path,
        text=text,
        format="jsonl",
        sha256=hashlib.sha256(line).hexdigest(),
        encoding="utf-8",
        record=_own_id(id_, taken),
        title=_said(record.get("title")),
        authors=tuple(filter(None, map(_said, named))),
        date=day[1] if day else None,
        kicker=_said(record.get("kicker")),
        newspaper=_said(record.get("newspaper")),
    )


def _said(value: Any) -> str | None:
    """None: nothing that could be shown."""
    if not isinstance(value, str) or not value.strip():
        return None
    return _SURROGATE.sub("\ufffd", value)


def _own_id(given: str, taken: dict[str, int]) -> str:
    """The id; a further record of the same id has it with the ending ~2, ~3, …"""
    name = given
    while name in taken:
        name = f"{given}~{taken[given]}"
        taken[given] += 1
    taken[name] = 2
    return name
