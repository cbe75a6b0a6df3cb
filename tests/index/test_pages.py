"""Pages composed from made-up articles in many layouts come apart into just those articles."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import split_articles
from index.schema import Article, Source, squeeze

_CHARACTERS = (
    "山水田林湖草沙路桥港城车船机电光热风云雨雪春秋粮棉油茶果花药医学校师生书画歌舞球票税款贷股债险仓运"
    "商店客房屋楼塔寺馆线网端屏芯片模具材钢铜铝锂煤气炉窑砖瓦布衣鞋帽灯钟表笔纸墨"
)
_PLACES = ("临河", "东岭", "南屏", "北安", "清源", "长丰", "永和", "平川")
_NAMES = ("王小明", "李华", "赵子君", "陈思远", "刘洋", "周文", "孙丽娜", "马建国")
_OPENERS, _CLOSERS = "“（《", "，。、；：！？”）》"


@dataclass(frozen=True)
class Made:
    """One made-up article, as it should be read back."""

    kicker: str | None
    title: tuple[str, ...]
    dateline: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    headline: str  # "before", "after"
    dateline: str  # {} stands for a place
    byline: str  # {} stands for the names
    width: int  # characters of the column
    blanks: int  # empty lines between two printed ones
    indent: str  # printed before a paragraph; "lost": the line is narrower, the blank gone
    break_page: bool  # a column that changes in mid-article


def make_article(rng: random.Random, layout: Layout) -> Made:
    words = ["".join(rng.sample(_CHARACTERS, 2)) for _ in range(14)]
    place = rng.choice(_PLACES)

    def clause() -> str:
        text = "".join(rng.choice(words) for _ in range(rng.randint(2, 6)))
        if rng.random() < 0.25:
            text += f"增加{rng.randint(2, 9999)}件"
        if rng.random() < 0.15:
            text = f"“{text}”"
        return text

    def sentence() -> str:
        return "，".join(clause() for _ in range(rng.randint(1, 4))) + rng.choice("。。。。！？")

    paragraphs = tuple(
        "".join(sentence() for _ in range(rng.randint(2, 5))) for _ in range(rng.randint(1, 4))
    )
    title = tuple("".join(rng.sample(words, rng.randint(2, 3))) for _ in range(rng.randint(1, 2)))
    kicker = f"{place}经济开发区" if rng.random() < 0.5 and len(title[0]) < layout.width else None
    authors = tuple(rng.sample(_NAMES, rng.randint(1, 2)))
    return Made(kicker, title, layout.dateline.format(place), paragraphs, authors)


def typeset(text: str, width: int, first: int) -> list[str]:
    """Break into lines of `width` characters, the first shorter by `first`; no comma opens one."""
    lines: list[str] = []
    rest, room = text, width - first
    while len(rest) > room:
        cut = room
        while cut < len(rest) and rest[cut] in _CLOSERS:  # squeezed into the line
            cut += 1
        if cut - room > 2:
            cut = room - 1
        while rest[cut - 1] in _OPENERS or (
            rest[cut - 1].isdigit() and rest[cut : cut + 1].isdigit()
        ):
            cut -= 1
        lines.append(rest[:cut])
        rest, room = rest[cut:], width
    return [*lines, rest] if rest else lines


def spaced(text: str) -> str:
    """Numbers set apart from Chinese, as PDF extraction does."""
    out = ""
    for n, character in enumerate(text):
        if n and (character.isdigit() != text[n - 1].isdigit()):
            other = text[n - 1] if character.isdigit() else character
            out += " " if "\u4e00" <= other <= "\u9fff" else ""
        out += character
    return out


def print_page(made: list[Made], layout: Layout) -> str:
    """The page as text extraction gives it."""
    between = "\n" * (layout.blanks + 1)
    out: list[str] = []
    for number, article in enumerate(made):
        headline = ([article.kicker] if article.kicker else []) + list(article.title)
        width = layout.width
        body: list[str] = []
        for n, paragraph in enumerate(article.paragraphs):
            text = (article.dateline if n == 0 else "") + paragraph
            if layout.break_page and number == 0 and n == len(article.paragraphs) - 1:
                width += 8
            lines = typeset(text, width, 2 if layout.indent else 0)
            lines[0] = ("" if layout.indent == "lost" else layout.indent) + lines[0]
            body += [spaced(line) for line in lines]
        names = " ".join(article.authors)
        if layout.byline.startswith("\n"):
            body.append(layout.byline[1:].format(names))
        elif not layout.byline.startswith("^"):
            body[-1] += layout.byline.format(names)
        heading_byline = [layout.byline[1:].format(names)] if layout.byline[0] == "^" else []
        out += headline + heading_byline + body if layout.headline == "before" else body + headline
    return between.join(out) + "\n"


DATELINES = (
    "晨星导报讯 ",
    "本报讯 ",
    "本报讯（记者 高原）",
    "新华社{}3月5日电 ",
    "本报{}3月5日电（记者高原）",
    "晨星晚报讯（通讯员 何平）",
)
BYLINES = (
    " {}",
    "（{}）",
    "（记者 {}）",
    "(本报记者 {})",
    " 本报记者 {}",
    "/{}",
    "\n本报记者 {}",  # on a line of its own
    "\n（{}）",
)
UNDER_HEADLINE = ("^本报记者 {}", "^□ 本报记者 {}", "^文/{}", "^记者：{}")


INDENTS = ("\u3000\u3000", "    ")


def layouts(
    headlines: Sequence[str],
    datelines: Sequence[str],
    bylines: Sequence[str],
    indents: Sequence[str] = ("", "lost", *INDENTS),
) -> st.SearchStrategy[Layout]:
    return st.builds(
        Layout,
        headline=st.sampled_from(headlines),
        dateline=st.sampled_from(datelines),
        byline=st.sampled_from(bylines),
        width=st.integers(12, 32),
        blanks=st.integers(0, 2),
        indent=st.sampled_from(indents),
        break_page=st.booleans(),
    )


def read_page(text: str) -> list[Article]:
    return split_articles(Source("page.txt", text, "text", "0" * 64))


def body_of(article: Article) -> str:
    span = article.headline_span
    if span is None:
        return article.text
    return article.text[: span.start] + article.text[span.end :]


def printed_body(made: Made, layout: Layout) -> str:
    """What is printed of an article but its headline, without white space."""
    byline = layout.byline.format(" ".join(made.authors))
    body = made.dateline + "".join(made.paragraphs)
    return squeeze(byline[1:] + body if byline.startswith("^") else body + byline)


def check(made: list[Made], layout: Layout) -> None:
    page = print_page(made, layout)
    found = read_page(page)
    assert [squeeze(body_of(a)) for a in found] == [printed_body(m, layout) for m in made], page
    assert [(a.kicker, a.title) for a in found] == [
        (m.kicker, " ".join(m.title) or None) for m in made
    ]
    for article, expected in zip(found, made, strict=True):
        assert set(expected.authors) <= set(article.authors)


def make_page(seed: int, n_articles: int, layout: Layout) -> list[Made]:
    rng = random.Random(seed)
    return [make_article(rng, layout) for _ in range(n_articles)]


# What a page means is guessed: the same pages each time, and benchmarks/pages.py counts over more.
EACH_TIME_THE_SAME = settings(deadline=None, derandomize=True)
SEEDS = st.integers(0, 10**6)


@settings(EACH_TIME_THE_SAME, max_examples=60)
@given(SEEDS, st.integers(2, 6), layouts(("before", "after"), DATELINES, BYLINES))
def test_a_page_with_datelines_comes_apart(seed: int, n_articles: int, layout: Layout) -> None:
    check(make_page(seed, n_articles, layout), layout)


@settings(EACH_TIME_THE_SAME, max_examples=30)
@given(SEEDS, st.integers(2, 5), layouts(("before",), ("", "本报讯 "), UNDER_HEADLINE, INDENTS))
def test_a_page_with_bylines_under_headlines_comes_apart(
    seed: int, n_articles: int, layout: Layout
) -> None:
    check(make_page(seed, n_articles, layout), layout)


@settings(EACH_TIME_THE_SAME, max_examples=30)
@given(SEEDS, st.integers(2, 5), layouts(("before", "after"), ("",), BYLINES, INDENTS))
def test_a_page_with_closing_bylines_alone_comes_apart(
    seed: int, n_articles: int, layout: Layout
) -> None:
    check(make_page(seed, n_articles, layout), layout)


@settings(EACH_TIME_THE_SAME, max_examples=30)
@given(SEEDS, st.integers(3, 6), layouts(("before", "after"), DATELINES, BYLINES), st.data())
def test_an_article_without_a_headline_takes_no_other_s(
    seed: int, n_articles: int, layout: Layout, data: st.DataObject
) -> None:
    made = make_page(seed, n_articles, layout)
    bare = data.draw(st.integers(1, n_articles - 2), label="without headline")
    made[bare] = replace(made[bare], kicker=None, title=())
    check(made, layout)


@settings(EACH_TIME_THE_SAME, max_examples=30)
@given(SEEDS, *[layouts(("before", "after"), DATELINES, BYLINES)] * 2, st.sampled_from("\n\f"))
def test_pages_of_two_papers_in_one_file_come_apart(
    seed: int, layout: Layout, other: Layout, page_break: str
) -> None:
    made, others = make_page(seed, 3, layout), make_page(seed + 1, 3, other)
    text = print_page(made, layout).rstrip("\n") + "\n" + page_break + print_page(others, other)
    found = read_page(text)
    assert [a.title for a in found] == [" ".join(m.title) for m in (*made, *others)]
