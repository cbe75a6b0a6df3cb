"""The widget on pages of other origins, in a real browser."""

from __future__ import annotations

import gzip
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from qa.notes import NOTES
from qa.web import bundle
from qa.web.bundle import snippet, widget

QUESTION = "侯马审批时限缩减多少天"

HOSTILE_CSS = """
* { all: unset !important; display: inline !important; color: lime !important;
    background: black !important; font-size: 3px !important; }
div, section, form, textarea, button, blockquote { display: none !important; }
.panel, .log, mark, .quote, a { visibility: hidden !important; }
"""


def test_the_widget_is_small_and_stands_alone() -> None:
    packed = len(gzip.compress(widget().script, 9))
    print(f"widget.js: {len(widget().script)} bytes, {packed} gzipped")
    assert packed <= 15 * 1024
    script = widget().script.decode()
    assert not re.search(r"^\s*(?:import|export)\b", script, re.MULTILINE)
    assert "innerHTML" not in script
    assert "eval(" not in script


def test_every_note_has_its_words_in_both_languages() -> None:
    page = (Path(bundle.__file__).parent / "static/words.js").read_text(encoding="utf-8")
    for code in NOTES:
        key = re.compile(rf"\b{code}\"?: ?\"")
        assert len(key.findall(page)) == len(key.findall(widget().script.decode())) == 2, code


def test_the_snippet_pins_what_is_served(client: Any) -> None:
    line = snippet("https://news.example/", title='a"><script>')
    assert "<script>" not in line[1:]
    path = re.search(r'src="https://news\.example(/widget/[0-9a-f]{12}\.js)"', line)[1]
    served = client.get(path)
    assert served.content == widget().script == client.get("/widget.js").content
    assert "immutable" in served.headers["cache-control"]
    assert widget().integrity in line
    assert client.get("/widget/000000000000.js").status_code == 404
    again = client.get("/widget.js", headers={"If-None-Match": f'"{widget().version}"'})
    assert again.status_code == 304


def test_the_script_may_be_fetched_from_anywhere(client: Any) -> None:
    served = client.get("/widget.js", headers={"Origin": "https://anywhere.example"})
    assert served.headers["access-control-allow-origin"] == "*"
    assert served.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.fixture
def host_page() -> Iterator[Callable[..., str]]:
    """Serves pages on origins of their own, with a Content-Security-Policy if given."""
    with ExitStack() as stack:

        def serve(body: str, *, policy: str | None = None) -> str:
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    if policy:
                        self.send_header("Content-Security-Policy", policy)
                    self.end_headers()
                    self.wfile.write(body.encode() if self.path == "/" else b"")

                def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                    pass

            server = stack.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


@pytest.fixture(scope="session")
def open_url(script: Any, serve_site: Any) -> Iterator[str]:
    """A site that any origin may ask, so that host pages can take any port."""
    with serve_site(script, origins=("*",)) as url:
        yield url


@pytest.fixture(scope="session")
def closed_url(script: Any, serve_site: Any) -> Iterator[str]:
    """A site without a list of origins."""
    with serve_site(script) as url:
        yield url


def page_of(site: str, *, options: str = "", head: str = "", body: str = "") -> str:
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>宿主</title>{head}'
        f"</head><body><main><h1>一家报社</h1>{body}"
        f'<script src="{site}/widget.js" data-title="问问本报" {options} async></script>'
        "</main></body></html>"
    )


def use(page: Any) -> None:
    page.locator("textarea").fill(QUESTION)
    page.locator("textarea").press("Enter")
    page.locator(".cite mark").wait_for()
    assert page.locator(".cite mark").inner_text() == "72天"
    assert page.locator(".said").inner_text().startswith("72天")


@pytest.mark.browser
def test_a_button_on_a_page_with_hostile_styles(visit: Any, open_url: str, host_page: Any) -> None:
    head = f"<style>{HOSTILE_CSS}</style>"
    opened = visit(host_page(page_of(open_url, head=head)), also=(open_url,), wait="wenju-chat")
    page = opened.page
    sent = [url for url in opened.requested if url.startswith(open_url)]
    assert sent == [f"{open_url}/widget.js"], "one request until opened"
    page.locator(".launch").click()
    use(page)
    panel = page.locator(".panel").bounding_box()
    assert 380 <= panel["width"] <= 420
    assert page.locator(".said").evaluate("e => getComputedStyle(e).fontSize") == "22px"
    assert page.locator(".said").evaluate("e => getComputedStyle(e).color") != "rgb(0, 255, 0)"


