"""SentencePiece's compiled table of character replacements, written from a plain one."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np


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
