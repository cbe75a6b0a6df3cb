"""What an English query is called in Chinese: words by CC-CEDICT, names by pinyin, numbers.

Query translation by dictionary (Ballesteros and Croft, 1997): every rendering of
a word is looked for and the best one found counts, so that those which do not fit
do no harm as long as the passage does not happen to hold them (structured queries:
Pirkola, 1998). It finds names and terms of trade, which a small embedding of two
languages does not bring together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product

from index.glossary import LONGEST_GLOSS, glossary, stem
from index.pinyin import IRREGULAR, characters_read, syllables_of

_HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]")
_TOKEN = re.compile(r"[A-Za-z]+|\d[\d,.]*\d|\d|[\u3400-\u9fff\u3040-\u30ff]+")
_ENDING = re.compile(r"['’]s\b|(?<=\d)(?:st|nd|rd|th)\b")
_READINGS = 3  # of one name
_SINGLE = 0.5  # one character stands in many words; so much is it worth beside a whole word
# Words of English that tell nothing about what a passage says.
_FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be been before being between but by can could did
    do does doing down during each for from get got had has have he her him his how i if in into is
    it its just many may me more most much must my no nor not of off on once one only or other our
    out over own per rmb she should so some such than that the their them then there these they
    this those through to too under until up upon us very was we were what when where which while
    who whom whose why will with within would yes you your yuan
    """.split()  # noqa: SIM905  a list of 140 strings reads worse
)
_MONTHS = {
    word: number
    for words in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sept oct nov dec",
    )
    for number, word in enumerate(words.split(), start=1)
}
_FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_MAGNITUDES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MYRIADS = (("万亿", 10**12), ("亿", 10**8), ("万", 10**4))


Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """One way to say a word: a passage says so that holds a term of every group."""

    groups: Groups
    weight: float  # in (0, 1]


@dataclass(frozen=True, slots=True)
class Concept:
    """A word, several that are one in Chinese, or a name."""

    terms: tuple[str, ...]  # as the query has it, lower case
    renderings: tuple[Rendering, ...]


def concepts(query: str) -> list[Concept]:
    """What an English query asks for, without its function words; [] for other queries.

    English is one with more words in Latin letters, three at least, than Han characters.
    """
    han, latin = _HAN.findall(query), re.findall("[A-Za-z]+", query)
    if not latin or (han and len(latin) < max(3, len(han))):
        return []
    tokens = _TOKEN.findall(_ENDING.sub("", query).replace("'", "").replace("’", ""))
    words, stemmed = [token.lower() for token in tokens], [stem(token) for token in tokens]
    found: list[Concept] = []
    at = 0
    while at < len(tokens):
        n, renderings = _numbered(tokens[at : at + 2]) or _named(tokens[at : at + 2])
        for length in range(min(LONGEST_GLOSS, len(tokens) - at), n - 1, -1):
            if words[at] in _FUNCTION_WORDS or words[at + length - 1] in _FUNCTION_WORDS:
                continue
            if said := glossary().said(" ".join(stemmed[at : at + length])):
                renderings += tuple(map(_of_word, said))
                n = length
                break
        if renderings or words[at] not in _FUNCTION_WORDS:
            found.append(Concept(tuple(words[at : at + n]), renderings))
        at += n
    return found


def _numbered(tokens: Sequence[str]) -> tuple[int, tuple[Rendering, ...]] | None:
    """As `_named`, of a month or a large number: “July” is 7月, “1.2 billion” 12亿."""
    word = tokens[0].lower()
    if word in _MONTHS and tokens[0][0].isupper():
        return 1, (Rendering(((str(_MONTHS[word]),), ("月",)), 1.0),)
    magnitude = _MAGNITUDES.get(tokens[-1].lower())
    if magnitude is None or not _FIGURE.fullmatch(word):
        return None
    amount = Decimal(word.replace(",", "")) * magnitude
    unit, size = next((each for each in _MYRIADS if amount >= each[1]), ("", 1))
    parts = re.findall(r"\d+", f"{(amount / size).normalize():f}")
    return 2, (Rendering((*((part,) for part in parts), *([(unit,)] if unit else [])), 1.0),)


def _named(tokens: Sequence[str]) -> tuple[int, tuple[Rendering, ...]]:
    """How many of two words are a name in pinyin, at least 1, and how it may be written in Han.

    A family name of one syllable goes with the name behind it: “Li Yinglong” is 李应龙.
    """
    read = [_as_pinyin(token) for token in tokens]
    if len(tokens) == 2 and all(read) and min(len(ways[0]) for ways in read) == 1:
        whole = _of_readings(_as_pinyin(tokens[0] + tokens[1].lower()))
        if whole:
            return 2, whole
    return 1, _of_readings(read[0])


def _as_pinyin(token: str) -> list[tuple[str, ...]]:
    """The ways to read it, those of fewest syllables first."""
    if not token[0].isupper() or token.lower() in _FUNCTION_WORDS:
        return []
    word = token.lower()
    return sorted(syllables_of(IRREGULAR.get(word, word)), key=len)


def _of_readings(ways: Sequence[tuple[str, ...]]) -> tuple[Rendering, ...]:
    return tuple(_of_syllables(read) for read in ways if 2 <= len(read) <= 4)[:_READINGS]


def _of_syllables(read: Sequence[str]) -> Rendering:
    known = characters_read()
    pairs = (map("".join, product(known[one], known[two])) for one, two in pairwise(read))
    return Rendering(tuple(map(tuple, pairs)), 1.0)


def _of_word(word: str) -> Rendering:
    pairs = [word[n : n + 2] for n in range(len(word) - 1)] or [word]
    return Rendering(tuple((pair,) for pair in pairs), 1.0 if len(word) > 1 else _SINGLE)