@pytest.mark.browser
def test_inline_under_a_strict_policy_leaks_nothing_into_the_page(
    visit: Any, open_url: str, host_page: Any
) -> None:
    policy = f"default-src 'none'; script-src {open_url}; connect-src {open_url}"
    url = host_page(page_of(open_url, options='data-mode="inline" data-lang="en"'), policy=policy)
    opened = visit(url, also=(open_url,), wait="wenju-chat")
    page = opened.page
    before = page.locator("h1").evaluate("e => getComputedStyle(e).cssText")
    use(page)
    assert page.locator("h1").evaluate("e => getComputedStyle(e).cssText") == before
    assert page.locator(".go").first.inner_text() == "Ask"
    href = page.locator(".cite a").get_attribute("href")
    assert href.startswith(f"{open_url}/articles/")
    page.goto(href)
    assert page.locator("mark#cited").inner_text() == "72天"


@pytest.mark.browser
def test_a_component_with_the_pinned_script_and_its_events(
    visit: Any, open_url: str, host_page: Any
) -> None:
    pinned = snippet(open_url).replace("data-title", 'data-auto="off" data-title')
    body = (
        pinned + '<wenju-chat mode="inline" heading="编辑部" theme="dark"></wenju-chat>'
        "<script>window.seen = []; for (const name of ['question', 'answer'])"
        " addEventListener(`wenju-${name}`, (e) => seen.push([name, e.detail.question]));</script>"
    )
    url = host_page(f'<!doctype html><meta charset="utf-8"><main>{body}</main>')
    page = visit(url, also=(open_url,), wait="wenju-chat[scheme=dark]").page
    answer = page.evaluate(f"document.querySelector('wenju-chat').ask('{QUESTION}')")
    assert answer["answer"] == "72天"
    assert page.evaluate("seen") == [["question", QUESTION], ["answer", QUESTION]]
    assert page.locator("h2").inner_text() == "编辑部"


@pytest.mark.browser
def test_the_frame_page(visit: Any, open_url: str, host_page: Any) -> None:
    framed = (
        f'<iframe src="{open_url}/widget/frame?title=在框里" width="380" height="500"></iframe>'
    )
    page = visit(host_page(f'<!doctype html><meta charset="utf-8">{framed}'), wait="iframe",
                 also=(open_url,)).page  # fmt: skip
    frame = page.frame_locator("iframe")
    frame.locator("textarea").fill(QUESTION)
    frame.locator("textarea").press("Enter")
    frame.locator(".cite mark").wait_for()
    assert frame.locator("h2").inner_text() == "在框里"


@pytest.mark.browser
def test_the_script_api_opens_asks_and_closes(visit: Any, open_url: str, host_page: Any) -> None:
    page = visit(host_page(page_of(open_url)), also=(open_url,), wait="wenju-chat").page
    page.evaluate(f"Wenju.ask('{QUESTION}')")
    page.locator(".cite mark").wait_for()
    page.evaluate("Wenju.close()")
    page.locator(".panel").wait_for(state="hidden")
    page.keyboard.press("Enter")  # focus went back to the button
    page.locator(".panel").wait_for()
    page.keyboard.press("Escape")
    page.locator(".panel").wait_for(state="hidden")


@pytest.mark.browser
def test_an_origin_not_on_the_list_is_refused(visit: Any, closed_url: str, host_page: Any) -> None:
    url = host_page(page_of(closed_url, options='data-mode="inline"'))
    page = visit(url, also=(closed_url,), wait="wenju-chat").page
    page.locator("textarea").fill(QUESTION)
    page.locator("textarea").press("Enter")
    page.locator(".again").wait_for()
    assert "没有回应" in page.locator(".turn").inner_text()
    assert page.locator(".cite").count() == 0


@pytest.mark.browser
def test_a_server_that_goes_away_costs_no_question(
    visit: Any, serve_site: Any, script: Any, host_page: Any
) -> None:
    with serve_site(script, origins=("*",)) as site:
        page = visit(host_page(page_of(site)), also=(site,), wait="wenju-chat").page
        page.locator(".launch").click()
        page.locator(".examples button").first.wait_for()
    page.locator("textarea").fill(QUESTION)
    page.locator("textarea").press("Enter")
    page.locator(".again").click()  # still away
    page.locator(".again").wait_for()
    assert "没有回应" in page.locator(".turn").inner_text()
    assert page.locator(".asked").all_inner_texts() == [QUESTION]
    with serve_site(script, origins=("*",), port=int(site.rpartition(":")[2])):
        page.locator(".again").click()
        page.locator(".cite mark").wait_for()
        assert page.locator(".cite mark").inner_text() == "72天"
        assert page.locator(".asked").all_inner_texts() == [QUESTION], "asked once"
        assert page.locator(".again").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious_in_the_widget(
    visit: Any, open_url: str, host_page: Any, dark: bool
) -> None:
    page = visit(host_page(page_of(open_url)), also=(open_url,), wait="wenju-chat", dark=dark).page
    page.locator(".launch").click()
    use(page)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ] == []
