"""What stands between two bodies: the headline of the one above, of the one below, or of both.

A page prints its headlines above the bodies or below them, and seldom changes its mind.
So the choice for all gaps is made together: the cheapest run of “below” and “above”, by
Viterbi's algorithm, where each gap says what speaks for either, and a change costs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from index.headlines import names_somebody
from index.lines import Line

_CHANGE = 3.0  # what a change from one layout to the other costs
_MISSING = 3.0  # an article at an end of the page without a headline
_SHARED = 4.0  # per share of the headline's words that the body has
_PAGE_BREAK = 1.5
_SPACING = 1.0
_BYLINE_BELOW = 2.0
_LONGEST = 60  # lines of a gap in which a seam is looked for
_TERMS = re.compile(r"[\u3400-\u9fff]+|[^\W\d_]+")


class Marked(Protocol):
    """The lines of a page with what each was found to be."""

    lines: Sequence[Line]
    headline: list[bool]
    bylines: list[bool]
    furniture: list[bool]

    def headed(self, number: int) -> bool:
        """Whether a byline stands here below a headline and above a body."""
        ...


def share_gaps(page: Marked, bodies: Sequence[tuple[int, int]]) -> list[int]:
    """For each gap the line where what belongs to the body below it begins.

    Args:
        page: the lines.
        bodies: ranges of lines, in order, that do not touch.

    Returns:
        len(bodies) + 1 line numbers; the first gap lies above the first body, the last
        below the last one, and both belong to the only body they touch.
    """
    gaps = _Gaps(page, bodies)
    first, last = gaps.bounds(0), gaps.bounds(len(bodies))
    choices = gaps.choices() if len(bodies) > 1 else []
    return [first[0], *choices, last[1]]


class _Gaps:
    def __init__(self, page: Marked, bodies: Sequence[tuple[int, int]]) -> None:
        self._page = page
        self._bodies = bodies

    def bounds(self, number: int) -> tuple[int, int]:
        start = self._bodies[number - 1][1] if number else 0
        last = number == len(self._bodies)
        return start, len(self._page.lines) if last else self._bodies[number][0]

    def _headlines(self, number: int) -> list[int]:
        return [n for n in range(*self.bounds(number)) if self._page.headline[n]]

    def choices(self) -> list[int]:
        """For each inner gap where its lower part begins."""
        inner = range(1, len(self._bodies))
        below, above = 0, 1  # the layouts: headlines stand below their bodies, or above
        opens, ends = bool(self._headlines(0)), bool(self._headlines(len(self._bodies)))
        costs = (_MISSING * opens, _MISSING * (not opens))
        back: list[tuple[int, int]] = []
        evidence = [self._evidence(number) for number in inner]
        seams = [self._seam(number) for number in inner]
        for (score, n_lines), (_, fit) in zip(evidence, seams, strict=True):
            change_up = _CHANGE + (2.0 if n_lines < 2 else -_SHARED * (fit - 1))
            change_down = _CHANGE + (2.0 if n_lines else 0.0)
            to_below = (costs[below] - score, costs[above] + change_down)
            to_above = (costs[below] + change_up, costs[above] + score)
            back.append((to_below.index(min(to_below)), to_above.index(min(to_above))))
            costs = (min(to_below), min(to_above))
        final = (costs[below] + _MISSING * (not ends), costs[above] + _MISSING * ends)
        layout = final.index(min(final))
        cuts: list[int] = []
        for number in reversed(inner):
            before = back[number - 1][layout]
            (score, n_lines), (seam, _) = evidence[number - 1], seams[number - 1]
            if before != layout:
                split = layout == above and n_lines > 1
                cuts.append(seam if split else self._whole(number, upwards=score >= 0))
            else:
                cuts.append(self._whole(number, upwards=layout == below))
            layout = before
        return cuts[::-1]

    def _whole(self, number: int, *, upwards: bool) -> int:
        """The gap as one; closing bylines stay above, a next page's running head goes below."""
        start, stop = self.bounds(number)
        page = self._page
        if upwards:
            foot = stop
            while foot > start and page.furniture[foot - 1]:
                foot -= 1
                if page.lines[foot].new_page:
                    return foot
            return stop
        while start < stop and page.bylines[start] and not page.headed(start):
            start += 1
        return start

    def _evidence(self, number: int) -> tuple[float, int]:
        """(what speaks for the body above, against the one below; lines of headline)."""
        headlines = self._headlines(number)
        after = self._page.lines[self._bodies[number][0]]
        if not headlines:
            return (0.5 if after.new_page else 0.0), 0  # a page that opens with a body
        terms = frozenset[str]().union(*(self._terms(n, n + 1) for n in headlines))
        over = share(terms, self._terms(*self._bodies[number - 1]))
        under = share(terms, self._terms(*self._bodies[number]))
        score = max(-2.0, min(2.0, _SHARED * (over - under)))
        first = self._page.lines[headlines[0]]
        if first.new_page or after.new_page:
            score += _PAGE_BREAK if after.new_page else -_PAGE_BREAK
        elif first.blanks != after.blanks:
            score += _SPACING if first.blanks < after.blanks else -_SPACING
        if self._page.headed(self._bodies[number][0] - 1):
            score -= _BYLINE_BELOW
        return score, len(headlines)

    def _seam(self, number: int) -> tuple[int, float]:
        """(cut, fit) of a gap that holds one headline of either body; a fit of 2 is full."""
        start, stop = self.bounds(number)
        over = self._terms(*self._bodies[number - 1])
        under = self._terms(*self._bodies[number])

        def fit(cut: int) -> tuple[float, int]:
            line = self._page.lines[cut]
            shared = share(self._terms(start, cut), over) + share(self._terms(cut, stop), under)
            shared += 0.1 * (line.blanks - self._page.lines[start].blanks)
            shared += 0.5 * names_somebody(line.text) + 1.0 * line.new_page
            return shared, -cut

        cuts = range(start + 1, stop) if stop - start <= _LONGEST else ()
        best = max(cuts, key=fit, default=stop)
        return best, (fit(best)[0] if cuts and best < stop else 0.0)

    def _terms(self, start: int, stop: int) -> frozenset[str]:
        return terms_of(self._page.lines[start:stop])


def terms_of(lines: Sequence[Line]) -> frozenset[str]:
    """Pairs of Chinese characters, and words of other scripts."""
    terms: set[str] = set()
    text = "".join(line.text if line.text[-1] > "\u2e80" else line.text + " " for line in lines)
    for run in _TERMS.findall(text):
        if run[0] >= "\u3400":
            terms.update(run[n : n + 2] for n in range(len(run) - 1))
        elif len(run) > 2:
            terms.add(run.lower())
    return frozenset(terms)


def share(terms: frozenset[str], of: frozenset[str]) -> float:
    """How much of the terms is in the others, 0 to 1."""
    return len(terms & of) / len(terms) if terms else 0.0
