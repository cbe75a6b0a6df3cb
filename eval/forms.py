"""Sets in others' forms: SQuAD-like JSON (SQuAD, CMRC, DRCD, XQuAD) and BEIR folders.

Both bring their texts along; each distinct context is one document.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from eval.errors import Invalid, SetMissing
from eval.schema import Document, Gold, Question, QuestionSet
from index.schema import Span

Json = dict[str, Any]


def read_squad(path: Path, text: str) -> QuestionSet:
    """SQuAD v1 or v2, CMRC 2018, DRCD, XQuAD: data → paragraphs → qas.

    Or as Hugging Face exports them: a list, alone or as `data`, in which each
    question has its `context` beside it.

    Raises:
        SetMissing: not JSON, or not of this form.
    """
    try:
        read = json.loads(text)
        entries = cast("list[Json]", read if isinstance(read, list) else read["data"])
        paragraphs = [
            (str(entry.get("title") or ""), paragraph)
            for entry in entries
            for paragraph in (
                [{"context": entry["context"], "qas": [entry]}]
                if "context" in entry
                else cast("list[Json]", entry["paragraphs"])
            )
        ]
        rows = [
            (title, str(paragraph["context"]), list(cast("list[object]", paragraph["qas"])))
            for title, paragraph in paragraphs
        ]
    except json.JSONDecodeError as error:
        raise SetMissing(path, f"not JSON: {error.msg} at line {error.lineno}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise SetMissing(path, f"neither JSON lines nor SQuAD-like JSON: {error!r}") from None
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    invalid: list[Invalid] = []
    for title, context, asked in rows:
        document = documents.setdefault(
            context, Document(f"c{len(documents)}", context, title or None)
        )
        for position, row in enumerate(asked):
            name = f"{document.id}, question {position}"
            if not isinstance(row, dict):
                invalid.append(Invalid(str(path), None, name, "qas", f"not an object: {row!r}"))
                continue
            fields = cast("Json", row)
            question, wrong = _squad_question(fields, document)
            if question is None:
                invalid.append(Invalid(str(path), None, str(fields.get("id") or name), *wrong))
            else:
                questions.append(question)
    return QuestionSet(
        name=path.stem,
        path=str(path),
        form="squad",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        questions=tuple(questions),
        documents=tuple(documents.values()),
        invalid=tuple(invalid),
    )


def _squad_question(row: Json, document: Document) -> tuple[Question | None, tuple[str, str]]:
    """The question, or None with the field and what is wrong with it."""
    if not str(row.get("id") or ""):
        return None, ("id", "missing")
    text = str(row.get("question") or "")
    if not text.strip():
        return None, ("question", "missing or empty")
    for field in ("lang", "type"):
        if not isinstance(row.get(field), str | None):
            return None, (field, f"not a string: {row[field]!r}")
    given = row.get("answers") or []
    pairs = _answer_pairs(given)
    if pairs is None:
        return None, ("answers", f"not a list of text and answer_start: {given!r}")
    # Hugging Face has no is_impossible: there, no answer is said by empty lists.
    impossible = bool(row.get("is_impossible", isinstance(given, dict) and not pairs))
    answers: dict[tuple[str, int], None] = {}  # annotators often agree
    for said, start in [] if impossible else pairs:
        if not isinstance(said, str) or not said:
            return None, ("answers.text", "missing or empty")
        if start == -1:  # CMRC: an annotator's wording that the context does not print
            answers[said, -1] = None
            continue
        if type(start) is not int or start < 0 or start + len(said) > len(document.text):
            return None, ("answers.answer_start", f"{start} is outside the context")
        if document.text[start : start + len(said)] != said:
            found = document.text[start : start + len(said)]
            return None, ("answers.answer_start", f"{said!r} is not there but {found!r}")
        answers[said, start] = None
    if not impossible and not answers:
        return None, ("answers", "none given, and is_impossible is not true")
    return Question(
        id=str(row["id"]),
        text=text,
        answerable=not impossible,
        answers=tuple(dict.fromkeys(said for said, _ in answers)),
        gold=tuple(
            Gold(Span(start, start + len(said)), document=document.id)
            for said, start in answers
            if start >= 0
        ),
        documents=(document.id,) if answers else (),
        asked_of=None if answers else document.id,
        lang=row.get("lang"),
        type=row.get("type"),
    ), ("", "")


def _answer_pairs(given: object) -> list[tuple[Any, Any]] | None:
    """Text and start of each answer; None: neither SQuAD's list of objects nor HF's two lists."""
    if isinstance(given, dict):
        columns = cast("Json", given)
        texts, starts = columns.get("text"), columns.get("answer_start")
        if isinstance(texts, list) and isinstance(starts, list) and len(texts) == len(starts):
            return list(zip(texts, starts, strict=True))
    elif isinstance(given, list) and all(isinstance(each, dict) for each in given):
        rows = cast("list[Json]", given)
        return [(each.get("text"), each.get("answer_start")) for each in rows]
    return None


def paired(asked: QuestionSet, read: QuestionSet) -> QuestionSet:
    """The questions of one set with the contexts and answers of the other, by id."""
    texts = {question.id: question.text for question in asked.questions}
    kept = tuple(
        replace(question, text=texts[question.id])
        for question in read.questions
        if question.id in texts
    )
    there = {question.id for question in read.questions}
    invalid = [
        Invalid(asked.path, None, id_, "id", f"not in {read.path}") for id_ in texts.keys() - there
    ]
    return replace(
        read,
        name=f"{asked.name}→{read.name}",
        path=asked.path,
        sha256=hashlib.sha256((asked.sha256 + read.sha256).encode()).hexdigest(),
        questions=kept,
        invalid=(*asked.invalid, *read.invalid, *sorted(invalid, key=str)),
    )


def to_squad(questions: Sequence[Question], documents: Sequence[Document]) -> Json:
    """A set in SQuAD's form, every answer at the place where its gold span or its words stand."""
    entries: list[Json] = []
    for document in documents:
        asked: list[Json] = []
        for question in questions:
            if document.id not in (question.documents[:1] or (question.asked_of,)):
                continue
            places = {gold.span.of(document.text): gold.span.start for gold in question.gold}
            asked.append(
                {
                    "id": question.id,
                    "question": question.text,
                    "lang": question.lang,
                    "type": question.type,
                    "is_impossible": not question.answerable,
                    "answers": [
                        {"text": text, "answer_start": places.get(text, document.text.find(text))}
                        for text in question.answers
                    ],
                }
            )
        paragraph = {"context": document.text, "qas": asked}
        entries.append({"title": document.title or "", "paragraphs": [paragraph]})
    return {"version": "wenju", "data": entries}


