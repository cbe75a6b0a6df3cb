"""The printed lines of a source, and where one paragraph of a printed column ends.

Text taken out of a PDF keeps the column's line breaks. A line that fills its column
goes on in the next one; a line that stops short, or stands before an indent, ends its
paragraph. How wide a column is, is read from the lines that break in mid-sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

_LINE = re.compile(r"[^\n\r\f\v\x85\u2028\u2029]+")
_BREAKS = re.compile(r"\r\n|[\n\r\v\x85\u2028\u2029]")
_SENTENCE_END = re.compile(r"(?:[。！？!?.｡…]|——)[”’」』）】》\])\"']*$")
_MARKER = re.compile(
    r"——|[■◆●▲★▶►□○◇◎•·▪]|[（(][一二三四五六七八九十\d]{1,3}[)）]|"
    r"[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百\d]{1,4}[条章节]|\d{1,2}[.、．](?!\d)"
)
_TAB = 4  # columns
_NARROWEST = 18  # columns; nothing narrower is a column of running text
_NEAR = 8  # lines looked at on either side for the column's width
_RAGGED = 5  # columns that a full line may lack: squeezed punctuation, a word kept whole
_INDENT = 4  # columns of a paragraph's indent where the extraction lost it


@dataclass(frozen=True, slots=True)
class Line:
    """One line with something on it; offsets are in the source, white space around it left out."""

    start: int
    end: int
    text: str
    width: int  # columns: a wide character takes two
    indent: int  # columns of white space before it
    blanks: int  # empty lines before it
    new_page: bool  # a page begins between the line before and this one

    @property
    def ends_sentence(self) -> bool:
        return _SENTENCE_END.search(self.text, max(0, len(self.text) - 12)) is not None


def width_of(text: str) -> int:
    """Columns that `text` takes in print: two for a wide character, one for another."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def split_lines(text: str, page_starts: Sequence[int] = ()) -> list[Line]:
    """The lines of `text` that hold something, in order."""
    lines: list[Line] = []
    last_end = 0
    pages = iter(sorted(page_starts))
    page = next(pages, None)
    for found in _LINE.finditer(text):
        whole = found.group()
        content = whole.strip()
        if not content:
            continue
        start = found.start() + len(whole) - len(whole.lstrip())
        between = text[last_end:start]
        new_page = "\f" in between
        while page is not None and page <= start:
            new_page = new_page or (page > 0 and bool(lines))
            page = next(pages, None)
        blanks = max(0, len(_BREAKS.findall(between)) - (1 if lines else 0))
        before = whole[: len(whole) - len(whole.lstrip())]
        indent = sum(_TAB if c == "\t" else width_of(c) for c in before)
        end = start + len(content)
        lines.append(Line(start, end, content, width_of(content), indent, blanks, new_page))
        last_end = end
    return lines


def split_paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the lines of one body into paragraphs."""
    if not lines:
        return []
    column = _columns(lines)
    usual = _usual_blanks(lines)
    margin = _margin(lines)
    paragraphs = [[lines[0]]]
    for number in range(1, len(lines)):
        before, line = lines[number - 1], lines[number]
        opening = len(paragraphs[-1]) == 1
        if _goes_on(before, line, column[number - 1], opening, usual, margin):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _goes_on(
    before: Line, line: Line, column: int | None, opening: bool, usual: int, margin: int
) -> bool:
    """Whether `line` continues the paragraph of the line before it."""
    if column is None:
        return False
    lacking = column - before.width - (before.indent - margin)
    if before.ends_sentence or _MARKER.match(line.text):
        if line.indent - margin >= 2 and not line.new_page:
            return False
        if line.blanks > usual or _MARKER.match(line.text):
            return False
        return before.ends_sentence and lacking <= _RAGGED and not _looks_indented(line, column)
    if line.indent - margin >= 2 and line.blanks > usual:
        return False
    return lacking <= _RAGGED + (_INDENT if opening else 0)


def _looks_indented(line: Line, column: int) -> bool:
    """Whether the line breaks in mid-sentence though it is an indent short of the column."""
    return not line.ends_sentence and _INDENT <= column - line.width <= 2 * _INDENT


def _columns(lines: Sequence[Line]) -> list[int | None]:
    """For each line the width of the column around it; None where no column shows."""
    running = [n for n, line in enumerate(lines[:-1]) if not line.ends_sentence]
    columns: list[int | None] = []
    low = high = 0
    for number in range(len(lines)):
        while low < len(running) and running[low] < number - _NEAR:
            low += 1
        while high < len(running) and running[high] <= number + _NEAR:
            high += 1
        widths = sorted(lines[n].width for n in running[low:high])
        column = widths[len(widths) * 6 // 10] if widths else 0
        alike = sum(abs(width - column) <= _RAGGED + _INDENT for width in widths)
        columns.append(column if column >= _NARROWEST and alike >= 2 else None)
    return columns


def _usual_blanks(lines: Sequence[Line]) -> int:
    """Empty lines between two printed lines of one paragraph."""
    inner = Counter(line.blanks for before, line in pairwise(lines) if not before.ends_sentence)
    return min(inner, key=lambda blanks: (-inner[blanks], blanks)) if inner else 0


def _margin(lines: Sequence[Line]) -> int:
    """Columns of white space before every line that goes on."""
    inner = Counter(line.indent for before, line in pairwise(lines) if not before.ends_sentence)
    return min(inner, key=lambda indent: (-inner[indent], indent)) if inner else 0
