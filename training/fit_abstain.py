"""Fit the joint decision of `qa/abstain.py` for a reader: `training/README.md` has the command.

DATA is the training folder (SQuAD form, xz). Questions that no reader is trained
on (CMRC trial; the articles of XQuAD that are held apart, English on Chinese;
questions made from, and written over, news held apart, some in English) are asked
over an index of their own contexts and of DRCD's as distractors. Cases where the
articles do not say were written, or are made in two ways: the article that answers
is taken out of the hits; or the question's year, number or place is changed to one
that the article does not name.

Writes `qa/models/decision/READER.json`: weights, calibration and threshold, with
what they gave on questions held apart from the fit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from eval import calibration
from index import Index, update
from index.embed import load_embedder
from qa.abstain import FEATURES
from qa.asking.question import analyse
from qa.reading.coverage import fold_aligned
from qa.reading.places import places_in
from qa.reading.readers import Reader, load_reader
from qa.rerank import candidate_features
from qa.retrieve import Retrieval, retrieve
from qa.schema import Reading
from training.data import squad, titles_apart
from training.english import Glossary
from training.newspaper import APART, News, any_maker, asked_of
from training.written import Written

N_FITTED = 3  # hits read of a case
SEED = 20240326
DISTRACTORS = 8  # every eighth context of DRCD
FALSE_ANSWERS = 0.2  # at most, of the questions that the articles do not answer: they are hard ones
# Signs that are known beforehand; data this small may not turn them round.
AT_LEAST = {
    "answerable": 0.0, "candidate": 0.0, "hit": 0.0, "passage": 0.0, "article": 0.0,
    "kind": 1.4, "unit": 1.0, "items": 0.0,
}  # fmt: skip
# A place that the article does not name rules it out, and so does an answer of another kind than
# was asked for, or one that the question says itself; too few of DATA's questions tell how far,
# so weights of that size stand from the start.
AT_MOST = {"behind": 0.0, "numbers": -4.0, "names": -6.0, "run": 0.0, "broken": 0.0, "echo": -2.0}
RIDGE = 0.02
SHARP = 8  # how much only the very nearest candidate counts
CAPS = 5.0

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    question: str
    gold: str | None  # None: the articles do not say
    context: int  # the number of the article that the question was written on
    absent: bool  # take that article out of the hits


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one case."""

    rows: Rows  # (candidates, features)
    right: NDArray[np.bool_]
    near: Rows  # how near to the reference each is: the square of F1 where right, else 0
    answerable: bool
    key: str


def f1(one: str, other: str) -> float:
    a = [c for c in fold_aligned(one) if c.isalnum()]
    b = [c for c in fold_aligned(other) if c.isalnum()]
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b)) if common else 0.0


def is_right(words: str, gold: str) -> bool:
    """Near enough to the reference that a person would take it: long references vary."""
    bare, wanted = ("".join(c for c in fold_aligned(t) if c.isalnum()) for t in (words, gold))
    return bool(bare) and (
        f1(words, gold) >= 0.6 or (bare in wanted and 2 * len(bare) >= len(wanted))
    )


def changed(question: str, context: str, rng: random.Random) -> str | None:
    """The question about another year, number or place than its article names."""
    folded = fold_aligned(question)
    if years := list(re.finditer(r"(?:1[5-9]|20)\d\d(?=年|\b)", question)):
        year = rng.choice(years)
        new = str(int(year.group()) + rng.choice((-3, -2, -1, 1, 2, 3)))
        if new not in context:
            return question[: year.start()] + new + question[year.end() :]
    names = [name for name in places_in(folded) if name in fold_aligned(context)]
    if names:
        name = rng.choice(names)
        new = rng.choice(("平遥", "侯马", "昆山", "义乌", "遵义", "湘潭", "荆州", "秘鲁", "捷克"))
        at = folded.find(name)
        if new not in context:
            return question[:at] + new + question[at + len(name) :]
    return None


def build_index(contexts: Sequence[str], folder: Path, embedder_name: str) -> Index:
    folder.mkdir(parents=True, exist_ok=True)
    records = folder / "contexts.jsonl"
    with records.open("w", encoding="utf-8") as file:
        for number, context in enumerate(contexts):
            record = {"id": str(number), "date": None, "text": context}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    embedder = load_embedder(embedder_name)
    started = time.monotonic()
    report = update(
        folder / "index",
        [records],
        embedder=embedder,
        prune=True,
        progress=lambda p: print(f"\r{p.stage} {p.done}/{p.total}", end="", flush=True),
    )
    print(f"\nindexed {report.n_added} articles in {time.monotonic() - started:.0f} s")
    return Index.open(folder / "index", embedder=embedder)


