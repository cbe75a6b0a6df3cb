"""The news questions over a corpus: as searched, BM25 alone, vectors alone, with intervals.

Run by `python -m benchmarks.retrieval news`. The halves are asked themselves,
not read off the hits. Intervals are the middle 95% of 1,000 bootstrap samples
of the questions; p is that of a paired permutation of MRR@10 against BM25.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval import (
    PASSAGES,
    SHARED,
    Question,
    Task,
    kept_at,
    news,
    ranked_contexts,
    ranks,
    say,
)
from eval.significance import bootstrap_weights, interval, permutation_p, ratio_samples
from index import Index, update
from index.draft import opened_catalogues
from index.embed import Embedder
from index.embedding import missing_numbers
from index.generations import open_current
from index.lexical import Lexical, to_simplified
from index.schema import Within
from index.vectors import Part, VectorStore

Floats = NDArray[np.float64]


class Halves:
    """The index's two rankings, each by itself."""

    def __init__(self, path: Path, embedder: Embedder, records: dict[str, str]) -> None:
        self._stack = ExitStack()
        self._embedder, self._records = embedder, records
        generation = open_current(path)
        self._stack.callback(generation.close)
        self._catalogues = opened_catalogues(generation, self._stack)
        self._lexical = Lexical(generation.folder / "lexical")
        self._vectors = VectorStore(
            [Part.open(generation.folder / part.file) for part in generation.manifest.vectors],
            dead=np.empty(0, np.int64),
        )
        waiting = set(missing_numbers(generation).tolist())
        self.ready = (
            {  # article ids with all of their vectors
                id_
                for catalogue in self._catalogues
                for article, id_ in catalogue.ids(set(catalogue.article_numbers())).items()
                if not waiting.intersection(catalogue.passage_numbers([article]))
            }
            if waiting
            else set(records)
        )

    def close(self) -> None:
        self._stack.close()

    def among(self, within: Within | None) -> list[int] | None:
        """Article numbers."""
        if within is None:
            return None
        return [number for c in self._catalogues for number in c.within(within)]

    def words(self, questions: Sequence[str], articles: Sequence[int] | None) -> list[list[str]]:
        return [
            self._contexts(self._lexical.search(text, limit=PASSAGES, articles=articles)[0])
            for text in questions
        ]

    def vectors(self, questions: Sequence[str], articles: Sequence[int] | None) -> list[list[str]]:
        rows = self._embedder.encode([to_simplified(text) for text in questions], side="query")
        among = None
        if articles is not None:
            numbers = [n for c in self._catalogues for n in c.passage_numbers(articles)]
            among = np.array(numbers, np.int64)
        found = self._vectors.search(rows, limit=PASSAGES, among=among)
        return [self._contexts(pairs) for pairs in found]

    def _contexts(self, pairs: Sequence[tuple[int, float]]) -> list[str]:
        passages = {}
        for catalogue in self._catalogues:
            passages.update(catalogue.passages([number for number, _ in pairs]))
        ids = (passages[number].article_id for number, _ in pairs if number in passages)
        return list(dict.fromkeys(self._records[id_] for id_ in ids))


def print_news(corpus: Path, embedder: Embedder) -> None:
    path = kept_at(corpus)
    if not (path / "CURRENT").exists():
        update(path, [corpus], embedder=embedder, prune=True, embed=False, progress=say)
    found = Index.open(path, embedder=embedder)
    told = found.stats()
    print(
        f"{corpus.name}: {told.n_articles} articles, {told.n_passages} passages, "
        f"{told.n_embedded} with their vector"
    )
    records = {s.article_id: s.record or s.path for s in found.summaries()}
    halves = Halves(path, embedder, records)
    tasks = [
        news(name, corpus, SHARED / f"eval/{name}.jsonl") for name in ("news_dev", "news_dev_para")
    ]
    print_tables(tasks, found, halves, records, None)
    if told.n_embedded < told.n_passages:
        print(f"\nAmong the {len(halves.ready)} articles that have all their vectors:")
        within = Within(article_ids=tuple(sorted(halves.ready)))
        there = {records[id_] for id_ in halves.ready}
        kept = [
            Task(t.name, t.corpus, tuple(q for q in t.questions if q.gold & there)) for t in tasks
        ]
        print_tables(kept, found, halves, records, within)
    halves.close()
    found.close()


def print_tables(
    tasks: Sequence[Task],
    found: Index,
    halves: Halves,
    records: dict[str, str],
    within: Within | None,
) -> None:
    print("\n| set | n | ranking | R@1 | R@5 | R@10 | MRR@10 | p |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    articles = halves.among(within)
    for task in tasks:
        texts = [question.text for question in task.questions]
        hits = found.search_many(texts, top_k=PASSAGES, within=within)
        rankings = {
            "as searched": [ranked_contexts(some, records) for some in hits],
            "BM25 alone": halves.words(texts, articles),
            "vectors alone": halves.vectors(texts, articles),
        }
        langs = sorted({question.lang for question in task.questions})
        for lang in [*langs, ""] if len(langs) > 1 else langs:
            chosen = [n for n, q in enumerate(task.questions) if lang in ("", q.lang)]
            print_rows(f"{task.name} {lang}".strip(), chosen, task.questions, rankings)


def print_rows(
    name: str,
    chosen: Sequence[int],
    questions: Sequence[Question],
    rankings: dict[str, list[list[str]]],
) -> None:
    asked = [questions[n] for n in chosen]
    at = {who: ranks([all_[n][:10] for n in chosen], asked) for who, all_ in rankings.items()}
    weights = bootstrap_weights(len(asked), seed=0)
    for who, places in at.items():
        cells = [(places <= k).astype(float) for k in (1, 5, 10)] + [1 / places]
        told = " | ".join(with_interval(column(values), weights) for values in cells)
        p = permutation_p(column(1 / places), column(1 / at["BM25 alone"]), seed=0)
        print(f"| {name} | {len(asked)} | {who} | {told} | {p:.3f} |", flush=True)


def column(values: Floats) -> Floats:
    return np.stack([values, np.ones(len(values))], axis=1)


def with_interval(values: Floats, weights: Floats) -> str:
    low, high = interval(ratio_samples(values, weights)) or (0.0, 0.0)
    return f"{values[:, 0].mean():.3f} [{low:.3f}, {high:.3f}]"
