"""Time of an answer, from a cold start and warm: `python -m benchmarks.ask QUESTIONS`.

QUESTIONS is a question set (JSON lines with `question`). Prints machine, command
and, in milliseconds: process start to first answer, then p50 and p95 by stage over
all questions one by one, and peak memory after each round: asking on and on must
not make it grow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shlex
import sys
import time
from pathlib import Path

import numpy as np

STARTED = time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("--index", type=Path, help="default: over the bundled articles")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()

    from qa import load_pipeline

    rows = [json.loads(line) for line in args.questions.read_text(encoding="utf-8").splitlines()]
    questions = [row["question"] for row in rows if not row.get("history")]
    pipeline = load_pipeline(args.index)
    loaded = time.perf_counter()
    pipeline.ask(questions[0])
    first = time.perf_counter()
    rss_first = _peak_mb()

    timings: dict[str, list[float]] = {}
    peaks: list[float] = []
    for _ in range(args.rounds):
        for question in questions:
            started = time.perf_counter()
            answer = pipeline.ask(question)
            for stage, ms in answer.timings_ms.items():
                timings.setdefault(stage, []).append(ms)
            timings.setdefault("ask", []).append((time.perf_counter() - started) * 1e3)
        peaks.append(_peak_mb())

    print(
        f"machine   {platform.platform()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
    print(f"command   python -m benchmarks.ask {shlex.join(sys.argv[1:])}")
    print(f"reader    {pipeline.reader.name}; {len(questions)} questions, {args.rounds} rounds")
    print(f"loaded    {loaded - STARTED:6.2f} s after start")
    print(f"answered  {first - STARTED:6.2f} s after start, peak {rss_first:.0f} MB")
    for stage, values in timings.items():
        p50, p95 = np.percentile(values, [50, 95])
        print(f"{stage:9} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms")
    grown = " ".join(f"{mb:.0f}" for mb in peaks)
    print(f"peak      {grown} MB after each round, {sum(timings['ask']) / 1e3:.0f} s in all")


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    main()
