"""Article → Passages: runs of whole sentences, of about equal size for the embedder."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.schema import Article, Passage, Span

SPLITTER = "passages-v1"  # part of the index's fingerprint: change it when the cuts change

# Sizes are counted in wide characters; a narrow one weighs 0.375 of it, since the default
# model takes 1.4 Chinese and about 4 Latin characters a token: 300 are some 215 tokens.
_NARROW = 0.375
_WIDE = ((0x1100, 0x11FF), (0x2010, 0xD7FF), (0xF900, 0xFFDC), (0x10000, 0x10FFFF))
_TARGET, _MOST = 250.0, 300.0
_LEAST = 12.0  # what is lighter is never a passage for itself, nor worth a thought in `_cuts`
_CONTEXT_MOST = 200  # characters of headline put before every passage

_LINE = re.compile(r"[^\n]+")
_ENDS = re.compile(r"[。！？!?｡．.…]+[”’」』）】》〉〕\])\"'»]*")
_FULL_STOPS = frozenset("。！？!?｡")
_GOES_ON = frozenset("，、；：,;:。！？）)”’」』】》—-~～")
_TITLE_CLOSERS = frozenset("》】〉〕]")
# “好！”他说。 The speaker belongs to what was said.
_SPEAKER = re.compile(r"[^，。！？\n]{0,6}(?:说|說|道|问|問|表示|称|稱|喊|指出|强调|強調)")
_SPOKEN = re.compile(r"[！？!?]+[”’」』]+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Gen|Col|Lt|Capt|Sen|Rep|Gov|Rev|Hon|Pres|Supt|No|Nos|"
    r"Fig|Figs|Vol|pp|Inc|Ltd|Co|Corp|Bros|Dept|Univ|vs|etc|al|cf|ca|approx|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|e\.g|i\.e|a\.m|p\.m)"
    r"|\b[A-Z](?:\.[A-Z])*)$"
)
_TIES = re.compile(r"[“”‘’「」『』（）()【】\[\]《》〈〉〔〕\n]")
_CLOSERS = dict(zip("”’」』）)】]》〉〕", "“‘「『（(【[《〈〔", strict=True))
_LONG_TIE = 120  # characters; a longer quotation is cut at its sentences

_SOFT = re.compile(r"[，、；：,;:]+[”’」』）】》)\]\"']*\s*|\s+|—+")


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float64]:
    """Of every character."""
    table = np.full(sys.maxunicode + 1, _NARROW)
    for first, last in _WIDE:
        table[first : last + 1] = 1.0
    return table


def _weight_before(text: str) -> list[float]:
    """The weight of the text before each of its offsets; exact, being eighths."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    return [0.0, *np.cumsum(_weights()[codes]).tolist()]


def sentences(text: str) -> list[Span]:
    """Every sentence of `text`, in order, without the white space around it.

    Together they hold every character that is not white space. A line break
    ends a sentence; closing quotes and brackets stay with it. Nothing ends
    inside quotes or brackets of up to 120 characters, after an abbreviation
    or inside a number.
    """
    ties = _tied(text)
    closes = [tie.end for tie in ties]
    found: list[Span] = []
    for line in _LINE.finditer(text):
        start, line_end = line.span()
        for mark in _ENDS.finditer(text, start, line_end):
            end = mark.end()
            place = bisect_left(closes, end + 1)
            if place < len(ties) and ties[place].start < end:
                continue
            if _ends_sentence(text, mark, line_end):
                _append(found, text, start, end)
                start = end
        _append(found, text, start, line_end)
    return found


