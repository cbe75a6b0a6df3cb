from __future__ import annotations

import pytest

from index.schema import Alignment, Article, Source, Span
from qa.cite import cite
from qa.compare import compared, sides_of
from qa.schema import Answer

TEXT = "该项目有发明专利4项、实用新型9项、商标4件。投资20亿元，另有配套2亿元。"
ARTICLE = Article(
    "a" * 16,
    TEXT,
    Alignment((0,), (0,)),
    Source("a.txt", TEXT, "text", "0" * 64),
    None,
)


def answer(words: str | None) -> Answer:
    if words is None:
        return Answer("?", "?", None, (), 0.1, (), (), timings_ms={"total": 1.0})
    start = TEXT.index(words)
    span = Span(start, start + len(words))
    quoted = Span(0, TEXT.index("。") + 1) if start < TEXT.index("。") else Span(21, len(TEXT))
    citation = cite(ARTICLE, quoted, span, marker=1, passage_id="a:0")
    return Answer("?", "?", words, (words,), 0.9, (citation,), (), timings_ms={"total": 1.0})


@pytest.mark.parametrize(
    ("text", "texts", "wanted"),
    [
        ("侯马和临汾哪个多？", ("侯马有多少", "临汾有多少"), "most"),
        ("馆里的图书和期刊哪个少", ("馆里的图书有多少", "馆里的期刊有多少"), "least"),
        (
            "侯马光伏和锂电，哪个项目投资更大？",
            ("侯马光伏投资是多少", "侯马锂电投资是多少"),
            "most",
        ),
        ("东线和西线哪个快", ("东线有多快", "西线有多快"), "fast"),
        ("馆里的图书与期刊两个部门比哪个多", ("馆里的图书有多少", "馆里的期刊有多少"), "most"),
        ("苹果和华为谁卖得多", ("苹果卖了多少", "华为卖了多少"), "most"),
        ("东厂和西厂哪个PB低", ("东厂pb是多少", "西厂pb是多少"), "least"),
        ("城市和农村哪里收入高", ("城市收入是多少", "农村收入是多少"), "most"),
        ("东站和西站相比谁早", ("东站是什么时候", "西站是什么时候"), "least"),
    ],
)
def test_each_side_is_asked_for_the_measure(text: str, texts: tuple[str, str], wanted: str) -> None:
    sides = sides_of(text)
    assert sides is not None
    assert (sides.texts, sides.wanted) == (texts, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "浙江、福建、江苏，哪个省的机组最多",  # three
        "市民和专家认为哪个方案更多",
        "侯马有多少件",
        "侯马和临汾有多少件",
        "侯马和临汾哪个是国家级",
        "哪个最大",
        "比较各县的做法",
    ],
)
def test_other_questions_compare_nothing(text: str) -> None:
    assert sides_of(text) is None


@pytest.mark.parametrize(
    ("question", "one", "two", "expected"),
    [
        ("发明专利和实用新型专利哪个多", "4项", "9项", "实用新型"),  # as it is printed
        ("发明专利和实用新型专利哪个少", "4项", "9项", "发明专利"),
        ("发明专利和商标哪个多", "4项", "4件", None),  # other units
        ("发明专利和实用新型专利哪个多", "4项", "4项", None),  # the same
        ("发明专利和实用新型专利哪个多", "4项", None, None),
        ("东厂和西厂哪个投资多", "20亿元", "2亿元", None),  # the article does not name it
        ("甲专利项目和乙投资项目哪个多", "4项", "9项", None),  # nor by what both of them are
        ("发明专利和实用新型专利哪个增长更快", "4项", "9项", "实用新型"),
        ("发明专利和实用新型专利哪个增长更慢", "4项", "9项", "发明专利"),
    ],
)
def test_the_numbers_of_the_articles_decide(
    question: str, one: str, two: str | None, expected: str | None
) -> None:
    sides = sides_of(question)
    assert sides is not None
    found = compared(question, sides, [answer(one), answer(two)], top_k=5)
    assert (found.text if found else None) == expected
    if found:
        assert [c.marker for c in found.citations] == [1, 2]
        assert found.citations[0].answer.of(TEXT) == expected
