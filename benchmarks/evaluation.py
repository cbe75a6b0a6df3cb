"""Time of two evaluations from a cold start, with machine and command.

python benchmarks/evaluation.py ../shared/eval
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eval.evaluate import environment

_RUNS = (
    (("articles_dev.jsonl",), 60),
    (("cmrc_dev_quarter.json",), 15 * 60),
    (("cmrc_dev_quarter.json", "--reading", "given"), 15 * 60),
)


def main(folder: Path) -> int:
    print(json.dumps(environment()))
    missed = 0
    for (name, *options), limit_s in _RUNS:
        with tempfile.TemporaryDirectory() as out:
            command = [
                sys.executable, "-m", "eval", "run", str(folder / name), *options,
                "--out", out, "--json", f"{out}.json",
            ]  # fmt: skip
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds = time.perf_counter() - began
            found = json.loads(Path(f"{out}.json").read_text(encoding="utf-8"))
            Path(f"{out}.json").unlink()
        missed += seconds > limit_s
        told = {
            name: round(value, 4)
            for name, value in found["metrics"].items()
            if value is not None and name in ("exact", "f1", "answer_correct", "recall@1")
        }
        print(f"{shlex.join(command[1:-4])}: {seconds:.0f} s (limit {limit_s} s) {told}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
