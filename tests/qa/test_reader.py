from __future__ import annotations

import threading

import pytest

from index.schema import Passage, Span
from qa.reading.trained import MAX_CANDIDATES, TrainedReader

TEXT = "该馆于1987年5月建成，馆长林若水说，全年接待读者三十万人次，新书采购费用为240万元。"


def passage(text: str, context: str = "") -> Passage:
    return Passage("a:0", "a", Span(0, max(1, len(text))), text, context)


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return TrainedReader()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("图书馆的馆长是谁？", "林若水"),
        ("圖書館的館長是誰？", "林若水"),
        ("新书采购花了多少钱？", "240万元"),
        ("该馆是哪一年建成的？", "1987年"),
        ("When was the library built?", "1987年"),
    ],
)
def test_it_finds_the_words_that_answer(reader: TrainedReader, question: str, answer: str) -> None:
    (reading,) = reader.read([question], [passage(TEXT, "市图书馆")])
    words = reading.candidates[0].span.of(TEXT)
    assert answer in words
    assert len(words) <= len(answer) + 4


def test_a_passage_about_something_else_is_less_answerable(reader: TrainedReader) -> None:
    question = "图书馆的馆长是谁？"
    other = "今年小麦收割比去年早了一周，农机合作社出动收割机八十台。"
    right, wrong = reader.read([question] * 2, [passage(TEXT, "市图书馆"), passage(other)])
    assert right.answerable > 0.5 > wrong.answerable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "　",
        "天" * 10_000,
        TEXT * 250,
        "😀🇨🇳👩‍👩‍👧" * 50,
        "мир 和平 سلام 72天 déjà",
        "\u0301" * 40,
        "a\n\n\tb",
    ],
)
def test_offsets_are_those_of_the_passage_whatever_it_is(reader: TrainedReader, text: str) -> None:
    (reading,) = reader.read(["多少天？"], [passage(text)])
    assert 0 <= reading.answerable <= 1
    assert len({candidate.span for candidate in reading.candidates}) == len(reading.candidates)
    assert len(reading.candidates) <= 2 * MAX_CANDIDATES
    for candidate in reading.candidates:
        words = candidate.span.of(text)
        assert words == words.strip()
    assert sum(c.probability for c in reading.candidates) == pytest.approx(
        1.0 if reading.candidates else 0.0
    )


def test_a_reading_does_not_depend_on_what_it_is_read_with(reader: TrainedReader) -> None:
    question = "新书采购花了多少钱？"
    (alone,) = reader.read([question], [passage(TEXT)])
    together = reader.read([question] * 3, [passage("短。"), passage(TEXT), passage(TEXT * 9)])[1]
    assert together.candidates[0].span == alone.candidates[0].span
    assert together.answerable == pytest.approx(alone.answerable, abs=1e-3)


def test_several_threads_get_what_one_gets(reader: TrainedReader) -> None:
    expected = reader.read(["图书馆的馆长是谁？"], [passage(TEXT)])
    found: list[object] = []

    def work() -> None:
        found.append(reader.read(["图书馆的馆长是谁？"], [passage(TEXT)]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_nothing_in_nothing_out(reader: TrainedReader) -> None:
    assert reader.read([], []) == []
    with pytest.raises(ValueError, match=r"shorter|longer"):
        reader.read(["谁？"], [])
