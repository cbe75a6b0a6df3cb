"""The cut of a text into terms, and BM25 over it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import Lexical, LexicalWriter, fold, spaced_terms, terms, to_simplified


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("开发区", ["开", "发", "区", "开发", "发区"]),
        ("開發區", ["开", "发", "区", "开发", "发区"]),  # Traditional
        ("减少72天", ["减", "少", "减少", "72", "天"]),
        ("ＧＤＰ增长３％", ["gdp", "增", "长", "增长", "3"]),  # full width
        ("Steam engines, 1784.", ["steam", "engines", "1784"]),
        ("“标准地”挂牌", ["标", "准", "地", "标准", "准地", "挂", "牌", "挂牌"]),
        ("，。！ \n", []),
    ],
)
def test_han_gives_characters_and_pairs_the_rest_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text())
def test_terms_hold_no_white_space_and_folding_again_changes_nothing(text: str) -> None:
    assert all(term and not any(map(str.isspace, term)) for term in terms(text))
    assert fold(fold(text)) == fold(text) or "İ" in text


def test_every_character_is_folded_as_unicode_has_it_whatever_stands_before_it() -> None:
    """The table against the slow way, over the whole plane."""
    for before in ("a", "가"):
        for code in range(0x10000):
            text = before + chr(code)
            slow = to_simplified(unicodedata.normalize("NFKC", text).lower())
            assert fold(text) == slow, text


@given(st.lists(st.text() | st.text("国國ka7 ，ー㍿e\u0301Σ\ud800𠮷\n")))
def test_the_index_holds_the_terms_of_a_query(texts: list[str]) -> None:
    spaced = spaced_terms(texts)
    assert [sorted(found.split()) for found in spaced] == [sorted(terms(text)) for text in texts]


def test_the_passage_with_more_of_the_words_comes_first_and_the_dead_not_at_all(
    tmp_path: Path,
) -> None:
    writer = LexicalWriter(tmp_path)
    for number, text in enumerate(["审批时限减少了", "审批很快", "天气很好", "审批时限"], start=1):
        writer.add(number * 10, {number: text})
    writer.commit()
    found, against = Lexical(tmp_path).search("审批时限减少多少", limit=10)
    assert [number for number, _ in found] == [1, 4, 2]
    assert against.ideal > found[0][1] > 0  # 多, 多少 are in no passage and count in full
    among = Lexical(tmp_path).search("审批", limit=10, articles=[20, 40])[0]
    assert {number for number, _ in among} == {2, 4}

    writer = LexicalWriter(tmp_path)
    writer.remove([10])
    writer.commit()
    assert [number for number, _ in Lexical(tmp_path).search("审批时限", limit=10)[0]] == [4, 2]


@pytest.mark.parametrize("query", ["", "？", "qqq"])
def test_a_query_without_a_known_word_finds_nothing(tmp_path: Path, query: str) -> None:
    writer = LexicalWriter(tmp_path)
    writer.add(1, {1: "审批"})
    writer.commit()
    assert Lexical(tmp_path).search(query, limit=5)[0] == []
