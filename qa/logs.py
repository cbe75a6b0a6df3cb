"""What the server logs: one line an event, without the question unless that is allowed."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from qa.schema import Answer
from qa.settings import LogFormat
from qa.to_json import answer_id

_asks = logging.getLogger("wenju.ask")
_TALKATIVE = (
    "asyncio", "faiss", "httpcore", "httpx", "matplotlib", "mcp", "PIL", "python_multipart",
)  # fmt: skip


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what the event carries."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "event", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(format_: LogFormat, level: str, *, stream: TextIO | None = None) -> None:
    """Replace whatever handles the root's records by one handler of ours."""
    handler = logging.StreamHandler(stream or sys.stderr)
    if format_ == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_answer(answer: Answer, *, seconds: float, log_questions: bool) -> None:
    """What came of a question; the question itself only where the settings allow it."""
    event: dict[str, object] = {
        "event": "answer",
        "answer_id": answer_id(answer),
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 3),
        "n_citations": len(answer.citations),
        "n_unsupported": answer.n_unsupported,
        "notes": list(answer.notes),
        "ms": round(1000 * seconds, 1),
    }
    if log_questions:
        event["question"] = answer.question
    outcome = "abstained" if answer.abstained else "answered"
    _asks.info("%s in %.0f ms", outcome, 1000 * seconds, extra={"event": event})
