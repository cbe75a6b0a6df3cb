"""“哪些开发区聘任了招商顾问”: the places whose articles say it, one citation for each.

No single passage answers such a question. An article counts when one of its
sentences says most of what is asked, and it is called by the place that its
headline, or else its beginning, names first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lexical import fold
from index.passages import sentences
from index.schema import Article, Span
from qa.asking.question import Question
from qa.compose import Composed, cited
from qa.reading.coverage import Term, coverage, fold_aligned, terms_of
from qa.reading.names import NEGATION
from qa.reading.places import places_in
from qa.reading.spans import clauses
from qa.rerank import Choice
from qa.retrieve import Retrieval

_ASKED = re.compile(
    r"(?:是|有)?(?:都有)?哪(?:些|几|[两二三四五六七八九十\d]+)(?:个|家|座|处)?"
    r"(?:经济(?:技术)?开发区|开发区|园区|县市|县|城市|市|区|地区|地方|省份|省|国家)"
    r"(?![长民委场域块别级标局政直管属立内战重队公法领际里外])(?:的?(?:文章|报道))?"
    r"(?:都)?(?:提到|提及|介绍|讲到|写到|报道)?了?"
)
# The places are what does something; “去了哪些地方” and “四川哪些县” are told in one article.
_SUBJECT = re.compile(
    r"(?:^|[，,：:。\s])(?:请问|目前|现在|今年|去年|一共|都|还|已经?|究竟|到底)*$"
)
_LEAST_COVERAGE = 0.75  # of what is asked, in one sentence
_BEGINNING = 120  # characters of a body in which its place is named


def asks_for_places(question: Question) -> bool:
    return (
        question.kind in ("list", "place", "other") and _asked_in(fold(question.text)) is not None
    )


def _asked_in(folded: str) -> re.Match[str] | None:
    asked = _ASKED.search(folded)
    return asked if asked and _SUBJECT.search(folded[: asked.start()]) else None


def places_that(question: Question, retrieval: Retrieval) -> tuple[Composed | None, float]:
    """The places, in the order of the hits; None where fewer than two articles say it.

    Returns:
        What to say, and the least share of what is asked that one of the articles says.
    """
    folded = fold(question.text)
    asked = _asked_in(folded)
    if asked is None or not asks_for_places(question) or NEGATION.search(folded):
        return None, 0.0
    terms = terms_of(folded[: asked.start()] + " " + folded[asked.end() :])
    if len(terms) < 2:
        return None, 0.0
    found: dict[str, tuple[Choice, Span]] = {}
    least = 1.0
    for hit in retrieval.hits:
        article = retrieval.article_of(hit)
        if any(choice.article.id == article.id for choice, _ in found.values()):
            continue
        for sentence in sentences(hit.passage.text):
            said = fold_aligned(sentence.of(hit.passage.text))
            share = coverage(terms, said)
            if share < _LEAST_COVERAGE or _denies(said, terms, share):
                continue
            span = _called(article, sentence.shifted(hit.passage.span.start))
            if span is not None:
                place = span.of(article.text)
                found.setdefault(place, (Choice(article, hit, span, share), span))
                least = min(least, share)
            break
    if len(found) < 2:
        return None, 0.0
    return Composed("、".join(found), tuple(found), cited(list(found.values()))), least


def _denies(sentence: str, terms: Sequence[Term], share: float) -> bool:
    """Whether a clause that says at least half of what the sentence does says that it is not so."""
    return any(
        NEGATION.search(said) and coverage(terms, said) >= share / 2
        for said in (clause.of(sentence) for clause in clauses(sentence))
    )


def _called(article: Article, sentence: Span) -> Span | None:
    """Where the article's place stands: in the sentence that says it, else at its beginning."""
    print_ = article.headline_span.of(article.text) if article.headline_span else ""
    beginning = article.text[:_BEGINNING]
    named = places_in(fold_aligned(print_)) or places_in(fold_aligned(beginning))
    if not named:
        return None
    for within in (sentence, article.headline_span, Span(0, len(article.text))):
        if within is None:
            continue
        at = fold_aligned(within.of(article.text)).find(named[0])
        if at >= 0:
            return Span(at, at + len(named[0])).shifted(within.start)
    return None
