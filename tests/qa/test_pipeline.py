from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import Index
from index.errors import BadRequest
from index.schema import Alignment, Article, Hit, Passage, Source, Span, squeeze
from qa.asking.conversation import turns_of
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader
from qa.schema import Answer, Retrieved
from qa.to_json import answer_to_json

Reading = Callable[[dict[str, float]], Pipeline]


def verifies(answer: Answer) -> bool:
    return all(
        c.quote == c.article.text[c.span.start : c.span.end]
        and c.span.start <= c.answer.start < c.answer.end <= c.span.end
        and squeeze(c.source.of(c.article.source.text)) == squeeze(c.quote)
        for c in answer.citations
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("新馆藏书多少万册", "86万册"),
        ("带动了多少户农民增收", "4100户"),
        ("吞吐量比2022年增长多少", "7%"),
        ("建起了哪三条产业链", "造纸、冷链、包装"),
    ],
)
def test_an_answer_is_the_article_s_own_words(reading: Reading, question: str, text: str) -> None:
    answer = reading({text: 0.95}).ask(question)
    assert answer.text == text
    assert answer.citations
    assert verifies(answer)


def test_the_first_reader_needs_no_training(pipeline: Pipeline) -> None:
    answer = pipeline.ask("石门县带动多少户农民增收")
    assert answer.text == "4100户"
    assert verifies(answer)


def test_a_list_is_given_by_item_with_a_citation_for_each(reading: Reading) -> None:
    answer = reading({"造纸、冷链、包装": 0.95}).ask("石门县建起了哪三条产业链")
    assert answer.answers == ("造纸", "冷链", "包装")
    assert [c.answer.of(c.article.text) for c in answer.citations] == ["造纸", "冷链", "包装"]
    assert [c.marker for c in answer.citations] == [1, 2, 3]


def test_a_number_gets_its_unit(reading: Reading) -> None:
    assert reading({"1500": 0.95}).ask("图书馆阅览席增加到多少个").text == "1500个"


def test_a_wrong_premise_is_answered_with_what_the_article_says(reading: Reading) -> None:
    answer = reading({"7%": 0.95}).ask("海州港吞吐量增长了30%吗？")
    assert answer.text == "7%"
    assert "比2022年增长7%" in answer.citations[0].quote
    assert answer.notes == ("premise-differs",)
    assert reading({"7%": 0.95}).ask("海州港吞吐量增长了7%吗？").notes == ()


def test_another_place_than_the_article_s_is_not_answered(reading: Reading) -> None:
    asked = reading({"4100户": 0.9})
    assert asked.ask("石门县带动了多少户农民").text == "4100户"
    assert asked.ask("平遥县带动了多少户农民").abstained


def test_abstaining_still_gives_the_nearest_passages(reading: Reading) -> None:
    answer = reading({}).ask("火星上有几座图书馆")
    assert answer.abstained
    assert answer.text is None
    assert answer.citations == ()
    assert answer.hits


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("石门那篇报道是谁写的", "何苗 陈立", ("何苗", "陈立")),
        ("关于新图书馆的文章标题是什么", "新图书馆迎来第一批读者", ("新图书馆迎来第一批读者",)),
    ],
)
def test_byline_and_headline_are_cited_from_the_print(
    pipeline: Pipeline, question: str, text: str, answers: tuple[str, ...]
) -> None:
    answer = pipeline.ask(question)
    assert answer.text == text
    assert answer.answers == answers
    assert verifies(answer)


def test_the_author_of_an_article_that_is_not_there_is_not_invented(pipeline: Pipeline) -> None:
    assert pipeline.ask("平遥那篇报道是谁写的").abstained
    assert pipeline.ask("这篇是谁写的").abstained  # which one?


def test_the_author_of_a_work_is_not_who_wrote_the_article_on_it(reading: Reading) -> None:
    assert reading({}).ask("《石门县带动农户增收》的作者是谁").abstained
    assert reading({}).ask("石门县带动农户增收的作者是谁").text == "何苗 陈立"


def test_a_follow_up_asks_about_the_article_before(pipeline: Pipeline) -> None:
    answer = pipeline.ask("那篇是谁写的", history=turns_of(["石门县带动多少户农民", "4100户"]))
    assert answer.text == "何苗 陈立"
    assert "石门" in answer.query


