"""Q4_0, ggml's four-bit format: the carrier's matrices, and the token table while in use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK_WEIGHTS = 32
BLOCK_BYTES = 2 + BLOCK_WEIGHTS // 2

_LAYOUT = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK_WEIGHTS // 2,))])


def dequantize(blocks: bytes | NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Rows of weights: weight = (nibble - 8) * scale.

    A block is an fp16 scale and 16 bytes; byte j holds weight j in its low and
    weight j + 16 in its high half.

    Raises:
        ValueError: the bytes do not fill the shape.
    """
    size = blocks.nbytes if isinstance(blocks, np.ndarray) else len(blocks)
    if shape[1] % BLOCK_WEIGHTS or size != shape[0] * shape[1] // BLOCK_WEIGHTS * BLOCK_BYTES:
        raise ValueError(f"{size} bytes are not Q4_0 of shape {shape}")
    read = np.frombuffer(blocks, _LAYOUT)
    weights = np.empty((len(read), BLOCK_WEIGHTS), np.float32)
    weights[:, : BLOCK_WEIGHTS // 2] = read["nibbles"] & 0x0F
    weights[:, BLOCK_WEIGHTS // 2 :] = read["nibbles"] >> 4
    weights -= 8
    weights *= read["scale"].astype(np.float32)[:, None]
    return weights.reshape(shape)
