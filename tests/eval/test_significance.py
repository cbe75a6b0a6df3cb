from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from eval.comparison import compare
from eval.gate import gate, read_tolerances
from eval.runs import Run
from eval.schema import Question, Record
from eval.scoring import Scores, score
from eval.significance import bootstrap_weights, holm, interval, permutation_p, ratio_samples

N = 400
MakeRun = Callable[..., Run]


def answered(make: MakeRun, seed: int, *, spoiled: float = 0.0) -> tuple[Run, Scores]:
    """A system that is right on 70% of 400 questions, on which of them is the seed's."""
    chance = random.Random(seed)
    questions = [Question(f"q{n}", "多少？", True, (f"{n}天",)) for n in range(N)]
    right = [chance.random() < 0.7 for _ in questions]
    wrong = set(chance.sample(range(N), int(N * spoiled)))
    records = [
        Record(
            id=question.id,
            query="多少？",
            text=question.answers[0] if right[n] and n not in wrong else "别的答案",
            answers=(),
            confidence=chance.random(),
            citations=(),
            ranking=(),
            timings_ms={},
        )
        for n, question in enumerate(questions)
    ]
    run = make(questions, records)
    return run, score(run)


def differs(a: tuple[Run, Scores], b: tuple[Run, Scores], seed: int) -> bool:
    return any(each.significant for each in compare(a, b, seed=seed)[1])


@pytest.mark.slow
def test_two_seeds_seldom_differ(made_run: MakeRun) -> None:
    found = [
        differs(answered(made_run, seed), answered(made_run, 10_000 + seed), seed)
        for seed in range(100)
    ]
    assert sum(found) <= 7


@pytest.mark.slow
def test_five_in_a_hundred_spoiled_is_found(made_run: MakeRun) -> None:
    found = [
        differs(answered(made_run, seed), answered(made_run, seed, spoiled=0.05), seed)
        for seed in range(100)
    ]
    assert sum(found) >= 90


@pytest.mark.slow
def test_the_gate_stops_a_regression_and_lets_noise_through(made_run: MakeRun) -> None:
    allowed = read_tolerances(None)
    base = answered(made_run, 1)
    assert all(verdict.passed for verdict in gate(base, base, allowed))
    worse = gate(answered(made_run, 1, spoiled=0.1), base, allowed)
    assert {v.metric for v in worse if not v.passed} >= {"exact", "f1", "answer_correct"}
    stopped = [
        any(not v.passed for v in gate(answered(made_run, 100 + seed), base, allowed))
        for seed in range(40)
    ]
    assert sum(stopped) <= 4


def test_permutation_p_is_the_exact_one_in_the_limit() -> None:
    a = np.array([[1, 1], [0, 1], [1, 1], [1, 1], [1, 1], [1, 1], [0, 1]], float)
    b = np.array([[0, 1], [1, 1], [0, 1], [0, 1], [0, 1], [0, 1], [0, 1]], float)
    change = (b - a)[:, 0]
    seen = abs(change.sum())
    signs = list(product((-1, 1), repeat=len(change)))
    exact = np.mean([abs((np.array(s) * change).sum()) >= seen for s in signs])
    assert permutation_p(a, b, seed=1, n_permutations=20_000) == pytest.approx(exact, abs=0.01)


def test_equal_runs_have_p_one() -> None:
    column = np.array([[1, 1], [0, 1]], float)
    assert permutation_p(column, column.copy(), seed=1) == 1.0


def test_holm_by_hand() -> None:
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03})
    assert found == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    n, truth, held = 200, 0.3, 0
    for seed in range(100):
        column = np.stack([chance.random(n) < truth, np.ones(n)], axis=1).astype(float)
        bounds = interval(ratio_samples(column, bootstrap_weights(n, seed=seed, n_samples=300)))
        assert bounds is not None
        held += bounds[0] <= truth <= bounds[1]
    assert 0.87 <= held / 100 <= 1
