"""Places that a question names, and whether a text names them too, in Han or in pinyin.

A question about 平遥 is not answered by an article about 介休, however alike they
read. The names come from `models/places.txt` (made by `training/make_places.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_PLACES = Path(__file__).parent / "models" / "places.txt"
_LONGEST = 8  # characters of a name looked for; longer ones are found by their start
_CAPITALISED = re.compile(r"\b[A-Z][a-z]{3,}\b")
_SYLLABLE = re.compile(
    r"(?:[bpmfwyl]?o|(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|an|en|in|un|ai|ei|ui|ao|ou|iu|ie|ue|er|"
    r"ia|ua|uo|a|e|i|u|v))+"
)
# Capitalised English words that could be read as pinyin.
_ENGLISH = frozenset(
    ["china", "chinese", "women", "june", "august", "sunday", "monday", "many", "name", "these"]
)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(_PLACES.read_text(encoding="utf-8").split())


def places_in(folded: str) -> tuple[str, ...]:
    """Places named in a folded text, in order, the longest name at each point, each once."""
    names = _names()
    found: dict[str, None] = {}
    start = 0
    while start < len(folded):
        for length in range(min(_LONGEST, len(folded) - start), 1, -1):
            if (name := folded[start : start + length]) in names:
                found[name] = None
                start += length - 1
                break
        start += 1
    return tuple(found)


def romanised_in(question: str) -> tuple[str, ...]:
    """Capitalised words that read as pinyin (“Houma”), lower case, each once."""
    found: dict[str, None] = {}
    for match in _CAPITALISED.finditer(question):
        word = match.group().lower()
        if word not in _ENGLISH and _SYLLABLE.fullmatch(word):
            found[word] = None
    return tuple(found)


def says_romanised(word: str, text: str) -> bool:
    """Whether a run of two or more Han characters of the text is read like the word."""
    return any(_reads(word, text, position, 0, 0) for position in range(len(text)))


def _reads(word: str, text: str, position: int, done: int, n_read: int) -> bool:
    if done == len(word):
        return n_read >= 2
    if position >= len(text):
        return False
    return any(
        _reads(word, text, position + 1, done + len(reading), n_read + 1)
        for reading in _readings(text[position])
        if word.startswith(reading, done)
    )


@lru_cache(maxsize=16_384)
def _readings(character: str) -> tuple[str, ...]:
    """A character's readings without tones; none for what is not Han."""
    if not "\u3400" <= character <= "\u9fff":
        return ()
    from pypinyin import Style, pinyin

    (found,) = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)
    return tuple(dict.fromkeys(reading for reading in found if reading.isascii()))
