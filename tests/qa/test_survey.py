from __future__ import annotations

from qa.asking.question import analyse
from qa.pipeline import Pipeline
from qa.survey import topic_of


def test_a_survey_s_topic_is_what_is_left_of_its_words() -> None:
    assert topic_of(analyse("比较各开发区缩短审批时限的做法")).text == "开发区缩短审批时限"
    assert topic_of(analyse("今天这版都讲了什么")).text == ""
    assert topic_of(analyse("总结一下这些报道")).text == ""


def test_a_comparison_quotes_only_articles_that_speak_of_it(pipeline: Pipeline) -> None:
    answer = pipeline.ask("比较一下各地增长的情况：吞吐量增长")
    assert answer.notes == ("survey",)
    assert answer.citations
    assert all("海州港" in citation.quote for citation in answer.citations)


def test_a_survey_of_what_nobody_wrote_about_abstains(pipeline: Pipeline) -> None:
    assert pipeline.ask("比较各国登月飞船的发动机推力").abstained


def test_in_english_too_the_whole_page_is_told(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Summarize today's page")
    assert len(answer.answers) == 3
