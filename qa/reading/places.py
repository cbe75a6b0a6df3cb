"""Places that a question names, and whether a text names them too, in Han or in pinyin.

A question about 平遥 is not answered by an article about 介休, however alike they
read. The names come from `models/places.txt`, made by `training/make_places.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from pathlib import Path

from index.pinyin import IRREGULAR, readings
from index.schema import Span

_PLACES = Path(__file__).parent.parent / "models" / "places.txt"
_LONGEST = 8  # characters of a name looked for; longer ones are found by their start
_CAPITALISED = re.compile(r"\b[A-Z][a-z]{3,}\b")
# Capitalised English words that could be read as pinyin.
_ENGLISH = frozenset(
    ["china", "chinese", "women", "june", "august", "sunday", "monday", "many", "name", "these"]
)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(_PLACES.read_text(encoding="utf-8").split())


def places_in(folded: str) -> tuple[str, ...]:
    """Places named in a folded text, in order, the longest name at each point, each once."""
    return tuple(dict.fromkeys(span.of(folded) for span in place_spans(folded)))


def place_spans(folded: str) -> tuple[Span, ...]:
    """Where a folded text names places, in order, each time it does."""
    names = _names()
    found: list[Span] = []
    start = 0
    while start < len(folded):
        for length in range(min(_LONGEST, len(folded) - start), 1, -1):
            if folded[start : start + length] in names:
                found.append(Span(start, start + length))
                start += length - 1
                break
        start += 1
    return tuple(found)


def romanised_in(question: str) -> tuple[str, ...]:
    """Capitalised words that read as pinyin (“Houma”), lower case, each once.

    They are spelled as they are read: “shanxi” also where the question says “Shaanxi”.
    """
    words = (span.of(question).lower() for span in romanised_spans(question))
    return tuple(dict.fromkeys(IRREGULAR.get(word, word) for word in words))


def romanised_spans(question: str) -> tuple[Span, ...]:
    """Where a question has capitalised words that read as pinyin, each time it does."""
    words = (Span(*match.span()) for match in _CAPITALISED.finditer(question))
    return tuple(word for word in words if _is_romanised(word.of(question).lower()))


def _is_romanised(word: str) -> bool:
    return word not in _ENGLISH and _is_pinyin(word)


def written(word: str) -> tuple[str, ...]:
    """The places whose Han names are read like a romanised word (jiexiu: 介休), three at most."""
    return _by_reading().get(word, ())[:3]


@lru_cache(maxsize=1)
def _by_reading() -> dict[str, tuple[str, ...]]:
    syllables = readings()
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted({re.sub("(?<=..)[市县区]$", "", name) for name in _names()}):
        for read in product(*(syllables.get(character, ()) for character in name[:_LONGEST])):
            word = "".join(read)
            found[word] = (*found.get(word, ()), name)
    return found


@lru_cache(maxsize=4096)
def _is_pinyin(word: str) -> bool:
    syllables = {syllable for read in readings().values() for syllable in read}
    reachable = {0}
    for end in range(1, len(word) + 1):
        if any(word[start:end] in syllables for start in reachable if end - start <= 6):
            reachable.add(end)
    return len(word) in reachable and word not in syllables


def says_romanised(word: str, text: str) -> bool:
    """Whether a run of two or more Han characters of the text is read like the word."""
    first = {character for character, read in readings().items() if any(map(word.startswith, read))}
    return any(
        _reads(word, text, position, 0, 0)
        for position, character in enumerate(text)
        if character in first
    )


def _reads(word: str, text: str, position: int, done: int, n_read: int) -> bool:
    if done == len(word):
        return n_read >= 2
    if position >= len(text):
        return False
    return any(
        _reads(word, text, position + 1, done + len(reading), n_read + 1)
        for reading in readings().get(text[position], ())
        if word.startswith(reading, done)
    )
