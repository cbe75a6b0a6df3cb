"""What an index lists, as JSON: the same for the command and over HTTP."""

from __future__ import annotations

from typing import Any

from index.schema import ArticleSummary


def summary_to_json(summary: ArticleSummary) -> dict[str, Any]:
    """One row of a list of articles, as `index list --json` has it."""
    return {
        "article_id": summary.article_id,
        "title": summary.title,
        "authors": list(summary.authors),
        "newspaper": summary.newspaper,
        "date": summary.date,
        "source": {
            "path": summary.path,
            "record": summary.record,
            "start": summary.source.start,
            "end": summary.source.end,
        },
        "n_characters": summary.n_characters,
        "n_passages": summary.n_passages,
        "like": list(summary.like),
    }
