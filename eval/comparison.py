"""Two runs over the same questions: what differs, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from eval.errors import RunUnusable
from eval.runs import Run
from eval.scoring import SEED, Scores
from eval.significance import (
    bootstrap_weights,
    holm,
    interval,
    permutation_p,
    ratio,
    ratio_samples,
)

Json = dict[str, Any]

# One family for Holm's correction: each says something of its own. What follows
# from these (recall@3, the passage_ and article_ variants) would only dilute it.
COMPARED = (
    "exact", "f1", "answer_correct", "recall@1", "recall@5", "mrr@10", "ndcg@10",
    "citation_hit", "citation_verified", "abstain_right", "false_answer_rate",
)  # fmt: skip
ALPHA = 0.05
LOWER_IS_BETTER = frozenset(
    {"false_answer_rate", "selective_risk", "ece", "aurc", "p50_ms", "p95_ms"}
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of two runs over the questions that both hold."""

    metric: str
    a: float
    b: float
    interval: tuple[float, float] | None  # 95%, of b - a, by paired bootstrap
    p: float  # paired permutation, two-sided
    p_holm: float  # corrected for all metrics compared
    n_better: int  # questions on which b is better
    n_worse: int

    @property
    def significant(self) -> bool:
        return self.p_holm < ALPHA


def compare(
    a: tuple[Run, Scores], b: tuple[Run, Scores], *, seed: int = SEED
) -> tuple[int, list[Difference]]:
    """The number of questions in common, and the difference of each metric that both have.

    Raises:
        RunUnusable: no question in common, or their answers differ.
    """
    rows_a, rows_b = common_rows(a, b)
    weights = bootstrap_weights(len(rows_a), seed=seed)
    found: list[Difference] = []
    for metric in COMPARED:
        if metric not in a[1].columns or metric not in b[1].columns:
            continue
        left, right = a[1].columns[metric][rows_a], b[1].columns[metric][rows_b]
        value_a, value_b = ratio(left), ratio(right)
        if value_a is None or value_b is None:
            continue
        both = (left[:, 1] > 0) & (right[:, 1] > 0)
        gain = right[both, 0] / right[both, 1] - left[both, 0] / left[both, 1]
        gain *= -1 if metric in LOWER_IS_BETTER else 1
        found.append(
            Difference(
                metric=metric,
                a=value_a,
                b=value_b,
                interval=interval(ratio_samples(right, weights) - ratio_samples(left, weights)),
                p=permutation_p(left, right, seed=seed),
                p_holm=1.0,
                n_better=int((gain > 0).sum()),
                n_worse=int((gain < 0).sum()),
            )
        )
    corrected = holm({each.metric: each.p for each in found})
    return len(rows_a), [replace(each, p_holm=corrected[each.metric]) for each in found]


def common_rows(
    a: tuple[Run, Scores], b: tuple[Run, Scores]
) -> tuple[Sequence[int], Sequence[int]]:
    """Rows of both, aligned, for the questions that both asked.

    Raises:
        RunUnusable: no question in common, or other answers for one.
    """
    place = {question.id: row for row, question in enumerate(b[0].questions)}
    rows_a: list[int] = []
    rows_b: list[int] = []
    for row, question in enumerate(a[0].questions):
        other = place.get(question.id)
        if other is None:
            continue
        if b[0].questions[other].answers != question.answers:
            raise RunUnusable(
                b[0].path, f"question {question.id} has other answers than in {a[0].path}"
            )
        rows_a.append(row)
        rows_b.append(other)
    if not rows_a:
        raise RunUnusable(b[0].path, f"has no question in common with {a[0].path}")
    return rows_a, rows_b


def comparison_to_json(a: Run, b: Run, n: int, found: Sequence[Difference]) -> Json:
    return {
        "a": str(a.path),
        "b": str(b.path),
        "n": n,
        "alpha": ALPHA,
        "differences": [
            {**asdict(each), "difference": each.b - each.a, "significant": each.significant}
            for each in found
        ],
        "latency": {
            name: [_percentile(run, percent) for run in (a, b)]
            for name, percent in (("p50_ms", 50), ("p95_ms", 95))
        },
    }


def _percentile(run: Run, percent: int) -> float | None:
    times = [each["total"] for each in run.latency]
    return float(np.percentile(times, percent)) if times else None
