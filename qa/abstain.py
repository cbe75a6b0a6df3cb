"""The joint decision: how sure we are of a candidate, and when that is not enough.

confidence = sigmoid(scale * (weights · features) + offset)

The features join what the retriever, the reader and the words themselves say.
The weights are fitted by `training/fit_abstain.py` for each reader, on questions
over training passages found by retrieval, some with their passage taken away.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.schema import Hit, Span
from qa.asking.measures import is_of
from qa.asking.question import Question
from qa.reading.amounts import numbers_lacking, of_another_amount
from qa.reading.coverage import coverage, fold_aligned, is_han, says_term, terms_of
from qa.reading.names import is_name
from qa.reading.places import places_in, romanised_in, says_romanised, written
from qa.reading.quantities import quantities
from qa.reading.spans import is_broken, listed, outermost, typed_spans
from qa.reading.values import is_level_for_change
from qa.schema import Candidate, Reading

FEATURES = (
    "one",
    "answerable",
    "candidate",
    "hit",
    "first",
    "behind",
    "passage",
    "article",
    "numbers",
    "names",
    "run",
    "crossed",
    "kind",
    "unit",
    "items",
    "broken",
    "long",
    "echo",
    "named",
    "clause",
    "clause_long",
    "list",
    "agreed",
    "bounded",
    "clause_bounded",
)
_SHORT = 12  # characters; longer answers are rarer
_AROUND = 2  # characters that a number or date may have about it
_SHORT_FORM = re.compile('[“‘「『"][两二三四五六七八九十]([\u4e00-\u9fff])[”’」』"]')
_ORDINAL = re.compile("第几|第多少|排名|名次")
_HOW = re.compile(
    r"怎[么樣样]|如何|\bhow (?:does|do|did|is|are|was|were|will|can|could|to)\b", re.IGNORECASE
)
_BOUNDS = frozenset('，。；：、！？,;:!?\n"“”‘’「」『』（）()《》')
_FOLDER = Path(__file__).parent / "models" / "decision"


@dataclass(frozen=True, slots=True)
class Decision:
    """A fitted logistic function of one reader's candidates."""

    weights: tuple[float, ...]  # by FEATURES
    scale: float
    offset: float
    threshold: float  # confidence below which we abstain

    def __post_init__(self) -> None:
        if len(self.weights) != len(FEATURES):
            raise ValueError(f"{len(self.weights)} weights for {len(FEATURES)} features")

    def logit(self, features: Sequence[float]) -> float:
        return sum(w * f for w, f in zip(self.weights, features, strict=True))

    def confidence(self, logit: float) -> float:
        """Probability that the best candidate, of this logit, is right."""
        return sigmoid(self.scale * logit + self.offset)


def load_decision(reader_name: str) -> Decision:
    """The decision fitted for a reader, or the one for all where it has none of its own."""
    path = _FOLDER / f"{reader_name}.json"
    if not path.is_file():
        path = _FOLDER / "default.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    if tuple(stored["weights"]) != FEATURES:
        raise ValueError(f"{path} was fitted for other features; run training/fit_abstain.py")
    return Decision(
        tuple(stored["weights"].values()), stored["scale"], stored["offset"], stored["threshold"]
    )


@dataclass(frozen=True, slots=True)
class Said:
    """How much of a question one passage and its article say. Folded texts in, shares out."""

    passage: float
    article: float
    numbers: float  # share of the question's numbers that the article lacks
    names: float  # share of the places it names that the article does not
    run: float  # weight of the longest run of terms that the article lacks, at most 1
    crossed: bool  # question and article share too little to be in one language


def said(
    question: Question, passage: str, article: str, *, names: frozenset[str] = frozenset()
) -> Said:
    """Compare a question with folded texts.

    Args:
        passage: with its context.
        names: the question's words that `names_said` by any of the articles that were found.
    """
    terms = terms_of(question.text)
    longest = run = 0.0
    for term in terms:
        run = 0.0 if term.is_number or says_term(term, article) else run + term.weight
        longest = max(longest, run)
    crossed = is_han(question.text) != is_han(article)
    return Said(
        0.0 if crossed else coverage(terms, passage),
        0.0 if crossed else coverage(terms, article),
        numbers_lacking(terms, fold_aligned(question.text), article),
        _names_lacking(question, article, names),
        0.0 if crossed else min(1.0, longest / 4.0),
        crossed,
    )


def names_said(question: Question, articles: Iterable[str]) -> frozenset[str]:
    """The question's romanised names that one of the folded articles says."""
    left = set(romanised_in(question.text))
    found: set[str] = set()
    for article in articles:
        found |= {name for name in left - found if says_romanised(name, article)}
    return frozenset(found)


def _names_lacking(question: Question, article: str, names: frozenset[str]) -> float:
    if not is_han(article):
        return 0.0
    places = [name in article for name in places_in(fold_aligned(question.text))]
    for name in romanised_in(question.text):
        said = says_romanised(name, article)
        # “Fukuoka” and “Foundation” can be read as pinyin, too.
        if said or written(name) or name in names:
            places.append(said)
    return places.count(False) / len(places) if places else 0.0


