"""Reprints are told from articles that only look like them, and shown with each other."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from index import Index, remove, update
from index.embed import HashEmbedder
from index.reprints import Imprint, bands, candidates, resemblance, shingles

SENTENCES = [
    "侯马市推行标准地制度，企业拿地后四个工作日即可开工。",
    "审批时限由107个工作日压缩到35个工作日。",
    "国强光伏项目负责人说，当年就投了产。",
    "垣曲县的苗木合作社去年卖出树苗90万株。",
    "合作社理事长介绍，社员平均增收3200元。",
    "寿阳县从韩国引进一家电池材料企业。",
    "一期投资六亿元，明年十月投产。",
    "介休市把工业遗址改成了博物馆。",
]
BODY = "".join(SENTENCES)
REPRINTS = {
    "another headline": "一座小城的营商环境观察\n" + BODY,
    "another byline": BODY + "（记者 李某某 通讯员 王某某）",
    "a sentence cut": "".join(SENTENCES[:4] + SENTENCES[5:]),
    "two sentences cut at the end": "".join(SENTENCES[:-2]),
    "line breaks and other quotes": BODY.replace("。", "。\n").replace("标准地", "“标准地”"),
    "full width and Traditional": BODY.replace("107", "１０７").replace("国", "國"),
    "thousands set apart": BODY.replace("3200", "3,200"),
}


@pytest.mark.parametrize("how", REPRINTS)
def test_a_reprint_resembles_what_it_was_made_from(how: str) -> None:
    one, other = Imprint.of(BODY), Imprint.of(REPRINTS[how])
    assert one.resembles(other)
    assert other.resembles(one)


OTHER_NUMBERS = (
    BODY.replace("107", "98").replace("35", "40").replace("90", "75").replace("3200", "2900")
)


@pytest.mark.parametrize(
    "text",
    [
        OTHER_NUMBERS,
        OTHER_NUMBERS.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        "".join(SENTENCES[:2]),  # a brief is no reprint
        "太原市昨日举办国际马拉松赛，两万名选手参加。",
        "",
        "。",
    ],
    ids=[
        "a form with other numbers",
        "in full width",
        "a brief",
        "another event",
        "empty",
        "no letter",
    ],
)
def test_what_only_looks_alike_does_not(text: str) -> None:
    assert not Imprint.of(BODY).resembles(Imprint.of(text))


def test_texts_share_a_band_as_often_as_they_are_alike() -> None:
    seeded = random.Random(5)

    def share(resembling: float) -> float:
        n_shared = 0
        for _ in range(200):
            both = int(2000 * resembling)
            rest = (2000 - both) // 2
            drawn = np.array(seeded.sample(range(1 << 32), both + 2 * rest), np.uint32)
            one, other = np.sort(drawn[: both + rest]), np.sort(np.delete(drawn, slice(0, rest)))
            assert resemblance(one, other) == pytest.approx(
                np.intersect1d(one, other).size / np.union1d(one, other).size
            )
            n_shared += bool(set(bands(one).tolist()) & set(bands(other).tolist()))
        return n_shared / 200

    assert share(0.8) > 0.97
    assert share(0.02) < 0.05


def test_a_long_text_has_the_bands_of_its_shingles_in_any_order() -> None:
    seeded = random.Random(3)
    text = "".join(chr(seeded.randrange(0x4E00, 0x9FA5)) for _ in range(20_000))
    hashes = shingles(text)
    assert len(hashes) > 19_900
    assert np.array_equal(bands(hashes), bands(hashes[::-1]))


def test_of_very_many_alike_each_is_compared_with_some_only() -> None:
    pairs = candidates(np.zeros(1000, np.int64), np.arange(1000), frozenset(range(1000)))
    assert len(pairs) <= 8 * 1000
    assert {new for new, _ in pairs} == set(range(1, 1000))


def build(tmp_path: Path, files: dict[str, str], *, prune: bool = True) -> Index:
    folder = tmp_path / f"files{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    update(tmp_path / "index", [folder], embedder=HashEmbedder(), prune=prune)
    return Index.open(tmp_path / "index", embedder=HashEmbedder())


def likes(found: Index) -> dict[str, set[str]]:
    """Names of files, and of those that are like it."""
    rows = found.summaries()
    paths = {row.article_id: row.path for row in rows}
    return {row.path: {paths[i] for i in row.like} for row in rows}


def test_reprints_are_listed_with_each_other_however_they_came_in(tmp_path: Path) -> None:
    first, other = "a.txt", "b.txt"
    both = build(tmp_path, {first: BODY, other: SENTENCES[5] + "另一件事。"})
    assert likes(both) == {first: set(), other: set()}
    after = build(tmp_path, {"c.txt": REPRINTS["a sentence cut"], "d.txt": BODY}, prune=False)
    alike = {first, "c.txt", "d.txt"}
    assert likes(after) == {
        other: set(),
        **{name: alike - {name} for name in alike},
    }
    assert after.summaries(offset=0, limit=1)[0].like == after.summaries()[0].like


def test_a_removed_article_is_like_nothing_any_more(tmp_path: Path) -> None:
    found = build(tmp_path, {"a.txt": BODY, "b.txt": REPRINTS["another byline"], "c.txt": "别的。"})
    gone = next(row.article_id for row in found.summaries() if row.path == "a.txt")
    remove(found.path, [gone])
    after = found.refresh()
    assert likes(after) == {"b.txt": set(), "c.txt": set()}
    # Nor is it found for what comes later, and merging segments keeps what is known.
    for n in range(9):
        build(tmp_path, {f"n{n}.txt": f"第{n}号新的一篇，说的是别的事情{n}。"}, prune=False)
    last = build(tmp_path, {"z.txt": BODY}, prune=False)
    assert likes(last)["z.txt"] == {"b.txt"}
    assert likes(last)["b.txt"] == {"z.txt"}
