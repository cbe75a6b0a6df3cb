"""Confidence against correctness: calibration error, reliability, risk and coverage.

All take the answered questions only: `confidence` (n,) in [0, 1] and `right`
(n,) bool; `weights` (samples, n) counts how often each stands in a bootstrap
sample, and the result is then (samples,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in [low, high); the last bin has its upper end."""

    low: float
    high: float
    n: int
    confidence: float  # mean
    right: float  # share


def ece(confidence: Floats, right: Bools, weights: Floats) -> Floats:
    """Expected calibration error over ten bins of equal width.

    sum over bins of n_bin / n * |share right - mean confidence|
    (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017). NaN
    where a sample is empty.
    """
    member = np.eye(N_BINS)[_bin_of(confidence)]
    gap = weights @ (member * (right.astype(float) - confidence)[:, None])
    n = weights.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(gap).sum(axis=1) / n


def reliability(confidence: Floats, right: Bools) -> list[Bin]:
    """The bins that `ece` sums, the empty ones left out."""
    bins = _bin_of(confidence)
    return [
        Bin(
            number / N_BINS,
            (number + 1) / N_BINS,
            int((bins == number).sum()),
            float(confidence[bins == number].mean()),
            float(right[bins == number].mean()),
        )
        for number in range(N_BINS)
        if (bins == number).any()
    ]


def aurc(confidence: Floats, right: Bools, weights: Floats) -> Floats:
    """Area under the risk-coverage curve: the mean risk over all numbers of answers kept.

    The most confident are kept first (Geifman and El-Yaniv, 2017); of equally
    confident ones the wrong, so that a constant confidence gains nothing. NaN
    where a sample is empty.
    """
    order = _by_confidence(confidence, right)
    kept = np.cumsum(weights[:, order], axis=1)
    wrong = np.cumsum(weights[:, order] * ~right[order], axis=1)
    risk = np.divide(wrong, kept, out=np.zeros_like(wrong), where=kept > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (risk * weights[:, order]).sum(axis=1) / weights.sum(axis=1)


def risk_coverage(confidence: Floats, right: Bools, n_questions: int) -> list[tuple[float, float]]:
    """(coverage, risk) points, coverage rising: of all questions, the share answered."""
    order = _by_confidence(confidence, right)
    wrong = np.cumsum(~right[order])
    return [
        (kept / n_questions, float(wrong[kept - 1]) / kept) for kept in range(1, len(order) + 1)
    ]


def _bin_of(confidence: Floats) -> NDArray[np.int64]:
    return np.minimum((confidence * N_BINS).astype(np.int64), N_BINS - 1)


def _by_confidence(confidence: Floats, right: Bools) -> NDArray[np.int64]:
    return np.lexsort((right, -confidence)).astype(np.int64)
