from __future__ import annotations

import random

import pytest
import pytrec_eval

from eval.retrieval import scores

Judged = dict[str, dict[str, int]]
Ranked = dict[str, dict[str, float]]


def drawn(seed: int) -> tuple[Judged, Ranked]:
    """Thirty topics, some without hits, some whose relevant documents are never found."""
    chance = random.Random(seed)
    documents = [f"d{n}" for n in range(40)]
    judged: Judged = {}
    ranked: Ranked = {}
    for topic in (f"t{n}" for n in range(30)):
        judged[topic] = {d: chance.randint(1, 2) for d in chance.sample(documents, 4)}
        found = chance.sample(documents, chance.randint(0, 15))
        ranked[topic] = {d: 1 / rank for rank, d in enumerate(found, start=1)}
    return judged, ranked


@pytest.mark.parametrize("seed", range(5))
def test_values_are_trec_eval_s(seed: int) -> None:
    judged, ranked = drawn(seed)
    first_ten = {t: dict(list(found.items())[:10]) for t, found in ranked.items()}
    measures = {"recall.1,3,5,10", "success.1,3,5,10", "ndcg_cut.10", "recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(ranked)
    cut = pytrec_eval.RelevanceEvaluator(judged, {"recip_rank"}).evaluate(first_ten)
    graded = scores(judged, ranked, graded=True)
    binary = scores(judged, ranked, graded=False)
    for topic in judged:
        one = theirs.get(topic, {})
        for k in (1, 3, 5, 10):
            assert graded[f"recall@{k}"][topic] == pytest.approx(one.get(f"recall_{k}", 0.0))
            assert binary[f"recall@{k}"][topic] == pytest.approx(one.get(f"success_{k}", 0.0))
        assert graded["ndcg@10"][topic] == pytest.approx(one.get("ndcg_cut_10", 0.0))
        assert graded["mrr@10"][topic] == pytest.approx(cut.get(topic, {}).get("recip_rank", 0.0))


def test_a_topic_without_hits_counts_as_zero() -> None:
    found = scores({"t": {"d": 1}}, {"t": {}}, graded=False)
    assert all(values == {"t": 0.0} for values in found.values())
