"""Whether a sentence that a language model wrote is said by the passages that it cites.

Nothing generated is shown unchecked. A sentence must cite; its quotations,
numbers, dates and names must stand in the sentences of the passage that
support it; the rest of its words must be theirs too, or a support score must
say so. What is put in the place of something else (a number, a name, a
direction) is refused even where it stands elsewhere in the passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from index.schema import Span, squeeze
from qa.reading.coverage import fold_aligned
from qa.reading.names import (
    ENGLISH_COMMON,
    ENGLISH_NEGATION,
    NEGATION,
    content_of,
    looks_like_name,
)
from qa.writing.aligned import Block, Coded, Symbols, blocks, coded, left_out, swaps
from qa.writing.crossing import denies, misplaced, names_said, says_few, unsaid
from qa.writing.instructions import instructs
from qa.writing.supporting import Evidence, Support, across_scripts, supporting

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
LONGEST_NEW = 2  # Han characters in a row that are neither said nor common


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
        chosen = across_scripts(text, offered, others, support)
        if not chosen:
            return Checked(text, "support", "")
    else:
        chosen = supporting(text, offered)
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


def _is_latin(text: str) -> bool:
    return len(_LATIN_WORD.findall(text)) > 2 * len(_HAN.findall(text))


def _plain(text: Coded, span: Span) -> str:
    return text.text[text.at[span.start].start : text.at[span.end - 1].end]
