"""Which sentences of the cited passages a written sentence rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from index.passages import sentences
from index.schema import Span
from qa.reading.coverage import fold_aligned
from qa.reading.names import ENGLISH_COMMON
from qa.reading.quantities import quantities
from qa.writing.aligned import Coded, Symbols, coded
from qa.writing.crossing import names_said, says_few

MAX_SENTENCES = 3  # of evidence for one sentence


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage offered to the writer under a marker."""

    text: str  # Passage.text
    about: str = ""  # title, newspaper, date: may be named, is not quoted


class Support(Protocol):
    """Finds what supports a sentence that is in another script than its evidence."""

    def choose(
        self, sentence: str, candidates: Sequence[str], others: Sequence[str], *, anchored: bool
    ) -> int | None:
        """The candidate that says it, None: none does.

        Args:
            others: passages that were not cited, and should be farther from it.
            anchored: numbers or names of the sentence are known to stand in the candidates.
        """
        ...

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """The cosine of a text to each of the others, across languages."""
        ...


def supporting(text: str, offered: Sequence[tuple[int, Evidence]]) -> tuple[tuple[int, Span], ...]:
    """The sentences that say most of it: the best, then up to two that each add something."""
    symbols = Symbols()
    wanted = _pairs(coded(text, symbols))
    rated = [
        (_pairs(coded(span.of(part.text), symbols)) & wanted, marker, span)
        for marker, part in offered
        for span in sentences(part.text)
    ]
    chosen: list[tuple[int, Span]] = []
    while rated and len(chosen) < MAX_SENTENCES:
        best = max(rated, key=lambda row: len(row[0]))
        if chosen and len(best[0]) < 3 and not _has_number(best[0]):
            break
        chosen.append((best[1], best[2]))
        rated = [
            (pairs - best[0], marker, span) for pairs, marker, span in rated if span != best[2]
        ]
        if not any(pairs for pairs, _, _ in rated):
            break
    return tuple(sorted(chosen, key=lambda part: (part[0], part[1].start)))


def _pairs(text: Coded) -> set[str]:
    lone = {text.symbols[at] for at in text.quantities}
    lone |= {text.symbols[at] for at, word in text.words() if word not in ENGLISH_COMMON}
    return lone | {text.symbols[at : at + 2] for at in range(len(text.symbols) - 1)}


def _has_number(pairs: set[str]) -> bool:
    return any(len(pair) == 1 for pair in pairs)


def across_scripts(
    text: str,
    offered: Sequence[tuple[int, Evidence]],
    others: Sequence[str],
    support: Support | None,
) -> tuple[tuple[int, Span], ...]:
    """The one sentence that supports it; none without a judge, or if he finds none."""
    spans = [
        (marker, span)
        for marker, part in offered
        for span in sentences(part.text)
        if span.of(part.text).strip()
    ]
    parts = dict(offered)
    if support is None:
        return ()
    folded = fold_aligned(text)
    numbers = [
        found.value
        for found in quantities(folded)
        if not says_few(found.span.of(folded), "".join(part.text for _, part in offered))
    ]
    holding = [
        (marker, span)
        for marker, span in spans
        if _says_all(numbers, fold_aligned(span.of(parts[marker].text)))
    ]
    spans = holding or spans
    if not spans:
        return ()
    said = "\n".join(span.of(parts[marker].text) for marker, span in spans)
    anchored = bool(numbers and holding) or names_said(text, said)[1]
    candidates = [span.of(parts[marker].text) for marker, span in spans]
    apart = [other for other in others if not any(said in other for said in candidates)]
    picked = support.choose(text, candidates, apart, anchored=anchored)
    return () if picked is None else (spans[picked],)


def _says_all(numbers: Sequence[Fraction], folded: str) -> bool:
    said = {found.value for found in quantities(folded)}
    return said.issuperset(numbers)
