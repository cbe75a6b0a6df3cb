"""Questions over several articles: one cited sentence or more for each, grouped by article.

“比较各开发区缩短审批时限的做法” takes from every article that speaks of it the
sentence that says it; “今天这版都讲了什么” takes the headline of every article
and the sentence that carries it best.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.lexical import fold
from index.passages import sentences
from index.schema import Article, Hit, Passage, Span
from qa.abstain import said
from qa.asking.question import Question, analyse
from qa.cite import cite
from qa.compose import Composed
from qa.metadata import byline, headline
from qa.reading.coverage import Term, coverage, fold_aligned, says_term, terms_of
from qa.rerank import all_of
from qa.retrieve import Retrieval
from qa.schema import Citation

MAX_ARTICLES = 12
_LEAST_TERMS = 3  # fewer name no topic: the whole page is meant
_LEAST_COVERAGE = 0.25  # of the topic, by one sentence and its headline
_LEAST_OF_BEST = 0.4  # of what the best article says of the topic
_SHORTEST = 8  # characters of a sentence that says something

_ASKING = re.compile(
    r"(?:请|麻烦)?(?:比较|对比|总结|概括|综述|归纳|梳理|介绍)(?:一?下)?|主要内容|摘要|"
    r"(?:都|各自|分别)?(?:讲|说|写|报道|有)了?(?:些|了)?(?:什么|啥|哪些)(?:内容|新闻|文章|事)?|"
    r"有什么(?:不同|区别|异同|差别)|(?:的)?(?:不同|异同|区别)|"
    r"今天|今日|这版|本版|这一版|这个?版面?|版面|这页|报纸|这份|这张|这几篇|这些|所有|全部|各篇|每篇|几篇|"
    r"文章|报道|新闻|内容|怎么|如何|怎样|哪些|什么|做法|情况|方面|各(?:个|地|家)?|上面|上"
)
_ASKING_EN = re.compile(
    r"\b(?:compare|summari[sz]e|summary|overview|what|are|is|the|this|these|today'?s?|articles?|"
    r"page|paper|news|about|of|on|in|all|give|me|an?|and|how|do|does|different|various|their|"
    r"each|stories|please|measures|practices|approaches)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a survey is about."""

    text: str  # empty: everything
    question: Question


def topic_of(question: Question) -> Topic:
    rest = _ASKING_EN.sub(" ", _ASKING.sub(" ", fold(question.text)))
    text = "".join(rest.split()) if question.is_chinese else " ".join(rest.split())
    text = text.strip("的了吗呢?？，,。.、 ")
    if len(terms_of(text)) < (_LEAST_TERMS if question.is_chinese else 1):
        text = ""
    return Topic(text, analyse(text or question.text))


def survey_topic(topic: Topic, retrieval: Retrieval) -> tuple[Composed | None, float]:
    """For each article found, its sentences that say most of the topic; None: fewer than one.

    Returns:
        What to say, and how sure we are: more, the more of the topic an article says.
    """
    terms = _weighed(terms_of(topic.text), retrieval)
    groups: list[tuple[float, Article, list[tuple[Span, str]]]] = []
    for article_id in dict.fromkeys(hit.passage.article_id for hit in retrieval.hits):
        hits = [hit for hit in retrieval.hits if hit.passage.article_id == article_id]
        article = retrieval.articles[article_id]
        share, best = _sentences_on(topic, terms, article, hits)
        if best:
            groups.append((share, article, best))
        if len(groups) == MAX_ARTICLES:
            break
    if not groups:
        return None, 0.0
    share = max(share for share, _, _ in groups)
    kept = [(article, best) for own, article, best in groups if own >= _LEAST_OF_BEST * share]
    return _composed(kept), 0.5 + 0.5 * min(1.0, share)


