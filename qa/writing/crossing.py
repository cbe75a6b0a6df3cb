"""A sentence in another script than its evidence: which sentence of it says so, and what agrees.

“Fan Lingling visited Antai Group” on “范玲玲带队到安泰集团调研”: no word is shared, but names are
compared as they are read, numbers by value and in their order, and each clause with a number
by its vector with the clauses of the evidence that hold one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Protocol

from qa.reading.coverage import fold_aligned
from qa.reading.names import ENGLISH_COMMON, NEGATION
from qa.reading.places import romanised_in, says_romanised
from qa.reading.quantities import Quantity, quantities

_CLAUSES = re.compile(r"[,，;；、。.!?！？\n](?!\d)")
_CAPITALS = re.compile(r"[A-Z][A-Za-z'’&]+(?:\s+[A-Z][A-Za-z'’&]+)*")
_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_NATIONS = {
    word: re.compile(han)
    for han, words in {
        "中国|中方|中企|我国|全国|国内|国家": "china chinese",
        "韩": "korea korean",
        "日本|日方|日企|日资|[中美韩]日": "japan japanese",
        "美国|美方|美企|美资|中美": "america american us",
        "英国|英方|英企": "britain british uk",
        "法国|法方|法企|中法": "france french",
        "德国|德方|德企|中德": "germany german",
        "俄": "russia russian",
        "印度": "india indian",
        "意大利": "italy italian",
        "西班牙": "spain spanish",
        "加拿大": "canada canadian",
        "澳大利亚|澳洲": "australia australian",
        "泰国": "thailand thai",
        "越南": "vietnam vietnamese",
        "巴西": "brazil brazilian",
    }.items()
    for word in words.split()
}
# Written with a capital in a name's second half: they name a kind of thing.
_KINDS = frozenset(
    "economic economy development zone zones area district county city province village town "  # noqa: SIM905
    "technology technological technical industrial industry science park center centre group "
    "company corporation co ltd inc university institute college school bank hospital bureau "
    "committee commission office government ministry department project base r&d ppp new high "
    "tech hi-tech national north south east west daily news times mr mrs ms dr professor".split()
)
_FEW = {
    "two": "两二", "three": "三", "four": "四", "five": "五", "six": "六", "seven": "七",
    "eight": "八", "nine": "九", "ten": "十",
}  # fmt: skip
_ORDINALS = {
    "first": "第一 首 第1 最早", "second": "第二 第2", "third": "第三 第3", "fourth": "第四 第4",
    "fifth": "第五 第5", "sixth": "第六 第6", "seventh": "第七 第7", "eighth": "第八 第8",
    "ninth": "第九 第9", "tenth": "第十 第10",
}  # fmt: skip
_DENIES = re.compile(
    r"\b(?:invalid|illegal|unable|unsuccessful|reject\w*|refus\w*|den(?:y|ies|ied)|fail\w*|"
    r"cancel\w*|dismiss\w*|bann\w*|abolish\w*|los[et]|stopp\w*|suspend\w*)\b"
)
_DENIES_HAN = re.compile(r"失败|取消|驳回|废|停|撤|违|解聘|辞")
_SKIPPED = 1  # numbers of the evidence that may lie between two that are named together
_FURTHER = 0.015  # cosine by which another clause must be nearer to be the one that is meant


class Nearness(Protocol):
    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """The cosine of a text to each of the others, across languages."""
        ...


def names_said(text: str, evidence: str) -> tuple[set[str], bool]:
    """The capitalised words of an English text that the evidence says in Han.

    Returns:
        Them, folded, and those that name only a kind of thing; and whether one is a name.
    """
    said: set[str] = set()
    named = False
    for match in _CAPITALS.finditer(text):
        words = [re.sub("['’]s?$", "", word).lower() for word in match.group().split()]
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + 3), start, -1):
                if says_romanised("".join(words[start:end]), evidence):
                    said.update(words[start:end])
                    named = True
                    start = end
                    break
            else:
                word = words[start]
                month = _MONTHS.get(word)
                if word in _KINDS or (month and f"{month}月" in "".join(evidence.split())):
                    said.add(word)
                elif word in _NATIONS and _NATIONS[word].search(evidence):
                    said.add(word)
                    named = True
                start += 1
    return said, named


def says_few(word: str, evidence: str) -> bool:
    """Whether “two” stands in the evidence as a numeral that is part of a word (“两站”)."""
    return any(numeral in evidence for numeral in _FEW.get(word.strip().lower(), ""))


def unsaid(text: str, evidence: str, named: Collection[str]) -> str | None:
    """A place or person in pinyin, or a rank, that the evidence does not say; else None.

    Args:
        named: the words that it does say, of `names_said`.
    """
    for word in romanised_in(text):
        if word not in named and word not in ENGLISH_COMMON:
            return word
    for word in re.findall("[a-z]+", text.lower()):
        ranks = _ORDINALS.get(word, "").split()
        if ranks and not any(rank in evidence for rank in ranks):
            return word
    return None


def denies(text: str, evidence: str) -> str | None:
    """A word that says the contrary of an evidence that denies nothing."""
    match = _DENIES.search(text.lower())
    if match is None or NEGATION.search(evidence) or _DENIES_HAN.search(evidence):
        return None
    return match.group()


def misplaced(text: str, evidence: str, judge: Nearness) -> str | None:
    """A number that the evidence gives to something else, or in another order; else None."""
    own = _numbers(text)
    values = [found.value for found in _numbers(evidence)]
    position = 0
    for found in own if len(own) > 1 else ():
        if found.value not in values:
            continue
        if found.value not in values[position:]:
            return found.span.of(fold_aligned(text))
        at = values.index(found.value, position)
        if position and at - position > _SKIPPED:
            return found.span.of(fold_aligned(text))
        position = at + 1
    clauses = [each for each in _CLAUSES.split(evidence) if _numbers(each)]
    if len(clauses) < 2:
        return None
    for clause in _CLAUSES.split(text):
        wanted = {found.value for found in _numbers(clause)}
        if not wanted:
            continue
        holding = [n for n, each in enumerate(clauses) if wanted <= _values(each)]
        if not holding:
            continue
        near = judge.nearness(_without(clause), [_without(each) for each in clauses])
        if max(near[n] for n in holding) < max(near) - _FURTHER:
            return clause.strip()
    return None


def _numbers(text: str) -> list[Quantity]:
    """Numbers that count or measure; dates and years tell when."""
    folded = fold_aligned(text)
    found = [each for each in quantities(folded) if each.unit not in ("年", "月", "日")]
    return [
        each
        for each in found
        if not re.fullmatch(r"(?:19|20)\d\d", each.span.of(folded))
        and not re.search(rf"(?:{'|'.join(_MONTHS)})\s*$", folded[: each.span.start])
    ]


def _values(text: str) -> set[Fraction]:
    return {found.value for found in _numbers(text)}


def _without(text: str) -> str:
    """The clause with its numerals gone, so that only what they are of is compared."""
    return re.sub(r"\d[\d,.]*", "", text).strip() or text
