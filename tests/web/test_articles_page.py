"""The list of articles names the reprints of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import Index, update
from index.embed import HashEmbedder

STORY = "青石县图书馆新馆将于9月1日开放，设有座位1200个，阅览席比旧馆增加500个。" + "".join(
    f"第{n}阅览室收藏{word}类图书{n}万册。" for n, word in enumerate("文史哲经法理工农医艺", 2)
)
REPRINT = f"本报讯 {STORY}读者凭身份证入馆。"
ELSEWHERE = "白水县建成水厂3座，日供水6万吨，全县用水不再紧张。"


@pytest.fixture
def reprinted(tmp_path: Path, pipeline: Any) -> Iterator[Any]:
    """A pipeline over three articles, two of them alike; titles that look like markup."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, title, text in (
        ("a.md", "新馆九月<b>开放</b>", STORY),
        ("b.md", "图书馆添座1200个", REPRINT),
        ("c.md", "白水水厂", ELSEWHERE),
    ):
        (folder / name).write_text(f"# {title}\n\n{text}\n", "utf-8")
    update(tmp_path / "index", [folder], embedder=HashEmbedder(), prune=True)
    pipeline.index = Index.open(tmp_path / "index", embedder=HashEmbedder())
    yield pipeline
    pipeline.index.close()


@pytest.mark.parametrize(("language", "words"), [("zh", "另见"), ("en", "Also printed as")])
def test_reprints_are_named_in_the_list_in_what_is_found_and_on_the_article(
    make_client: Any, reprinted: Any, language: str, words: str
) -> None:
    client = make_client(reprinted)
    ids = {row.path: row.article_id for row in reprinted.index.summaries()}
    headers = {"Accept-Language": language}

    def shown(path: str, **params: str) -> str:
        return client.get(path, params=params, headers=headers).text

    listed = shown("/articles")
    assert listed.count(words) == 2
    assert listed.count(f'href="articles/{ids["a.md"]}"') == 2, "its own row, and its reprint's"
    assert listed.count(f'href="articles/{ids["c.md"]}"') == 1
    assert "<b>开放" not in listed
    assert words in shown("/articles", q="图书馆新馆")
    article = shown(f"/articles/{ids['b.md']}")
    assert words in article
    assert f'href="{ids["a.md"]}"' in article
    assert words not in shown(f"/articles/{ids['c.md']}")


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_a_reprint_is_one_step_away(
    visit: Any, serve_site: Any, reprinted: Any, phone: bool
) -> None:
    with serve_site(reprinted, manage=True) as url:
        page = visit(f"{url}/articles", phone=phone, wait=".also").page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator(".rows li", has_text="a.md").locator(".also a").first.click()
        page.wait_for_selector("article h1")
        assert page.inner_text("h1") == "图书馆添座1200个"
        page.click(".also a")
        page.wait_for_selector("article h1:has-text('新馆九月')")
