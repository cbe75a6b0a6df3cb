"""Whether characters look like something a person wrote, or like bytes read the wrong way."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from unicodedata import category

_SAMPLE = 100_000  # characters looked at
_BAD = frozenset(("Cc", "Co", "Cn", "Cs"))
_PLAIN = frozenset(
    "，。、；：？！“”‘’（）《》〈〉【】「」『』〔〕［］…—～·％＋－／＝℃％￥、〇々ー※●○■□◆◇★☆▲△→←↑↓①②③④⑤⑥⑦⑧⑨⑩"
)

_SIGNS = re.compile(r"[\u2000-\u2bff\u3000-\u33ff\ufe30-\uffef]")


@cache
def common_han() -> frozenset[str]:
    """The characters in daily use: the first levels of GB 2312 (3,755) and of Big5 (5,401)."""
    common: set[str] = set()
    for encoding, leads, trails in (
        ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
        ("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
    ):
        for lead, trail in product(leads, trails):
            common.update(bytes((lead, trail)).decode(encoding, "ignore"))
    return frozenset(common)


def plausibility(text: str) -> float:
    """The share of the characters that ordinary text is made of, between 0 and 1.

    Chinese characters count when they are in daily use, Latin letters with accents and
    symbols when plain letters stand beside them; what is unassigned, private, a control
    or a replacement character does not count and weighs fivefold. White space is left out.
    """
    common = common_han()
    good = plain = accented = bad = total = 0
    for character in text[:_SAMPLE]:
        if character.isspace():
            continue
        total += 1
        code = ord(character)
        if code < 0x80:
            if code < 0x20 or code == 0x7F:
                bad += 1
            else:
                good += 1
                plain += character.isalpha()
        elif "\u3400" <= character <= "\u9fff" or code >= 0x20000 or "豈" <= character <= "\ufaff":
            if category(character) in _BAD:
                bad += 1
            else:
                good += character in common
        elif character in _PLAIN:
            good += 1
        elif character == "\ufffd" or category(character) in _BAD:
            bad += 1
        elif code < 0x250:
            accented += 1
        elif character.isalpha() or category(character)[0] == "M" or _SIGNS.match(character):
            good += 1
    good += min(accented, plain // 2)
    return max(0.0, good - 5 * bad) / total if total else 0.0
