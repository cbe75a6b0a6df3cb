from __future__ import annotations

from urllib.parse import unquote

import pytest

from index.schema import Span
from qa.fragment import text_fragment

TEXT = "新馆投资2.4亿元。阅览席增加到1500个。\n旧馆关了门。阅览席增加到1500个。馆长说，好。"


def fragment(words: str, text: str = TEXT, *, after: int = 0) -> str:
    start = text.index(words, after)
    return text_fragment(text, Span(start, start + len(words)))


def test_words_that_stand_once_are_given_alone_and_percent_encoded() -> None:
    assert (
        fragment("旧馆关了门。") == ":~:text=%E6%97%A7%E9%A6%86%E5%85%B3%E4%BA%86%E9%97%A8%E3%80%82"
    )


def test_the_first_of_two_needs_nothing_the_second_what_is_around_it() -> None:
    assert unquote(fragment("阅览席增加到1500个。")) == ":~:text=阅览席增加到1500个。"
    second = unquote(fragment("阅览席增加到1500个。", after=TEXT.index("旧馆")))
    assert second == ":~:text=旧馆关了门。-,阅览席增加到1500个。,-馆长说，"


def test_a_long_sentence_is_given_by_its_first_and_last_clause() -> None:
    middle = "，".join(["开发区持续优化营商环境"] * 6)
    text = f"前面。一季度，{middle}，取得成效。后面。"
    sentence = text[3:-3]
    assert unquote(fragment(sentence, text)) == ":~:text=一季度，,取得成效。"


def test_what_runs_over_two_paragraphs_is_given_by_its_ends() -> None:
    text = "标题一\n标题二\n正文。"
    assert unquote(fragment("标题一\n标题二", text)) == ":~:text=标题一,标题二"


@pytest.mark.parametrize(
    ("words", "encoded"),
    [
        ("A-B & C, D", "A%2DB%20%26%20C%2C%20D"),
        ("“三无”#1?", "%E2%80%9C%E4%B8%89%E6%97%A0%E2%80%9D%231%3F"),
    ],
)
def test_what_means_something_in_a_directive_is_encoded(words: str, encoded: str) -> None:
    assert fragment(words, f"前。{words}") == f":~:text={encoded}"
