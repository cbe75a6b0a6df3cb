"""Runs → one HTML file that opens offline: numbers, plots, and every question with its evidence.

All text that comes from sets, articles or models is either escaped here or
goes into the page as JSON and onto the screen as text nodes; the page's own
policy forbids every request.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from eval import calibration, tables
from eval.plots import Bar, Series, bars, lines
from eval.runs import Run
from eval.schema import Question, Record
from eval.scoring import Scores, summary

Json = dict[str, Any]
Scored = tuple[Run, Scores]

N_PASSAGES = 5  # shown of each ranking
_OUTCOMES = {
    (True, True): "right",
    (True, False): "wrong",
    (False, True): "missed",
    (False, False): "abstained",
}
_BY_GROUP = ("answer_correct", "f1", "citation_hit", "recall@1", "recall@5", "abstain_right")


def render(scored: Sequence[Scored]) -> str:
    """The page. With several runs, numbers and plots stand side by side."""
    summaries = [summary(run, scores) for run, scores in scored]
    names = _names(scored)
    parts = {
        "title": escape(", ".join(dict.fromkeys(str(s["set"]) for s in summaries))),
        "head": _head(names, summaries),
        "numbers": _numbers(names, summaries),
        "plots": "".join(_plots(names, scored, summaries)),
        "groups": _groups(names, summaries),
        "data": _as_script(_data(names, scored)),
        "style": _asset("report.css"),
        "script": _asset("report.js"),
    }
    page = _asset("report.html")
    for name, text in parts.items():
        page = page.replace(f"<!--{name}-->", text, 1)
    return page


def _names(scored: Sequence[Scored]) -> list[str]:
    """The runs' folders, told apart where two have one name."""
    plain = [run.path.resolve().name for run, _ in scored]
    return [
        name if plain.count(name) == 1 else f"{run.path.resolve().parent.name}/{name}"
        for name, (run, _) in zip(plain, scored, strict=True)
    ]


