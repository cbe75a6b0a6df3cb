"""The index follows a folder."""

from __future__ import annotations

from pathlib import Path

from index.embed import HashEmbedder
from index.watch import watch


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
