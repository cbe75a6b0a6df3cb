"""Questions about 42 articles that nothing was made for: right answers and right silence.

    python -m benchmarks.other_articles NEWS.jsonl.xz [--show] [--index DIR]

NEWS is the news corpus; its articles are named by id in the question set beside this
file (written by language-model assistants that read them and had not seen the system
answer; no text of the corpus is in it, answers are spans). None of the articles was
trained on. Parts a and b were looked at while the answers were being composed, part c
only counted. The questions are asked over the 42 articles, or over an index that holds
them among others.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any

from eval.evaluate import Models, Setting, evaluate, prepare
from eval.metrics import is_correct
from eval.questions import read_set
from index import Index, update
from index.embed import load_embedder
from qa.reading.readers import load_reader

SET = Path(__file__).with_suffix(".jsonl")
KEYS = ("answer_correct", "answer_contained", "citation_hit", "abstain_recall", "ece")
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("news", type=Path)
    parser.add_argument("--show", action="store_true", help="what went wrong, but for part c")
    parser.add_argument("--index", type=Path, help="one that holds the 42 articles and more")
    args = parser.parse_args()
    rows: list[Row] = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    embedder = load_embedder()
    models = Models(embedder, load_reader(embedder))
    print(f"machine  {platform.platform()}, {os.cpu_count()} cores")
    print(f"command  python -m benchmarks.other_articles {shlex.join(sys.argv[1:])}\n")
    print("| part | n | answerable | " + " | ".join(KEYS) + " |")
    print("| --- |" + " --- |" * (len(KEYS) + 2))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        texts = kept(args.news, {row["doc"] for row in rows}, work / "articles")
        if args.index is None:
            update(work / "index", [work / "articles"], embedder=embedder, prune=True)
        index = Index.open(args.index or work / "index", embedder=embedder)
        for part in ("ab", "c"):
            asked = [row for row in rows if row["id"][0] in part]
            path = work / f"{part}.jsonl"
            lines = [json.dumps(as_question(row, texts[row["doc"]])) for row in asked]
            path.write_text("\n".join(lines), encoding="utf-8")
            prepared = prepare(
                read_set(path),
                Setting(reading="open"),
                models,
                index=index,
                sources=[work / "articles"],
                progress=lambda _: None,
            )
            found = evaluate(prepared, work / part, watch=lambda *_: None)["metrics"]
            told = " | ".join(f"{found[key]:.3f}" for key in KEYS)
            print(f"| {part} | {len(asked)} | {sum(r['answerable'] for r in asked)} | {told} |")
            if args.show and part != "c":
                show(asked, texts, work / part / "records.jsonl")


def kept(corpus: Path, ids: set[str], folder: Path) -> dict[str, str]:
    """The texts of those documents, and the folder with them in one file."""
    folder.mkdir()
    texts: dict[str, str] = {}
    with (
        lzma.open(corpus, "rt", encoding="utf-8") as lines,
        (folder / "articles.jsonl").open("w", encoding="utf-8") as out,
    ):
        for line in lines:
            record = json.loads(line)
            if record["id"] in ids:
                texts[record["id"]] = record["text"]
                out.write(line)
    return texts


def as_question(row: Row, text: str) -> Row:
    """One line of a question set."""
    question = {key: row[key] for key in ("id", "question", "lang", "type", "mode", "answerable")}
    if not row["answerable"]:
        return question
    return question | {
        "answers": [text[start:end] for start, end in row["spans"]],
        "spans": row["spans"],
        "sources": [[None, row["doc"]]] * len(row["spans"]),
        "doc_ids": [row["doc"]],
    }


def show(asked: list[Row], texts: dict[str, str], records: Path) -> None:
    said = {row["id"]: row for row in map(json.loads, records.read_text("utf-8").splitlines())}
    for row in asked:
        got = said[row["id"]]
        gold = [texts[row["doc"]][start:end] for start, end in row["spans"]]
        shapes = ((got["text"] or "",), got["answers"])
        right = any(is_correct(shape, gold, row["mode"]) for shape in shapes)
        if right if row["answerable"] else got["text"] is None:
            continue
        print(f"{row['id']} {row['type']}: {row['question']} {gold} not {got['text']}")


if __name__ == "__main__":
    main()
