"""This project beside LangChain, LlamaIndex, Haystack and txtai: one corpus, model and machine.

    pip install 'wenju[side-by-side]'
    python -m benchmarks.side_by_side --articles 400 --threads 2 --plot docs/images/side_by_side.svg

Each engine runs in two processes of its own: one builds and saves, the other
opens what was saved and is asked the news_dev questions whose articles are in
the cut. `benchmarks/side_by_side_engines.py` has what each of them was told.
"""

from __future__ import annotations

import argparse
import inspect
import json
import lzma
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.side_by_side_engines import ENGINES, langchain_embeddings, llamaindex_embeddings
from index.e5 import converted
from index.embed import model_cache

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus/news_2k.jsonl.xz"
QUESTIONS = SHARED / "eval/news_dev.jsonl"
PACKAGES = {
    "langchain": "langchain-core",
    "llamaindex": "llama-index-core",
    "haystack": "haystack-ai",
    "txtai": "txtai",
}


def cut(n: int) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """n articles, those that answer a question first, and the questions."""
    questions = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    gold = {id_ for question in questions for id_ in question["doc_ids"]}
    rows = [json.loads(line) for line in lzma.decompress(CORPUS.read_bytes()).splitlines()]
    rows.sort(key=lambda row: row["id"] not in gold)
    articles = [(row["id"], row["text"]) for row in rows[:n]]
    there = {id_ for id_, _ in articles}
    return articles, [q for q in questions if there.issuperset(q["doc_ids"])]


def n_lines(engine: str) -> int:
    """Lines of code that a user of the engine writes."""
    helpers = {"langchain": [langchain_embeddings], "llamaindex": [llamaindex_embeddings]}
    functions = [*ENGINES[engine], *helpers.get(engine, [])]
    lines = "".join(map(inspect.getsource, functions)).splitlines()
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in lines)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def build(engine: str, folder: Path, n: int, model: str) -> dict[str, Any]:
    articles, _ = cut(n)
    began = time.perf_counter()
    ENGINES[engine][0](articles, folder, model)
    seconds = time.perf_counter() - began
    n_bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {"build_s": seconds, "build_mb": peak_mb(), "disk_mb": n_bytes / 1e6}


def ask(engine: str, folder: Path, n: int, model: str) -> dict[str, Any]:
    _, questions = cut(n)
    began = time.perf_counter()
    rankings = ENGINES[engine][1](folder, model)
    told: dict[str, Any] = {"open_s": time.perf_counter() - began, "rankings": {}}
    for name, asked in rankings.items():
        asked(questions[0]["question"])
        places: list[float] = []
        times: list[float] = []
        for question in questions:
            began = time.perf_counter()
            found = asked(question["question"])
            times.append((time.perf_counter() - began) * 1000)
            ids = list(dict.fromkeys(found))[:10]
            right = set(question["doc_ids"])
            places.append(next((at for at, i in enumerate(ids, 1) if i in right), float("inf")))
        at = np.array(places)
        told["rankings"][name] = {
            "p50": float(np.percentile(times, 50)),
            "p95": float(np.percentile(times, 95)),
            **{f"r{k}": float((at <= k).mean()) for k in (1, 5, 10)},
            "mrr": float((1 / at).mean()),
            "n": len(questions),
        }
    told["ask_mb"] = peak_mb()
    return told


def run(step: str, engine: str, folder: Path, args: argparse.Namespace) -> dict[str, Any]:
    """One step of one engine in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.side_by_side", "--step", step, "--engine", engine,
         "--folder", str(folder), "--articles", str(args.articles)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={
            **os.environ,
            "OMP_NUM_THREADS": str(args.threads),
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        },
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--step", choices=("build", "ask"), help=argparse.SUPPRESS)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    model = str(converted(model_cache()))
    if args.step:
        step = build if args.step == "build" else ask
        print(json.dumps(step(args.engine, args.folder, args.articles, model)))
        return
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {args.threads} threads, "
        f"Python {platform.python_version()}; python -m benchmarks.side_by_side "
        f"{' '.join(sys.argv[1:])}\n"
    )
    print(
        "| engine | articles a second | ranking | R@1 | R@5 | R@10 | MRR@10 | ms p50 | p95 "
        "| open s | peak MB building, asking | disk MB | lines |"
    )
    print("|" + " --- |" * 13, flush=True)
    results: dict[str, dict[str, Any]] = {}
    for engine in args.engines:
        with tempfile.TemporaryDirectory() as folder:
            told = run("build", engine, Path(folder), args)
            told |= run("ask", engine, Path(folder), args)
        results[engine] = told
        package = PACKAGES.get(engine)
        name = f"{engine} {version(package)}" if package else engine
        for ranking, at in told["rankings"].items():
            print(
                f"| {name} | {args.articles / told['build_s']:.1f} | {ranking} | {at['r1']:.3f} "
                f"| {at['r5']:.3f} | {at['r10']:.3f} | {at['mrr']:.3f} | {at['p50']:.1f} "
                f"| {at['p95']:.1f} | {told['open_s']:.1f} | {told['build_mb']:.0f}, "
                f"{told['ask_mb']:.0f} | {told['disk_mb']:.1f} | {n_lines(engine)} |",
                flush=True,
            )
    if args.plot:
        args.plot.write_text(drawn(results), encoding="utf-8")


def drawn(results: dict[str, dict[str, Any]]) -> str:
    """Bars of what does not hang on the machine's load, as one SVG that needs no page."""
    charts = [
        ("recall@1", {e: best(t)["r1"] for e, t in results.items()}),
        ("MRR@10", {e: best(t)["mrr"] for e, t in results.items()}),
        ("peak MB, asking", {e: t["ask_mb"] for e, t in results.items()}),
        ("lines of code", {e: n_lines(e) for e in results}),
    ]
    width, bar, left = 340, 22, 80
    height = 40 + bar * len(results)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * width} {2 * height}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
    )
    parts = [opening]
    for number, (title, values) in enumerate(charts):
        x, y = number % 2 * width, number // 2 * height
        top = max(values.values())
        parts.append(f'<text x="{x + 8}" y="{y + 20}" font-weight="bold">{title}</text>')
        for row, (engine, value) in enumerate(values.items()):
            at, length = y + 32 + bar * row, (width - left - 60) * value / top
            colour = "#8c2f1b" if engine == "wenju" else "#9aa5ad"
            parts.append(
                f'<text x="{x + left - 6}" y="{at + 13}" text-anchor="end">{engine}</text>'
                f'<rect x="{x + left}" y="{at}" width="{length:.1f}" height="16" fill="{colour}"/>'
                f'<text x="{x + left + length + 5:.1f}" y="{at + 13}">{value:.3g}</text>'
            )
    return "".join(parts) + "</svg>\n"


def best(told: dict[str, Any]) -> dict[str, float]:
    """The engine's better ranking, by MRR."""
    return max(told["rankings"].values(), key=lambda at: at["mrr"])


if __name__ == "__main__":
    main()
