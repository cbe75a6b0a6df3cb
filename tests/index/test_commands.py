"""The commands: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.commands import main
from index.embed import HashEmbedder, Side, Vectors

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.embed.load_embedder", lambda name: HashEmbedder())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    (made / "a.txt").write_text("侯马的审批时限减少了72天。", encoding="utf-8")
    (made / "b.txt").write_text("寿阳引进韩国企业。", encoding="utf-8")
    return made


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(arg) for arg in args])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def run_json(capsys: pytest.CaptureFixture[str], *args: object) -> Any:
    code, out, _ = run(capsys, *args, "--json")
    assert code == 0
    return json.loads(out)


def test_an_index_is_built_listed_changed_checked_and_exported(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index"
    report = run_json(capsys, "build", folder, "--out", index)
    assert (report["n_added"], report["n_embedded"], report["n_skipped"]) == (2, 2, 0)
    listed = run_json(capsys, "list", index)
    assert [row["source"]["path"] for row in listed] == ["a.txt", "b.txt"]
    for row in listed:
        text = (folder / row["source"]["path"]).read_text(encoding="utf-8")
        assert row["n_characters"] == len(text)
        assert (row["source"]["start"], row["source"]["end"]) == (0, len(text))
        assert {"article_id", "title", "authors", "n_passages"} <= row.keys()

    assert run_json(capsys, "remove", index, listed[0]["article_id"])["n_removed"] == 1
    assert run_json(capsys, "stats", index)["n_articles"] == 1
    (folder / "c.txt").write_text("又一篇。", encoding="utf-8")
    assert run_json(capsys, "add", index, folder / "c.txt")["n_added"] == 1
    assert run_json(capsys, "verify", index)["n_articles"] == 2

    code, out, _ = run(capsys, "export", index)
    assert code == 0
    assert {json.loads(line)["text"] for line in out.splitlines()} == {
        "寿阳引进韩国企业。",
        "又一篇。",
    }
    (tmp_path / "exported.jsonl").write_text(out, encoding="utf-8")
    again = run_json(capsys, "build", tmp_path / "exported.jsonl", "--out", tmp_path / "again")
    assert again["n_added"] == 2


def test_skipped_inputs_are_named_and_the_others_indexed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.txt").write_bytes(b"")
    report = tmp_path / "report.json"
    gone = tmp_path / "gone.txt"
    code, _, err = run(
        capsys, "build", folder, gone, "--out", tmp_path / "index", "--report", report
    )
    assert code == 3
    assert "empty.txt" in err
    assert "gone.txt" in err
    rows = {row["file"]: row for row in json.loads(report.read_text("utf-8"))["files"]}
    assert rows["a.txt"]["status"] == "indexed"
    assert rows["empty.txt"] == {
        **rows["empty.txt"],
        "status": "skipped",
        "reason": "empty",
        "articles": 0,
    }
    assert len(run_json(capsys, "list", tmp_path / "index")) == 2


@pytest.mark.parametrize("command", ["list", "stats", "verify", "export"])
def test_a_missing_index_ends_with_4_and_the_command_that_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, out, err = run(capsys, command, tmp_path / "none")
    assert (code, out) == (4, "")
    assert "python -m index build" in err


def test_nothing_to_index_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = run(capsys, "build", tmp_path / "empty", "--out", tmp_path / "index")
    assert code == 1
    assert "nothing to index" in err


def test_when_nothing_can_be_indexed_each_input_is_still_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    report = tmp_path / "report.json"
    code, _, err = run(
        capsys, "build", tmp_path / "empty.txt", "--out", tmp_path / "index", "--report", report
    )
    assert code == 1
    assert err.splitlines()[-2:] == [
        "skipped empty.txt: empty",
        "nothing to index: all 1 inputs were skipped",
    ]
    (row,) = json.loads(report.read_text("utf-8"))["files"]
    assert (row["file"], row["reason"]) == ("empty.txt", "empty")


def test_a_report_that_cannot_be_written_is_told_for_what_it_is(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index"
    code, _, err = run(capsys, "build", folder, "--out", index, "--report", folder)
    assert (code, str(folder) in err, index.exists()) == (2, True, False)
    code, out, err = run(capsys, "build", folder, "--out", index, "--report", "/dev/full")
    assert (code, "2 articles added" in out) == (3, True)
    assert f"{index} is written, the report is not: /dev/full: No space left on device" in err
    assert "nothing was committed" not in err
    assert len(run_json(capsys, "list", index)) == 2


class Stopped(HashEmbedder):
    """Gets Ctrl-C when it is asked for the texts of one batch more."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._batches = batches

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        self._batches -= 1
        if self._batches < 0:
            raise KeyboardInterrupt
        return super().encode(texts, side=side)