def _head(names: Sequence[str], summaries: Sequence[Json]) -> str:
    told: list[str] = []
    for name, found in zip(names, summaries, strict=True):
        environment, models = found["environment"], found["models"]
        facts = {
            "Set": f"{found['set']}, {found['n']} questions, {found['n_answerable']} answerable",
            "Index": f"{found['index']['n_articles']} articles, {models['embedder']['name']}",
            "Reader": f"{models['reader']['name']}, reading {found['reading']}",
            "EM and F1": f"as {found['convention'].upper()}; retrieval counted by {found['unit']}",
            "Machine": (
                f"{environment['processors']} processors, {environment['system']}, "
                f"Python {environment['python']}"
            ),
        }
        if found["invalid"]:
            facts["Left out"] = f"{len(found['invalid'])} invalid questions"
        rows = "".join(f"<dt>{k}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
        told.append(f"<section><h2>{escape(name)}</h2><dl>{rows}</dl></section>")
    return "".join(told)


def _numbers(names: Sequence[str], summaries: Sequence[Json]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = ""
    for metric in tables.SHOWN:
        if all(found["metrics"].get(metric) is None for found in summaries):
            continue
        cells = ""
        for found in summaries:
            value = tables.number(metric, found["metrics"].get(metric))
            bounds = found["intervals"].get(metric)
            told = "–".join(tables.number(metric, each) for each in bounds) if bounds else ""
            cells += f"<td>{value} <small>{told}</small></td>"
        rows += f'<tr><th scope="row">{escape(metric)}</th>{cells}</tr>'
    return f'<thead><tr><th scope="col">metric</th>{head}</tr></thead><tbody>{rows}</tbody>'


def _groups(names: Sequence[str], summaries: Sequence[Json]) -> str:
    parts: list[str] = []
    for name, found in zip(names, summaries, strict=True):
        for by in ("by_type", "by_lang"):
            groups = found[by]
            shown = [m for m in _BY_GROUP if any(g.get(m) is not None for g in groups.values())]
            if not groups:
                continue
            head = "".join(f'<th scope="col">{escape(m)}</th>' for m in ("n", *shown))
            rows = "".join(
                f'<tr><th scope="row">{escape(key)}</th><td>{group["n"]}</td>'
                + "".join(f"<td>{tables.number(m, group.get(m))}</td>" for m in shown)
                + "</tr>"
                for key, group in groups.items()
            )
            label = f"{name}: {'by type' if by == 'by_type' else 'by language'}"
            parts.append(
                f'<div class="scroll"><table><caption>{escape(label)}</caption><thead><tr>'
                f'<th scope="col"></th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
            )
    return "".join(parts)


def _plots(names: Sequence[str], scored: Sequence[Scored], summaries: Sequence[Json]) -> list[str]:
    together = list(zip(names, scored, summaries, strict=True))
    risk: list[Series] = []
    reliable: list[Series] = []
    recall: list[Series] = []
    for name, (_, scores), found in together:
        kept = scores.answered
        if kept.any():
            confidence, right = scores.confidence[kept], scores.right[kept]
            points = calibration.risk_coverage(confidence, right, len(scores.questions))
            risk.append(Series(name, points))
            reliable.append(
                Series(
                    name,
                    [(b.confidence, b.right) for b in calibration.reliability(confidence, right)],
                    dots=True,
                )
            )
        at = [(k, found["metrics"].get(f"recall@{k}")) for k in (1, 3, 5, 10)]
        if points := [(float(k), value) for k, value in at if value is not None]:
            recall.append(Series(name, points, dots=True))
    plots: list[str] = []
    if risk:
        plots.append(
            lines("Risk and coverage", risk, x_label="share answered", y_label="share wrong")
        )
        plots.append(
            lines(
                "Calibration",
                reliable,
                x_label="confidence",
                y_label="share right",
                diagonal=True,
            )
        )
    if recall:
        plots.append(
            lines(
                "Recall at k",
                recall,
                x_label="passages looked at",
                y_label="recall",
                x_ticks=(1, 3, 5, 10),
                x_max=10,
            )
        )
    latency = [(name, _latency_bars(found)) for name, _, found in together]
    if any(group for _, group in latency):
        plots.append(bars("Latency of one question, p50", latency, unit="ms"))
    for by, label in (("by_type", "type"), ("by_lang", "language")):
        groups = [
            (
                name,
                [
                    Bar(key, group["answer_correct"], note=f"n {group['n']}")
                    for key, group in found[by].items()
                    if group.get("answer_correct") is not None
                ],
            )
            for name, _, found in together
        ]
        if any(group for _, group in groups):
            plots.append(bars(f"Right answers by {label}", groups))
    return plots


def _latency_bars(found: Json) -> list[Bar]:
    """p50 for each stage, whiskers up to p95."""
    values = found["metrics"]
    stages = [name.removesuffix("p50_ms") for name in values if name.endswith("p50_ms")]
    return [
        Bar(
            stage.rstrip("_") or "total",
            values[f"{stage}p50_ms"],
            values[f"{stage}p50_ms"],
            values[f"{stage}p95_ms"],
            f"p95 {values[f'{stage}p95_ms']:.0f}",
        )
        for stage in stages
        if values[f"{stage}p50_ms"] is not None
    ]


def _data(names: Sequence[str], scored: Sequence[Scored]) -> Json:
    passages: dict[str, list[str | None]] = {}
    questions: list[Json] = []
    for number, (run, scores) in enumerate(scored):
        for row, question in enumerate(run.questions):
            record = run.records[question.id]
            for hit in record.ranking[:N_PASSAGES]:
                passages[hit.passage_id] = [hit.title, hit.text]
            questions.append(
                {
                    "run": number,
                    **_question(question, record, asked=run.reading != "search"),
                    "f1": _rounded(scores.value_of("f1", row) if "f1" in scores.columns else None),
                    "recall": _rounded(
                        scores.value_of("recall@5", row) if "recall@5" in scores.columns else None
                    ),
                    "outcome": _outcome(scores, row) if run.reading != "search" else "searched",
                }
            )
    return {"runs": list(names), "passages": passages, "questions": questions}


def _question(question: Question, record: Record, *, asked: bool) -> Json:
    return {
        "id": question.id,
        "question": question.text,
        "history": list(question.history),
        "query": record.query if record.query != question.text else None,
        "type": question.type,
        "lang": question.lang,
        "gold": list(question.answers),
        "mode": question.mode,
        "answer": record.text,
        "asked": asked,
        "confidence": _rounded(record.confidence),
        "notes": list(record.notes),
        "citations": [
            [each.quote, each.answer, each.path, each.verified] for each in record.citations
        ],
        "ranking": [
            [
                hit.passage_id,
                _rounded(hit.score),
                [[span.start, span.end] for span in hit.gold],
                [[span.start, span.end] for span in hit.cited],
            ]
            for hit in record.ranking[:N_PASSAGES]
        ],
    }


def _outcome(scores: Scores, row: int) -> str:
    answerable = scores.questions[row].answerable
    answered = bool(scores.answered[row])
    if answered and not answerable:
        return "false answer"
    return _OUTCOMES[answered, bool(scores.right[row]) if answered else answerable]


def _rounded(value: float | np.floating[Any] | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _as_script(data: Json) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _asset(name: str) -> str:
    return files("eval").joinpath(name).read_text(encoding="utf-8")
