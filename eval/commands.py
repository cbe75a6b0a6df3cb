"""python -m eval run | score | compare | gate | report | vary | convert | draft | feedback."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval import tables
from index.errors import Error

Json = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    from eval import runner

    found = runner.run_sets(args, default_out=default_out)
    _write(args.json, found[0] if len(found) == 1 else found)
    for each in found:
        print(tables.summary(each))
    return 3 if any(each["invalid"] for each in found) else 0


def rescore(args: argparse.Namespace) -> int:
    from eval.runs import read_run, write_json
    from eval.scoring import score, summary

    found: list[Json] = []
    for path in args.runs:
        read = read_run(path)
        found.append(summary(read, score(read)))
        write_json(path / "metrics.json", found[-1])
        print(tables.summary(found[-1]))
    _write(args.json, found[0] if len(found) == 1 else found)
    return 0


def _write(path: Path | None, value: object) -> None:
    if path is not None:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        if str(path) == "-":
            print(text)
        else:
            path.write_text(text + "\n", encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m eval", description="Question sets in, numbers with their uncertainty out."
    )
    top.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, call: Callable[[argparse.Namespace], int], told: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=told, description=told)
        made.set_defaults(run=call)
        return made

    made = command("run", run, "evaluate question sets")
    made.add_argument("sets", nargs="+", type=Path, metavar="SET")
    made.add_argument(
        "--index",
        type=Path,
        help="the index to ask (default: over the set's own texts, else over the bundled articles)",
    )
    made.add_argument(
        "--out",
        type=Path,
        help="the run's folder (default: under the user's data); the same again resumes it",
    )
    made.add_argument(
        "--json", type=Path, metavar="FILE", help="write the metrics there; - for standard output"
    )
    made.add_argument(
        "--reading",
        choices=("open", "given", "search"),
        default="open",
        help="open: retrieve and read; given: read the gold context only; search: retrieve only",
    )
    made.add_argument(
        "--contexts",
        type=Path,
        metavar="FILE",
        help="take contexts and answers from this SQuAD-like file, by question id",
    )
    made.add_argument(
        "--distractors",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="index the contexts of these sets too",
    )
    made.add_argument(
        "--noise",
        type=float,
        default=0.0,
        metavar="RATIO",
        help="with --reading given: share of passages that are not about the question (1: none is)",
    )
    made.add_argument("--seed", type=int, default=0, help="for drawing the noise")
    made.add_argument(
        "--abstain-threshold",
        type=float,
        metavar="P",
        help="confidence below which to abstain (default: the fitted one)",
    )
    made.add_argument(
        "--sources",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="where the indexed files lie, to check citations against them",
    )
    made.add_argument("--embedding", default="default", help="the embedding's name or folder")
    made.add_argument(
        "--skip-invalid", action="store_true", help="evaluate the valid questions, exit 3"
    )

    made = command("score", rescore, "score runs again, without the system")
    made.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    made.add_argument("--json", type=Path, metavar="FILE")
    return top


def default_out(name: str) -> Path:
    """A folder of its own for each run, under the user's data."""
    from qa.home import index_home

    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return index_home().parent / "runs" / f"{name}-{stamp}"


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except Error as error:
        if args.debug:
            raise
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; the same command with the same --out goes on from here", file=sys.stderr)
        return 130
