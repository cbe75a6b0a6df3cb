"""A sentence laid over its evidence: what it takes over, what is new, what it puts in the place
of what.

Both texts become strings of symbols: a Han character is itself, a Latin word
one symbol, and so is a number with its unit, in whatever way it is written.
Punctuation and white space are gone, but where they stood is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.schema import Span
from qa.reading.coverage import fold_aligned
from qa.reading.quantities import Quantity, compatible, quantities

_PRIVATE = 0xF0000  # a supplementary private use area: no text has these
_TOKEN = re.compile(r"[a-z0-9][a-z0-9'’&.+-]*[a-z0-9+]|[a-z0-9]|[^\W_]|[^\w\s]")
_BREAK = re.compile(r"[。！？!?；;:,\n]|…")
_WORD = re.compile(r"[a-z0-9]")
_LONGEST_SWAP = 12  # symbols of a sentence that stand for something else
_CLAUSE = 8  # symbols from which a clause says more than who says it
_SHORT = 5  # symbols that may be a negation
_LONGEST_SAID = 14  # symbols of the evidence that they stand for


class Symbols:
    """Words and numbers to one character each, the same for both texts."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._quantities: list[tuple[Quantity, str]] = []

    def word(self, word: str) -> str:
        return self._words.setdefault(word, self._next())

    def quantity(self, quantity: Quantity, *, bare: bool) -> str:
        """The symbol of a number that says the same; one with the same unit first.

        Args:
            bare: no word follows that could be a unit unknown to us.
        """
        same = [
            (known.unit != quantity.unit, symbol)
            for known, symbol in self._quantities
            if compatible(quantity, known) and (bare or known.unit == quantity.unit)
        ]
        if same:
            return min(same)[1]
        symbol = self._next()
        self._quantities.append((quantity, symbol))
        return symbol

    def _next(self) -> str:
        return chr(_PRIVATE + len(self._words) + len(self._quantities))


@dataclass(frozen=True, slots=True)
class Coded:
    """A text as symbols. `at` gives for each symbol where it stands in the text."""

    text: str  # folded, each character at its place
    symbols: str
    at: tuple[Span, ...]
    starts: frozenset[int]  # symbols that begin a clause
    quantities: dict[int, Quantity]  # by symbol

    def words(self) -> Iterator[tuple[int, str]]:
        """The Latin words, each with its symbol's number."""
        for number, span in enumerate(self.at):
            if number not in self.quantities and _WORD.match(self.text, span.start):
                yield number, span.of(self.text)


def is_weak(quantity: Quantity, text: str) -> bool:
    """Whether a numeral is rather part of a word (“一些”, “统一”, “三亚”)."""
    numeral = quantity.span.of(text)
    return not numeral[0].isascii() and (quantity.unit is None and len(numeral) == 1)


def coded(text: str, symbols: Symbols) -> Coded:
    """Lay a text out in symbols."""
    folded = fold_aligned(text.replace("，", ";"))  # a comma folds into what parts thousands
    numbers = {
        found.span.start: found for found in quantities(folded) if not is_weak(found, folded)
    }
    out: list[str] = []
    at: list[Span] = []
    starts: set[int] = set()
    kept: dict[int, Quantity] = {}
    position, fresh = 0, True
    while position < len(folded):
        if (number := numbers.get(position)) is not None:
            end = number.span.end
            bare = number.unit is not None or not folded[end : end + 1].isalpha()
            symbol = symbols.quantity(number, bare=bare)
            kept[len(out)] = number
        elif match := _TOKEN.match(folded, position):
            token, end = match[0], match.end()
            if stop := min((n for n in numbers if position < n < end), default=None):
                token, end = folded[position:stop], stop
            if not (token[0].isalnum()):
                fresh = fresh or bool(_BREAK.match(token))
                position = end
                continue
            symbol = symbols.word(token.rstrip(".-'’")) if _WORD.match(token) else token
        else:
            fresh = fresh or folded[position] == "\n"
            position += 1
            continue
        if fresh:
            starts.add(len(out))
            fresh = False
        out.append(symbol)
        at.append(Span(position, end))
        position = end
    return Coded(folded, "".join(out), tuple(at), frozenset(starts), kept)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of a sentence's symbols, all taken over in one piece or all new."""

    span: Span  # in Coded.symbols
    taken: bool


