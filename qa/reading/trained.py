"""The trained reader: an encoder with span heads, over the embedding's own token table."""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from index import bert_onnx, e5
from index.embed import model_cache
from index.encoder import Encoder, TokenTable
from index.errors import ModelUnavailable
from index.schema import Passage
from qa.asking.kinds import Kind
from qa.asking.question import analyse
from qa.reading.encoding import Floats, Scored, decode, encode, scored
from qa.reading.spans import paired, typed_spans
from qa.schema import Candidate, Reading

MAX_CANDIDATES = 5  # that do not overlap a better one, and as many that do
_MAX_PROPOSED = 4

_FOLDER = Path(__file__).parent.parent / "models" / "reader"
_WEIGHTS = "weights.safetensors"


class TrainedReader:
    """Reads with the weights in qa/models/reader; the card there says how they were made."""

    name = "trained"

    def __init__(self) -> None:
        """
        Raises:
            ModelUnavailable: its weights, or those of the default embedding, are not as expected.
        """
        from tokenizers import Tokenizer

        self.fingerprint = hashlib.sha256((_FOLDER / _WEIGHTS).read_bytes()).hexdigest()
        folder = e5.converted(model_cache())
        self._tokenizer = Tokenizer.from_file(str(folder / e5.TOKENIZER))
        self._encoder = Encoder(converted(folder, model_cache()), TokenTable(folder / e5.TABLE))

    def read(self, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reading]:
        """One Reading per pair, aligned.

        `answerable` is the logistic function of the best span's logit less that
        of “not here” (Devlin et al., 2019): a score for qa/abstain.py to join
        with what retrieval says, not yet a probability.

        Raises:
            ValueError: not as many questions as passages.
        """
        pairs = zip(questions, passages, strict=True)
        rows = [
            (pair, row)
            for pair, (question, passage) in enumerate(pairs)
            for row in encode(self._tokenizer, question, passage.context, passage.text)
        ]
        kinds: list[Kind] = [analyse(question).kind for question in questions]
        found: list[list[Scored]] = [[] for _ in passages]
        outputs = self._encoder.run([row.ids for _, row in rows])
        for (pair, row), (logits,) in zip(rows, outputs, strict=True):
            text = passages[pair].text
            found[pair] += decode(row, text, logits, most=MAX_CANDIDATES)
            proposed = (scored(row, span, logits) for span in typed_spans(text, kinds[pair]))
            found[pair] += sorted(filter(None, proposed), key=lambda s: -s.score)[:_MAX_PROPOSED]
        return [_reading(passage, scored) for passage, scored in zip(passages, found, strict=True)]


def converted(folder: Path, cache: Path) -> Path:
    """The reader's graph, written into the cache when it is not there yet.

    Args:
        folder: the default embedding's, as `e5.converted` gives it; what the
            reader did not train comes from there.

    Raises:
        ModelUnavailable: the weights are not as expected, or the cache cannot be written.
    """
    data = (_FOLDER / _WEIGHTS).read_bytes()
    recipe = f"{folder.name} {bert_onnx.RECIPE}".encode()
    path = cache / f"reader-{hashlib.sha256(data + recipe).hexdigest()[:16]}.onnx"
    if path.is_file():
        return path
    print(f"preparing the reader in {path} (once, about 3 s)", file=sys.stderr)
    graph = _graph(folder, data)
    try:
        with tempfile.NamedTemporaryFile(dir=cache, prefix=".part-", delete=False) as file:
            file.write(graph)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        raise ModelUnavailable("reader", f"{cache} cannot be written: {error}") from error
    return path


def _graph(folder: Path, data: bytes) -> bytes:
    """The encoder under its heads, as ONNX: ours where trained, the embedding's elsewhere."""
    from safetensors import SafetensorError, safe_open
    from safetensors.numpy import load

    try:
        trained = load(data)
    except SafetensorError as error:
        raise ModelUnavailable("reader", f"{_FOLDER / _WEIGHTS} is damaged: {error}") from error
    weights: dict[str, Floats] = {}
    with safe_open(folder / "model.safetensors", "numpy") as base:
        for name in base.keys():  # noqa: SIM118 not a dict
            if name not in trained and "word_embeddings" not in name:
                weights[name] = base.get_tensor(name)
    for name, values in trained.items():
        scale = trained.get(name.removesuffix("weight") + "scale")
        weights[name] = values.astype(np.float32)
        if values.dtype == np.int8 and scale is not None:
            weights[name] *= scale[:, None]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = bert_onnx.Shape(
        config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"]
    )
    head = bert_onnx.Head(weights["heads.weight"], weights["heads.bias"])
    return bert_onnx.bert_model(weights, shape, {"logits": head}).SerializeToString()


def _reading(passage: Passage, found: Sequence[Scored]) -> Reading:
    """Spans of all windows to one ranking; some lie inside others, and compete with them."""
    ranked = sorted(found, key=lambda each: (each.null - each.score, each.span.start))
    apart: list[Scored] = []
    over: list[Scored] = []
    for each in ranked:
        span = paired(passage.text, each.span)
        if span is None or any(span == other.span for other in apart + over):
            continue
        kept = over if any(span.overlaps(other.span) for other in apart) else apart
        if len(kept) < MAX_CANDIDATES:
            kept.append(replace(each, span=span))
    if not apart:
        return Reading(passage, 0.0, ())
    kept = sorted(apart + over, key=lambda each: each.null - each.score)
    margins = [each.score - each.null for each in kept]
    odds = [math.exp(margin - margins[0]) for margin in margins]
    candidates = tuple(
        Candidate(each.span, share / sum(odds)) for each, share in zip(kept, odds, strict=True)
    )
    return Reading(passage, 1.0 / (1.0 + math.exp(-min(max(margins[0], -60.0), 60.0))), candidates)
