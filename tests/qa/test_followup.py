from __future__ import annotations

import pytest

from qa.asking.conversation import turns_of
from qa.asking.followup import whole_of

CUT = ["侯马审批时限缩减多少天", "72天"]
PATENTS = ["临汾有多少件专利？", "344件"]
MAKER = ["绿源公司生产什么？", "橡胶、油墨、塑胶"]
VALID = ["How many valid patents does Linfen have?", "344件"]
LED = ["Who led the visit?", "范玲玲"]
ENGLISH = ["How many patents does Linfen have?", "344件"]


@pytest.mark.parametrize(
    ("history", "text", "carried", "why"),
    [
        (CUT, "那比法定少多少？", "侯马审批时限缩减72天，比法定少多少？", "the topic goes on"),
        (CUT, "为什么？", "侯马审批时限缩减72天，为什么？", "nothing of its own"),
        (CUT, "And in English?", CUT[0], "the same question again"),
        (CUT, "用英文怎么说", CUT[0], "the same question again"),
        (CUT, "你确定吗？", CUT[0], "the same question again"),
        (["最大的是哪个？", "国强光伏项目"], "它是谁投资的", "国强光伏项目是谁投资的", "the name"),
        (["谁当选主席", "张三"], "他哪一年出生", "张三哪一年出生", "“he” is the answer"),
        (MAKER, "该公司有多少人？", "绿源公司有多少人？", "a list is not “the company”"),
        (MAKER, "它在哪里？", "绿源公司在哪里？", "nor “it”"),
        (["介休建了什么", "图书馆"], "那里有几个座位", "介休有几个座位", "“there” is a place"),
        (PATENTS, "介休呢？", "介休有多少件专利？", "the place changes"),
        (PATENTS, "介休的商标呢？", "介休有多少件商标？", "place and thing change"),
        (["2022年销量是多少", "3万"], "2023年呢", "2023年销量是多少", "the year changes"),
        (PATENTS, "商标呢？", "临汾有多少件商标？", "the thing changes, the place stays"),
        (["寿阳对人才引进奖励多少", "25万元"], "高企认证呢", "寿阳对高企认证奖励多少", "the same"),
        (["甲的专利比去年多了多少件", "3件"], "商标呢", "甲的商标比去年多了多少件", "the same"),
        (["哪个项目先开工？", "甲项目"], "还有呢？", "除了甲项目，哪个项目先开工？", "others"),
        (["石门有什么？", "猕猴桃"], "能说得详细点吗？", "总结石门有猕猴桃", "all of it"),
        (ENGLISH, "What about Houma?", "How many patents does Houma have?", "place"),
        (ENGLISH, "And trademarks?", "How many trademarks does Linfen have?", "thing"),
        (VALID, "And trademarks?", "How many valid trademarks does Linfen have?", "the same"),
        (LED, "When did she go?", "When did 范玲玲 go?", "“she” is the answer"),
        (["臨汾有多少件專利？", "344件"], "介休呢？", "介休有多少件專利？", "Traditional"),
        (["壽陽引進了哪家企業？", "億恩科"], "它排第幾？", "壽陽，億恩科排第幾？", "Traditional"),
    ],
)  # fmt: skip
def test_a_follow_up_is_made_whole(history: list[str], text: str, carried: str, why: str) -> None:
    whole = whole_of(text, turns_of(history))
    assert whole.carried == carried
    assert whole.leaning == "yes"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("换个话题，介休那篇是谁写的？", "介休那篇是谁写的？"),
        ("換個話題，壽陽引進了誰？", "壽陽引進了誰？"),
        ("我想问另一件事：有多少件商标？", "有多少件商标？"),
        ("说点别的吧，谁去了？", "谁去了？"),
        ("On another topic: what opened?", "what opened?"),
    ],
)
def test_an_announced_change_of_subject_leaves_the_turns_before(text: str, rest: str) -> None:
    whole = whole_of(text, turns_of(CUT))
    assert (whole.text, whole.carried, whole.leaning) == (rest, None, "no")


@pytest.mark.parametrize(
    "text",
    [
        "其中企业自己出了多少？",
        "其中企業出了多少？",
        "How much of that was its own?",
        "这篇是谁写的？",
        "作者是谁？",
        "標題呢？",
        "Who wrote this article?",
        "详细说说",
    ],
)
def test_what_is_asked_of_the_answer_itself_stays_in_its_article(text: str) -> None:
    whole = whole_of(text, turns_of(["技术中心一共投资多少？", "共投资203万元。"]))
    assert whole.stays
    assert whole.about == "技术中心一共投资多少？ 203万元"


@pytest.mark.parametrize("text", ["介休那篇是谁写的？", "Who wrote the story about Jiexiu?"])
def test_an_article_that_is_named_is_not_the_one_before(text: str) -> None:
    assert whole_of(text, turns_of(CUT)).leaning == "no"


@pytest.mark.parametrize(
    "text", ["寿阳聚焦哪三条产业链", "文水的企业中心投资多少", "《论语》是谁编的"]
)
def test_a_question_that_names_its_own_subject_leans_on_nothing(text: str) -> None:
    assert whole_of(text, turns_of(CUT)).leaning == "no"


def test_without_turns_before_a_question_stays_as_it_is() -> None:
    whole = whole_of("它是谁投资的", ())
    assert (whole.carried, whole.leaning) == (None, "no")


def test_a_chain_of_follow_ups_keeps_the_first_subject() -> None:
    history = turns_of([*PATENTS, "介休呢？", "12件"])
    assert whole_of("那商标呢？", history).carried == "介休有多少件商标？"


def test_a_number_is_never_what_it_stands_for() -> None:
    whole = whole_of("它是谁投资的", turns_of(["侯马总投资是什么", "40亿元"]))
    assert whole.carried is not None
    assert "40亿元" not in whole.carried
