"""Follow-up questions against the same questions asked in full.

    python -m benchmarks.conversations [SET] [--show]

SET is a question set (JSON lines) whose rows have `history`, and `full`: the
question as one would ask it without the turns before; by default the one beside
this file, over the bundled page. Prints, by form of follow-up, how often the
first passage is of the right article, how often the answer is right (white space
aside, or given by its span), and the same of the full questions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.schema import Span
from qa import load_pipeline
from qa.asking.conversation import turns_of
from qa.reading.coverage import fold_aligned
from qa.retrieve import Searchable
from qa.schema import Answer

SET = Path(__file__).with_suffix(".jsonl")
Row = dict[str, Any]
Articles = dict[str, str | None]  # a question's id → the article that answers it


def main() -> None:
    parser = argparse.ArgumentParser(description="Follow-ups against the same questions in full")
    parser.add_argument("set", type=Path, nargs="?", default=SET)
    parser.add_argument("--show", action="store_true", help="each question that went wrong")
    args = parser.parse_args()
    rows: list[Row] = [
        json.loads(line) for line in args.set.read_text(encoding="utf-8").splitlines() if line
    ]
    pipeline = load_pipeline()
    histories = [turns_of(row["history"]) for row in rows]
    followed = [
        pipeline.ask(row["question"], history=turns)
        for row, turns in zip(rows, histories, strict=True)
    ]
    full = [pipeline.ask(row["full"]) for row in rows]

    print(f"machine  {platform.platform()}, {os.cpu_count()} cores")
    print(f"command  python -m benchmarks.conversations {shlex.join(sys.argv[1:])}")
    print(f"reader   {pipeline.reader.name}; {len(rows)} questions\n")
    print("form              n   article@1   answer   in full: article@1   answer")
    articles = _articles(pipeline.index, rows)
    for form in (*dict.fromkeys(row["type"] for row in rows), "all"):
        kept = [n for n, row in enumerate(rows) if form in ("all", row["type"])]
        of_form = [rows[n] for n in kept]
        followed_up = _shares(articles, of_form, [followed[n] for n in kept])
        in_full = _shares(articles, of_form, [full[n] for n in kept])
        print(f"{form:14} {len(kept):4}   {followed_up}            {in_full}")
    for row, answer, whole in zip(rows, followed, full, strict=True) if args.show else ():
        right_article = articles.get(row["id"]) in (None, _first_article(answer))
        if not (right_article and _is_right(row, answer)):
            print(f"\n{row['id']} {row['history'][-2:]} {row['question']}")
            print(f"  read as {answer.query!r}; right article: {right_article}")
            print(f"  said    {answer.text!r}, wanted {row['answers']}")
            print(f"  in full {whole.text!r} for {row['full']!r}")


def _shares(articles: Articles, rows: Sequence[Row], answers: Sequence[Answer]) -> str:
    answerable = [(row, each) for row, each in zip(rows, answers, strict=True) if row["answerable"]]
    found = [_first_article(answer) == articles[row["id"]] for row, answer in answerable]
    right = [_is_right(row, answer) for row, answer in zip(rows, answers, strict=True)]
    article = f"{sum(found) / len(found):9.3f}" if found else "        –"
    return f"{article}   {sum(right) / len(right):6.3f}"


def _first_article(answer: Answer) -> str | None:
    """Of the first citation; where it abstains, of the first passage."""
    if answer.citations:
        return answer.citations[0].article.id
    return answer.hits[0].passage.article_id if answer.hits else None


def _is_right(row: Row, answer: Answer) -> bool:
    if answer.text is None or not row["answerable"]:
        return answer.text is None and not row["answerable"]
    said = {_bare(each) for each in (answer.text, *answer.answers)}
    wanted = {_bare(each) for each in row["answers"]}
    return wanted <= said if row["mode"] == "all" else bool(wanted & said)


def _bare(text: str) -> str:
    return "".join(each for each in fold_aligned(text) if each.isalnum())


def _articles(index: Searchable, rows: Sequence[Row]) -> Articles:
    """The article that holds each question's first span."""
    spans = {each: index.article(each).source_span for each in index.article_ids()}
    return {
        row["id"]: next(
            (each for each, whole in spans.items() if whole.overlaps(Span(*row["spans"][0]))), None
        )
        for row in rows
        if row["spans"]
    }


if __name__ == "__main__":
    main()
