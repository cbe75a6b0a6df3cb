"""Citations checked against the user's own files, trusting nothing that the system says.

The rule: in the file as given, decoded to text,
`source_text[start:end]` equals the quote once all white space is taken out of
both; a hyphen at a line's end may be white space too. `qa` has a rule of its
own when it makes citations; this one is written apart from it on purpose.
"""

from __future__ import annotations

import gzip
import json
import lzma
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from index.schema import Article, Span

_LINE_HYPHEN = re.compile(r"[-\u00ad\u2010](?=[^\S\n]*\n)")


def says(source: str, span: Span, quote: str) -> bool:
    """Whether the source prints the quote at the span."""
    if span.end > len(source):
        return False
    there = source[span.start : span.end]
    pattern = ""
    for position, character in enumerate(there):
        if not character.isspace():
            breaks = _LINE_HYPHEN.match(there, position) is not None
            pattern += re.escape(character) + ("?" if breaks else "")
    return re.fullmatch(pattern, "".join(quote.split())) is not None


class SourceFiles:
    """The raw files that citations name, read once each."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._texts: dict[tuple[str, str | None], str | None] = {}
        self._records: dict[str, dict[str, str] | None] = {}

    def check(
        self, article: Article, span: Span, quote: str
    ) -> tuple[bool, Literal["file", "index"]]:
        """Whether the source says the quote, and which source was looked at.

        `index`: the text that the index keeps; for formats without plain text,
        and where no root holds the file.
        """
        source = article.source
        if source.extractor is None:
            text = (
                self._file(source.path, source.encoding)
                if source.record is None
                else (self._corpus(source.path) or {}).get(source.record)
            )
            if text is not None:
                return says(text, span, quote), "file"
        return says(source.text, span, quote), "index"

    def _bytes(self, path: str) -> tuple[Path, bytes] | None:
        for root in self._roots:
            for file in (root / path, root) if root.name == path else (root / path,):
                if file.is_file():
                    return file, file.read_bytes()
        return None

    def _file(self, path: str, encoding: str | None) -> str | None:
        if (path, encoding) not in self._texts:
            found = self._bytes(path)
            text = found[1].decode(encoding or "utf-8", "replace") if found else None
            self._texts[path, encoding] = text
        return self._texts[path, encoding]

    def _corpus(self, path: str) -> dict[str, str] | None:
        if path not in self._records:
            found = self._bytes(path)
            self._records[path] = _records(*found) if found else None
        return self._records[path]


def _records(file: Path, data: bytes) -> dict[str, str]:
    if file.name.endswith(".xz"):
        data = lzma.decompress(data)
    elif file.name.endswith(".gz"):
        data = gzip.decompress(data)
    texts: dict[str, str] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            try:
                row: Any = json.loads(line)
                texts.setdefault(str(row.get("id", number)), str(row["text"]))
            except (ValueError, KeyError, AttributeError, TypeError):
                continue  # the index skipped it too: nothing can be cited from it
    return texts
