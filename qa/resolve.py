"""Questions with their turns before to queries with their hits: what is asked, of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.conversation import goes_on
from qa.followup import Whole, whole_of
from qa.metadata import subject_of
from qa.premise import opened
from qa.question import Question, analyse
from qa.retrieve import Retrieval, Searchable, retrieve
from qa.schema import Turn
from qa.survey import topic_of
from qa.which import asks_for_places

N_SURVEYED = 40  # hits that a question over several articles looks at


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, whole, with what was found for it."""

    text: str  # as it was asked
    question: Question  # as it is read: what the turns before add is in it
    retrieval: Retrieval


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
    queries = [query_of(question) for each in readings for question in each]
    every = [question for each in readings for question in each]
    if any(question.kind == "survey" or asks_for_places(question) for question in every):
        top_k = max(top_k, N_SURVEYED)
    found = iter(retrieve(index, queries, top_k=top_k))
    asked: list[Asked] = []
    for whole, questions in zip(wholes, readings, strict=True):
        retrievals = [next(found) for _ in questions]
        leans = len(questions) > 1 and goes_on(whole.text, retrievals[0].hits, retrievals[1].hits)
        asked.append(Asked(whole.text, questions[leans], retrievals[leans]))
    return asked


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
    elif alone.kind != "other":
        carried = replace(carried, kind=alone.kind, unit=alone.unit)
    return [carried] if whole.leaning == "yes" else [alone, carried]
