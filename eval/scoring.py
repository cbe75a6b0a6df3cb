"""Records → numbers: what each question adds to each metric, and the run's metrics with intervals.

`docs/evaluation.md` defines every metric; the definitions stand here in code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval import calibration, metrics, retrieval, significance
from eval.runs import Run
from eval.schema import CitationRecord, Question, Record

Json = dict[str, Any]
Floats = NDArray[np.float64]

SEED = 20240317
_REQUIRED = (
    "exact", "f1", "answer_correct", "recall@1", "recall@5", "mrr@10", "ndcg@10",
    "citation_verified", "citation_hit", "abstain_precision", "abstain_recall",
    "false_answer_rate", "ece", "p50_ms", "p95_ms",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each question, aligned with `questions`."""

    questions: tuple[Question, ...]
    convention: metrics.Convention
    unit: retrieval.Unit  # what `recall@k` and its like count
    columns: Mapping[str, Floats]  # metric → (n, 2): adds to numerator, to denominator
    confidence: Floats
    answered: NDArray[np.bool_]
    right: NDArray[np.bool_]  # answered, answerable, and correct

    def value_of(self, metric: str, row: int) -> float | None:
        """The metric of one question alone; None where it does not count there."""
        over, under = self.columns[metric][row]
        return float(over / under) if under else None


def score(run: Run) -> Scores:
    """Score every question of a run."""
    asked = run.reading != "search"
    questions = run.questions
    convention = metrics.convention_for([a for q in questions for a in q.answers])
    rows = [(question, run.records[question.id]) for question in questions]
    columns: dict[str, Floats] = {}
    if asked:
        for name, of in _PER_QUESTION.items():
            columns[name] = np.array([of(q, r, convention) for q, r in rows], float).reshape(-1, 2)
        if run.reading == "given":  # the reader alone cites nothing
            columns = {name: c for name, c in columns.items() if "cit" not in name}
    with_spans = any(question.gold for question in questions)
    unit: retrieval.Unit = (
        "passage" if with_spans and run.manifest["set"]["form"] == "jsonl" else "article"
    )
    if run.reading != "given":
        columns |= _retrieval_columns(run, unit)
    if run.reading == "open":
        columns["citation_article"] = _attributed(run)
    right = np.array([_is_right(q, r) for q, r in rows], bool)
    return Scores(
        questions=questions,
        convention=convention,
        unit=unit,
        columns=columns,
        confidence=np.array([r.confidence for _, r in rows], float),
        answered=np.array([asked and not r.abstained for _, r in rows], bool),
        right=right,
    )


def summary(run: Run, scores: Scores) -> Json:
    """What `eval run --json` writes; null is what cannot be said of this set."""
    n = len(scores.questions)
    weights = significance.bootstrap_weights(n, seed=SEED)
    values, intervals = measured(scores, weights)
    times, time_intervals = _latency(run.latency)
    n_checked = [c.against for r in run.records.values() for c in r.citations]
    found: Json = {
        "set": run.manifest["set"]["name"],
        "n": n,
        "n_answerable": sum(question.answerable for question in scores.questions),
        "n_answered": int(scores.answered.sum()),
        "answer_characters": _mean_length(run),
        "index": run.manifest["index"],
        "models": run.manifest["models"],
        "reading": run.reading,
        "convention": scores.convention,
        "unit": scores.unit,
        "metrics": dict.fromkeys(_REQUIRED) | values | times,
        "intervals": intervals | time_intervals,
        "by_type": groups(scores, lambda question: question.type),
        "by_lang": groups(scores, lambda question: question.lang),
        "citations": {
            "n": len(n_checked),
            "verified_against_files": n_checked.count("file"),
            "verified_against_index": n_checked.count("index"),
        },
        "usage": _usage(run),
        "invalid": run.manifest["set"]["invalid"],
        "environment": run.manifest["environment"],
    }
    return found


def measured(scores: Scores, weights: Floats) -> tuple[dict[str, float | None], Json]:
    """Every metric's value, and its 95% interval [low, high] where there is one."""
    values: dict[str, float | None] = {}
    intervals: Json = {}

    def put(name: str, value: float | None, samples: Floats) -> None:
        values[name] = value
        if value is not None and (bounds := significance.interval(samples)):
            intervals[name] = list(bounds)

    for name, column in scores.columns.items():
        put(name, significance.ratio(column), significance.ratio_samples(column, weights))
    kept = scores.answered
    if kept.any():
        confidence, right = scores.confidence[kept], scores.right[kept]
        once = np.ones((1, len(right)))
        for name, of in (("ece", calibration.ece), ("aurc", calibration.aurc)):
            value = float(of(confidence, right, once)[0])
            put(name, value, of(confidence, right, weights[:, kept]))
    return values, intervals


