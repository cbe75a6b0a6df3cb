"""The printed lines of a source, and where one paragraph of a printed column ends.

Text taken out of a PDF keeps the column's line breaks. A line that fills its column
goes on in the next one; a line that stops short, or stands before an indent, ends its
paragraph. How wide a column is, is read from the lines that break in mid-sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from index.bylines import find_closing_byline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LINE = re.compile(r"[^\n\r\f\v\x85\u2028\u2029]+")
_BREAKS = re.compile(r"\r\n|[\n\r\v\x85\u2028\u2029]")
_SENTENCE_END = re.compile(r"(?:[。！？!?.｡…]|——)[”’」』）】》\])\"']*$")
_SENTENCE_MARKS = re.compile(r"[，。；！？,;]")
_MARKER = re.compile(
    r"——|[■◆●▲★▶►□○◇◎•·▪]|[（(][一二三四五六七八九十\d]{1,3}[)）]|"
    r"[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百\d]{1,4}[条章节]|\d{1,2}[.、．](?!\d)"
)
_UNBREAKABLE = re.compile(
    r"[“‘（《【「『〔(\[]*(?:[A-Za-z0-9][\w.,%'’/:+-]*|.)[，。、；：！？”’）》】」』〕)\],.;:!?%]*"
)
_TAB = 4  # columns
_NARROWEST = 18  # columns; nothing narrower is a column of running text
_NEAR = 8  # lines looked at on either side for the column's width
_RAGGED = 3  # columns by which full lines differ: squeezed punctuation, spaces of half a width
INDENT = 4  # columns of a paragraph's indent where the extraction lost it


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
    if text and max(text) >= "\U00010000":
        return sum(map(_columns, text))
    import numpy as np  # not in the parsers' process, whose memory is limited

    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    return int(_all_columns()[codes].sum(dtype=np.int64))


def _columns(character: str) -> int:
    return 2 if east_asian_width(character) in "WFA" else 1


@lru_cache(maxsize=1)
def _all_columns() -> NDArray[np.uint8]:
    """Of every character below U+10000."""
    import numpy as np

    return np.fromiter(map(_columns, map(chr, range(0x10000))), np.uint8)


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


def split_paragraphs(
    lines: Sequence[Line], columns: Sequence[int | None] | None = None
) -> list[list[Line]]:
    """Group the lines of one body into paragraphs.

    Args:
        lines: of one body.
        columns: the width of the column for each line, for bodies too short to show theirs.

    A sentence that is not at its end goes on in the next line, unless the line stands
    alone as a heading does. After a sentence's end a paragraph ends where the line
    could have held more, an empty line is printed, or the next line is indented; where
    indents are printed, only they count, and where they were lost, a line that is an
    indent too narrow shows one.
    """
    if not lines:
        return []
    own = column_widths(lines)
    usual = _most_common([line.blanks for line in _inner(lines)])
    margin = _most_common([line.indent for line in _inner(lines)])
    indents = any(line.indent - margin >= 2 for line in lines)
    paragraphs = [[lines[0]]]
    for number in range(1, len(lines)):
        before, line = lines[number - 1], lines[number]
        after = lines[number + 1] if number + 1 < len(lines) else None
        column = own[number - 1] or (columns[number - 1] if columns else None)
        shows_indent = line.indent - margin >= 2 and not line.new_page
        indent = max(before.indent - margin, INDENT if len(paragraphs[-1]) == 1 else 0)
        if column is None or (shows_indent and line.blanks > usual):
            goes_on = False
        elif _MARKER.match(line.text):
            goes_on = not before.ends_sentence and fills(before, line, column, indent)
        elif before.ends_sentence:
            goes_on = (
                not shows_indent
                and line.blanks <= usual
                and (indents or fills(before, line, column, 0))
                and not (after and _is_heading(line, after, column, INDENT))
                and not (after and not indents and _lost_indent(line, after, column))
            )
        else:
            heads = len(paragraphs[-1]) == 1 or line.blanks > usual
            goes_on = not (heads and _is_heading(before, line, column, indent))
        if goes_on:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def fills(line: Line, after: Line, column: int, indent: int) -> bool:
    """Whether nothing more fitted on the line: what opens the next one was too wide."""
    return column - line.width - indent < _head(after) + _RAGGED


def _is_heading(line: Line, after: Line, column: int, indent: int) -> bool:
    """Whether the line stands alone: it is not full, and no sentence or part of one ends in it."""
    return _SENTENCE_MARKS.search(line.text) is None and not fills(line, after, column, indent)


def _lost_indent(line: Line, after: Line, column: int) -> bool:
    """Whether the line breaks in mid-sentence though it is an indent short of the column."""
    lacks = column - line.width
    return not line.ends_sentence and max(INDENT - 1, _head(after)) < lacks <= INDENT + _head(after)


def _head(line: Line) -> int:
    """Columns of what cannot be parted at the start of the line: “12”, “word,”, “（人”, “人，”."""
    found = _UNBREAKABLE.match(line.text)
    return width_of(found.group()) if found is not None else 0


def column_widths(lines: Sequence[Line]) -> list[int | None]:
    """For each line the width of the column it stands in; None where no column shows.

    Read from the lines around that break in mid-sentence. Where the column changes,
    a line may belong to what precedes or to what follows: the narrower one counts.
    """
    running = _running_lines(lines)
    if len(running) < 2:
        return [None] * len(lines)
    anywhere = _column([lines[n].width for n in running])
    columns: list[int | None] = []
    low = high = 0
    for number in range(len(lines)):
        while low < len(running) and running[low] < number - _NEAR:
            low += 1
        while high < len(running) and running[high] <= number + _NEAR:
            high += 1
        near = running[low:high]
        middle = bisect_right(near, number)
        sides = [[lines[n].width for n in side] for side in (near[:middle], near[middle - 1 :])]
        found = [width for side in sides if (width := _column(side)) is not None]
        whole = _column([lines[n].width for n in near])
        columns.append(min(found) if found else whole or anywhere)
    return columns


def _running_lines(lines: Sequence[Line]) -> list[int]:
    """The lines that break in mid-sentence for want of room, headlines and bylines left out."""
    running: list[int] = []
    for number, (line, after) in enumerate(pairwise(lines)):
        if line.ends_sentence or after.indent >= line.indent + 2:
            continue
        follows = bool(running) and running[-1] == number - 1
        alike = follows and abs(lines[number - 1].width - line.width) <= 2 * INDENT
        if (alike or _SENTENCE_MARKS.search(line.text)) and not find_closing_byline(line.text):
            running.append(number)
    return running


def _column(widths: list[int]) -> int | None:
    """The width of the widest lines that are not alone: two, and a quarter of all."""
    widths.sort()
    needed = max(2, len(widths) / 4)
    for last in range(len(widths) - 1, -1, -1):
        first = bisect_left(widths, widths[last] - 2 * INDENT)
        if last - first + 1 >= needed:
            column = widths[first + (last - first) * 6 // 10]
            return column if column >= _NARROWEST else None
    return None


def _inner(lines: Sequence[Line]) -> list[Line]:
    """Lines that go on with a sentence of the line before."""
    return [line for before, line in pairwise(lines) if not before.ends_sentence]


def _most_common(values: list[int]) -> int:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else 0
