"""Rankings scored against qrels, through ir_measures (trec_eval's own code)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from eval.places import Relevant
from eval.schema import Record

Unit = Literal["passage", "article"]
Ranked = dict[str, dict[str, float]]  # topic → id → score

CUTOFFS = (1, 3, 5, 10)
METRICS = (*(f"recall@{k}" for k in CUTOFFS), "mrr@10", "ndcg@10")


def ranking(record: Record, unit: Unit) -> list[str]:
    """Ids, best first. An article ranks where its best passage does."""
    if unit == "passage":
        return [hit.passage_id for hit in record.ranking]
    return list(dict.fromkeys(hit.document or hit.article_id for hit in record.ranking))


def qrels(relevant: Sequence[Relevant], unit: Unit) -> dict[str, dict[str, int]]:
    """topic → id → grade, for the topics whose relevant ones are known."""
    judged = {
        each.topic: dict.fromkeys(each.passages, 1) if unit == "passage" else dict(each.documents)
        for each in relevant
    }
    return {topic: grades for topic, grades in judged.items() if grades}


def run(relevant: Sequence[Relevant], records: Mapping[str, Record], unit: Unit) -> Ranked:
    """topic → id → score. The score is 1 / rank: trec_eval sorts by it, and ties would reorder."""
    return {
        each.topic: {
            id_: 1.0 / rank
            for rank, id_ in enumerate(ranking(records[each.question], unit), start=1)
        }
        for each in relevant
        if each.question in records
    }


def scores(
    judged: Mapping[str, Mapping[str, int]], ranked: Ranked, *, graded: bool
) -> dict[str, dict[str, float]]:
    """Metric → topic → value, 0 for a topic without hits.

    recall@k: of a question, whether one of its relevant passages or articles is
    among the first k, since each of them answers it (Success@k); of a `graded`
    search task, the share of the relevant ones found (R@k). mrr@10 is RR@10,
    ndcg@10 nDCG@10, as trec_eval has them.
    """
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    recall = R if graded else Success
    measures = (*(recall @ k for k in CUTOFFS), RR @ 10, nDCG @ 10)
    named = dict(zip(measures, METRICS, strict=True))
    found = {name: dict.fromkeys(judged, 0.0) for name in named.values()}
    if judged:
        kept = {topic: ranked.get(topic) or {"\0none": 0.0} for topic in judged}
        for value in ir_measures.iter_calc(list(named), judged, kept):
            found[named[value.measure]][value.query_id] = float(value.value)
    return found
