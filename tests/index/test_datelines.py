"""What opens an article, and what only looks like it."""

from __future__ import annotations

import pytest

from index.articles import split_articles
from index.datelines import find_dateline
from index.schema import Article, Source


def read(text: str) -> list[Article]:
    return split_articles(Source("page.txt", text, "text", "0" * 64))


@pytest.mark.parametrize(
    ("line", "newspaper"),
    [
        ("据新华社北京3月5日电 国家统计局今天发布数据。", "新华社"),
        ("据新华社电 国家统计局今天发布数据。", "新华社"),
        ("據中央社台北電（記者 王小明）行政院今天表示", "中央社"),
        ("据晨星晚报3月5日讯：新桥通车。", "晨星晚报"),
        ("BEIJING, March 5 (Xinhua) -- iron prices rose.", "Xinhua"),
        ("SPRINGFIELD (AP) - A new library opened.", "AP"),
        ("SPRINGFIELD, March 5 - A new library opened.", None),
        ("ST. LOUIS, Mo. — The council met.", None),
        ("BEIJING — “We agree,” he said.", None),
        ("記者王小明／台北報導　颱風將至。", None),
    ],
)
def test_what_opens_an_article(line: str, newspaper: str | None) -> None:
    found = find_dateline(line)
    assert found is not None
    assert found.newspaper == newspaper


@pytest.mark.parametrize(
    "line",
    [
        "据新华社北京3月5日电，今年水利投资将增加。",  # a sentence
        "据新华社3月5日报道 各地干部群众都在学习。",
        "据新华社电文显示，会谈已经结束。",
        "据本社区报纸电子版 的消息",
        "（据新华社北京3月5日电）",  # says below an article where it is from
        "综合新华社北京3月5日电 各地迎来客流高峰。",
        "U.S. - China trade rose last year.",
        "U.S. — China trade rose last year.",
        "AI - the new frontier is here.",
        "AI — The new frontier is here.",
        "NATO — the alliance of the West — met.",
        "CHINA - Trade rose last year.",
        "CHINA – Trade rose last year.",
        "AI (GPT) - the new frontier",
    ],
)
def test_what_does_not(line: str) -> None:
    assert find_dateline(line) is None


@pytest.mark.parametrize(
    "dateline",
    [
        "据新华社北京3月5日电 ",
        "据新华社电 ",
        "据新华社北京3月5日电（记者 张三）",
        "據中央社台北3月5日電 ",
    ],
)
def test_a_headline_is_no_part_of_the_dateline_below_it(dateline: str) -> None:
    (article,) = read(f"一月物价平稳\n{dateline}国家统计局今天发布的数据显示，物价平稳。\n")
    assert article.title == "一月物价平稳"
    assert article.newspaper in ("新华社", "中央社")


@pytest.mark.parametrize("dateline", ["综合新华社北京3月5日电 ", "据新华社北京3月5日电，"])
def test_a_headline_is_no_part_of_a_sentence_below_it(dateline: str) -> None:
    (article,) = read(f"走进合作社\n{dateline}国家统计局今天发布的数据显示，物价平稳。\n")
    assert (article.title, article.newspaper) == ("走进合作社", None)


QUOTED = "据新华社北京3月{}日电 {}\n"
BRIDGE = "大桥今日通车\n本报讯 新建的大桥今天通车，两岸往来更加方便，工程已经完工。{}\n"


@pytest.mark.parametrize("crosshead", ["各方反应", "国际社会反应积极", "奇迹"])
def test_what_a_news_agency_says_below_a_crosshead_belongs_to_the_article(crosshead: str) -> None:
    said = crosshead + "\n" + QUOTED.format(5, "各方对大桥通车反应热烈，国际社会表示欢迎。")
    (article,) = read(BRIDGE.format("") + said * 2)
    assert article.title == "大桥今日通车"
    assert f"\n{crosshead}\n据新华社" in article.text


@pytest.mark.parametrize(
    ("byline", "headline"),
    [
        ("", "一月份全国居民消费价格平稳"),  # too long for a crosshead
        ("", "国家统计局\n一月物价平稳"),
        ("", "物价平稳"),  # the words of the text below
        ("（记者 李华）", "最新数据"),  # what is above has ended
        ("\n本报记者 李华", "最新数据"),
    ],
)
def test_what_a_news_agency_says_below_a_headline_is_an_article(byline: str, headline: str) -> None:
    text = BRIDGE.format(byline) + headline + "\n" + QUOTED.format(5, "一月物价平稳，涨幅不大。")
    first, second = read(text)
    assert first.title == "大桥今日通车"
    assert first.authors == (("李华",) if byline else ())
    assert second.newspaper == "新华社"
    assert second.title == headline.replace("\n", " ")


def test_a_page_of_agency_news_comes_apart() -> None:
    text = (
        "物价平稳\n"
        + QUOTED.format(5, "涨幅不大。")
        + "新桥通车\n"
        + QUOTED.format(6, "往来方便。")
    )
    assert [(a.title, a.newspaper) for a in read(text)] == [
        ("物价平稳", "新华社"),
        ("新桥通车", "新华社"),
    ]


def test_a_dateline_over_two_lines_begins_in_the_first() -> None:
    (article,) = read("一月物价平稳\n新华社北京3\n月5日电 数据显示，物价平稳。\n")
    assert (article.title, article.newspaper) == ("一月物价平稳", "新华社")
    (article,) = read("一月物价平稳\n本报北京3月5日电\n（记者 李华）数据显示，物价平稳。\n")
    assert (article.title, article.authors) == ("一月物价平稳", ("李华",))


def test_a_reporter_s_line_below_a_body_opens_nothing() -> None:
    text = "新桥通车\n本报讯 往来方便。\n（记者 李华）\n物价平稳\n本报讯 涨幅不大。\n"
    assert [(a.title, a.authors) for a in read(text)] == [
        ("新桥通车", ("李华",)),
        ("物价平稳", ()),
    ]


@pytest.mark.parametrize("sentence", ["U.S. - China trade rose.", "AI - the new frontier is near."])
def test_a_sentence_with_a_hyphen_tears_no_article_in_two(sentence: str) -> None:
    text = f"Trade Report\n\nBEIJING, March 5 (Xinhua) -- Trade rose in May.\n\n{sentence}\n"
    (article,) = read(text)
    assert (article.title, article.newspaper) == ("Trade Report", "Xinhua")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("記者王小明／台北報導", "記者陳大文／高雄報導"),
        ("記者王小明/綜合報導", "記者陳大文/綜合報導"),
        ("记者王小明／台北报道", "本报记者陈大文／高雄报道"),
    ],
)
def test_a_reporter_and_place_above_each_article_take_it_apart(first: str, second: str) -> None:
    text = (
        f"颱風將至 各地加強戒備\n{first}\n中央氣象局表示，颱風預計週末登陸，\n"
        "請民眾做好防颱準備。\n"
        f"市府推動綠能！\n{second}\n市政府昨日宣布，將在三年內完成計畫。\n"
    )
    found = read(text)
    assert [a.title for a in found] == ["颱風將至 各地加強戒備", "市府推動綠能！"]
    assert [len(a.authors) for a in found] == [1, 1]
    for article in found:
        assert article.byline_span is not None
        assert article.byline_span.of(article.text) == article.authors[0]
        assert article.authors[0] in ("王小明", "陳大文", "陈大文")
