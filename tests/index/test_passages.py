"""Where sentences end, and what passages promise."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import split_articles
from index.passages import sentences, split_passages
from index.schema import Source, squeeze


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