def blocks(sentence: Coded, evidence: Coded) -> list[Block]:
    """The sentence cut into the longest pieces that the evidence holds, from the left.

    A single Han character says nothing and counts as new; a single word or
    number counts as taken over.
    """
    found: list[Block] = []
    said, position = evidence.symbols, 0
    while position < len(sentence.symbols):
        end = position
        while end < len(sentence.symbols) and sentence.symbols[position : end + 1] in said:
            end += 1
        lone = end - position == 1 and ord(sentence.symbols[position]) < _PRIVATE
        if end > position and not lone:
            found.append(Block(Span(position, end), taken=True))
        else:
            end = position + 1
            if found and not found[-1].taken:
                found[-1] = Block(Span(found[-1].span.start, end), taken=False)
            else:
                found.append(Block(Span(position, end), taken=False))
        position = end
    return found


@dataclass(frozen=True, slots=True)
class Swap:
    """The sentence says one thing where the evidence says another."""

    written: Span  # in the sentence's symbols
    said: Span  # in the evidence's symbols


def swaps(pieces: list[Block], sentence: Coded, evidence: Coded) -> Iterator[Swap]:
    """Every short stretch that stands between the same words as something else does.

    The words around it are two or three symbols to each side; at the start or
    end of a clause its boundary takes their place. Whole clauses of the
    evidence do not count: the sentence only leaves others out.
    """
    text = sentence.symbols
    solid = [piece.span for piece in pieces if piece.taken]
    edges = [-1, *range(len(solid))]
    for left in edges:
        for right in range(left + 1, len(solid) + 1):
            start = solid[left].end if left >= 0 else 0
            end = solid[right].start if right < len(solid) else len(text)
            if end - start > _LONGEST_SWAP:
                break
            if end <= start or (left < 0 and right == len(solid)):
                continue
            before = text[max(solid[left].start, start - 3) : start] if left >= 0 else ""
            after = text[end : min(end + 3, solid[right].end)] if right < len(solid) else ""
            whole = _is_clause(sentence, start, end) and (
                end - start >= _CLAUSE or _said_as_clause(text[start:end], evidence)
            )
            for gap in _gaps(before, after, evidence):
                if not (whole and _is_clause(evidence, gap.start, gap.end)):
                    yield Swap(Span(start, end), gap)


def _is_clause(text: Coded, start: int, end: int) -> bool:
    return start in text.starts and (end in text.starts or end == len(text.symbols))


def _said_as_clause(written: str, evidence: Coded) -> bool:
    return any(
        _is_clause(evidence, at, at + len(written)) for at in _places(evidence.symbols, written)
    )


def _gaps(before: str, after: str, evidence: Coded) -> Iterator[Span]:
    """Where the evidence says something between `before` and `after`."""
    said = evidence.symbols
    if not before:
        for at in _places(said, after):
            starts = [start for start in evidence.starts if 0 < at - start <= _LONGEST_SAID]
            if starts:
                yield Span(max(starts), at)
        return
    for at in _places(said, before):
        start = at + len(before)
        if after:
            end = said.find(after, start, start + _LONGEST_SAID + len(after))
        else:
            end = min((begin for begin in evidence.starts if begin > start), default=len(said))
            end = end if end - start <= _LONGEST_SAID else -1
        if end > start:
            yield Span(start, end)


def left_out(pieces: list[Block], sentence: Coded, evidence: Coded) -> Iterator[Span]:
    """What the evidence says, shortly, just before words that the sentence takes over.

    Between two pieces that the sentence joins, or before one that begins a clause.
    """
    text, said = sentence.symbols, evidence.symbols
    for number, piece in enumerate(pieces):
        start = piece.span.start
        after = text[start : min(start + 3, piece.span.end)]
        if not piece.taken:
            continue
        if start in sentence.starts or number == 0:
            gaps = [
                Span(begin, at)
                for at in _places(said, after)
                if (begin := max((b for b in evidence.starts if b <= at), default=0)) < at
            ]
            if len(gaps) == len(list(_places(said, after))):
                yield from (gap for gap in gaps if gap.end - gap.start <= _SHORT)
        elif pieces[number - 1].taken:
            before = text[max(pieces[number - 1].span.start, start - 3) : start]
            for at in _places(said, before):
                begin = at + len(before)
                end = said.find(after, begin, begin + _SHORT + len(after))
                if end > begin:
                    yield Span(begin, end)


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
