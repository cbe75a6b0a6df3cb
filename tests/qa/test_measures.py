from __future__ import annotations

import pytest

from qa.asking.measures import is_of
from qa.asking.question import analyse


@pytest.mark.parametrize(
    ("question", "value", "fits"),
    [
        ("专精特新企业总市值有多少", "102家", False),
        ("专精特新企业总市值有多少", "1.2万亿元", True),
        ("赔了多少钱", "7年", False),
        ("该项目总投资", "20亿元", True),
        ("失业率具体是多少", "1.07%", True),
        ("失业率具体是多少", "18.7万", False),
        ("大桥全长多少", "4925米", True),
        ("大桥全长多少", "111.2亿元", False),
        ("判了多久", "七个月", True),
        ("伤了多少人", "12名", True),
        ("伤了几个人", "12辆", False),
        ("车身有多长", "5175mm", True),
        ("How much did Apple pay for the flaw?", "2项", False),
        ("How long will it take?", "35个工作日", True),
    ],
)
def test_a_quantity_asked_for_without_its_unit_tells_which_numbers_fit(
    question: str, value: str, fits: bool
) -> None:
    measure = analyse(question).measure
    assert measure is not None
    assert is_of(measure, value) is fits


@pytest.mark.parametrize(
    "question",
    ["投资了几家企业", "减少了多少天", "发动机功率是多少", "谁投资的", "销售员有多少", "有多少"],
)
def test_where_a_unit_is_named_or_nothing_tells_no_quantity_is_guessed(question: str) -> None:
    assert analyse(question).measure is None
