"""Questions that ask the same of two things, taken apart: “A和B分别有多少” is two questions.

Each part is asked by itself and cited by itself; the answers stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.schema import Hit
from qa.coverage import fold_aligned
from qa.places import places_in
from qa.schema import Answer, Citation

_MOST = 4  # parts
_RESPECTIVELY = re.compile(r"(?:分别|各自|各(?=[有是为占达引投增减])|分別)")
_AND = re.compile(r"[和与、及與](?![谐解])|以及")
_AND_EN = re.compile(
    r"\b(?P<one>[A-Z]\w+(?: [A-Z]\w+)*) and (?P<two>[A-Z]\w+(?: [A-Z]\w+)*)\b(?=.*\brespectively\b)"
)


def parts_of(text: str) -> tuple[str, ...]:
    """The questions that one question holds; itself alone where it asks one thing."""
    folded = fold_aligned(text)
    if marker := _RESPECTIVELY.search(folded):
        return _apart(text, folded, marker.start(), marker.end())
    if both := _AND_EN.search(text):
        rest = re.sub(r",?\s*\brespectively\b", "", text)
        return tuple(
            rest[: both.start()] + both[name] + rest[both.end() :] for name in ("one", "two")
        )
    return (text,)


def _apart(text: str, folded: str, end: int, resumes: int) -> tuple[str, ...]:
    before, after = text[:end], text[resumes:]
    start = max(before.rfind(mark) for mark in "，,：:；;") + 1
    cuts = [
        match.span()
        for match in _AND.finditer(folded, start, end)
        if folded[match.end()] != "平" or places_in(folded[match.end() : match.end() + 4])
    ]  # 和平, but 侯马和平遥
    if not cuts or len(cuts) >= _MOST:
        return (text,)
    bounds = [start, *(edge for cut in cuts for edge in cut), end]
    named = [text[bounds[n] : bounds[n + 1]] for n in range(0, len(bounds), 2)]
    if any(len(name.strip()) < 2 for name in named):
        return (text,)
    places = places_in(fold_aligned(named[0]))
    owner = places[0] if places and fold_aligned(named[0]).startswith(places[0]) else ""
    if owner and len(owner) == len(named[0]):
        owner = ""  # the places themselves are listed
    parts = [named[0]]
    parts += [name if places_in(fold_aligned(name)) else owner + name for name in named[1:]]
    return tuple(f"{text[:start]}{part}{after}" for part in parts)


def side_by_side(text: str, answers: Sequence[Answer], *, top_k: int) -> Answer:
    """One Answer of the parts' answers; it abstains where all of them do.

    Raises:
        ValueError: no answers.
    """
    if not answers:
        raise ValueError("no parts")
    said = [answer for answer in answers if answer.text is not None]
    words = tuple(dict.fromkeys(each for answer in said for each in answer.answers))
    citations: list[Citation] = []
    for citation in (each for answer in said for each in answer.citations):
        if all(
            (c.article.id, c.answer) != (citation.article.id, citation.answer) for c in citations
        ):
            citations.append(replace(citation, marker=len(citations) + 1))
    hits: dict[str, tuple[Hit, str | None]] = {}
    for answer in said or answers:
        for hit, title in zip(answer.hits, answer.titles, strict=True):
            hits.setdefault(hit.passage.id, (hit, title))
    ranked = sorted(hits.values(), key=lambda each: (-each[0].score, each[0].passage.id))[:top_k]
    notes = tuple(dict.fromkeys(note for answer in said for note in answer.notes))
    if said and len(said) < len(answers):
        notes = (*notes, "partly-answered")
    return Answer(
        question=text,
        query=" / ".join(answer.query for answer in answers),
        text="；".join(words) if said else None,
        answers=words,
        confidence=min((each.confidence for each in said), default=answers[0].confidence),
        citations=tuple(citations),
        hits=tuple(hit for hit, _ in ranked),
        titles=tuple(title for _, title in ranked),
        readings=tuple(reading for answer in answers for reading in answer.readings),
        timings_ms={
            stage: sum(answer.timings_ms[stage] for answer in answers)
            for stage in answers[0].timings_ms
        },
        notes=notes,
    )
