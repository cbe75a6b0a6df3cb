"""Printed lines → news items: where each article of a page begins and ends.

An article shows itself by a dateline that opens its body, by a byline that closes it,
or by a headline with a byline below. The lines between two bodies are a headline; whether
it belongs to the body above or the one below is decided by the page as a whole: what
stands before the first body and after the last, which words headline and body share,
how the lines are spaced, where pages break.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.bylines import find_byline, find_closing_byline
from index.datelines import Dateline, find_dateline
from index.headlines import could_be_headline, is_furniture
from index.lines import INDENT, Line, column_widths

_FULL = 0.78  # of the column: a narrower line does not go on in the next one
_TITLE_MOST = 4  # headline lines above an article that stands alone
_HEADLINE_MOST = 8  # lines; more is text whose sentences do not end
_LONGEST = 60  # characters of a line that is no more than a dateline
_FADES = 0.8  # of a gap's evidence, for the gap beside it
_UNFINISHED = frozenset("，、；：,;:“‘（(《据據由和与與的在")
_TERMS = re.compile(r"[\u3400-\u9fff]+|[^\W\d_]+")


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
    return page.share_out(bodies)


def dateline_at(lines: Sequence[Line], number: int) -> Dateline | None:
    """The dateline that this line opens with; its offsets may reach into the next one."""
    line = lines[number].text
    found = find_dateline(line)
    if found is not None and (found.end < len(line) or found.authors):
        return found
    if number + 1 == len(lines):
        return found
    below = lines[number + 1].text
    if len(line) > _LONGEST or (found is None and _opens_itself(below)):
        return found
    return find_dateline(line + below) or found


def _opens_itself(line: str) -> bool:
    found = find_dateline(line)
    return found is not None and not line.startswith(("（", "("))  # “（记者 ……）” may go on


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
        self.bylines = [find_byline(line.text) is not None for line in lines]
        self.closing = [find_closing_byline(line.text) is not None for line in lines]
        self.runs = self._running()
        self.opens = [n for n in range(len(lines)) if self._opens(n)]
        opens = frozenset(self.opens)
        self.headline = [n not in opens and self._is_headline(n) for n in range(len(lines))]

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
        if dateline_at(self.lines, number) is None:
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

    def _is_headline(self, number: int) -> bool:
        return (
            not self.furniture[number]
            and not self.bylines[number]
            and not self.closing[number]
            and not (number > 0 and self.runs[number - 1])
            and could_be_headline(self.lines[number], self.columns[number])
        )

    def _outside(self, number: int) -> bool:
        """Whether the line can stand between bodies."""
        return self.furniture[number] or self.bylines[number] or self.headline[number]

    def _headed(self, number: int) -> bool:
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
        n_headed = sum(map(self._headed, range(len(self.lines))))
        if not self.opens and n_headed < 2 and sum(self.closing) < 2:
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
        if start == stop or not (ends or any(self.closing[start:stop])):
            return []
        bodies = self._split_region(start, stop)
        alone = len(bodies) == 1 and len(self.opens) == 1 and bodies[0][1] == stop
        if alone and not self.closing[stop - 1]:
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
        if self._headed(number):
            last = number + 1
            while first - 1 > start and self.headline[first - 1]:
                first -= 1
        elif self.closing[number - 1]:
            while last < end and self._outside(last):
                last += 1
            if not any(self.headline[first:last]):
                return None
        return (first, last) if start < first < last < end else None

    def share_out(self, bodies: list[tuple[int, int]]) -> list[Item]:
        """Give each gap to the body above or below it."""
        ends = [0, *(end for _, end in bodies)]
        starts = [*(start for start, _ in bodies), len(self.lines)]
        gaps = list(zip(ends, starts, strict=True))
        local = [0.0] * len(gaps)
        for number in range(1, len(gaps) - 1):
            local[number] = self._evidence(gaps[number], bodies[number - 1], bodies[number])
        if len(bodies) > 1:
            first = any(self.headline[slice(*gaps[0])])
            last = any(self.headline[slice(*gaps[-1])])
            local[0] = 0.0 if first == last else -3.0 if first else 3.0
            local[-1] = local[0]
        forward = _faded(local)
        backward = _faded(local[::-1])[::-1]
        below: list[int] = []  # for each gap, where the part of the body below begins
        for number, (start, stop) in enumerate(gaps):
            if number == 0:
                below.append(start)
            elif number == len(gaps) - 1:
                below.append(stop)
            else:
                left, right = forward[number - 1], backward[number + 1]
                total = left * _FADES + right * _FADES + 2 * local[number]
                if left > 1 and right < -1 and stop - start > 1:
                    below.append(self._seam(start, stop, bodies[number - 1], bodies[number]))
                else:
                    below.append(self._cut(start, stop, upwards=total >= 0))
        return [
            Item(
                self.lines[below[n] : bodies[n][0]],
                self.lines[bodies[n][0] : bodies[n][1]],
                self.lines[bodies[n][1] : below[n + 1]],
            )
            for n in range(len(bodies))
        ]

    def _cut(self, start: int, stop: int, *, upwards: bool) -> int:
        """The whole gap up or down; a closing byline and what a page ends with stay above."""
        if upwards:
            # a running head at the top of the next page goes with what follows it
            for number in range(start, stop):
                if self.lines[number].new_page and all(self.furniture[number:stop]):
                    return number
            return stop
        while start < stop and self.bylines[start] and not self._headed(start):
            start += 1
        return start

    def _seam(self, start: int, stop: int, above: tuple[int, int], below: tuple[int, int]) -> int:
        """The cut in a gap that holds the headline of the body above and that of the one below."""
        over, under = self._terms(*above), self._terms(*below)

        def fits(cut: int) -> tuple[float, int]:
            line = self.lines[cut]
            spacing = line.blanks + (10 if line.new_page else 0)
            shared = _share(self._terms(start, cut), over) + _share(self._terms(cut, stop), under)
            return shared + 0.2 * spacing, -cut

        return max(range(start + 1, stop), key=fits)

    def _evidence(
        self, gap: tuple[int, int], above: tuple[int, int], below: tuple[int, int]
    ) -> float:
        """How much says that the gap belongs to the body above (positive) or below it."""
        headlines = [number for number in range(*gap) if self.headline[number]]
        if not headlines:
            return 0.5 if self.lines[gap[1]].new_page else 0.0  # a page that opens with a body
        terms = frozenset[str]().union(*(self._terms(n, n + 1) for n in headlines))
        over, under = _share(terms, self._terms(*above)), _share(terms, self._terms(*below))
        score = max(-2.0, min(2.0, 4 * (over - under)))
        first, after = self.lines[headlines[0]], self.lines[gap[1]]
        if first.new_page or after.new_page:
            score += 1.5 if after.new_page else -1.5
        elif first.blanks != after.blanks:
            score += 1.0 if first.blanks < after.blanks else -1.0
        if self._headed(gap[1] - 1):
            score -= 2.0
        return score

    def _terms(self, start: int, stop: int) -> frozenset[str]:
        """Pairs of Chinese characters, and words of other scripts."""
        terms: set[str] = set()
        text = "".join(
            line.text if line.text[-1] > "\u2e80" else line.text + " "
            for line in self.lines[start:stop]
        )
        for run in _TERMS.findall(text):
            if run[0] >= "\u3400":
                terms.update(run[n : n + 2] for n in range(len(run) - 1))
            elif len(run) > 2:
                terms.add(run.lower())
        return frozenset(terms)


def _share(terms: frozenset[str], of: frozenset[str]) -> float:
    return len(terms & of) / len(terms) if terms else 0.0


def _faded(scores: Sequence[float]) -> list[float]:
    """Running sums in which what lies farther back counts less."""
    sums: list[float] = []
    for score in scores:
        sums.append(score + _FADES * (sums[-1] if sums else 0.0))
    return sums
