"""Whether a sentence that a language model wrote is said by the passages that it cites.

Nothing generated is shown unchecked. A sentence must cite; its quotations,
numbers, dates and names must stand in the sentences of the passage that
support it; the rest of its words must be theirs too, or a support score must
say so. What is put in the place of something else (a number, a name, a
direction) is refused even where it stands elsewhere in the passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from index.passages import sentences
from index.schema import Span, squeeze
from qa.aligned import Block, Coded, Symbols, blocks, coded, left_out, swaps
from qa.coverage import fold_aligned
from qa.crossing import denies, misplaced, names_said, says_few, unsaid
from qa.instructions import instructs
from qa.names import (
    ENGLISH_COMMON,
    ENGLISH_NEGATION,
    NEGATION,
    content_of,
    looks_like_name,
)
from qa.quantities import quantities

Problem = Literal[
    "no-citation", "unknown-citation", "markup", "instruction", "quote", "number", "name",
    "changed", "negation", "support", "empty",
]  # fmt: skip

MARKERS = re.compile(r"\s*[\[［【〔]\s*\^?(\d{1,3}(?:\s*[,，、]\s*\^?\d{1,3})*)\s*[\]］】〕]")
_MARKUP = re.compile(
    r"https?:|www\.|ftp:|mailto:|javascript:|data:\w+/|\]\(|<[a-z/!?|][^>]*>?|\|>|```|&#?\w+;",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•·]\s+|#+\s+|\d{1,2}[.、)）]\s*(?=\D))")
_QUOTED = re.compile(
    r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|(?<![\w])\"([^\"]+)\"|《([^《》]+)》"
)
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")

MIN_COVERAGE = 0.72  # of a sentence's content words, said by its evidence
MAX_SENTENCES = 3  # of evidence for one sentence
LONGEST_NEW = 2  # Han characters in a row that are neither said nor common


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage offered to the writer under a marker."""

    text: str  # Passage.text
    about: str = ""  # title, newspaper, date: may be named, is not quoted


class Support(Protocol):
    """Finds what supports a sentence that is in another script than its evidence."""

    def choose(
        self, sentence: str, candidates: Sequence[str], others: Sequence[str], *, anchored: bool
    ) -> int | None:
        """The candidate that says it, None: none does.

        Args:
            others: passages that were not cited, and should be farther from it.
            anchored: numbers or names of the sentence are known to stand in the candidates.
        """
        ...

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """The cosine of a text to each of the others, across languages."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence without its markers, and what is wrong with it."""

    text: str
    problem: Problem | None  # None: it may be shown
    detail: str  # the words at fault; never shown to the reader of the answer
    support: tuple[tuple[int, Span], ...] = ()  # marker, sentence in Evidence.text


def check(
    written: str, evidence: Mapping[int, Evidence], *, support: Support | None = None
) -> Checked:
    """Check one sentence with its markers.

    Of several markers, those count that support the sentence alone; if none
    does, all of them together.

    Args:
        evidence: what was offered to the writer, by marker.
        support: judges sentences in another script than the passage; None: they fail.
    """
    text = _LIST_MARK.sub("", MARKERS.sub("", written)).replace("**", "").strip()
    markers = list(dict.fromkeys(_markers(written)))
    if not any(character.isalnum() for character in text):
        return Checked(text, "empty", "")
    if not markers:
        return Checked(text, "no-citation", "")
    if unknown := [marker for marker in markers if marker not in evidence]:
        return Checked(text, "unknown-citation", str(unknown[0]))
    if (match := _MARKUP.search(text)) and match[0] not in evidence[markers[0]].text:
        return Checked(text, "markup", match[0])
    if instructs(text):
        return Checked(text, "instruction", text)
    alone = [_check(text, (marker,), evidence, support) for marker in markers]
    if good := [found for found in alone if found.problem is None]:
        return Checked(text, None, "", tuple(part for found in good for part in found.support))
    return alone[0] if len(markers) == 1 else _check(text, tuple(markers), evidence, support)


def _markers(written: str) -> Iterable[int]:
    for match in MARKERS.finditer(written):
        for number in re.findall(r"\d+", match[1]):
            yield int(number)


