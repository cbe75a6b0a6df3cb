"""The walk: every entry has its row, every good file its articles, and nothing else is opened."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import zipfile
from pathlib import Path

import pytest

from index.articles import split_articles
from index.schema import Article, Source
from index.sources import FileReport, Limits, Skipped, read_sources, read_tree

TEXT = "水利工程是国家的重要基础设施，各地要高度重视，统筹兼顾。\n今年投资增加12件。\n"


def rows_of(folder: Path, limits: Limits | None = None) -> dict[str, FileReport]:
    items = read_tree([folder], limits=limits or Limits())
    return {item.file: item for item in items if isinstance(item, FileReport)}


def articles_of(*paths: Path) -> list[Article]:
    return [item for item in read_tree(paths) if isinstance(item, Article)]


def test_a_file_gives_its_articles_and_then_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    article, row = read_tree([tmp_path])
    assert isinstance(article, Article)
    assert (article.source.path, article.source.text) == ("a.txt", TEXT)
    assert row == FileReport("a.txt", "indexed", encoding="utf-8", articles=1)


def test_folders_are_walked_in_order_and_have_rows(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", "b/c/3.txt", ".hidden.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name + TEXT)
    assert list(rows_of(tmp_path)) == [
        ".hidden.txt", "a.txt", "b", "b/1.txt", "b/2.txt", "b/c", "b/c/3.txt"
    ]  # fmt: skip
    assert {row.status for row in rows_of(tmp_path).values()} == {"indexed"}


def test_a_path_that_is_not_there_has_a_row(tmp_path: Path) -> None:
    (row,) = read_tree([tmp_path / "missing.txt"])
    assert isinstance(row, FileReport)
    assert (row.file, row.reason) == ("missing.txt", "unreadable")


def test_what_is_no_file_of_the_folder_is_not_opened(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.txt").write_text(TEXT)
    (root / "good.txt").write_text(TEXT)
    os.mkfifo(root / "fifo.txt")  # opening it would wait for ever
    (root / "loop").symlink_to(root / "loop")
    (root / "up").symlink_to(root)
    (root / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (root / "nowhere.txt").symlink_to("missing")
    (root / "again.txt").symlink_to("good.txt")
    assert {name: row.reason for name, row in rows_of(root).items()} == {
        "good.txt": None,
        "fifo.txt": "not-a-regular-file",
        "loop": "unreadable",
        "up": "duplicate",
        "outside.txt": "outside-root",
        "nowhere.txt": "unreadable",
        "again.txt": "duplicate",
    }


def test_a_file_too_large_is_told_by_its_size_alone(tmp_path: Path) -> None:
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(8 << 30)
    assert rows_of(tmp_path)["sparse.txt"].reason == "too-large"


def test_the_same_bytes_are_indexed_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.md").write_text(TEXT)
    row = rows_of(tmp_path)["b.md"]
    assert (row.reason, row.detail) == ("duplicate", "the same bytes as a.txt")


def test_the_same_bytes_under_two_paths_given_are_a_duplicate(tmp_path: Path) -> None:
    for name in ("a/x.txt", "b/x.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(TEXT)
    rows = [i for i in read_tree([tmp_path / "a", tmp_path / "b"]) if isinstance(i, FileReport)]
    assert [row.reason for row in rows] == [None, "duplicate"]
    assert rows[1].detail == f"the same bytes as {tmp_path.resolve() / 'a/x.txt'}"


@pytest.mark.parametrize("state", ["CURRENT", "LOCK"])  # LOCK: its first build is running
def test_a_folder_that_holds_an_index_is_not_looked_into(tmp_path: Path, state: str) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "index/generations").mkdir(parents=True)
    (tmp_path / "index" / state).write_text("wenju index")
    rows = rows_of(tmp_path)
    assert list(rows) == ["a.txt", "index"]
    assert (rows["index"].status, rows["index"].articles) == ("indexed", 0)
    assert "holds an index" in rows["index"].detail
    assert rows_of(tmp_path / "index")["index"].reason == "unsupported"


def test_a_record_says_what_its_text_does_not(tmp_path: Path) -> None:
    said = {"authors": ["甲", 7, "乙"], "newspaper": "山西日报", "kicker": "引题", "title": "题"}
    times = ("2024-03-02T08:00:00Z", "2024-03-02 08:00", "2024-03-02", "2024-03-021", "March")
    (tmp_path / "a.jsonl").write_text(
        "".join(
            json.dumps({"text": f"第{n}篇报道。", "date": date, **said}) + "\n"
            for n, date in enumerate(times)
        )
    )
    found = articles_of(tmp_path)
    assert [article.date for article in found] == ["2024-03-02"] * 3 + [None] * 2
    for article in found:
        assert (article.authors, article.newspaper) == (("甲", "乙"), "山西日报")
        assert (article.kicker, article.title) == ("引题", "题")


def test_a_file_is_no_duplicate_of_one_that_gave_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.bak").write_text(TEXT)
    (tmp_path / "page.txt").write_text(TEXT)
    rows = rows_of(tmp_path)
    assert [row.reason for row in rows.values()] == ["unsupported", None]


def test_a_file_that_no_reader_foresaw_does_not_end_the_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name + TEXT)

    def surprised(source: Source) -> list[Article]:
        if source.path == "a.txt":
            raise KeyError("surprise")
        return split_articles(source)

    monkeypatch.setattr("index.sources.files.split_articles", surprised)
    rows = rows_of(tmp_path)
    assert (rows["a.txt"].reason, rows["a.txt"].detail) == ("malformed", "KeyError: 'surprise'")
    assert rows["b.txt"].status == "indexed"


def test_a_name_that_is_not_utf_8_or_forges_a_log_line_is_shown_safely(tmp_path: Path) -> None:
    for name in (b"bad-\xff.txt", b"a\nINFO done\x1b[2K.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(name + TEXT.encode())
    for row in rows_of(tmp_path).values():
        assert str(row).isprintable()
        assert "\\" in str(row)


def zip_of_version(needed: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a", "")
    data = bytearray(out.getvalue())
    data[data.index(b"PK\x01\x02") + 6] = needed
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(90), "binary"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(90), "unsupported"),
        ("a.csv", b"a,b\n", "unsupported"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "unsupported"),
        ("a.docx", b"PK\x03\x04" + bytes(90), "malformed"),
        ("a.zip", zip_of_version(99), "malformed"),
        ("a.pdf", bytes(range(256)), "malformed"),
    ],
)
def test_other_files_are_named_with_their_reason(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert rows_of(tmp_path)[name].reason == reason
    with pytest.raises(Skipped) as skipped:
        read_sources(tmp_path / name, root=tmp_path)
    assert skipped.value.reason == reason


def test_text_under_a_false_name_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "text.pdf").write_text(TEXT)
    (tmp_path / "README").write_text(TEXT + "二。")
    assert [a.source.format for a in articles_of(tmp_path)] == ["text", "text"]


@pytest.mark.parametrize("pack", [None, lzma.compress, gzip.compress])
def test_each_record_of_a_corpus_is_an_article(tmp_path: Path, pack: object) -> None:
    records = [
        json.dumps({"id": "x1", "date": "2024-03-05", "title": "题", "text": "本报讯 甲。"}),
        "{cut",
        json.dumps({"id": 2, "text": ""}),
        '{"id": 3, "text": "\\ud800"}',
        '{"id": "\\ud800", "text": "丙。"}',
        json.dumps({"id": 4, "title": "半\ud800", "text": "乙。"}),
    ]
    data = "\n".join(records).encode()
    suffix = {None: "", lzma.compress: ".xz", gzip.compress: ".gz"}[pack]  # type: ignore[index]
    (tmp_path / f"c.jsonl{suffix}").write_bytes(pack(data) if pack else data)  # type: ignore[operator]
    items = list(read_tree([tmp_path]))
    articles = [item for item in items if isinstance(item, Article)]
    assert [(a.source.record, a.title, a.date) for a in articles] == [
        ("x1", "题", "2024-03-05"),
        ("4", "半\ufffd", None),
    ]
    rows = [item for item in items if isinstance(item, FileReport)]
    assert [row.reason for row in rows] == ["bad-record"] * 4 + [None]
    assert rows[-1].articles == 2


def test_records_that_share_an_id_or_have_none_are_told_apart(tmp_path: Path) -> None:
    ids = ["1", 1, None, "3", "1~2", 1]
    lines = [json.dumps({"id": i, "text": f"第{n}条。"}) for n, i in enumerate(ids)]
    lines.append(json.dumps({"text": "没有编号。"}))
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    records = [article.source.record for article in articles_of(tmp_path)]
    assert records == ["1", "1~2", "3", "3~2", "1~2~2", "1~3", "7"]


def test_a_corpus_that_is_cut_keeps_its_good_records(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": n, "text": f"第{n}条。{os.urandom(99).hex()}"}) + "\n"
                    for n in range(400))  # fmt: skip
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(lines.encode())[:-9000])
    rows = [item for item in read_tree([tmp_path]) if isinstance(item, FileReport)]
    assert [row.reason for row in rows] == ["malformed", None]
    assert 0 < rows[1].articles < 400


def test_a_corpus_that_unpacks_beyond_measure_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "bomb.jsonl.xz").write_bytes(lzma.compress(b" " * (70 << 20), preset=0))
    assert rows_of(tmp_path)["bomb.jsonl.xz"].reason == "zip-bomb"
