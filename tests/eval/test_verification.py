from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.verification import SourceFiles, says
from index.articles import split_articles
from index.schema import Article, Span
from index.sources import read_sources


@pytest.mark.parametrize(
    ("source", "quote", "said"),
    [
        ("减少了 72\n天", "减少了72天", True),
        ("减少了72天", "减少了 72 天", True),
        ("减少了72天", "减少了27天", False),
        ("减少了72天", "减少了72", False),
        ("devel-\nopment", "development", True),
        ("two-\nthirds", "two-thirds", True),
        ("two-thirds", "twothirds", False),
        ("a.b", "aXb", False),  # nothing of the source is a pattern
    ],
)
def test_a_quote_is_what_the_source_prints(source: str, quote: str, said: bool) -> None:
    assert says(source, Span(0, len(source)), quote) is said


def test_a_span_beyond_the_source_says_nothing() -> None:
    assert not says("短", Span(0, 2), "短")


def article_of(file: Path) -> Article:
    (source,) = read_sources(file, root=file.parent)
    (article,) = split_articles(source)
    return article


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_file_itself_is_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "page.txt"
    text = "本报讯 桥长一千二百八十米，昨日通车，市民纷纷前往参观，交通部门加派人手。\n"
    file.write_bytes(text.encode(encoding))
    article = article_of(file)
    span = Span(text.index("昨日"), text.index("昨日") + 4)
    files = SourceFiles([tmp_path])
    assert files.check(article, span, "昨日通车") == (True, "file")
    assert files.check(article, span, "昨日停运") == (False, "file")


def test_a_file_that_changed_since_does_not_verify(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text("桥长1280米，昨日通车。", encoding="utf-8")
    article = article_of(file)
    file.write_text("桥长1290米，昨日通车。", encoding="utf-8")
    assert SourceFiles([tmp_path]).check(article, Span(0, 7), "桥长1280米") == (False, "file")


def test_without_the_file_the_index_is_looked_at_and_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text("桥长1280米，昨日通车。", encoding="utf-8")
    article = article_of(file)
    assert SourceFiles([]).check(article, Span(0, 7), "桥长1280米") == (True, "index")


def test_records_are_found_in_their_corpus(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    rows = [{"id": "n1", "text": "桥长1280米。"}, {"id": "n2", "text": "馆藏42万册。"}]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    article = split_articles(read_sources(file, root=tmp_path)[1])[0]
    assert SourceFiles([tmp_path]).check(article, Span(2, 6), "42万册"[:4]) == (True, "file")
    assert SourceFiles([tmp_path]).check(article, Span(0, 2), "桥长") == (False, "file")
