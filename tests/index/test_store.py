"""The index as a whole: what was put in is found, changed and taken out again."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from index import Index, remove, update
from index.embed import HashEmbedder, Side, Vectors
from index.embedding import Progress, embed_missing
from index.errors import (
    BadRequest,
    IndexMissing,
    NothingReadable,
    UnknownArticle,
    WrongFormat,
    WrongModel,
)
from index.schema import Hit, Within
from index.watch import look

EMBEDDER = HashEmbedder()
ROOT = Path(__file__).parents[2]
TEXTS = {
    "a.txt": "侯马的审批时限比法定107个工作日减少了72天。企业当天就开工建设。",
    "b.txt": "寿阳引进韩国企业，投资三亿元。项目明年投产。",
    "c.txt": "Steam engines were built in Birmingham. Watt held the patent.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    for name, text in TEXTS.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


def build(folder: Path, *, prune: bool = True) -> Index:
    update(folder.parent / "index", [folder], embedder=EMBEDDER, prune=prune)
    return Index.open(folder.parent / "index", embedder=EMBEDDER)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("审批时限减少了多少天", "a.txt"),
        ("審批時限減少了多少天", "a.txt"),  # Traditional
        ("寿阳引进了哪国企业", "b.txt"),
        ("WHO HELD THE PATENT", "c.txt"),
        ("ｐａｔｅｎｔ", "c.txt"),  # full width
    ],
)
def test_a_query_finds_the_passage_that_shares_its_words(
    folder: Path, query: str, path: str
) -> None:
    found = build(folder)
    best = found.search(query, top_k=1)[0]
    article = found.article(best.passage.article_id)
    assert article.source.path == path
    assert best.passage.text == best.passage.span.of(article.text)
    assert 0 <= best.score <= 1


def test_many_queries_find_what_each_finds_alone(folder: Path) -> None:
    found = build(folder)
    queries = ["审批时限", "韩国企业", "patent", "没有的事"]
    assert found.search_many(queries) == [found.search(query) for query in queries]


def test_an_article_comes_back_as_it_went_in(folder: Path) -> None:
    found = build(folder)
    assert [s.path for s in found.summaries()] == sorted(TEXTS)
    assert [s.article_id for s in found.summaries(offset=1, limit=1)] == found.article_ids()[1:2]
    for article_id in found.article_ids():
        article = found.article(article_id)
        assert article.source.text == TEXTS[article.source.path]
        assert [p.article_id for p in found.passages(article_id)] == [article_id]
        assert found.passages(article_id)[0].id == f"{article_id}:0"


def test_an_article_tells_the_file_it_was_read_from(folder: Path) -> None:
    index = build(folder)
    for article_id in index.article_ids():
        file = index.file_of(article_id)
        assert file is not None
        assert file.name == index.article(article_id).source.path
        assert file.parent == folder.resolve()


def test_a_second_build_embeds_only_what_changed(folder: Path) -> None:
    build(folder)
    (folder / "b.txt").write_text("寿阳引进日本企业。", encoding="utf-8")
    (folder / "c.txt").rename(folder / "moved.txt")
    (folder / "d.txt").write_text("新的一篇。", encoding="utf-8")
    report = update(folder.parent / "index", [folder], embedder=EMBEDDER, prune=True)
    assert (report.n_added, report.n_removed, report.n_unchanged) == (3, 2, 1)
    assert (report.n_embedded, report.n_reused) == (2, 1)  # the moved one keeps its vector
    found = Index.open(folder.parent / "index", embedder=EMBEDDER)
    assert [s.path for s in found.summaries()] == ["a.txt", "b.txt", "d.txt", "moved.txt"]
    assert not any("韩国" in hit.passage.text for hit in found.search("韩国企业"))


def test_a_build_that_finds_nothing_new_makes_no_generation(folder: Path) -> None:
    before = build(folder).stats()
    assert build(folder).stats() == before


def test_an_add_keeps_what_it_is_not_given(folder: Path, tmp_path: Path) -> None:
    before = build(folder).article_ids()
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.txt").write_text("另一篇报道。", encoding="utf-8")
    update(tmp_path / "index", [other], embedder=EMBEDDER, prune=False)
    after = Index.open(tmp_path / "index", embedder=EMBEDDER).article_ids()
    assert set(before) < set(after)
    assert len(after) == len(before) + 1


@pytest.mark.parametrize("order", [["", "sub"], ["sub", ""], ["sub/d.txt", "", "sub"]])
def test_a_file_under_two_paths_given_is_indexed_once(folder: Path, order: list[str]) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/d.txt").write_text("另一篇报道。", encoding="utf-8")
    inputs = [folder / given for given in order]
    for n_added, n_unchanged in ((4, 0), (0, 4)):
        report = update(folder.parent / "index", inputs, embedder=EMBEDDER, prune=True)
        assert (report.n_added, report.n_unchanged, report.n_removed) == (n_added, n_unchanged, 0)
        assert report.n_skipped == 0
    found = Index.open(folder.parent / "index", embedder=EMBEDDER)
    assert len(found.article_ids()) == 4


def test_an_added_file_takes_the_place_of_what_it_was(folder: Path) -> None:
    (folder / "sub").mkdir()
    file = folder / "sub/d.txt"
    file.write_text("另一篇报道。", encoding="utf-8")
    path = folder.parent / "index"
    build(folder)
    for given in (file, folder / "sub"):
        report = update(path, [given], embedder=EMBEDDER, prune=False)
        assert (report.n_added, report.n_unchanged, report.n_removed) == (0, 1, 0)
    file.write_text("另一篇报道，改过。", encoding="utf-8")
    report = update(path, [file], embedder=EMBEDDER, prune=False)
    assert (report.n_added, report.n_removed) == (1, 1)
    found = build(folder)
    assert [s.path for s in found.summaries()] == [*sorted(TEXTS), "sub/d.txt"]
    assert not [i for i in found.article_ids() if found.article(i).text == "另一篇报道。"]


def test_a_build_names_each_file_from_the_folder_that_it_is_given(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/d.txt").write_text("另一篇报道。", encoding="utf-8")
    path = folder.parent / "index"
    for given, name in (("sub", "d.txt"), ("", "sub/d.txt"), ("sub/d.txt", "d.txt")):
        update(path, [folder / given], embedder=EMBEDDER, prune=True)
        found = Index.open(path, embedder=EMBEDDER)
        assert name in [summary.path for summary in found.summaries()]


def test_an_article_of_the_same_text_has_an_id_of_its_own(folder: Path) -> None:
    (folder / "d.txt").write_text(TEXTS["a.txt"] + "\n", encoding="utf-8")
    found = build(folder)
    first, copy = found.article_ids()[0], found.article_ids()[3]
    assert copy == f"{first}~2"
    assert found.article(copy).source.path == "d.txt"
    assert {hit.passage.article_id for hit in found.search("审批时限")[:2]} == {first, copy}


def test_a_moved_file_keeps_its_articles_ids(folder: Path) -> None:
    before = set(build(folder).article_ids())
    (folder / "a.txt").rename(folder / "z.txt")
    assert set(build(folder).article_ids()) == before


def test_a_removed_article_is_gone_everywhere_and_comes_back_with_a_build(folder: Path) -> None:
    found = build(folder)
    wanted = found.article_ids()[0]
    remove(found.path, [wanted])
    after = Index.open(found.path, embedder=EMBEDDER)
    assert wanted not in after.article_ids()
    assert not any(hit.passage.article_id == wanted for hit in after.search("审批时限"))
    assert after.stats().n_embedded == after.stats().n_passages == 2
    with pytest.raises(UnknownArticle):
        after.article(wanted)
    assert wanted in found.article_ids()  # the reader keeps its generation
    assert found.search("审批时限")[0].passage.article_id == wanted
    assert wanted in build(folder).article_ids()


def test_a_build_brings_back_what_was_taken_out_of_a_file_that_still_has_others(
    tmp_path: Path,
) -> None:
    page, path = ROOT / "articles" / "000_fe631873ee400ce1.txt", tmp_path / "index"
    update(path, [page], embedder=EMBEDDER, prune=True)
    before = Index.open(path, embedder=EMBEDDER).article_ids()
    assert len(before) == 6
    remove(path, before[:2])  # a third: their segment is written again without them
    update(path, [page], embedder=EMBEDDER, prune=True)
    assert Index.open(path, embedder=EMBEDDER).article_ids() == before


def test_removing_an_unknown_article_changes_nothing(folder: Path) -> None:
    found = build(folder)
    with pytest.raises(UnknownArticle):
        remove(found.path, [found.article_ids()[0], "nosuch"])
    assert found.refresh() is found


def test_a_reader_sees_a_change_after_refresh_only(folder: Path) -> None:
    found = build(folder)
    (folder / "d.txt").write_text("火星探测器今天着陆。", encoding="utf-8")
    build(folder)
    assert not any("火星" in hit.passage.text for hit in found.search("火星探测器"))
    newest = found.refresh()
    assert "火星" in newest.search("火星探测器")[0].passage.text
    found.close()
    assert newest.refresh() is newest


def test_a_reader_sees_another_index_of_the_same_number_after_refresh(folder: Path) -> None:
    opened = build(folder)
    (folder / "a.txt").write_text("换了一篇。", encoding="utf-8")
    update(folder.parent / "other", [folder], embedder=EMBEDDER, prune=True)
    (folder.parent / "index").rename(folder.parent / "before")
    (folder.parent / "other").rename(folder.parent / "index")
    newest = opened.refresh()
    assert newest.stats().generation == opened.stats().generation
    assert newest.article_ids() != opened.article_ids()
    assert newest.refresh() is newest


def test_another_model_or_splitter_is_refused_and_a_build_replaces_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = build(folder)

    class Other(HashEmbedder):
        name = fingerprint = "other"

    with pytest.raises(WrongModel, match=r"built with hash, not other.*index build"):
        Index.open(found.path, embedder=Other())
    with pytest.raises(WrongModel):
        update(found.path, [folder], embedder=Other(), prune=False)
    assert update(found.path, [folder], embedder=Other(), prune=True).n_embedded == 3
    assert len(Index.open(found.path, embedder=Other()).article_ids()) == 3

    monkeypatch.setattr("index.passages.SPLITTER", "passages-v0")
    with pytest.raises(WrongFormat, match="passages cut by"):
        Index.open(found.path, embedder=Other())


def test_vectors_are_kept_when_only_the_splitter_is_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = build(folder)
    monkeypatch.setattr("index.passages.SPLITTER", "passages-v0")
    report = update(found.path, [folder], embedder=EMBEDDER, prune=True)
    assert (report.n_embedded, report.n_reused) == (0, 3)


def test_nothing_to_read_leaves_what_was_there(folder: Path, tmp_path: Path) -> None:
    found = build(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NothingReadable):
        update(found.path, [empty], embedder=EMBEDDER, prune=True)
    assert found.refresh() is found
    with pytest.raises(IndexMissing):
        update(tmp_path / "none", [folder], embedder=EMBEDDER, prune=False)


def test_a_root_that_is_not_there_takes_no_article_along(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "drive"
    other.mkdir()
    (other / "x.txt").write_text("另一篇报道。", encoding="utf-8")
    update(tmp_path / "index", [folder, other], embedder=EMBEDDER, prune=True)
    other.rename(tmp_path / "unmounted")
    report = update(tmp_path / "index", [folder, other], embedder=EMBEDDER, prune=True)
    assert report.n_removed == 0
    assert report.n_skipped == 1


@pytest.mark.parametrize(
    ("call", "lost"), [("scandir", "drive"), ("scandir", "drive/below"), ("stat", "drive")]
)
def test_a_folder_that_is_there_and_cannot_be_read_takes_no_article_along(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, lost: str
) -> None:
    drive, path = folder.parent / "drive", folder.parent / "index"
    (drive / "below").mkdir(parents=True)
    (drive / "below" / "x.txt").write_text("另一篇报道。", encoding="utf-8")
    update(path, [folder, drive], embedder=EMBEDDER, prune=True)
    true_call = getattr(os, call)

    def refuse(given: str | int | Path, **more: object) -> object:
        if str(given) == str(folder.parent / lost):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return true_call(given, **more)

    monkeypatch.setattr(os, call, refuse)
    report = update(path, [folder, drive], embedder=EMBEDDER, prune=True)
    assert (report.n_removed, report.n_unchanged) == (0, 3)
    look([drive])


@pytest.mark.parametrize("query", ["", "  \n", "长" * 10_001])
def test_a_query_that_cannot_be_meant_is_refused(folder: Path, query: str) -> None:
    with pytest.raises(BadRequest):
        build(folder).search(query)


@pytest.mark.parametrize("query", ["？！", "\x00", "的" * 10_000, "a" * 10_000, "𠮷野家", "🙂"])
def test_an_odd_query_is_answered(folder: Path, query: str) -> None:
    assert len(build(folder).search(query, top_k=2)) <= 2


def test_many_articles_are_found_by_their_words_before_they_have_vectors(tmp_path: Path) -> None:
    """And vectors come batch by batch, in several sittings, without one made twice."""
    corpus, path = tmp_path / "corpus.jsonl", tmp_path / "index"
    corpus.write_text(
        "".join(
            f'{{"id": "r{n}", "date": null, "text": "编号{n}x的报道。"}}\n' for n in range(600)
        ),
        encoding="utf-8",
    )
    report = update(path, [corpus], embedder=EMBEDDER, prune=True, embed=False)
    assert (report.n_added, report.n_embedded) == (600, 0)
    found = Index.open(path, embedder=EMBEDDER)
    assert found.stats().n_embedded == 0
    best = found.search("编号417x", top_k=1)[0]
    assert "417x" in best.passage.text
    assert best.dense is None  # a cosine says nothing while there are none to hold it against

    looks = iter([False, True])
    assert embed_missing(path, embedder=EMBEDDER, stop=lambda: next(looks))[0] == 256
    found = found.refresh()
    waiting = found.search("编号418x", top_k=1)[0]
    assert "418x" in waiting.passage.text
    assert waiting.dense is not None  # embedded on demand

    sittings = 1
    while found.stats().n_embedded < 600:
        looks = iter([False, True])
        done, _ = embed_missing(path, embedder=EMBEDDER, stop=lambda: next(looks))  # noqa: B023
        sittings += 1
        assert done == min(256, 600 - found.stats().n_embedded)
        found = found.refresh()
    assert sittings == 3
    assert found.n_vectors() == 600
    assert found.search("编号417x", top_k=1)[0].passage == best.passage


class Counting(HashEmbedder):
    n_texts = 0

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        self.n_texts += len(texts) if side == "passage" else 0
        return super().encode(texts, side=side)


class Waiting(Counting):
    """Keeps a search waiting where its query has the word."""

    def __init__(self) -> None:
        super().__init__()
        self.waits, self.goes_on = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        if "慢" in texts[0]:
            self.waits.set()
            assert self.goes_on.wait(30)
        return super().encode(texts, side=side)


def test_a_passage_is_embedded_on_demand_once_and_by_a_search_that_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, path, embedder = tmp_path / "corpus.jsonl", tmp_path / "index", Waiting()
    corpus.write_text(
        "".join(json.dumps({"id": str(n), "text": f"编号{n}x的报道。"}) + "\n" for n in range(400)),
        encoding="utf-8",
    )
    update(path, [corpus], embedder=EMBEDDER, prune=True, embed=False)
    looks = iter([False, True])
    assert embed_missing(path, embedder=EMBEDDER, stop=lambda: next(looks))[0] == 256
    found = Index.open(path, embedder=embedder)

    def best() -> Hit:
        return found.search("编号390x", top_k=1)[0]

    other = threading.Thread(target=found.search, args=["慢"])
    other.start()
    assert embedder.waits.wait(30)
    beside = best()
    embedder.goes_on.set()
    other.join()
    assert "390x" in beside.passage.text
    assert beside.dense is None
    before = embedder.n_texts
    assert best().dense is None  # the other one was there a moment ago
    monkeypatch.setattr("index.on_demand.QUIET_S", 0.0)  # and now it is long gone
    alone = best()
    assert alone.passage == beside.passage
    assert alone.dense is not None
    made = embedder.n_texts - before
    assert 0 < made <= 4

    (tmp_path / "new.txt").write_text("又一篇报道。", encoding="utf-8")
    update(path, [tmp_path / "new.txt"], embedder=EMBEDDER, prune=False, embed=False)
    found = found.refresh()
    assert best().dense is not None
    assert embedder.n_texts - before == made


def test_an_index_put_in_place_of_one_that_is_embedded_gets_its_own_vectors(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.writer.EMBED_AT_ONCE", 0)
    monkeypatch.setattr("index.embedding.EMBED_AT_ONCE", 2)
    path, other = folder.parent / "index", folder.parent / "other"
    update(path, [folder], embedder=EMBEDDER, prune=True, embed=False)
    update(other, [folder], embedder=EMBEDDER, prune=True, embed=False)
    (folder / "z.txt").write_text("新的一篇。", encoding="utf-8")
    update(other, [folder / "z.txt"], embedder=EMBEDDER, prune=True, embed=False)

    def swap(_: Progress) -> None:
        if other.exists():  # both are at generation 2 now
            path.rename(folder.parent / "before")
            other.rename(path)

    assert embed_missing(path, embedder=EMBEDDER, progress=swap) == (3, 3)
    found = Index.open(path, embedder=EMBEDDER)
    assert found.n_vectors() == found.stats().n_embedded == found.stats().n_passages == 1


def test_a_text_that_stands_in_many_places_is_embedded_once(tmp_path: Path) -> None:
    corpus, path, counting = tmp_path / "corpus.jsonl", tmp_path / "index", Counting()
    texts = [f"编号{n if n % 300 else 0}x的报道。" for n in range(900)]
    corpus.write_text(
        "".join(json.dumps({"id": str(n), "text": t}) + "\n" for n, t in enumerate(texts)),
        encoding="utf-8",
    )
    update(path, [corpus], embedder=counting, prune=True)
    found = Index.open(path, embedder=EMBEDDER)
    assert counting.n_texts == len(set(texts)) == 898
    assert found.n_vectors() == found.stats().n_embedded == 900
    assert (
        len([h for h in found.search("编号0x的报道。", top_k=3) if "号0x" in h.passage.text]) == 3
    )


def test_a_few_vectors_do_not_outweigh_the_words_of_an_unfinished_index(tmp_path: Path) -> None:
    """Two like rows have next to no deviation, against which any cosine is far out."""
    corpus, path, new = tmp_path / "corpus.jsonl", tmp_path / "index", tmp_path / "new.txt"
    corpus.write_text(
        "".join(
            f'{{"id": "r{n}", "date": null, "text": "编号{n}x的报道。"}}\n' for n in range(300)
        ),
        encoding="utf-8",
    )
    update(path, [corpus], embedder=EMBEDDER, prune=True, embed=False)
    for n in range(3):
        new.write_text(f"只有这里说到独角鲸{n}号。", encoding="utf-8")
        update(path, [new], embedder=EMBEDDER, prune=False, embed=False)
        found = Index.open(path, embedder=EMBEDDER)
        assert f"独角鲸{n}号" in found.search(f"独角鲸{n}号", top_k=1)[0].passage.text
        new = tmp_path / f"new{n}.txt"


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (Within(), {"1", "2", "3"}),
        (Within(date_from="2023-08-02"), {"2", "3"}),
        (Within(date_from="2023-08-02", date_to="2023-08-02"), {"2"}),
        (Within(date_to="1999-01-01"), set[str]()),
        (Within(author="nobody"), set[str]()),
        (Within(newspaper="nothing"), set[str]()),
    ],
)
def test_a_search_within_some_articles_finds_only_those(
    tmp_path: Path, within: Within, expected: set[str]
) -> None:
    corpus = tmp_path / "corpus.jsonl"
    lines = (
        f'{{"id": "{n}", "date": "2023-08-0{n}", "text": "第{n}次审批。"}}\n' for n in (1, 2, 3)
    )
    corpus.write_text("".join(lines), encoding="utf-8")
    update(tmp_path / "index", [corpus], embedder=EMBEDDER, prune=True)
    found = Index.open(tmp_path / "index", embedder=EMBEDDER)
    hits = found.search("审批", within=within)
    assert {found.article(hit.passage.article_id).source.record for hit in hits} == expected
    one = found.article_ids()[1]
    only = found.search("审批", within=Within(article_ids=(one,)))
    assert [hit.passage.article_id for hit in only] == [one]


def test_two_corpora_in_one_file_are_both_found(tmp_path: Path) -> None:
    corpus, path = tmp_path / "corpus.jsonl", tmp_path / "index"
    corpus.write_text(
        "".join(f'{{"id": {n}, "text": "{name}的第{n}条。"}}\n' for name in "甲乙" for n in (1, 2)),
        encoding="utf-8",
    )
    assert update(path, [corpus], embedder=EMBEDDER, prune=True).n_added == 4
    again = update(path, [corpus], embedder=EMBEDDER, prune=True)
    assert (again.n_added, again.n_removed, again.n_unchanged) == (0, 0, 4)


def test_a_text_that_comes_thousandfold_is_numbered_in_one_pass(tmp_path: Path) -> None:
    corpus, path = tmp_path / "corpus.jsonl", tmp_path / "index"
    corpus.write_text(
        "".join(f'{{"id": {n}, "date": null, "text": "好。"}}\n' for n in range(1000)),
        encoding="utf-8",
    )
    update(path, [corpus], embedder=EMBEDDER, prune=True, embed=False)
    ids = Index.open(path, embedder=EMBEDDER).article_ids()
    assert ids == [ids[0], *(f"{ids[0]}~{n}" for n in range(2, 1001))]
