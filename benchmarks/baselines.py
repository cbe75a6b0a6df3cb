"""What else could answer: one table over one question set.

    python -m benchmarks.baselines SET [--index INDEX]

BM25 and the best sentence (no model: Okapi BM25 over pairs of characters, then of the best
passage the sentence that says most of the question), the reader without training, and
the pipeline as it ships; the latter two never silent, and silent below their threshold.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rank_bm25 import BM25Okapi

from eval.evaluate import Models, Setting, evaluate, prepare
from eval.questions import read_set
from eval.systems import OpenBook
from eval.verification import SourceFiles
from index import Index
from index.embed import load_embedder
from index.passages import sentences
from index.schema import Passage, Span
from qa.cite import cite
from qa.home import bundled_articles, default_index
from qa.reading.coverage import coverage, fold_aligned, terms_of
from qa.reading.readers import load_reader
from qa.schema import Answer, Turn

KEYS = ("answer_correct", "answer_contained", "citation_hit", "abstain_recall")


class BestSentence:
    """BM25 over the passages; the sentence of the first that says most of the question."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._passages: list[Passage] = [
            passage for each in index.article_ids() for passage in index.passages(each)
        ]
        self._bm25 = BM25Okapi([bigrams(f"{p.context}\n{p.text}") for p in self._passages])

    def ask_many(
        self, questions: Sequence[str], *, histories: Sequence[Sequence[Turn]], top_k: int
    ) -> list[Answer]:
        return [self._ask(question) for question in questions]

    def _ask(self, question: str) -> Answer:
        passage = self._passages[int(np.argmax(self._bm25.get_scores(bigrams(question))))]
        terms = terms_of(question)
        folded = fold_aligned(passage.text)
        best = max(sentences(passage.text), key=lambda span: coverage(terms, span.of(folded)))
        article = self._index.article(passage.article_id)
        text = best.of(passage.text)
        kept = Span(best.start + len(text) - len(text.lstrip()), best.start + len(text.rstrip()))
        span = kept.shifted(passage.span.start)
        quoted = cite(article, span, span, marker=1, passage_id=passage.id)
        said = span.of(article.text)
        return Answer(question, question, said, (said,), 1.0, (quoted,), ())


def bigrams(text: str) -> list[str]:
    folded = "".join(fold_aligned(text).split())
    return [folded[n : n + 2] for n in range(len(folded) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("--index", type=Path, help="default: over the bundled articles")
    args = parser.parse_args()
    embedder = load_embedder()
    index = Index.open(args.index or default_index(embedder), embedder=embedder)
    sources = [] if args.index else [bundled_articles()]
    print(f"machine  {platform.platform()}, {os.cpu_count()} cores")
    print(f"command  python -m benchmarks.baselines {shlex.join(sys.argv[1:])}\n")
    print("| what | answer right | contains it | evidence cited | abstains rightly | ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    reader = {name: load_reader(embedder, name) for name in ("overlap", "default")}
    rows: list[tuple[str, str, float | None]] = [
        ("BM25 + best sentence", "overlap", None),
        ("reader without training, never silent", "overlap", 0.0),
        ("reader without training", "overlap", None),
        ("as it ships, never silent", "default", 0.0),
        ("as it ships", "default", None),
    ]
    for number, (name, reader_name, threshold) in enumerate(rows):
        prepared = prepare(
            read_set(args.set),
            Setting(reading="open", abstain_threshold=threshold),
            Models(embedder, reader[reader_name]),
            index=index,
            sources=sources,
            progress=lambda _: None,
        )
        if number == 0:
            alone = OpenBook(BestSentence(index), index, SourceFiles(sources))
            prepared = replace(prepared, system=alone, single=None)
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            run: dict[str, Any] = evaluate(prepared, Path(folder) / "run", watch=lambda *_: None)
        ms = 1e3 * (time.perf_counter() - started) / len(prepared.questions)
        found = [run["metrics"][key] for key in KEYS]
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in found) + f" | {ms:.0f} |")


if __name__ == "__main__":
    main()
