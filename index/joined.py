"""An article's text while it is put together from stretches of its source."""

from __future__ import annotations

from bisect import bisect_right

from index.schema import Alignment, Span


class Joined:
    """Takes stretches of one source text in their order; every character keeps its place there."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._starts: list[int] = []  # of runs: within one, both offsets grow together
        self._source_starts: list[int] = []
        self._source_end = -1  # behind the last character taken
        self.size = 0  # characters

    def take(self, start: int, end: int) -> None:
        """The source's characters from `start` up to `end`."""
        if start < end:
            self._put(start, self._source[start:end])

    def stand_in(self, offset: int, sign: str) -> None:
        """One character of the text's own, in the place of the source's at `offset`."""
        self._put(offset, sign)

    def _put(self, offset: int, piece: str) -> None:
        if offset != self._source_end:
            self._starts.append(self.size)
            self._source_starts.append(offset)
        self._pieces.append(piece)
        self.size += len(piece)
        self._source_end = offset + len(piece)

    def drop_last(self) -> None:
        """Take the last character out again."""
        self._pieces[-1:] = filter(None, [self._pieces[-1][:-1]])
        self.size -= 1
        self._source_end -= 1
        if self._starts[-1] == self.size:
            self._starts.pop()
            self._source_starts.pop()
            self._source_end = -1  # whatever follows begins a run

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def alignment(self) -> Alignment:
        return Alignment(tuple(self._starts), tuple(self._source_starts))

    def to_article(self, start: int, end: int) -> Span:
        """From offsets in the source to a span of what was taken of it."""
        return Span(self._before(start), self._before(end - 1) + 1)

    def _before(self, offset: int) -> int:
        """How many of the characters taken stand before this one of the source."""
        run = bisect_right(self._source_starts, offset) - 1
        if run < 0:
            return 0
        run_end = self._starts[run + 1] if run + 1 < len(self._starts) else self.size
        return min(self._starts[run] + offset - self._source_starts[run], run_end)
