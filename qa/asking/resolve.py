"""Questions with their turns before to queries with their hits: what is asked, of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.asking.conversation import goes_on
from qa.asking.followup import Whole, whole_of
from qa.asking.premise import opened
from qa.asking.question import Question, analyse
from qa.metadata import subject_of
from qa.reading.coverage import fold_aligned
from qa.retrieve import Retrieval, Searchable, retrieve
from qa.schema import Turn
from qa.survey import topic_of
from qa.which import asks_for_places

N_SURVEYED = 40  # hits that a question over several articles looks at
_N_BEFORE = 5  # hits among which the article of the turn before is looked for


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, whole, with what was found for it."""

    text: str  # as it was asked
    question: Question  # as it is read: what the turns before add is in it
    retrieval: Retrieval
    stays: bool = False  # only the article of the turn before is meant; all hits are of it


def resolve(
    index: Searchable,
    texts: Sequence[str],
    histories: Sequence[Sequence[Turn]],
    *,
    top_k: int,
) -> list[Asked]:
    """One Asked for each question; all queries go through the index together."""
    wholes = [whole_of(text, history) for text, history in zip(texts, histories, strict=True)]
    readings = [_readings_of(whole) for whole in wholes]
    every = [question for each in readings for question in each]
    wide = any(question.kind == "survey" or asks_for_places(question) for question in every)
    if wide or any(whole.stays for whole in wholes):
        top_k = max(top_k, N_SURVEYED)
    before = [whole.about for whole in wholes if whole.about is not None]
    queries = [query_of(question) for question in every]
    found = retrieve(index, [*queries, *before], top_k=top_k)
    of_queries, of_before = iter(found[: len(queries)]), iter(found[len(queries) :])
    asked: list[Asked] = []
    for text, whole, questions in zip(texts, wholes, readings, strict=True):
        retrievals = [next(of_queries) for _ in questions]
        around = None if whole.about is None else next(of_before)
        asked.append(_settled(text, whole, questions, retrievals, around))
    return asked


def _settled(
    text: str,
    whole: Whole,
    questions: Sequence[Question],
    retrievals: Sequence[Retrieval],
    around: Retrieval | None,
) -> Asked:
    """The reading that the retriever speaks for, within the article before where it stays.

    Args:
        questions: the question alone, with what it leans on, or both in this order.
        retrievals: of `questions`.
        around: of what was said before; None: nothing was, or it does not matter.
    """
    leans = False
    if around is not None and len(questions) > 1:
        article = _article_before(whole, around)
        leans = goes_on(whole.text, retrievals[0].hits, retrievals[1].hits, article)
    question, retrieval = questions[leans], retrievals[leans]
    if around is None or not whole.stays:
        return Asked(text, question, retrieval)
    article = _article_before(whole, around)
    kept = [hit for hit in retrieval.hits if hit.passage.article_id == article]
    kept = kept or [hit for hit in around.hits if hit.passage.article_id == article]
    articles = {**around.articles, **retrieval.articles}
    within = Retrieval(
        retrieval.query,
        tuple(kept),
        {h.passage.article_id: articles[h.passage.article_id] for h in kept},
    )
    return Asked(text, question, within, stays=bool(kept))


def _article_before(whole: Whole, around: Retrieval) -> str | None:
    """The id of the article that the turn before was answered from: one that says the answer."""
    answered = _bare(whole.answered or "")
    for hit in around.hits[:_N_BEFORE] if answered else ():
        if answered in _bare(f"{hit.passage.context}{hit.passage.text}"):
            return hit.passage.article_id
    return around.hits[0].passage.article_id if around.hits else None


def _bare(text: str) -> str:
    return "".join(fold_aligned(text).split())


def query_of(question: Question) -> str:
    """What to search for: what tells the article that is asked about, or a survey's topic."""
    if question.kind in ("byline", "headline"):
        return subject_of(question.text) or question.text
    if question.kind == "survey":
        return topic_of(question).text or question.text
    return question.text


def _readings_of(whole: Whole) -> list[Question]:
    """The question alone, with what it leans on, or both where the retriever decides."""
    alone = opened(analyse(whole.text))
    if whole.carried is None or whole.leaning == "no":
        return [alone]
    carried = analyse(whole.carried)
    if carried.kind == "yesno":
        carried = opened(carried)
    elif alone.kind != "other" and carried.kind != "survey":
        carried = replace(carried, kind=alone.kind, unit=alone.unit)
    return [carried] if whole.leaning == "yes" else [alone, carried]
