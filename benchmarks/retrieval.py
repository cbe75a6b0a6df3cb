"""How well the index finds: recall and MRR of the right context or article, by set.

    python -m benchmarks.retrieval                      the sets under ../shared/eval
    python -m benchmarks.retrieval train                those that the mixture was chosen on
    python -m benchmarks.retrieval news                 all 53,588 articles, with intervals
    python -m benchmarks.retrieval news --corpus FILE   another corpus for the same questions

Every set is searched with the one default setting, through `Index.search`,
and with each half alone. Indexes are kept in the cache, so a second run only
asks the questions. A context or article ranks where its best passage ranks.
`news` makes no vectors: it uses what `benchmarks.storage --vectors` has made,
says how many there are, and where some are missing asks the questions a second
time among the articles that have all of theirs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Index, update
from index.embed import Embedder, load_embedder, model_cache
from index.schema import Hit

SHARED = Path(__file__).resolve().parents[2] / "shared"
DEPTH = 10  # contexts looked at
PASSAGES = 50  # hits asked for, so that ten contexts are among them


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    gold: frozenset[str]  # ids of contexts, any of which is right
    lang: str


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    corpus: Path | tuple[tuple[str, str], ...]  # a file as it is, or (id, text) of each context
    questions: tuple[Question, ...]


def read_json(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads(lzma.decompress(data) if path.suffix == ".xz" else data)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def squad(name: str, *files: Path, questions_from: Path | None = None, at_most: int = 0) -> Task:
    """Contexts of the files; questions of the first one, or of one in another language."""
    contexts: dict[str, str] = {}
    home: dict[str, set[str]] = {}
    for number, file in enumerate(files):
        for at, paragraph in enumerate(paragraphs(file)):
            contexts[f"{number}-{at}"] = paragraph["context"]
            for question in paragraph["qas"]:
                home.setdefault(question["id"], set()).add(f"{number}-{at}")
    asked = [
        Question(question["question"], frozenset(home[question["id"]]), "")
        for paragraph in paragraphs(questions_from or files[0])
        for question in paragraph["qas"]
    ]
    if at_most:
        kept = set(random.Random(0).sample(sorted(contexts), at_most))
        contexts = {key: text for key, text in contexts.items() if key in kept}
        asked = [question for question in asked if question.gold & kept]
    return Task(name, tuple(contexts.items()), tuple(asked))


def paragraphs(file: Path) -> Iterable[dict[str, Any]]:
    return (p for entry in read_json(file)["data"] for p in entry["paragraphs"])


def news(name: str, corpus: Path, questions: Path) -> Task:
    return Task(
        name,
        corpus,
        tuple(
            Question(row["question"], frozenset(row["doc_ids"]), row["lang"])
            for row in read_lines(questions)
        ),
    )


def eval_tasks() -> list[Task]:
    xquad = SHARED / "eval/xquad_dev"
    zh, en = xquad / "xquad.zh.json", xquad / "xquad.en.json"
    small = SHARED / "corpus/news_2k.jsonl.xz"
    return [
        squad("cmrc_dev_quarter", SHARED / "eval/cmrc_dev_quarter.json"),
        squad("xquad_dev zh→zh", zh),
        squad("xquad_dev en→zh", zh, questions_from=en),
        squad("xquad_dev en→en", en),
        squad("xquad_dev en→zh+en", zh, en, questions_from=en),
        squad("xquad_dev zh→zh+en", zh, en),
        news("news_dev, 2,000 articles", small, SHARED / "eval/news_dev.jsonl"),
        news("news_dev_para, 2,000 articles", small, SHARED / "eval/news_dev_para.jsonl"),
    ]


def train_tasks() -> list[Task]:
    train = SHARED / "train"
    zh, en = train / "xquad/xquad.zh.json", train / "xquad/xquad.en.json"
    return [
        squad("cmrc_train, 250 contexts", train / "cmrc_train.json.xz", at_most=250),
        squad("drcd_hant, 200 contexts", train / "drcd_devtest_hant.json.xz", at_most=200),
        squad("xquad_train zh→zh", zh),
        squad("xquad_train en→zh", zh, questions_from=en),
        squad("xquad_train en→en", en),
        squad("xquad_train en→zh+en", zh, en, questions_from=en),
        squad("xquad_train zh→zh+en", zh, en),
        squad("xquad_train zh→en", en, questions_from=zh),
    ]


def kept_at(corpus: Path) -> Path:
    """Where the index over a corpus file is kept; `benchmarks.storage` has the same place."""
    return model_cache() / "benchmarks" / corpus.name.split(".")[0]


def opened(task: Task, embedder: Embedder) -> Index:
    """The task's index, made or brought up to date in the cache."""
    if isinstance(task.corpus, Path):
        path = kept_at(task.corpus)
        path.parent.mkdir(parents=True, exist_ok=True)
        update(path, [task.corpus], embedder=embedder, prune=True, progress=say)
        return Index.open(path, embedder=embedder)
    lines = "".join(
        json.dumps({"id": key, "date": None, "text": text}, ensure_ascii=False) + "\n"
        for key, text in task.corpus
    )
    path = kept_at(Path(hashlib.sha256(lines.encode()).hexdigest()[:16]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "contexts.jsonl")
        corpus.write_text(lines, encoding="utf-8")
        if not (path / "CURRENT").exists():
            update(path, [corpus], embedder=embedder, prune=True, progress=say)
    return Index.open(path, embedder=embedder)


def say(progress: Any) -> None:
    print(f"\r{progress.stage} {progress.done} of {progress.total}", end=" ", file=sys.stderr)


def ranked_contexts(hits: Sequence[Hit], records: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(records[hit.passage.article_id] for hit in hits))[:DEPTH]


@dataclass(frozen=True, slots=True)
class Found:
    recall_1: float
    recall_5: float
    mrr: float
    n: int

    def __str__(self) -> str:
        return f"{self.recall_1:.3f} / {self.recall_5:.3f} / {self.mrr:.3f}"


def ranks(rankings: Sequence[Sequence[str]], questions: Sequence[Question]) -> NDArray[np.float64]:
    """The rank of the first right context among the first ten, else infinity; shape (n,)."""
    return np.array(
        [
            next((at for at, key in enumerate(ranking, start=1) if key in question.gold), np.inf)
            for ranking, question in zip(rankings, questions, strict=True)
        ]
    )


def measured(rankings: Sequence[Sequence[str]], questions: Sequence[Question]) -> Found:
    """Recall@1, recall@5 (any right context among the first) and MRR@10."""
    found = ranks(rankings, questions)
    return Found(
        float((found == 1).mean()),
        float((found <= 5).mean()),
        float((1 / found).mean()),
        len(found),
    )


def by(hits: Sequence[Hit], half: str) -> list[Hit]:
    """The hits that one half has, in its order."""
    kept = [hit for hit in hits if getattr(hit, half) is not None]
    return sorted(kept, key=lambda hit: -getattr(hit, half))


def print_halves(which: str, embedder: Embedder) -> None:
    print("R@1 / R@5 / MRR@10\n")
    print("| set | n | as searched | vectors alone | BM25 alone | ms a query |")
    print("| --- | --- | --- | --- | --- | --- |")
    for task in eval_tasks() if which == "eval" else train_tasks():
        found = opened(task, embedder)
        records = {s.article_id: s.record or s.path for s in found.summaries()}
        began = time.perf_counter()
        hits = found.search_many([question.text for question in task.questions], top_k=200)
        ms = (time.perf_counter() - began) * 1000 / len(hits)
        for lang in sorted({question.lang for question in task.questions}):
            chosen = [n for n, q in enumerate(task.questions) if q.lang == lang]
            questions = [task.questions[n] for n in chosen]
            rows = [
                measured([ranked_contexts(order(hits[n]), records) for n in chosen], questions)
                for order in (list, lambda h: by(h, "dense"), lambda h: by(h, "lexical"))
            ]
            cells = " | ".join(map(str, rows))
            print(f"| {task.name} {lang} | {len(chosen)} | {cells} | {ms:.1f} |", flush=True)
        found.close()


def main() -> None:
    from benchmarks.news import print_news

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", nargs="?", choices=("eval", "train", "news"), default="eval")
    parser.add_argument("--embedding", default="default")
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus/news.jsonl.xz")
    args = parser.parse_args()
    embedder = load_embedder(args.embedding)
    command = " ".join(["python -m benchmarks.retrieval", *sys.argv[1:]])
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{embedder.name}; {command}")
    if args.which == "news":
        print_news(args.corpus, embedder)
    else:
        print_halves(args.which, embedder)


if __name__ == "__main__":
    main()
