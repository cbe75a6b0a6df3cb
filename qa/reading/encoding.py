"""A question and a passage as one row of tokens, and logits back to characters.

The row is `<s> question </s></s> context </s> passage </s>`. Answers lie in
the passage alone; the first position stands for “not here” (Devlin et al.,
“BERT”, 2019, on SQuAD 2.0). The tokenizer's pieces are longer than Chinese
answers are exact, so two small heads say how many characters of the first and
of the last piece lie outside the answer.

A span has the logits of its start and its end, and the product of what the two
say of each other (biaffine: Dozat and Manning, 2017): of two numbers in one
sentence, the first one's start and the second one's end are no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.schema import Span

MAX_QUESTION_TOKENS = 64
MAX_CONTEXT_TOKENS = 40
MAX_ROW_TOKENS = 224  # what most training rows had; longer rows read worse (model card)
STRIDE_TOKENS = 80  # shared by two windows of a long passage
MAX_ANSWER_TOKENS = 64
MAX_PIECE_CHARACTERS = 8  # classes of each character head
PAIR_WIDTH = 64  # numbers by which a start and an end say that they belong together

# Columns of the logits.
START, END = 0, 1
BEFORE = slice(2, 2 + MAX_PIECE_CHARACTERS)  # characters of the first piece before the answer
BEHIND = slice(BEFORE.stop, BEFORE.stop + MAX_PIECE_CHARACTERS)  # of the last piece behind it
FIRST = slice(BEHIND.stop, BEHIND.stop + PAIR_WIDTH)
LAST = slice(FIRST.stop, FIRST.stop + PAIR_WIDTH)
COLUMNS = LAST.stop

_BOS, _EOS = 0, 2
_METASPACE = "▁"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One window of a passage, ready for the model."""

    ids: list[int]
    first: int  # index in `ids` of the first passage token
    offsets: list[tuple[int, int]]  # characters of the passage, for each passage token
    pieces: list[bool]  # False: the token is a lone word mark and has no character of its own


@dataclass(frozen=True, slots=True)
class Scored:
    """A stretch of the passage and what the model gives for it, in logits."""

    span: Span  # in the passage's text
    score: float  # start + end logit + what tells that they belong together
    null: float  # what the same row gives to “not here”


def encode(tokenizer: Tokenizer, question: str, context: str, passage: str) -> list[Row]:
    """One row, or as many overlapping windows as a long passage needs; at least one."""
    asked = tokenizer.encode(question, add_special_tokens=False).ids[:MAX_QUESTION_TOKENS]
    above = tokenizer.encode(context, add_special_tokens=False).ids[:MAX_CONTEXT_TOKENS]
    head = [_BOS, *asked, _EOS, _EOS, *above, _EOS]
    read = tokenizer.encode(passage, add_special_tokens=False)
    pieces = [token != _METASPACE for token in read.tokens]
    room = MAX_ROW_TOKENS - len(head) - 1
    rows: list[Row] = []
    start = 0
    while True:
        end = min(start + room, len(read.ids))
        rows.append(
            Row(
                [*head, *read.ids[start:end], _EOS],
                len(head),
                read.offsets[start:end],
                pieces[start:end],
            )
        )
        if end == len(read.ids):
            return rows
        start = end - STRIDE_TOKENS


def targets(row: Row, answer: Span) -> tuple[int, int, int, int] | None:
    """Where the answer begins and ends: two token positions, two character classes.

    The classes count the characters of the first piece before the answer, and
    of the last piece behind it. None: the answer is not wholly in the row, or
    begins or ends past the character classes.
    """
    begin = finish = None
    for number, ((start, end), own) in enumerate(zip(row.offsets, row.pieces, strict=True)):
        if not own:
            continue
        if start <= answer.start < end:
            begin = (number, answer.start - start)
        if start < answer.end <= end:
            finish = (number, end - answer.end)
    if begin is None or finish is None or max(begin[1], finish[1]) >= MAX_PIECE_CHARACTERS:
        return None
    return row.first + begin[0], row.first + finish[0], begin[1], finish[1]


def decode(row: Row, passage: str, logits: Floats, *, most: int) -> list[Scored]:
    """The best spans of one row, best first.

    Args:
        logits: of the row's tokens, shape (len(row.ids), COLUMNS).
        most: how many that do not overlap a better one; as many that do are given too.
    """
    n = len(row.offsets)
    null = float(logits[0, START] + logits[0, END])
    if not n:
        return []
    own = np.array(row.pieces)
    pieces = logits[row.first : row.first + n]
    begin = np.where(own, pieces[:, START], -np.inf)
    finish = np.where(own, pieces[:, END], -np.inf)
    # Not “@”: BLAS threads would go on spinning while the model's and FAISS's wait.
    together = np.einsum("ik,jk->ij", pieces[:, FIRST], pieces[:, LAST])
    scores = begin[:, None] + finish[None, :] + together
    distance = np.arange(n)[None, :] - np.arange(n)[:, None]
    scores[(distance < 0) | (distance >= MAX_ANSWER_TOKENS)] = -np.inf
    apart: list[Scored] = []
    over: list[Scored] = []
    order = np.argsort(-scores, axis=None, kind="stable")[: 40 * most]
    for i, j in zip(*np.unravel_index(order, scores.shape), strict=True):
        if len(apart) == most or not np.isfinite(scores[i, j]):
            break
        span = _characters(row, passage, int(i), int(j), pieces)
        if span is None or any(span == other.span for other in over):
            continue
        scored = Scored(span, float(scores[i, j]), null)
        if not any(span.overlaps(other.span) for other in apart):
            apart.append(scored)
        elif len(over) < most and all(span != other.span for other in apart):
            over.append(scored)
    return sorted(apart + over, key=lambda each: -each.score)


def scored(row: Row, span: Span, logits: Floats) -> Scored | None:
    """What the row gives for a span found otherwise; None: it is not wholly in the row."""
    if (target := targets(row, span)) is None:
        return None
    first, last = logits[target[0]], logits[target[1]]
    score = float(first[START] + last[END] + first[FIRST] @ last[LAST])
    return Scored(span, score, float(logits[0, START] + logits[0, END]))


def _characters(row: Row, passage: str, first: int, last: int, pieces: Floats) -> Span | None:
    """Token positions to characters, white space at the edges dropped."""
    (first_start, first_end), (last_start, last_end) = row.offsets[first], row.offsets[last]
    widths = (first_end - first_start, last_end - last_start)
    skipped = int(np.argmax(pieces[first, BEFORE][: max(1, widths[0])]))
    cut = int(np.argmax(pieces[last, BEHIND][: max(1, widths[1])]))
    start, end = first_start + skipped, last_end - cut
    text = passage[start:end] if start < end else passage[first_start:last_end]
    if start >= end:  # the two heads disagree inside one piece: keep the whole piece
        start, end = first_start, last_end
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return Span(start, end) if start < end else None


def pad(rows: Sequence[Row], *, padding: int = 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and attention mask, both of shape (rows, longest row)."""
    longest = max(len(row.ids) for row in rows)
    ids = np.full((len(rows), longest), padding, np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row.ids)] = row.ids
        mask[number, : len(row.ids)] = 1
    return ids, mask
