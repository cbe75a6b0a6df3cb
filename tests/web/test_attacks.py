"""Markup in questions, titles and articles is text: nothing runs and no request leaves.

`visit` fails on a script error, a dialog, `window.pwned`, and any request to another host.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

ALLOWED_TAGS = {
    "html", "head", "meta", "title", "link", "body", "header", "a", "img", "main", "article", "p",
    "h1", "span", "mark", "footer", "dl", "dt", "dd",
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("src", "href")}


def test_there_are_enough_of_them(attacks: list[str]) -> None:
    assert len(attacks) == len(set(attacks)) >= 60


def test_the_article_page_holds_no_tag_of_an_article(make_client: Any, hostile: Any) -> None:
    client = make_client(hostile)
    for article in hostile.index.articles.values():
        page = client.get(f"/articles/{article.id}", params={"start": 0, "end": 1})
        assert page.status_code == 200
        found = Tags()
        found.feed(page.text)
        assert found.tags <= ALLOWED_TAGS
        assert not [name for name in found.attributes if name.startswith("on")]
        assert all(address.startswith("../") for address in found.addresses)


def test_json_is_never_taken_for_a_page(make_client: Any, hostile: Any) -> None:
    client = make_client(hostile)
    for path in ("/api/articles?limit=200", "/api/articles/eeeeeeeeeeeeeeee", "/api/search?q=天"):
        answered = client.get(path)
        assert answered.headers["content-type"] == "application/json"
        assert answered.headers["x-content-type-options"] == "nosniff"


def test_a_line_break_in_an_article_begins_no_event(make_client: Any, hostile: Any) -> None:
    client = make_client(hostile)
    for question in hostile.script:
        streamed = client.post(
            "/api/ask", json={"question": question}, headers={"Accept": "text/event-stream"}
        )
        names = [line for line in streamed.text.split("\n") if line.startswith("event:")]
        assert names == ["event: passages", "event: answer", "event: done"]


@pytest.mark.browser
def test_the_chat_shows_them_as_text(visit: Any, hostile_url: str, attacks: list[str]) -> None:
    opened = visit(hostile_url)
    page = opened.page
    opened.ask(attacks[0])
    turns = page.evaluate(
        """async (questions) => Promise.all(questions.map(async (question) => {
            const answered = await fetch("api/ask", {method: "POST",
                headers: {"Content-Type": "application/json"}, body: JSON.stringify({question})});
            return {question, state: "answered", answer: await answered.json(),
                suggestions: [question]};
        }))""",
        attacks,
    )
    assert all(turn["answer"]["answer"] for turn in turns)
    kept = [{"id": "attacks", "title": attacks[5], "named": True, "at": 0, "turns": turns}]
    kept += [{"id": f"t{n}", "title": each, "turns": []} for n, each in enumerate(attacks)]
    page.evaluate(f"localStorage.setItem('wenju.conversations', {json.dumps(json.dumps(kept))})")
    page.goto("about:blank")
    page.goto(f"{hostile_url}/#c=attacks")
    page.wait_for_selector(f".wj-turn:nth-child({len(attacks)})")
    shown = page.locator(".wj-turn .wj-asked").evaluate_all("all => all.map(e => e.lastChild.data)")
    assert shown == attacks
    marks = page.locator(".wj-cited mark").evaluate_all("all => all.map(e => e.textContent)")
    assert sorted(marks) == sorted(attacks)
    assert (
        page.locator("#wj-app :is(script, iframe, form, style, link, object, video)").count() == 0
    )
    assert page.locator("#wj-app img").count() == 1, "our own"


@pytest.mark.browser
def test_the_article_sheet_and_page_show_them_as_text(
    visit: Any, hostile_url: str, attacks: list[str]
) -> None:
    opened = visit(hostile_url)
    page = opened.page
    page.evaluate(
        """async () => { const {ArticleSheet} = await import("./ui/article.js");
        const {WORDS} = await import("./ui/words.js");
        const sheet = new ArticleSheet(document.baseURI);
        document.getElementById("wj-app").append(sheet.element);
        await sheet.open("eeeeeeeeeeeeeeee", {start: 3, end: 9}, [], WORDS.zh); }"""
    )
    body = page.locator(".wj-sheet[open] .wj-body")
    lines = [line for attack in attacks for line in attack.split("\n") if line]
    assert body.locator("p").evaluate_all("all => all.map(e => e.textContent)") == lines
    page.goto(f"{hostile_url}/articles/eeeeeeeeeeeeeeee")
    assert page.locator("article > p").count() == len(lines)


@pytest.mark.browser
def test_the_widget_shows_them_as_text(visit: Any, hostile_url: str, attacks: list[str]) -> None:
    page = visit(f"{hostile_url}/widget/frame?title={attacks[5]}", wait="wenju-chat").page
    page.evaluate(
        """async (questions) => { const widget = document.querySelector("wenju-chat");
        for (const question of questions) await widget.ask(question); }""",
        attacks,
    )
    assert page.locator(".asked").evaluate_all("all => all.map(e => e.textContent)") == attacks
    assert page.locator(".cite mark").count() == len(attacks)
    assert page.locator("wenju-chat :is(script, iframe, img, object, video)").count() == 0
