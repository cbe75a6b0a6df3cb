"""Fail or kill an `add` at its system calls, one after the other, with strace.

    python -m benchmarks.faults [SECONDS]

Every run must leave the index as it was or with the new article, say which by its
exit code, and show no traceback.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from index import Index, update
from index.embed import HashEmbedder

CALLS = ("fsync", "link", "rename", "mkdir", "pwrite64", "ftruncate", "unlink", "flock")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
WRITER = """
import sys
import index.embed
index.embed.load_embedder = lambda name: index.embed.HashEmbedder()
from index.commands import main
raise SystemExit(main(["add", *sys.argv[1:]]))
"""


def run(folder: Path, call: str, fault: str, when: int) -> str | None:
    """What went wrong; None: before or after, as it should be."""
    path = folder / "index"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(folder / "base", path)
    injected = f"inject={call}:{fault}:when={when}"
    traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", injected]
    writer = [sys.executable, "-c", WRITER, str(path), str(folder / "new")]
    done = subprocess.run([*traced, *writer], check=False, capture_output=True, text=True)
    found = Index.open(path, embedder=HashEmbedder())
    n_articles = len(found.article_ids())
    found.close()
    if n_articles not in (1, 2) or (done.returncode == 0 and n_articles != 2):
        return f"{n_articles} articles, exit {done.returncode}"
    return done.stderr if "Traceback" in done.stderr else None


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    n_runs, n_bad, began = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, text in (("old", "编号零的报道。"), ("new", "编号一的报道。")):
            (folder / name).mkdir()
            (folder / name / f"{name}.txt").write_text(text, encoding="utf-8")
        update(folder / "base", [folder / "old"], embedder=HashEmbedder(), prune=True)
        for when, call, fault in product(range(1, 30), CALLS, FAULTS):
            if time.monotonic() - began > seconds:
                break
            n_runs += 1
            if wrong := run(folder, call, fault, when):
                n_bad += 1
                print(f"{call} {fault} at {when}: {wrong}")
    print(f"{n_runs} runs, {n_bad} bad")


if __name__ == "__main__":
    main()
