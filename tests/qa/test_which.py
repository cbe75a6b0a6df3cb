"""Which places an article says something of, and which it denies it of."""

from __future__ import annotations

import pytest

from index.schema import Alignment, Article, Hit, Passage, Source, Span
from qa.asking.question import analyse
from qa.retrieve import Retrieval
from qa.which import places_that


def retrieval(*texts: str) -> Retrieval:
    articles = {}
    hits = []
    for n, text in enumerate(texts):
        source = Source(f"{n}.txt", text, "text", "0" * 64)
        articles[str(n)] = Article(str(n), text, Alignment((0,), (0,)), source, None)
        passage = Passage(f"{n}:0", str(n), Span(0, len(text)), text, "")
        hits.append(Hit(passage, 0.9, 0.9, 1.0))
    return Retrieval("?", tuple(hits), articles)


FOUND = retrieval(
    "侯马开发区聘任招商顾问。", "临汾开发区聘任招商顾问。", "介休开发区没有聘任招商顾问。"
)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("哪些开发区聘任了招商顾问？", ("侯马", "临汾")),
        ("哪些开发区没有聘任招商顾问？", None),
        ("哪些开发区未聘任招商顾问？", None),
        ("目前哪两个开发区聘任了招商顾问", ("侯马", "临汾")),
        ("哪个开发区最先聘任招商顾问", None),  # one is asked for
        ("招商顾问被聘任到哪些开发区", None),  # told in one article
        ("哪些区别在于聘任招商顾问", None),
    ],
)
def test_what_is_denied_is_not_said(question: str, places: tuple[str, ...] | None) -> None:
    composed, _ = places_that(analyse(question), FOUND)
    assert (composed.answers if composed else None) == places
