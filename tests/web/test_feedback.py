from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.feedback import exported
from qa.web.feedback import Feedback


def answer(answer_id: str, question: str, query: str | None = None) -> dict[str, Any]:
    return {
        "answer_id": answer_id, "question": question, "query": query or question,
        "answer": "203万元", "confidence": 0.9, "citations": [],
    }  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


def rows(path: Path) -> list[dict[str, Any]]:
    return exported(path.read_text("utf-8").split("\n"))


def test_a_follow_up_is_kept_as_it_was_read(path: Path) -> None:
    feedback = Feedback(path)
    feedback.remember(answer("1", "那投资呢？", "技术中心投资多少？"))
    feedback.remember(answer("2", "那投资呢？", "图书馆投资多少？"))
    feedback.keep("1", "up", None)
    feedback.keep("2", "up", None)
    found = rows(path)
    assert [row["question"] for row in found] == ["技术中心投资多少？", "图书馆投资多少？"]
    assert {row["asked"] for row in found} == {"那投资呢？"}
    assert {row["accepted"] for row in found} == {None}, "what was asked was judged"


def test_the_last_verdict_on_an_answer_counts_also_after_a_restart(path: Path) -> None:
    feedback = Feedback(path)
    for answer_id in ("1", "2", "3"):
        feedback.remember(answer(answer_id, f"问{answer_id}？"))
        feedback.keep(answer_id, "up", None)
    feedback.keep("1", "withdrawn", None)
    restarted = Feedback(path)
    restarted.keep("2", "withdrawn", None)
    restarted.keep("3", "down", None)
    restarted.keep("3", "down", "不对")
    (row,) = rows(path)
    assert (row["question"], row["accepted"], row["comment"]) == ("问3？", None, "不对")
    assert json.loads(path.read_text("utf-8").splitlines()[0])["answer"] == "203万元"
