"""A run's folder: what goes in comes out, and a kill costs nothing that was finished."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eval.errors import RunUnusable
from eval.places import Relevant
from eval.runs import Writer, export, read_run
from eval.schema import CitationRecord, Gold, HitRecord, Question, Record
from index.schema import Span

MANIFEST = {
    "format": 1,
    "identity": {"reading": "open", "set": "x"},
    "set": {"name": "made", "path": "made.jsonl", "form": "jsonl", "invalid": []},
}
QUESTIONS = [
    Question(f"q {n}#0", f"第{n}问？", True, (f"{n}天",), gold=(Gold(Span(n, n + 1), "page.txt"),))
    for n in range(5)
]
RELEVANT = [Relevant(q.id, q.id, ("p1",), {"a1": 1}) for q in QUESTIONS]


def record(question: Question) -> Record:
    citation = CitationRecord(
        "p1", "a1", "page.txt", None, Span(0, 3), "引文\u2028", "引", verified=True, against="file"
    )
    hits = tuple(
        HitRecord(
            f"p{n}", "a1", "page.txt", None, Span(n, n + 9), 1 / n, f"第{n}段", None,
            gold=(Span(0, 1),), cited=(Span(0, 2),),
        )
        for n in (1, 2)
    )  # fmt: skip
    return Record(
        question.id, question.text, "1天", ("1天",), 0.5, (citation,), hits, {"total": 1.5}, ("n",)
    )


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "run", MANIFEST, QUESTIONS, RELEVANT)
    writer.add(map(record, QUESTIONS))
    writer.add_latency([{"total": 2.0}])
    found = read_run(tmp_path / "run")
    assert list(found.records.values()) == list(map(record, QUESTIONS))
    assert [(q.id, q.text, q.answers, q.gold) for q in found.questions] == [
        (q.id, q.text, q.answers, q.gold) for q in QUESTIONS
    ]
    assert list(found.relevant) == RELEVANT
    assert list(found.latency) == [{"total": 2.0}]


def test_a_run_cut_at_any_byte_goes_on_after_its_last_whole_line(tmp_path: Path) -> None:
    Writer(tmp_path / "run", MANIFEST, QUESTIONS, RELEVANT).add(map(record, QUESTIONS))
    path = tmp_path / "run" / "records.jsonl"
    whole = path.read_bytes()
    for size in range(0, len(whole) + 1, 211):
        path.write_bytes(whole[:size])
        writer = Writer(tmp_path / "run", MANIFEST, QUESTIONS, RELEVANT)
        assert len(writer.done) == whole[:size].count(b"\n")
        left = [q for q in QUESTIONS if q.id not in writer.done]
        writer.add(map(record, left))
        assert path.read_bytes() == whole


def test_an_unfinished_run_is_not_scored(tmp_path: Path) -> None:
    Writer(tmp_path / "run", MANIFEST, QUESTIONS, RELEVANT).add([record(QUESTIONS[0])])
    with pytest.raises(RunUnusable, match="4 of 5 questions are not asked yet"):
        read_run(tmp_path / "run")


def test_another_run_or_other_files_are_not_written_over(tmp_path: Path) -> None:
    Writer(tmp_path / "run", MANIFEST, QUESTIONS, RELEVANT)
    other = {**MANIFEST, "identity": {"reading": "open", "set": "y"}}
    with pytest.raises(RunUnusable, match="another run"):
        Writer(tmp_path / "run", other, QUESTIONS, RELEVANT)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()
    with pytest.raises(RunUnusable, match="no run"):
        Writer(tmp_path / "notes", MANIFEST, QUESTIONS, RELEVANT)


def test_trec_files_have_no_white_space_in_their_ids(tmp_path: Path) -> None:
    Writer(tmp_path / "run", MANIFEST, QUESTIONS, RELEVANT).add(map(record, QUESTIONS))
    export(read_run(tmp_path / "run"))
    ranked = (tmp_path / "run" / "run.trec").read_text().splitlines()
    assert ranked[:2] == ["q_0#0 Q0 p1 1 1.000000 wenju", "q_0#0 Q0 p2 2 0.500000 wenju"]
    judged = (tmp_path / "run" / "qrels.trec").read_text().splitlines()
    assert judged[0] == "q_0#0 0 p1 1"


_SLOW_RUN = """
import sys, time
from pathlib import Path
from eval.evaluate import Prepared, evaluate
from eval.schema import Question, Record

class Slow:
    def answer(self, questions):
        asked.write("".join(q.id + "\\n" for q in questions)); asked.flush()
        time.sleep(0.05)
        return [Record(q.id, q.text, "x", ("x",), 0.5, (), (), {}) for q in questions]

out = Path(sys.argv[1])
asked = (out.parent / "asked.txt").open("a")
questions = tuple(Question(f"q{n}", "?", True, ("x",)) for n in range(160))
manifest = {
    "format": 1, "identity": {"reading": "open"}, "environment": {}, "models": {},
    "index": {"n_articles": 0},
    "set": {"name": "s", "path": "s", "form": "jsonl", "invalid": []},
}
prepared = Prepared(questions, (), Slow(), None, manifest, ())
evaluate(prepared, out, watch=lambda done, total: print(done, flush=True))
"""


@pytest.mark.slow
def test_a_killed_run_repeats_no_finished_question(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SLOW_RUN, str(tmp_path / "run")]
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    finished: set[str] = set()
    for lines_before_kill in (2, 3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=tmp_path)
        assert process.stdout is not None
        for _ in range(lines_before_kill):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        lines = (tmp_path / "run" / "records.jsonl").read_bytes().split(b"\n")[:-1]
        finished = {line.split(b'"')[3].decode() for line in lines}
        (tmp_path / "asked.txt").unlink()
    assert finished
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=tmp_path)
    asked = (tmp_path / "asked.txt").read_text().split()
    assert not finished & set(asked)
    assert finished | set(asked) == {f"q{n}" for n in range(160)}
    assert len(read_run(tmp_path / "run").records) == 160
