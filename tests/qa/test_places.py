from __future__ import annotations

import pytest

from qa.reading.places import (
    place_spans,
    places_in,
    romanised_in,
    romanised_spans,
    says_romanised,
    written,
)


def test_places_are_found_by_their_longest_name() -> None:
    assert places_in("侯马经济开发区和平遥县以及山西省") == ("侯马", "平遥", "山西")
    assert places_in("没有地名的一句话") == ()


def test_capitalised_words_that_read_as_pinyin_are_names() -> None:
    question = "How many days did Houma and Pingyao cut? Korea, Economic Zone"
    assert romanised_in(question) == ("houma", "pingyao")


@pytest.mark.parametrize(
    ("word", "text", "says"),
    [
        ("houma", "侯马经济开发区", True),
        ("houma", "介休经济开发区", False),
        ("chongqing", "重庆市", True),  # 重 has two readings
        ("ma", "马", False),  # one character is no name
        ("houma", "", False),
    ],
)
def test_a_romanised_name_is_compared_with_what_is_read(word: str, text: str, says: bool) -> None:
    assert says_romanised(word, text) is says


def test_a_romanised_place_is_searched_for_as_it_is_written() -> None:
    assert written("jiexiu") == ("介休",)
    assert written("shanxi") == ("山西", "陕西")
    assert written("nowhere") == ()


def test_a_romanised_name_is_found_where_it_is_spelled_unlike_it_is_read() -> None:
    question = "Is Shaanxi west of Shanxi?"
    assert romanised_in(question) == ("shanxi",)
    assert [span.of(question) for span in romanised_spans(question)] == ["Shaanxi", "Shanxi"]


def test_a_place_is_found_each_time_it_is_named() -> None:
    text = "侯马和平遥，侯马市"
    assert [(span.start, span.of(text)) for span in place_spans(text)] == [
        (0, "侯马"), (3, "平遥"), (6, "侯马"),
    ]  # fmt: skip
