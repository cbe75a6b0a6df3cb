"""The index follows a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from index import update
from index.embed import HashEmbedder
from index.errors import StorageFailed, VectorsUnfinished
from index.watch import look, watch


def test_a_change_is_indexed_once_it_has_settled(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("一篇报道。", encoding="utf-8")
    growing = iter(["又一篇", "又一篇报", "又一篇报道。"])

    def sleep(_: float) -> None:
        """A file that is still being written at the first looks."""
        if text := next(growing, ""):
            (folder / "b.txt").write_text(text, encoding="utf-8")

    updates = watch(tmp_path / "index", [folder], embedder=HashEmbedder(), sleep=sleep)
    assert next(updates).n_added == 1
    second = next(updates)
    assert (second.n_added, second.n_unchanged) == (1, 1)
    assert next(growing, None) is None


def test_an_index_in_the_folder_is_neither_indexed_nor_watched(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一篇报道。", encoding="utf-8")
    before = look([tmp_path])
    report = update(tmp_path / "index", [tmp_path], embedder=HashEmbedder(), prune=True)
    assert (report.n_added, report.n_skipped) == (1, 0)
    assert look([tmp_path]) == before
    assert (
        update(tmp_path / "index", [tmp_path], embedder=HashEmbedder(), prune=True).generation
        == report.generation
    )


def test_a_change_behind_a_link_that_was_given_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一篇报道。", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("a.txt")
    before = look([tmp_path / "link.txt"])
    (tmp_path / "a.txt").write_text("又一篇报道。", encoding="utf-8")
    assert look([tmp_path / "link.txt"]) != before


def test_what_the_disk_refused_is_tried_again_and_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.txt").write_text("一篇报道。", encoding="utf-8")
    full = StorageFailed(tmp_path, "No space left on device")
    failing = iter([full, full, VectorsUnfinished(tmp_path, "Input/output error")])

    def refusing(*args: Any, **options: Any) -> Any:
        for error in failing:
            raise error
        return update(*args, **options)

    monkeypatch.setattr("index.watch.update", refusing)
    updates = watch(
        tmp_path / "index", [tmp_path / "a.txt"], embedder=HashEmbedder(), sleep=lambda _: None
    )
    assert next(updates).n_added == 1
    assert [record.message.partition(";")[0] for record in caplog.records] == [
        f"{tmp_path}: No space left on device",
        f"{tmp_path}: Input/output error",
    ]
