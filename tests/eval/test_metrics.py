"""EM and F1 against the official definitions, written out here once more without our code."""

from __future__ import annotations

import collections
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize.destructive import NLTKWordTokenizer

from eval.metrics import (
    cmrc_segments,
    contains_answer,
    convention_for,
    exact_match,
    f1,
    is_correct,
)

# What cmrc2018_evaluate.py (v5) lists; "……" is one entry there.
SP_CHAR = ["-", ":", "_", "*", "^", "/", "\\", "~", "`", "+", "=", "，", "。", "：", "？", "！",
           "“", "”", "；", "’", "《", "》", "……", "·", "、", "「", "」", "（", "）", "－", "～",
           "『", "』"]  # fmt: skip


def official_segments(text: str) -> list[str]:
    segments, piece = [], ""
    for char in text.lower().strip():
        if char in SP_CHAR:
            continue
        if re.search("[\u4e00-\u9fa5]", char):
            if piece != "":
                segments.extend(NLTKWordTokenizer().tokenize(piece))
                piece = ""
            segments.append(char)
        else:
            piece += char
    if piece != "":
        segments.extend(NLTKWordTokenizer().tokenize(piece))
    return segments


def official_cmrc(answers: list[str], prediction: str) -> tuple[float, float]:
    def strip(text: str) -> str:
        return "".join(char for char in text.lower().strip() if char not in SP_CHAR)

    exact = float(any(strip(answer) == strip(prediction) for answer in answers))
    scores = []
    for answer in answers:
        one, other = official_segments(answer), official_segments(prediction)
        longest = max(
            (
                size
                for size in range(min(len(one), len(other)), 0, -1)
                for a in range(len(one) - size + 1)
                for b in range(len(other) - size + 1)
                if one[a : a + size] == other[b : b + size]
            ),
            default=0,
        )
        if longest == 0:
            scores.append(0.0)
            continue
        precision, recall = longest / len(other), longest / len(one)
        scores.append(2 * precision * recall / (precision + recall))
    return exact, max(scores)


def official_squad(answers: list[str], prediction: str) -> tuple[float, float]:
    def normal(text: str) -> str:
        text = "".join(char for char in text.lower() if char not in set(string.punctuation))
        return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())

    golds = [answer for answer in answers if normal(answer)] or [""]
    scores = []
    for gold in golds:
        gold_words, said_words = normal(gold).split(), normal(prediction).split()
        same = sum((collections.Counter(gold_words) & collections.Counter(said_words)).values())
        if not gold_words or not said_words:
            scores.append(float(gold_words == said_words))
        elif same == 0:
            scores.append(0.0)
        else:
            precision, recall = same / len(said_words), same / len(gold_words)
            scores.append(2 * precision * recall / (precision + recall))
    return float(any(normal(gold) == normal(prediction) for gold in golds)), max(scores)


MIXED = st.text(alphabet="中国年月日天人大12390abtheAN -—%,'$，。（）《》…·ＡＢ", max_size=12)
ENGLISH = st.lists(
    st.sampled_from(["a", "The", "an", "cat", "sat", "on", "U.S.", "mat,", "42", "-", "don't"]),
    max_size=6,
).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(MIXED.filter(str.strip), min_size=1, max_size=3), MIXED)
def test_cmrc_scores_are_the_official_script_s(answers: list[str], prediction: str) -> None:
    exact, best = official_cmrc(answers, prediction)
    assert exact_match(prediction, answers, "cmrc") == exact
    assert f1(prediction, answers, "cmrc") == pytest.approx(best)


@settings(max_examples=400, deadline=None)
@given(st.lists(ENGLISH, max_size=3), ENGLISH)
def test_squad_scores_are_the_official_script_s(answers: list[str], prediction: str) -> None:
    exact, best = official_squad(answers, prediction)
    assert exact_match(prediction, answers, "squad") == exact
    assert f1(prediction, answers, "squad") == pytest.approx(best)


