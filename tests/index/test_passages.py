"""Where sentences end, and what passages promise."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import split_articles
from index.passages import sentences, split_passages
from index.schema import Article, Source, squeeze


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一。二！三？", ["一。", "二！", "三？"]),
        ("他说：“好。我去。”然后走了。", ["他说：“好。我去。”", "然后走了。"]),
        ("“好！”他说。完", ["“好！”他说。", "完"]),
        ("见《问题？》一书（第3版。）。好。", ["见《问题？》一书（第3版。）。", "好。"]),
        ("增长3.5%。下降1.2%。", ["增长3.5%。", "下降1.2%。"]),
        ("Mr. Smith paid $3.50. He left.", ["Mr. Smith paid $3.50.", "He left."]),
        ("The U.S. Army came. It won!", ["The U.S. Army came.", "It won!"]),
        ("苹果、梨……都有。", ["苹果、梨……都有。"]),
        ("“升”、“降”。", ["“升”、“降”。"]),
        ("“没有后引号。好。", ["“没有后引号。", "好。"]),
        ("标题\n正文。", ["标题", "正文。"]),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, expected: list[str]) -> None:
    assert [s.of(text) for s in sentences(text)] == expected


@given(st.text(alphabet="一二。，！“”（）\n abcA.!? ,1…", max_size=700))
def test_passages_cover_an_article_without_overlap(text: str) -> None:
    for article in split_articles(Source("a.txt", text, "text", "0" * 64)):
        passages = split_passages(article)
        assert squeeze("".join(p.text for p in passages)) == squeeze(article.text)
        assert all(p.text == p.span.of(article.text) == p.text.strip() for p in passages)
        assert all(a.span.end <= b.span.start for a, b in pairwise(passages))
        assert [p.id for p in passages] == [f"{article.id}:{n}" for n in range(len(passages))]


def test_a_passage_holds_200_to_300_characters_of_running_text() -> None:
    text = "这一句话一共有二十个字左右，不多也不少。" * 200
    (article,) = split_articles(Source("a.txt", text, "text", "0" * 64))
    assert all(200 <= len(p.text) <= 300 for p in split_passages(article)[:-1])


def article_of(text: str) -> Article:
    (article,) = split_articles(Source("a.txt", text, "jsonl", "0" * 64))
    return article


def test_english_passages_hold_as_many_tokens_as_chinese_ones() -> None:
    text = "The council met on Tuesday and approved the plan for a library. " * 100
    lengths = [len(p.text) for p in split_passages(article_of(text))]
    assert all(550 <= length <= 800 for length in lengths[:-1])


def test_a_sentence_too_long_is_cut_at_its_commas() -> None:
    text = "这里有一个很长很长的分句，" * 100 + "完。"
    passages = split_passages(article_of(text))
    assert all(p.text.endswith(("，", "完。")) and len(p.text) <= 300 for p in passages)


def test_a_line_without_any_mark_is_cut_by_length() -> None:
    passages = split_passages(article_of("字" * 10_000))
    assert all(len(p.text) <= 300 for p in passages)
    assert sum(len(p.text) for p in passages) == 10_000


def test_the_byline_and_the_headline_stand_in_a_passage_with_text() -> None:
    page = "本报讯 " + "工程已经完成，今年增加了投资。" * 18 + " 王小明\n临河集团\n投资增加\n"
    (article,) = split_articles(Source("a.txt", page * 2, "text", "0" * 64))[:1]
    last = split_passages(article)[-1]
    assert last.text.endswith("。 王小明\n临河集团\n投资增加")
    assert len(last.text) > 100
    assert last.context == "临河集团 投资增加"


def test_an_endless_headline_is_bounded_before_each_passage() -> None:
    article = replace(article_of("正文。"), title="题" * 5000)
    assert len(split_passages(article)[0].context) == 200
