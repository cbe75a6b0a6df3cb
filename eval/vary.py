"""Sets made harder, by seed: typos, other wording, and contexts that say something else.

Each maker takes a set and returns its questions anew; ids get a suffix, so that
a varied set can be compared with its origin after cutting it off (`of` names it).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.schema import Document, Question, QuestionSet

_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z]{4,}")
_HAN_RUN = re.compile("[\u4e00-\u9fff]{3,}")
# Said one way or another; the first that fits is exchanged.
_WORDINGS = (
    ("为什么", "为何"), ("什么时候", "何时"), ("哪一年", "何年"), ("哪家", "哪一家"),
    ("哪些", "哪几个"), ("多少", "几多"), ("是谁", "是哪一位"), ("谁", "哪个人"),
    ("哪里", "什么地方"), ("什么", "啥"), ("怎么", "咋"),
    ("How many", "What number of"), ("What is", "What's"),
    ("When", "At what time"), ("Which", "What"), ("Who", "Which person"),
)  # fmt: skip
_FRONTS_ZH = ("请问", "我想知道，", "麻烦问一下，", "")
_FRONTS_EN = ("Please tell me: ", "I would like to know: ", "")


@dataclass(frozen=True, slots=True)
class Varied:
    """A question anew, with the question that it was made of."""

    question: Question
    of: str


def with_typos(questions: Sequence[Question], *, seed: int) -> list[Varied]:
    """One slip a question: two neighbours exchanged, one left out, or one typed twice.

    Digits and the question's last character stay, so that it asks the same.
    """
    return [
        _renewed(question, "typo", _slipped(question.text, random.Random(f"{seed}:{question.id}")))
        for question in questions
    ]


def reworded(questions: Sequence[Question], *, seed: int) -> list[Varied]:
    """The question word exchanged for another, a polite opening, no question mark."""
    varied: list[Varied] = []
    for question in questions:
        chance = random.Random(f"{seed}:{question.id}")
        text = question.text
        for word, other in _WORDINGS:
            if word in text:
                text = text.replace(word, other, 1)
                break
        front = chance.choice(_FRONTS_ZH if _HAN_RUN.search(text) else _FRONTS_EN)
        varied.append(_renewed(question, "reworded", front + text.rstrip("？?")))
    return varied


def counterfactual(found: QuestionSet, *, seed: int) -> tuple[list[Varied], list[Document]]:
    """Contexts in which the answer's number is another one, and that is now right.

    A reader that answers from what it remembers, not from what stands there, is
    found out (as in RGB, Chen et al., 2023). Questions whose answers hold no
    number, or whose number stands in the context in several places, are left out.
    """
    texts = {document.id: document for document in found.documents}
    varied: list[Varied] = []
    documents: list[Document] = []
    for question in found.questions:
        document = texts.get(question.documents[0]) if question.documents else None
        answer = question.answers[0] if question.answers else ""
        number = _NUMBER.search(answer)
        if document is None or number is None or document.text.count(number.group()) != 1:
            continue
        chance = random.Random(f"{seed}:{question.id}")
        other = _another(number.group(), chance)
        if other in document.text:
            continue
        name = f"{document.id}~{question.id}"
        documents.append(
            Document(name, document.text.replace(number.group(), other), document.title)
        )
        renewed = _renewed(question, "counterfactual", question.text)
        changed = tuple(
            dict.fromkeys(each.replace(number.group(), other) for each in question.answers)
        )
        varied.append(
            Varied(
                Question(
                    id=renewed.question.id,
                    text=question.text,
                    answerable=True,
                    answers=changed,
                    documents=(name,),
                    lang=question.lang,
                    type=question.type,
                ),
                question.id,
            )
        )
    return varied, documents


def _renewed(question: Question, kind: str, text: str) -> Varied:
    return Varied(
        Question(
            id=f"{question.id}~{kind}",
            text=text,
            answerable=question.answerable,
            answers=question.answers,
            mode=question.mode,
            gold=question.gold,
            documents=question.documents,
            asked_of=question.asked_of,
            lang=question.lang,
            type=question.type,
            history=question.history,
        ),
        question.id,
    )


def _slipped(text: str, chance: random.Random) -> str:
    places = [
        position
        for run in (*_WORD.finditer(text), *_HAN_RUN.finditer(text))
        for position in range(run.start(), run.end() - 1)
    ]
    if not places:
        return text
    at = chance.choice(sorted(places))
    slip = chance.choice(("exchanged", "left out", "twice"))
    if slip == "exchanged":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + (text[at] * 2 if slip == "twice" else "") + text[at + 1 :]


def _another(digits: str, chance: random.Random) -> str:
    """Another number of as many digits, not beginning with 0."""
    while True:
        first = chance.choice("123456789")
        other = first + "".join(chance.choice("0123456789") for _ in digits[1:])
        if other != digits:
            return other
