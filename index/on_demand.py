"""Vectors of passages whose turn has not come, made for the search that needs them."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from index.embed import Embedder, Vectors
from index.schema import Passage
from index.vectors import embedded_text

AT_ONCE = 4  # of the best hits by words; each costs tens of ms, once
QUIET_S = 1.0  # after two searches were under way at once, others are taken to be waiting
_KEPT = 4096  # vectors; those of an index that is being embedded are soon in its files


class OnDemand:
    """Shared by the states of one index; may be used from any thread."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._made: dict[str, Vectors] = {}
        self._lock = threading.Lock()
        self._n_searching, self._crowded = 0, -QUIET_S  # the latter by the monotonic clock

    @contextmanager
    def searching(self) -> Generator[None]:
        """Around a search, so that another one side by side is known of."""
        with self._lock:
            self._n_searching += 1
            self._look_round()
        try:
            yield
        finally:
            with self._lock:
                self._look_round()
                self._n_searching -= 1

    def rows(self, passages: Iterable[Passage]) -> dict[str, Vectors]:
        """Vectors of these passages, unit float32 (dim,), by passage id.

        Those not made yet are made unless other searches are under way, or
        were a moment ago, since all would wait: then their words have to do.
        """
        texts = {passage.id: embedded_text(passage) for passage in passages}
        with self._lock:
            new = sorted(set(texts.values()) - self._made.keys())
            self._look_round()
            alone = time.monotonic() - self._crowded >= QUIET_S
        if new and alone:
            made = self._embedder.encode(new, side="passage")
            with self._lock:
                if len(self._made) + len(new) > _KEPT:
                    self._made.clear()
                self._made.update(zip(new, made, strict=True))
        with self._lock:
            return {id_: self._made[text] for id_, text in texts.items() if text in self._made}

    def _look_round(self) -> None:
        if self._n_searching > 1:
            self._crowded = time.monotonic()
