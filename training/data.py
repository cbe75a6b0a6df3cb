"""Training examples for the reader: questions with a passage, and questions without.

Everything comes from the training folder that is named on the command line
(SQuAD form, xz); `newspaper.py` adds questions made from news. The evaluation
sets are not opened here.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    title: str
    context: str
    answer: tuple[int, int] | None  # characters of `context`; None: it does not say
    source: str


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    title: str
    context: int  # number of the context
    answer: tuple[int, int]


def squad(path: Path) -> tuple[list[str], list[Question]]:
    """Contexts, and questions with the first answer of each."""
    data = path.read_bytes()
    raw = lzma.decompress(data) if path.suffix == ".xz" else data
    contexts: list[str] = []
    questions: list[Question] = []
    for entry in json.loads(raw)["data"]:
        for paragraph in entry["paragraphs"]:
            number = len(contexts)
            contexts.append(paragraph["context"])
            for qa in paragraph["qas"]:
                answer: dict[str, Any] = qa["answers"][0]
                start, text = answer["answer_start"], answer["text"]
                if paragraph["context"][start : start + len(text)] != text or not text.strip():
                    continue
                questions.append(
                    Question(
                        qa["id"],
                        qa["question"],
                        str(entry.get("title", "")).replace("_", " "),
                        number,
                        (start, start + len(text)),
                    )
                )
    return contexts, questions


def sentence_bounds(text: str) -> list[tuple[int, int]]:
    """Cuts behind sentence ends, Chinese and Western."""
    ends = re.finditer(r"[。！？；!?\n][”’」』）)]*|\.(?=\s)", text)
    cuts = [0, *(match.end() for match in ends)]
    if cuts[-1] < len(text):
        cuts.append(len(text))
    return list(pairwise(cuts))


def crop(
    text: str, answer: tuple[int, int] | None, room: int, rng: random.Random
) -> tuple[str, tuple[int, int] | None]:
    """Whole sentences around the answer (or anywhere), about `room` characters."""
    if len(text) <= room:
        return text, answer
    bounds = sentence_bounds(text)
    if answer is None:
        first = last = rng.randrange(len(bounds))
    else:
        first = next(i for i, (_, end) in enumerate(bounds) if answer[0] < end)
        last = next(i for i, (_, end) in enumerate(bounds) if answer[1] <= end)
    while True:
        sides = [s for s, ok in (("l", first > 0), ("r", last + 1 < len(bounds))) if ok]
        if not sides:
            break
        side = rng.choice(sides)
        f, la = (first - 1, last) if side == "l" else (first, last + 1)
        if bounds[la][1] - bounds[f][0] > room:
            break
        first, last = f, la
    start, end = bounds[first][0], bounds[last][1]
    if end - start > 2 * room and answer is not None:  # one endless sentence
        start = max(start, answer[0] - rng.randrange(room // 2))
        end = min(end, max(answer[1], start + room))
    moved = None if answer is None else (answer[0] - start, answer[1] - start)
    return text[start:end], moved


class Neighbours:
    """For each question, the contexts that look most like holding its answer."""

    def __init__(self, contexts: list[str]) -> None:
        self._vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(2, 2), sublinear_tf=True, dtype=np.float32
        )
        self._contexts = self._vectorizer.fit_transform(contexts)

    def of(self, questions: list[str], *, most: int) -> list[list[int]]:
        found: list[list[int]] = []
        for start in range(0, len(questions), 256):
            rows = self._vectorizer.transform(questions[start : start + 256])
            scores = (rows @ self._contexts.T).toarray()
            best = np.argpartition(-scores, most, axis=1)[:, :most]
            found += [sorted(b.tolist(), key=lambda i, s=s: -s[i]) for b, s in zip(best, scores)]  # noqa: B905
        return found


class Collection:
    """Contexts of one kind with their questions, and hard negatives from among them."""

    def __init__(self, contexts: list[str], questions: list[Question], source: str) -> None:
        self.contexts, self.questions, self.source = contexts, questions, source
        self._near = Neighbours(contexts).of([q.text for q in questions], most=12)
        self._titles = sorted({q.title for q in questions if 2 <= len(q.title) <= 12})

    def mixed_with(
        self, contexts: list[str], questions: list[Question], *, share: float, rng: random.Random
    ) -> Collection:
        """The same questions in the same order, a share of them in the other form."""
        mixed = copy(self)
        mixed.contexts = self.contexts + contexts
        mixed.questions = [
            replace(other, context=other.context + len(self.contexts))
            if rng.random() < share
            else own
            for own, other in zip(self.questions, questions, strict=True)
        ]
        return mixed

    def positive(self, number: int, rng: random.Random) -> Example:
        q = self.questions[number]
        room = rng.choice((100, 160, 220, 280, 280, 500))
        text, answer = crop(self.contexts[q.context], q.answer, room, rng)
        title = q.title if rng.random() < 0.5 else ""
        return Example(q.text, title, text, answer, self.source)

    def negative(self, number: int, rng: random.Random) -> Example | None:
        """A question that the passage does not answer, of one of four kinds."""
        q = self.questions[number]
        context = self.contexts[q.context]
        said = context[q.answer[0] : q.answer[1]]
        kind = rng.random()
        room = rng.choice((120, 200, 280))
        if kind < 0.4:  # another context that looks like it
            others = [n for n in self._near[number] if n != q.context]
            other = self.contexts[rng.choice(others[:6])]
            if said in other:
                return None
            return Example(q.text, "", crop(other, None, room, rng)[0], None, self.source)
        if kind < 0.7:  # the right article, another place
            left, right = context[: q.answer[0]], context[q.answer[1] :]
            cuts = sentence_bounds(left)[:-1]
            before = left[: cuts[-1][1]] if cuts else ""
            rest = sentence_bounds(right)
            after = right[rest[0][1] :] if rest else ""
            place = (
                max((before, after), key=len) if rng.random() < 0.7 else rng.choice((before, after))
            )
            if len(place) < 40 or said in place:
                return None
            title = q.title if rng.random() < 0.5 else ""
            return Example(q.text, title, crop(place, None, room, rng)[0], None, self.source)
        if kind < 0.9:  # the right place, another subject
            if len(q.title) < 2 or q.title not in q.text or len(self._titles) < 2:
                return None
            other_title = rng.choice(self._titles)
            text, _ = crop(context, q.answer, room, rng)
            if other_title in text or other_title == q.title:
                return None
            asked = q.text.replace(q.title, other_title)
            return Example(asked, q.title, text, None, self.source)
        years = re.findall(
            r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", q.text
        )  # the right place, another year
        if not years:
            return None
        year = str(int(rng.choice(years)) + rng.choice((-7, -3, -2, -1, 1, 2, 3, 8)))
        text, _ = crop(context, q.answer, room, rng)
        if year in text:
            return None
        return Example(q.text.replace(years[0], year), q.title, text, None, self.source)


def titles_apart(questions: Iterable[Question]) -> frozenset[str]:
    """Every fourth article is for the decision, which is fitted on what no reader has seen."""
    return frozenset(sorted({question.title for question in questions})[::4])


class Parallel:
    """Questions and contexts that say the same in twelve languages, mixed at will."""

    def __init__(self, folder: Path) -> None:
        self._contexts: dict[str, list[str]] = {}
        self._questions: dict[str, dict[str, Question]] = {}
        for language in LANGUAGES:
            contexts, questions = squad(folder / f"xquad.{language}.json")
            self._contexts[language] = contexts
            self._questions[language] = {q.id: q for q in questions}
        apart = titles_apart(self._questions["en"].values())
        self.ids = sorted(i for i, q in self._questions["en"].items() if q.title not in apart)

    def example(self, question_id: str, rng: random.Random) -> Example:
        pair = rng.random()
        if pair < 0.35:
            asked_in, written_in = "en", "zh"
        elif pair < 0.55:
            asked_in, written_in = "en", "en"
        elif pair < 0.7:
            asked_in, written_in = "zh", "zh"
        elif pair < 0.8:
            asked_in, written_in = "zh", "en"
        else:
            asked_in, written_in = rng.choice(LANGUAGES), rng.choice(LANGUAGES)
        question = self._questions[asked_in][question_id]
        gold = self._questions[written_in][question_id]
        context = self._contexts[written_in][gold.context]
        scale = 1 if written_in == "zh" else 3
        if rng.random() < 0.2:  # another paragraph
            other = rng.randrange(len(self._contexts[written_in]))
            text = self._contexts[written_in][other]
            if other == gold.context or context[gold.answer[0] : gold.answer[1]] in text:
                return self.example(question_id, rng)
            return Example(question.text, "", crop(text, None, 250 * scale, rng)[0], None, "xquad")
        text, answer = crop(context, gold.answer, rng.choice((120, 200, 280)) * scale, rng)
        return Example(question.text, "", text, answer, "xquad")


def epoch(
    collections: list[Collection],
    parallel: Parallel,
    written: Sequence[Callable[[random.Random], Example]],
    others: Callable[[random.Random], Example],
    in_english: Callable[[str, random.Random], str],
    rng: random.Random,
) -> Iterator[Example]:
    """Every question once, some a second time as one without an answer; some in English words.

    Args:
        written: each comes three times, in another passage; half of all examples.
        others: makes an example of its own each time it is called; a quarter.
    """
    made: list[Callable[[], Example | None]] = []
    for collection in collections:
        for number in range(len(collection.questions)):
            made.append(partial(collection.positive, number, rng))
            if rng.random() < 0.45:
                made.append(partial(collection.negative, number, rng))
    made += [partial(parallel.example, question_id, rng) for question_id in parallel.ids * 10]
    base = len(made)
    made += [partial(each, rng) for each in written] * 3
    made += [partial(others, rng)] * (base // 4)
    rng.shuffle(made)
    for make in made:
        example = make()
        if example is None:
            continue
        if example.source != "xquad" and is_chinese(example.question) and rng.random() < 0.18:
            example = replace(example, question=in_english(example.question, rng))
        yield example


def is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))