def test_asked_for_more_detail_the_article_before_is_quoted(pipeline: Pipeline) -> None:
    history = turns_of(["石门县建起哪三条产业链", "造纸、冷链、包装"])
    answer = pipeline.ask("能说得详细点吗？", history=history)
    assert answer.text is not None
    assert "由绿源公司统一收购" in answer.text


def test_after_an_announced_change_of_subject_another_article_is_meant(pipeline: Pipeline) -> None:
    history = turns_of(["石门县带动多少户农民", "4100户"])
    assert pipeline.ask("换个话题，海州港那篇是谁写的", history=history).text == "赵一鸣"


def test_what_is_asked_of_an_answer_is_looked_for_in_its_article_only(
    pipeline: Pipeline, articles: list[Article]
) -> None:
    history = turns_of(["海州港吞吐量达到多少", "1.9亿吨"])
    (port,) = [article.id for article in articles if "海州港" in article.text]
    answer = pipeline.ask("其中今年增长多少", history=history)
    assert {hit.passage.article_id for hit in answer.hits} == {port}
    other = pipeline.ask("其中藏书多少万册", history=history)
    assert {hit.passage.article_id for hit in other.hits} == {port}


@pytest.mark.parametrize("question", ["那石门县和海州呢", "And Shimen and Haizhou?"])
def test_a_follow_up_that_lists_places_is_asked_of_each(reading: Reading, question: str) -> None:
    pipeline = reading({"3.2万亩": 0.95, "1.9亿吨": 0.95})
    history = turns_of(["临汾今年达到多少", "12件"])
    answer = pipeline.ask(question, history=history)
    assert set(answer.answers) == {"3.2万亩", "1.9亿吨"}
    assert (answer.question, answer.query.count(" / ")) == (question, 1)
    *_, streamed = pipeline.stream(question, history=history)
    assert isinstance(streamed, Answer)
    assert (streamed.question, streamed.answers) == (question, answer.answers)


def test_a_survey_quotes_every_article(pipeline: Pipeline, articles: list[Article]) -> None:
    answer = pipeline.ask("今天这版都讲了什么")
    assert {c.article.id for c in answer.citations} == {article.id for article in articles}
    assert len(answer.answers) == len(articles)
    assert verifies(answer)


def test_many_questions_are_answered_as_one_by_one(pipeline: Pipeline) -> None:
    questions = ["新馆藏书多少万册", "馆长是谁", "石门县带动多少户农民增收"]
    together = pipeline.ask_many(questions)
    for question, answer in zip(questions, together, strict=True):
        alone = pipeline.ask(question)
        assert (alone.text, alone.citations) == (answer.text, answer.citations)


def test_a_stream_gives_the_passages_first(pipeline: Pipeline) -> None:
    first, last = pipeline.stream("新馆藏书多少万册")
    assert isinstance(first, Retrieved)
    assert isinstance(last, Answer)
    assert first.hits == last.hits
    assert last.text == pipeline.ask("新馆藏书多少万册").text


@pytest.mark.parametrize("top_k", [0, -1, 101])
def test_top_k_outside_its_range_is_refused(pipeline: Pipeline, top_k: int) -> None:
    with pytest.raises(BadRequest):
        pipeline.ask("问", top_k=top_k)


def test_fewer_passages_are_given_where_fewer_are_asked_for(pipeline: Pipeline) -> None:
    assert len(pipeline.ask("新馆藏书多少万册", top_k=1).hits) == 1


ODD = st.one_of(
    st.text(alphabet="新馆藏书多少万册谁哪年吗的？ abc12%", min_size=1, max_size=30),
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        ["？", "🙂🙂", "多少" * 500, "a" * 1000, "藏书🙂多少 books مكتبة", "那呢？", "它"]
    ),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ODD, st.lists(ODD, max_size=3))
def test_any_question_is_answered_with_true_citations_or_refused(
    index: Index, question: str, history: list[str]
) -> None:
    pipeline = Pipeline(index, OverlapReader(), abstain_threshold=0.0)
    try:
        answer = pipeline.ask(question, history=turns_of(history))
    except BadRequest:
        return
    assert verifies(answer)
    assert answer.abstained or answer.citations
    assert answer_to_json(answer)["abstained"] is answer.abstained


