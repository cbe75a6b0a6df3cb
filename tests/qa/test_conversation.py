from __future__ import annotations

from typing import Any

import pytest

from qa.conversation import MAX_TURNS, turns_of
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
