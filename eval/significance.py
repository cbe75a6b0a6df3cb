"""How sure the numbers are: bootstrap intervals, paired permutation tests, Holm's correction.

A metric is a column of shape (n, 2): what each question adds to the numerator
and to the denominator. Its value is the ratio of the sums, which covers means
(denominator 1), rates over some of the questions, and counts over citations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N_SAMPLES = 1_000
N_PERMUTATIONS = 10_000
_AT_ONCE = 4_000_000  # cells of a block of permutations


def ratio(column: Floats) -> float | None:
    """The metric's value; None where nothing counts."""
    over, under = column.sum(axis=0)
    return float(over / under) if under else None


def bootstrap_weights(n: int, *, seed: int, n_samples: int = N_SAMPLES) -> Floats:
    """How often each of n questions stands in each sample, shape (n_samples, n)."""
    chance = np.random.default_rng(seed)
    return chance.multinomial(n, np.full(n, 1 / n), size=n_samples).astype(np.float64)


def interval(samples: Floats, *, level: float = 0.95) -> tuple[float, float] | None:
    """The percentile interval; samples in which nothing counts are left out."""
    known = samples[~np.isnan(samples)]
    if not len(known):
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def ratio_samples(column: Floats, weights: Floats) -> Floats:
    """The metric in each bootstrap sample, (samples,); NaN where nothing counts."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weights @ column[:, 0]) / (weights @ column[:, 1])


def permutation_p(
    a: Floats, b: Floats, *, seed: int, n_permutations: int = N_PERMUTATIONS
) -> float:
    """Two-sided p of the difference between two runs over the same questions.

    Under the null hypothesis it does not matter which run a question's outcome
    came from: each pair is swapped by a coin, and the difference compared with
    the one seen. p = (1 + as extreme) / (1 + permutations) (Phipson and Smyth,
    2010); pairs that are equal cannot change it and are left out.

    Args:
        a, b: columns of one metric, shape (n, 2) each, questions aligned.
    """
    seen = ratio(a), ratio(b)
    if seen[0] is None or seen[1] is None:
        return 1.0
    differs = (a != b).any(axis=1)
    if not differs.any():
        return 1.0
    # Pairs that change by the same amount are exchangeable: how many of them are
    # swapped is binomial, which spares a coin for each.
    change, n_alike = np.unique((b - a)[differs], axis=0, return_counts=True)
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    least = abs(seen[0] - seen[1]) - 1e-12
    n_extreme = 0
    for swapped in _swaps(n_alike, n_permutations, seed):
        moved = swapped @ change
        with np.errstate(invalid="ignore", divide="ignore"):
            left = (total_a + moved)[:, 0] / (total_a + moved)[:, 1]
            right = (total_b - moved)[:, 0] / (total_b - moved)[:, 1]
        n_extreme += int((~(np.abs(left - right) < least)).sum())
    return (1 + n_extreme) / (1 + n_permutations)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction: the chance of any false finding among all stays below p.

    Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    adjusted: dict[str, float] = {}
    highest = 0.0
    ranked = sorted(p_values.items(), key=lambda item: (item[1], item[0]))
    for rank, (name, p) in enumerate(ranked):
        highest = max(highest, min(1.0, p * (len(ranked) - rank)))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def _swaps(n_alike: NDArray[np.int64], n_permutations: int, seed: int) -> Iterator[Floats]:
    """Blocks of rows: how many of each kind of pair are swapped."""
    chance = np.random.default_rng(seed)
    block = max(1, _AT_ONCE // len(n_alike))
    for start in range(0, n_permutations, block):
        size = (min(block, n_permutations - start), len(n_alike))
        yield chance.binomial(n_alike, 0.5, size).astype(np.float64)
