"""What is said of a file: its row in the report, and why it was skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "empty",
    "no-text",
    "binary",
    "encoding",
    "too-large",
    "too-complex",
    "timeout",
    "encrypted",
    "malformed",
    "zip-bomb",
    "outside-root",
    "not-a-regular-file",
    "unreadable",
    "unsupported",
    "duplicate",
    "bad-record",
]


class Skipped(Exception):
    """A file that cannot be indexed; the others still are."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class FileReport:
    """One row of `--report`."""

    file: str  # relative to the root that was given, as os.fsdecode has it
    status: Literal["indexed", "skipped"]
    reason: Reason | None = None  # None: indexed
    detail: str = ""
    encoding: str | None = None
    articles: int = 0

    def to_json(self) -> dict[str, str | int | None]:
        return {
            "file": self.file,
            "status": self.status,
            "reason": self.reason,
            "detail": self.detail,
            "encoding": self.encoding,
            "articles": self.articles,
        }

    def __str__(self) -> str:
        """One line for people; control characters are shown, so that no name forges a line."""
        what = f"{self.articles} articles" if self.status == "indexed" else str(self.reason)
        return printable(f"{self.file}: {what}{': ' + self.detail if self.detail else ''}")


def printable(text: str) -> str:
    """`text` with what would break a line or a terminal written as an escape."""
    return "".join(
        character
        if character.isprintable() or character == "\u3000"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    file_bytes: int = 32 << 20  # of any file but a corpus; a larger one is not opened
    corpus_bytes: int = 4 << 30  # of a JSON-lines file, unpacked
    record_characters: int = 2_000_000  # of one record of a corpus
    text_characters: int = 12_000_000  # of what a file gives
    seconds: float = 18.0  # for one PDF, DOCX, EPUB or HTML file
    memory_bytes: int = 1 << 30  # of the process that parses those


DEFAULT_LIMITS = Limits()
