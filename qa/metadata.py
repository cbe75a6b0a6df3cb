"""Questions about an article itself, who wrote it and what it is called, answered from its print.

The byline and the headline are spans of the article's text, so they are cited
like any other answer. Which article is meant is told by the rest of the question.
"""

from __future__ import annotations

import re
from dataclasses import replace

from index.lexical import fold
from index.schema import Article, Hit, Span, squeeze
from qa.abstain import said
from qa.asking.question import Question
from qa.compose import Composed, cited
from qa.reading.coverage import fold_aligned, terms_of
from qa.reading.places import romanised_in
from qa.rerank import Choice, all_of
from qa.retrieve import Retrieval

# What asks for the byline or the headline, and what stands for the article itself.
_ASKING = re.compile(
    r"是?(?:由)?(?:谁|哪[位个些]人?|哪几[位个]人?|什么人|何人)(?:记者|作者|通讯员)?(?:来|所|负责)?"
    r"(?:写|撰写|采写|报[道导]|执笔|撰稿|撰文|供稿|投稿|署名)的?了?的?|出自(?:谁|哪位|何人)(?:之?[手笔]|的手笔)?|"
    r"(?:的)?(?:作者|记者|通讯员|撰稿|撰文|执笔|供稿|投稿|署名|主?标题|题目|题名)(?:们|人|者)?(?:的?名字)?的?"
    r"(?:是|叫|为|都有|有|分别|写|怎么)*(?:谁|哪[位些几个]*人?|什么名字?|什么人|何人|什么)?|"
    r"(?:什么|啥|哪个)(?:标题|题目)|关于|有关|[讲说写](?:的|到|了|过)?|介绍|请问|告诉我|呢|"
    r"[这那本该此哪]?一?[篇则条个]?(?:文章|报[道导]|新闻|稿件|稿子|消息)|[本该此]文|[这那哪]一?[篇则条]"
)
_ASKING_EN = re.compile(
    r"\b(?:who|whom|whose|what|which|wrote|written|write|writes|writers?|reported|reports?|penned|filed|"
    r"authored|authors?|by|bylines?|reporters?|journalists?|correspondents?|headlines?|headlined|titles?|"
    r"titled|pieces?|story|stories|articles?|news|the|this|that|one|of|for|about|on|is|was|are|were|it|its|"
    r"name|s|please|tell|me|does|did|carry|have|has)\b",
    re.IGNORECASE,
)

_QUOTED = re.compile(r"《([^《》]+)》")
_SURE = 0.95  # where no other article can be meant
_ARTICLE = re.compile(
    r"[这那此本该哪](?:一?篇|则|条)|文章|报[道导]|新闻|稿|消息|本文|该文|此文|记者|署名|标题|题目|"
    r"\b(?:article|piece|story|report|byline|headline|reporter|news)\b",
)


def names_article(question: str) -> bool:
    """Whether it asks about an article (“那篇是谁写的”), not about a work in one (“《论语》…”)."""
    return bool(_ARTICLE.search(fold(question))) or not terms_of(subject_of(question))


def subject_of(question: str) -> str:
    """The question without what asks: what tells the article; may be empty."""
    rest = _ASKING.sub(" ", fold(question))
    rest = _ASKING_EN.sub(" ", rest)
    return " ".join(re.sub(r"[^\w]+", " ", rest).split())


