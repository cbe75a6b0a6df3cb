"""Ten readers ask over HTTP, first alone, then while `python -m index add` adds 1,000 articles.

    python -m benchmarks.readers                        ../shared/corpus/news_2k.jsonl.xz
    python -m benchmarks.readers --articles 100 --route search

The index holds the bundled page and the first 1,000 articles of the corpus (kept in the cache);
the writer adds further ones, a hundred a command, with their vectors. Each reader sends its next
question when it has its answer. Slow is what takes more than twice the 95th percentile that the
same ten readers had alone.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np

from index import update
from index.embed import load_embedder, model_cache
from index.embedding import embed_missing

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
READERS, BASE, AT_ONCE = 10, 1000, 100


@contextmanager
def serving(index: Path, home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "app.py", "--index", str(index), "--rate", "0", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "WENJU_HOME": str(home)},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{url}/readyz", timeout=10):
                    break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"the server ended with {process.returncode}") from None
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


class Readers:
    """Threads that ask until they are stopped."""

    def __init__(self, url: str, route: str, questions: list[str]) -> None:
        self._url, self._route, self._questions = url, route, questions
        self._next = count()
        self.times_s: list[float] = []
        self.failed: list[str] = []

    @contextmanager
    def asking(self) -> Iterator[None]:
        done = threading.Event()
        threads = [threading.Thread(target=self._ask, args=(done,)) for _ in range(READERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join()

    def _ask(self, done: threading.Event) -> None:
        while not done.is_set():
            question = self._questions[next(self._next) % len(self._questions)]
            request: urllib.request.Request | str
            if self._route == "ask":
                body = json.dumps({"question": question}).encode()
                kind = {"Content-Type": "application/json"}
                request = urllib.request.Request(f"{self._url}/api/ask", body, kind)
            else:
                request = f"{self._url}/api/search?{urllib.parse.urlencode({'q': question})}"
            began = time.perf_counter()
            try:
                with urllib.request.urlopen(request, timeout=60) as answered:
                    json.load(answered)
            except (OSError, ValueError) as error:
                self.failed.append(repr(error))
            self.times_s.append(time.perf_counter() - began)


def told(name: str, readers: Readers, limit_s: float | None = None) -> float:
    """Print a row; the 95th percentile in seconds."""
    ms = np.array(readers.times_s) * 1000
    p50, p95 = np.percentile(ms, [50, 95])
    slow = "" if limit_s is None else int((ms > 1000 * limit_s).sum())
    print(
        f"| {name} | {len(ms)} | {len(readers.failed)} | {slow} "
        f"| {p50:.0f} | {p95:.0f} | {ms.max():.0f} |",
        flush=True,
    )
    for error in sorted(set(readers.failed)):
        print(f"  failed: {error}")
    return float(p95) / 1000


def prepared(corpus: Path, folder: Path, n_articles: int) -> tuple[Path, list[Path]]:
    """A copy of the index to write into, and the files to add to it."""
    lines = lzma.decompress(corpus.read_bytes()).decode().splitlines(keepends=True)
    kept = model_cache() / "benchmarks" / "readers"
    if not (kept / "CURRENT").exists():
        base = folder / "base.jsonl"
        base.write_text("".join(lines[:BASE]), encoding="utf-8")
        update(kept, [ROOT / "articles", base], embedder=load_embedder(), prune=True)
    embed_missing(kept, embedder=load_embedder())  # where a run before was stopped
    shutil.copytree(kept, folder / "index")
    files: list[Path] = []
    for at in range(BASE, min(BASE + n_articles, len(lines)), AT_ONCE):
        files.append(folder / f"{at}.jsonl")
        some = lines[at : min(at + AT_ONCE, BASE + n_articles)]
        files[-1].write_text("".join(some), encoding="utf-8")
    return folder / "index", files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus/news_2k.jsonl.xz")
    parser.add_argument("--questions", type=Path, default=SHARED / "eval/news_dev.jsonl")
    parser.add_argument("--articles", type=int, default=1000, help="that the writer adds")
    parser.add_argument("--route", choices=("ask", "search"), default="ask")
    parser.add_argument("--alone", type=float, default=60.0, metavar="SECONDS")
    args = parser.parse_args()
    lines = args.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        index, files = prepared(args.corpus, folder, args.articles)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(" ".join(["python -m benchmarks.readers", *sys.argv[1:]]))
        print("\n| ten readers | requests | failed | slow | p50 ms | p95 ms | longest ms |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        with serving(index, folder / "home") as url:
            warming, alone, beside = (Readers(url, args.route, questions) for _ in range(3))
            with warming.asking():
                time.sleep(args.alone / 10)
            with alone.asking():
                time.sleep(args.alone)
            p95_s = told("alone", alone)
            began = time.monotonic()
            with beside.asking():
                for file in files:
                    add = [sys.executable, "-m", "index", "add", str(index), str(file)]
                    subprocess.run(add, cwd=ROOT, check=True, capture_output=True)
            told("beside the writer", beside, 2 * p95_s)
        print(f"\n{args.articles} articles added in {time.monotonic() - began:.0f} s")
    n_slow = sum(taken > 2 * p95_s for taken in beside.times_s)
    return 1 if beside.failed or n_slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
