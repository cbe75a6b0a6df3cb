"""python -m eval run | score | compare | gate | report | vary | convert | draft | accept | …"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval import tables
from eval.errors import SetMissing
from index.errors import Error
from index.places import place

if TYPE_CHECKING:
    from eval.runs import Run
    from eval.scoring import Scores

Json = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    from eval import runner

    found = runner.run_sets(args, default_out=default_out)
    _tell(args.json, found[0] if len(found) == 1 else found, *map(tables.summary, found))
    return 3 if any(each["invalid"] for each in found) else 0


def rescore(args: argparse.Namespace) -> int:
    from eval.runs import read_run, write_json
    from eval.scoring import score, summary

    found: list[Json] = []
    for path in args.runs:
        read = read_run(path)
        found.append(summary(read, score(read)))
        write_json(path / "metrics.json", found[-1])
    _tell(args.json, found[0] if len(found) == 1 else found, *map(tables.summary, found))
    return 0


def compare(args: argparse.Namespace) -> int:
    from eval.comparison import compare as compared
    from eval.comparison import comparison_to_json

    a, b = _scored(args.run_a), _scored(args.run_b)
    found = comparison_to_json(a[0], b[0], *compared(a, b))
    _tell(args.json, found, tables.comparison(found))
    return 0


def gate(args: argparse.Namespace) -> int:
    from eval.gate import gate as judged
    from eval.gate import read_tolerances, verdict_to_json

    allowed = read_tolerances(args.tolerances)
    one = _scored(args.one)
    verdicts = judged(one, _scored(args.baseline), allowed)
    passed, n = all(verdict.passed for verdict in verdicts), len(one[0].questions)
    found = [verdict_to_json(verdict) for verdict in verdicts]
    _tell(args.json, {"passed": passed, "n": n, "verdicts": found}, tables.verdicts(n, found))
    return 0 if passed else 1


def report(args: argparse.Namespace) -> int:
    from eval.report import render

    path = args.out or args.runs[0] / "report.html"
    text = render([_scored(one) for one in args.runs])
    path.write_text(text, encoding="utf-8")
    print(path)
    return 0


def vary(args: argparse.Namespace) -> int:
    from eval import vary as varying
    from eval.forms import to_squad
    from eval.questions import question_to_json, read_set

    found = read_set(args.set)
    if args.kind == "counterfactual":
        varied, documents = varying.counterfactual(found, seed=args.seed)
    else:
        make = varying.with_typos if args.kind == "typo" else varying.reworded
        varied, documents = make(found.questions, seed=args.seed), found.documents
    if documents:
        made = to_squad([each.question for each in varied], documents)
        n, text = _n_asked(made), json.dumps(made, ensure_ascii=False) + "\n"
    else:
        rows = [{**question_to_json(each.question), "of": each.of} for each in varied]
        n, text = len(rows), _json_lines(rows)
    args.out.write_text(text, encoding="utf-8")
    print(f"{n} of {len(found.questions)} questions → {args.out}")
    return 0


def convert(args: argparse.Namespace) -> int:
    from eval.convert import converted

    made, invalid = converted(args.file, args.form)
    args.out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for each in invalid:
        print(each, file=sys.stderr)
    print(f"{_n_asked(made)} questions → {args.out}")
    return 3 if invalid else 0


def draft(args: argparse.Namespace) -> int:
    from eval.draft import draft as drafted
    from eval.draft import drafted_to_json
    from index.embed import load_embedder
    from index.places import open_index
    from qa.home import default_index

    embedder = load_embedder(args.embedding)
    index = open_index(args.index or default_index(embedder), embedder=embedder)
    found = drafted(
        [index.article(article_id) for article_id in index.article_ids()],
        per_article=args.per_article,
        seed=args.seed,
    )
    rows = [drafted_to_json(each, number) for number, each in enumerate(found)]
    args.out.write_text(_json_lines(rows), encoding="utf-8")
    print(f"{len(rows)} questions to accept or correct → {args.out}")
    return 0


def accept(args: argparse.Namespace) -> int:
    from eval.draft import accepted_only
    from eval.questions import read_text

    lines = [line for line in read_text(args.draft).split("\n") if line.strip()]
    try:
        rows = accepted_only([json.loads(line) for line in lines])
    except ValueError as error:
        raise SetMissing(args.draft, f"not JSON lines: {error}") from None
    args.out.write_text(_json_lines(rows), encoding="utf-8")
    print(f"{len(rows)} of {len(lines)} questions accepted → {args.out}")
    return 0


def feedback(args: argparse.Namespace) -> int:
    from eval.feedback import exported
    from eval.questions import read_text

    rows = exported(read_text(args.file).split("\n"))
    args.out.write_text(_json_lines(rows), encoding="utf-8")
    accepted = sum(row["accepted"] is True for row in rows)
    print(f"{len(rows)} questions, {accepted} accepted → {args.out}")
    return 0


def _n_asked(squad: Json) -> int:
    return sum(
        len(paragraph["qas"]) for entry in squad["data"] for paragraph in entry["paragraphs"]
    )


def _json_lines(rows: Sequence[Json]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _scored(path: Path) -> tuple[Run, Scores]:
    from eval.runs import read_run
    from eval.scoring import score

    found = read_run(path)
    return found, score(found)


def _tell(path: Path | None, value: object, *shown: str) -> None:
    """The value as JSON where it is asked for, and tables for people.

    Where the JSON takes standard output, the tables go to standard error.
    """
    if path is not None:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        if str(path) == "-":
            print(text)
        else:
            path.write_text(text + "\n", encoding="utf-8")
    for table in shown:
        print(table, file=sys.stderr if path is not None and str(path) == "-" else sys.stdout)


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


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
        type=place,
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
        type=_share,
        default=0.0,
        metavar="RATIO",
        help="with --reading given: share of passages that are not about the question (1: none is)",
    )
    made.add_argument("--seed", type=int, default=0, help="for drawing the noise")
    made.add_argument(
        "--abstain-threshold",
        type=_share,
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

    made = command("compare", compare, "what differs between two runs, and whether by chance")
    made.add_argument("run_a", type=Path, metavar="RUN_A")
    made.add_argument("run_b", type=Path, metavar="RUN_B")
    made.add_argument("--json", type=Path, metavar="FILE")

    made = command("gate", gate, "exit 1 when a run is worse than its baseline")
    made.add_argument("one", type=Path, metavar="RUN")
    made.add_argument("--baseline", type=Path, required=True, metavar="RUN")
    made.add_argument(
        "--tolerances", type=Path, metavar="FILE", help="TOML (default: eval/gate.toml)"
    )
    made.add_argument("--json", type=Path, metavar="FILE")

    made = command("report", report, "one HTML file of one or more runs, to open offline")
    made.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    made.add_argument("--out", type=Path, metavar="FILE", help="default: report.html in the run")

    made = command("vary", vary, "make a harder set of a set, by seed")
    made.add_argument("set", type=Path, metavar="SET")
    made.add_argument(
        "--kind", choices=("typo", "reworded", "counterfactual"), required=True,
        help="slips of the finger; other wording; contexts that say another number",
    )  # fmt: skip
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--out", type=Path, required=True, metavar="FILE")

    made = command("convert", convert, "make a set of others' items")
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--form", choices=("rgb", "crud"), required=True)
    made.add_argument("--out", type=Path, required=True, metavar="FILE")

    made = command("draft", draft, "draft questions from the indexed articles, for an editor")
    made.add_argument("--index", type=place, metavar="DIR")
    made.add_argument("--per-article", type=int, default=5, metavar="N")
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--embedding", default="default")
    made.add_argument("--out", type=Path, required=True, metavar="FILE")

    made = command("accept", accept, "make a set of the lines of a draft that were accepted")
    made.add_argument("draft", type=Path, metavar="DRAFT")
    made.add_argument("--out", type=Path, required=True, metavar="FILE")

    made = command("feedback", feedback, "make a draft of people's verdicts on answers")
    made.add_argument("file", type=Path, metavar="FEEDBACK", help="feedback.jsonl of the chat")
    made.add_argument("--out", type=Path, required=True, metavar="FILE")
    return top


def default_out(name: str) -> Path:
    """A folder of its own for each run, under the user's data."""
    from qa.home import index_home

    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return index_home() / "runs" / f"{name}-{stamp}"


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except Error as error:
        if args.debug:
            raise
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        if args.debug:
            raise
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command with the same --out goes on from here", file=sys.stderr)
        return 130
