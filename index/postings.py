"""BM25 over postings that any store can keep: packed rows in, scores out.

The same formula, constants and rounding of lengths as tantivy's, so that a
passage has the same score whichever of the two keeps the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from index.fusion import Yardstick
from index.lexical import weigh

_K1, _B = 1.2, 0.75
_ROW = np.dtype([("passage", "<u4"), ("count", "<u2"), ("length", "u1")])

Packed = bytes


def pack_postings(passages: Iterable[tuple[int, Sequence[str]]]) -> dict[str, Packed]:
    """Term → its rows.

    Args:
        passages: (number, terms with repetition), numbers rising.
    """
    rows: dict[str, list[tuple[int, int, int]]] = {}
    for number, found in passages:
        length = length_code(len(found))
        for term, count in Counter(found).items():
            rows.setdefault(term, []).append((number, min(count, 0xFFFF), length))
    return {term: np.array(some, _ROW).tobytes() for term, some in rows.items()}


def best_by_bm25(
    query: str,
    postings: Mapping[str, Packed],
    *,
    n_passages: int,
    n_terms: int,
    limit: int,
    among: NDArray[np.int64] | None = None,
) -> tuple[list[tuple[int, float]], Yardstick]:
    """As `Lexical.search` has it.

    Args:
        postings: of those of the query's `looked_for` that any passage holds.
        n_passages, n_terms: of the whole index.
        among: passage numbers to keep; None: all.
    """
    if not n_passages:
        return [], Yardstick(0.0)
    rows = {term: np.frombuffer(packed, _ROW) for term, packed in postings.items()}
    asked = weigh(query, lambda term: len(rows.get(term, ())), n_passages)
    norms = _K1 * (1 - _B + _B * _LENGTHS * n_passages / max(n_terms, 1))
    passages: list[NDArray[np.int64]] = []
    parts: list[NDArray[np.float64]] = []
    for term, weight in asked.terms.items():
        some = rows[term]
        passages.append(some["passage"].astype(np.int64))
        parts.append(weight * (_K1 + 1) * some["count"] / (some["count"] + norms[some["length"]]))
    for said in asked.concepts:
        found = [reduce(np.intersect1d, (_holding(rows, g) for g in groups)) for groups, _ in said]
        each, place = np.unique(np.concatenate(found), return_inverse=True)
        best = np.zeros(len(each))
        np.maximum.at(best, place, np.repeat([worth for _, worth in said], [*map(len, found)]))
        passages.append(each)
        parts.append(best)
    if not passages:
        return [], asked.against
    found, place = np.unique(np.concatenate(passages), return_inverse=True)
    scores = np.bincount(place, np.concatenate(parts))
    if among is not None:
        kept = np.isin(found, among)
        found, scores = found[kept], scores[kept]
    order = np.lexsort((found, -scores))[:limit]
    return list(zip(found[order].tolist(), scores[order].tolist(), strict=True)), asked.against


def _holding(rows: Mapping[str, NDArray[np.void]], terms: Sequence[str]) -> NDArray[np.int64]:
    """Passages with any of the terms, rising."""
    return np.unique(np.concatenate([rows[term]["passage"] for term in terms])).astype(np.int64)


def length_code(n_terms: int) -> int:
    """One byte for a passage's length, as tantivy and Lucene round it: down to four bits."""
    return int(np.searchsorted(_LENGTHS, n_terms, "right")) - 1


def _lengths() -> NDArray[np.float64]:
    """What the 256 codes stand for: exact below 40, then eight steps to each doubling."""
    steps = [24 + ((8 + low) << shift) for shift in range(1, 29) for low in range(8)]
    return np.array([*range(40), *steps][:256], np.float64)


_LENGTHS = _lengths()
