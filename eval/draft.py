"""A set drafted from articles: numbers, dates and amounts that a sentence states, asked for.

A draft is not a set yet: every line carries `"accepted": null`. An editor
corrects the question, sets `accepted` to true or false line by line, and
`accepted_only` makes the set of what was accepted.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index.passages import sentences
from index.schema import Article, Span

Json = dict[str, Any]

_UNITS = (
    "元|平方公里|公里|平方米|立方米|米|吨|亩|人次|名|人|户|家|个|件|项|次|条|辆|套|册|天|小时|年|倍"
)
_RULES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("date", re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年(?:\d{1,2}月)?"), "什么时候"),
    ("number", re.compile(r"\d+(?:\.\d+)?[%％]"), "百分之多少"),
    (
        "number",
        re.compile(rf"\d+(?:\.\d+)?(?:多|余)?[万亿]?(?P<unit>{_UNITS})"),
        "多少{unit}",
    ),
)
_CLAUSE_END = "，。；！？,;!?：:"
_DRAFT_ONLY = ("accepted", "sentence", "said", "comment", "asked")
_LEAST, _MOST = 8, 60  # characters of a clause that makes a question


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question that the sentence's own words make."""

    article: Article
    type: str
    question: str
    sentence: Span  # in Article.text
    answer: Span  # in Article.text


def draft(articles: Sequence[Article], *, per_article: int = 5, seed: int = 0) -> list[Drafted]:
    """At most so many questions from each article, drawn by seed, in the article's order.

    A fact is asked for only where its words stand once in the article.
    """
    found: list[Drafted] = []
    for article in articles:
        possible = [each for span in sentences(article.text) for each in _of(article, span)]
        chosen = random.Random(f"{seed}:{article.id}").sample(
            possible, min(per_article, len(possible))
        )
        found += sorted(chosen, key=lambda each: each.answer.start)
    return found


def _of(article: Article, sentence: Span) -> list[Drafted]:
    text = sentence.of(article.text)
    found: list[Drafted] = []
    taken: list[Span] = []
    for kind, pattern, ask in _RULES:
        for match in pattern.finditer(text):
            span = Span(match.start(), match.end())
            clause = _clause(text, span)
            if (
                any(span.overlaps(other) for other in taken)
                or article.text.count(match.group()) != 1
                or not _LEAST <= clause.end - clause.start <= _MOST
            ):
                continue
            taken.append(span)
            asked = ask.format(**{k: v for k, v in match.groupdict().items() if v})
            before, after = text[clause.start : span.start], text[span.end : clause.end]
            question = f"{before}{asked}{after}".strip("，。；、 ") + "？"
            if article.title:
                question = f"《{article.title}》中，{question}"
            found.append(Drafted(article, kind, question, sentence, span.shifted(sentence.start)))
    return found


def _clause(text: str, span: Span) -> Span:
    start = max((text.rfind(end, 0, span.start) + 1 for end in _CLAUSE_END), default=0)
    ends = [at for end in _CLAUSE_END if (at := text.find(end, span.end)) >= 0]
    return Span(start, min(ends, default=len(text)))


def drafted_to_json(drafted: Drafted, number: int) -> Json:
    """A line of a set, with what an editor decides by."""
    article = drafted.article
    source = article.alignment.to_source(drafted.answer)
    return {
        "id": f"draft-{article.id}-{number}",
        "question": drafted.question,
        "lang": "zh",
        "type": drafted.type,
        "answers": [drafted.answer.of(article.text)],
        "spans": [[source.start, source.end]],
        "source": article.source.path,
        "answerable": True,
        "accepted": None,
        "sentence": drafted.sentence.of(article.text),
    }


def accepted_only(rows: Sequence[Json]) -> list[Json]:
    """What an editor accepted, without the fields that only the draft has."""
    return [
        {name: value for name, value in row.items() if name not in _DRAFT_ONLY}
        for row in rows
        if row.get("accepted") is True
    ]
