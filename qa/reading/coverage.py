"""What of a question a text says: by Han bigrams, words and numbers, scripts folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.lexical import fold

# Words that ask or only hold a sentence together; they name nothing to be found.
_ASKING = re.compile(
    r"请问|请|什么时候|什么时间|什么地方|什么样|为什么|什么|为何|为啥|如何|怎么样|怎样|怎么|何时|何地|何处|何人|何年|"
    r"多少|多大|多长|多高|多久|几|哪里|哪儿|哪些|哪个|哪一个|哪一|哪家|哪位|哪|谁|吗|呢|吧|么|嘛|是否|是不是|有没有|"
    r"分别|一共|总共|到底|究竟|以及|并且|或者|还是|因为|由于|关于|对于|根据|按照|可以|已经|"
    r"[的了是在有和与及或也都就还把被让使由从向对为以其这那之所于至到将会能要请个位条项种家]"
)
_ENGLISH = """
a an the of in on at by for to from with and or as is are was were be been being do does did has
have had how many much what which who whom whose when where why that this these those it its their
there will would can could should may might into than then about after before during between per
each both not no any some all most more article articles page
"""
_STOP_WORDS = frozenset(_ENGLISH.split())
_TERM = re.compile(r"\d+(?:[.,]\d+)*|[a-z][a-z'’&.-]*[a-z]|[a-z]|[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a question names."""

    text: str  # folded
    weight: float
    is_number: bool = False


def is_han(text: str) -> bool:
    """Whether a text is written in Han characters, by its first 200 letters and digits."""
    letters = [character for character in text[:400] if character.isalnum()][:200]
    return 5 * sum(character >= "\u3400" for character in letters) > len(letters)


@lru_cache(maxsize=65_536)
def _fold_one(character: str) -> str:
    folded = fold(character)
    return folded if len(folded) == 1 else character


def fold_aligned(text: str) -> str:
    """Folded character by character, so that offsets stay those of `text`."""
    return "".join(map(_fold_one, text))


def terms_of(question: str) -> tuple[Term, ...]:
    """The terms of a question, in order, each once; empty when it names nothing."""
    found: dict[str, Term] = {}
    for match in _TERM.finditer(_ASKING.sub(" ", fold_aligned(question))):
        run = match.group()
        if run[0].isdigit():
            found.setdefault(run, Term(run, 1.5, is_number=True))
        elif run[0] < "\u3400":
            if run not in _STOP_WORDS:
                found.setdefault(run, Term(run, 1.5))
        elif len(run) == 1:
            found.setdefault(run, Term(run, 0.3))
        else:
            for start in range(len(run) - 1):
                pair = run[start : start + 2]
                found.setdefault(pair, Term(pair, 1.0))
    return tuple(found.values())


def says_term(term: Term, folded: str) -> bool:
    """Whether a folded text holds the term; a number must not be part of a longer one."""
    if not term.is_number:
        return term.text in folded
    return re.search(rf"(?<!\d)(?<!\d\.){re.escape(term.text)}(?!\d|\.\d)", folded) is not None


def coverage(terms: Sequence[Term], folded: str) -> float:
    """The weight of the terms that a folded text holds, of the weight of all; 0 without terms."""
    total = sum(term.weight for term in terms)
    if not total:
        return 0.0
    return sum(term.weight for term in terms if says_term(term, folded)) / total


def covered(terms: Sequence[Term], folded: str) -> list[bool]:
    """For every character of a folded text, whether it is part of a term."""
    mask = [False] * len(folded)
    for term in terms:
        if len(term.text) < 2 and not term.is_number:
            continue
        start = folded.find(term.text)
        while start >= 0:
            for position in range(start, start + len(term.text)):
                mask[position] = True
            start = folded.find(term.text, start + 1)
    return mask
