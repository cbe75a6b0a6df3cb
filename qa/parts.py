"""Questions that ask the same of two things, taken apart: “A和B分别有多少” is two questions.

Each part is asked by itself and cited by itself; the answers stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.schema import Hit, Span
from qa.asking.carry import KIND, OWN_KIND, end_with
from qa.asking.followup import whole_of
from qa.asking.kinds import INTERROGATIVE
from qa.asking.question import analyse
from qa.reading.coverage import fold_aligned
from qa.reading.places import place_spans, places_in, romanised_in, written
from qa.schema import Answer, Citation, Turn

_MOST = 4  # parts
_AT_THE_START = 4  # characters before places that a question is about
_OF_EACH = ("number", "date", "person", "organisation")  # kinds asked of each place
_LISTED = "(?:[和与及、]|以及)"  # between places
_RESPECTIVELY = re.compile(r"(?:(?<!的)分别|各自|各(?=[有是为占达引投增减])|分別)")
_AND = re.compile(r"(?<![共呼饱缓参埃普涉波])[和与、及與](?![谐解])|以及")
# One thing is asked of all of them together, or which of them it is.
_TOGETHER = re.compile(
    r"之间|合作|共同|一共|总共|合计|相距|哪个|哪一|哪家|谁|更|相比|比较|对比|一起|联合|[两二三四五]地"
)
_CLAUSES = re.compile(r"[、，,；;?？](?!\s*$)")
_AND_EN = re.compile(
    r"(?<!\w, )\b(?P<one>[A-Z]\w+(?: [A-Z]\w+)*) and (?P<two>[A-Z]\w+(?: [A-Z]\w+)*)\b"
)
_TOGETHER_EN = re.compile(
    r"\b(?:between|together|combined|joint(?:ly)?|total|both|each other|meet|apart|more|most|or)\b"
)
# What an event has; of “会议时间和地点” both belong to the first.
_ATTRIBUTE = re.compile(
    r"(?:举办|举行|召开|开始|开工|起止)?(?:时间|地点|日期|地址|原因|金额|人数|面积|价格|规模|主题|目的|名称|数量)$"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The questions that one question holds; itself alone where it asks one thing."""

    texts: tuple[str, ...]
    certain: bool  # False: places are listed, but it may ask one thing of all together
    whole: bool = False  # True: they have what the turns before add, and are asked without them


def parts_of(text: str) -> Parts:
    folded = fold_aligned(text)
    if len(each := _asked_each(text, folded)) > 1:
        return Parts(each, certain=True)
    if marker := _RESPECTIVELY.search(folded):
        return Parts(_apart(text, folded, marker.start(), marker.end()), certain=True)
    both = _AND_EN.search(text)
    certain = "respectively" in text
    together = _TOGETHER_EN.search(text) and not certain
    if both and not together and all(_is_place(both[name]) for name in ("one", "two")):
        rest = re.sub(r",?\s*\brespectively\b", "", text)
        return Parts(
            tuple(rest[: both.start()] + both[n] + rest[both.end() :] for n in ("one", "two")),
            certain,
        )
    if analyse(text).kind in _OF_EACH and not _TOGETHER.search(folded):
        return Parts(_by_place(text, folded), certain=False)
    return Parts((text,), certain=True)


def parts_after(text: str, history: Sequence[Turn]) -> Parts:
    """`parts_of` the question as it stands, or else as the turns before make it whole.

    “那介休和垣曲呢”, after “侯马引进多少人”, is asked of each.
    """
    parts = parts_of(text)
    if len(parts.texts) > 1 or not history:
        return parts
    before = whole_of(text, history)
    if before.carried is None or before.leaning != "yes" or before.stays:
        return parts
    carried = parts_of(before.carried)
    return replace(carried, whole=True) if len(carried.texts) > 1 else parts


def _is_place(name: str) -> bool:
    """Whether a romanised name can be a place's: of a person’s or a road’s there are two words."""
    return " " not in name and any(written(word) for word in romanised_in(name))


def _asked_each(text: str, folded: str) -> tuple[str, ...]:
    """“A奖励多少、B兑现了多少”: clauses that ask, each of a place of its own."""
    bounds = [0, *(edge for cut in _CLAUSES.finditer(folded) for edge in cut.span()), len(text)]
    clauses = [(bounds[n], bounds[n + 1]) for n in range(0, len(bounds), 2)]
    asking = all(INTERROGATIVE.search(folded, *clause) for clause in clauses)
    named = [set(places_in(folded[start:end])) for start, end in clauses]
    if not asking or len(clauses) > _MOST or len(set.union(*named)) < len(clauses):
        return (text,)
    return tuple(text[start:end] for start, end in clauses)