def read_beir(path: Path) -> QuestionSet:
    """corpus.jsonl, queries.jsonl and qrels/*.tsv: test.tsv, or the only one there.

    Queries without a judged document are not part of the task and left out.

    Raises:
        SetMissing: a file is missing or not as BEIR has it.
    """
    qrels_path = path / "qrels" / "test.tsv"
    if not qrels_path.is_file():
        others = sorted((path / "qrels").glob("*.tsv"))
        if len(others) != 1:
            raise SetMissing(path, "no BEIR folder: it has no qrels/test.tsv")
        (qrels_path,) = others
    digest = hashlib.sha256()
    grades: dict[str, dict[str, int]] = {}
    for line, row in enumerate(
        csv.reader(io.StringIO(_read(qrels_path, digest)), delimiter="\t"), start=1
    ):
        if line == 1 and not row[-1].isdigit():
            continue
        try:
            query, document, grade = row
            grades.setdefault(query, {})[document] = int(grade)
        except ValueError:
            raise SetMissing(qrels_path, f"line {line} is not query, document, grade") from None
    documents = tuple(
        Document(str(row["_id"]), str(row.get("text") or ""), str(row.get("title") or "") or None)
        for _, row in _rows(path / "corpus.jsonl", digest)
    )
    known = {document.id for document in documents}
    questions: list[Question] = []
    invalid: list[Invalid] = []
    for line, row in _rows(path / "queries.jsonl", digest):
        id_, text = str(row["_id"]), str(row.get("text") or "")
        judged = {d: g for d, g in grades.get(id_, {}).items() if g > 0}
        if not judged:
            continue
        where = str(path / "queries.jsonl")
        if not text.strip():
            invalid.append(Invalid(where, line, id_, "text", "missing or empty"))
        elif missing := judged.keys() - known:
            reason = f"{min(missing)} is not in corpus.jsonl"
            invalid.append(Invalid(where, line, id_, "qrels", reason))
        else:
            questions.append(
                Question(id_, text, True, documents=tuple(judged), grades=judged, line=line)
            )
    return QuestionSet(
        name=path.name,
        path=str(path),
        form="beir",
        sha256=digest.hexdigest(),
        questions=tuple(questions),
        documents=documents,
        invalid=tuple(invalid),
    )


def _read(path: Path, digest: Any) -> str:
    try:
        data = path.read_bytes()
        digest.update(data)
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SetMissing(path, str(error)) from None


def _rows(path: Path, digest: Any) -> Iterator[tuple[int, Json]]:
    for line, text in enumerate(_read(path, digest).split("\n"), start=1):
        if text.strip():
            try:
                row = json.loads(text)
                row["_id"]
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise SetMissing(path, f"line {line}: {error!r}") from None
            yield line, row
