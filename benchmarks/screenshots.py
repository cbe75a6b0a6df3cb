"""The pictures in docs/images, taken from a running app: `python -m benchmarks.screenshots URL`.

Start `python app.py --manage --origin http://127.0.0.1:8099` first; a host page for the
widget is served on that port while the pictures are taken.
"""

from __future__ import annotations

import http.server
import json
import sys
import threading
import time
import urllib.request
from html import escape
from pathlib import Path
from shutil import which

from PIL import Image  # comes with Gradio
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
QUESTION = "侯马审批时限缩减多少天"
FOLLOW_UP = "这篇是谁写的？"
UNANSWERABLE = "侯马去年的财政收入是多少"
DESKTOP, PHONE = (1280, 800), (390, 844)
HOST = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>晨报</title><style>
body {{ margin: 0; font: 17px/1.9 "Noto Serif CJK SC", serif; color: #222; background: #fff; }}
main {{ max-width: 44rem; margin: 0 auto; padding: 2rem; }} h1 {{ font-size: 2rem; }}
</style><main><h1>晨报 · 开发区专版</h1><p>本版六篇报道讲述各开发区优化营商环境的做法。
读者可以点右下角的按钮，直接向这些报道提问，每个答案都标出原文。</p>
<p>报道来自《科学导报》2024年3月。</p></main>
<script src="{url}/widget.js" data-title="问问本版" data-lang="zh" async></script></html>"""

PRINTED = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><style>
body {{ font: 13px/1.8 "Noto Serif CJK SC", serif; }} h1 {{ font-size: 26px; text-align: center; }}
main {{ columns: 3; column-rule: 1px solid #999; column-gap: 2em; text-align: justify; }}
p {{ margin: 0; text-indent: 2em; }}
</style><h1>{title}</h1><main>{paragraphs}</main></html>"""


def main() -> None:
    url = sys.argv[1].rstrip("/")
    IMAGES.mkdir(parents=True, exist_ok=True)
    while not gathered(url):
        time.sleep(0.5)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=which("chromium") or which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        chat(browser, url, "chat", DESKTOP, scheme="light")
        chat(browser, url, "chat-dark", DESKTOP, scheme="dark")
        chat(browser, url, "chat-phone", PHONE, scheme="light")
        chat(browser, url, "chat-phone-dark", PHONE, scheme="dark")
        with_page(browser, DESKTOP, "light", url, welcome)
        with_page(browser, DESKTOP, "light", f"{url}/articles", lambda page: save(page, "articles"))
        with_page(browser, DESKTOP, "light", f"{url}/embed", lambda page: save(page, "embed"))
        with_page(browser, DESKTOP, "light", f"{url}/evaluate", evaluate)
        with_page(browser, DESKTOP, "dark", f"{url}/evaluate", lambda page: drafted(page, "-dark"))
        with_page(browser, PHONE, "light", f"{url}/evaluate", lambda page: drafted(page, "-phone"))
        widget(browser, url)
        printed(browser, url)
        browser.close()


def gathered(url: str) -> bool:
    """Whether the app has all the questions that it can suggest."""
    with urllib.request.urlopen(f"{url}/api/examples?n=1", timeout=60) as answered:
        return json.load(answered)["complete"]


def with_page(browser: Browser, size: tuple[int, int], scheme: str, url: str, act: object) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale="zh-CN",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_timeout(1500)
    act(page)
    context.close()


def save(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        path, optimize=True
    )
    print(f"{path.relative_to(IMAGES.parents[1])} {path.stat().st_size / 1000:.0f} kB")


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-wenju=ready]")


def welcome(page: Page) -> None:
    ready(page)
    page.wait_for_selector(".wj-examples button")
    page.wait_for_timeout(500)
    save(page, "welcome")


def ask(page: Page, question: str) -> None:
    n = page.locator(".wj-turn").count()
    page.fill("#wj-question textarea", question)
    page.press("#wj-question textarea", "Enter")
    page.wait_for_selector(f".wj-turn:nth-child({n + 1})[data-state=answered]")
    page.wait_for_selector(f".wj-turn:nth-child({n + 1}) .wj-suggest button")
    page.wait_for_timeout(300)


def chat(browser: Browser, url: str, name: str, size: tuple[int, int], *, scheme: str) -> None:
    def act(page: Page) -> None:
        ready(page)
        ask(page, QUESTION)
        save(page, name)
        page.locator(".wj-open").first.click()
        page.wait_for_selector("#wj-cited")
        page.wait_for_timeout(300)
        save(page, name.replace("chat", "article"))
        page.keyboard.press("Escape")
        if name == "chat":
            ask(page, FOLLOW_UP)
            page.locator(".wj-read summary").last.click()
            save(page, "followup")
        if name in ("chat", "chat-phone"):
            page.click("#wj-new") if name == "chat" else page.keyboard.press("Alt+KeyN")
            ask(page, UNANSWERABLE)
            save(page, name.replace("chat", "abstention"))

    with_page(browser, size, scheme, url, act)


def evaluate(page: Page) -> None:
    """A set of two questions is run, and one drafted from the articles."""
    lines = [
        {"id": "1", "question": QUESTION, "answers": ["72天"], "answerable": True},
        {"id": "2", "question": UNANSWERABLE, "answers": [], "answerable": False},
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    page.set_input_files(
        "#file",
        {"name": "晨报.jsonl", "mimeType": "application/jsonl", "buffer": content.encode()},
    )
    with page.expect_response("**/api/evaluations?name=*"):
        page.click("#upload button")
    page.wait_for_selector("#states progress")
    page.wait_for_selector("#states progress", state="detached", timeout=120_000)
    drafted(page, "")


def drafted(page: Page, ending: str) -> None:
    page.click("#draft")
    page.wait_for_selector("#lines tr", timeout=120_000)
    save(page, f"evaluate{ending}")


def printed(browser: Browser, url: str) -> None:
    """The bundled article as a PDF of one page, added, opened as printed, and removed again."""
    listed = json.load(urllib.request.urlopen(f"{url}/api/articles?limit=200", timeout=60))
    first = next(each for each in listed["articles"] if each["title"])
    article = json.load(
        urllib.request.urlopen(f"{url}/api/articles/{first['article_id']}", timeout=60)
    )
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article["text"].split("\n"))
    context = browser.new_context()
    sheet = context.new_page()
    sheet.set_content(PRINTED.format(title=escape(article["title"]), paragraphs=paragraphs))
    pdf = sheet.pdf(format="A4")
    context.close()
    request = urllib.request.Request(f"{url}/api/articles?name=kxdb.pdf", data=pdf, method="POST")
    urllib.request.urlopen(request, timeout=120)
    listed = json.load(urllib.request.urlopen(f"{url}/api/articles?limit=200", timeout=60))
    made = [
        each["article_id"] for each in listed["articles"] if each["source"]["path"] == "kxdb.pdf"
    ]

    def act(page: Page) -> None:
        with page.expect_response("**/pages/*.png"):
            page.click("details.page summary")
        page.wait_for_timeout(1500)
        save(page, "printed")

    with_page(browser, DESKTOP, "light", f"{url}/articles/{made[0]}", act)
    for article_id in made:
        urllib.request.urlopen(
            urllib.request.Request(f"{url}/api/articles/{article_id}", method="DELETE"), timeout=60
        )


def widget(browser: Browser, url: str) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(HOST.format(url=url).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    def act(page: Page) -> None:
        page.locator(".launch").click()
        page.locator("wenju-chat textarea").fill(QUESTION)
        page.locator("wenju-chat textarea").press("Enter")
        page.locator(".cite").first.wait_for()
        save(page, "widget" if page.viewport_size["width"] > 500 else "widget-phone")

    with http.server.ThreadingHTTPServer(("127.0.0.1", 8099), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for size in (DESKTOP, PHONE):
            with_page(browser, size, "light", "http://127.0.0.1:8099/", act)
        server.shutdown()


if __name__ == "__main__":
    main()