def read_cases(
    cases: Sequence[Case], contexts: Sequence[str], index: Index, reader: Reader
) -> Iterator[tuple[Case, Retrieval, list[Reading]]]:
    """Each case with the hits that are left to it, read."""
    bare = {"".join(context.split()): number for number, context in enumerate(contexts)}
    for start in range(0, len(cases), 16):
        batch = cases[start : start + 16]
        found = retrieve(index, [case.question for case in batch], top_k=3 * N_FITTED)
        kept: list[Retrieval] = []
        for case, retrieval in zip(batch, found, strict=True):
            hits = [
                hit
                for hit in retrieval.hits
                if not case.absent
                or bare.get("".join(retrieval.article_of(hit).text.split())) != case.context
            ]
            kept.append(replace(retrieval, hits=tuple(hits[:N_FITTED])))
        questions = [r.query for r in kept for _ in r.hits]
        readings = iter(reader.read(questions, [hit.passage for r in kept for hit in r.hits]))
        for case, retrieval in zip(batch, kept, strict=True):
            yield case, retrieval, [next(readings) for _ in retrieval.hits]
        print(f"\rread {min(start + 16, len(cases))}/{len(cases)}", end="", flush=True)
    print()


def group_of(case: Case, retrieval: Retrieval, readings: Sequence[Reading]) -> Group | None:
    """None: nothing was found to choose from."""
    rows = candidate_features(analyse(case.question), retrieval, readings)
    if not rows:
        return None
    said = [candidate.span.of(hit.passage.text) for hit, candidate, _ in rows]
    right = [case.gold is not None and is_right(words, case.gold) for words in said]
    near = [f1(words, case.gold or "") ** 2 * good for words, good in zip(said, right, strict=True)]
    return Group(
        np.array([row for _, _, row in rows]),
        np.array(right),
        np.array(near),
        case.gold is not None,
        case.question,
    )


def fit_weights(groups: Sequence[Group]) -> Rows:
    """Which candidate to say, or none: a choice among a question's candidates and silence.

    The likelihood of the nearest candidate under a softmax over all of them, with a
    further choice of value 0 that stands for “nothing is said”.
    """
    x = np.concatenate([group.rows for group in groups])
    sizes = np.array([len(group.rows) for group in groups])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    of = np.repeat(np.arange(len(groups)), sizes)
    target = np.concatenate([_nearest(group.near) for group in groups])
    scale = np.maximum(x.std(axis=0), 0.05)
    bounds = [(AT_LEAST.get(name, -CAPS * 4), AT_MOST.get(name, CAPS * 4)) for name in FEATURES]

    def loss(w: Rows) -> tuple[float, Rows]:
        z = x @ w
        top = np.maximum(np.maximum.reduceat(z, starts), 0)
        odds = np.exp(z - top[of])
        total = np.add.reduceat(odds, starts) + np.exp(-top)
        p = odds / total[of]
        nll = float((top + np.log(total)).sum() - (target * z).sum()) / len(groups)
        penalty = RIDGE * ((w * scale)[1:] ** 2).sum() / len(w)
        gradient = x.T @ (p - target) / len(groups)
        gradient[1:] += 2 * RIDGE * (w * scale**2)[1:] / len(w)
        return nll + penalty, gradient

    first = [min(AT_MOST.get(n, 0.0), max(AT_LEAST.get(n, 0.0), 0.0)) for n in FEATURES]
    return minimize(loss, np.array(first), jac=True, method="L-BFGS-B", bounds=bounds).x


def _nearest(near: Rows) -> Rows:
    """One shared out among the candidates nearest to the reference; all 0 where none is near."""
    sharp = near**SHARP
    return sharp / sharp.sum() if near.max() > 0 else sharp