def _check(
    text: str,
    markers: tuple[int, ...],
    evidence: Mapping[int, Evidence],
    support: Support | None,
) -> Checked:
    offered = [(marker, evidence[marker]) for marker in markers]
    differ = _is_latin(text) != _is_latin("".join(part.text for _, part in offered))
    if differ:
        others = [part.text for marker, part in evidence.items() if marker not in markers]
        chosen = _across_scripts(text, offered, others, support)
        if not chosen:
            return Checked(text, "support", "")
    else:
        chosen = _supporting(text, offered)
    said = "\n".join(span.of(evidence[marker].text) for marker, span in chosen)
    about = "\n".join(evidence[marker].about for marker in markers)
    whole = "\n".join(evidence[marker].text for marker in markers)
    symbols = Symbols()
    source = coded(f"{said}\n{about}", symbols)
    known = frozenset(source.symbols)
    sentence = coded(text, symbols)
    if fault := _quotes(text, f"{whole}\n{about}"):
        return Checked(text, "quote", fault)
    for at, quantity in sentence.quantities.items():
        words = quantity.span.of(sentence.text)
        if sentence.symbols[at] not in known and not (differ and says_few(words, said)):
            return Checked(text, "number", words)
    pieces = blocks(sentence, source)
    named = names_said(text, f"{said}\n{whole}\n{about}")[0] if differ else set[str]()
    if fault := _new_names(text, pieces, sentence, named):
        return Checked(text, "name", fault)
    if differ and (fault := unsaid(text, f"{said}\n{whole}\n{about}", named)):
        return Checked(text, "name", fault)
    if fault := _negated(pieces, sentence, source) or (differ and denies(text, said)):
        return Checked(text, "negation", fault)
    if not differ and (fault := _swapped(pieces, sentence, source)):
        return Checked(text, *fault)
    if differ and support and (fault := misplaced(text, said, support)):
        return Checked(text, "number", fault)
    share, longest = _taken_over(pieces, sentence)
    if not differ and (share < MIN_COVERAGE or longest > LONGEST_NEW):
        return Checked(text, "support", f"{share:.2f}")
    return Checked(text, None, "", chosen)


def _supporting(text: str, offered: Sequence[tuple[int, Evidence]]) -> tuple[tuple[int, Span], ...]:
    """The sentences that say most of it: the best, then up to two that each add something."""
    symbols = Symbols()
    wanted = _pairs(coded(text, symbols))
    rated = [
        (_pairs(coded(span.of(part.text), symbols)) & wanted, marker, span)
        for marker, part in offered
        for span in sentences(part.text)
    ]
    chosen: list[tuple[int, Span]] = []
    while rated and len(chosen) < MAX_SENTENCES:
        best = max(rated, key=lambda row: len(row[0]))
        if chosen and len(best[0]) < 3 and not _has_number(best[0]):
            break
        chosen.append((best[1], best[2]))
        rated = [
            (pairs - best[0], marker, span) for pairs, marker, span in rated if span != best[2]
        ]
        if not any(pairs for pairs, _, _ in rated):
            break
    return tuple(sorted(chosen, key=lambda part: (part[0], part[1].start)))


def _pairs(text: Coded) -> set[str]:
    lone = {text.symbols[at] for at in text.quantities}
    lone |= {text.symbols[at] for at, word in text.words() if word not in ENGLISH_COMMON}
    return lone | {text.symbols[at : at + 2] for at in range(len(text.symbols) - 1)}


def _has_number(pairs: set[str]) -> bool:
    return any(len(pair) == 1 for pair in pairs)


def _quotes(text: str, evidence: str) -> str | None:
    said = squeeze(fold_aligned(evidence))
    for match in _QUOTED.finditer(text):
        quoted = next(group for group in match.groups() if group)
        if squeeze(fold_aligned(quoted)).rstrip("。,.!?；;") not in said:
            return quoted
    return None


