"""Follow-up questions made whole from the turns before, by rules and the retriever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qa.schema import Turn

MAX_TURNS = 20  # the last ones; older ones decide nothing


def turns_of(history: Any) -> tuple[Turn, ...]:
    """A history as clients give it: strings, user and assistant in turn, or role and content.

    Raises:
        ValueError: anything else.
    """
    if isinstance(history, str) or not isinstance(history, Sequence):
        raise ValueError("a history is a list of turns")
    turns: list[Turn] = []
    for number, entry in enumerate(history):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(entry, str):
            turns.append(Turn("user" if number % 2 == 0 else "assistant", entry))
        elif isinstance(entry, Mapping):
            turns.extend(_turn(entry, number))  # pyright: ignore[reportUnknownArgumentType]
        else:
            raise ValueError(f"turn {number} is neither a string nor an object")
    return tuple(turns[-MAX_TURNS:])


def _turn(entry: Mapping[Any, Any], number: int) -> list[Turn]:
    role, content = entry.get("role"), entry.get("content")
    if not isinstance(content, str):
        raise ValueError(f"turn {number} has no text as its content")
    if role in ("user", "assistant"):
        return [Turn(role, content)]
    if role in ("system", "developer"):
        return []
    raise ValueError(f"turn {number} has the role {role!r}: user, assistant")
