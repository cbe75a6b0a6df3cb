"""What people thought of answers, kept for evaluation: one JSON record a line."""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Verdict = Literal["up", "down", "withdrawn"]
_REMEMBERED = 2000


class Feedback:
    """Appends verdicts to a file, each with its question and answer while we still know them.

    An answer may be judged again: the last verdict on it counts, "withdrawn" for none.
    Questions that nobody judges are kept in memory only, and the oldest are forgotten.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def remember(self, answer: dict[str, Any]) -> None:
        """`answer`: as `qa.to_json.answer_to_json` makes it."""
        with self._lock:
            self._answers[answer["answer_id"]] = {
                name: answer[name] for name in ("question", "query", "answer", "confidence")
            } | {
                "citations": [
                    {name: citation[name] for name in ("article_id", "start", "end", "quote")}
                    for citation in answer["citations"]
                ]
            }
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)

    def keep(self, answer_id: str, verdict: Verdict, comment: str | None) -> None:
        """Raises: OSError: the file cannot be written."""
        record = {
            "answer_id": answer_id,
            "verdict": verdict,
            "comment": comment,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            **self._answers.get(answer_id, {}),
        }
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def feedback_path() -> Path:
    """In the user's data folder, beside the indexes (WENJU_HOME, else XDG_DATA_HOME)."""
    home = os.environ.get("WENJU_HOME")
    if home:
        return Path(home) / "feedback.jsonl"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "wenju" / "feedback.jsonl"
