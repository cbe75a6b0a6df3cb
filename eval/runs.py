"""A run's folder: everything needed to score it again without the system.

run.json          what was asked of what: set, index, models, environment
questions.jsonl   the questions as evaluated, a set in its own right
relevant.jsonl    what is relevant for each need of each question
records.jsonl     what the system said, a line each, written and synced as it goes
passages.jsonl    the passages ranked, each once
latency.jsonl     questions asked one at a time, for the percentiles
usage.jsonl       seconds and peak memory, a line for each sitting
run.trec, qrels.trec, run.articles.trec, qrels.articles.trec, predictions.json
                  the same for other tools; written when all is done, as metrics.json and
                  summary.md are
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from eval import retrieval
from eval.errors import RunUnusable
from eval.places import Relevant
from eval.questions import question_from_line, question_to_json
from eval.records import record_from_json, record_to_json
from eval.schema import Question, Record

Json = dict[str, Any]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, read back."""

    path: Path
    manifest: Json
    questions: tuple[Question, ...]
    relevant: tuple[Relevant, ...]
    records: Mapping[str, Record]
    latency: tuple[Mapping[str, float], ...]
    usage: tuple[Mapping[str, float], ...]

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def reading(self) -> str:
        return str(self.manifest["identity"]["reading"])


class Writer:
    """Appends to a run's folder. A line is there whole and synced, or not at all."""

    def __init__(
        self,
        path: Path,
        manifest: Json,
        questions: Sequence[Question],
        relevant: Sequence[Relevant],
    ) -> None:
        """Open the folder, or go on with the same run where it stopped.

        Raises:
            RunUnusable: the folder holds something else.
        """
        self.path = path
        head = path / "run.json"
        if head.is_file():
            found = _load(head)
            if found.get("identity") != manifest["identity"]:
                raise RunUnusable(path, "holds another run; give another --out")
        elif path.is_dir() and any(path.iterdir()):
            raise RunUnusable(path, "holds something that is no run; give another --out")
        else:
            path.mkdir(parents=True, exist_ok=True)
            _write_lines(path / "questions.jsonl", map(question_to_json, questions))
            _write_lines(path / "relevant.jsonl", map(asdict, relevant))
            write_json(head, manifest)
        for name in ("records.jsonl", "passages.jsonl", "latency.jsonl", "usage.jsonl"):
            _drop_torn_line(path / name)
        self._seen = {str(row["id"]) for row in _rows(path / "passages.jsonl")}
        self.done = {str(row["id"]) for row in _rows(path / "records.jsonl")}
        self.n_latency = len(_rows(path / "latency.jsonl"))

    def add(self, records: Iterable[Record]) -> None:
        """The records are on the disk when this returns; their passages before them."""
        passages: list[Json] = []
        lines: list[Json] = []
        for record in records:
            lines.append(record_to_json(record))
            for hit in record.ranking:
                if hit.passage_id not in self._seen:
                    self._seen.add(hit.passage_id)
                    passages.append({"id": hit.passage_id, "title": hit.title, "text": hit.text})
        _append(self.path / "passages.jsonl", passages)
        _append(self.path / "records.jsonl", lines)
        self.done.update(str(line["id"]) for line in lines)

    def add_latency(self, timings_ms: Iterable[Mapping[str, float]]) -> None:
        _append(self.path / "latency.jsonl", [dict(each) for each in timings_ms])

    def add_usage(self, usage: Mapping[str, float]) -> None:
        _append(self.path / "usage.jsonl", [dict(usage)])


def read_run(path: Path) -> Run:
    """A run's folder as values.

    Raises:
        RunUnusable: not a run, or not all its questions were asked.
    """
    if not (path / "run.json").is_file():
        raise RunUnusable(path, "no run here: python -m eval run SET --out DIR makes one")
    try:
        manifest = _load(path / "run.json")
        if manifest.get("format") != FORMAT:
            raise RunUnusable(path, f"format {manifest.get('format')}, this version reads {FORMAT}")
        texts = {str(row["id"]): row for row in _rows(path / "passages.jsonl")}
        records = {
            record.id: record
            for record in (record_from_json(row, texts) for row in _rows(path / "records.jsonl"))
        }
        questions = tuple(
            question_from_line(str(path / "questions.jsonl"), number, line)
            for number, line in enumerate(_lines(path / "questions.jsonl"), start=1)
        )
        relevant = tuple(
            Relevant(row["topic"], row["question"], tuple(row["passages"]), row["documents"])
            for row in _rows(path / "relevant.jsonl")
        )
        latency = tuple(cast("list[dict[str, float]]", _rows(path / "latency.jsonl")))
        usage = tuple(cast("list[dict[str, float]]", _rows(path / "usage.jsonl")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunUnusable(path, f"damaged: {error!r}") from error
    if missing := [question.id for question in questions if question.id not in records]:
        raise RunUnusable(
            path,
            f"{len(missing)} of {len(questions)} questions are not asked yet; "
            f"go on: python -m eval run {manifest['set']['path']} --out {path}",
        )
    return Run(path, manifest, questions, relevant, records, latency, usage)


def export(run: Run) -> None:
    """TREC run and qrels files and SQuAD's predictions, for other tools."""
    units: tuple[tuple[retrieval.Unit, str], ...] = (("passage", ""), ("article", ".articles"))
    for unit, name in units:
        judged = retrieval.qrels(run.relevant, unit)
        ranked = retrieval.run(run.relevant, run.records, unit)
        lines = [
            f"{_token(topic)} 0 {_token(id_)} {grade}"
            for topic, grades in judged.items()
            for id_, grade in grades.items()
        ]
        write_text(run.path / f"qrels{name}.trec", "\n".join([*lines, ""]))
        lines = [
            f"{_token(topic)} Q0 {_token(id_)} {rank} {score:.6f} wenju"
            for topic, scored in ranked.items()
            for rank, (id_, score) in enumerate(scored.items(), start=1)
        ]
        write_text(run.path / f"run{name}.trec", "\n".join([*lines, ""]))
    predictions = {id_: record.text or "" for id_, record in run.records.items()}
    write_json(run.path / "predictions.json", predictions)


def write_json(path: Path, value: object) -> None:
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _token(text: str) -> str:
    """TREC files are cut at white space."""
    return "_".join(text.split())


def _load(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text(encoding="utf-8")))


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def _rows(path: Path) -> list[Json]:
    return [json.loads(line) for line in _lines(path)] if path.is_file() else []


def _write_lines(path: Path, rows: Iterable[Json]) -> None:
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_text(path: Path, text: str) -> None:
    """Whole or not at all: beside it first, then renamed over."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _append(path: Path, rows: Sequence[Json]) -> None:
    if rows:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
            file.flush()
            os.fsync(file.fileno())


def _drop_torn_line(path: Path) -> None:
    """What a kill left of a line is cut off."""
    if path.is_file():
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with path.open("r+b") as file:
                file.truncate(whole)
                os.fsync(file.fileno())
