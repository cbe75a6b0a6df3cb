from __future__ import annotations

import pytest

from index.schema import Span
from qa.asking.question import analyse
from qa.reading.values import is_level_for_change, meant

BOTH = "对引进人才、认证企业分别给予25万元、20万元奖励。"
THREE = "光伏、汽车和电池出口分别增长22.9%、105.5%和71.8%，共1.3万吨。"
PATENTS = "获得发明专利4项，实用新型专利9项，产品10余种。"
FROM_TO = "审批时限由法定的327天减至31天，为全省最短。"


@pytest.mark.parametrize(
    ("question", "sentence", "read", "wanted"),
    [
        ("引进人才奖励多少", BOTH, "20万元", "25万元"),
        ("认证企业奖励多少", BOTH, "25万元", "20万元"),
        ("认证企业奖励多少", BOTH, "25万元、20万元", "20万元"),
        ("奖励多少", BOTH, "25万元", "25万元"),  # nothing tells them apart
        ("电池出口增长多少", THREE, "105.5%", "71.8%"),
        ("出口一共多少", THREE, "1.3万吨", "1.3万吨"),  # none of those that stand side by side
        ("审批现在要多少天", FROM_TO, "327天", "31天"),
        ("审批原来要多少天", FROM_TO, "31天", "327天"),
        ("审批从327天减到多少天", FROM_TO, "327天", "31天"),
        ("审批从多少天减到多少天", FROM_TO, "31天", "327天减至31天"),
        ("中心的发明专利有几项", PATENTS, "9项", "4项"),
        ("实用新型专利多少项", PATENTS, "4项", "9项"),
        ("中心的专利有几项", PATENTS, "9项", "9项"),  # both are behind that
        ("中心的发明专利产品有多少种", PATENTS, "10余种", "10余种"),
        ("谁减了时限", FROM_TO, "327天", "327天"),  # no number is asked for
    ],
)
def test_of_numbers_side_by_side_the_one_that_is_meant(
    question: str, sentence: str, read: str, wanted: str
) -> None:
    start = sentence.index(read)
    span = Span(start, start + len(read))
    assert meant(analyse(question), sentence, span).of(sentence) == wanted


@pytest.mark.parametrize(
    ("question", "sentence", "value", "is_level"),
    [
        ("审批减少了多少天", FROM_TO, "31天", True),
        ("How many days did Houma cut from the approval?", FROM_TO, "31天", True),
        ("审批减少了多少天", FROM_TO, "327天", True),
        ("审批减少了多少天", FROM_TO, "327天减至31天", True),
        ("审批原来要多少天", FROM_TO, "327天", False),
        ("审批减少了多少天", "比法定107天减少了72天。", "72天", False),
        ("How many days does approval take?", FROM_TO, "31天", False),
        ("审批现在要多少天", FROM_TO, "31天", False),
    ],
)
def test_what_a_thing_changed_from_or_to_is_not_by_how_much(
    question: str, sentence: str, value: str, is_level: bool
) -> None:
    start = sentence.index(value)
    span = Span(start, start + len(value))
    assert is_level_for_change(analyse(question), sentence, span) is is_level
