"""The chat in a real browser, over a scripted pipeline."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

QUESTION = "侯马审批时限缩减多少天"
SENTENCE = "国强光伏项目从签订合同到办结施工许可证仅用35个工作日，比法定107个工作日减少了72天"


def test_a_question_shows_its_answer_and_the_cited_characters(visit: Any, chat_url: str) -> None:
    opened = visit(chat_url)
    opened.ask(QUESTION)
    page = opened.page
    assert page.inner_text(".wj-text span") == "72天"
    assert page.inner_text(".wj-cited mark") == "72天"
    assert page.inner_text(".wj-cited .quote").startswith(SENTENCE[:20])
    assert page.inner_text(".wj-cited h3") == "1\n营商环境硬支撑 引得项目次第来"
    assert "柴卫东 李永岐" in page.inner_text(".wj-cited .wj-meta")


@pytest.mark.parametrize("phone", [False, True])
def test_a_citation_opens_the_article_where_it_stands(
    visit: Any, chat_url: str, phone: bool
) -> None:
    opened = visit(chat_url, phone=phone)
    opened.ask(QUESTION)
    page = opened.page
    page.click(".wj-cited .wj-open")
    cited = page.wait_for_selector(".wj-sheet[open] #wj-cited")
    assert cited.inner_text() == "72天"
    box, size = cited.bounding_box(), page.viewport_size
    assert 0 < box["y"] < size["height"], "scrolled to"
    page.keyboard.press("Escape")
    page.wait_for_selector(".wj-sheet", state="hidden")


def test_passages_are_there_before_the_answer(visit: Any, chat_url: str, script: Any) -> None:
    held = threading.Event()
    script.before = lambda question: held.wait(10)
    try:
        page = visit(chat_url).page
        page.fill("#wj-question textarea", QUESTION)
        page.press("#wj-question textarea", "Enter")
        page.wait_for_selector(".wj-turn[data-state=asking] .wj-card")
        assert page.is_visible("#wj-stop")
        assert not page.is_visible("#wj-send")
        held.set()
        page.wait_for_selector(".wj-turn[data-state=answered]")
        assert page.is_visible("#wj-send")
    finally:
        held.set()
        script.before = lambda question: None


def test_a_question_under_way_can_be_stopped_and_tried_again(
    visit: Any, chat_url: str, script: Any
) -> None:
    held = threading.Event()
    script.before = lambda question: held.wait(10)
    try:
        page = visit(chat_url).page
        page.fill("#wj-question textarea", QUESTION)
        page.press("#wj-question textarea", "Enter")
        page.wait_for_selector(".wj-turn[data-state=asking] .wj-card")
        page.keyboard.press("Escape")
        page.wait_for_selector(".wj-turn[data-state=stopped]")
        assert page.inner_text(".wj-asked").endswith(QUESTION)
    finally:
        held.set()
        script.before = lambda question: None
    page.click(".wj-turn .wj-primary")
    page.wait_for_selector(".wj-turn[data-state=answered]")


def test_an_abstention_is_an_honest_answer(visit: Any, chat_url: str) -> None:
    opened = visit(chat_url)
    opened.ask("月球离地球有多远")
    page = opened.page
    assert "没有写到" in page.inner_text(".wj-answer")
    assert "月球离地球有多远" in page.inner_text(".wj-answer .wj-hint")
    assert page.locator(".wj-evidence .wj-card").count() == 2
    assert page.locator(".wj-evidence mark").count() == 0
    page.wait_for_selector(".wj-suggest button")


def test_the_turns_before_are_sent_along(visit: Any, chat_url: str, script: Any) -> None:
    opened = visit(chat_url)
    opened.ask(QUESTION)
    opened.ask("立项到竣工验收减至多少个工作日")
    question, history = script.asked[-1]
    asked = [(one, turns) for one, turns in script.asked if turns]
    question, history = asked[-1]
    assert question == "立项到竣工验收减至多少个工作日"
    assert [turn.content for turn in history] == [QUESTION, "72天"]


def test_examples_are_questions_that_are_answered(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    page.wait_for_selector(".wj-examples button")
    page.click(".wj-examples button")
    page.wait_for_selector(".wj-turn[data-state=answered] .wj-cited mark")


def test_a_link_asks_its_question(visit: Any, chat_url: str) -> None:
    page = visit(f"{chat_url}/?q={QUESTION}").page
    page.wait_for_selector(".wj-turn[data-state=answered]")
    page.click(".wj-tools .wj-tool:nth-child(2)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{chat_url}/?q=%E4%BE%AF")
    page.click(".wj-tools .wj-tool:nth-child(1)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "**72天** [1]" in copied
    assert "营商环境硬支撑 引得项目次第来" in copied


def test_conversations_stay_are_renamed_exported_and_removed(visit: Any, chat_url: str) -> None:
    opened = visit(chat_url)
    opened.ask(QUESTION)
    page = opened.page
    page.reload()
    page.wait_for_selector(".wj-turn[data-state=answered] .wj-cited mark")
    assert page.inner_text(".wj-row") == QUESTION

    page.click(".wj-menu summary")
    page.click(".wj-menu button:nth-child(1)")
    page.fill(".wj-list input", "侯马 <b>审批</b>")
    page.keyboard.press("Enter")
    assert page.inner_text(".wj-row") == "侯马 <b>审批</b>"

    page.click(".wj-menu summary")
    with page.expect_download() as download:
        page.click(".wj-menu button:nth-child(2)")
    markdown = Path(download.value.path()).read_text("utf-8")
    assert "**72天** [1]" in markdown
    assert "<b>" not in markdown
    page.click(".wj-menu summary")
    with page.expect_download() as download:
        page.click(".wj-menu button:nth-child(3)")
    exported = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert exported["turns"][0]["answer"]["answer"] == "72天"

    page.click(".wj-menu summary")
    page.click(".wj-menu button:nth-child(4)")
    assert page.locator(".wj-row").count() == 1, "asks once more before it deletes"
    page.click(".wj-menu button:nth-child(4)")
    assert page.locator(".wj-row").count() == 0
    assert page.is_visible(".wj-welcome")


def test_two_tabs_keep_each_others_conversations(visit: Any, chat_url: str) -> None:
    opened = visit(chat_url)
    page, other = opened.page, opened.page.context.new_page()
    other.goto(chat_url)
    other.wait_for_selector("html[data-wenju=ready]")
    opened.ask(QUESTION)
    other.wait_for_selector(f".wj-row:text-is('{QUESTION}')")
    other.click(".wj-menu summary")
    other.click(".wj-menu button:nth-child(4)")
    other.click(".wj-menu button:nth-child(4)")
    page.wait_for_selector(".wj-welcome")
    assert page.locator(".wj-row").count() == 0


CONVERSATIONS = """
const {Conversations} = await import("./ui/conversations.js");
const add = (list, question) => {
  const made = list.create();
  made.turns.push({question});
  list.save(made);
  return made;
};
const titles = (list) => list.all.map((one) => one.title).sort();
const refuse = (name, most) => {
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    if (value.length > most) throw new DOMException("refused", name);
    set.call(this, key, value);
  };
};
"""


def test_a_change_is_made_to_what_is_stored_by_then(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    found = page.evaluate(f"""async () => {{ {CONVERSATIONS}
      const [one, two] = [new Conversations(), new Conversations()]; // two tabs
      const first = add(one, "甲");
      add(two, "乙");
      two.rename(first.id, "丙");
      one.save(first); // its object was not renamed here
      const both = titles(new Conversations());
      const same = one.get(first.id) === first;
      two.remove(first.id);
      one.save(first);
      return [both, same, titles(new Conversations()), titles(one)];
    }}""")
    assert found == [["丙", "乙"], True, ["乙"], ["乙"]]


def test_only_a_full_storage_costs_the_oldest_conversation(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    three = f"""async ([name, most]) => {{ {CONVERSATIONS}
      refuse(name, most);
      const list = new Conversations();
      for (const [at, question] of ["甲", "乙", "丙"].entries()) {{
        Date.now = () => at;
        add(list, question);
      }}
      return [titles(list), titles(new Conversations())];
    }}"""
    off = page.evaluate(three, ["SecurityError", 0])
    assert off == [["丙", "乙", "甲"], []], "this visit only"
    page.reload()
    full = page.evaluate(three, ["QuotaExceededError", 250])
    assert full == [["丙", "乙"], ["丙", "乙"]]


def test_the_language_follows_the_browser_and_can_be_switched(visit: Any, chat_url: str) -> None:
    page = visit(chat_url, locale="en-GB").page
    assert page.get_attribute("html", "lang") == "en"
    assert page.inner_text("#wj-send") == "Ask"
    assert page.get_attribute("#wj-question textarea", "placeholder").startswith("Ask about")
    page.click(".wj-language")
    assert page.inner_text("#wj-send") == "提问"
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.reload()
    page.wait_for_selector("html[data-wenju=ready]")
    assert page.inner_text("#wj-send") == "提问"


def test_the_appearance_follows_the_system_and_can_be_switched(visit: Any, chat_url: str) -> None:
    page = visit(chat_url, dark=True).page
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(23, 20, 17)"
    page.click(".wj-theme")
    assert page.evaluate(ground) == "rgb(250, 247, 241)"
    page.click(".wj-theme")
    assert page.evaluate(ground) == "rgb(23, 20, 17)"


def test_everything_can_be_done_from_the_keyboard(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type(QUESTION)
    page.keyboard.press("Shift+Enter")
    assert page.locator(".wj-turn").count() == 0, "Shift+Enter is a new line"
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wj-turn[data-state=answered]")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("]")
    assert page.evaluate("document.activeElement.className") == "wj-number"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wj-sheet[open] #wj-cited")
    assert page.evaluate("document.activeElement.id") == "wj-cited"
    page.keyboard.press("Escape")
    page.wait_for_selector(".wj-sheet", state="hidden")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Alt+KeyN")
    assert page.is_visible(".wj-welcome")


def test_an_enter_that_ends_a_composition_sends_nothing(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    page.fill("#wj-question textarea", "houma")
    page.evaluate(
        """document.querySelector("#wj-question textarea").dispatchEvent(
        new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true}))"""
    )
    assert page.locator(".wj-turn").count() == 0


def test_every_change_of_a_verdict_is_sent(visit: Any, chat_url: str) -> None:
    opened = visit(chat_url)
    opened.ask(QUESTION)
    page = opened.page
    sent: list[tuple[str, str | None]] = []

    def keep(route: Any) -> None:
        given = route.request.post_data_json
        sent.append((given["verdict"], given["comment"]))
        route.fulfill(json={"kept": True})

    page.route("**/api/feedback", keep)

    def press(button: str) -> None:
        with page.expect_response("**/api/feedback"):
            page.click(button)

    for button in (".wj-up", ".wj-up", ".wj-up", ".wj-down"):
        press(button)
    assert sent == [("up", None), ("withdrawn", None), ("up", None), ("down", None)]
    page.click(".wj-reasons button:nth-child(2)")
    page.fill(".wj-reason textarea", "应是另一句")
    press(".wj-reason .wj-primary")
    page.wait_for_selector("text=谢谢，已记下。 >> visible=true")
    assert page.locator(".wj-reason").count() == 0
    press(".wj-up")
    press(".wj-down")
    assert sent[4:] == [("down", "出处不对；应是另一句"), ("up", None), ("down", None)]
    assert page.is_visible(".wj-reason textarea"), "a reason can be given again"


def test_a_server_that_goes_away_costs_no_question(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    page.route("**/api/ask", lambda route: route.abort())
    page.fill("#wj-question textarea", QUESTION)
    page.press("#wj-question textarea", "Enter")
    page.wait_for_selector(".wj-turn[data-state=failed]")
    assert "服务器没有回应" in page.inner_text(".wj-failed")
    page.unroute("**/api/ask")
    page.click(".wj-failed .wj-primary")
    page.wait_for_selector(".wj-turn[data-state=answered]")


def test_an_answer_cut_off_in_the_middle_can_be_retried(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    page.route(
        "**/api/ask",
        lambda route: route.fulfill(
            content_type="text/event-stream",
            body='event: passages\ndata: {"passages": [], "query": "a", "question": "a"}\n\n',
        ),
    )
    page.fill("#wj-question textarea", QUESTION)
    page.press("#wj-question textarea", "Enter")
    page.wait_for_selector(".wj-turn[data-state=failed]")
    page.unroute("**/api/ask")
    page.click(".wj-failed .wj-primary")
    page.wait_for_selector(".wj-turn[data-state=answered]")


def test_what_is_wrong_with_a_question_is_said_in_words(visit: Any, chat_url: str) -> None:
    page = visit(chat_url).page
    page.fill("#wj-question textarea", " ")
    page.press("#wj-question textarea", "Enter")
    assert page.locator(".wj-turn").count() == 0
    page.route(
        "**/api/ask",
        lambda route: route.fulfill(
            status=429, json={"error": {"code": "too_many_requests", "message": "…"}}
        ),
    )
    page.fill("#wj-question textarea", QUESTION)
    page.press("#wj-question textarea", "Enter")
    page.wait_for_selector(".wj-failed:has-text('问得太快')")


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, False), (False, True)])
def test_axe_finds_nothing_serious(visit: Any, chat_url: str, phone: bool, dark: bool) -> None:
    opened = visit(chat_url, phone=phone, dark=dark)
    page = opened.page
    page.wait_for_selector(".wj-examples button")
    violations = serious(page)
    opened.ask(QUESTION)
    page.wait_for_selector(".wj-suggest button")
    violations += serious(page)
    opened.ask("月球离地球有多远")
    violations += serious(page)
    page.click(".wj-cited .wj-open")
    page.wait_for_selector(".wj-sheet[open] #wj-cited")
    violations += serious(page)
    assert violations == []


def serious(page: Any) -> list[str]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_nothing_is_wider_than_a_phone(visit: Any, chat_url: str) -> None:
    opened = visit(chat_url, phone=True)
    opened.ask("长" * 300)
    opened.ask("a" * 300)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_first_page_waits_and_keeps_what_is_typed(
    visit: Any, script: Any, chat_app: Any, served_late: Any
) -> None:
    url, release = served_late
    opened = visit(url, wait="body.waiting")
    opened.page.fill("#draft", "侯马减了")
    release()
    opened.page.wait_for_selector("html[data-wenju=ready]", timeout=20_000)
    assert opened.page.input_value("#wj-question textarea") == "侯马减了"


def test_a_browser_that_stores_nothing_can_wait_and_ask(visit: Any, served_late: Any) -> None:
    url, release = served_late
    opened = visit(url, wait="body.waiting")
    page = opened.page
    page.add_init_script(
        """Object.defineProperty(window, "localStorage",
        {get() { throw new DOMException("off", "SecurityError"); }})"""
    )
    page.reload()
    page.fill("#draft", "侯马减了")
    release()
    page.wait_for_selector("html[data-wenju=ready]", timeout=20_000)
    opened.ask(QUESTION)
    page.click("#wj-new")
    opened.ask("技术中心投资多少")
    assert page.locator(".wj-row").count() == 2
