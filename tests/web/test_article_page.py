"""The article page with texts of unusual shape, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [False, True])
def test_a_very_long_article_opens_at_the_cited_words(
    visit: Any, serve_site: Any, article_of: Any, pipeline: Any, phone: bool
) -> None:
    text = "开发区持续优化营商环境，𠮷字在此。\n" * 6000
    long = article_of("cccccccccccccccc", text, title="长" * 200)
    pipeline.index.articles[long.id] = long
    start = text.index("𠮷", 80_000)
    with serve_site(pipeline) as url:
        page = visit(
            f"{url}/articles/{long.id}?start={start}&end={start + 2}#cited",
            phone=phone,
            wait="mark",
        ).page
        assert page.inner_text("mark") == "𠮷字", "offsets count code points"
        assert 0 < page.locator("mark").bounding_box()["y"] < 844
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_right_to_left_text_runs_right_to_left(
    visit: Any, serve_site: Any, article_of: Any, pipeline: Any
) -> None:
    arabic = article_of(
        "dddddddddddddddd", "افتتحت المكتبة في 1 سبتمبر.\n开放了。", title="المكتبة"
    )
    pipeline.index.articles[arabic.id] = arabic
    with serve_site(pipeline) as url:
        page = visit(f"{url}/articles/{arabic.id}", wait="article").page
        directions = page.locator("article > p").evaluate_all(
            "all => all.map(e => getComputedStyle(e).direction)"
        )
        assert directions == ["rtl", "ltr"]


def test_an_article_without_title_says_so(
    visit: Any, serve_site: Any, article_of: Any, pipeline: Any
) -> None:
    with serve_site(pipeline) as url:
        page = visit(f"{url}/articles/bbbbbbbbbbbbbbbb", wait="article").page
        assert "没有标题" in page.inner_text("h1")
        assert "无标题" in page.title()


def test_the_page_follows_the_readers_language_and_scheme(
    visit: Any, serve_site: Any, pipeline: Any, houma: Any
) -> None:
    with serve_site(pipeline) as url:
        page = visit(f"{url}/articles/{houma.id}", wait="article", locale="en", dark=True).page
        assert page.get_attribute("html", "lang") == "en"
        ground = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(ground) == "rgb(23, 20, 17)"
