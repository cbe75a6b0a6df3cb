"""Follow-up questions made whole from the turns before, by rules and the retriever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.schema import Hit
from qa.reading.coverage import Term, coverage, fold_aligned, terms_of
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


def goes_on(
    question: str, alone: Sequence[Hit], carried: Sequence[Hit], before: str | None
) -> bool:
    """Whether a question that might lean on the turns before does: the retriever's word.

    It does not where even with them another article is found, where another
    one, found without them, says clearly more of the question's own words, or,
    across languages, where the question alone does not find the one before.

    Args:
        alone: hits of the question as it stands, best first.
        carried: hits of the question with what the turns before add.
        before: the id of the article that the turns before were about.
    """
    if not alone or not carried:
        return bool(carried)
    if carried[0].passage.article_id != before:
        return False
    if alone[0].passage.article_id == before:
        return True
    terms = terms_of(question)
    without, within = (
        _best_coverage(terms, alone[:3]),
        _best_coverage(terms, [hit for hit in carried[:5] if hit.passage.article_id == before]),
    )
    if max(without, within) < 0.2:
        return before in {hit.passage.article_id for hit in alone[:3]}
    return without <= within + 0.15


def _best_coverage(terms: Sequence[Term], hits: Sequence[Hit]) -> float:
    return max(
        (
            coverage(terms, fold_aligned(f"{hit.passage.context}\n{hit.passage.text}"))
            for hit in hits
        ),
        default=0.0,
    )
