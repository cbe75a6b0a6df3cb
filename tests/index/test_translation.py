"""English queries over Chinese passages: words by the dictionary, names by their pinyin."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Index, update
from index.embed import HashEmbedder
from index.glossary import Glossary, entries, glossary
from index.lexical import Lexical, LexicalWriter, looked_for, terms, weigh
from index.pinyin import syllables_of
from index.postings import best_by_bm25, pack_postings
from index.translation import concepts

PASSAGES = {
    1: "侯马的审批时限比法定减少了72天。",
    2: "寿阳引进韩国企业，投资三亿元。",
    3: "李应龙在莲塘种植火龙果。",
    4: "西安市的高原有青海人。",
    5: "Steam engines were built in Birmingham.",
}


def said(query: str) -> list[str]:
    """Renderings by words, as they are written."""
    return [
        "".join(group[0][0] for group in r.groups[:-1]) + r.groups[-1][0]
        for concept in concepts(query)
        for r in concept.renderings
        if all(len(group) == 1 for group in r.groups)
    ]


def names(query: str) -> list[tuple[str, ...]]:
    """The terms of what is a name in pinyin."""
    return [
        concept.terms
        for concept in concepts(query)
        if any(len(group) > 1 for r in concept.renderings for group in r.groups)
    ]


@pytest.mark.parametrize("query", ["侯马 approval", "72", "", "？", "かな"])
def test_other_queries_are_not_translated(query: str) -> None:
    assert concepts(query) == []
    assert looked_for(query) == set(terms(query))


def test_han_in_an_english_query_stands_for_itself() -> None:
    asked = concepts("How long is the approval time in 侯马?")
    assert [concept.terms for concept in asked][-1] == ("侯马",)
    assert "批准" in said("How long is the approval time in 侯马?")


def test_words_are_looked_up_by_their_stems() -> None:
    assert {"批准", "认可"} <= set(said("approvals"))
    assert "火龙果" in said("What is dragon fruit?")
    assert "时间" in said("the time")
    assert said("How many were there?") == []


@pytest.mark.parametrize(
    ("query", "groups"),
    [
        ("10 July", [("7",), ("月",)]),
        ("in May 2024", [("5",), ("月",)]),
        ("2 billion yuan", [("20",), ("亿",)]),
        ("1.15 billion", [("11",), ("5",), ("亿",)]),
        ("50,000 thousand", [("5000",), ("万",)]),
        ("1.5 trillion", [("1",), ("5",), ("万亿",)]),
        ("2 thousand people", [("2000",)]),
    ],
)
def test_numbers_and_months_are_written_as_chinese_writes_them(
    query: str, groups: list[tuple[str, ...]]
) -> None:
    assert tuple(groups) in [r.groups for c in concepts(query) for r in c.renderings]


@pytest.mark.parametrize("query", ["it may rain", "2024 trees", "four days", "1.2.3 billion"])
def test_other_numbers_stay_as_they_are(query: str) -> None:
    assert not [r for c in concepts(query) for r in c.renderings if r.groups[0][0].isdigit()]


def test_names_are_read_as_pinyin() -> None:
    assert names("How many days did Houma cut?") == [("houma",)]
    assert names("Does Li Yinglong live in Xi'an?") == [("li", "yinglong"), ("xian",)]
    assert names("the houma of") == []


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("houma", {("hou", "ma")}),
        ("xian", {("xian",), ("xi", "an")}),
        ("ning", {("ning",)}),  # not ni, ng
        ("texas", set[tuple[str, ...]]()),
    ],
)
def test_syllables(word: str, read: set[tuple[str, ...]]) -> None:
    assert set(syllables_of(word)) == read


@pytest.fixture
def lexical(tmp_path: Path) -> Lexical:
    writer = LexicalWriter(tmp_path)
    for number, text in PASSAGES.items():
        writer.add(number, {number: text})
    writer.commit()
    return Lexical(tmp_path)


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("How many days did Houma cut?", 1),
        ("approval time in Houma", 1),
        ("How much did the Korean company invest in Shouyang?", 2),
        ("What does Li Yinglong plant?", 3),
        ("dragon fruit", 3),
        ("Is Xi'an on a plateau?", 4),
        ("Where were steam engines built?", 5),
    ],
)
def test_the_passage_that_says_it_in_chinese_is_found(
    lexical: Lexical, query: str, passage: int
) -> None:
    assert lexical.search(query, limit=3)[0][0][0] == passage


@pytest.mark.parametrize("query", ["steam engines", "Houma approval", "Li Yinglong, 72", "侯马"])
def test_every_store_gives_the_same_scores(lexical: Lexical, query: str) -> None:
    cut = [(number, terms(text)) for number, text in PASSAGES.items()]
    packed = pack_postings(cut)
    ours = lexical.search(query, limit=5)
    theirs = best_by_bm25(
        query,
        {term: packed[term] for term in looked_for(query) if term in packed},
        n_passages=len(cut),
        n_terms=sum(len(each) for _, each in cut),
        limit=5,
    )
    assert theirs[1] == ours[1]
    assert dict(theirs[0]) == pytest.approx(dict(ours[0]), rel=1e-5)


def test_a_word_counts_once_however_many_renderings_a_passage_has() -> None:
    frequency = {"批准": 1, "认可": 2}
    asked = weigh("approval", lambda term: frequency.get(term, 0), 10)
    assert sorted(groups for (found,) in [asked.concepts] for groups, _ in found) == [
        (("批准",),),
        (("认可",),),
    ]
    assert asked.against.translated
    assert max(worth for _, worth in asked.concepts[0]) <= asked.against.ideal
    assert not weigh("approval", lambda _: 0, 10).against.translated


def test_an_english_question_finds_its_article(tmp_path: Path) -> None:
    for number, text in PASSAGES.items():
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    update(tmp_path / "index", [tmp_path], embedder=HashEmbedder(), prune=True)
    found = Index.open(tmp_path / "index", embedder=HashEmbedder())
    (hit,) = found.search("Where does Li Yinglong grow dragon fruit?", top_k=1)
    assert "火龙果" in hit.passage.text


def test_the_glossary_is_made_once_and_for_now_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = list(entries())[:2000]
    monkeypatch.setattr("index.glossary.entries", lambda: iter(some))
    monkeypatch.setenv("WENJU_CACHE", str(tmp_path / "cache"))
    made: set[int] = set()
    for _ in range(2):
        glossary.cache_clear()
        assert isinstance(glossary(), Glossary)
        (file,) = (tmp_path / "cache").iterdir()
        made.add(file.stat().st_ino)
    assert len(made) == 1
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WENJU_CACHE", str(tmp_path / "file"))
    glossary.cache_clear()
    assert glossary().said("no such gloss") == ()
    glossary.cache_clear()