def _swapped(pieces: list[Block], sentence: Coded, source: Coded) -> tuple[Problem, str] | None:
    for swap in swaps(pieces, sentence, source):
        written, said = swap.written.of(sentence.symbols), swap.said.of(source.symbols)
        for piece in pieces:  # what both say is not in the place of anything
            if (
                piece.taken
                and swap.written.start <= piece.span.start
                and piece.span.end <= swap.written.end
            ):
                shared = piece.span.of(sentence.symbols)
                if shared in said:
                    written = written.replace(shared, "", 1)
        if said in written or not content_of(written) or not content_of(said):
            continue
        is_number = any(
            at in sentence.quantities for at in range(swap.written.start, swap.written.end)
        )
        return "number" if is_number else "changed", _plain(sentence, swap.written)
    return None


def _new_names(
    text: str, pieces: list[Block], sentence: Coded, named: Collection[str]
) -> str | None:
    is_han = bool(_HAN.search(text))
    for piece in pieces:
        if piece.taken:
            continue
        for at, word in sentence.words():
            if not piece.span.start <= at < piece.span.end or word in ENGLISH_COMMON:
                continue
            if re.sub("['’]s?$", "", word) in named:
                continue
            capital = text[sentence.at[at].start].isupper() and at not in sentence.starts
            if is_han or capital or any(character.isdigit() for character in word):
                return word
        if looks_like_name(sentence.symbols, piece.span.start, piece.span.end):
            return _plain(sentence, piece.span)
    return None


def _negated(pieces: list[Block], sentence: Coded, source: Coded) -> str | None:
    for piece in pieces:
        if not piece.taken and _negates(_plain(sentence, piece.span)):
            return _plain(sentence, piece.span)
    for span in left_out(pieces, sentence, source):
        if _negates(missed := _plain(source, span)):
            return missed
    return None


def _negates(text: str) -> bool:
    return bool(NEGATION.search(text)) or bool(ENGLISH_NEGATION & set(re.findall(r"[a-z']+", text)))


def _taken_over(pieces: list[Block], sentence: Coded) -> tuple[float, int]:
    """Of the content symbols, the share taken over; and the longest new run of them."""
    words = dict(sentence.words())
    taken = new = longest = 0
    for piece in pieces:
        run = "".join(
            symbol
            for at, symbol in enumerate(piece.span.of(sentence.symbols), piece.span.start)
            if words.get(at) not in ENGLISH_COMMON
        )
        size = len(content_of(run))
        if piece.taken:
            taken += size
        else:
            new += size
            longest = max(longest, size)
    return taken / (taken + new or 1), longest


def _across_scripts(
    text: str,
    offered: Sequence[tuple[int, Evidence]],
    others: Sequence[str],
    support: Support | None,
) -> tuple[tuple[int, Span], ...]:
    """The one sentence that supports it; none without a judge, or if he finds none."""
    spans = [
        (marker, span)
        for marker, part in offered
        for span in sentences(part.text)
        if span.of(part.text).strip()
    ]
    parts = dict(offered)
    if support is None:
        return ()
    folded = fold_aligned(text)
    numbers = [
        found.value
        for found in quantities(folded)
        if not says_few(found.span.of(folded), "".join(part.text for _, part in offered))
    ]
    holding = [
        (marker, span)
        for marker, span in spans
        if _says_all(numbers, fold_aligned(span.of(parts[marker].text)))
    ]
    spans = holding or spans
    if not spans:
        return ()
    said = "\n".join(span.of(parts[marker].text) for marker, span in spans)
    anchored = bool(numbers and holding) or names_said(text, said)[1]
    candidates = [span.of(parts[marker].text) for marker, span in spans]
    apart = [other for other in others if not any(said in other for said in candidates)]
    picked = support.choose(text, candidates, apart, anchored=anchored)
    return () if picked is None else (spans[picked],)


def _says_all(numbers: Sequence[Fraction], folded: str) -> bool:
    said = {found.value for found in quantities(folded)}
    return said.issuperset(numbers)


def _is_latin(text: str) -> bool:
    return len(_LATIN_WORD.findall(text)) > 2 * len(_HAN.findall(text))


def _plain(text: Coded, span: Span) -> str:
    return text.text[text.at[span.start].start : text.at[span.end - 1].end]