class OnePassage:
    """An index of one article, a single passage whatever its length."""

    def __init__(self, text: str) -> None:
        source = Source("a.txt", text, "text", "0" * 64)
        self._article = Article("a" * 16, text, Alignment((0,), (0,)), source, None)
        passage = Passage("a:0", "a" * 16, Span(0, len(text)), text, "")
        self._hits = [Hit(passage, 0.9, 0.9, 1.0)]

    def search_many(self, queries: list[str], *, top_k: int = 10) -> list[list[Hit]]:
        return [self._hits for _ in queries]

    def article(self, article_id: str) -> Article:
        return self._article

    def article_ids(self) -> list[str]:
        return [self._article.id]

    def passages(self, article_id: str) -> list[Passage]:
        return [hit.passage for hit in self._hits]


@pytest.mark.parametrize(
    "text",
    [
        "天" * 10_000,
        "1" * 10_000,
        "、" * 3_000,
        "🙂" * 2_000,
        "（" * 5_000,
        "侯马 Houma مكتبة 72天🙂。" * 200,
        "a",
        "。",
    ],
    ids=["one character", "digits", "commas", "emoji", "brackets", "mixed", "letter", "stop"],
)
@pytest.mark.parametrize(
    "question", ["减少了多少天？", "哪三条产业链", "谁写的", "是72天吗", "都讲了什么"]
)
def test_odd_passages_are_read_without_a_false_offset(text: str, question: str) -> None:
    answer = Pipeline(OnePassage(text), OverlapReader(), abstain_threshold=0.0).ask(question)  # type: ignore[arg-type]
    assert verifies(answer)


def test_an_index_without_passages_abstains() -> None:
    class Empty(OnePassage):
        def search_many(self, queries: list[str], *, top_k: int = 10) -> list[list[Hit]]:
            return [[] for _ in queries]

        def article_ids(self) -> list[str]:
            return []

    pipeline = Pipeline(Empty("a"), OverlapReader())  # type: ignore[arg-type]
    for question in ("减少了多少天？", "这篇是谁写的", "今天都讲了什么", "比较各县的做法"):
        assert pipeline.ask(question, history=turns_of(["问", "答"])).abstained


def test_places_across_articles_are_listed_with_a_citation_for_each() -> None:
    """Two articles say it of their own town, a third does not."""
    texts = [
        "侯马经济开发区聘任了招商顾问。项目很多。",
        "垣曲开发区今年聘任17名招商顾问。",
        "介休开发区优化了审批。",
    ]
    index = SeveralArticles(texts)
    answer = Pipeline(index, OverlapReader(), abstain_threshold=0.5).ask(  # type: ignore[arg-type]
        "哪些开发区聘任了招商顾问"
    )
    assert answer.answers == ("侯马", "垣曲")
    assert len(answer.citations) == 2
    assert verifies(answer)


class SeveralArticles:
    """An index whose every search finds every article, one passage each."""

    def __init__(self, texts: list[str]) -> None:
        self._articles = {
            f"{n}" * 16: Article(
                f"{n}" * 16,
                text,
                Alignment((0,), (0,)),
                Source("a.txt", text, "text", "0" * 64),
                None,
            )
            for n, text in enumerate(texts)
        }

    def search_many(self, queries: list[str], *, top_k: int = 10) -> list[list[Hit]]:
        hits = [
            Hit(Passage(f"{key}:0", key, Span(0, len(a.text)), a.text, ""), 0.8, 0.9, 1.0)
            for key, a in self._articles.items()
        ]
        return [hits for _ in queries]

    def article(self, article_id: str) -> Article:
        return self._articles[article_id]

    def article_ids(self) -> list[str]:
        return list(self._articles)

    def passages(self, article_id: str) -> list[Passage]:
        return [
            hit.passage for hit in self.search_many([""])[0] if hit.passage.article_id == article_id
        ]


def test_passages_far_behind_a_sure_answer_are_not_read(index: Index) -> None:
    class Counting(OverlapReader):
        n_read = 0

        def read(self, questions: Sequence[str], passages: Sequence[Passage]) -> list[Any]:
            self.n_read += len(passages)
            return super().read(questions, passages)

    reader = Counting()
    answer = Pipeline(index, reader, abstain_threshold=0.5).ask("石门县带动多少户农民增收")
    assert answer.text == "4100户"
    assert reader.n_read == 2
    Pipeline(index, reader, abstain_threshold=0.5).ask("火星上有几座图书馆")
    assert reader.n_read == 5  # all three of the index
