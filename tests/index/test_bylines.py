"""Who wrote it, and what is no name."""

from __future__ import annotations

import pytest

from index.articles import split_articles
from index.bylines import find_byline, find_closing_byline
from index.schema import Article, Source


def read(text: str) -> list[Article]:
    return split_articles(Source("page.txt", text, "text", "0" * 64))


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("本报记者 张三 文/图", ("张三",)),
        ("本报记者张三 李四 文／图", ("张三", "李四")),
        ("记者 张三 摄影报道", ("张三",)),
        ("记者 张三 图文", ("张三",)),
        ("（记者 张三 北京报道）", ("张三",)),
        ("记者 张三 成都报道 通讯员 李四", ("张三", "李四")),
        ("记者王小明／台北报道", ("王小明",)),
        ("記者王小明、陳大文／綜合報導", ("王小明", "陳大文")),
        ("文/图 张三", ("张三",)),
        ("By ZHANG WEI in Beijing", ("ZHANG WEI",)),
        ("By ZHANG WEI in Beijing and LI NA in New York", ("ZHANG WEI", "LI NA")),
        ("By Zhang Wei and Li Na in Beijing", ("Zhang Wei", "Li Na")),
    ],
)
def test_what_else_they_did_or_where_is_no_name(line: str, authors: tuple[str, ...]) -> None:
    found = find_byline(line)
    assert found is not None
    assert found.authors == authors
    assert line[found.start :].startswith(authors[0])
    assert line[: found.end].endswith(authors[-1])
    if not line.startswith(("By", "（")):
        closing = find_closing_byline(f"物价平稳。（{line}）")
        assert closing is not None
        assert closing.authors == authors


@pytest.mark.parametrize(
    "line", ["By Design in Beijing", "记者 北京报道", "记者 张三报道", "（黄金周）", "文旅 高考"]
)
def test_what_names_nobody(line: str) -> None:
    assert find_byline(line) is None


def test_a_dateline_s_reporter_is_no_place() -> None:
    (article,) = read("（记者 张三 北京报道）今天，新桥通车，往来方便。\n")
    assert article.authors == ("张三",)
    assert article.byline_span is not None
    assert article.byline_span.of(article.text) == "张三"


BODY = (
    "新建的大桥今天正式通车，两岸往来更加方便，市民\n"
    "纷纷前来参观，称赞工程质量，称这是多年来的心愿\n。市长说，下一步将建设更多的工程，方便群众出行。\n"
)


@pytest.mark.parametrize(
    "section",
    ["文旅", "高考", "房地产", "时尚", "商务", "安居", "黄金周", "文旅 房地产"],
)
@pytest.mark.parametrize(
    "page", ["{}\n大桥今日通车\n", "大桥今日通车\n{}\n", "大桥今日通车\n" + BODY + "{}\n"]
)
def test_a_section_is_no_author(section: str, page: str) -> None:
    text = page.format(section) if BODY in page else page.format(section) + BODY
    assert [a.authors for a in read(text)] == [()]


def test_a_headline_that_looks_like_a_name_is_none() -> None:
    (article,) = read("江南春\n" + BODY)
    assert (article.title, article.authors) == ("江南春", ())
    first, second = read(f"大桥今日通车\n本报讯 {BODY}江南春\n本报讯 {BODY}")
    assert (first.title, first.authors) == ("大桥今日通车", ())
    assert (second.title, second.authors) == ("江南春", ())


@pytest.mark.parametrize(
    "text",
    [
        "大桥今日通车\n李华\n" + BODY,
        "大桥今日通车\n" + BODY + "李华\n",
        "大桥今日通车\n" + BODY[:-1] + "本报记者\n李华\n",
    ],
)
def test_names_alone_are_a_byline_where_one_can_stand(text: str) -> None:
    (article,) = read(text)
    assert (article.title, article.authors) == ("大桥今日通车", ("李华",))


def test_a_list_of_names_is_no_byline() -> None:
    (article,) = read("大桥今日通车\n" + BODY + "李华\n王芳\n张伟\n赵敏\n刘洋\n")
    assert article.authors == ()
