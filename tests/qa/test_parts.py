from __future__ import annotations

from collections.abc import Callable

import pytest

from index.schema import Alignment, Article, Source, Span
from qa.cite import cite
from qa.parts import parts_of, side_by_side
from qa.pipeline import Pipeline
from qa.schema import Answer


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("垣曲和介休分别引进了多少人才", ("垣曲引进了多少人才", "介休引进了多少人才")),
        ("临汾专利和商标分别有多少件", ("临汾专利有多少件", "临汾商标有多少件")),
        ("侯马和平遥分别减少多少天", ("侯马减少多少天", "平遥减少多少天")),  # 和平 is a word too
        ("图书馆分别开放几小时", ("图书馆分别开放几小时",)),  # one thing
        ("侯马和临汾有多少件", ("侯马有多少件", "临汾有多少件")),
        ("侯马市、临汾市和介休投资多少", ("侯马市投资多少", "临汾市投资多少", "介休投资多少")),
        ("介休市和垣曲县引进了多少人", ("介休市引进了多少人", "垣曲县引进了多少人")),
        ("介休市和垣曲縣分別有多少人", ("介休市有多少人", "垣曲縣有多少人")),
        ("介休和垣曲县分别有多少人", ("介休有多少人", "垣曲县有多少人")),
        (
            "侯马和介休经济开发区缩减多少天",
            ("侯马经济开发区缩减多少天", "介休经济开发区缩减多少天"),
        ),
        ("侯马开发区和垣曲县有多少人", ("侯马开发区有多少人", "垣曲县有多少人")),
        ("侯马和临汾市场主体有多少家", ("侯马市场主体有多少家", "临汾市场主体有多少家")),  # 市场
        ("侯马和临汾一共有多少件", ("侯马和临汾一共有多少件",)),  # together
        ("男子和女子的收入分别是多少", ("男子的收入是多少", "女子的收入是多少")),
        ("野驴与家驴的分别是什么", ("野驴与家驴的分别是什么",)),  # a difference
        ("怎么让农业和工业各自动起来", ("怎么让农业和工业各自动起来",)),
        ("大单和小单分别对应机构和散户，中单算谁的", ("大单和小单分别对应机构和散户，中单算谁的",)),
        ("侯马和临汾分别的投资额", ("侯马的投资额", "临汾的投资额")),
        ("侯馬和臨汾分別是甚麼時候", ("侯馬是甚麼時候", "臨汾是甚麼時候")),
        ("侯马和临汾哪个多", ("侯马和临汾哪个多",)),
        ("侯马和临汾两篇的作者分别是谁", ("侯马两篇的作者是谁", "临汾两篇的作者是谁")),
        ("侯马奖励多少、临汾兑现了多少？", ("侯马奖励多少", "临汾兑现了多少？")),
        ("侯马奖励多少？临汾呢，多少？", ("侯马奖励多少？临汾呢，多少？",)),
        ("侯马奖励多少？临汾兑现了多少？", ("侯马奖励多少", "临汾兑现了多少？")),
        ("侯马投资多少，何时竣工", ("侯马投资多少，何时竣工",)),  # of one place
        ("Did Bread and Butter open?", ("Did Bread and Butter open?",)),
        (
            "How far is it between Linfen and Houma?",
            ("How far is it between Linfen and Houma?",),
        ),
        (
            "What does Chen Yiwen and Chang Yani coach?",
            ("What does Chen Yiwen and Chang Yani coach?",),
        ),  # persons
        ("会议时间和地点分别是什么", ("会议时间是什么", "会议地点是什么")),
        ("展览的时间和票价分别是多少", ("展览的时间是多少", "展览的票价是多少")),
        ("共和国和约旦分别有多少人", ("共和国有多少人", "约旦有多少人")),
        ("那几条国际线，侯马怎么处理的", ("那几条国际线，侯马怎么处理的",)),
        (
            "How many do Linfen and Houma have respectively?",
            ("How many do Linfen have?", "How many do Houma have?"),
        ),
    ],
)
def test_a_question_of_two_things_falls_into_two(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text).texts == parts


def test_places_in_one_article_are_asked_about_together(
    reading: Callable[[dict[str, float]], Pipeline],
) -> None:
    answer = reading({"4100户": 0.95}).ask("石门县和青溪市带动多少户农民增收")
    assert " / " not in answer.query


def test_parts_are_answered_side_by_side_from_their_own_articles(
    reading: Callable[[dict[str, float]], Pipeline],
) -> None:
    answer = reading({"4100户": 0.95, "1.9亿吨": 0.95}).ask(
        "石门县带动农户和海州港吞吐量分别达到多少"
    )
    assert set(answer.answers) == {"4100户", "1.9亿吨"}
    assert [citation.marker for citation in answer.citations] == [1, 2]
    assert len({citation.article.id for citation in answer.citations}) == 2


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ((("300家",), ("300家",)), ("300家", "300家")),
        ((("300家",), ("150家",), ("300家",)), ("300家", "150家", "300家")),  # as asked
        ((("300家", "20家"), ("20家",)), ("300家", "20家", "20家")),  # an item of the one
        ((("300家",), (), ("300家",)), ("300家", "300家")),  # one is not answered
    ],
)
def test_each_part_has_its_answer_though_another_says_the_same(
    said: tuple[tuple[str, ...], ...], answers: tuple[str, ...]
) -> None:
    parts = [answered(f"{n}" * 16, items) for n, items in enumerate(said)]
    answer = side_by_side("分别新登记多少家企业", parts, top_k=5)
    assert answer.answers == answers
    assert answer.text == "；".join(answers)
    cited = [(each.marker, each.answer.of(each.article.text)) for each in answer.citations]
    assert cited == list(enumerate(answers, start=1))
    assert ("partly-answered" in answer.notes) is (() in said)


def test_two_parts_answered_by_the_same_words_of_the_same_article_are_answered_once() -> None:
    parts = [answered("a" * 16, ("300家",)), answered("a" * 16, ("300家",))]
    answer = side_by_side("分别新登记多少家企业", parts, top_k=5)
    assert answer.text == "300家"
    assert len(answer.citations) == 1


def answered(article_id: str, items: tuple[str, ...]) -> Answer:
    """What one part got; it abstained where there are no items."""
    text = f"新登记企业{'、'.join(items)}。"
    source = Source(f"{article_id}.txt", text, "text", "0" * 64)
    article = Article(article_id, text, Alignment((0,), (0,)), source, None)
    citations = tuple(
        cite(
            article,
            Span(0, len(text)),
            Span(text.index(item), text.index(item) + len(item)),
            marker=marker,
            passage_id=f"{article_id}:0",
        )
        for marker, item in enumerate(items, start=1)
    )
    words = "、".join(items) or None
    return Answer("?", "?", words, items, 0.9, citations, (), timings_ms={"total": 1.0})
