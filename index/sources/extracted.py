"""What a format's reader takes out of a file's bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of a file that is none itself."""

    text: str
    extractor: str  # name and version
    page_starts: tuple[int, ...] = ()  # offsets in `text`
    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None  # YYYY-MM-DD
    encoding: str | None = None
