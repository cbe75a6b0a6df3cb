from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reading.coverage import coverage, covered, fold_aligned, is_han, says_term, terms_of


def test_a_question_s_terms_are_what_it_names() -> None:
    assert [term.text for term in terms_of("侯马的审批时限缩减了多少天？")] == [
        "侯马", "审批", "批时", "时限", "限缩", "缩减", "天",
    ]  # fmt: skip
    assert [term.text for term in terms_of("How many patents did Houma have in 2023?")] == [
        "patents", "houma", "2023",
    ]  # fmt: skip
    assert terms_of("这是什么？") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("投资20亿元", True),
        ("投资2023万元", False),
        ("投资20.5亿元", False),
        ("投资120亿元", False),
    ],
)
def test_a_number_is_not_part_of_another(text: str, says: bool) -> None:
    (term,) = [term for term in terms_of("投资20亿元吗") if term.is_number]
    assert says_term(term, text) is says


def test_traditional_and_wide_characters_are_the_same_words() -> None:
    terms = terms_of("審批時限縮減")
    assert coverage(terms, fold_aligned("审批时限缩减")) == 1.0


def test_a_full_stop_before_a_number_is_not_part_of_it() -> None:
    (term,) = terms_of(".0")
    assert says_term(term, "version .0")
    assert not says_term(term, "2.0")


@given(st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold_aligned(text)) == len(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_coverage_is_a_share(question: str, text: str) -> None:
    terms = terms_of(question)
    assert 0.0 <= coverage(terms, fold_aligned(text)) <= 1.0
    assert len(covered(terms, fold_aligned(text))) == len(text)
    if terms:
        assert coverage(terms, fold_aligned(question)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "han"), [("侯马", True), ("Houma 侯马 zone of development", False), ("", False)]
)
def test_the_script_of_a_text_is_told(text: str, han: bool) -> None:
    assert is_han(text) is han
