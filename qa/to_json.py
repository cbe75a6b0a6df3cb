"""Answers, hits and articles as JSON, the same for commands, HTTP and MCP."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from index.schema import Article, Hit, Span
from qa.fragment import text_fragment
from qa.schema import Answer, Citation, Reading, Retrieved, Sentence

Json = dict[str, Any]


def answer_to_json(answer: Answer) -> Json:
    """An Answer.

    `query` is what was searched for, `notes` are codes such as
    "articles-disagree"; `answers` is there only where there are several.
    """
    readings = {reading.passage.id: reading for reading in answer.readings}
    found: Json = {
        "answer_id": answer_id(answer),
        "question": answer.question,
        "query": answer.query,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "citations": [citation_to_json(citation) for citation in answer.citations],
        "passages": [
            hit_to_json(hit, title=title, reading=readings.get(hit.passage.id))
            for hit, title in zip(answer.hits, answer.titles, strict=True)
        ],
        "timings_ms": {stage: round(ms, 1) for stage, ms in answer.timings_ms.items()},
        "notes": list(answer.notes),
    }
    if answer.n_unsupported:
        found["n_unsupported"] = answer.n_unsupported
    if len(answer.answers) > 1:
        found["answers"] = list(answer.answers)
    return found


def sentence_to_json(sentence: Sentence) -> Json:
    """One checked sentence of an answer under way; the whole Answer follows."""
    return {
        "text": sentence.text,
        "citations": [citation_to_json(citation) for citation in sentence.citations],
    }


def answer_id(answer: Answer) -> str:
    """16 hex digits; the same question answered the same way has the same id."""
    what = [
        answer.question,
        answer.query,
        answer.text,
        [[c.article.id, c.answer.start, c.answer.end] for c in answer.citations],
    ]
    return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()[:16]


def citation_to_json(citation: Citation) -> Json:
    article = citation.article
    return {
        "marker": citation.marker,
        "article_id": article.id,
        "title": article.title,
        "authors": list(article.authors),
        "newspaper": article.newspaper,
        "date": article.date,
        "passage_id": citation.passage_id,
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
        "answer_start": citation.answer.start,
        "answer_end": citation.answer.end,
        "source": {
            "path": article.source.path,
            "start": citation.source.start,
            "end": citation.source.end,
            "page": article.source.page_of(citation.source.start),
        },
        "fragment": text_fragment(article.text, citation.span),
    }


def hit_to_json(hit: Hit, *, title: str | None, reading: Reading | None = None) -> Json:
    """A hit; `scores.reader` is null where no reader has read the passage."""
    passage = hit.passage
    return {
        "passage_id": passage.id,
        "article_id": passage.article_id,
        "title": title,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.text,
        "score": _rounded(hit.score),
        "scores": {
            "dense": _rounded(hit.dense),
            "lexical": _rounded(hit.lexical),
            "reader": _rounded(reading.answerable if reading else None),
        },
    }


def retrieved_to_json(retrieved: Retrieved) -> Json:
    """What is known before reading: the first event of a stream."""
    return {
        "question": retrieved.question,
        "query": retrieved.query,
        "passages": hits_to_json(retrieved.hits, retrieved.titles),
    }


def hits_to_json(hits: Sequence[Hit], titles: Sequence[str | None]) -> list[Json]:
    """Hits with the titles of their articles, aligned."""
    return [hit_to_json(hit, title=title) for hit, title in zip(hits, titles, strict=True)]


def article_to_json(article: Article) -> Json:
    """One article with its text, for showing a citation in place."""
    source = article.source_span
    return {
        "article_id": article.id,
        "title": article.title,
        "kicker": article.kicker,
        "authors": list(article.authors),
        "newspaper": article.newspaper,
        "date": article.date,
        "text": article.text,
        "headline": _span(article.headline_span),
        "byline": _span(article.byline_span),
        "source": {
            "path": article.source.path,
            "start": source.start,
            "end": source.end,
            "page": article.source.page_of(source.start),
        },
    }


def _span(span: Span | None) -> Json | None:
    return None if span is None else {"start": span.start, "end": span.end}


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
