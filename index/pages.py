"""Printed lines → news items: where each article of a page begins and ends.

An article shows itself by a dateline that opens its body, by a byline that closes it,
or by a headline with a byline below. The lines between two bodies are a headline; whether
it belongs to the body above or the one below is decided by the page as a whole: what
stands before the first body and after the last, which words headline and body share,
how the lines are spaced, where pages break.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from index.bylines import Byline, ends_with_role, find_byline, find_closing_byline
from index.datelines import Dateline, find_dateline, find_dateline_over, is_reporter_line
from index.gaps import share, share_gaps, terms_of
from index.headlines import could_be_headline, is_furniture
from index.lines import INDENT, Line, column_widths, fills

_FULL = 0.78  # of the column: a narrower line does not go on in the next one
_TITLE_MOST = 4  # headline lines above an article that stands alone
_HEADLINE_MOST = 8  # lines; more is text whose sentences do not end
_LONGEST = 60  # characters of a line that is no more than a dateline
_NAMES_MOST = 4  # lines of one byline without a role; more are a list of something
_CROSSHEAD = 8  # characters; a longer line is the headline of an article of its own
_NEAR = 8  # lines of a body that its headline is compared with
_SAME = 0.75  # of the words of a short headline: the body says them as they stand
_TEXT = re.compile(r"[，。]")
_OPENING = re.compile(r"[（(]")
_UNFINISHED = frozenset("，、；：,;:“‘（(《据據由和与與的在")


@dataclass(frozen=True, slots=True)
class Item:
    """The lines of one article, in print order."""

    before: Sequence[Line]  # above the body: headline, byline, running heads
    body: Sequence[Line]
    after: Sequence[Line]  # below it


def split_items(lines: Sequence[Line]) -> list[Item]:
    """One item for each article of the page or pages; together they hold every line once."""
    if not lines:
        return []
    page = _Page(lines)
    bodies = page.bodies()
    below = share_gaps(page, bodies)
    return [
        Item(
            lines[below[n] : bodies[n][0]],
            lines[bodies[n][0] : bodies[n][1]],
            lines[bodies[n][1] : below[n + 1]],
        )
        for n in range(len(bodies))
    ]


def dateline_at(lines: Sequence[Line], number: int) -> Dateline | None:
    """The dateline that this line opens with; its offsets may reach into the next one."""
    line = lines[number].text
    found = find_dateline(line)
    if found is not None and (found.end < len(line) or found.authors):
        return found
    if number + 1 == len(lines) or len(line) > _LONGEST:
        return found
    return find_dateline_over(line, lines[number + 1].text) or found


def closing_over_lines(lines: Sequence[Line]) -> Byline | None:
    """The closing byline that two lines share: “……。（记者”, “李华）”; offsets in both together."""
    if len(lines) != 2:
        return None
    above, below = lines[0].text, lines[1].text
    if below[-1] not in "）)" or len(below) > _LONGEST or _OPENING.search(below):
        return None
    opening = max(above.rfind("（"), above.rfind("("))
    return find_closing_byline(above + below) if len(above) - opening <= _LONGEST else None


def find_bylines(lines: Sequence[Line], columns: Sequence[int | None]) -> list[Byline | None]:
    """For each line the byline that fills it; names alone only where a byline can stand.

    That is below a sentence's end or “本报记者”, or below a headline and above a body. Right
    between the end of one body and the start of the next, a single name may be a headline.
    """
    found = [find_byline(line.text) for line in lines]
    start = 0
    for filled, group in groupby(found, key=lambda byline: byline is not None):
        stop = start + len(list(group))
        if filled:
            few = stop - start <= _NAMES_MOST
            above = lines[start - 1] if start else None
            body_below = stop < len(lines) and _opens_body(lines, columns, stop)
            closes = above is not None and (
                above.ends_sentence
                or find_closing_byline(above.text) is not None
                or ends_with_role(above.text)
            )
            heads = (
                above is not None
                and body_below
                and not is_furniture(above.text)
                and could_be_headline(above, columns[start - 1])
            )
            for number in range(start, stop):
                byline = found[number]
                if byline is None or byline.sure:
                    continue
                alone = body_below and len(byline.authors) == 1
                if not (few and (heads or (closes and not alone))):
                    found[number] = None
        start = stop
    return found


def _opens_body(lines: Sequence[Line], columns: Sequence[int | None], number: int) -> bool:
    """Whether running text, and no headline or running head, begins here."""
    if dateline_at(lines, number) is not None:
        return True
    line = lines[number]
    return not (is_furniture(line.text) or could_be_headline(line, columns[number]))


def furniture(lines: Sequence[Line]) -> list[bool]:
    """Which lines are running heads, page numbers or imprints."""
    found = [is_furniture(line.text) for line in lines]
    for number, line in enumerate(lines):
        if line.text.isdecimal() and len(line.text) <= 3:  # a page number where a page ends
            below = number + 1 == len(lines) or found[number + 1] or lines[number + 1].new_page
            above = number == 0 or found[number - 1] or line.new_page
            found[number] = below or above
    return found


class _Page:
    """The lines with what was found in them; made for one call."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.columns = column_widths(lines)
        self.furniture = furniture(lines)
        self.bylines = [line is not None for line in find_bylines(lines, self.columns)]
        self.closing = [
            find_closing_byline(line.text) is not None
            or closing_over_lines(lines[max(0, n - 1) : n + 1]) is not None
            for n, line in enumerate(lines)
        ]
        self.runs = self._running()
        self._indent = self._paragraph_indent()
        self._take_openings([n for n in range(len(lines)) if self._opens(n)])
        headed: list[int] = []
        above: int | None = None
        for number in self.opens:
            if not self._quoted(number) or self._headed_anew(number, above):
                headed.append(number)
                above = number
        if len(headed) < len(self.opens):
            self._take_openings(headed)
        self.ended = [self.closing[n] or self._ends_below(n) for n in range(len(lines))]

    def _take_openings(self, opens: Sequence[int]) -> None:
        self.opens = opens
        self._open_set = frozenset(opens)
        self.headline = [self._is_headline(n) for n in range(len(self.lines))]

    def _running(self) -> list[bool]:
        """For each line whether running text goes from it into the next one."""
        runs: list[bool] = []
        for number, (line, column) in enumerate(zip(self.lines, self.columns, strict=True)):
            opening = number == 0 or not runs[-1]
            width = line.width + max(min(line.indent, INDENT), INDENT if opening else 0)
            full = column is not None and width >= _FULL * column
            unlike_headline = not could_be_headline(line, column) or (number > 0 and runs[-1])
            open_ended = not line.ends_sentence and not self.closing[number]
            runs.append(full and unlike_headline and open_ended)
        return runs

    def _opens(self, number: int) -> bool:
        """Whether a dateline opens a body here, and is not quoted where a line happens to break."""
        if dateline_at(self.lines, number) is None and not self._reported(number):
            return False
        if number > 0:  # one dateline over two lines: “本报北京3月5日电” / “（记者 ……”
            above = dateline_at(self.lines, number - 1)
            if above is not None and above.end > len(self.lines[number - 1].text):
                return False
        if number == 0 or self.furniture[number - 1] or self.closing[number - 1]:
            return True
        before = self.lines[number - 1]
        if before.text[-1] in _UNFINISHED:
            return False
        return before.ends_sentence or self.bylines[number - 1] or not self.runs[number - 1]

    def _reported(self, number: int) -> bool:
        """Whether “記者王小明／台北報導” stands here above a body, and does not close one."""
        if number + 1 == len(self.lines) or not is_reporter_line(self.lines[number].text):
            return False
        below = self.lines[number + 1]
        body_below = not could_be_headline(below, self.columns[number + 1])
        return body_below or not (number > 0 and self.lines[number - 1].ends_sentence)

    def _quoted(self, number: int) -> bool:
        found = dateline_at(self.lines, number)
        return found is not None and found.quoted

    def _headed_anew(self, number: int, above: int | None) -> bool:
        """Whether “据新华社北京3月5日电” opens an article here, not a paragraph of the one above.

        It does at the start of the text; else a headline must stand here, or the article above be
        closed by its byline. A short line between two paragraphs is a crosshead, unless the
        article above, which opens at `above`, does so in the same way, or the text below says it.
        """
        first = number
        while first > 0 and self._outside(first - 1) and number - first < _HEADLINE_MOST:
            first -= 1
        if first == 0 or self.closing[first - 1] or any(self.bylines[first:number]):
            return True
        headline = [n for n in range(first, number) if self.headline[n]]
        if len(headline) != 1:
            return bool(headline)
        line = self.lines[headline[0]]
        alike = above is not None and self._quoted(above)
        if alike or line.new_page or len(line.text) > _CROSSHEAD:
            return True
        terms = terms_of([line])
        under = share(terms, self._text_terms(number, number + _NEAR))
        over = share(terms, self._text_terms(max(0, first - _NEAR), first))
        return under > over and under >= _SAME

    def _text_terms(self, start: int, stop: int) -> frozenset[str]:
        numbered = enumerate(self.lines[start:stop], start)
        return terms_of([line for number, line in numbered if not self.headline[number]])

    def _is_headline(self, number: int) -> bool:
        return (
            number not in self._open_set
            and not self.furniture[number]
            and not self.bylines[number]
            and not self.closing[number]
            and not (number > 0 and self.runs[number - 1])
            and could_be_headline(self.lines[number], self.columns[number])
            and not (self._indent and self.lines[number].indent == self._indent)
            and not self._goes_on(number)
            and (not self.lines[number].ends_sentence or self._below_an_end(number))
        )

    def _below_an_end(self, number: int) -> bool:
        """Whether what stands above has come to an end: “谁来养老？” is not its last line."""
        column = self.columns[number]
        if number == 0 or self.furniture[number - 1] or self.bylines[number - 1]:
            return True
        before, line = self.lines[number - 1], self.lines[number]
        if self.closing[number - 1]:
            return True
        if column is None:
            return before.ends_sentence or could_be_headline(before, None)
        if could_be_headline(before, column) and not before.ends_sentence:
            return before.width < _FULL * column
        return before.ends_sentence and not fills(before, line, column, 0)

    def _paragraph_indent(self) -> int:
        """The indent that paragraphs of running text open with; 0 where none is printed."""
        indents = Counter(
            line.indent for line in self.lines if line.indent >= 2 and _TEXT.search(line.text)
        )
        return min(indents, key=lambda indent: (-indents[indent], indent)) if indents else 0

    def _goes_on(self, number: int) -> bool:
        """Whether the line, though like a headline, opens the running text of the next one."""
        column = self.columns[number]
        if column is None or number + 1 == len(self.lines) or number + 1 in self._open_set:
            return False
        line, below = self.lines[number], self.lines[number + 1]
        text_below = not (
            self.furniture[number + 1]
            or self.bylines[number + 1]
            or could_be_headline(below, self.columns[number + 1])
        )
        return text_below and below.indent <= line.indent and fills(line, below, column, INDENT)

    def _ends_below(self, number: int) -> bool:
        """Whether a byline on a line of its own closes the body above it."""
        return (
            self.bylines[number]
            and number > 0
            and self.lines[number - 1].ends_sentence
            and not self.headline[number - 1]
        )

    def _outside(self, number: int) -> bool:
        """Whether the line can stand between bodies."""
        return self.furniture[number] or self.bylines[number] or self.headline[number]

    def headed(self, number: int) -> bool:
        """Whether a byline stands here below a headline and above a body."""
        return (
            self.bylines[number]
            and number > 0
            and self.headline[number - 1]
            and number + 1 < len(self.lines)
            and not self._outside(number + 1)
        )

    def bodies(self) -> list[tuple[int, int]]:
        """Ranges of lines, in order; what lies between them are gaps."""
        n_headed = sum(map(self.headed, range(len(self.lines))))
        if not self.opens and n_headed < 2 and sum(self.ended) < 2:
            return [self._only_body()]
        starts = self.opens or [len(self.lines)]
        bodies = self._bodies_without_dateline(starts[0])
        if not bodies and not self.opens:
            return [self._only_body()]
        if self.opens and len(starts) == 1 and not bodies and not self._leads(starts[0]):
            return [self._only_body()]
        for start, stop in pairwise([*self.opens, len(self.lines)]):
            bodies += self._split_region(start, stop)
        return bodies

    def _leads(self, number: int) -> bool:
        """Whether nothing but headlines and the like stand above the line."""
        return all(map(self._outside, range(number)))

    def _only_body(self) -> tuple[int, int]:
        start = 0
        while start < len(self.lines) and self._outside(start):
            start += 1
        if start == len(self.lines) or sum(self.headline[:start]) > _TITLE_MOST:
            return 0, len(self.lines)
        return start, len(self.lines)

    def _bodies_without_dateline(self, stop: int) -> list[tuple[int, int]]:
        """What stands before the first dateline, where that is more than a headline or a note."""
        start = 0
        while start < stop and self._outside(start):
            start += 1
        ends = any(line.ends_sentence for line in self.lines[start:stop])
        if start == stop or not (ends or any(self.ended[start:stop])):
            return []
        bodies = self._split_region(start, stop)
        alone = len(bodies) == 1 and len(self.opens) == 1 and bodies[0][1] == stop
        if alone and not self.ended[stop - 1]:
            return []  # one article that comes to its dateline later
        return bodies

    def _body_end(self, start: int, stop: int) -> int:
        """Behind the last line of the body: below it only headlines, bylines, running heads."""
        end = stop
        while end > start + 1 and not self.closing[end - 1] and self._outside(end - 1):
            if self.bylines[end - 1] and self.lines[end - 2].ends_sentence:
                break  # the byline on a line of its own
            end -= 1
        if end < stop and self.bylines[end] and not self.closing[end - 1]:
            end += 1
        return end if stop - end <= _HEADLINE_MOST else stop

    def _split_region(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Bodies between one dateline and the next: most often one."""
        end = self._body_end(start, stop)
        bodies: list[tuple[int, int]] = []
        number = start + 1
        while number < end:
            gap = self._inner_gap(number, start, end)
            if gap is not None:
                bodies.append((start, gap[0]))
                start = number = gap[1]
            number += 1
        return [*bodies, (start, end)]

    def _inner_gap(self, number: int, start: int, end: int) -> tuple[int, int] | None:
        """A gap that ends with a byline here, or begins here below a closing byline."""
        first = last = number
        if self.headed(number):
            last = number + 1
            while first - 1 > start and self.headline[first - 1]:
                first -= 1
        elif self.ended[number - 1]:
            while last < end and self._outside(last):
                last += 1
            if not any(self.headline[first:last]):
                return None
        return (first, last) if start < first < last < end else None
