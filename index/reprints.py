"""Which articles say nearly the same: reprints, with another headline, byline or cut.

Articles are compared as sets of shingles, runs of five characters: their
resemblance is |A ∩ B| / |A ∪ B| (Broder, "On the resemblance and containment
of documents", 1997). Minwise hashes of a set agree with probability of the
resemblance; three of them make a band, and articles that share one of
sixteen bands are compared exactly. Two of resemblance 0.5 share one in 88% of
cases, of 0.6 in 98%, of 0.1 in 2%.

News is full of forms: today's prices in yesterday's words resemble each other
by 0.7 and are no reprints. What tells them apart are their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.lexical import fold

Hashes = NDArray[np.uint32]  # of shingles, each once, rising
Bands = NDArray[np.int64]
Pairs = list[tuple[int, int]]

N_BANDS = 16

_LIKE = 0.5  # resemblance from which on two articles are reprints of each other
_SAME_NUMBERS = 0.8  # share of the numbers of the one with fewer that the other has, too
_SHINGLE = 5  # characters
_ROWS = 3  # hashes in a band
_AT_ONCE = 4096  # shingles hashed together: what fits into a core's cache
_MOST_IN_BAND = 8  # articles a new one is compared with, for each of its bands
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBERS = re.compile(r"[0-9]{1,3}(?:[,，][0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")
_SEPARATORS = str.maketrans("", "", ",，")

_random = np.random.default_rng(19970611)
_MULTIPLIERS = _random.integers(0, 1 << 32, (N_BANDS * _ROWS, 1), np.uint32) | np.uint32(1)
_ADDENDS = _random.integers(0, 1 << 32, (N_BANDS * _ROWS, 1), np.uint32)
_POWERS = np.cumprod(np.full(_SHINGLE, 0x01000193, np.uint32), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What of an article is compared."""

    shingles: Hashes
    numbers: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Imprint:
        numbers = _NUMBERS.findall(text.translate(_HALF_WIDTH))
        return cls(shingles(text), frozenset(n.translate(_SEPARATORS) for n in numbers))

    def resembles(self, other: Imprint) -> bool:
        """Whether one is a reprint of the other."""
        fewer = min(len(self.numbers), len(other.numbers))
        return (
            len(self.numbers & other.numbers) >= _SAME_NUMBERS * fewer
            and resemblance(self.shingles, other.shingles) >= _LIKE
        )


def shingles(text: str) -> Hashes:
    """Hashes of the runs of five letters and digits, whatever their script, case and width."""
    letters = fold(_NOT_LETTERS.sub("", text))
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(codes):
        return codes
    length = min(_SHINGLE, len(codes))  # a shorter text is one shingle
    n_runs = len(codes) - length + 1
    runs = codes[:n_runs] * _POWERS[0]
    for at in range(1, length):
        runs += codes[at : at + n_runs] * _POWERS[at]
    hashes = np.sort(_mixed(runs))
    return hashes[np.concatenate(([True], hashes[1:] != hashes[:-1]))]


def bands(hashes: Hashes) -> Bands:
    """Keys that two articles share the more likely the more they are alike.

    Shape (N_BANDS,); (0,) when there are no shingles.
    """
    if not len(hashes):
        return np.empty(0, np.int64)
    least = np.full(len(_MULTIPLIERS), np.iinfo(np.uint32).max, np.uint32)
    for at in range(0, len(hashes), _AT_ONCE):
        hashed = hashes[at : at + _AT_ONCE] * _MULTIPLIERS
        hashed += _ADDENDS
        np.minimum(least, hashed.min(axis=1), out=least)
    keys = np.arange(N_BANDS, dtype=np.uint64)
    for row in least.reshape(_ROWS, N_BANDS):
        keys = (keys ^ row) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(32)
    return (keys >> np.uint64(16)).astype(np.int64)  # 48 bits: SQLite stores them in six bytes


def resemblance(one: Hashes, other: Hashes) -> float:
    """|A ∩ B| / |A ∪ B|, in [0, 1]; 0 for an empty set."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both) if both else 0.0


def candidates(bands: Bands, articles: NDArray[np.int64], new: AbstractSet[int]) -> Pairs:
    """Pairs of articles that share a band and are worth comparing.

    Args:
        bands, articles: of the new articles and of all that share a band with
            them, row by row.
        new: numbers of the new articles, higher than all others.

    Returns:
        (new article, another before it), each once, rising. Of
        very many alike, each is compared with the eight before it.
    """
    order = np.lexsort((articles, bands))
    bands, articles = bands[order], articles[order]
    found = [np.empty(0, np.int64)]
    for back in range(1, _MOST_IN_BAND + 1):
        shared = np.flatnonzero(bands[back:] == bands[:-back])
        found.append(articles[shared + back] << 32 | articles[shared])
    pairs = np.unique(np.concatenate(found))
    kept = pairs[np.isin(pairs >> 32, np.fromiter(new, np.int64))]
    return list(zip((kept >> 32).tolist(), (kept & 0xFFFFFFFF).tolist(), strict=True))


def _mixed(values: Hashes) -> Hashes:
    """Murmur3's finish: every bit of a value moves every bit of the result."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))
