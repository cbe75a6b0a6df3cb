"""Answer strings scored: EM and F1 as CMRC 2018 and SQuAD 2.0 define them, and our own.

Each function takes what was predicted and the acceptable answers. An abstention
is the empty string, and an unanswerable question has no answers: both official
definitions then give 1 to abstaining and 0 to anything said.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from eval.schema import Mode
from index.schema import squeeze

Convention = Literal["cmrc", "squad"]

# The official list holds "……" as one entry, which no single character equals:
# the ellipsis is therefore not taken out, here as there.
_CMRC_PUNCTUATION = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_CMRC_HAN = re.compile("[\u4e00-\u9fa5]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE_END = re.compile(r"(?<=[^\s.][^\s.]\.)\s+")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_SQUAD_PUNCTUATION = str.maketrans("", "", string.punctuation)
_OUTER = "。，、；：！？.,;:!?“”‘’\"'「」『』《》〈〉（）()【】[]…—"
_SEPARATORS = re.compile("[、，,;；和与及跟以]|以及|and", re.IGNORECASE)
_BETWEEN = re.compile(f"{_SEPARATORS.pattern}|[\n{re.escape(_OUTER)}]", re.IGNORECASE)


def convention_for(answers: Sequence[str]) -> Convention:
    """CMRC's for answers in Chinese, SQuAD's for the rest.

    Chinese: more than half of all letters are Han.
    """
    text = "".join(answers)
    n_letters = len(_LETTER.findall(text))
    return "cmrc" if 2 * len(_HAN.findall(text)) > n_letters or not n_letters else "squad"


def exact_match(predicted: str, answers: Sequence[str], convention: Convention) -> float:
    """1 when the prediction equals an answer once normalised, else 0."""
    normal = _cmrc_normal if convention == "cmrc" else squad_normal
    right = [normal(answer) for answer in _to_compare(answers, convention)]
    return float(normal(predicted) in right)


def f1(predicted: str, answers: Sequence[str], convention: Convention) -> float:
    """The best F1 over the answers.

    cmrc: over the longest run of segments in common (cmrc2018_evaluate.py, v5),
    a segment being a Han character or a word. squad: over the bag of words in
    common (evaluate-v2.0.py).
    """
    one = _cmrc_f1 if convention == "cmrc" else _squad_f1
    return max(one(predicted, answer) for answer in _to_compare(answers, convention))


def cmrc_segments(text: str) -> list[str]:
    """Han characters one by one, what stands between them in words; no punctuation.

    The official script cuts words with nltk.word_tokenize. Its sentence model
    is not on PyPI; a sentence is taken to end at a full stop after two letters
    or more, which differs for abbreviations before another word only.
    """
    segments: list[str] = []
    between = ""
    for character in text.lower().strip():
        if character in _CMRC_PUNCTUATION:
            continue
        if _CMRC_HAN.match(character):
            segments += _words(between)
            segments.append(character)
            between = ""
        else:
            between += character
    return [*segments, *_words(between)]


def squad_normal(text: str) -> str:
    """Lower case, without ASCII punctuation and articles, white space made single."""
    bare = text.lower().translate(_SQUAD_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def fold(text: str) -> str:
    """Without white space, widths and case folded (NFKC), outer punctuation off."""
    return squeeze(unicodedata.normalize("NFKC", text)).strip(_OUTER).casefold()


def is_correct(predicted: Sequence[str], answers: Sequence[str], mode: Mode) -> bool:
    """Whether the answer is right: `fold`ed, it equals the reference.

    any: the prediction, its items joined, is one of the answers; separators of a
    list do not count. all: it is every one of the answers, in any order, each as
    often as it is asked for, and nothing but separators and outer punctuation beside.
    """
    said = fold("、".join(predicted))
    if not said or not answers:
        return False
    if mode == "any":
        listed = _SEPARATORS.sub("、", said)
        return any(
            said == fold(answer) or (len(predicted) > 1 and listed == _listed(answer))
            for answer in answers
        )
    for answer in sorted(map(fold, answers), key=len, reverse=True):
        if answer not in said:
            return False
        said = said.replace(answer, "\n", 1)  # which no folded text holds
    return not _BETWEEN.sub("", said)


def contains_answer(predicted: Sequence[str], answers: Sequence[str], mode: Mode) -> bool:
    """Whether an answer (all: every answer) stands in the prediction, `fold`ed."""
    said = fold("、".join(predicted))
    enough = any if mode == "any" else all
    return bool(answers) and enough(fold(answer) in said for answer in answers)


def _to_compare(answers: Sequence[str], convention: Convention) -> Sequence[str]:
    """The answers, or the empty one; SQuAD's script drops those that are only articles."""
    if convention == "squad":
        answers = [answer for answer in answers if squad_normal(answer)]
    return answers or ("",)


def _listed(answer: str) -> str:
    return _SEPARATORS.sub("、", fold(answer))


def _cmrc_normal(text: str) -> str:
    return "".join(c for c in text.lower().strip() if c not in _CMRC_PUNCTUATION)


def _cmrc_f1(predicted: str, answer: str) -> float:
    said, right = cmrc_segments(predicted), cmrc_segments(answer)
    if not said and not right and not answer:
        return 1.0  # abstained where that is right: the script knows no such question
    return _harmonic(_longest_common_run(said, right), len(said), len(right))


def _squad_f1(predicted: str, answer: str) -> float:
    said, right = squad_normal(predicted).split(), squad_normal(answer).split()
    if not said or not right:
        return float(said == right)
    return _harmonic((Counter(said) & Counter(right)).total(), len(said), len(right))


def _harmonic(n_common: int, n_said: int, n_right: int) -> float:
    if n_common == 0:
        return 0.0
    precision, recall = n_common / n_said, n_common / n_right
    return 2 * precision * recall / (precision + recall)


def _longest_common_run(left: Sequence[str], right: Sequence[str]) -> int:
    best = 0
    previous = [0] * (len(right) + 1)
    for one in left:
        current = [0]
        for position, other in enumerate(right):
            current.append(previous[position] + 1 if one == other else 0)
        best = max(best, *current)
        previous = current
    return best


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    if not text.strip():
        return ()
    if text.isdigit():  # nothing to cut, and nltk need not be imported
        return (text,)
    from nltk.tokenize.destructive import NLTKWordTokenizer

    tokenizer = NLTKWordTokenizer()
    return tuple(
        word for sentence in _SENTENCE_END.split(text) for word in tokenizer.tokenize(sentence)
    )
