from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from qa.logs import configure, log_answer
from qa.schema import Answer

ANSWER = Answer("谁是市长？", "谁是市长？", "张三", ("张三",), 0.5, (), (), n_unsupported=2)


@pytest.fixture(autouse=True)
def handlers_put_back() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)


def logged(*, log_questions: bool) -> str:
    stream = io.StringIO()
    configure("json", "info", stream=stream)
    log_answer(ANSWER, seconds=0.25, log_questions=log_questions)
    return stream.getvalue()


def test_a_line_is_json_without_the_question() -> None:
    line = logged(log_questions=False)
    event = json.loads(line)
    assert event["event"] == "answer"
    assert event["level"] == "info"
    assert event["ms"] == 250.0
    assert event["n_unsupported"] == 2
    assert "市长" not in line
    assert "张三" not in line


def test_the_question_is_logged_where_that_is_allowed() -> None:
    assert json.loads(logged(log_questions=True))["question"] == ANSWER.question


def test_a_traceback_stays_on_its_line() -> None:
    stream = io.StringIO()
    configure("json", "info", stream=stream)
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("wenju").exception("it\nfailed")
    (line,) = stream.getvalue().splitlines()
    assert "second" in json.loads(line)["traceback"]
