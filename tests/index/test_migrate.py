"""An index of the format before is read as it is, and migrated by the first write."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from pathlib import Path

import pytest

from index import Index, remove, update
from index.embed import HashEmbedder
from index.errors import WrongFormat
from index.manifest import FORMAT
from index.verify import verify_index

EMBEDDER = HashEmbedder()
TEXTS = {
    "a.txt": "侯马的审批时限比法定107个工作日减少了72天。企业当天就开工建设。",
    "b.txt": "侯马的审批时限比法定107个工作日减少了72天。企业当天就开工建设，当年投产。",
    "c.txt": "寿阳引进韩国企业，投资三亿元。项目明年投产。",
    "d.txt": "太原昨日举办马拉松赛。",
}


def written_as(path: Path, number: int) -> None:
    """Change the index into what the code of format 1 wrote; its format called `number`."""
    pointer = (path / "CURRENT").read_text().splitlines()
    folder = path / "generations" / pointer[1].split()[1]
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["format"] = number
    for segment in manifest["segments"]:
        file = folder / segment["file"]
        database = sqlite3.connect(file, isolation_level=None)
        for table in ("bands", "reprints"):
            database.execute(f"DROP TABLE {table}")
        database.execute("VACUUM")
        database.close()
        data = file.read_bytes()
        manifest["files"][segment["file"]] = {
            "n_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    data = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    (folder / "manifest.json").write_bytes(data)
    pointer[0] = f"wenju index, format {number}"
    pointer[2] = f"manifest {hashlib.sha256(data).hexdigest()}"
    text = "\n".join(pointer[:3]) + "\n"
    (path / "CURRENT").write_text(f"{text}sum {zlib.crc32(text.encode()):08x}\n")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Two segments of format 1, an article of the first one removed."""
    path, folder = tmp_path / "index", tmp_path / "articles"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    update(path, [folder / "a.txt", folder / "d.txt"], embedder=EMBEDDER, prune=True)
    update(path, [folder / "b.txt", folder / "c.txt"], embedder=EMBEDDER, prune=False)
    found = Index.open(path, embedder=EMBEDDER)
    gone = next(row.article_id for row in found.summaries() if row.path == "d.txt")
    found.close()
    remove(path, [gone])
    written_as(path, 1)
    (folder / "d.txt").unlink()
    return path


def likes(found: Index) -> dict[str, int]:
    return {row.path: len(row.like) for row in found.summaries()}


def test_the_format_before_is_read_as_it_is(old: Path) -> None:
    before = (old / "CURRENT").read_bytes()
    found = Index.open(old, embedder=EMBEDDER)
    assert found.stats().format == 1
    assert found.search("寿阳韩国企业")[0].passage.text == TEXTS["c.txt"]
    assert likes(found) == {"a.txt": 0, "b.txt": 0, "c.txt": 0}
    assert verify_index(old).n_articles == 3
    assert (old / "CURRENT").read_bytes() == before


@pytest.mark.parametrize("write", ["build", "add", "remove"])
def test_a_write_migrates_it_and_embeds_nothing_again(old: Path, write: str) -> None:
    reader = Index.open(old, embedder=EMBEDDER)
    articles = old.with_name("articles")
    if write == "remove":
        report = remove(old, [next(r.article_id for r in reader.summaries() if r.path == "c.txt")])
    else:
        report = update(old, [articles], embedder=EMBEDDER, prune=write == "build")
    assert report.n_embedded == 0
    found = Index.open(old, embedder=EMBEDDER)
    assert found.stats().format == FORMAT
    assert likes(found) == {"a.txt": 1, "b.txt": 1} | ({"c.txt": 0} if write != "remove" else {})
    assert found.search("审批时限")[0].dense == reader.search("审批时限")[0].dense
    assert verify_index(old).n_articles == len(likes(found))
    assert len(reader.article_ids()) == 3  # it keeps its generation


def test_a_migration_that_is_stopped_leaves_the_format_before(old: Path) -> None:
    class StoppedError(Exception):
        pass

    def on_step(step: str) -> None:
        if step == "sealed":
            raise StoppedError

    with pytest.raises(StoppedError):
        update(old, [old.with_name("articles")], embedder=EMBEDDER, prune=True, on_step=on_step)
    assert Index.open(old, embedder=EMBEDDER).stats().format == 1
    assert verify_index(old).n_articles == 3


@pytest.mark.parametrize("number", [0, FORMAT + 1])
def test_another_format_is_refused_by_name_and_a_build_replaces_it(old: Path, number: int) -> None:
    articles = old.with_name("articles")
    data = (old / "CURRENT").read_text().replace("format 1\n", f"format {number}\n")
    text = data[: data.index("sum ")]
    (old / "CURRENT").write_text(f"{text}sum {zlib.crc32(text.encode()):08x}\n")
    with pytest.raises(WrongFormat, match=rf"format {number}, .*format {FORMAT}.*index build"):
        Index.open(old, embedder=EMBEDDER)
    with pytest.raises(WrongFormat):
        update(old, [articles], embedder=EMBEDDER, prune=False)
    update(old, [articles], embedder=EMBEDDER, prune=True)
    assert likes(Index.open(old, embedder=EMBEDDER)) == {"a.txt": 1, "b.txt": 1, "c.txt": 0}