def answer_from_print(
    question: Question, retrieval: Retrieval, n_articles: int, *, stays: bool = False
) -> tuple[Composed | None, float]:
    """The byline or the headline of the article that the question means.

    Args:
        retrieval: of the question's subject.
        n_articles: in the index; the only one is meant where none is named.
        stays: the article that all hits are of is meant, whatever the question names.

    Returns:
        What to say, None where no one article is meant or it prints no such
        line; and how sure we are.
    """
    subject = subject_of(question.text)
    if stays and retrieval.hits:
        hit, confidence = retrieval.hits[0], _SURE
    else:
        hit, confidence = _meant(question, subject, retrieval, n_articles)
    if hit is None:
        return None, confidence
    article = retrieval.article_of(hit)
    if _of_another_work(question.text, article):
        return None, confidence
    spans = byline(article) if question.kind == "byline" else headline(article)
    if not spans:
        return None, confidence
    whole = Span(spans[0].start, spans[-1].end)
    choices = [Choice(article, hit, span, confidence) for span in spans]
    if question.kind == "byline":
        names = tuple(span.of(article.text) for span in spans)
        return (
            Composed(
                " ".join(whole.of(article.text).split()),
                names,
                cited([(choice, choice.span) for choice in choices]),
            ),
            confidence,
        )
    text = " ".join(whole.of(article.text).split())
    return Composed(text, (text,), cited([(choices[0], whole)])), confidence


def _of_another_work(question: str, article: Article) -> bool:
    """Whether it names a work (“《论语》的作者”) that is not what the article is called."""
    work = _QUOTED.search(fold(question))
    if work is None or _ARTICLE.search(fold(question[: work.start()] + question[work.end() :])):
        return False
    print_ = article.headline_span.of(article.text) if article.headline_span else ""
    bare = re.compile(r"[^\w]+")
    return bare.sub("", work[1]) not in bare.sub("", fold(print_))


def byline(article: Article) -> list[Span]:
    """Where the authors' names stand, in `article.text`; empty: no byline is printed.

    The whole byline where one of the names is not in it: none is left out in silence.
    """
    if article.byline_span is None:
        return []
    line = article.byline_span.of(article.text)
    spans: list[Span] = []
    end = 0  # `authors` are in printed order: of “李明华 李明”, 李明 is looked for behind 李明华
    for name in article.authors:
        spaced = r"\s*".join(map(re.escape, squeeze(name)))  # printed 肖 伟
        found = re.compile(spaced).search(line, end)
        if found is None:
            return [article.byline_span]
        end = found.end()
        spans.append(Span(found.start(), end).shifted(article.byline_span.start))
    return spans or [article.byline_span]


def headline(article: Article) -> list[Span]:
    """Where the title stands, in `article.text`, without the kicker; empty: none is printed."""
    if article.headline_span is None or article.title is None:
        return []
    lines = article.headline_span.of(article.text)
    words = article.title.split()
    start = lines.find(words[0])
    end = lines.rfind(words[-1])
    if start < 0 or end < start:
        return [article.headline_span]
    return [Span(start, end + len(words[-1])).shifted(article.headline_span.start)]


def _meant(
    question: Question, subject: str, retrieval: Retrieval, n_articles: int
) -> tuple[Hit | None, float]:
    """The best hit of the article that the subject names, and how surely it does."""
    if not retrieval.hits:
        return None, 0.0
    if not terms_of(subject):
        return (retrieval.hits[0], _SURE) if n_articles == 1 else (None, 0.0)
    asked = replace(question, text=_cased(subject, question.text), unit=None)
    rated: list[tuple[float, int, Hit]] = []
    seen: set[str] = set()
    for rank, hit in enumerate(retrieval.hits):
        article = retrieval.article_of(hit)
        if article.id in seen:
            continue
        seen.add(article.id)
        context = fold_aligned(article.context)
        compared = said(asked, context, fold_aligned(all_of(article)))
        share = 0.6 * compared.article + 0.4 * compared.passage
        if compared.crossed:
            share = 0.9 if romanised_in(asked.text) else 0.5
        rated.append((share * (1.0 - compared.names) + 0.1 * hit.score, -rank, hit))
    rating, _, hit = max(rated)
    return (hit, min(0.97, rating)) if rating >= 0.4 else (None, min(0.4, rating))


def _cased(subject: str, question: str) -> str:
    """The subject's words as the question writes them: capitals tell names."""
    words = {word.lower(): word for word in re.findall(r"[A-Za-z]+", question)}
    return " ".join(words.get(word, word) for word in subject.split())
