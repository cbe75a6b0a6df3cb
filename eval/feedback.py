"""Thumbs → a question set: what people found right is kept as right, the rest is for an editor.

Reads what `POST /api/feedback` keeps. The last verdict on an answer counts; a
question whose answer is not known any more cannot be used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def exported(lines: Iterable[str]) -> list[Json]:
    """Rows in the draft's form: `accepted` is true for thumbs up, null for thumbs down.

    A wrong answer is not the right one's opposite: a thumb down gives the
    question with `said` (what was rejected) and `comment`, and an editor fills
    in `answers`. Torn lines are passed over.
    """
    last: dict[str, Json] = {}
    for line in lines:
        try:
            row = json.loads(line)
            if row.get("question"):
                last[row["answer_id"]] = row
        except (ValueError, KeyError, AttributeError):
            continue
    rows: dict[str, Json] = {}
    for row in last.values():
        up, said = row["verdict"] == "up", row.get("answer")
        rows[row["question"]] = {
            "id": f"feedback-{row['answer_id']}",
            "question": row["question"],
            "answers": [said] if up and said is not None else [],
            "answerable": not up or said is not None,
            "accepted": True if up else None,
            "said": said,
            "comment": row.get("comment"),
        }
    return list(rows.values())
