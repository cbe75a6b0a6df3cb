from __future__ import annotations

from collections.abc import Sequence

import pytest

from qa.writing.crossing import denies, misplaced, names_said, says_few, unsaid
from qa.writing.supporting import Evidence
from qa.writing.verify import check

CENTER = "由企业自筹123万元、市级配套40万元，共投资203万元组建了企业技术中心。"
VISIT = "3月11日上午，范玲玲带队到安泰集团调研，引进了全球第四的韩国企业。"


class Judge:
    """Nearest is what shares a word of the glossary; always near enough."""

    GLOSSARY = {"company": "企业自筹", "city": "市级", "total": "共投资"}  # noqa: RUF012

    def choose(
        self, sentence: str, candidates: Sequence[str], others: object, *, anchored: bool
    ) -> int | None:
        return 0 if anchored else None

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        wanted = [han for word, han in self.GLOSSARY.items() if word in text]
        return [float(any(han in other for han in wanted)) for other in others]


@pytest.mark.parametrize(
    ("text", "named", "names"),
    [
        ("On March 11 Fan Lingling came.", {"march", "fan", "lingling"}, True),
        ("They came from Antai Group.", {"antai", "group"}, True),
        ("A Korean company came.", {"korean"}, True),
        ("A Japanese company came.", set(), False),
        ("In April somebody came.", set(), False),
    ],
)  # fmt: skip
def test_names_are_compared_as_they_are_read(text: str, named: set[str], names: bool) -> None:
    assert names_said(text, VISIT) == (named, names)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Fan Lingling came.", None),
        ("Pingyao came.", "pingyao"),
        ("The company is fourth.", None),
        ("The company is second.", "second"),
    ],
)
def test_a_name_or_rank_that_is_not_said_is_told(text: str, fault: str | None) -> None:
    assert unsaid(text, VISIT, names_said(text, VISIT)[0]) == fault


def test_what_denies_needs_an_evidence_that_denies() -> None:
    assert denies("The application was rejected.", "申请已获批复同意。") == "rejected"
    assert denies("The application was rejected.", "申请未获同意。") is None
    assert denies("The application was approved.", "申请已获批复同意。") is None


def test_small_numbers_in_words_may_be_part_of_a_word() -> None:
    assert says_few("two", "两站已进入试运行")
    assert not says_few("three", "两站已进入试运行")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The company paid 1.23 million yuan.", None),
        ("The city paid 400,000 yuan.", None),
        ("The company paid 400,000 yuan.", "The company paid 400,000 yuan"),  # the city did
        ("It was cut from 2.03 million to 1.23 million yuan.", "1.23 million yuan"),  # turned round
    ],
)
def test_a_number_of_something_else_is_told(text: str, fault: str | None) -> None:
    assert misplaced(text, CENTER, Judge()) == fault


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("Fan Lingling visited Antai Group on March 11 [1].", None),
        ("Wang Xiaoming visited Antai Group on March 11 [1].", "name"),
        ("Fan Lingling visited Antai Group on March 12 [1].", "number"),
        ("Fan Lingling never visited Antai Group [1].", "negation"),
    ],
)
def test_an_english_sentence_on_a_chinese_article_is_checked(
    written: str, problem: str | None
) -> None:
    assert check(written, {1: Evidence(VISIT)}, support=Judge()).problem == problem
