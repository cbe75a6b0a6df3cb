"""What the index costs: build, open, search, one more article, memory, disk.

    python -m benchmarks.storage                        ../shared/corpus/news.jsonl.xz, words only
    python -m benchmarks.storage --corpus FILE --vectors     with every vector made (hours)

Words only: articles are indexed as `build` does it first, before their vectors;
searches then embed the query and rank by words alone. The index is kept in the
cache, so that `--vectors` goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index import Index, update
from index.embed import load_embedder, model_cache
from index.embedding import embed_missing

SHARED = Path(__file__).resolve().parents[2] / "shared"


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def row(what: str, value: str) -> None:
    print(f"| {what} | {value} |", flush=True)


def percentiles(times_s: list[float]) -> str:
    ms = np.array(times_s) * 1000
    return f"p50 {np.percentile(ms, 50):.1f} ms, p95 {np.percentile(ms, 95):.1f} ms"


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus/news.jsonl.xz")
    parser.add_argument("--questions", type=Path, default=SHARED / "eval/news_dev.jsonl")
    parser.add_argument("--embedding", default="default")
    parser.add_argument("--vectors", action="store_true", help="make every vector")
    parser.add_argument("--afresh", action="store_true", help="forget the kept index")
    args = parser.parse_args()
    embedder = load_embedder(args.embedding)
    path = model_cache() / "benchmarks" / args.corpus.name.split(".")[0]
    if args.afresh:
        shutil.rmtree(path, ignore_errors=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    command = " ".join(["python -m benchmarks.storage", *sys.argv[1:]])
    print(f"{machine}; {embedder.name}; {command}\n\n| what | value |")
    print("| --- | --- |")

    if not (path / "CURRENT").exists():
        cpu = time.process_time()
        seconds = timed(
            lambda: update(path, [args.corpus], embedder=embedder, prune=True, embed=False)
        )
        row("found by words after", f"{seconds:.1f} s ({time.process_time() - cpu:.1f} CPU s)")
        row("peak memory of that", f"{peak_mb():.0f} MB")
    if args.vectors:
        began = time.perf_counter()
        made, _ = embed_missing(
            path,
            embedder=embedder,
            progress=lambda p: print(f"\r{p.done} of {p.total} ", end="", file=sys.stderr),
        )
        seconds = time.perf_counter() - began
        row("vectors made", f"{made} in {seconds:.0f} s, {made / seconds:.1f} a second")
        row("peak memory of that", f"{peak_mb():.0f} MB")

    opening = [timed(lambda: Index.open(path, embedder=embedder).close()) for _ in range(5)]
    row("open, every byte checked", percentiles(opening))
    found = Index.open(path, embedder=embedder)
    told = found.stats()
    row(
        "articles, passages, with vector",
        f"{told.n_articles}, {told.n_passages}, {told.n_embedded}",
    )
    row("on disk", f"{told.n_bytes / 1e6:.0f} MB")
    lines = args.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    for question in questions[:20]:
        found.search(question)
    row(
        f"search, {len(questions)} questions, embedding the query included",
        percentiles([timed(lambda q=q: found.search(q)) for q in questions]),
    )
    row("peak memory", f"{peak_mb():.0f} MB")
    found.close()
    one_more(path, embedder)


def one_more(path: Path, embedder: object) -> None:
    """Add an article to a copy of the index, until it is found; ten times."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copied, new = Path(folder, "index"), Path(folder, "new")
        shutil.copytree(path, copied)
        new.mkdir()
        reader = Index.open(copied, embedder=embedder)  # type: ignore[arg-type]
        taken: list[float] = []
        for n in range(10):
            file = new / f"{n}.txt"
            file.write_text(f"第{n}号基准测试报道，只有这里说到独角鲸{n}号。", encoding="utf-8")
            began = time.perf_counter()
            update(copied, [file], embedder=embedder, prune=False, embed=False)  # type: ignore[arg-type]
            reader = reader.refresh()
            hit = reader.search(f"独角鲸{n}号", top_k=1)[0]
            taken.append(time.perf_counter() - began)
            assert f"独角鲸{n}号" in hit.passage.text
        row("one article added and found", percentiles(taken))


if __name__ == "__main__":
    main()
