from __future__ import annotations

import pytest

from index.passages import split_passages
from index.schema import Alignment, Article, Hit, Source, Span
from qa.asking.question import analyse
from qa.compose import compose
from qa.rerank import Choice


def choice(text: str, words: str, *, confidence: float = 0.9, name: str = "a") -> Choice:
    article = Article(
        name * 16, text, Alignment((0,), (0,)), Source(f"{name}.txt", text, "text", "0" * 64), None
    )
    start = text.index(words)
    span = Span(start, start + len(words))
    passage = next(p for p in split_passages(article) if p.span.overlaps(span))
    return Choice(article, Hit(passage, 0.9, 0.9, 1.0), span, confidence)


def test_the_same_answer_elsewhere_adds_its_citation() -> None:
    composed = compose(
        analyse("减少了多少天"),
        [
            choice("审批减少了72天。", "72天"),
            choice("共减少72天。", "72", name="b", confidence=0.8),
        ],
        threshold=0.5,
    )
    assert composed.text == "72天"
    assert [c.article.id[0] for c in composed.citations] == ["a", "b"]
    assert composed.notes == ()


def test_articles_that_disagree_are_both_cited_and_said_to() -> None:
    composed = compose(
        analyse("减少了多少天"),
        [choice("审批减少了72天。", "72天"), choice("审批减少了70天。", "70天", name="b")],
        threshold=0.5,
    )
    assert composed.answers == ("72天", "70天")
    assert composed.notes == ("articles-disagree",)
    assert len(composed.citations) == 2


@pytest.mark.parametrize(
    ("other", "words", "confidence", "why"),
    [
        ("审批减少了70天。", "70天", 0.55, "far less sure"),
        ("产量减少了70吨。", "70吨", 0.9, "another measure"),
        ("审批减少了70天。", "70天", 0.4, "below the threshold"),
    ],
)
def test_what_cannot_be_compared_is_no_disagreement(
    other: str, words: str, confidence: float, why: str
) -> None:
    composed = compose(
        analyse("减少了多少天"),
        [
            choice("审批减少了72天。", "72天"),
            choice(other, words, name="b", confidence=confidence),
        ],
        threshold=0.5,
    )
    assert composed.notes == ()
    assert composed.text == "72天"


@pytest.mark.parametrize(
    ("question", "text", "found", "whole"),
    [
        ("减少了多少天", "比法定减少了72天。", "72", "72天"),
        ("奖励多少", "给予20万元奖励。", "20", "20万元"),
        ("哪天开馆", "图书馆2023年5月8日开馆。", "5月8日", "2023年5月8日"),
        ("减少了多少天", "比法定减少了72天。", "减少了72天", "72天"),  # the shortest
        ("减少了多少天", "从107件减到72天。", "从107件减到72天", "72天"),  # the unit asked for
        ("展期是哪几天", "展览9月2日至6日举行。", "9月2日", "9月2日至6日"),
        ("哪天到哪天", "展览9月2日至6日举行。", "6日", "9月2日至6日"),
        ("展览到哪天为止", "展览9月2日至6日举行。", "6日", "6日"),
        ("伤了多少人", "3辆车相撞致12名乘客受伤。", "3辆车相撞致12名", "12名"),
        ("总装机多少", "总装机3746万千瓦。", "3746", "3746万千瓦"),
        ("展览哪天开始", "展览9月2日至6日举行。", "9月2日", "9月2日"),
        ("何时停气", "5月8日20时停气。", "5月8日", "5月8日20时"),
        ("谁是馆长", "馆长周明远说。", "周明远", "周明远"),
        ("减少了90天吗？", "比法定减少了72天。", "72", "72天"),  # what the article says
        ("分别奖励多少", "给予25万元、20万元奖励。", "25万元、20万元", "25万元、20万元"),
        ("總投資多少", "總投資１２．５億美元。", "５億", "１２．５億美元"),
        (
            "投了多少",
            "共投入3000万新加坡元。",
            "投入3000万新加坡元",
            "3000万新加坡元",
        ),  # unknown unit
        ("How large is it?", "The park covers 40 hektar.", "covers 40 hektar", "40 hektar"),
        ("How much was put in?", "It put $2.5 trillion into it.", "2.5", "$2.5 trillion"),
        ("Within how many days?", "It takes 72 working days.", "72", "72 working days"),
    ],
)
def test_numbers_get_their_units_and_dates_their_years(
    question: str, text: str, found: str, whole: str
) -> None:
    assert compose(analyse(question), [choice(text, found)], threshold=0.5).text == whole


def test_spans_apart_make_a_list_in_the_order_of_the_article() -> None:
    text = "他先修了桥。后来又开了渠。最后种了树。"
    composed = compose(
        analyse("他做了哪些事"),
        [choice(text, "开了渠", confidence=0.9), choice(text, "修了桥", confidence=0.8)],
        threshold=0.5,
    )
    assert composed.answers == ("修了桥", "开了渠")
    assert composed.text == "修了桥；开了渠"


@pytest.mark.parametrize(
    ("question", "text", "found", "answers", "said"),
    [
        ("开设哪些课程", "开设书法、绘画等课程。", "书法", ("书法", "绘画"), "书法、绘画"),
        ("哪些领域", "涉及农业、能源领域等。", "农业、能源领域", ("农业", "能源"), "农业、能源"),
        ("设了哪两站", "设“东站”和“西站”。", "东站”和“西站", ("东站", "西站"), "东站；西站"),
        ("设了哪两站", "设“东站”和“西站”。", "“东站”和“西站”", ("东站", "西站"), "“东站”和“西站”"),
        ("哪天开馆", "5月8日上午开馆。", "5月8日上午", ("5月8日",), "5月8日"),
        ("支持哪些助手", "支持甲和乙。", "甲和乙", ("甲", "乙"), "甲和乙"),
        ("投了多少", "投了超过3亿元。", "超过3亿元", ("超过3亿元",), "超过3亿元"),
        ("何时开馆", "5月8日上午开馆。", "5月8日上午", ("5月8日上午",), "5月8日上午"),
        ("当天办完吗", "时限减半，备案当天办完。", "减半，备案", ("备案当天办完",), "备案当天办完"),
    ],
)  # fmt: skip
def test_no_more_is_said_than_was_asked(
    question: str, text: str, found: str, answers: tuple[str, ...], said: str
) -> None:
    composed = compose(analyse(question), [choice(text, found)], threshold=0.5)
    assert (composed.answers, composed.text) == (answers, said)


def test_a_span_inside_the_answer_is_no_second_answer() -> None:
    choices = [
        choice("审批减少了72天。", "72天"),
        choice("审批减少了72天。", "减少了72天", confidence=0.8),
    ]
    assert len(compose(analyse("减少了多少天"), choices, threshold=0.5).citations) == 1


def test_nothing_is_composed_from_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        compose(analyse("谁"), [], threshold=0.5)
