"""Does a stopped embedding go on where it was: kill -9 at random moments, and what each lost.

    python -m benchmarks.restarts --kills 10 --every 400     ../shared/corpus/news.jsonl.xz

Works on the index that `benchmarks.storage` keeps in the cache, and makes its
vectors in a process of its own. That process is killed after a random time, on
the average `--every` seconds, and started again, until the kills are used up;
the last one runs to the end. Lost is what was embedded and not yet committed:
the time since the last commit at the rate of that process, at most one batch.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.storage import SHARED
from index import Index
from index.embed import load_embedder, model_cache
from index.embedding import EMBED_AT_ONCE, embed_missing


@dataclass(frozen=True, slots=True)
class Life:
    """What one process told before it ended."""

    n_done: int  # passages that have a vector, at its last commit
    per_s: float
    since_commit_s: float


def embed(path: Path) -> None:
    """In the process that is killed: a line for each commit."""
    embed_missing(
        path,
        embedder=load_embedder(),
        progress=lambda p: print(p.done, p.total, flush=True),
    )


def lived(path: Path, seconds: float | None) -> Life:
    """Start a process and kill it after so many seconds; None: wait for its end."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.restarts", "--embed", str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    os.set_blocking(child.stdout.fileno(), False)
    began = time.monotonic()
    commits: list[tuple[float, int]] = []
    while child.poll() is None:
        time.sleep(0.2)
        now = time.monotonic()
        for line in child.stdout:
            commits.append((now, int(line.split()[0])))
            print(f"\r{line.strip()} ", end="", file=sys.stderr)
        if seconds is not None and now - began > seconds:
            child.kill()
            break
    child.wait()
    now = time.monotonic()
    if not commits:
        return Life(0, 0.0, now - began)
    (first, n_first), (last, n_last) = commits[0], commits[-1]
    rate = (n_last - n_first) / (last - first) if last > first else 0.0
    return Life(n_last, rate, now - last)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus/news.jsonl.xz")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--every", type=float, default=400.0, metavar="SECONDS")
    parser.add_argument("--embed", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.embed:
        embed(args.embed)
        return
    path = model_cache() / "benchmarks" / args.corpus.name.split(".")[0]
    command = " ".join(["python -m benchmarks.restarts", *sys.argv[1:]])
    print(f"{platform.machine()}, {os.cpu_count()} cores; {command}\n")
    print("| kill | after s | passages a second | last told | there on opening | lost at most |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    chance = random.Random(0)
    for kill in range(1, args.kills + 1):
        seconds = chance.uniform(0.1, 1.9) * args.every
        life = lived(path, seconds)
        found = Index.inspect(path)  # every byte checked
        there = found.n_vectors()
        found.close()
        if there < life.n_done:
            raise SystemExit(f"{life.n_done} were told to be committed, {there} are there")
        lost = min(round(life.per_s * life.since_commit_s), EMBED_AT_ONCE)
        print(
            f"| {kill} | {seconds:.0f} | {life.per_s:.1f} | {life.n_done} | {there} | {lost} |",
            flush=True,
        )
    life = lived(path, None)
    print(f"\nto the end: {life.n_done} passages, {life.per_s:.1f} a second")


if __name__ == "__main__":
    main()