def best_of(groups: Sequence[Group], weights: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """For each question the logit of its best candidate, and whether that is right."""
    logits, right = [], []
    for group in groups:
        scores = group.rows @ weights
        at = int(scores.argmax())
        logits.append(scores[at])
        right.append(bool(group.right[at]))
    return np.array(logits), np.array(right)


def fit_scale(logits: Rows, right: NDArray[np.bool_]) -> tuple[float, float]:
    """Platt's two numbers: from the logit of a best candidate to a probability."""

    def loss(ab: Rows) -> float:
        p = 1 / (1 + np.exp(-np.clip(ab[0] * logits + ab[1], -50, 50)))
        return float(-np.where(right, np.log(p + 1e-12), np.log(1 - p + 1e-12)).mean())

    fitted = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(fitted[0]), float(fitted[1])


def threshold_for(confidence: Rows, answerable: NDArray[np.bool_]) -> float:
    """The least threshold at which so few of the unanswerable are answered."""
    wrong = np.sort(confidence[~answerable])
    return float(np.quantile(wrong, 1 - FALSE_ANSWERS))


def measured(
    confidence: Rows, right: NDArray[np.bool_], answerable: NDArray[np.bool_], threshold: float
) -> dict[str, float]:
    answered = confidence >= threshold
    once = np.ones((1, len(right)))
    return {
        "n": len(right),
        "n_answerable": int(answerable.sum()),
        "best_candidate_right": round(float(right[answerable].mean()), 3),
        "answered_right": round(float((answered & right)[answerable].mean()), 3),
        "answerable_abstained": round(float((~answered)[answerable].mean()), 3),
        "unanswerable_abstained": round(float((~answered)[~answerable].mean()), 3),
        "precision": round(float(right[answered].mean()), 3),
        "ece": round(float(calibration.ece(confidence, right, once)[0]), 3),
        "risk_coverage_area": round(float(calibration.aurc(confidence, right, once)[0]), 3),
    }


def made_cases(data: Path, corpus: Path, questions: Path, n: int) -> tuple[list[Case], list[str]]:
    """`n` questions of CMRC trial, as many of news, those of XQuAD held apart; their contexts."""
    rng = random.Random(SEED)

    contexts, trial = squad(data / "cmrc_trial.json.xz")
    trial = [question for question in trial if question.text.strip()]
    n_trial = len(contexts)
    zh, chinese = squad(data / "xquad/xquad.zh.json")
    _, english = squad(data / "xquad/xquad.en.json")
    apart = titles_apart(english)
    contexts += zh
    n_news = len(contexts)
    lines = questions.read_text(encoding="utf-8").splitlines()
    without = frozenset(document for line in lines for document in json.loads(line)["doc_ids"])
    news = rng.sample(News(corpus, without, APART).texts, n)
    contexts += news
    contexts += squad(data / "drcd_devtest_hans.json.xz")[0][::DISTRACTORS]

    def gold(number: int, answer: tuple[int, int]) -> str:
        return contexts[number][answer[0] : answer[1]]

    cases: list[Case] = []
    for question in rng.sample(trial, min(n, len(trial))):
        answer = gold(question.context, question.answer)
        cases.append(Case(question.text, answer, question.context, absent=False))
        if rng.random() < 0.35:
            cases.append(Case(question.text, None, question.context, absent=True))
        if other := changed(question.text, contexts[question.context], rng):
            cases.append(Case(other, None, question.context, absent=False))
    answers = {q.id: gold(q.context + n_trial, q.answer) for q in chinese}
    for question in english:
        if question.title not in apart or question.id not in answers:
            continue
        number = question.context + n_trial
        cases.append(Case(question.text, answers[question.id], number, absent=False))
        if rng.random() < 0.5:
            cases.append(Case(question.text, None, number, absent=True))
    written = Written(corpus, APART)
    at = {document: len(contexts) + n for n, document in enumerate(written.texts)}
    contexts += written.texts.values()
    for row in written.rows:
        answer = written.texts[row["doc"]][slice(*row["span"])] if row["span"] else None
        cases.append(Case(row["question"], answer, at[row["doc"]], absent=False))
        if answer is not None and rng.random() < 0.15:
            cases.append(Case(row["question"], None, at[row["doc"]], absent=True))
    glossary = Glossary()
    for number, text in enumerate(news, n_news):
        made = next(filter(None, (asked_of(text, any_maker(rng), rng) for _ in range(80))), None)
        if made is None:
            continue
        asked = made.question
        if rng.random() < 0.25:
            asked = glossary.english(asked, rng)
        cases.append(Case(asked, gold(number, made.answer), number, absent=False))
        if rng.random() < 0.35:
            cases.append(Case(asked, None, number, absent=True))
    return cases, contexts


def fitted(groups: Sequence[Group]) -> dict[str, Any]:
    """Weights, calibration and threshold, with what each half gives when fitted on the other."""
    keys = [hashlib.sha256(group.key.encode()).digest()[0] % 2 for group in groups]
    halves = [[g for g, k in zip(groups, keys, strict=True) if k == half] for half in (0, 1)]

    told: list[tuple[Rows, NDArray[np.bool_]]] = []

    def decided(fit: Sequence[Group], on: Sequence[Group]) -> dict[str, float]:
        w = fit_weights(fit)
        scale, offset = fit_scale(*best_of(fit, w))
        logits, _ = best_of(fit, w)
        threshold = threshold_for(
            1 / (1 + np.exp(-(scale * logits + offset))), np.array([g.answerable for g in fit])
        )
        logits, right = best_of(on, w)
        p = 1 / (1 + np.exp(-(scale * logits + offset)))
        told.append((p, right))
        return measured(p, right, np.array([g.answerable for g in on]), threshold)

    held = [decided(halves[0], halves[1]), decided(halves[1], halves[0])]
    weights = fit_weights(groups)
    logits, right = best_of(groups, weights)
    scale, offset = fit_scale(logits, right)
    confidence = 1 / (1 + np.exp(-(scale * logits + offset)))
    answerable = np.array([group.answerable for group in groups])
    threshold = threshold_for(confidence, answerable)
    return {
        "fitted_on": "CMRC trial, XQuAD en-zh, news (made, written), none trained on; with DRCD",
        "weights": {n: round(float(w), 4) for n, w in zip(FEATURES, weights, strict=True)},
        "scale": round(scale, 4),
        "offset": round(offset, 4),
        "threshold": round(threshold, 3),
        "held_apart": held,
        "reliability": [
            {"n": each.n, "confidence": round(each.confidence, 3), "right": round(each.right, 3)}
            for each in calibration.reliability(*map(np.concatenate, zip(*told, strict=True)))
        ],
    }


def drawn(bins: Sequence[dict[str, float]]) -> str:
    """A reliability diagram: mean confidence across, share right up, one dot a bin by its size."""
    most = max(each["n"] for each in bins)
    parts = ['<path d="M40 10V210H240" fill="none" stroke="#888"/><path d="M40 210L240 10" ']
    parts.append('stroke="#888" stroke-dasharray="4 4"/>')
    for tick in (0, 0.5, 1):
        x, y = 40 + 200 * tick, 210 - 200 * tick
        parts.append(f'<text x="{x:g}" y="224" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="34" y="{y + 4:g}" text-anchor="end">{tick:g}</text>')
    for each in bins:
        x, y = 40 + 200 * each["confidence"], 210 - 200 * each["right"]
        radius = 3 + 7 * (each["n"] / most) ** 0.5
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#2a6" opacity=".8">'
        )
        parts.append(f"<title>{each['n']:g} questions</title></circle>")
    parts.append('<text x="140" y="240" text-anchor="middle">mean confidence</text>')
    parts.append('<text transform="translate(12 110) rotate(-90)" text-anchor="middle">')
    parts.append("share right</text>")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 250 250" width="375" height="375" '
        'font-family="sans-serif" font-size="11" fill="#777">' + "".join(parts) + "</svg>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--reader", default="default")
    parser.add_argument("--embedding", default="default")
    parser.add_argument("--news", type=Path, required=True, help="news corpus, for made questions")
    parser.add_argument("--without", type=Path, required=True, help="its documents are left out")
    parser.add_argument("--questions", type=int, default=250, help="of CMRC trial; made of news")
    parser.add_argument("--work", type=Path, required=True, help="index and features are kept here")
    parser.add_argument("--out", type=Path, default=Path("qa/models/decision"))
    args = parser.parse_args()
    cases, contexts = made_cases(args.data, args.news, args.without, args.questions)
    print(f"{len(cases)} cases, {sum(c.gold is None for c in cases)} without an answer")

    index = build_index(contexts, args.work, args.embedding)
    reader = load_reader(index.embedder, args.reader)
    groups = [
        group
        for each in read_cases(cases, contexts, index, reader)
        if (group := group_of(*each)) is not None
    ]
    stored = {"reader": reader.name, **fitted(groups)}
    print(json.dumps(stored, ensure_ascii=False, indent=2))
    path = args.out / f"{reader.name}.json"
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    drawing = path.with_name(f"{reader.name}-reliability.svg")
    drawing.write_text(drawn(stored["reliability"]), encoding="utf-8")


if __name__ == "__main__":
    main()
