"""A small page, questions over it, and runs made up without any system."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eval.places import Relevant
from eval.runs import Run
from eval.schema import Question, Record
from index.embed import HashEmbedder
from qa.reading.readers import OverlapReader

PAGE = """  本报讯 新开通的滨河大桥全长 1280
米，桥面双向六车道，由市政公司承建。大桥工程总投资 3.6 亿元。
"""
NOTE = """本报讯 城东图书馆周一起延长开放时间，每天开到晚上9点。馆长周敏说，馆内藏书42万册。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of news."""
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "bridge.txt").write_text(PAGE, encoding="utf-8")
    (articles / "library.txt").write_text(NOTE, encoding="utf-8")
    return articles


@pytest.fixture
def lines() -> list[dict[str, object]]:
    """A valid set over the two files: one question for each, and one that neither answers."""

    def where(text: str, words: str) -> list[int]:
        start = text.index(words)
        return [start, start + len(words)]

    return [
        {
            "id": "q1",
            "question": "滨河大桥全长多少米？",
            "lang": "zh",
            "type": "number",
            "answers": ["1280米"],
            "spans": [where(PAGE, "1280\n米")],
            "source": "bridge.txt",
            "answerable": True,
        },
        {
            "id": "q2",
            "question": "图书馆藏书多少万册？",
            "lang": "zh",
            "type": "number",
            "answers": ["42万册"],
            "spans": [where(NOTE, "42万册")],
            "source": "library.txt",
            "answerable": True,
        },
        {
            "id": "q3",
            "question": "地铁几号线通到机场？",
            "lang": "zh",
            "type": "unanswerable",
            "answers": [],
            "answerable": False,
        },
    ]


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[[Sequence[object]], Path]:
    def write(rows: Sequence[object]) -> Path:
        path = tmp_path / "set.jsonl"
        text = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join([*text, ""]), encoding="utf-8")
        return path

    return write


@pytest.fixture
def small_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HashEmbedder:
    """The commands load these instead of the real ones, and keep their caches here."""
    embedder = HashEmbedder()
    monkeypatch.setattr("eval.runner.load_embedder", lambda _name: embedder)
    monkeypatch.setattr("eval.runner.load_reader", lambda _embedder: OverlapReader())
    monkeypatch.setenv("WENJU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("WENJU_HOME", str(tmp_path / "home"))
    return embedder


@pytest.fixture
def made_run() -> Callable[..., Run]:
    """A run in memory, from questions and what was said to each."""

    def make(
        questions: Sequence[Question],
        records: Sequence[Record],
        *,
        relevant: Sequence[Relevant] = (),
    ) -> Run:
        manifest = {
            "identity": {"reading": "open"},
            "set": {"name": "made", "path": "made", "form": "squad", "invalid": []},
            "index": {"n_articles": 0},
            "models": {"embedder": {"name": "none"}, "reader": {"name": "none"}},
            "environment": {"processors": 1, "system": "none", "python": "none"},
        }
        return Run(
            Path("made"), manifest, tuple(questions), tuple(relevant),
            {record.id: record for record in records}, (), (),
        )  # fmt: skip

    return make