@pytest.mark.parametrize(
    ("prediction", "answers", "exact", "score"),
    [
        ("1963年", ["1963年"], 1, 1),
        ("于1963年", ["1963年"], 0, 0.8),  # 于, 1963, 年: two of three and two of two
        ("《红楼梦》", ["红楼梦"], 1, 1),  # punctuation does not count
        ("红楼梦、西游记", ["西游记"], 0, 2 / 3),  # the longest run only: 3/6 and 3/3
        ("中国人民", ["中人国民"], 0, 0.25),  # a run of one, not a bag of four
        ("Taipei 101", ["taipei101"], 0, 0),  # white space counts in EM; the word is another
        ("北京", ["上海", "北京市"], 0, 0.8),  # the best reference
        ("", ["北京"], 0, 0),
        ("", [], 1, 1),  # abstained, and rightly
        ("北京", [], 0, 0),
        ("A…B", ["AB"], 0, 0),  # a single ellipsis is not in the script's list
    ],
)
def test_cmrc_by_hand(prediction: str, answers: list[str], exact: float, score: float) -> None:
    assert exact_match(prediction, answers, "cmrc") == exact
    assert f1(prediction, answers, "cmrc") == pytest.approx(score)


@pytest.mark.parametrize(
    ("prediction", "answers", "exact", "score"),
    [
        ("the Denver Broncos", ["Denver Broncos"], 1, 1),
        ("Denver's Broncos", ["Denver Broncos"], 0, 0.5),  # denvers, broncos
        ("in 1066", ["1066", "the year 1066"], 0, 2 / 3),
        ("", [], 1, 1),
        ("something", [], 0, 0),
        ("the", [], 1, 1),  # nothing is left of it, as in the script
    ],
)
def test_squad_by_hand(prediction: str, answers: list[str], exact: float, score: float) -> None:
    assert exact_match(prediction, answers, "squad") == exact
    assert f1(prediction, answers, "squad") == pytest.approx(score)


def test_words_between_chinese_end_with_their_sentence() -> None:
    assert cmrc_segments("见hello world. foo bar") == ["见", "hello", "world", ".", "foo", "bar"]
    assert cmrc_segments("在u.s. open中") == ["在", "u.s.", "open", "中"]


@pytest.mark.parametrize(
    ("said", "answers", "mode", "right"),
    [
        (["72 天"], ["72天"], "any", True),  # white space does not count
        (["７２天"], ["72天"], "any", True),  # nor does width
        (["72天。"], ["72天"], "any", True),  # nor do quotes and stops around it
        (["减少72天"], ["72天"], "any", False),
        (["3.5"], ["35"], "any", False),
        (["铜镁", "新能源"], ["铜镁、新能源"], "any", True),
        (["铜镁", "新能源"], ["铜镁和新能源"], "any", True),
        (["介休", "侯马"], ["侯马", "介休"], "all", True),
        (["介休和侯马"], ["侯马", "介休"], "all", True),
        (["介休"], ["侯马", "介休"], "all", False),
        (["介休、侯马、寿阳"], ["侯马", "介休"], "all", False),
        (["《条例》、《办法》"], ["《条例》", "《办法》"], "all", True),  # marks around items
        (["“一网通办”", "“一枚印章”"], ["一枚印章", "一网通办"], "all", True),
        (["GDP（亿元）、税收（亿元）"], ["GDP（亿元）", "税收（亿元）"], "all", True),
        (["《条例》草案、《办法》"], ["《条例》", "《办法》"], "all", False),
        (["5天", "5天"], ["5天", "5天"], "all", True),  # two things that take as long
        (["5天"], ["5天", "5天"], "all", False),
        (["5天、15天"], ["5天", "5天"], "all", False),
        (["。"], ["！"], "any", False),  # nothing is nothing
        ([], ["72天"], "any", False),
    ],
)
def test_an_answer_is_right(said: list[str], answers: list[str], mode: str, right: bool) -> None:
    assert is_correct(said, answers, mode) is right  # type: ignore[arg-type]


def test_containment_is_kept_apart_from_being_right() -> None:
    assert contains_answer(["减少 72 天"], ["72天"], "any")
    assert not contains_answer(["介休"], ["介休", "侯马"], "all")


def test_the_convention_follows_the_answers_script() -> None:
    assert convention_for(["17名", "北方铜业公司"]) == "cmrc"
    assert convention_for(["1066", "the Normans"]) == "squad"
    assert convention_for(["1066"]) == "cmrc"
