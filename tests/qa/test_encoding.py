from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from index.schema import Span
from qa.reading.encoding import (
    BEFORE,
    BEHIND,
    COLUMNS,
    END,
    FIRST,
    LAST,
    MAX_PIECE_CHARACTERS,
    MAX_ROW_TOKENS,
    START,
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


def peaked(row: Row, target: tuple[int, int, int, int]) -> np.ndarray:
    """Logits of a model that is sure of one answer."""
    start, end, before, behind = target
    logits = np.zeros((len(row.ids), COLUMNS), np.float32)
    logits[start, START] = logits[end, END] = 9
    logits[start, BEFORE.start + before] = logits[end, BEHIND.start + behind] = 9
    return logits


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
    found = decode(row, text, peaked(row, target), most=1)
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
    logits = rng.normal(size=(len(row.ids), COLUMNS)).astype(np.float32)
    found = decode(row, text, logits, most=5)
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
    logits = peaked(row, target)
    logits[:, FIRST], logits[:, LAST] = 0.25, 0.5
    (best, *_) = decode(row, text, logits, most=1)
    assert scored(row, span, logits) == best
    assert scored(row, Span(0, 500), logits) is None


def test_a_start_and_an_end_that_do_not_belong_together_are_no_span(tokenizer: Tokenizer) -> None:
    text = "侯马审批缩减了72天"
    (row,) = encode(tokenizer, "多少天", "", text)
    one, other = targets(row, Span(0, 2)), targets(row, Span(7, len(text)))
    assert one is not None
    assert other is not None
    logits = peaked(row, other) + np.float32(1.1) * peaked(row, one)
    logits[other[1], END] = 11  # start of one, end of other: the best by ends alone
    assert decode(row, text, logits, most=1)[0].span == Span(0, len(text))
    logits[one[0], FIRST.start] = logits[one[1], LAST.start] = 2
    logits[other[0], FIRST.start + 1] = logits[other[1], LAST.start + 1] = 2
    assert decode(row, text, logits, most=1)[0].span == Span(7, len(text))


@pytest.mark.parametrize("passage", ["", " \n", "　"])
def test_an_empty_passage_has_no_spans(tokenizer: Tokenizer, passage: str) -> None:
    (row,) = encode(tokenizer, "多少天", "", passage)
    logits = np.zeros((len(row.ids), COLUMNS), np.float32)
    assert decode(row, passage, logits, most=3) == []


def test_rows_are_padded_behind_and_the_mask_says_where(tokenizer: Tokenizer) -> None:
    short = encode(tokenizer, "多少", "", "72天")[0]
    long = encode(tokenizer, "多少", "", "侯马审批缩减了72天")[0]
    ids, mask = pad([short, long])
    assert ids.shape == mask.shape == (2, len(long.ids))
    assert mask.sum(axis=1).tolist() == [len(short.ids), len(long.ids)]
    assert ids[0, : len(short.ids)].tolist() == short.ids
