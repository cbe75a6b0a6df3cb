"""The best hits of a cheap embedding scored again by a better one, when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from index.embed import Embedder, Vectors
from index.fusion import Scored, Yardstick, fuse
from index.lexical import to_simplified
from index.schema import Passage
from index.vectors import embedded_text, vector_key

RESCORED = 20  # best passages of a query; each costs some 50 ms of a core, once
SAMPLE = 64  # passages that stand for all, as in `VectorStore.usual`
_KEPT = 20_000  # vectors in memory, 1.5 kB each


class Rescorer:
    """May be asked from any thread, by several indexes one after another."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[bytes, Vectors] = {}  # by what decides a vector: the embedded text

    def rank(
        self,
        query: str,
        ranked: Sequence[Scored],
        passages: Mapping[int, Passage],
        sample: Sequence[Passage],
        *,
        against: Yardstick,
    ) -> list[Scored]:
        """The ranking with its first `RESCORED` in the order of the better embedding.

        Args:
            ranked: best first, as `fuse` gives them.
            passages: the first `RESCORED` of them, by number.
            sample: passages at large.
            against: as in `fuse`.

        Returns:
            Best first; the rest follows in its order, none with a higher score.
        """
        numbers = sorted(passages)
        rows = self._vectors([*(passages[number] for number in numbers), *sample])
        (vector,) = self._embedder.encode([to_simplified(query)], side="query")
        cosines = rows @ vector
        at_large = cosines[len(numbers) :]
        lexical = {s.number: s.lexical for s in ranked if s.lexical is not None}
        best = fuse(
            dict(zip(numbers, cosines[: len(numbers)].tolist(), strict=True)),
            {number: lexical[number] for number in numbers if number in lexical},
            usual=(float(at_large.mean()), float(at_large.std())) if sample else (0.0, 0.0),
            against=against,
        )
        lowest = best[-1].score if best else 1.0
        rest = (scored for scored in ranked if scored.number not in passages)
        # A cosine of another model beside these would be taken for one of theirs.
        return best + [replace(s, score=min(s.score, lowest), dense=None) for s in rest]

    def _vectors(self, passages: Sequence[Passage]) -> Vectors:
        texts = [embedded_text(passage) for passage in passages]
        keys = [vector_key(text) for text in texts]
        found = {key: self._kept[key] for key in keys if key in self._kept}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        made = self._embedder.encode(list(new.values()), side="passage")
        found.update(zip(new, made, strict=True))
        if len(self._kept) + len(new) > _KEPT:
            self._kept.clear()
        self._kept.update(found)
        return np.stack([found[key] for key in keys]) if keys else made
