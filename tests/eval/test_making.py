"""Sets made of other things: varied, converted, drafted, exported from feedback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.commands import main
from eval.draft import accepted_only, draft, drafted_to_json
from eval.errors import SetMissing
from eval.feedback import exported
from eval.forms import to_squad
from eval.questions import read_set
from eval.schema import Document, Gold, Question, QuestionSet
from eval.vary import counterfactual, reworded, with_typos
from index.articles import split_articles
from index.schema import Source, Span

TEXT = "滨河大桥全长1280米，由市政公司承建。"


@pytest.fixture
def bridge() -> QuestionSet:
    at = TEXT.index("1280米")
    question = Question(
        "q1", "滨河大桥全长多少米？", True, ("1280米",), gold=(Gold(Span(at, at + 5), None, "c0"),),
        documents=("c0",),
    )  # fmt: skip
    other = Question("q2", "谁承建了大桥？", True, ("市政公司",), documents=("c0",))
    return QuestionSet("s", "s.json", "squad", "", (question, other), (Document("c0", TEXT),))


def test_typos_are_small_seeded_and_leave_numbers(bridge: QuestionSet) -> None:
    once = with_typos(bridge.questions, seed=1)
    assert once == with_typos(bridge.questions, seed=1)
    assert [varied.of for varied in once] == ["q1", "q2"]
    for varied, question in zip(once, bridge.questions, strict=True):
        assert varied.question.text != question.text or len(set(question.text)) < 3
        assert abs(len(varied.question.text) - len(question.text)) <= 1
        assert varied.question.answers == question.answers


def test_rewording_exchanges_the_question_word(bridge: QuestionSet) -> None:
    first, second = reworded(bridge.questions, seed=1)
    assert "几多米" in first.question.text
    assert "哪个人" in second.question.text


def test_a_counterfactual_context_says_another_number_and_that_is_right(
    bridge: QuestionSet,
) -> None:
    (varied,), (document,) = counterfactual(bridge, seed=1)
    (answer,) = varied.question.answers
    assert answer != "1280米"
    assert answer.endswith("米")
    assert answer in document.text
    assert "1280" not in document.text


def test_a_set_written_in_squad_form_reads_back(bridge: QuestionSet, tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(to_squad(bridge.questions, bridge.documents)), encoding="utf-8")
    found = read_set(path)
    assert not found.invalid
    assert [(q.id, q.answers) for q in found.questions] == [
        (q.id, q.answers) for q in bridge.questions
    ]
    assert found.questions[0].gold[0].span == bridge.questions[0].gold[0].span


def test_varying_is_a_command(bridge: QuestionSet, tmp_path: Path) -> None:
    path, out = tmp_path / "set.json", tmp_path / "out.json"
    path.write_text(json.dumps(to_squad(bridge.questions, bridge.documents)), encoding="utf-8")
    for kind in ("typo", "reworded", "counterfactual"):
        assert main(["vary", str(path), "--kind", kind, "--out", str(out)]) == 0
        assert not read_set(out).invalid


@pytest.mark.parametrize("kind", ["typo", "reworded"])
def test_questions_that_their_context_does_not_answer_are_varied_too(
    bridge: QuestionSet, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    unanswerable = Question("q3", "大桥是谁设计的？", False, asked_of="c0")
    path, out = tmp_path / "set.json", tmp_path / "out.json"
    made = to_squad([*bridge.questions, unanswerable], bridge.documents)
    path.write_text(json.dumps(made), encoding="utf-8")
    assert main(["vary", str(path), "--kind", kind, "--out", str(out)]) == 0
    assert "3 of 3 questions" in capsys.readouterr().out
    last = read_set(out).questions[-1]
    assert (last.id, last.answerable, last.asked_of) == (f"q3~{kind}", False, "c0")


RGB = {
    "id": 7,
    "query": "大桥多长？",
    "answer": [["1280米", "一千二百八十米"]],
    "positive": [TEXT],
    "negative": ["馆藏42万册。"],
}
CRUD = {
    "questanswer_1doc": [
        {"ID": "x1", "questions": "大桥多长？", "answers": "1280米", "news1": TEXT},
        {"ID": "x2", "questions": "馆藏多少？", "answers": "很多", "news1": "馆藏42万册。"},
    ]
}


@pytest.mark.parametrize(
    ("form", "content", "code", "n_documents"),
    [("rgb", json.dumps(RGB), 0, 2), ("crud", json.dumps(CRUD), 3, 1)],
)
def test_others_items_become_a_set(
    tmp_path: Path, form: str, content: str, code: int, n_documents: int
) -> None:
    path, out = tmp_path / "items", tmp_path / "out.json"
    path.write_text(content, encoding="utf-8")
    assert main(["convert", str(path), "--form", form, "--out", str(out)]) == code
    found = read_set(out)
    assert not found.invalid
    assert len(found.documents) == n_documents
    assert [question.answers[0] for question in found.questions] == ["1280米"]


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items"
    path.write_text('{"id": 1}', encoding="utf-8")
    assert main(["convert", str(path), "--form", "rgb", "--out", str(tmp_path / "o")]) == 2
    with pytest.raises(SetMissing):
        read_set(path)


def test_a_draft_asks_for_numbers_and_dates_that_stand_once() -> None:
    text = "2023年5月6日，滨河大桥正式通车。大桥全长1280米，投资增长12.5%。桥宽30米，路宽30米。"
    (article,) = split_articles(Source("page.txt", text, "text", "0" * 64))
    found = draft([article], per_article=9)
    answers = {each.answer.of(article.text): each.question for each in found}
    assert "1280米" in answers
    assert answers["1280米"].endswith("大桥全长多少米？")
    assert "30米" not in answers
    for number, each in enumerate(found):
        row = drafted_to_json(each, number)
        (start, end), (answer,) = row["spans"][0], row["answers"]
        assert text[start:end] == answer
        assert row["accepted"] is None


def test_only_what_an_editor_accepted_becomes_a_set(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "多少？", "answers": ["1"], "accepted": True, "sentence": "x"},
        {"id": "b", "question": "多少？", "answers": ["2"], "accepted": False},
        {"id": "c", "question": "多少？", "answers": ["3"], "accepted": None},
    ]
    assert accepted_only(rows) == [{"id": "a", "question": "多少？", "answers": ["1"]}]
    path, out = tmp_path / "draft.jsonl", tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert main(["accept", str(path), "--out", str(out)]) == 0
    assert [question.id for question in read_set(out).questions] == ["a"]


def test_verdicts_become_questions_the_last_one_counting(tmp_path: Path) -> None:
    def line(verdict: str, answer_id: str = "1", answer: str | None = "72天") -> str:
        return json.dumps(
            {"answer_id": answer_id, "verdict": verdict, "question": f"问{answer_id}？",
             "answer": answer, "comment": None}
        )  # fmt: skip

    torn = ['{"answer_id": "9', "9", "[]", '{"answer_id": []}']
    lines = [line("down"), line("up"), line("down", "2"), line("up", "3", None), *torn]
    first, second, third = exported(lines)
    assert (first["answers"], first["accepted"]) == (["72天"], True)
    assert (second["answers"], second["accepted"], second["said"]) == ([], None, "72天")
    assert (third["answerable"], third["accepted"]) == (False, True)
    path, out = tmp_path / "feedback.jsonl", tmp_path / "draft.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main(["feedback", str(path), "--out", str(out)]) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3
