"""The graph computes what BertModel does, and a row alone decides its result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.bert_onnx import Head, Shape, bert_model
from index.encoder import Encoder, TokenTable, batched_by_length
from index.q4 import dequantize

SEQUENCES = [[1, 2, 3, 4, 5], [7], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] * 3, [3, 1]]
N_TOKENS, HIDDEN = 10, 64
HEAD = Head(np.linspace(-1, 1, 2 * HIDDEN).reshape(2, HIDDEN), np.array([0.5, -0.5]))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = np.random.default_rng(5).integers(0, 256, (N_TOKENS, HIDDEN // 32, 18), np.uint8)
    rows[..., :2] = np.frombuffer(np.float16(0.02).tobytes(), np.uint8)
    path = tmp_path_factory.mktemp("table") / "table.npy"
    np.save(path, rows.reshape(N_TOKENS, -1))
    return path


@pytest.fixture(scope="module")
def reference(table: Path) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """Weights of a BertModel and its last hidden states of the sequences, by torch."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(11)
    config = BertConfig(
        vocab_size=N_TOKENS, hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=128, max_position_embeddings=40, initializer_range=0.2,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    rows = np.load(table)
    words = torch.from_numpy(dequantize(rows, (N_TOKENS, HIDDEN)))
    model.embeddings.word_embeddings.weight.data = words
    with torch.no_grad():
        states = [
            model(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy() for ids in SEQUENCES
        ]
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    return weights, states


def run(
    weights: dict[str, np.ndarray],
    table: Path,
    folder: Path,
    heads: dict[str, Head],
    *,
    exact: bool,
    threads: int = 2,
) -> list[tuple[np.ndarray, ...]]:
    modules = {name.removesuffix(".weight") for name in weights} if exact else set[str]()
    model = bert_model(weights, Shape(layers=2, heads=4), heads, full_precision=modules)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return Encoder(folder / "model.onnx", TokenTable(table), threads=threads).run(SEQUENCES)


@pytest.mark.parametrize(("exact", "tolerance"), [(True, 1e-4), (False, 0.15)])
def test_heads_see_the_hidden_states_of_bertmodel(
    reference: tuple[dict[str, np.ndarray], list[np.ndarray]],
    table: Path,
    tmp_path: Path,
    exact: bool,
    tolerance: float,
) -> None:
    weights, states = reference
    identity = Head(np.eye(HIDDEN), np.zeros(HIDDEN))
    found = run(weights, table, tmp_path, {"states": identity, "span": HEAD}, exact=exact)
    for (hidden, span), state in zip(found, states, strict=True):
        assert hidden.shape == state.shape
        assert np.abs(hidden - state).max() < tolerance
        assert np.allclose(span, hidden @ HEAD.weight.T + HEAD.bias, atol=1e-3)


def test_without_heads_comes_the_mean_of_the_states_with_norm_1(
    reference: tuple[dict[str, np.ndarray], list[np.ndarray]], table: Path, tmp_path: Path
) -> None:
    weights, states = reference
    found = run(weights, table, tmp_path, {}, exact=True)
    for (vector,), state in zip(found, states, strict=True):
        mean = state.mean(axis=0)
        assert np.allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_quantised_rows_do_not_depend_on_their_batch(
    reference: tuple[dict[str, np.ndarray], list[np.ndarray]], table: Path, tmp_path: Path
) -> None:
    weights, _ = reference
    model = bert_model(weights, Shape(layers=2, heads=4), {})
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    encoder = Encoder(tmp_path / "model.onnx", TokenTable(table), threads=1)
    for ids, (together,) in zip(SEQUENCES, encoder.run(SEQUENCES), strict=True):
        ((alone,),) = encoder.run([ids])
        assert together @ alone > 0.99999


def test_no_two_products_of_eight_bits_leave_sixteen(
    reference: tuple[dict[str, np.ndarray], list[np.ndarray]],
) -> None:
    from onnx import TensorProto, numpy_helper

    weights, _ = reference
    model = bert_model(weights, Shape(layers=2, heads=4), {})
    eight_bit = [
        numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.data_type == TensorProto.INT8 and len(tensor.dims) == 2
    ]
    assert len(eight_bit) == 2 * 4
    assert all(2 * 255 * np.abs(matrix.astype(int)).max() < 1 << 15 for matrix in eight_bit)


@given(st.lists(st.integers(0, 600), max_size=60), st.integers(1, 8))
def test_batches_hold_each_text_once_and_no_more_tokens_than_allowed(
    lengths: list[int], parts: int
) -> None:
    batches = list(batched_by_length(lengths, parts=parts, budget=1000))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[row] for row in batch)
        assert len(batch) == 1 or padded <= 1000
    longest_first = [lengths[row] for batch in batches for row in batch]
    assert longest_first == sorted(lengths, reverse=True)


def test_a_few_long_texts_are_shared_among_the_threads() -> None:
    assert len(list(batched_by_length([250] * 4, parts=2))) >= 2
