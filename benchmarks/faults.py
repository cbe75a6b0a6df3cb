"""Fail or kill an `add` at each of its system calls that change the index, with strace.

    python -m benchmarks.faults [--every N]

One add is traced first. Then each call of it that writes under the index folder is met once with
EIO, once with ENOSPC and once with a kill, counted within its thread as strace does; the index
has seven articles, so that the eighth also merges segments. Every run must leave an index that
verifies and holds the article or not, as the exit code says, without a traceback; the same add
must then work.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from index import update
from index.embed import HashEmbedder
from index.errors import Error
from index.verify import verify_index

CHANGES = (
    "write", "pwrite64", "writev", "pwritev", "openat", "creat", "mkdir", "mkdirat", "link",
    "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "rmdir", "rename", "renameat",
    "renameat2", "fsync", "fdatasync", "sync_file_range", "ftruncate", "truncate", "fallocate",
    "chmod", "fchmod", "fchmodat", "flock", "copy_file_range", "sendfile",
)  # fmt: skip
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
BEFORE = 7  # articles
WRITER = """
import sys
import index.embed
index.embed.load_embedder = lambda name: index.embed.HashEmbedder()
from index.commands import main
raise SystemExit(main(["add", *sys.argv[1:]]))
"""
_CALL = re.compile(r"(\d+) +(\w+)\((.*)")


def traced(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    strace = ["strace", "-f", "-qq", "--seccomp-bpf", *options]
    writer = [sys.executable, "-c", WRITER, str(folder / "index"), str(folder / "new")]
    return subprocess.run([*strace, *writer], check=False, capture_output=True, text=True)


def fresh(folder: Path) -> None:
    shutil.rmtree(folder / "index", ignore_errors=True)
    shutil.copytree(folder / "base", folder / "index")


def changing_calls(folder: Path) -> list[tuple[str, int]]:
    """(call, its number within its thread) of every call that changes the index."""
    fresh(folder)
    log = folder / "log"
    done = traced(folder, "-y", "-e", f"trace={','.join(CHANGES)}", "-o", str(log))
    if done.returncode:
        raise SystemExit(f"strace does not work here: {done.stderr}")
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], None] = {}
    for line in log.read_text(errors="replace").splitlines():
        if not (call := _CALL.match(line)):
            continue
        thread, name, arguments = call.groups()
        counts[thread, name] += 1
        reads = name == "openat" and not re.search(r"O_(CREAT|WRONLY|RDWR|TRUNC)", arguments)
        if not reads and str(folder / "index") in arguments:
            found[name, counts[thread, name]] = None
    return list(found)


def wrong(folder: Path, call: str, fault: str, when: int) -> str | None:
    """What went wrong; None: before or after, as it should be."""
    fresh(folder)
    path = folder / "index"
    injected = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"]
    done = traced(folder, *injected, "-o", "/dev/null")
    try:
        n_articles = verify_index(path).n_articles
        if n_articles not in (BEFORE, BEFORE + 1):
            return f"{n_articles} articles"
        if n_articles == BEFORE and done.returncode == 0:
            return "exit 0 and not there"
        if n_articles > BEFORE and done.returncode == 1 and "nothing was committed" in done.stderr:
            return "said to be refused and there"
        update(path, [folder / "new"], embedder=HashEmbedder(), prune=False)
        if verify_index(path).n_articles != BEFORE + 1:
            return "the next add did not add it"
    except Error as error:
        return repr(error)
    # A call is failed in every thread: the terminal may refuse the very sentence that tells of it.
    silenced = "print(error, file=sys.stderr)" in done.stderr
    return done.stderr if "Traceback" in done.stderr and not silenced else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try every Nth only")
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(" ".join(["python -m benchmarks.faults", *sys.argv[1:]]))
    began, n_runs, n_bad = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for n in range(BEFORE + 1):
            given = folder / ("new" if n == BEFORE else f"old{n}")
            given.mkdir()
            (given / f"{n}.txt").write_text(f"编号{n}的报道。", encoding="utf-8")
            if n < BEFORE:
                update(folder / "base", [given], embedder=HashEmbedder(), prune=n == 0)
        calls = changing_calls(folder)
        counts = Counter(name for name, _ in calls)
        print(", ".join(f"{n} {name}" for name, n in counts.most_common()), flush=True)
        for call, when in calls[:: args.every]:
            for fault in FAULTS:
                n_runs += 1
                if told := wrong(folder, call, fault, when):
                    n_bad += 1
                    print(f"{call} {fault} at {when}: {told}", flush=True)
    print(f"{n_runs} runs, {n_bad} wrong, {time.monotonic() - began:.0f} s")
    return 1 if n_bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
