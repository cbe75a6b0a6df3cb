"""Reads a question set of any accepted form, and says what is wrong with it.

`read_set` is the door. JSON lines are read here; SQuAD-like JSON and BEIR
folders in `forms`. Each field is checked where it is read, so that a complaint
names file, line and field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from eval import forms
from eval.errors import Invalid, SetMissing
from eval.schema import Gold, Mode, Question, QuestionSet
from index.schema import Span

Json = dict[str, Any]


def read_set(path: Path, *, contexts: Path | None = None) -> QuestionSet:
    """Read one set.

    Args:
        path: a .jsonl file, a SQuAD-like .json file, or a BEIR folder.
        contexts: a SQuAD-like file whose contexts and answers take the place of
            the set's own, matched by question id (XQuAD across languages).

    Raises:
        SetMissing: nothing there, or nothing of a known form.
    """
    if path.is_dir():
        if contexts is not None:
            raise SetMissing(path, "a BEIR folder cannot be paired with --contexts")
        return _without_repeats(forms.read_beir(path))
    text = read_text(path)
    if path.suffix == ".jsonl":
        if contexts is not None:
            raise SetMissing(path, "only SQuAD-like sets can be paired with --contexts")
        return _without_repeats(_read_lines(path, text))
    found = forms.read_squad(path, text)
    if contexts is not None:
        found = forms.paired(found, forms.read_squad(contexts, read_text(contexts)))
    return _without_repeats(found)


def read_text(path: Path) -> str:
    """The file as UTF-8 text.

    Raises:
        SetMissing: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SetMissing(path, f"not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise SetMissing(path, error.strerror or str(error)) from None


def question_to_json(question: Question) -> Json:
    """One line of a JSON lines set; what `question_from_line` reads back."""
    line: Json = {
        "id": question.id,
        "question": question.text,
        "answers": list(question.answers),
        "answerable": question.answerable,
        "mode": question.mode,
    }
    if question.gold:
        line["spans"] = [[gold.span.start, gold.span.end] for gold in question.gold]
        line["sources"] = [[gold.path, gold.document, gold.need] for gold in question.gold]
    optional = {
        "doc_ids": list(question.documents),
        "grades": dict(question.grades),
        "lang": question.lang,
        "type": question.type,
        "history": list(question.history),
    }
    return line | {name: value for name, value in optional.items() if value}


def question_from_line(path: str, number: int, line: str) -> Question:
    """What `question_to_json` made.

    Raises:
        ValueError: it did not make this.
    """
    row = _Row(path, number)
    question = row.question(line)
    if question is None or row.invalid:
        raise ValueError("; ".join(map(str, row.invalid)))
    return question


def _read_lines(path: Path, text: str) -> QuestionSet:
    questions: list[Question] = []
    invalid: list[Invalid] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        row = _Row(str(path), number)
        question = row.question(line)
        invalid += row.invalid
        if question is not None and not row.invalid:
            questions.append(question)
    return QuestionSet(
        name=path.stem,
        path=str(path),
        form="jsonl",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        questions=tuple(questions),
        invalid=tuple(invalid),
    )


class _Row:
    """Checks one line; what is wrong gathers in `invalid`."""

    def __init__(self, path: str, line: int) -> None:
        self.path, self.line = path, line
        self.id: str | None = None
        self.invalid: list[Invalid] = []

    def wrong(self, field: str, reason: str) -> None:
        self.invalid.append(Invalid(self.path, self.line, self.id, field, reason))

    def question(self, line: str) -> Question | None:
        try:
            read = json.loads(line)
        except json.JSONDecodeError as error:
            self.wrong("line", f"not JSON: {error.msg} at column {error.colno}")
            return None
        if not isinstance(read, dict):
            self.wrong("line", "not a JSON object")
            return None
        row = cast("Json", read)
        self.id = str(row["id"]) if isinstance(row.get("id"), str | int) else None
        if not self.id:
            self.wrong("id", "missing")
        text = row.get("question")
        if not isinstance(text, str) or not text.strip():
            self.wrong("question", "missing or empty")
            text = ""
        answers = self.strings(row, "answers")
        answerable = row.get("answerable", bool(answers))
        if not isinstance(answerable, bool):
            self.wrong("answerable", f"neither true nor false: {answerable!r}")
            answerable = bool(answers)
        documents = self.strings(row, "doc_ids")
        if isinstance(row.get("doc_id"), str) and not documents:
            documents = (str(row["doc_id"]),)
        complained = any(each.field == "answers" for each in self.invalid)
        if answerable and not answers and not complained and not row.get("grades"):
            self.wrong("answers", "answerable, but no answer is given")
        if not answerable and answers:
            self.wrong("answers", "not answerable, but an answer is given")
        mode = row.get("mode", "any")
        if mode not in ("any", "all"):
            self.wrong("mode", f"neither any nor all: {mode!r}")
        history = self.strings(row, "history")
        return Question(
            id=self.id or "",
            text=text,
            answerable=answerable,
            answers=answers,
            mode=cast("Mode", mode),
            gold=self.gold(row) if answerable else (),
            documents=documents if answerable else (),
            grades=self.grades(row),
            lang=self.word(row, "lang"),
            type=self.word(row, "type"),
            history=history,
            line=self.line,
        )

    def strings(self, row: Json, field: str) -> tuple[str, ...]:
        values = row.get(field)
        if values is None:
            return ()
        if not isinstance(values, list):
            self.wrong(field, "not a list")
            return ()
        for value in cast("list[object]", values):
            if not isinstance(value, str) or not value.strip():
                self.wrong(field, f"not a string, or empty: {value!r}")
                return ()
        return tuple(cast("list[str]", values))

    def word(self, row: Json, field: str) -> str | None:
        value = row.get(field)
        if value is not None and not isinstance(value, str):
            self.wrong(field, f"not a string: {value!r}")
            return None
        return value or None

    def grades(self, row: Json) -> dict[str, int]:
        match row.get("grades", {}):
            case dict() as grades if all(type(each) is int for each in grades.values()):
                return cast("dict[str, int]", grades)
            case other:
                self.wrong("grades", f"not an object of whole numbers: {other!r}")
                return {}

    def gold(self, row: Json) -> tuple[Gold, ...]:
        """Whether the words there are an answer's is seen where the text is: `places.placed`."""
        spans, path = row.get("spans"), self.word(row, "source")
        if spans is None:
            return ()
        if not isinstance(spans, list):
            self.wrong("spans", "not a list")
            return ()
        pairs = cast("list[Any]", spans)
        # Our own field: file, record, and for mode all the answer that each span is a place of.
        named: object = row.get("sources", [[path, None]] * len(pairs))
        if not isinstance(named, list) or len(sources := cast("list[Any]", named)) != len(pairs):
            self.wrong("sources", f"not a list of one for each of {len(pairs)} spans")
            return ()
        found: list[Gold] = []
        for position, (pair, source) in enumerate(zip(pairs, sources, strict=True)):
            match pair:
                case [int(start), int(end)] if 0 <= start < end:
                    span = Span(start, end)
                case _:
                    self.wrong("spans", f"not [start, end) with start < end: {pair!r}")
                    continue
            match source:
                case [str() | None as file, str() | None as record]:
                    found.append(Gold(span, file, record, position))
                case [str() | None as file, str() | None as record, int(need)]:
                    found.append(Gold(span, file, record, need))
                case _:
                    self.wrong("sources", f"not [file, record]: {source!r}")
        return tuple(found)


def _without_repeats(found: QuestionSet) -> QuestionSet:
    """Of questions with one id the first stays; the others are invalid."""
    first: dict[str, Question] = {}
    invalid = list(found.invalid)
    for question in found.questions:
        if question.id in first:
            line = first[question.id].line
            reason = "given twice" if line is None else f"given twice, first in line {line}"
            invalid.append(Invalid(found.path, question.line, question.id, "id", reason))
        else:
            first[question.id] = question
    return replace(found, questions=tuple(first.values()), invalid=tuple(invalid))


def checked(
    found: QuestionSet, wrong_with: Callable[[Question], tuple[str, str] | None]
) -> QuestionSet:
    """The set without the questions for which `wrong_with` names a field and a reason."""
    kept: list[Question] = []
    invalid = list(found.invalid)
    for question in found.questions:
        if (wrong := wrong_with(question)) is None:
            kept.append(question)
        else:
            invalid.append(Invalid(found.path, question.line, question.id, *wrong))
    return replace(found, questions=tuple(kept), invalid=tuple(invalid))
