"""Questions drawn from an article stand on the characters that answer them."""

from __future__ import annotations

from typing import Any

import pytest

from qa.web.suggest import draft_questions


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "目前，盛达公司技术中心共有研发人员44人。",
            "盛达公司技术中心共有研发人员多少人？",
            "44人",
        ),
        ("总投资40亿元的国强光伏项目，是最大的。", "国强光伏项目总投资多少亿元？", "40亿元"),
        ("总投资2亿元的白水项目和总投资3亿元的清水项目开工。", "白水项目总投资多少亿元？", "2亿元"),
        ("其中新增就业岗位300个。", None, None),  # leans on what stands before
        ("由法定的327个工作日减至31个工作日。", None, None),  # two amounts
        ("青石县2024年新建学校15所。", None, None),  # a number before the amount
        ("分别给予每家企业奖励20万元。", None, None),
    ],
)
def test_a_draft_asks_for_an_amount(
    article_of: Any, text: str, question: str | None, answer: str | None
) -> None:
    article = article_of("aaaaaaaaaaaaaaaa", text)
    found = {draft.question: draft.answer.of(article.text) for draft in draft_questions(article)}
    if question is None:
        assert found == {}
    else:
        assert found[question] == answer


def test_drafts_are_few_and_no_two_alike(article_of: Any) -> None:
    text = "".join(f"青石县第一中学图书馆新添图书{n}万元。" for n in range(10, 40))
    drafts = draft_questions(article_of("aaaaaaaaaaaaaaaa", text))
    assert len(drafts) <= 6
    assert len({draft.question for draft in drafts}) == len(drafts)
