from __future__ import annotations

from typing import Any

import pytest

from index.schema import Hit, Passage, Span
from qa.asking.conversation import MAX_TURNS, goes_on, turns_of
from qa.schema import Turn


def test_strings_are_user_and_assistant_in_turn() -> None:
    assert turns_of(["问", "答", "再问"]) == (
        Turn("user", "问"),
        Turn("assistant", "答"),
        Turn("user", "再问"),
    )


def test_roles_are_kept_and_instructions_dropped() -> None:
    history = [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "问"},
        {"role": "assistant", "content": "答"},
    ]
    assert turns_of(history) == (Turn("user", "问"), Turn("assistant", "答"))


@pytest.mark.parametrize(
    "history", ["问", 3, None, {"role": "user"}, [3], [{"role": "user"}], [{"content": "问"}]]
)
def test_anything_else_is_refused(history: Any) -> None:
    with pytest.raises(ValueError, match=r"turn|history"):
        turns_of(history)


def test_only_the_last_turns_count() -> None:
    assert len(turns_of(["问", "答"] * MAX_TURNS)) == MAX_TURNS


def hit(article: str, text: str) -> Hit:
    return Hit(Passage(f"{article}:0", article, Span(0, len(text)), text, ""), 0.8, 0.9, 1.0)


HOUMA = hit("houma", "侯马审批时限由法定327个工作日减至31个工作日。")
PORT = hit("port", "海州港集装箱吞吐量达到1.9亿吨。")


def test_the_subject_goes_on_where_the_article_before_says_as_much() -> None:
    assert goes_on("法定是多少个工作日", [HOUMA, PORT], [HOUMA], "houma")
    assert goes_on("法定是多少个工作日", [PORT, HOUMA], [HOUMA], "houma")


def test_a_changed_subject_is_noticed_by_what_is_found_without_the_turns_before() -> None:
    assert not goes_on("集装箱吞吐量是多少", [PORT, HOUMA], [HOUMA, PORT], "houma")


def test_turns_before_that_lead_to_yet_another_article_add_nothing() -> None:
    assert not goes_on("集装箱吞吐量是多少", [PORT], [PORT, HOUMA], "houma")


def test_across_scripts_the_article_before_must_be_found_alone_too() -> None:
    assert goes_on("How long is it by law?", [PORT, HOUMA], [HOUMA], "houma")
    assert not goes_on("What is the throughput?", [PORT], [HOUMA], "houma")


def test_without_hits_nothing_is_left_behind() -> None:
    assert goes_on("多少", [], [HOUMA], "houma")
    assert not goes_on("多少", [HOUMA], [], "houma")
