"""Others' items → a set that brings its contexts (SQuAD form).

RGB (Chen et al., 2023): a line each of {"id", "query", "answer", "positive": [text],
"negative": [text]}; an answer is a string, or a list in which a list holds
alternatives. CRUD-RAG: a list, or an object of lists, of {"ID", "questions",
"answers", "news1", "news2"…}.

An item whose answer stands in one of its texts becomes a question about that
text; negatives become contexts without questions, which any search must pass by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from eval.errors import Invalid, SetMissing
from eval.questions import read_text

Json = dict[str, Any]
Kind = Literal["rgb", "crud"]


@dataclass(frozen=True, slots=True)
class Item:
    """One question with texts that answer it and texts that do not."""

    id: str
    question: str
    answers: tuple[str, ...]  # alternatives
    texts: tuple[str, ...]
    negatives: tuple[str, ...] = ()


def converted(path: Path, kind: Kind) -> tuple[Json, list[Invalid]]:
    """The set in SQuAD form, and the items that could not be used.

    Raises:
        SetMissing: the file is not of that kind.
    """
    text = read_text(path)
    try:
        items = list(_rgb(text) if kind == "rgb" else _crud(json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetMissing(path, f"not of the form {kind}: {error!r}") from None
    contexts: dict[str, list[Json]] = {}
    invalid: list[Invalid] = []
    for item in items:
        holding = next(((t, a) for t in item.texts for a in item.answers if a and a in t), None)
        if holding is None:
            reason = "no answer stands word for word in a text of the item"
            invalid.append(Invalid(str(path), None, item.id, "answers", reason))
            continue
        context = holding[0]
        answers = [
            {"text": answer, "answer_start": context.find(answer)} for answer in item.answers
        ]
        row = {"id": item.id, "question": item.question, "answers": answers}
        contexts.setdefault(context, []).append(row)
        for other in (*item.texts, *item.negatives):
            contexts.setdefault(other, [])
    data = [
        {"paragraphs": [{"context": context, "qas": asked}]} for context, asked in contexts.items()
    ]
    return {"version": f"{kind}:{path.name}", "data": data}, invalid


def _rgb(text: str) -> Iterator[Item]:
    for line in text.split("\n"):
        if line.strip():
            row = json.loads(line)
            yield Item(
                str(row["id"]),
                row["query"],
                tuple(_alternatives(row["answer"])),
                tuple(_flat(row["positive"])),
                tuple(_flat(row.get("negative", []))),
            )


def _crud(read: Any) -> Iterator[Item]:
    lists = cast("dict[str, list[Json]]", read) if isinstance(read, dict) else {"": read}
    for rows in lists.values():
        for row in rows:
            texts = [str(row[name]) for name in ("news1", "news2", "news3") if row.get(name)]
            asked, said = row["questions"], row["answers"]
            pairs = zip(
                asked if isinstance(asked, list) else [asked],
                said if isinstance(said, list) else [said],
                strict=True,
            )
            for number, (question, answer) in enumerate(pairs):
                yield Item(f"{row['ID']}#{number}", question, (str(answer),), tuple(texts))


def _alternatives(answer: Any) -> list[str]:
    """RGB: a string; a list of them is one fact each, an inner list its wordings."""
    if isinstance(answer, str):
        return [answer]
    found: list[str] = []
    for each in answer:
        found += [str(wording) for wording in each] if isinstance(each, list) else [str(each)]
    return found


def _flat(texts: Any) -> list[str]:
    found: list[str] = []
    for each in texts:
        found += _flat(each) if isinstance(each, list) else [str(each)]
    return [text for text in found if text.strip()]
