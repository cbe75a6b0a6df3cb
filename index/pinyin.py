"""Readings of Chinese characters, without tones: `pinyin.txt`, by `training/make_pinyin.py`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).with_suffix(".txt")
IRREGULAR = {"shaanxi": "shanxi"}  # spelled so to tell 陕西 from 山西
_LONGEST_SYLLABLE = 6
_VOWEL = re.compile("[aeiouv]")  # 嗯 is read n and ng, which would cut names in two


@lru_cache(maxsize=1)
def characters_read() -> dict[str, str]:
    """Syllable → the characters of GB 2312 that are read so."""
    lines = map(str.split, _TABLE.read_text(encoding="utf-8").splitlines())
    return {syllable: read for syllable, read in lines if _VOWEL.search(syllable)}


@lru_cache(maxsize=1)
def readings() -> dict[str, tuple[str, ...]]:
    """Character → its readings."""
    found: dict[str, tuple[str, ...]] = {}
    for syllable, characters in characters_read().items():
        for character in characters:
            found[character] = (*found.get(character, ()), syllable)
    return found


@lru_cache(maxsize=4096)
def syllables_of(word: str, most: int = 5) -> tuple[tuple[str, ...], ...]:
    """Every way to read a lower-case word as pinyin (xian: xian, xi an), of `most` syllables."""
    if not word:
        return ((),)
    if not most:
        return ()
    known = characters_read()
    return tuple(
        (word[:end], *rest)
        for end in range(min(_LONGEST_SYLLABLE, len(word)), 0, -1)
        if word[:end] in known
        for rest in syllables_of(word[end:], most - 1)
    )
