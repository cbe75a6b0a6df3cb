from __future__ import annotations

import pytest

from qa.conversation import turns_of
from qa.followup import whole_of

CUT = ["侯马审批时限缩减多少天", "72天"]
PATENTS = ["临汾有多少件专利？", "344件"]
ENGLISH = ["How many patents does Linfen have?", "344件"]


@pytest.mark.parametrize(
    ("history", "text", "carried", "why"),
    [
        (CUT, "那比法定少多少？", "侯马审批时限缩减，比法定少多少？", "the topic goes on"),
        (CUT, "为什么？", "侯马审批时限缩减，为什么？", "nothing of its own"),
        (CUT, "And in English?", CUT[0], "the same question again"),
        (CUT, "用英文怎么说", CUT[0], "the same question again"),
        (["最大的是哪个？", "国强光伏项目"], "它是谁投资的", "国强光伏项目是谁投资的", "the name"),
        (["谁当选主席", "张三"], "他哪一年出生", "张三哪一年出生", "“he” is the answer"),
        (PATENTS, "介休呢？", "介休有多少件专利？", "the place changes"),
        (["2022年销量是多少", "3万"], "2023年呢", "2023年销量是多少", "the year changes"),
        (PATENTS, "商标呢？", "临汾商标多少件专利？", "the place stays"),
        (ENGLISH, "What about Houma?", "How many patents does Houma have?", "place"),
        (["臨汾有多少件專利？", "344件"], "介休呢？", "介休有多少件專利？", "Traditional"),
    ],
)  # fmt: skip
def test_a_follow_up_is_made_whole(history: list[str], text: str, carried: str, why: str) -> None:
    whole = whole_of(text, turns_of(history))
    assert whole.carried == carried
    assert whole.leaning == "yes"


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
    assert whole_of("那商标呢？", history).carried == "介休商标多少件专利？"


def test_a_number_is_never_what_it_stands_for() -> None:
    whole = whole_of("它是谁投资的", turns_of(["侯马总投资是什么", "40亿元"]))
    assert whole.carried is not None
    assert "40亿元" not in whole.carried