def survey_all(articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Composed | None:
    """For each article its headline, where it prints one, and its leading sentence."""
    groups: list[tuple[Article, list[tuple[Span, str]]]] = []
    for article, passages in articles[:MAX_ARTICLES]:
        spans = headline(article)
        if sentence := _leading(article):
            spans.append(sentence)
        if spans and passages:
            groups.append((article, [(span, _passage_at(passages, span)) for span in spans]))
    return _composed(groups) if groups else None


def _weighed(terms: Sequence[Term], retrieval: Retrieval) -> tuple[Term, ...]:
    """Terms weighed down that most hits hold: they tell nothing about one of them."""
    texts = [fold_aligned(hit.passage.text) for hit in retrieval.hits]
    weighed: list[Term] = []
    for term in terms:
        n_holding = sum(says_term(term, text) for text in texts)
        rarity = math.log((len(texts) + 1.0) / (n_holding + 0.5))
        weighed.append(replace(term, weight=term.weight * max(0.05, rarity)))
    return tuple(weighed)


def _sentences_on(
    topic: Topic, terms: Sequence[Term], article: Article, hits: Sequence[Hit]
) -> tuple[float, list[tuple[Span, str]]]:
    """The one or two sentences of an article's hits that say most of the topic, in order."""
    context = fold_aligned(article.context)
    compared = said(topic.question, context, fold_aligned(all_of(article)))
    if compared.names == 1.0:
        return 0.0, []
    if compared.crossed:
        span = _first_whole(article, hits[0])
        near = (hits[0].dense or 0.0) > 0.8
        return 0.5, [(span, hits[0].passage.id)] if span and near else []
    of_context = coverage(terms, context)
    rated: list[tuple[float, Span, str]] = []
    for hit in hits[:3]:
        for sentence in sentences(hit.passage.text):
            span = sentence.shifted(hit.passage.span.start)
            if len(sentence.of(hit.passage.text)) < _SHORTEST or _in_print(article, span):
                continue
            share = coverage(terms, fold_aligned(sentence.of(hit.passage.text)))
            if share > 0 and share + 0.3 * of_context >= _LEAST_COVERAGE:
                rated.append((share, span, hit.passage.id))
    rated.sort(key=lambda each: (-each[0], each[1].start))
    if not rated:
        return 0.0, []
    kept = [each for each in rated[:2] if each[0] >= 0.7 * rated[0][0]]
    return rated[0][0], sorted(((span, found) for _, span, found in kept), key=lambda e: e[0].start)


def _leading(article: Article) -> Span | None:
    """Among the first sentences of the body, the one that says most of the headline."""
    body = [
        span
        for span in sentences(article.text)
        if span.end - span.start >= _SHORTEST and not _in_print(article, span)
    ]
    terms = terms_of(article.context)
    return max(
        body[:3],
        key=lambda span: (
            coverage(terms, fold_aligned(span.of(article.text))) if terms else 0.0,
            -span.start,
        ),
        default=None,
    )


def _first_whole(article: Article, hit: Hit) -> Span | None:
    spans = [span.shifted(hit.passage.span.start) for span in sentences(hit.passage.text)]
    return next(
        (s for s in spans if s.end - s.start >= _SHORTEST and not _in_print(article, s)), None
    )


def _in_print(article: Article, span: Span) -> bool:
    """Whether a sentence is part of the headline, or the byline alone."""
    if article.headline_span is not None and article.headline_span.overlaps(span):
        return True
    short = span.end - span.start < 4 * _SHORTEST
    return short and any(each.overlaps(span) for each in byline(article))


def _passage_at(passages: Sequence[Passage], span: Span) -> str:
    return next((p.id for p in passages if p.span.overlaps(span)), passages[0].id)


def _composed(groups: Sequence[tuple[Article, Sequence[tuple[Span, str]]]]) -> Composed:
    citations: list[Citation] = []
    lines: list[str] = []
    for article, chosen in groups:
        words: list[str] = []
        for span, passage_id in chosen:
            citations.append(
                cite(article, span, span, marker=len(citations) + 1, passage_id=passage_id)
            )
            words.append(" ".join(span.of(article.text).split()))
        lines.append("\n".join(words))
    return Composed("\n\n".join(lines), tuple(lines), tuple(citations), ("survey",))