@pytest.mark.parametrize(
    ("n_articles", "batches", "expected"),
    [
        (2, 0, 1),  # a few articles are committed with their vectors
        (300, 0, 3),  # many before them
        (300, 1, 3),
    ],
)
def test_stopped_it_says_what_was_committed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    n_articles: int,
    batches: int,
    expected: int,
) -> None:
    monkeypatch.setattr("index.embed.load_embedder", lambda name: Stopped(batches))
    corpus, index = tmp_path / "corpus.jsonl", tmp_path / "index"
    lines = (json.dumps({"id": n, "text": f"第{n}条。"}) + "\n" for n in range(n_articles))
    corpus.write_text("".join(lines), encoding="utf-8")
    report = tmp_path / "report.json"
    code, _, err = run(capsys, "build", corpus, "--out", index, "--report", report)
    assert code == expected
    assert report.exists() == (expected == 3)
    assert ("nothing was committed" in err) == (expected == 1)
    assert ("the articles are in" in err) == (expected == 3)
    assert run(capsys, "list", index)[0] == (4 if expected == 1 else 0)


def test_watch_ends_well_when_it_is_stopped(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(inputs: list[Path]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("index.watch.look", stop)
    assert run(capsys, "watch", folder, "--out", tmp_path / "index") == (0, "", "")


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["build"],
        ["build", "x"],
        ["nosuch"],
        ["list"],
        *(["watch", "x", "--out", "y", "--every", every] for every in ("-1", "0", "nan", "1e300")),
    ],
)
def test_a_call_that_is_not_one_ends_with_2(args: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "command", ["verify DIR", "remove DIR x", "add DIR x", "build x --out DIR"]
)
def test_a_database_where_only_a_folder_can_be_is_refused_without_its_password(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command.replace("DIR", "postgresql://u:geheim@h/x").split())
    assert ended.value.code == 2
    assert "geheim" not in capsys.readouterr().err


def test_a_misspelt_index_is_not_made(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["add", tmp_path / "typo", folder], ["remove", tmp_path / "typo", "x"]):
        assert run(capsys, *command)[0] == 4
    assert run(capsys, "add", folder, folder / "a.txt")[0] == 4  # a folder of articles
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.txt", "articles", "b.txt"]


def test_what_is_exported_can_be_built_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {
        "id": "1",
        "date": "2024-03-02",
        "title": "题",
        "text": "侯马的审批时限减少了72天。",
        "kicker": "引题",
        "authors": ["甲", "乙"],
        "newspaper": "山西日报",
    }
    told = json.dumps(record)
    for name in ("first", "second"):
        (tmp_path / f"{name}.jsonl").write_text(told, encoding="utf-8")
        assert run(capsys, "build", tmp_path / f"{name}.jsonl", "--out", tmp_path / name)[0] == 0
        told = run(capsys, "export", tmp_path / name)[1]
        exported = json.loads(told)
        assert {key: exported[key] for key in record if key != "id"} == {
            key: value for key, value in record.items() if key != "id"
        }


def test_an_unknown_article_ends_with_1(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build", folder, "--out", tmp_path / "index")
    code, _, err = run(capsys, "remove", tmp_path / "index", "nosuch")
    assert code == 1
    assert "nosuch" in err


def test_help_and_list_load_no_model(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from index.commands import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'faiss', 'numpy', 'onnxruntime', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def test_installed_as_a_module_it_prints_json_for_a_pipe(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "index", "list", str(tmp_path / "none"), "--json"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert "Traceback" not in done.stderr


def test_a_writer_of_its_own_stands_back_for_readers(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一篇报道。", encoding="utf-8")
    told = (
        "import os, sys, index.embed\n"
        "from index.commands import main\n"
        "index.embed.load_embedder = lambda name: index.embed.HashEmbedder()\n"
        "sys.argv[1:] = ['build', sys.argv[1], '--out', sys.argv[2]]\n"
        "assert main() == 0\n"
        "print(os.getpriority(os.PRIO_PROCESS, 0))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", told, str(tmp_path / "a.txt"), str(tmp_path / "index")],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout.splitlines()[-1]) >= 5
