"""The seed page, and what any text must give."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import split_articles
from index.schema import Article, Source, squeeze

PAGE = Path(__file__).parents[2] / "articles" / "000_fe631873ee400ce1.txt"


def source_of(text: str) -> Source:
    return Source("page.txt", text, "text", "0" * 64)


@pytest.fixture(scope="module")
def seed() -> list[Article]:
    return split_articles(source_of(PAGE.read_text("utf-8")))


def test_the_seed_page_gives_its_six_articles(seed: list[Article]) -> None:
    assert [(a.kicker, a.title, a.authors) for a in seed] == [
        ("垣曲经济技术开发区", "力推“三化三制”改革 持续增添发展动能", ("史力",)),
        (
            "临汾经济开发区",
            "创新知识产权“一站式”服务 打造“三无”“三可”营商环境",
            ("刘婷",),
        ),
        ("寿阳经济技术开发区", "全面优化营商环境 推动高质量发展", ("王花",)),
        ("介休经济技术开发区", "建立政企沟通机制 持续改善营商环境", ("进晓宇",)),
        (None, None, ("王丽",)),
        ("侯马经济开发区", "营商环境硬支撑 引得项目次第来", ("柴卫东", "李永岐")),
    ]
    assert {a.newspaper for a in seed} == {"科学导报"}
    for article in seed:
        assert article.byline_span is not None
        assert article.byline_span.of(article.text) == " ".join(article.authors)


def test_the_seed_page_loses_no_character(seed: list[Article]) -> None:
    assert squeeze("".join(a.text for a in seed)) == squeeze(PAGE.read_text("utf-8"))


def test_line_breaks_of_the_seed_page_leave_no_trace(seed: list[Article]) -> None:
    whole = "\n".join(a.text for a in seed)
    for joined in ("分别给予25万元、20万元奖励", "比法定107个工作日减少了72天", "增加21件"):
        assert joined in whole
    assert "\n———多举措破局，市场化运营激活力。围绕" in whole
    assert "先后参与全国橡胶与橡胶制品标准化技术委员会2项" in whole


def check_alignment(article: Article) -> None:
    for offset, character in enumerate(article.text):
        source = article.source.text[article.alignment.offset_to_source(offset)]
        assert source == character or (source.isspace() and character.isspace())


@given(st.text(alphabet="本报讯新华社北京电 \n\t\r\f\u3000。，“”（）记者张三abc.-1 ", max_size=200))
def test_any_text_is_covered_exactly(text: str) -> None:
    articles = split_articles(source_of(text))
    assert squeeze("".join(a.text for a in articles)) == squeeze(text)
    for article in articles:
        check_alignment(article)
