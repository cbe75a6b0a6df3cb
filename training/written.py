"""Questions that language-model assistants wrote over articles of the news corpus.

`written.jsonl` holds no text of the corpus: `{"doc", "question", "lang", "type", "span"}`
a line, the span in characters of the article, null where the article does not answer.
`contrasts.jsonl` has the same form: sets of questions about several values of one kind in
one place, each told from the others by a word, with some that ask for what is not there
(contrast sets: Gardner et al., 2020).
"""

from __future__ import annotations

import json
import lzma
import random
import re
from pathlib import Path
from typing import Any

from training.data import Example, Neighbours, crop, sentence_bounds
from training.newspaper import hundredth

QUESTIONS = Path(__file__).with_suffix(".jsonl")
CONTRASTS = QUESTIONS.with_name("contrasts.jsonl")
_ROOMS = (100, 160, 220, 280, 320)  # characters of a passage, about


class Written:
    """Examples from the questions, in passages cut anew each time."""

    def __init__(self, corpus: Path, percent: range, questions: Path = QUESTIONS) -> None:
        """
        Args:
            percent: which hundredths of the corpus to use: `TRAINED_ON` or `APART`.

        Raises:
            ValueError: the corpus lacks an article that is asked about.
        """
        lines = questions.read_text(encoding="utf-8").splitlines()
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self.rows = [row for row in rows if hundredth(row["doc"]) in percent]
        wanted = {row["doc"] for row in self.rows}
        self.texts: dict[str, str] = {}
        with lzma.open(corpus, "rt", encoding="utf-8") as records:
            for line in records:
                record = json.loads(line)
                if record["id"] in wanted:
                    self.texts[record["id"]] = record["text"]
        if missing := wanted - self.texts.keys():
            raise ValueError(f"{corpus} lacks {len(missing)} articles of {questions.name}")
        self._documents = sorted(self.texts)
        near = Neighbours([self.texts[document] for document in self._documents])
        self._near = near.of([row["question"] for row in self.rows], most=4)

    def __len__(self) -> int:
        return len(self.rows)

    def example(self, number: int, rng: random.Random) -> Example:
        row = self.rows[number]
        text, question, room = self.texts[row["doc"]], row["question"], rng.choice(_ROOMS)
        head = re.split(r"[，。！？\s]", text[:40])[0]
        title = head if 6 <= len(head) <= 25 and rng.random() < 0.4 else ""
        if row["span"] is None:
            near = crop(text, _nearest(question, text), room, rng)[0]
            return Example(question, title, near, None, "written")
        start, end = row["span"]
        kind = rng.random()
        if kind < 0.1:  # another article that looks like it
            other = self.texts[self._documents[rng.choice(self._near[number])]]
            if other != text and text[start:end] not in other:
                found = crop(other, _nearest(question, other), room, rng)[0]
                return Example(question, "", found, None, "written")
        elif kind < 0.22:  # the right article, another place
            bounds = sentence_bounds(text)
            before = max((b for b, _ in bounds if b <= start), default=0)
            behind = min((e for _, e in bounds if e >= end), default=len(text))
            place = max((text[:before], text[behind:]), key=len)
            if len(place) > 60 and text[start:end] not in place:
                found = crop(place, _nearest(question, place), room, rng)[0]
                return Example(question, title, found, None, "written")
        passage, answer = crop(text, (start, end), room, rng)
        return Example(question, title, passage, answer, "written")


def _nearest(question: str, text: str) -> tuple[int, int]:
    """The sentence that shares most with the question: where an answer is looked for."""
    pairs = {question[n : n + 2] for n in range(len(question) - 1)}

    def shared(bounds: tuple[int, int]) -> int:
        sentence = text[slice(*bounds)]
        return len(pairs & {sentence[n : n + 2] for n in range(len(sentence) - 1)})

    return max(sentence_bounds(text), key=shared)