def groups(scores: Scores, key: Callable[[Question], str | None]) -> Json:
    """The ratios for each value of `key`, with the number of questions."""
    names = [key(question) for question in scores.questions]
    found: Json = {}
    for name in dict.fromkeys(name for name in names if name is not None):
        rows = np.array([each == name for each in names])
        ratios = {m: significance.ratio(c[rows]) for m, c in scores.columns.items()}
        found[name] = {"n": int(rows.sum())} | ratios
    return found


def _exact(
    question: Question, record: Record, convention: metrics.Convention
) -> tuple[float, float]:
    if question.mode == "all" and _is_right(question, record):
        return 1.0, 1.0
    return metrics.exact_match(record.text or "", _as_one(question), convention), 1.0


def _f1(question: Question, record: Record, convention: metrics.Convention) -> tuple[float, float]:
    if question.mode == "all" and _is_right(question, record):
        return 1.0, 1.0
    return metrics.f1(record.text or "", _as_one(question), convention), 1.0


def _as_one(question: Question) -> Sequence[str]:
    """What the official metrics compare with: where all answers are needed, they are one."""
    return ("、".join(question.answers),) if question.mode == "all" else question.answers


def _is_right(question: Question, record: Record) -> bool:
    if record.text is None or not question.answerable:
        return False
    return any(
        metrics.is_correct(said, question.answers, question.mode)
        for said in ((record.text,), record.answers)
    )


def _contained(question: Question, record: Record) -> bool:
    return record.text is not None and metrics.contains_answer(
        (record.text,), question.answers, question.mode
    )


def _supports(citation: CitationRecord, record: Record) -> bool:
    """Whether the quote holds what was said, or an item of it.

    Not `citation.answer`: those words are cut from the quote itself.
    """
    quote = metrics.fold(citation.quote)
    said = map(metrics.fold, (record.text or "", *record.answers))
    return any(words in quote for words in said if words)


def _hits_gold(citation: CitationRecord, question: Question) -> bool:
    """Whether the quote overlaps a gold span; without spans, is of a gold document and says it."""
    if question.gold:
        return any(
            gold.span.overlaps(citation.span)
            and (
                citation.document == gold.document if gold.document else citation.path == gold.path
            )
            for gold in question.gold
        )
    return citation.document in question.documents and metrics.contains_answer(
        (citation.quote,), question.answers, "any"
    )


def _citation_hit(question: Question, record: Record, _: object) -> tuple[float, float]:
    if not (question.gold or question.documents):
        return 0.0, 0.0
    return float(any(_hits_gold(each, question) for each in record.citations)), 1.0


def _citation_precision(question: Question, record: Record, _: object) -> tuple[float, float]:
    if not (question.gold or question.documents):
        return 0.0, 0.0
    n_hits = sum(_hits_gold(each, question) for each in record.citations)
    return float(n_hits), float(len(record.citations))


def _citation_recall(question: Question, record: Record, _: object) -> tuple[float, float]:
    n_met = sum(
        any(
            gold.span.overlaps(citation.span)
            and (
                citation.document == gold.document if gold.document else citation.path == gold.path
            )
            for gold in alternatives
            for citation in record.citations
        )
        for alternatives in question.needs
    )
    return float(n_met), float(len(question.needs))


def _of_answerable(
    holds: Callable[[Question, Record], bool],
) -> Callable[[Question, Record, metrics.Convention], tuple[float, float]]:
    return lambda q, r, _: (float(q.answerable and holds(q, r)), float(q.answerable))


