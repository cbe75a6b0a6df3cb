"""What the index costs: from nothing to the first search, open, search, one more article, memory.

    python -m benchmarks.storage                ../shared/corpus/news.jsonl.xz
    python -m benchmarks.storage --vectors      makes the vectors that are missing first (an hour)

`python -m index build` is run into a new folder until another process has found its words, and
stopped there. All else is asked of the index of the corpus that is kept in the cache, with the
vectors that it has; what it lacks of words is made.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index import Index, update
from index.embed import Embedder, load_embedder, model_cache
from index.embedding import embed_missing

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


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
    args = parser.parse_args()
    lines = args.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    embedder = load_embedder(args.embedding)
    path = model_cache() / "benchmarks" / args.corpus.name.split(".")[0]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    command = " ".join(["python -m benchmarks.storage", *sys.argv[1:]])
    print(f"{machine}; {embedder.name}; {command}\n\n| what | value |")
    print("| --- | --- |")

    path.parent.mkdir(parents=True, exist_ok=True)
    words_ready(args, embedder, path.parent, questions[0])
    if not (path / "CURRENT").exists():
        update(path, [args.corpus], embedder=embedder, prune=True, embed=False)
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
    for question in questions[:20]:
        found.search(question)
    row(
        f"search, {len(questions)} questions, embedding the query included",
        percentiles([timed(lambda q=q: found.search(q)) for q in questions]),
    )
    found.close()
    one_more(path, embedder, whole=told.n_embedded == told.n_passages)
    row("peak memory of this process", f"{peak_mb():.0f} MB")


def words_ready(args: argparse.Namespace, embedder: Embedder, parent: Path, query: str) -> None:
    """`index build`, from its start until this process has searched what it wrote."""
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        path = Path(folder, "index")
        command = [sys.executable, "-m", "index", "build", str(args.corpus), "--out", str(path)]
        began = time.perf_counter()
        build = subprocess.Popen(
            [*command, "--embedding", args.embedding], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        try:
            while not (path / "CURRENT").exists():
                if build.poll() is not None:
                    raise SystemExit(f"index build ended with {build.returncode}")
                time.sleep(0.05)
            found = Index.open(path, embedder=embedder)
            hits = found.search(query)
            seconds = time.perf_counter() - began
            process = Path(f"/proc/{build.pid}")
            ticks = process.joinpath("stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            cpu_s = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
            status = process.joinpath("status").read_text(encoding="utf-8").splitlines()
            (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM"))
        finally:
            build.kill()
            build.wait()
        assert hits
        told = found.stats()
        found.close()
    row(
        "from the start of `index build` to the first search",
        f"{seconds:.1f} s ({cpu_s:.1f} CPU s), {told.n_articles} articles",
    )
    row("peak memory of the build till then", f"{int(peak) / 1000:.0f} MB")


def one_more(path: Path, embedder: Embedder, *, whole: bool) -> None:
    """Add an article to a copy of the index, until it is found; ten times.

    whole: it has every vector; else its missing ones are left out of this.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copied, new = Path(folder, "index"), Path(folder, "new")
        shutil.copytree(path, copied)
        new.mkdir()
        reader = Index.open(copied, embedder=embedder)
        taken: list[float] = []
        for n in range(10):
            file = new / f"{n}.txt"
            file.write_text(f"第{n}号基准测试报道，只有这里说到独角鲸{n}号。", encoding="utf-8")
            began = time.perf_counter()
            update(copied, [file], embedder=embedder, prune=False, embed=whole)
            reader = reader.refresh()
            hit = reader.search(f"独角鲸{n}号", top_k=1)[0]
            taken.append(time.perf_counter() - began)
            assert f"独角鲸{n}号" in hit.passage.text
        row("one article added and found", percentiles(taken))


if __name__ == "__main__":
    main()
