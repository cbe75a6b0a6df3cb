from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import HashEmbedder
from index.schema import Passage, Span
from qa.reading.readers import OverlapReader, load_reader


def passage(text: str) -> Passage:
    return Passage("a:0", "a", Span(0, max(1, len(text))), text, "")


READER = OverlapReader(HashEmbedder())


@given(st.text(max_size=40), st.text(alphabet="ab12 年天、，。（）侯马减少了", max_size=120))
def test_candidates_lie_in_their_passage_apart_and_share_one_certainty(
    question: str, text: str
) -> None:
    (reading,) = READER.read([question], [passage(text)])
    assert 0.0 <= reading.answerable <= 1.0
    for number, candidate in enumerate(reading.candidates):
        assert candidate.span.of(text)
        assert not any(candidate.span.overlaps(c.span) for c in reading.candidates[:number])
    if reading.candidates:
        assert sum(c.probability for c in reading.candidates) == pytest.approx(1.0)
        probabilities = [c.probability for c in reading.candidates]
        assert probabilities == sorted(probabilities, reverse=True)


@pytest.mark.parametrize(
    ("question", "text", "best"),
    [
        ("审批减少了多少天", "今年4月开会。审批比法定减少了72天。", "72天"),
        ("哪一年成立的公司", "公司2019年成立。员工有300人。", "2019年"),
    ],
)
def test_the_kind_asked_for_is_found(question: str, text: str, best: str) -> None:
    (reading,) = READER.read([question], [passage(text)])
    assert reading.candidates[0].span.of(text) == best


def test_readings_are_aligned_with_their_pairs() -> None:
    passages = [passage("甲有3人。"), passage("乙有5人。")]
    readings = READER.read(["甲有多少人", "乙有多少人"], passages)
    assert [reading.passage for reading in readings] == passages
    assert READER.read([], []) == []
    with pytest.raises(ValueError, match="1 questions for 0"):
        READER.read(["问"], [])


def test_an_unknown_reader_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no reader 'best'"):
        load_reader(HashEmbedder(), "best")
