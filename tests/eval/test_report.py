"""The report in a real browser with the network off."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from eval.report import render
from eval.runs import Run
from eval.schema import CitationRecord, HitRecord, Question, Record
from eval.scoring import score
from index.schema import Span

PASSAGE = '😀滨河大桥全长1280米。<img src=x onerror="window.hacked=1">'
ATTACKS = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<!--<script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "{{7*7}}${7*7}<!--data-->",
    "\u2028\u2029&lt;b&gt;",
)


@pytest.fixture
def report(made_run: Callable[..., Run], tmp_path: Path) -> Path:
    """120 questions, the first ones with markup wherever there is text."""
    questions = [
        Question(
            f"q{n}",
            ATTACKS[n] if n < len(ATTACKS) else f"第{n}座大桥全长多少米？",
            n % 4 != 0,
            ("1280米",) if n % 4 else (),
            type=ATTACKS[0] if n == 1 else "number",
            lang="zh" if n % 2 else "en",
        )
        for n in range(120)
    ]
    records: list[Record] = []
    for n, question in enumerate(questions):
        text = None if n % 3 == 0 else ATTACKS[n] if n < len(ATTACKS) else "1280米"
        at = PASSAGE.index("1280")
        citation = CitationRecord(
            "p1", "a1", "<b>page</b>.txt", None, Span(1, 13), PASSAGE, "1280米",
            verified=True, against="file",
        )  # fmt: skip
        hit = HitRecord(
            "p1", "a1", "page.txt", None, Span(0, 14), 0.9, PASSAGE, "<i>桥</i>",
            gold=(Span(at, at + 5),), cited=(Span(1, at + 2),),
        )  # fmt: skip
        records.append(
            Record(
                question.id, question.text, text, () if text is None else (text,), (n % 10) / 10,
                () if text is None else (citation,), (hit,), {},
            )
        )  # fmt: skip
    run = made_run(questions, records)
    path = tmp_path / "report.html"
    path.write_text(render([(run, score(run))]), encoding="utf-8")
    return path


@pytest.fixture
def page(report: Path) -> Iterator[Page]:
    """The report open in Chromium without a network; any complaint or request fails the test."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail("no chromium: apt-get install chromium fonts-noto-cjk")
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(offline=True, viewport={"width": 1100, "height": 800})
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda one: one.url.startswith(("file:", "data:")) or wrong.append(one.url)
        )
        page.goto(report.as_uri())
        yield page
        assert page.evaluate("window.hacked") is None
        browser.close()
    assert wrong == []


@pytest.mark.slow
def test_the_report_is_read_filtered_and_opened_offline(page: Page) -> None:
    for plot in ("Risk and coverage", "Calibration", "Right answers by language"):
        expect(page.get_by_role("img", name=plot)).to_be_visible()
    expect(page.get_by_role("table").first).to_contain_text("answer_correct")
    count = page.get_by_role("status")
    expect(count).to_have_text("120 of 120 questions")
    expect(page.locator("#list .open")).to_have_count(100)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#list .open")).to_have_count(120)
    # Every question's evidence is opened, the hostile ones first.
    page.locator("#list .open").evaluate_all(
        "buttons => buttons.slice(0, 12).forEach(b => b.click())"
    )
    expect(page.locator(".evidence")).to_have_count(12)
    expect(page.locator("#list .open").first).to_have_text(ATTACKS[0])

    page.locator("#outcome").select_option("false answer")
    expect(count).to_have_text("20 of 120 questions")
    page.locator("#lang").select_option("zh")
    expect(count).to_have_text("0 of 120 questions")
    page.locator("#lang").select_option("en")
    page.locator("#search").fill("第100座")
    expect(count).to_have_text("1 of 120 questions")
    button = page.get_by_role("button", name="第100座大桥")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    # Offsets count code points: the emoji before them is one.
    marks = page.locator(".passage").last.locator("mark")
    assert [(m.inner_text(), m.get_attribute("class")) for m in marks.all()] == [
        ("滨河大桥全长", "cited"),
        ("12", "both"),
        ("80米", "gold"),
    ]
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_markup_never_stands_in_the_file_as_it_was_given(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert "<img" not in text
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert "http:" not in text.replace("http://www.w3.org", "")
    assert "https:" not in text
