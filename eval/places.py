"""Where things stand: gold spans among the articles of an index, and what is relevant for them.

Gold spans count in a source's text, passages in their article's: this module
brings the two together, so that nothing after it needs the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from eval.schema import Gold, Question, QuestionSet
from index.schema import Article, ArticleSummary, Hit, Passage, Span, squeeze


class Articles(Protocol):
    """What evaluating needs of an index; `index.Index` is one."""

    def search_many(self, queries: Sequence[str], *, top_k: int = 10) -> list[list[Hit]]: ...

    def article(self, article_id: str) -> Article: ...

    def summaries(self) -> list[ArticleSummary]: ...

    def passages(self, article_id: str) -> list[Passage]: ...


@dataclass(frozen=True, slots=True)
class Relevant:
    """What is relevant to one need of one question."""

    topic: str  # the question's id; "#n" after it where a question has several needs
    question: str
    passages: tuple[str, ...]  # ids; empty: the set does not say
    documents: dict[str, int]  # keys as `document_key` has them, with their grade


def document_key(article: Article) -> str:
    """What article-level rankings go by: the record's own id, else the article's."""
    return article.source.record or article.id


class Places:
    """All articles of an index by their source."""

    def __init__(self, index: Articles) -> None:
        self._index = index
        self._by_document: dict[str, list[str]] = {}
        self._by_path: dict[str, list[tuple[Span, str]]] = {}
        self._source_of: dict[str, str] = {}  # path → one of its articles
        for each in index.summaries():
            if each.record is not None:
                self._by_document.setdefault(each.record, []).append(each.article_id)
            else:
                self._by_path.setdefault(each.path, []).append((each.source, each.article_id))
                self._source_of.setdefault(each.path, each.article_id)

    def knows(self, document: str) -> bool:
        return document in self._by_document

    @property
    def paths(self) -> list[str]:
        return list(self._by_path)

    def path_of(self, name: str | None, wanted: Sequence[tuple[Span, Sequence[str]]]) -> str | None:
        """The indexed file that a set calls `name`; without a name, the one that says the answers.

        None: no file, or more than one, can be meant.
        """
        if name is not None:
            tail = "/" + name.lstrip("./")
            fits = [p for p in self._by_path if p == name or ("/" + p).endswith(tail)]
            fits = fits or [p for p in self._by_path if tail.endswith("/" + p)]
        elif len(self._by_path) == 1:
            fits = self.paths
        else:
            fits = [p for p in self._by_path if all(self.said(p, s, a) for s, a in wanted)]
        return fits[0] if len(fits) == 1 else None

    def text_of(self, path: str) -> str:
        return self._index.article(self._source_of[path]).source.text

    def said(self, path: str, span: Span, answers: Sequence[str]) -> list[int]:
        """Which of the answers the file says there, by position."""
        text = self.text_of(path)
        if span.end > len(text):
            return []
        there = _folded(span.of(text))
        return [n for n, answer in enumerate(answers) if _folded(answer) == there]

    def articles_of(self, gold: Gold) -> list[str]:
        if gold.document is not None:
            return self._by_document.get(gold.document, [])
        return [
            article_id
            for stretch, article_id in self._by_path.get(gold.path or "", [])
            if stretch.overlaps(gold.span)
        ]

    def relevant(self, question: Question) -> list[Relevant]:
        """One entry for each need; none for questions without an answer or a known place."""
        if question.grades or (question.documents and not question.gold):
            grades = dict(question.grades) or dict.fromkeys(question.documents, 1)
            return [Relevant(question.id, question.id, (), grades)]
        found: list[Relevant] = []
        for number, alternatives in enumerate(question.needs):
            passages: dict[str, None] = {}
            documents: dict[str, int] = dict.fromkeys(question.documents, 1)
            for gold in alternatives:
                for article_id in self.articles_of(gold):
                    article = self._index.article(article_id)
                    holding = [
                        passage.id
                        for passage in self._index.passages(article_id)
                        if marks(article, passage, (gold,))
                    ]
                    if holding:
                        passages.update(dict.fromkeys(holding))
                        documents[document_key(article)] = 1
            topic = question.id if len(question.needs) == 1 else f"{question.id}#{number}"
            found.append(Relevant(topic, question.id, tuple(passages), documents))
        return found


def is_of(article: Article, gold: Gold) -> bool:
    """Whether the gold span counts in the article's source."""
    if gold.document is not None:
        return article.source.record == gold.document
    return article.source.record is None and article.source.path == gold.path


def marks(article: Article, passage: Passage, golds: Iterable[Gold]) -> tuple[Span, ...]:
    """What of the gold spans stands in the passage, in its text, in order."""
    wanted = [gold.span for gold in golds if is_of(article, gold)]
    if not wanted:
        return ()
    inside = [
        any(span.start <= offset < span.end for span in wanted)
        for offset in map(
            article.alignment.offset_to_source, range(passage.span.start, passage.span.end)
        )
    ]
    flags = "".join("1" if flag else "0" for flag in inside)
    return tuple(Span(run.start(), run.end()) for run in re.finditer("1+", flags))


def placed(found: QuestionSet, places: Places) -> tuple[QuestionSet, dict[str, tuple[str, str]]]:
    """The set with every gold span's file named as the index names it.

    A span in a file is a place of the answer whose words stand there: of the
    first that has no place yet, where several have the same.

    Returns:
        The set, and for questions that are of another index, or point at other
        words than their answers, the field and what is wrong.
    """
    unnamed = [
        (gold.span, question.answers)
        for question in found.questions
        for gold in question.gold
        if gold.path is None and gold.document is None
    ]
    only = places.path_of(None, unnamed)
    wrong: dict[str, tuple[str, str]] = {}
    questions: list[Question] = []
    for question in found.questions:
        golds: list[Gold] = []
        missing = [d for d in question.documents if not places.knows(d)]
        if missing and len(missing) == len(question.documents):
            wrong[question.id] = ("doc_ids", f"{missing[0]} is not in the index")
        met: set[int] = set()  # answers that have a place
        for gold in question.gold:
            if gold.document is not None:
                golds.append(gold)
                continue
            path = only if gold.path is None else places.path_of(gold.path, ())
            if path is None:
                named = gold.path or "no source is named, and no single file says all the answers"
                wrong[question.id] = ("source", f"{named}: not in the index")
                break
            said = places.said(path, gold.span, question.answers)
            if not said:
                text = places.text_of(path)
                there = text[gold.span.start : gold.span.end]
                expected = " or ".join(map(repr, question.answers))
                wrong[question.id] = (
                    "spans",
                    f"[{gold.span.start}, {gold.span.end}) is outside {path}"
                    if gold.span.end > len(text)
                    else f"{path} says {there!r} there, not {expected}",
                )
                break
            need = next((answer for answer in said if answer not in met), said[0])
            met.add(need)
            golds.append(replace(gold, path=path, need=need))
        questions.append(replace(question, gold=tuple(golds)))
    return replace(found, questions=tuple(questions)), wrong


def _folded(text: str) -> str:
    return squeeze(unicodedata.normalize("NFKC", text)).casefold()
