from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import commands
from qa.pipeline import Pipeline


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, pipeline: Pipeline) -> Pipeline:
    monkeypatch.setattr(commands, "_pipeline", lambda args: pipeline)
    return pipeline


def test_an_answer_for_people_shows_each_quote_with_the_answer_marked(
    small: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["ask", "石门县带动多少户农民增收"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("4100户\n")
    assert "[1] 猕猴桃铺就增收路（何苗、陈立）" in printed
    assert "带动【4100户】农民增收" in printed


def test_json_is_what_http_gives(small: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["ask", "石门县带动多少户农民增收", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["answer"] == "4100户"
    assert told["abstained"] is False
    (citation,) = told["citations"]
    article = small.index.article(citation["article_id"])
    assert article.text[citation["start"] : citation["end"]] == citation["quote"]
    assert article.text[citation["answer_start"] : citation["answer_end"]] == "4100户"
    assert set(told["timings_ms"]) == {"retrieve", "read", "total"}
    assert {"passage_id", "article_id", "title", "start", "end", "text", "score", "scores"} == set(
        told["passages"][0]
    )


def test_a_history_is_read_from_its_file(
    small: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "history.json"
    history.write_text('["石门县带动多少户农民", "4100户"]', encoding="utf-8")
    assert commands.main(["ask", "那篇是谁写的", "--history", str(history)]) == 0
    assert capsys.readouterr().out.startswith("何苗 陈立\n")


def test_search_prints_passages_only(small: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["search", "猕猴桃", "--json", "--top-k", "2"]) == 0
    assert len(json.loads(capsys.readouterr().out)["passages"]) == 2
    assert commands.main(["search", "猕猴桃"]) == 0
    assert "猕猴桃铺就增收路" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("text", ["", "  ", "a\0b", "问" * 100_000])
def test_a_question_that_cannot_be_meant_exits_2_with_a_sentence(
    command: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main([command, text]) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.startswith("the question ")
    assert "Traceback" not in caught.err


@pytest.mark.parametrize("content", ["{", '{"role": "user"}', "[1]", None])
def test_a_history_that_is_none_exits_2(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert commands.main(["ask", "问", "--history", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_abstaining_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch,
    reading: Callable[[dict[str, float]], Pipeline],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(commands, "_pipeline", lambda args: reading({}))
    assert commands.main(["ask", "火星上有几座图书馆"]) == 0
    assert capsys.readouterr().out.startswith("文章中没有说。")


def test_no_traceback_reaches_a_user_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(args: object) -> Pipeline:
        raise RuntimeError("a bug")

    monkeypatch.setattr(commands, "_pipeline", broken)
    assert commands.main(["ask", "问"]) == 1
    assert "a bug" in capsys.readouterr().err
    with pytest.raises(RuntimeError):
        commands.main(["ask", "问", "--debug"])
