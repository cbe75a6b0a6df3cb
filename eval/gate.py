"""Whether a run is worse than its baseline by more than is tolerated.

A metric regresses when it falls short of the baseline by more than its
tolerance *and* the difference is not chance (paired permutation, one-sided
p < alpha, Holm-corrected over the metrics in the file), so that a small set's
noise does not stop a release. A minimum or maximum holds without any baseline.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import numpy as np

from eval.comparison import LOWER_IS_BETTER, common_rows
from eval.errors import BadTolerances, RunUnusable
from eval.runs import Run
from eval.scoring import COLUMNS, SEED, STAGE_TIMES, TIMES, Scores, summary
from eval.significance import holm, permutation_p, ratio

Json = dict[str, Any]

_OF_RUN = COLUMNS | {"ece", "aurc"} | TIMES.keys() | STAGE_TIMES
_KNOWN = {"worse_by": COLUMNS, "slower_by": TIMES.keys(), "minimum": _OF_RUN, "maximum": _OF_RUN}


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What a file allows."""

    worse_by: Mapping[str, float]  # metric → absolute
    slower_by: Mapping[str, float]  # time → share of the baseline's
    minimum: Mapping[str, float]
    maximum: Mapping[str, float]
    alpha: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule applied."""

    metric: str
    rule: str
    baseline: float | None
    value: float | None
    passed: bool
    why: str


def read_tolerances(path: Path | None) -> Tolerances:
    """The file's tolerances; without one, those in `eval/gate.toml`.

    Raises:
        BadTolerances: unreadable, not TOML, or an unknown table, metric or value.
    """
    shown = path or Path("eval/gate.toml")
    try:
        text = (
            files("eval").joinpath("gate.toml").read_text(encoding="utf-8")
            if path is None
            else path.read_text(encoding="utf-8")
        )
        read = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadTolerances(shown, str(error)) from None
    known = {"alpha", *_KNOWN}
    if unknown := sorted(read.keys() - known):
        raise BadTolerances(
            shown, f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )

    def numbers(name: str) -> dict[str, float]:
        found = read.get(name, {})
        if not isinstance(found, dict):
            raise BadTolerances(shown, f"{name} is not a table")
        if unknown := sorted(found.keys() - _KNOWN[name]):
            raise BadTolerances(
                shown,
                f"{name} knows no {', '.join(unknown)}; known: {', '.join(sorted(_KNOWN[name]))}",
            )
        for metric, value in cast("dict[str, object]", found).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise BadTolerances(shown, f"{name}.{metric} is not a number from 0: {value!r}")
        return cast("dict[str, float]", found)

    alpha = read.get("alpha", 0.05)
    if not isinstance(alpha, float) or not 0 < alpha < 1:
        raise BadTolerances(shown, f"alpha is not between 0 and 1: {alpha!r}")
    return Tolerances(
        numbers("worse_by"), numbers("slower_by"), numbers("minimum"), numbers("maximum"), alpha
    )


def gate(
    run: tuple[Run, Scores], baseline: tuple[Run, Scores], allowed: Tolerances
) -> list[Verdict]:
    """Every rule's verdict, in the file's order.

    Raises:
        RunUnusable: the runs do not hold the same questions, or have nothing
            that a rule is about.
    """
    rows, base_rows = common_rows(run, baseline)
    n, n_before = len(run[0].questions), len(baseline[0].questions)
    if not len(rows) == n == n_before:
        raise RunUnusable(
            run[0].path,
            f"holds {n} questions, {baseline[0].path} {n_before}, both {len(rows)}; a gate "
            "compares the same questions: evaluate both anew on one set",
        )
    verdicts: list[Verdict] = []
    drops: dict[str, tuple[float, float, float]] = {}  # metric → value, baseline, p
    for metric in allowed.worse_by:
        if metric not in run[1].columns or metric not in baseline[1].columns:
            continue
        left, right = run[1].columns[metric][rows], baseline[1].columns[metric][base_rows]
        value, before = ratio(left), ratio(right)
        if value is None or before is None:
            continue
        worse = value > before if metric in LOWER_IS_BETTER else value < before
        two_sided = permutation_p(left, right, seed=SEED)
        drops[metric] = value, before, two_sided / 2 if worse else 1.0
    corrected = holm({metric: p for metric, (_, _, p) in drops.items()})
    for metric, (value, before, _) in drops.items():
        sign = -1 if metric in LOWER_IS_BETTER else 1
        drop, p = sign * (before - value), corrected[metric]
        failed = drop > allowed.worse_by[metric] and p < allowed.alpha
        verdicts.append(
            Verdict(
                metric,
                f"not worse by more than {allowed.worse_by[metric]:g}",
                before,
                value,
                not failed,
                f"{'worse' if drop > 0 else 'better'} by {abs(drop):.3f}, p {p:.3f}",
            )
        )
    verdicts += _times(run[0], baseline[0], allowed)
    verdicts += _bounds(summary(*run)["metrics"], allowed)
    if not verdicts:
        raise RunUnusable(run[0].path, "no rule of the tolerances is about what it measures")
    return verdicts


def _times(run: Run, baseline: Run, allowed: Tolerances) -> list[Verdict]:
    found: list[Verdict] = []
    for metric, share in allowed.slower_by.items():
        if not run.latency or not baseline.latency:
            continue
        value, before = (
            float(np.percentile([each["total"] for each in one.latency], TIMES[metric]))
            for one in (run, baseline)
        )
        found.append(
            Verdict(
                metric,
                f"not slower by more than {share:.0%}",
                before,
                value,
                value <= before * (1 + share),
                f"{value / before - 1:+.0%}",
            )
        )
    return found


def _bounds(values: Mapping[str, float | None], allowed: Tolerances) -> list[Verdict]:
    found: list[Verdict] = []
    for metric, least in allowed.minimum.items():
        value = values.get(metric)
        if value is not None:
            found.append(
                Verdict(metric, f"at least {least:g}", None, value, value >= least, f"{value:.3f}")
            )
    for metric, most in allowed.maximum.items():
        value = values.get(metric)
        if value is not None:
            found.append(
                Verdict(metric, f"at most {most:g}", None, value, value <= most, f"{value:.3f}")
            )
    return found


def verdict_to_json(verdict: Verdict) -> Json:
    return {
        "metric": verdict.metric,
        "rule": verdict.rule,
        "baseline": verdict.baseline,
        "value": verdict.value,
        "passed": verdict.passed,
        "why": verdict.why,
    }
