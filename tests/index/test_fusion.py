"""One ranking from two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.fusion import Yardstick, fuse

SCORES = st.dictionaries(st.integers(1, 50), st.floats(0, 1), max_size=20)


@given(SCORES, SCORES)
def test_every_passage_has_one_score_between_0_and_1_and_the_order_is_theirs(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    fused = fuse(dense, lexical, usual=(0.5, 0.1), against=Yardstick(10.0))
    assert {scored.number for scored in fused} == dense.keys() | lexical.keys()
    assert all(0 <= scored.score <= 1 for scored in fused)
    scores = [scored.score for scored in fused]
    assert scores == sorted(scores, reverse=True)


@given(SCORES, st.integers(1, 50), st.floats(0.01, 1))
def test_a_passage_never_falls_by_a_higher_score(
    dense: dict[int, float], number: int, more: float
) -> None:
    def place(scores: dict[int, float]) -> int:
        fused = fuse(scores, {}, usual=(0.5, 0.1), against=Yardstick(10.0))
        return [scored.number for scored in fused].index(number)

    before = {number: 0.0, **dense}
    assert place({**before, number: before[number] + more}) <= place(before)


def test_a_stray_name_does_not_lead_a_query_in_another_language() -> None:
    """BM25 matches a Latin name in the wrong passage."""
    fused = fuse({1: 0.88, 2: 0.80}, {2: 6.0}, usual=(0.80, 0.02), against=Yardstick(80.0))
    assert fused[0].number == 1


def test_a_passage_with_all_the_words_leads_a_vague_vector() -> None:
    fused = fuse({1: 0.84, 2: 0.82}, {1: 4.0, 2: 30.0}, usual=(0.80, 0.02), against=Yardstick(40.0))
    assert fused[0].number == 2


def test_words_count_as_far_as_any_passage_has_them() -> None:
    """Where the best has a third of them, the query is in other words than the passages."""
    dense, lexical = {1: 0.84, 2: 0.82, 3: 0.80}, {1: 10.0, 2: 14.0}
    vague = fuse(dense, lexical, usual=(0.80, 0.02), against=Yardstick(40.0))
    assert [scored.number for scored in vague] == [1, 2, 3]
    said = fuse(dense, {**lexical, 3: 38.0}, usual=(0.80, 0.02), against=Yardstick(40.0))
    assert [scored.number for scored in said] == [3, 2, 1]


def test_without_vectors_the_words_decide() -> None:
    fused = fuse({}, {1: 1.0, 2: 3.0}, usual=(0.0, 1.0), against=Yardstick(4.0))
    assert [scored.number for scored in fused] == [2, 1]


def test_a_passage_does_not_fall_for_want_of_a_vector() -> None:
    """In an unfinished index the words of two decide, when one has its vector and one not yet."""
    fused = fuse({1: 0.88}, {1: 8.0, 2: 10.0}, usual=(0.80, 0.02), against=Yardstick(40.0))
    assert [scored.number for scored in fused] == [2, 1]


def test_of_passages_that_say_all_the_words_twice_over_the_stronger_leads() -> None:
    """Squashed, both are 1."""
    fused = fuse({1: 0.8, 2: 0.8}, {1: 60.0, 2: 61.0}, usual=(0.80, 0.02), against=Yardstick(20.0))
    assert [scored.number for scored in fused] == [2, 1]
    assert fused[0].score == fused[1].score == 1.0
