"""The article page with texts of unusual shape, in a real browser."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from index.schema import Span
from qa.fragment import text_fragment

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


def test_a_text_fragment_leads_to_the_sentence_and_not_to_one_like_it(
    visit: Any, serve_site: Any, article_of: Any, pipeline: Any
) -> None:
    filler = "开发区持续优化营商环境。\n" * 120
    text = f"阅览席增加到1500个。\n{filler}旧馆关了门。阅览席增加到1500个。馆长说，好。\n{filler}"
    library = article_of("ffffffffffffffff", text, title="图书馆")
    pipeline.index.articles[library.id] = library
    start = text.rindex("阅览席")
    fragment = text_fragment(text, Span(start, text.index("馆长")))
    with serve_site(pipeline) as url:
        page = visit(f"{url}/articles/{library.id}#{fragment}", wait="article").page
        page.wait_for_function("scrollY > 0")
        box = page.get_by_text("旧馆关了门").bounding_box()
        assert 0 < box["y"] < 800


def test_a_page_of_a_pdf_is_drawn_while_its_file_is_unchanged(
    make_client: Any, pipeline: Any, houma: Any, tmp_path: Path
) -> None:
    file = tmp_path / "page.pdf"
    document = pypdfium2.PdfDocument.new()
    document.new_page(300, 400)
    document.save(file)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    source = replace(houma.source, format="pdf", page_starts=(0,), sha256=sha256)
    pipeline.index.articles[houma.id] = replace(houma, source=source)
    pipeline.index.file_of = lambda article_id: file
    client = make_client(pipeline)
    page = f"/articles/{houma.id}/pages/1.png"
    assert client.get(f"/api/articles/{houma.id}").json()["pictures"] is True
    assert f"{houma.id}/pages/1.png" in client.get(f"/articles/{houma.id}").text
    picture = client.get(page)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    again = client.get(page, headers={"If-None-Match": picture.headers["etag"]})
    assert again.status_code == 304
    assert client.get(f"/articles/{houma.id}/pages/2.png").status_code == 404

    file.write_bytes(file.read_bytes() + b"\n")  # another file now
    assert client.get(page).json()["error"]["code"] == "no_picture"
    file.unlink()
    assert client.get(page).status_code == 404
    assert client.get(f"/api/articles/{houma.id}").json()["pictures"] is False
    assert client.get("/articles/bbbbbbbbbbbbbbbb/pages/1.png").status_code == 404, "no PDF"
