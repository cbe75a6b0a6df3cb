"""One ranking from two: cosines and BM25, mixed by what the query lets each of them know."""

from __future__ import annotations

import math
from dataclasses import dataclass

# How much a passage with all of the query's words is worth, in standard deviations of the query's
# cosines; where the best has half of them, that one a sixteenth (docs/decisions/0003).
LEXICAL_WEIGHT = 90.0
# With all of the query's words in translation; with half of them, half: which of the renderings of
# a word are meant is not known, so that hardly a passage has them all (docs/decisions/0007).
TRANSLATED_WEIGHT = 20.0


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What BM25 is held against for one query."""

    ideal: float  # of a passage of average length that has each of the query's words once
    translated: bool = False

    def worth(self, bm25: float, best: float) -> float:
        """In standard deviations of the query's cosines, where `best` is the query's highest."""
        if self.ideal <= 0:
            return 0.0
        share = bm25 / self.ideal
        if self.translated:
            return TRANSLATED_WEIGHT * share
        return LEXICAL_WEIGHT * (share * best / self.ideal) ** 2


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's scores for one query, before it is looked up."""

    number: int
    score: float  # in [0, 1]
    dense: float | None
    lexical: float | None


def fuse(
    dense: dict[int, float],
    lexical: dict[int, float],
    *,
    usual: tuple[float, float],
    against: Yardstick,
) -> list[Scored]:
    """Merge what the vectors and what the words say of each passage.

    score = squash((cosine - mean) / deviation + w * (share * best share)²),
    with share = BM25 / ideal, and the best of the query's. The cosine is
    measured against the query's cosines to passages at large, BM25 against a
    passage that holds every term of the query; terms that no passage holds
    count in full. So a question in other words than the passages, which
    shares a name or a year with some, has shares near 0 and is ranked by its
    vector; one in the words of some passage is ranked by words. Words repeated
    in a short passage bring the share above 1. Where the words were translated
    it is w' * share.

    A passage with words of the query whose vector is not made yet is taken to
    be as like the query as those whose vectors are known, on the average.

    Args:
        dense: passage number → cosine.
        lexical: passage number → BM25; a passage that is missing has none of the terms.
        usual: mean and standard deviation of the query's cosines.
        against: what BM25 is held against.

    Returns:
        Best first, ties by number.
    """
    mean, deviation = usual
    like = {n: (cosine - mean) / deviation for n, cosine in dense.items()} if deviation else {}
    known = [like[number] for number in lexical if number in like]
    assumed = sum(known) / len(known) if known else 0.0
    best = max(lexical.values(), default=0.0)
    fused: list[tuple[float, Scored]] = []
    for number in dense.keys() | lexical.keys():
        bm25 = lexical.get(number)
        strength = like.get(number, assumed)
        if bm25 is not None:
            strength += against.worth(bm25, best)
        scored = Scored(number, _squash(strength), dense.get(number), bm25)
        fused.append((strength, scored))
    # By the strength: squashed, the strongest are all 1.
    fused.sort(key=lambda each: (-each[0], each[1].number))
    return [scored for _, scored in fused]


def _squash(strength: float) -> float:
    """From standard deviations to [0, 1]: 0.5 for a passage that is like four deviations."""
    return 1 / (1 + math.exp(-(max(strength, -100.0) - 4.0) / 2.0))
