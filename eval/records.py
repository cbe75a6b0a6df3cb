"""A record as a line of JSON, and back. Passages' texts are kept apart, each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from eval.schema import CitationRecord, HitRecord, Record
from index.schema import Span

Json = dict[str, Any]


def record_to_json(record: Record) -> Json:
    """Without the texts and titles of the passages: `record_from_json` is given them."""
    row = asdict(record)
    for hit in row["ranking"]:
        del hit["text"], hit["title"]
    return row


def record_from_json(row: Json, passages: Mapping[str, Json]) -> Record:
    """What `record_to_json` made.

    Args:
        passages: passage id → its {"text", "title"}.
    """
    return Record(
        id=row["id"],
        query=row["query"],
        text=row["text"],
        answers=tuple(row["answers"]),
        confidence=row["confidence"],
        citations=tuple(_citation(each) for each in row["citations"]),
        ranking=tuple(_hit(each, passages[each["passage_id"]]) for each in row["ranking"]),
        timings_ms=row["timings_ms"],
        notes=tuple(row["notes"]),
    )


def _citation(row: Json) -> CitationRecord:
    return CitationRecord(
        passage_id=row["passage_id"],
        article_id=row["article_id"],
        path=row["path"],
        document=row["document"],
        span=_span(row["span"]),
        quote=row["quote"],
        answer=row["answer"],
        verified=row["verified"],
        against=row["against"],
    )


def _hit(row: Json, passage: Json) -> HitRecord:
    return HitRecord(
        passage_id=row["passage_id"],
        article_id=row["article_id"],
        path=row["path"],
        document=row["document"],
        span=_span(row["span"]),
        score=row["score"],
        text=passage["text"],
        title=passage["title"],
        gold=tuple(map(_span, row["gold"])),
        cited=tuple(map(_span, row["cited"])),
    )


def _span(row: Mapping[str, int]) -> Span:
    return Span(row["start"], row["end"])
