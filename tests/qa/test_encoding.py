from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from index.schema import Span
from qa.reading.encoding import (
    MAX_PIECE_CHARACTERS,
    MAX_ROW_TOKENS,
    Row,
    decode,
    encode,
    pad,
    scored,
    targets,
)

PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "侯马",
    "审批",
    "缩减了",
    "72",
    "天",
    "多少",
    "▁the",
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer(models.Unigram([(piece, -1.0) for piece in PIECES], unk_id=3))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁")]
    )
    return made


def peaked(row: Row, target: tuple[int, int, int, int]) -> tuple[np.ndarray, ...]:
    """Logits of a model that is sure of one answer."""
    start, end, before, behind = target
    tokens = np.zeros((len(row.ids), 2), np.float32)
    starts = np.zeros((len(row.ids), MAX_PIECE_CHARACTERS), np.float32)
    ends = np.zeros_like(starts)
    tokens[start, 0] = tokens[end, 1] = 9
    starts[start, before] = ends[end, behind] = 9
    return tokens, starts, ends


@given(st.text("侯马审批缩减了72天多少 the。", min_size=1, max_size=40), st.data())
def test_any_answer_without_space_at_its_edges_survives_the_way_through_the_pieces(
    tokenizer: Tokenizer, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if text[start].isspace() or text[end - 1].isspace():
        return
    (row,) = encode(tokenizer, "多少天", "", text)
    target = targets(row, Span(start, end))
    if target is None:  # a run of unknown characters is one piece, longer than the classes reach
        assert any(b - a > MAX_PIECE_CHARACTERS for a, b in row.offsets)
        return
    found = decode(row, text, *peaked(row, target), most=1)
    assert found[0].span == Span(start, end)


def test_a_long_passage_is_read_in_windows_that_overlap_and_leave_nothing_out(
    tokenizer: Tokenizer,
) -> None:
    passage = "侯马审批缩减了72天。" * 300
    rows = encode(tokenizer, "多少天", "标题", passage)
    assert len(rows) > 1
    assert all(len(row.ids) <= MAX_ROW_TOKENS for row in rows)
    assert rows[0].offsets[0][0] == 0
    assert rows[-1].offsets[-1][1] == len(passage)
    for one, other in pairwise(rows):
        assert other.offsets[0][0] < one.offsets[-1][1]


def test_some_spans_of_a_row_are_apart_and_some_compete_with_them(tokenizer: Tokenizer) -> None:
    text = "侯马审批缩减了72天"
    (row,) = encode(tokenizer, "多少天", "", text)
    rng = np.random.default_rng(7)
    shape = (len(row.ids), MAX_PIECE_CHARACTERS)
    logits = rng.normal(size=(len(row.ids), 2)), rng.normal(size=shape), rng.normal(size=shape)
    found = decode(row, text, *(values.astype(np.float32) for values in logits), most=5)
    assert found == sorted(found, key=lambda each: -each.score)
    assert all(each.span.of(text) for each in found)
    assert len({each.span for each in found}) == len(found) <= 10
    over = [e for n, e in enumerate(found) if any(e.span.overlaps(o.span) for o in found[:n])]
    assert 0 < len(over) < len(found)


def test_a_span_found_otherwise_is_scored_like_the_others(tokenizer: Tokenizer) -> None:
    text = "侯马审批缩减了72天"
    (row,) = encode(tokenizer, "多少天", "", text)
    span = Span(text.index("72"), len(text))
    target = targets(row, span)
    assert target is not None
    tokens, starts, ends = peaked(row, target)
    (best, *_) = decode(row, text, tokens, starts, ends, most=1)
    assert scored(row, span, tokens) == best
    assert scored(row, Span(0, 500), tokens) is None


@pytest.mark.parametrize("passage", ["", " \n", "　"])
def test_an_empty_passage_has_no_spans(tokenizer: Tokenizer, passage: str) -> None:
    (row,) = encode(tokenizer, "多少天", "", passage)
    logits = np.zeros((len(row.ids), 2 + 2 * MAX_PIECE_CHARACTERS), np.float32)
    split = logits[:, :2], logits[:, 2:10], logits[:, 10:]
    assert decode(row, passage, *split, most=3) == []


def test_rows_are_padded_behind_and_the_mask_says_where(tokenizer: Tokenizer) -> None:
    short = encode(tokenizer, "多少", "", "72天")[0]
    long = encode(tokenizer, "多少", "", "侯马审批缩减了72天")[0]
    ids, mask = pad([short, long])
    assert ids.shape == mask.shape == (2, len(long.ids))
    assert mask.sum(axis=1).tolist() == [len(short.ids), len(long.ids)]
    assert ids[0, : len(short.ids)].tolist() == short.ids
