from __future__ import annotations

import json

from index.schema import Article
from qa.pipeline import Pipeline
from qa.schema import Answer, Retrieved
from qa.to_json import answer_id, answer_to_json, article_to_json, retrieved_to_json


def test_an_answer_is_plain_json_and_verifies(pipeline: Pipeline) -> None:
    answer = pipeline.ask("石门县建起了哪些产业链和做了什么")
    told = json.loads(json.dumps(answer_to_json(answer), ensure_ascii=False))
    for citation in told["citations"]:
        article = pipeline.index.article(citation["article_id"])
        assert article.text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["source"]["path"] == "page.txt"
        assert citation["source"]["page"] is None


def test_an_abstention_has_no_answer_but_passages(pipeline: Pipeline) -> None:
    told = answer_to_json(pipeline.ask("平遥那篇报道是谁写的"))
    assert told["answer"] is None
    assert told["abstained"] is True
    assert told["citations"] == []
    assert told["passages"]


def test_the_same_answer_has_the_same_id(pipeline: Pipeline) -> None:
    question = "石门县带动多少户农民增收"
    assert answer_id(pipeline.ask(question)) == answer_id(pipeline.ask(question))
    assert answer_id(pipeline.ask(question)) != answer_id(pipeline.ask("馆长是谁"))


def test_only_several_answers_are_listed(pipeline: Pipeline) -> None:
    one = Answer("问", "问", "答", ("答",), 0.9, (), ())
    two = Answer("问", "问", "甲、乙", ("甲", "乙"), 0.9, (), ())
    assert "answers" not in answer_to_json(one)
    assert answer_to_json(two)["answers"] == ["甲", "乙"]


def test_what_was_retrieved_comes_with_titles(pipeline: Pipeline) -> None:
    first, _ = pipeline.stream("石门县带动多少户农民增收")
    assert isinstance(first, Retrieved)
    told = retrieved_to_json(first)
    assert told["passages"][0]["title"] == "猕猴桃铺就增收路"
    assert told["passages"][0]["scores"]["reader"] is None


def test_an_article_tells_where_its_print_stands(articles: list[Article]) -> None:
    article = articles[1]
    told = article_to_json(article)
    byline = told["byline"]
    assert article.text[byline["start"] : byline["end"]] == "何苗 陈立"
