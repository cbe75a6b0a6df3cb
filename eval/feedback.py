"""Thumbs → a question set: what people found right is kept as right, the rest is for an editor.

Reads what `POST /api/feedback` keeps. The last verdict on an answer counts, and
one that was withdrawn is none; a question whose answer was never known cannot be used.
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
    in `answers`. A question that was not read as it was asked, such as a
    follow-up made whole from the turns before, comes as it was read, with
    `asked`; an editor accepts it. Torn lines are passed over.
    """
    last: dict[str, Json] = {}
    for line in lines:
        try:
            row = json.loads(line)
            # the server forgets what old answers were about; their first verdict says it
            last[row["answer_id"]] = last.pop(row["answer_id"], {}) | row
        except (ValueError, KeyError, TypeError):
            continue
    rows: dict[str, Json] = {}
    for row in last.values():
        asked, verdict, said = row.get("question"), row.get("verdict"), row.get("answer")
        if not asked or verdict not in ("up", "down"):
            continue
        up, read = verdict == "up", row.get("query") or asked
        rows[read] = {
            "id": f"feedback-{row['answer_id']}",
            "question": read,
            "answers": [said] if up and said is not None else [],
            "answerable": not up or said is not None,
            "accepted": True if up and read == asked else None,
            "said": said,
            "comment": row.get("comment"),
        } | ({} if read == asked else {"asked": asked})
    return list(rows.values())