def features(
    question: Question,
    hits: Sequence[Hit],
    rank: int,
    reading: Reading,
    candidate: Candidate,
    compared: Said,
) -> tuple[float, ...]:
    """The values of FEATURES for one candidate of the reading of `hits[rank]`."""
    hit = hits[rank]
    text = reading.passage.text
    words = candidate.span.of(text)
    clause = question.kind in ("reason", "yesno", "definition") or bool(_HOW.search(question.text))
    extent = math.log(max(1.0, len(words) / _SHORT))
    bounded = _bounded(text, candidate.span)
    return (
        1.0,
        logit(reading.answerable),
        max(-6.0, math.log(max(candidate.probability, 1e-6))),
        hit.score,
        1.0 if rank == 0 else 0.0,
        hits[0].score - hit.score,
        compared.passage,
        compared.article,
        0.0
        if question.kind == "yesno"
        else max(compared.numbers, float(of_another_amount(question, text, candidate.span))),
        compared.names,
        compared.run,
        1.0 if compared.crossed else 0.0,
        -1.0
        if question.kind == "number" and is_level_for_change(question, text, candidate.span)
        else _of_the_kind(question, words),
        _unit(question, words),
        _as_many_items(question, words),
        1.0 if is_broken(text, candidate.span) else 0.0,
        extent,
        _echoes(question, words),
        _named(question, words),
        1.0 if clause else 0.0,
        extent if clause and question.kind != "yesno" else 0.0,
        1.0 if question.kind == "list" else 0.0,
        max(-6.0, math.log(max(_agreed(reading, candidate), 1e-6))),
        bounded,
        bounded if clause else 0.0,
    )


def _agreed(reading: Reading, candidate: Candidate) -> float:
    """The overlap with the answer that is to be expected of the candidate, as F1 of characters.

    The reader spreads a clause over many candidates that differ at an edge; this is what minimum
    Bayes risk goes by (Kumar and Byrne, 2004).
    """
    span = candidate.span
    return sum(
        other.probability
        * 2
        * max(0, min(span.end, other.span.end) - max(span.start, other.span.start))
        / (span.end - span.start + other.span.end - other.span.start)
        for other in reading.candidates
    )


def _bounded(text: str, span: Span) -> float:
    """How much of it, begin and end, lies at punctuation: 0, 0.5 or 1."""
    before, behind = text[: span.start][-1:], text[span.end : span.end + 1]
    return 0.5 * (not before or before in _BOUNDS) + 0.5 * (not behind or behind in _BOUNDS)


def _of_the_kind(question: Question, words: str) -> float:
    """1: one number, or date, as asked for; 0: more than that, or nothing to tell; -1: none."""
    if question.kind not in ("number", "date") or _ORDINAL.search(question.text):
        return 0.0
    typed = outermost(typed_spans(words, question.kind))
    if not typed or not _has_grain(question.grain, words):
        return -1.0
    around = len(words) - (typed[0].end - typed[0].start)
    return 1.0 if len(typed) == 1 and around <= _AROUND else 0.0


def _unit(question: Question, words: str) -> float:
    """1: in the unit, or of the quantity, asked for; -1: in another; 0: none is told."""
    if question.unit is not None and question.is_chinese:
        return 1.0 if question.unit in words else -1.0
    if question.measure is not None and any(character.isdigit() for character in words):
        return 1.0 if is_of(question.measure, fold_aligned(words)) else -1.0
    return 0.0


def _named(question: Question, words: str) -> float:
    """1: one name where one is asked for, -1: something else; told of Chinese words only."""
    if question.kind not in ("person", "place", "organisation") or not is_han(words):
        return 0.0
    return 1.0 if is_name(fold_aligned(words)) else -1.0


def _has_grain(grain: str | None, words: str) -> bool:
    """Whether a date is as exact as was asked for; only told of Chinese dates."""
    if grain is None or not re.search("[年月日号]", words):
        return True
    return grain in words or (grain == "日" and "号" in words)


def _echoes(question: Question, words: str) -> float:
    """1: the question says these words, or this number, itself."""
    asked, said = fold_aligned(question.text), fold_aligned(words)
    if said in asked:
        return 1.0
    own = quantities(said)
    return (
        1.0
        if len(own) == 1
        and any(
            own[0].value == each.value and own[0].unit == each.unit for each in quantities(asked)
        )
        else 0.0
    )


def _as_many_items(question: Question, words: str) -> float:
    """1: a list, of as many as were asked for where that was said; -1: another number of them.

    2: what a short form stands for: the three of “三化” each say 化.
    """
    if question.kind != "list":
        return 0.0
    items = listed(words, question.count)
    if question.count is None:
        return 1.0 if len(items) > 1 else 0.0
    if len(items) != question.count:
        return -1.0
    short = _SHORT_FORM.search(fold_aligned(question.text))
    if short and all(short[1] in item.of(fold_aligned(words)) for item in items):
        return 2.0
    return 1.0


def logit(probability: float) -> float:
    """Log odds, kept within ± 12."""
    kept = min(max(probability, 1e-9), 1 - 1e-9)
    return min(12.0, max(-12.0, math.log(kept / (1 - kept))))


def sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(value, -60.0), 60.0)))
