"""Runs and comparisons as Markdown tables, which a terminal shows well too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

SHOWN = (
    "exact", "f1", "answer_correct", "answer_contained",
    "recall@1", "recall@3", "recall@5", "mrr@10", "ndcg@10",
    "passage_recall@1", "passage_recall@5", "article_recall@1",
    "citation_verified", "citation_hit", "citation_article",
    "citation_precision", "citation_recall", "citation_supports", "answer_cited",
    "abstain_precision", "abstain_recall", "abstain_right", "false_answer_rate",
    "selective_risk", "ece", "aurc", "p50_ms", "p95_ms",
)  # fmt: skip
_BY_GROUP = ("answer_correct", "f1", "recall@1", "citation_hit", "abstain_right")


def summary(found: Mapping[str, Any]) -> str:
    """One run: metrics with intervals, then by type and language."""
    lines = [
        (
            f"{found['set']}: {found['n']} questions, {found['n_answered']} answered, "
            f"reading {found['reading']}, {found['index']['n_articles']} articles, "
            f"EM and F1 as {found['convention'].upper()}, retrieval by {found['unit']}"
        ),
        "",
    ]
    values, intervals = found["metrics"], found["intervals"]
    rows = [
        [name, number(name, values[name]), _bounds(name, intervals.get(name))]
        for name in SHOWN
        if values.get(name) is not None
    ]
    lines += table(["metric", "value", "95% interval"], rows)
    for label in ("by_type", "by_lang"):
        groups = found[label]
        if groups:
            shown = [m for m in _BY_GROUP if any(g.get(m) is not None for g in groups.values())]
            rows = [
                [name, str(group["n"]), *(number(m, group.get(m)) for m in shown)]
                for name, group in groups.items()
            ]
            lines += ["", *table([label[3:], "n", *shown], rows)]
    usage = found["usage"]
    if usage["seconds"]:
        lines += [
            "",
            (
                f"{usage['questions_per_second']:.1f} questions a second, "
                f"peak memory {usage['peak_rss_mb']:.0f} MB"
            ),
        ]
    return "\n".join(lines)


def comparison(found: Mapping[str, Any]) -> str:
    """Two runs: each metric's difference, its interval, and whether it is chance."""
    rows = [
        [
            each["metric"],
            number(each["metric"], each["a"]),
            number(each["metric"], each["b"]),
            f"{each['difference']:+.3f}",
            _bounds(each["metric"], each["interval"]),
            f"{each['n_better']} / {each['n_worse']}",
            f"{each['p']:.4f}",
            f"{each['p_holm']:.4f}",
            "yes" if each["significant"] else "no",
        ]
        for each in found["differences"]
    ]
    head = ["metric", "A", "B", "B - A", "95% interval", "better / worse", "p", "Holm", "differs"]
    lines = [f"A {found['a']}", f"B {found['b']}", f"{found['n']} questions in both", ""]
    lines += table(head, rows)
    times = [
        f"{name} {number(name, a)} → {number(name, b)}"
        for name, (a, b) in found["latency"].items()
        if a is not None and b is not None
    ]
    return "\n".join([*lines, *(["", ", ".join(times)] if times else [])])


def verdicts(n: int, found: Sequence[Mapping[str, Any]]) -> str:
    """The gate's rules, each with what came of it over n questions."""
    rows = [
        [
            each["metric"],
            each["rule"],
            number(each["metric"], each["baseline"]),
            number(each["metric"], each["value"]),
            each["why"],
            "passed" if each["passed"] else "FAILED",
        ]
        for each in found
    ]
    head = ["metric", "rule", "baseline", "run", "seen", "verdict"]
    return "\n".join([f"{n} questions in both", "", *table(head, rows)])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Markdown, padded; the first column to the left, numbers to the right."""
    widths = [max(3, *(len(row[n]) for row in [head, *rows])) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * w if n == 0 else "-" * (w - 1) + ":") for n, w in enumerate(widths)]
    return [line(head), f"| {' | '.join(rule)} |", *map(line, rows)]


def number(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if metric.endswith("_ms") else f"{value:.3f}"


def _bounds(metric: str, bounds: Sequence[float] | None) -> str:
    return " – ".join(number(metric, each) for each in bounds) if bounds else ""
