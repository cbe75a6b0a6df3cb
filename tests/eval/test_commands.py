"""The commands from end to end, over a real index with a tiny embedding."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eval.commands import main
from eval.corpus import merged
from eval.schema import Document
from index import update
from index.embed import HashEmbedder

WriteSet = Callable[[Sequence[object]], Path]
Lines = list[dict[str, object]]


@pytest.fixture
def index(folder: Path, small_models: HashEmbedder, tmp_path: Path) -> Path:
    update(tmp_path / "index", [folder], embedder=small_models, prune=True)
    return tmp_path / "index"


@pytest.fixture
def finished(index: Path, folder: Path, write_set: WriteSet, lines: Lines, tmp_path: Path) -> Path:
    """A run over the small set."""
    command = ["run", str(write_set(lines)), "--index", str(index), "--sources", str(folder)]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    return tmp_path / "run"


def test_a_set_is_evaluated(finished: Path) -> None:
    found = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))
    assert found["n"] == 3
    assert found["unit"] == "passage"
    assert found["metrics"]["recall@1"] == 1.0
    assert found["metrics"]["citation_verified"] == 1.0
    assert found["citations"]["verified_against_files"] == found["citations"]["n"] > 0
    assert found["metrics"]["p50_ms"] > 0
    assert set(found["by_type"]) == {"number", "unanswerable"}


def test_asking_again_asks_nothing(
    finished: Path, index: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    before = (finished / "records.jsonl").read_bytes()
    command = ["run", str(tmp_path / "set.jsonl"), "--index", str(index), "--sources", str(folder)]
    assert main([*command, "--out", str(finished)]) == 0
    assert (finished / "records.jsonl").read_bytes() == before
    printed = capsys.readouterr()
    assert "citation_verified" in printed.out
    assert "asking" in printed.err


def test_a_run_is_scored_again_without_the_system(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))
    (finished / "metrics.json").unlink()
    monkeypatch.setattr("eval.runner.load_embedder", lambda _name: pytest.fail("it was loaded"))
    assert main(["score", str(finished)]) == 0
    assert json.loads((finished / "metrics.json").read_text(encoding="utf-8")) == before


def test_a_run_does_not_differ_from_itself_and_passes_its_own_gate(
    finished: Path, tmp_path: Path
) -> None:
    out = tmp_path / "differences.json"
    assert main(["compare", str(finished), str(finished), "--json", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["n"] == 3
    assert not any(each["significant"] for each in found["differences"])
    assert main(["gate", str(finished), "--baseline", str(finished)]) == 0


def test_the_gate_exits_1_below_a_minimum(finished: Path, tmp_path: Path) -> None:
    file = tmp_path / "tolerances.toml"
    file.write_text("[minimum]\nexact = 1.01\n")
    command = ["gate", str(finished), "--baseline", str(finished), "--tolerances", str(file)]
    assert main(command) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[nonsense]\nexact = 1",
        "[minimum]\nexact = 'x'",
        "alpha = 2.0",
        "[[",
        "[worse_by]\nanswer_corect = 0.01",  # misspelt
        "[worse_by]\nece = 0.01",  # no question has one of its own to test
        "[slower_by]\nanswer_correct = 0.1",
        "[minimum]\ncitation_verifed = 1.0",
    ],
)
def test_tolerances_that_cannot_be_meant_exit_2(finished: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "tolerances.toml"
    file.write_text(text)
    command = ["gate", str(finished), "--baseline", str(finished), "--tolerances", str(file)]
    assert main(command) == 2


def test_every_metric_of_a_run_can_be_ruled_on(finished: Path, tmp_path: Path) -> None:
    found = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))
    file = tmp_path / "tolerances.toml"
    rules = "\n".join(f'"{metric}" = 0' for metric in found["metrics"])
    file.write_text(f"[minimum]\n{rules}\n")
    command = ["gate", str(finished), "--baseline", str(finished), "--tolerances", str(file)]
    assert main(command) == 0


@pytest.mark.parametrize("text", ["alpha = 0.05", "[maximum]\nabstain_precision = 1"])
def test_a_gate_without_a_rule_that_applies_is_not_passed(
    finished: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (finished / "records.jsonl").read_text(encoding="utf-8").splitlines()
    said = [{**json.loads(row), "text": "是"} for row in rows]  # nothing is abstained on
    (finished / "records.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    file = tmp_path / "tolerances.toml"
    file.write_text(text)
    command = ["gate", str(finished), "--baseline", str(finished), "--tolerances", str(file)]
    assert main(command) == 1
    assert "no rule of the tolerances" in capsys.readouterr().err


def test_a_gate_compares_the_same_questions_only(
    finished: Path,
    index: Path,
    write_set: WriteSet,
    lines: Lines,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fewer = tmp_path / "fewer"
    assert main(["run", str(write_set(lines[:1])), "--index", str(index), "--out", str(fewer)]) == 0
    capsys.readouterr()
    assert main(["gate", str(fewer), "--baseline", str(finished)]) == 1
    assert f"holds 1 questions, {finished} 3, both 1" in capsys.readouterr().err
    assert main(["gate", str(finished), "--baseline", str(fewer)]) == 1
    assert main(["gate", str(finished), "--baseline", str(finished), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 3


@pytest.mark.parametrize(
    "command", [["score", "RUN"], ["compare", "RUN", "RUN"], ["gate", "RUN", "--baseline", "RUN"]]
)
def test_where_json_takes_standard_output_the_table_goes_to_standard_error(
    finished: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(finished) if word == "RUN" else word for word in command]
    capsys.readouterr()
    assert main(words) == 0
    table = capsys.readouterr().out
    assert main([*words, "--json", "-"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)
    assert printed.err == table


def test_a_runs_json_alone_is_piped(
    finished: Path, index: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    command = ["run", str(tmp_path / "set.jsonl"), "--index", str(index), "--sources", str(folder)]
    assert main([*command, "--out", str(finished), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 3


def test_answers_and_spans_need_not_be_as_many(
    index: Path, write_set: WriteSet, lines: Lines, tmp_path: Path
) -> None:
    wordings = {**lines[0], "answers": ["1280米", "一千二百八十米"]}
    places = {**lines[1], "spans": [*lines[1]["spans"], *lines[1]["spans"]]}  # type: ignore[misc]
    out = tmp_path / "run"
    command = ["run", str(write_set([wordings, places])), "--index", str(index)]
    assert main([*command, "--out", str(out)]) == 0
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert found["metrics"]["citation_hit"] == found["metrics"]["recall@1"] == 1.0


def test_each_place_of_a_list_is_of_the_answer_that_stands_there(
    index: Path, write_set: WriteSet, tmp_path: Path, folder: Path
) -> None:
    text = (folder / "library.txt").read_text(encoding="utf-8")

    def where(words: str) -> list[int]:
        return [text.index(words), text.index(words) + len(words)]

    row = {
        "id": "q",
        "question": "图书馆开到几点，藏书多少？",
        "mode": "all",
        "answers": ["晚上9点", "42万册"],
        "spans": [where("42万册"), where("晚上9点"), where("42万册")],
        "source": "library.txt",
        "answerable": True,
    }
    out = tmp_path / "run"
    assert main(["run", str(write_set([row])), "--index", str(index), "--out", str(out)]) == 0
    (line,) = (out / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [need for _, _, need in json.loads(line)["sources"]] == [1, 0, 1]
    assert len((out / "relevant.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_an_invalid_question_stops_the_run_or_is_skipped(
    index: Path,
    write_set: WriteSet,
    lines: Lines,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write_set([*lines, {**lines[0], "id": "q9", "spans": [[0, 2]]}])
    command = ["run", str(path), "--index", str(index), "--out", str(tmp_path / "run")]
    assert main(command) == 1
    assert "set.jsonl:4: q9 spans: bridge.txt says" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    assert main([*command, "--skip-invalid"]) == 3
    found = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert found["n"] == 3
    assert len(found["invalid"]) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "no valid question"),
        ([{"id": "x", "question": "?", "answers": ["y"], "spans": [[0, 1]], "source": "other.txt",
           "answerable": True}], "other.txt: not in the index"),
        ([{"id": "x", "question": "?", "answers": ["y"], "doc_id": "n1", "answerable": True}],
         "n1 is not in the index"),
    ],
)  # fmt: skip
def test_nothing_to_evaluate_exits_1(
    index: Path,
    write_set: WriteSet,
    rows: list[object],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", str(write_set(rows)), "--index", str(index), "--skip-invalid"]) == 1
    assert told in capsys.readouterr().err


def test_a_missing_set_exits_2_and_a_missing_index_4(
    small_models: HashEmbedder, write_set: WriteSet, lines: Lines, tmp_path: Path
) -> None:
    assert main(["run", str(tmp_path / "gone.jsonl")]) == 2
    assert main(["run", str(write_set(lines)), "--index", str(tmp_path / "gone")]) == 4


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    contexts = ["滨河大桥全长1280米，由市政公司承建。", "城东图书馆藏书42万册，馆长是周敏。"]
    asked = [("大桥全长多少米？", "1280米", 0), ("图书馆藏书多少万册？", "42万册", 1)]
    data = [
        {
            "paragraphs": [
                {
                    "context": context,
                    "qas": [
                        {
                            "id": f"s{n}",
                            "question": question,
                            "answers": [{"text": said, "answer_start": context.index(said)}],
                        }
                        for question, said, n in asked
                        if n == number
                    ],
                }
            ]
        }
        for number, context in enumerate(contexts)
    ]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path


def test_a_set_with_contexts_is_asked_over_an_index_of_its_own(
    small_models: HashEmbedder, squad: Path, tmp_path: Path
) -> None:
    out = tmp_path / "open.json"
    assert main(["run", str(squad), "--out", str(tmp_path / "open"), "--json", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["unit"] == "article"
    assert found["metrics"]["recall@1"] == 1.0
    assert found["citations"]["verified_against_index"] == 0
    assert found["index"]["n_articles"] == 2


def test_the_reader_is_evaluated_with_the_gold_context_given(
    small_models: HashEmbedder, squad: Path, tmp_path: Path
) -> None:
    out = tmp_path / "given.json"
    command = ["run", str(squad), "--reading", "given", "--json", str(out)]
    assert main([*command, "--out", str(tmp_path / "given")]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["n_answered"] == 2  # every question of the set has an answer: never abstain
    assert found["metrics"]["f1"] > 0.5
    assert found["metrics"]["recall@1"] is None


def test_with_nothing_but_noise_only_abstaining_is_right(
    small_models: HashEmbedder, squad: Path, tmp_path: Path
) -> None:
    out = tmp_path / "noise.json"
    command = ["run", str(squad), "--reading", "given", "--noise", "1", "--json", str(out)]
    assert main([*command, "--out", str(tmp_path / "noise")]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["n_answerable"] == 0
    assert found["metrics"]["abstain_recall"] is not None


def beir(folder: Path, documents: Sequence[dict[str, str]], relevant: str) -> Path:
    """A folder with one query, about the library."""
    (folder / "qrels").mkdir(parents=True)
    rows = [json.dumps(document) for document in documents]
    (folder / "corpus.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (folder / "queries.jsonl").write_text(
        json.dumps({"_id": "q1", "text": "图书馆藏书多少万册"}), encoding="utf-8"
    )
    judged = f"query-id\tcorpus-id\tscore\nq1\t{relevant}\t1\n"
    (folder / "qrels" / "test.tsv").write_text(judged)
    return folder


BRIDGE = {"_id": "d1", "title": "", "text": "滨河大桥全长1280米，由市政公司承建。"}
LIBRARY = {"_id": "d2", "title": "", "text": "城东图书馆藏书42万册。"}


@pytest.mark.parametrize(
    "other",
    [
        {**LIBRARY, "_id": "d3"},  # two documents that say the same
        {"_id": "d2", "title": "城东图书馆藏书42万册", "text": ""},  # a headline is all there is
    ],
)
def test_every_document_of_a_beir_folder_can_be_found(
    small_models: HashEmbedder, tmp_path: Path, other: dict[str, str]
) -> None:
    documents = [BRIDGE, other] if other["_id"] == "d2" else [BRIDGE, LIBRARY, other]
    out = tmp_path / "beir.json"
    folder = beir(tmp_path / "beir", documents, "d2")
    assert main(["run", str(folder), "--out", str(tmp_path / "run"), "--json", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["index"]["n_articles"] == len(documents)
    assert found["metrics"]["recall@3"] == 1.0


def test_distractors_are_what_the_set_does_not_say_itself() -> None:
    own = [Document("a", "同文"), Document("b", "同文"), Document("c", "", "标题")]
    other = [Document("x", "同文"), Document("y", "别的"), Document("z", "标题")]
    assert merged(own, [other, other]) == (*own, Document("distractor0:y", "别的"))


def test_a_beir_folder_is_searched_only(small_models: HashEmbedder, tmp_path: Path) -> None:
    folder = beir(tmp_path / "beir", [BRIDGE, LIBRARY], "d2")
    out = tmp_path / "beir.json"
    assert main(["run", str(folder), "--out", str(tmp_path / "run"), "--json", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["reading"] == "search"
    assert found["metrics"]["recall@1"] == found["metrics"]["ndcg@10"] == 1.0
    assert found["metrics"]["exact"] is None
    assert "exact" not in (tmp_path / "run" / "summary.md").read_text(encoding="utf-8")


def test_several_sets_have_a_folder_each(
    index: Path, write_set: WriteSet, lines: Lines, tmp_path: Path
) -> None:
    first = write_set(lines)
    second = first.with_name("other.jsonl")
    second.write_bytes(first.read_bytes())
    out = tmp_path / "both.json"
    command = ["run", str(first), str(second), "--index", str(index), "--json", str(out)]
    assert main([*command, "--out", str(tmp_path / "runs")]) == 0
    assert [each["set"] for each in json.loads(out.read_text(encoding="utf-8"))] == ["set", "other"]
    assert (tmp_path / "runs" / "other" / "records.jsonl").is_file()
    assert main(["report", str(tmp_path / "runs" / "set"), str(tmp_path / "runs" / "other")]) == 0
