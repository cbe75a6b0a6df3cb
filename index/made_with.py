"""What an index was made with, and whether this program can read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index import passages
from index.embed import Embedder, Side, Vectors
from index.errors import ModelUnavailable, WrongFormat, WrongModel
from index.lexical import TERMS
from index.manifest import Manifest


class Recorded:
    """Says which model an index was made with; cannot embed."""

    max_tokens = 0

    def __init__(self, manifest: Manifest) -> None:
        self.name, self.fingerprint, self.dim = (
            manifest.embedding,
            manifest.fingerprint,
            manifest.dim,
        )

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:  # noqa: ARG002 the protocol's
        raise ModelUnavailable(self.name, "the index was opened without it")


def fits(path: Path, manifest: Manifest, embedder: Embedder) -> None:
    """Raises WrongModel or WrongFormat when the index was made with something else."""
    if manifest.fingerprint != embedder.fingerprint:
        built_with, asked_for = manifest.embedding, embedder.name
        if built_with == asked_for:
            built_with += f" ({manifest.fingerprint[:12]})"
            asked_for += f" ({embedder.fingerprint[:12]})"
        raise WrongModel(path, built_with, asked_for)
    if manifest.splitter != passages.SPLITTER:
        raise WrongFormat(path, f"passages cut by {manifest.splitter}", passages.SPLITTER)
    if manifest.terms != TERMS:
        raise WrongFormat(path, f"words cut by {manifest.terms}", TERMS)
