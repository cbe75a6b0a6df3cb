"""Markdown: the text as it is; title, authors and date from its front matter."""

from __future__ import annotations

import re

from index.bylines import parse_authors
from index.markdown import front_matter

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def fields(text: str) -> tuple[str | None, tuple[str, ...], str | None]:
    """(title, authors, date) of the front matter."""
    found = front_matter(text)
    author = found.get("author") or found.get("authors") or ""
    names = [name.strip(" \"'") for name in author.strip("[]").split(",")]
    authors = parse_authors(author) or tuple(filter(None, names))
    day = _DAY.match(found.get("date", ""))
    return found.get("title"), authors, day.group() if day else None
