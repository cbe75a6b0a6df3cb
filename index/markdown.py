"""What a Markdown file's lines mean: front matter, headings, blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lines import Line

_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?P<fields>.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE
)
_HEADING = re.compile(r"#{1,6}[ \t]+(?P<title>.*?)[ \t]*#*$")
_OWN_LINE = re.compile(
    r"#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|[>|]|```|~~~|={3,}$|-{3,}$|\*{3,}$|!\[|\[\^?[^\]]+\]:"
)


def body_start(text: str) -> int:
    """The offset behind the front matter; 0 without any."""
    found = _FRONT_MATTER.match(text, 0, 20_000)
    return found.end() if found is not None else 0


def front_matter(text: str) -> dict[str, str]:
    """The plain `key: value` fields of the front matter, keys in lower case."""
    found = _FRONT_MATTER.match(text, 0, 20_000)
    fields: dict[str, str] = {}
    for line in found["fields"].splitlines() if found is not None else ():
        key, colon, value = line.partition(":")
        if colon and not key.startswith((" ", "-", "#")) and value.strip():
            fields[key.strip().lower()] = value.strip().strip("\"'")
    return fields


def heading(line: str) -> str:
    """The line without the signs that make it a heading."""
    found = _HEADING.fullmatch(line)
    return found["title"] if found is not None and found["title"] else line


def is_heading(line: str) -> bool:
    return _HEADING.fullmatch(line) is not None


def split_blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Group lines into paragraphs; headings, list items, quotes and table rows stand alone."""
    blocks: list[list[Line]] = []
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        goes_on = (
            before is not None
            and line.blanks == 0
            and not _OWN_LINE.match(line.text)
            and not is_heading(before.text)
            and not before.text.startswith(("|", "```", "~~~"))
        )
        if goes_on:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks
