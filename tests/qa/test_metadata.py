from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index import Index, update
from index.embed import HashEmbedder
from index.schema import Article, Span, squeeze
from qa.metadata import byline
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader

BODY = "  本报讯 5月8日，青溪市新图书馆开馆。新馆藏书86万册，每天开放12个小时。"


def index_of(page: str, folder: Path) -> Index:
    path = folder / "page.txt"
    path.write_text(page, encoding="utf-8")
    update(folder / "index", [path], embedder=HashEmbedder(), prune=True)
    return Index.open(folder / "index", embedder=HashEmbedder())


@pytest.mark.parametrize(
    ("line", "text", "answers"),
    [
        ("本报记者 肖 伟 王小华", "肖 伟 王小华", ("肖 伟", "王小华")),
        ("本报记者 王小华 肖 伟", "王小华 肖 伟", ("王小华", "肖 伟")),
        ("本报记者 肖 伟 李 明", "肖 伟 李 明", ("肖 伟", "李 明")),  # all spaced
        ("本报记者 肖　伟", "肖 伟", ("肖　伟",)),  # an ideographic space
        ("本报记者 李明华 李明", "李明华 李明", ("李明华", "李明")),  # one begins the other
        ("本报记者 李明 李明华", "李明 李明华", ("李明", "李明华")),
        ("本报记者 李明华 通讯员 李明", "李明华 通讯员 李明", ("李明华", "李明")),
        ("By Jane Doe and Jane Doering", "Jane Doe and Jane Doering", ("Jane Doe", "Jane Doering")),
    ],
)
def test_who_wrote_it_is_answered_with_every_author(
    line: str, text: str, answers: tuple[str, ...], tmp_path: Path
) -> None:
    index = index_of(f"{BODY}\n{line}\n", tmp_path)
    answer = Pipeline(index, OverlapReader(), abstain_threshold=0.5).ask("这篇是谁写的")
    assert (answer.text, answer.answers) == (text, answers)
    for citation, name in zip(answer.citations, answers, strict=True):
        page = citation.article.source.text
        assert citation.answer.of(citation.article.text) == name
        assert citation.span.of(citation.article.text) == citation.quote
        assert squeeze(citation.source.of(page)) == squeeze(citation.quote)


@pytest.mark.parametrize("authors", [("何苗", "赵一鸣"), ("赵一鸣", "陈立"), ("陈立", "何苗"), ()])
def test_a_byline_that_does_not_print_every_author_in_order_is_given_whole(
    articles: list[Article], authors: tuple[str, ...]
) -> None:
    (article,) = (each for each in articles if each.authors == ("何苗", "陈立"))
    spans = byline(replace(article, authors=authors))
    assert [span.of(article.text) for span in spans] == ["何苗 陈立"]


def test_an_article_without_a_byline_has_no_author_to_cite(articles: list[Article]) -> None:
    assert byline(replace(articles[0], byline_span=None)) == []


def test_names_are_looked_for_in_the_byline_alone(articles: list[Article]) -> None:
    (article,) = (each for each in articles if each.authors == ("林晓",))
    body = Span(0, article.text.index("林晓"))
    assert byline(replace(article, byline_span=body)) == [body]
