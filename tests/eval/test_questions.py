"""Sets of every form, and each way of being wrong, named by line and field."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eval.errors import SetMissing
from eval.questions import question_from_line, question_to_json, read_set
from index.schema import Span

WriteSet = Callable[[Sequence[object]], Path]
GOOD = {"id": "a", "question": "多少天？", "answers": ["72天"], "answerable": True}


@pytest.mark.parametrize(
    ("rows", "line", "field", "reason"),
    [
        ([GOOD, "{"], 2, "line", "not JSON"),
        ([GOOD, "[1]"], 2, "line", "not a JSON object"),
        ([GOOD, GOOD], 2, "id", "given twice, first in line 1"),
        ([{**GOOD, "id": None}], 1, "id", "missing"),
        ([{**GOOD, "question": "  "}], 1, "question", "missing or empty"),
        ([{**GOOD, "answers": []}], 1, "answers", "answerable, but no answer is given"),
        ([{**GOOD, "answerable": False}], 1, "answers", "not answerable, but an answer"),
        ([{**GOOD, "answers": "72天"}], 1, "answers", "not a list"),
        ([{**GOOD, "answers": [72]}], 1, "answers", "not a string"),
        ([{**GOOD, "answerable": "yes"}], 1, "answerable", "neither true nor false"),
        ([{**GOOD, "mode": "some"}], 1, "mode", "neither any nor all"),
        ([{**GOOD, "spans": [[4, 4]]}], 1, "spans", "not [start, end)"),
        ([{**GOOD, "spans": [[0.5, 2.5]]}], 1, "spans", "not [start, end)"),
        ([{**GOOD, "spans": [[1]]}], 1, "spans", "not [start, end)"),
        ([{**GOOD, "lang": 1}], 1, "lang", "not a string"),
        ([{**GOOD, "source": 5, "spans": [[1, 2]]}], 1, "source", "not a string"),
        ([{**GOOD, "sources": [], "spans": [[1, 2]]}], 1, "sources", "one for each of 1 spans"),
        ([{**GOOD, "sources": [5], "spans": [[1, 2]]}], 1, "sources", "not [file, record]"),
        ([{**GOOD, "grades": {"d": "2"}}], 1, "grades", "whole numbers"),
    ],
)
def test_what_is_wrong_is_named(
    write_set: WriteSet, rows: list[object], line: int, field: str, reason: str
) -> None:
    (invalid,) = read_set(write_set(rows)).invalid
    assert (invalid.line, invalid.field) == (line, field)
    assert reason in invalid.reason
    assert f"set.jsonl:{line}" in str(invalid)


def test_what_is_right_is_kept_beside_what_is_wrong(write_set: WriteSet) -> None:
    found = read_set(write_set([{**GOOD, "id": ""}, GOOD, "", GOOD]))
    assert [question.id for question in found.questions] == ["a"]
    assert [invalid.line for invalid in found.invalid] == [1, 4]


def test_a_question_comes_back_from_its_line(
    write_set: WriteSet, lines: list[dict[str, object]]
) -> None:
    for question in read_set(write_set(lines)).questions:
        line = json.dumps(question_to_json(question))
        back = question_from_line("set", question.line or 0, line)
        assert back == question


def squad(
    tmp_path: Path, *rows: object, name: str = "set.json", context: str = "桥长1280米。"
) -> Path:
    path = tmp_path / name
    data = [{"title": "桥", "paragraphs": [{"context": context, "qas": list(rows)}]}]
    path.write_text(json.dumps({"data": data}, ensure_ascii=False), encoding="utf-8")
    return path


def asked(id_: str, *answers: tuple[str, int], question: str = "多长？") -> dict[str, object]:
    return {
        "id": id_,
        "question": question,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
    }


def test_squad_like_sets_bring_their_contexts(tmp_path: Path) -> None:
    path = squad(
        tmp_path,
        asked("a", ("1280米", 2), ("1280", 2), ("1280米", 2)),
        {"id": "b", "question": "多宽？", "answers": [], "is_impossible": True},
    )
    found = read_set(path)
    first, second = found.questions
    assert first.answers == ("1280米", "1280")
    assert [gold.span for gold in first.gold] == [Span(2, 7), Span(2, 6)]
    assert first.documents == ("c0",)
    assert [document.text for document in found.documents] == ["桥长1280米。"]
    assert not second.answerable
    assert (second.documents, second.asked_of) == ((), "c0")


@pytest.mark.parametrize("wrapped", [True, False])
def test_squad_as_hugging_face_exports_it_is_read(tmp_path: Path, wrapped: bool) -> None:
    row = {"title": "桥", "context": "桥长1280米。", "question": "多长？"}
    rows = [
        {**row, "id": "a", "answers": {"text": ["1280米", "1280"], "answer_start": [2, 2]}},
        {**row, "id": "b", "answers": {"text": [], "answer_start": []}},
    ]
    path = tmp_path / "set.json"
    path.write_text(json.dumps({"data": rows} if wrapped else rows), encoding="utf-8")
    found = read_set(path)
    assert not found.invalid
    assert [question.answers for question in found.questions] == [("1280米", "1280"), ()]
    assert [question.answerable for question in found.questions] == [True, False]
    assert [document.text for document in found.documents] == ["桥长1280米。"]


def test_a_wording_that_the_context_does_not_print_still_counts_as_an_answer(
    tmp_path: Path,
) -> None:
    (question,) = read_set(squad(tmp_path, asked("a", ("一千二百八十米", -1)))).questions
    assert question.answers == ("一千二百八十米",)
    assert question.gold == ()


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (asked("a", ("1280米", 3)), "answers.answer_start", "is not there"),
        (asked("a", ("1280米", 7)), "answers.answer_start", "outside the context"),
        (asked("a"), "answers", "none given"),
        ({**asked("a"), "answers": "1280米"}, "answers", "not a list"),
        ({**asked("a"), "answers": ["1280米"]}, "answers", "not a list"),
        (
            {**asked("a"), "answers": {"text": ["1280米"], "answer_start": []}},
            "answers",
            "not a list",
        ),
        ({**asked("a", ("1280米", 2)), "lang": 1}, "lang", "not a string"),
        ("a", "qas", "not an object"),
        (asked("", ("1280米", 2)), "id", "missing"),
        (asked("a", ("1280米", 2), question=""), "question", "missing"),
    ],
)
def test_wrong_squad_rows_are_named(tmp_path: Path, row: object, field: str, reason: str) -> None:
    (invalid,) = read_set(squad(tmp_path, row)).invalid
    assert invalid.field == field
    assert reason in invalid.reason


def test_questions_of_one_language_are_paired_with_contexts_of_another(tmp_path: Path) -> None:
    english = squad(
        tmp_path,
        asked("a", ("1280", 18), question="How long?"),
        asked("only", ("bridge", 4)),
        context="The bridge is now 1280 metres.",
    )
    chinese = squad(tmp_path, asked("a", ("1280米", 2)), name="zh.json")
    found = read_set(english, contexts=chinese)
    (question,) = found.questions
    assert (question.text, question.answers) == ("How long?", ("1280米",))
    assert [(invalid.question, invalid.field) for invalid in found.invalid] == [("only", "id")]


def test_beir_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "t", "text": "one"}\n{"_id": "d2", "text": "two"}\n'
    )
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "first"}\n{"_id": "q2", "text": "unjudged"}\n'
        '{"_id": "q3", "text": "of another corpus"}\n'
    )
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq3\tgone\t1\n"
    )
    found = read_set(tmp_path)
    (question,) = found.questions
    assert question.grades == {"d1": 2}
    assert [invalid.question for invalid in found.invalid] == ["q3"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.jsonl", None),
        ("set.json", b"{}"),
        ("set.json", b"[1]"),
        ("set.json", b"{"),
        ("set.jsonl", b"\xff\xfe\x00"),
    ],
)
def test_what_is_no_set_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SetMissing) as raised:
        read_set(tmp_path / name)
    assert raised.value.exit_code == 2
