"""Systems of which theory says what they score."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from eval.calibration import aurc, ece
from eval.places import Relevant
from eval.runs import Run
from eval.schema import CitationRecord, Gold, HitRecord, Question, Record
from eval.scoring import score, summary
from index.schema import Span

N = 1_000
CHOICES = ["东", "南", "西", "北"]
SHARE_UNANSWERABLE = 0.2


@pytest.fixture
def questions() -> list[Question]:
    chance = random.Random(1)
    made: list[Question] = []
    for n in range(N):
        answerable = n >= N * SHARE_UNANSWERABLE
        made.append(
            Question(
                id=f"q{n}",
                text="往哪边走？",
                answerable=answerable,
                answers=(chance.choice(CHOICES),) if answerable else (),
                gold=(Gold(Span(n, n + 1), "page.txt"),) if answerable else (),
                type="entity" if n % 2 else "number",
            )
        )
    return made


def relevant(questions: list[Question]) -> list[Relevant]:
    return [Relevant(q.id, q.id, (f"p{q.id}",), {f"a{q.id}": 1}) for q in questions if q.answerable]


def said(question: Question, text: str | None, confidence: float, *, found: bool = True) -> Record:
    place = question.gold[0].span if question.gold and found else Span(9_000, 9_001)
    citation = CitationRecord(
        f"p{question.id}", f"a{question.id}", "page.txt", None, place, text or "", text or "",
        verified=True, against="file",
    )  # fmt: skip
    hit = HitRecord(
        f"p{question.id}" if found else "other", f"a{question.id}" if found else "other",
        "page.txt", None, place, 1.0,
    )  # fmt: skip
    return Record(
        id=question.id,
        query=question.text,
        text=text,
        answers=() if text is None else (text,),
        confidence=confidence,
        citations=() if text is None else (citation,),
        ranking=(hit,),
        timings_ms={},
    )


def measured(run: Run) -> dict[str, float | None]:
    return summary(run, score(run))["metrics"]


def test_an_oracle_scores_one(questions: list[Question], made_run: Callable[..., Run]) -> None:
    records = [said(q, q.answers[0] if q.answerable else None, 1.0) for q in questions]
    found = measured(made_run(questions, records, relevant=relevant(questions)))
    for metric in (
        "exact", "f1", "answer_correct", "recall@1", "recall@5", "mrr@10", "ndcg@10",
        "citation_verified", "citation_hit", "citation_precision", "citation_recall",
        "abstain_precision", "abstain_recall", "abstain_right",
    ):  # fmt: skip
        assert found[metric] == 1.0, metric
    for metric in ("false_answer_rate", "selective_risk", "ece", "aurc"):
        assert found[metric] == 0.0, metric


def test_always_abstaining_is_right_only_where_nothing_can_be_said(
    questions: list[Question], made_run: Callable[..., Run]
) -> None:
    found = measured(made_run(questions, [said(q, None, 0.0) for q in questions]))
    assert found["answer_correct"] == 0.0
    assert found["exact"] == found["f1"] == pytest.approx(SHARE_UNANSWERABLE)
    assert found["abstain_recall"] == 1.0
    assert found["abstain_precision"] == pytest.approx(SHARE_UNANSWERABLE)
    assert found["false_answer_rate"] == 0.0
    assert found["citation_hit"] == 0.0
    assert found["ece"] is None
    assert found["citation_verified"] is None


def test_random_answers_score_by_chance(
    questions: list[Question], made_run: Callable[..., Run]
) -> None:
    chance = random.Random(2)
    records = [
        said(q, chance.choice(CHOICES), chance.random(), found=chance.random() < 0.5)
        for q in questions
    ]
    run = made_run(questions, records, relevant=relevant(questions))
    full = summary(run, score(run))
    found, intervals = full["metrics"], full["intervals"]
    expected = {
        "answer_correct": 1 / len(CHOICES),
        "exact": (1 - SHARE_UNANSWERABLE) / len(CHOICES),
        "selective_risk": 1 - (1 - SHARE_UNANSWERABLE) / len(CHOICES),
        "aurc": 1 - (1 - SHARE_UNANSWERABLE) / len(CHOICES),  # confidence says nothing
        "recall@1": 0.5,
        "citation_hit": 0.5,
    }
    for metric, value in expected.items():
        assert found[metric] == pytest.approx(value, abs=0.06), metric
        assert intervals[metric][0] <= found[metric] <= intervals[metric][1]
    assert found["false_answer_rate"] == 1.0
    assert found["abstain_precision"] is None
    assert found["abstain_recall"] == 0.0
    # Confidence is uniform, right in a fifth: the mean of |0.2 - c| over the bins.
    assert found["ece"] == pytest.approx(np.abs(np.linspace(0.05, 0.95, 10) - 0.2).mean(), abs=0.04)


def test_a_citation_supports_what_its_quote_says(made_run: Callable[..., Run]) -> None:
    question = Question("q", "减少多少天？", True, ("72天",))
    citation = CitationRecord(
        "p", "a", "page.txt", None, Span(0, 8), "减少了72 天。", "72 天",
        verified=True, against="file",
    )  # fmt: skip
    said_to_be = {"72天": 1.0, "30天": 0.0, "……": 0.0}
    for text, share in said_to_be.items():
        record = Record("q", "", text, (text,), 1.0, (citation,), (), {})
        assert measured(made_run([question], [record]))["citation_supports"] == share
    listed = Record("q", "", "30天、72天", ("30天", "72天"), 1.0, (citation,), (), {})
    assert measured(made_run([question], [listed]))["citation_supports"] == 1.0


def test_where_all_are_needed_each_answer_is_one_need_however_often_it_stands() -> None:
    places = (Gold(Span(0, 1), need=0), Gold(Span(5, 6), need=1), Gold(Span(9, 10), need=0))
    either = Question("q", "?", True, ("甲", "乙"), gold=places)
    both = Question("q", "?", True, ("甲", "乙"), mode="all", gold=places)
    assert either.needs == (places,)
    assert both.needs == ((places[0], places[2]), (places[1],))


def test_groups_add_up_to_the_whole(
    questions: list[Question], made_run: Callable[..., Run]
) -> None:
    records = [said(q, "东", 0.5) for q in questions]
    run = made_run(questions, records)
    full = summary(run, score(run))
    groups = full["by_type"]
    assert sum(group["n"] for group in groups.values()) == N
    weighted = sum(group["n"] * group["exact"] for group in groups.values()) / N
    assert weighted == pytest.approx(full["metrics"]["exact"])


def test_every_metric_that_others_read_is_there(
    questions: list[Question], made_run: Callable[..., Run]
) -> None:
    run = made_run(questions[:3], [said(q, None, 0.0) for q in questions[:3]])
    full = summary(run, score(run))
    assert set(full["metrics"]) >= {
        "exact", "f1", "answer_correct", "recall@1", "recall@5", "mrr@10", "ndcg@10",
        "citation_verified", "citation_hit", "abstain_precision", "abstain_recall",
        "false_answer_rate", "ece", "p50_ms", "p95_ms",
    }  # fmt: skip
    assert {"set", "n", "index", "models", "intervals", "by_type", "by_lang"} <= set(full)


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.15, 0.15])
    right = np.array([True, False, False, False])
    once = np.ones((1, 4))
    assert ece(confidence, right, once)[0] == pytest.approx(0.5 * 0.45 + 0.5 * 0.15)


def test_area_under_risk_and_coverage_by_hand() -> None:
    confidence = np.array([0.9, 0.8, 0.7])
    right = np.array([True, False, True])
    assert aurc(confidence, right, np.ones((1, 3)))[0] == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    # A constant confidence cannot gain from the order of the questions.
    same = aurc(np.full(4, 0.5), np.array([True, True, False, False]), np.ones((1, 4)))[0]
    assert same == pytest.approx((1 + 1 + 2 / 3 + 1 / 2) / 4)