def _append(found: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append(Span(start, end))


def _ends_sentence(text: str, found: re.Match[str], line_end: int) -> bool:
    start, end = found.span()
    if end >= line_end:
        return True
    after = text[end]
    if after in _GOES_ON:
        return False
    mark = found.group()
    if not _TITLE_CLOSERS.isdisjoint(mark):  # 《怎么办？》一书
        return False
    if mark[0] in _FULL_STOPS and mark[0] not in "!?":
        return not (_SPOKEN.fullmatch(mark) and _SPEAKER.match(text, end))
    if mark[0] == "…":  # “……” may stand inside a sentence; with a stop or a quote it ends one
        return any(character in _FULL_STOPS or character in "”」" for character in mark)
    if not after.isspace():  # 3.14, example.com, etc.), ?page=2
        return mark[0] in "!?" and _weights()[ord(after)] == 1.0
    following = text[end : end + 3].lstrip()[:1]
    if mark[0] in "!?":
        return not following.islower()
    before = text[max(0, start - 12) : start]
    return not following.islower() and not (mark == "." and _ABBREVIATION.search(before))


def _tied(text: str) -> list[Span]:
    """Outermost short stretches between matching quotes or brackets of one line, in order."""
    ties: list[Span] = []
    opened: list[tuple[str, int]] = []
    waiting: dict[str, int] = {}  # how many of each opener wait, so that a stray closer is cheap
    for mark in _TIES.finditer(text):
        sign = mark.group()
        if sign == "\n":
            opened.clear()
            waiting.clear()
            continue
        opener = _CLOSERS.get(sign)
        if opener is None:
            opened.append((sign, mark.start()))
            waiting[sign] = waiting.get(sign, 0) + 1
            continue
        if not waiting.get(opener):
            continue
        while True:
            found, start = opened.pop()
            waiting[found] -= 1
            if found == opener:
                break
        if mark.end() - start <= _LONG_TIE:
            while ties and ties[-1].start > start:
                ties.pop()
            ties.append(Span(start, mark.end()))
    return ties


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a sentence, or a piece of one too long to be a passage."""

    span: Span
    weight: float
    cut_cost: float  # of ending a passage after it


def split_passages(article: Article) -> list[Passage]:
    """Cut an article into passages that cover it and do not overlap.

    Chosen together by least cost: the squared distance of each passage from
    250 wide characters (300 at most), and a price on cuts that are not ends
    of paragraphs. Byline and headline lines go with the text beside them.
    """
    units = _units(article)
    context = _bounded(article.context)
    spans = [Span(units[i].span.start, units[j - 1].span.end) for i, j in _cuts(units)]
    return [
        Passage(f"{article.id}:{n}", article.id, span, span.of(article.text), context)
        for n, span in enumerate(spans)
    ]


def _bounded(context: str) -> str:
    return context if len(context) <= _CONTEXT_MOST else context[: _CONTEXT_MOST - 1] + "…"


def _units(article: Article) -> list[_Unit]:
    text = article.text
    weights = _weight_before(text)
    units: list[_Unit] = []
    for sentence in sentences(text):
        pieces = _pieces(text, sentence, weights)
        for piece in pieces:
            weight = weights[piece.end] - weights[piece.start]
            last = piece is pieces[-1]
            line_end = last and text[piece.end : piece.end + 2].lstrip(" ").startswith("\n")
            units.append(_Unit(piece, weight, 0.0 if line_end else 0.15 if last else 0.6))
    return _glued(units, article)


def _pieces(text: str, sentence: Span, weights: Sequence[float]) -> list[Span]:
    """The sentence, cut at commas, else by length, where it is too long for a passage.

    weights: of the text before each of its offsets.
    """
    if weights[sentence.end] - weights[sentence.start] <= _MOST:
        return [sentence]
    soft = [m.end() for m in _SOFT.finditer(text, sentence.start, sentence.end)]
    pieces: list[Span] = []
    start = sentence.start
    while start < sentence.end:
        most = weights[start] + _MOST
        farthest = bisect_left(weights, most, sentence.start, sentence.end + 1) - 1
        if weights[sentence.end] <= most:
            farthest = sentence.end
        end = max(farthest, start + 1)
        if farthest < sentence.end:
            place = bisect_left(soft, end + 1) - 1
            if place >= 0 and soft[place] > start and soft[place] - start > (end - start) // 3:
                end = soft[place]
        _append(pieces, text, start, end)
        start = end
    return pieces


def _glued(units: list[_Unit], article: Article) -> list[_Unit]:
    """Join what must not stand alone: headline lines, the byline, sentences of a few characters."""
    glued: list[_Unit] = []
    headline, byline = article.headline_span, article.byline_span
    for unit in units:
        before = glued[-1] if glued else None
        together = before is not None and (
            (
                headline is not None
                and (before.span.overlaps(headline) or unit.span.overlaps(headline))
            )
            or (byline is not None and unit.span.overlaps(byline))
            or before.weight + unit.weight < _LEAST
        )
        if before is None or not together or before.weight + unit.weight > _MOST:
            glued.append(unit)
        else:
            span = Span(before.span.start, unit.span.end)
            glued[-1] = _Unit(span, before.weight + unit.weight, unit.cut_cost)
    return glued


def _cuts(units: list[_Unit]) -> list[tuple[int, int]]:
    """Ranges of units, in order, of least total cost."""
    best = [0.0] + [float("inf")] * len(units)
    begins = [0] * (len(units) + 1)
    for end in range(1, len(units) + 1):
        weight = 0.0
        for begin in range(end - 1, max(-1, end - 41), -1):
            weight += units[begin].weight
            if weight > _MOST and begin < end - 1:
                break
            size_cost = ((weight - _TARGET) / _TARGET) ** 2
            cost = best[begin] + size_cost + (units[end - 1].cut_cost if end < len(units) else 0.0)
            if cost < best[end]:
                best[end], begins[end] = cost, begin
    cuts: list[tuple[int, int]] = []
    end = len(units)
    while end:
        cuts.append((begins[end], end))
        end = begins[end]
    return cuts[::-1]
