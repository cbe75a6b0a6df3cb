"""Files are put together rarely enough, and nothing is lost when they are."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index import Index, remove, update
from index.embed import HashEmbedder
from index.merge import FAN, to_merge

EMBEDDER = HashEmbedder()


@given(st.lists(st.integers(1, 50), max_size=400))
def test_few_files_are_left_and_little_is_written_twice(added: list[int]) -> None:
    sizes: list[int] = []
    written = 0
    for size in added:
        sizes.append(size)
        while n := to_merge(sizes):
            merged = sum(sizes[-n:])
            written += merged
            sizes[-n:] = [merged]
    assert sum(sizes) == sum(added)
    assert len(sizes) <= FAN * 6
    assert written <= 6 * sum(added)


def test_what_is_added_one_by_one_to_a_large_file_leaves_it_alone() -> None:
    sizes, written = [100_000], 0
    for _ in range(5000):
        sizes.append(1)
        while n := to_merge(sizes):
            written += sum(sizes[-n:])
            sizes[-n:] = [sum(sizes[-n:])]
    assert sizes[0] == 100_000
    assert len(sizes) <= 5 * FAN
    assert written <= 5 * 5000


def test_articles_come_and_go_one_by_one_and_files_stay_few(tmp_path: Path) -> None:
    folder, path = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    expected: dict[str, str] = {}
    for n in range(2 * FAN + 2):
        (folder / f"{n:02}.txt").write_text(
            f"第{n}篇报道说的是编号{n * 7919}的事。", encoding="utf-8"
        )
        update(path, [folder / f"{n:02}.txt"], embedder=EMBEDDER, prune=n == 0)
        found = Index.open(path, embedder=EMBEDDER)
        (new,) = set(found.article_ids()) - set(expected)
        expected[new] = found.article(new).text
        if n % 3 == 2:
            gone = min(expected)
            remove(path, [gone])
            del expected[gone]
        found.close()
    found = Index.open(path, embedder=EMBEDDER)
    assert {i: found.article(i).text for i in found.article_ids()} == expected
    assert found.n_vectors() == found.stats().n_embedded == len(expected)
    for article_id, text in expected.items():
        assert found.search(text, top_k=1)[0].passage.article_id == article_id
    assert len([name for name in found.files() if name.endswith(".sqlite")]) < 2 * FAN
    assert len([name for name in found.files() if name.endswith(".faiss")]) < 2 * FAN