def _by_place(text: str, folded: str) -> tuple[str, ...]:
    """“垣曲和介休引进了多少人”: once for each of the places that stand side by side."""
    run: list[Span] = []
    for place in place_spans(folded):
        if not run or re.fullmatch(f"{KIND}?{_LISTED}", folded[run[-1].end : place.start]):
            run.append(place)
        elif len(run) > 1:
            break
        else:
            run = [place]
    if not 2 <= len(run) <= _MOST or run[0].start > _AT_THE_START:
        return (text,)
    ends = [end_with(KIND, folded, place.end) for place in run]
    own = end_with(OWN_KIND, folded, run[-1].end)
    zone = text[own : ends[-1]]  # “侯马和介休经济开发区”: of both
    return tuple(
        f"{text[: run[0].start]}{text[place.start : end]}{'' if end > place.end else zone}"
        f"{text[ends[-1] :]}"
        for place, end in zip(run, ends, strict=True)
    )


def _apart(text: str, folded: str, end: int, resumes: int) -> tuple[str, ...]:
    before, after = text[:end], text[resumes:]
    asking = re.split("[，,；;]", folded[resumes:])[0]
    if INTERROGATIVE.search(folded) and not INTERROGATIVE.search(asking):
        return (text,)  # what is asked is not asked of each
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
    named = _with_shared_end(named)
    places = places_in(fold_aligned(named[0]))
    owner = places[0] if places and fold_aligned(named[0]).startswith(places[0]) else ""
    if owner and len(owner) == len(named[0]):
        owner = ""  # the places themselves are listed
    if not owner:
        owner = _owner(named)
    parts = [named[0]]
    parts += [name if places_in(fold_aligned(name)) else owner + name for name in named[1:]]
    return tuple(f"{text[:start]}{part}{after}" for part in parts)


def _owner(named: list[str]) -> str:
    """What the first name begins with that belongs to all: “展览的” of “展览的时间”, “地点”."""
    first, others = fold_aligned(named[0]), [fold_aligned(name) for name in named[1:]]
    if "的" in first and not any("的" in name for name in others):
        return named[0][: first.rfind("的") + 1]
    attribute = _ATTRIBUTE.search(first)
    if attribute and all(_ATTRIBUTE.fullmatch(name) for name in others):
        return named[0][: attribute.start()]
    return ""


def _with_shared_end(named: list[str]) -> list[str]:
    """“男子”, “女子的收入”: what follows the last of them belongs to all."""
    last, others = named[-1], named[:-1]
    owner = next(iter(places_in(fold_aligned(last))), "")
    if owner and all(places_in(fold_aligned(name)) == (fold_aligned(name),) for name in others):
        starts = fold_aligned(last).startswith(owner)
        end = last[end_with(OWN_KIND, fold_aligned(last), len(owner)) :] if starts else ""
    else:
        at = last.find("的")
        end = last[at:] if at >= 0 and not any("的" in name for name in others) else ""
    return [name + end for name in others] + [last]


def belong_together(parts: Parts, answers: Sequence[Answer]) -> bool:
    """Whether the parts were rightly taken apart: else the question is to be asked whole.

    Where that is not certain, each part must have an answer, from an article of its own.
    """
    if len(parts.texts) == 1:
        return True
    if not parts.certain:
        sources = [{citation.article.id for citation in each.citations} for each in answers]
        return all(sources) and len(set.union(*sources)) >= len(answers)
    return not all(answer.abstained for answer in answers)


def side_by_side(text: str, answers: Sequence[Answer], *, top_k: int) -> Answer:
    """One Answer of the parts' answers, in their order; it abstains where all of them do.

    Parts with the same answer (300家 and 300家) each have it said: once would look like one part's.
    Where the very same words of an article answer both, they are said once.

    Raises:
        ValueError: no answers.
    """
    if not answers:
        raise ValueError("no parts")
    if len(answers) == 1:
        return answers[0]
    said = [answer for answer in answers if answer.text is not None]
    places = [[(c.article.id, c.answer) for c in answer.citations] for answer in said]
    told = [answer for n, answer in enumerate(said) if places[n] not in places[:n]]
    words = tuple(each for answer in told for each in answer.answers)
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
