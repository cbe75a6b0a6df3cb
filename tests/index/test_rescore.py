"""A cheap embedding's best hits, scored again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.embed import HashEmbedder, Side, Vectors
from index.fusion import Scored, Yardstick
from index.rescore import Rescorer
from index.schema import Passage, Span


class Counting(HashEmbedder):
    """Remembers what it embedded."""

    def __init__(self) -> None:
        self.passages: list[str] = []

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        if side == "passage":
            self.passages.extend(texts)
        return super().encode(texts, side=side)


def passage(number: int, text: str) -> Passage:
    return Passage(f"a:{number}", "a", Span(0, len(text)), text, "")


TEXTS = ["侯马审批时限缩减", "文水光伏项目开工", "介休夜间经济升温", "寿阳服务形象提升"]
PASSAGES = {number: passage(number, text) for number, text in enumerate(TEXTS)}
SAMPLE = [passage(9, "今天天气晴朗"), passage(10, "股市小幅上涨"), *PASSAGES.values()]


def cheaply(order: Sequence[int]) -> list[Scored]:
    """A ranking as a cheap embedding made it, with one more passage at its end."""
    return [Scored(n, 0.9 - place / 10, 0.5, None) for place, n in enumerate([*order, 7])]


@given(st.permutations(range(4)), st.sampled_from(range(4)))
def test_the_better_embedding_orders_the_best_and_the_rest_stays_behind(
    order: list[int], wanted: int
) -> None:
    found = Rescorer(HashEmbedder()).rank(
        TEXTS[wanted], cheaply(order), PASSAGES, SAMPLE, against=Yardstick(0.0)
    )
    assert found[0].number == wanted
    assert found[-1].number == 7
    assert found[-1].dense is None
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert {s.number for s in found} == {*order, 7}


def test_what_has_no_vector_is_ranked_by_its_words() -> None:
    ranked = [Scored(0, 0.5, None, 1.0), Scored(1, 0.4, None, 3.0)]
    best = {number: PASSAGES[number] for number in (0, 1)}
    found = Rescorer(HashEmbedder()).rank("光伏", ranked, best, [], against=Yardstick(4.0))
    assert [s.number for s in found] == [1, 0]


def test_a_passage_is_embedded_once_whoever_asks() -> None:
    embedder = Counting()
    rescorer = Rescorer(embedder)
    for question in ("侯马审批", "文水光伏", "侯马审批"):
        rescorer.rank(question, cheaply(range(4)), PASSAGES, SAMPLE, against=Yardstick(0.0))
    assert len(embedder.passages) == len(set(embedder.passages)) == len(SAMPLE)


def test_nothing_found_stays_nothing() -> None:
    assert Rescorer(HashEmbedder()).rank("侯马", [], {}, [], against=Yardstick(0.0)) == []


def test_scores_are_those_of_the_better_embedding() -> None:
    found = Rescorer(HashEmbedder()).rank(
        TEXTS[2], cheaply(range(4)), PASSAGES, SAMPLE, against=Yardstick(0.0)
    )
    query, row = HashEmbedder().encode([TEXTS[2]] * 2, side="query")
    assert found[0].dense is not None
    assert np.isclose(found[0].dense, query @ row, atol=1e-6)