_PER_QUESTION: dict[str, Callable[[Question, Record, metrics.Convention], tuple[float, float]]] = {
    "exact": _exact,
    "f1": _f1,
    "exact_answerable": lambda q, r, c: (_exact(q, r, c)[0] * q.answerable, float(q.answerable)),
    "f1_answerable": lambda q, r, c: (_f1(q, r, c)[0] * q.answerable, float(q.answerable)),
    "answer_correct": _of_answerable(_is_right),
    "answer_contained": _of_answerable(_contained),
    "citation_verified": lambda _q, r, _c: (
        sum(each.verified for each in r.citations),
        len(r.citations),
    ),
    "citation_hit": _citation_hit,
    "citation_precision": _citation_precision,
    "citation_recall": _citation_recall,
    "citation_supports": lambda _q, r, _c: (
        sum(_supports(each, r) for each in r.citations),
        len(r.citations),
    ),
    "answer_cited": lambda _q, r, _c: (
        sum(
            any(metrics.fold(item) in metrics.fold(each.quote) for each in r.citations)
            for item in r.answers
        ),
        len(r.answers),
    ),
    "abstain_precision": lambda q, r, _: (
        float(r.abstained and not q.answerable),
        float(r.abstained),
    ),
    "abstain_recall": lambda q, r, _: (
        float(r.abstained and not q.answerable),
        float(not q.answerable),
    ),
    "abstain_right": lambda q, r, _: (float(r.abstained != q.answerable), 1.0),
    "false_answer_rate": lambda q, r, _: (
        float(not r.abstained and not q.answerable),
        float(not q.answerable),
    ),
    "selective_risk": lambda q, r, _: (
        float(not r.abstained and not _is_right(q, r)),
        float(not r.abstained),
    ),
}

# What a run can measure: `columns` may hold, the whole run may have, and times in ms.
COLUMNS = frozenset(
    {*_PER_QUESTION, "citation_article"}
    | {f"{unit}{name}" for unit in ("", "passage_", "article_") for name in retrieval.METRICS}
)
TIMES = {"p50_ms": 50, "p95_ms": 95}  # percentile of each
STAGE_TIMES = frozenset(f"{stage}_{time}" for stage in ("retrieve", "read") for time in TIMES)


def _retrieval_columns(run: Run, unit: retrieval.Unit) -> dict[str, Floats]:
    """recall@k, mrr@10 and ndcg@10 by the set's own unit, and by both under their names."""
    place = {question.id: row for row, question in enumerate(run.questions)}
    graded = any(question.grades for question in run.questions)
    columns: dict[str, Floats] = {}
    for each in ("passage", "article"):
        judged = retrieval.qrels(run.relevant, each)
        if not judged:
            continue
        found = retrieval.scores(
            judged, retrieval.run(run.relevant, run.records, each), graded=graded
        )
        for metric, by_topic in found.items():
            column = np.zeros((len(place), 2))
            for need in run.relevant:
                if need.topic in by_topic:
                    column[place[need.question]] += (by_topic[need.topic], 1.0)
            met = column[:, 1] > 0
            column[met] /= column[met, 1:]  # a question counts once, however many its needs
            columns[f"{each}_{metric}"] = column
            if each == unit:
                columns[metric] = column
    return columns


def _attributed(run: Run) -> Floats:
    """Whether a citation is of an article that holds an answer, where that is known."""
    right: dict[str, set[str]] = {}
    for need in run.relevant:
        right.setdefault(need.question, set()).update(need.documents)
    cited = {
        id_: {citation.document or citation.article_id for citation in record.citations}
        for id_, record in run.records.items()
    }
    return np.array(
        [
            (bool(right.get(q.id, set()) & cited[q.id]), bool(right.get(q.id)))
            for q in run.questions
        ],
        float,
    ).reshape(-1, 2)


def _latency(latency: Sequence[Mapping[str, float]]) -> tuple[dict[str, float], Json]:
    """p50 and p95 of the questions asked one at a time, in all and for each stage."""
    values: dict[str, float] = {}
    intervals: Json = {}
    chance = np.random.default_rng(SEED)
    for stage in dict.fromkeys(stage for each in latency for stage in each):
        times = np.array([each[stage] for each in latency if stage in each])
        samples = chance.choice(times, (significance.N_SAMPLES, len(times)))
        prefix = "" if stage == "total" else f"{stage}_"
        for time, percent in TIMES.items():
            name = f"{prefix}{time}"
            values[name] = float(np.percentile(times, percent))
            bounds = significance.interval(np.percentile(samples, percent, axis=1))
            intervals[name] = list(bounds) if bounds else None
    return values, intervals


def _mean_length(run: Run) -> float | None:
    lengths = [len(record.text) for record in run.records.values() if record.text is not None]
    return sum(lengths) / len(lengths) if lengths else None


def _usage(run: Run) -> Json:
    seconds = sum(each["seconds"] for each in run.usage)
    asked = sum(each["n"] for each in run.usage)
    return {
        "seconds": seconds,
        "questions_per_second": asked / seconds if seconds else None,
        "peak_rss_mb": max((each["peak_rss_mb"] for each in run.usage), default=None),
        "n_latency": len(run.latency),
    }
