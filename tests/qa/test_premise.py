from __future__ import annotations

import pytest

from qa.asking.premise import differs, opened
from qa.asking.question import analyse


@pytest.mark.parametrize(
    ("text", "asked", "kind"),
    [
        ("侯马减少了90天吗？", "侯马减少了多少天", "number"),
        ("侯马是不是减少了90个工作日", "侯马是减少了多少个工作日", "number"),
        ("图书馆是2021年开馆的吗", "图书馆是哪一年开馆的", "date"),
        ("2023年增加了43件吗？", "2023年增加了多少件", "number"),  # the last is the premise
        ("吞吐量增长了30%，对吗？", "吞吐量增长了多少", "number"),
        ("奖励是不是20万元？", "奖励是多少万元", "number"),
        ("Did Houma cut 90 days?", "Did Houma cut how many days?", "number"),
        ("周明远是馆长吗？", "周明远是馆长", "yesno"),  # nothing to ask for
        ("2008年的时候有没有受到影响?", "2008年的时候有受到影响", "yesno"),  # tells when
        ("谁是馆长", "谁是馆长", "person"),
        ("增速到2%了没", "增速到多少了", "number"),
        ("造价是否不到3亿元", "造价不到多少亿元", "number"),
        ("他是一名医生吗", "他是一名医生", "yesno"),  # a, not one
        ("那两名被告能保释吗", "那两名被告能保释", "yesno"),  # named, not counted
        ("十家公司里有国企吗", "十家公司里有国企", "yesno"),
        ("C919首飞了吗", "C919首飞了", "yesno"),  # a name
        ("iPhone 15发布了吗", "iPhone 15发布了", "yesno"),
        ("上半年营收涨了吗", "上半年营收涨了", "yesno"),
        ("一季度赚钱了吗", "一季度赚钱了", "yesno"),
        ("今年比去年多吗", "今年比去年多", "yesno"),
        ("港股8月8日收盘是涨的吗", "港股8月8日收盘是涨的", "yesno"),  # tells when
        ("侯馬9日雨會停嗎", "侯馬9日雨會停", "yesno"),
        ("3号线通了吗", "3号线通了", "yesno"),
        ("面馆是今年新开的吗", "面馆是哪一年新开的", "date"),
        ("Did the library open in 2021?", "Did the library open in which year?", "date"),
        ("Did the price fall on August 15?", "Did the price fall on August 15?", "yesno"),
    ],
)
def test_a_premise_is_asked_for(text: str, asked: str, kind: str) -> None:
    question = opened(analyse(text))
    assert (question.text, question.kind) == (asked, kind)


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("侯马减少了90天吗？", "72天", True),
        ("侯马减少了72天吗？", "72天", False),
        ("侯马减少了七十二天吗？", "72天", False),
        ("图书馆是2021年开馆的吗", "2023年9月", True),
        ("大会是9月2日开幕的吗", "10月2日", True),
        ("投资超过3亿元吗", "5亿元", False),  # it is
        ("投资是不是3亿元以上", "5亿元", False),
        ("侯马减少了90天吗？", "60个工作日", False),  # not the same measure
        ("周明远是馆长吗？", "馆长周明远", False),
        ("侯马减少了多少天", "72天", False),
        ("Did Houma cut 90 days?", "72天", True),
        ("Did Houma cut at least 60 days?", "72天", False),
    ],
)
def test_an_answer_differs_from_what_is_claimed(text: str, answer: str, expected: bool) -> None:
    assert differs(analyse(text), answer) is expected
