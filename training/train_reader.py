"""Train the reader, resumably; see training/README.md for the command and the runs made.

Starts from the converted multilingual-e5-small. The schedule is counted in
minutes, so that a run ends when it was said to. Resumes from the checkpoint in
`--out`; the weights to export are the running average of those trained.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from eval.metrics import exact_match, f1
from index.schema import Span
from qa.reading.encoding import PAIR_WIDTH, encode, targets
from training import data
from training.english import Glossary
from training.newspaper import TRAINED_ON, News
from training.span_model import Item, SpanModel, logits_of, loss_of, read
from training.written import CONTRASTS, QUESTIONS, Written

Tensors = dict[str, torch.Tensor]

N_CONTRASTS = 4  # times as often as any other written question: there are few of them


def batches(
    examples: Iterator[data.Example], tokenizer: Tokenizer, *, tokens: int, rng: random.Random
) -> Iterator[list[Item]]:
    """Rows of like length together, at most `tokens` tokens a batch, padding included."""
    pool: list[Item] = []
    for example in examples:
        for row in encode(tokenizer, example.question, example.title, example.context):
            target = targets(row, Span(*example.answer)) if example.answer else None
            if target is not None or example.answer is None:
                pool.append((row, target))  # a window with half an answer teaches nothing certain
        if len(pool) < 1500:
            continue
        pool.sort(key=lambda item: len(item[0].ids))
        made: list[list[Item]] = [[]]
        for item in pool:
            if (len(made[-1]) + 1) * len(item[0].ids) > tokens:
                made.append([])
            made[-1].append(item)
        rng.shuffle(made)
        pool.clear()
        yield from made


def examples(args: argparse.Namespace, rng: random.Random) -> Iterator[data.Example]:
    """Epoch after epoch; three in ten DRCD questions in the Traditional characters as published."""
    collections = {
        name: data.Collection(*data.squad(args.data / f"{name}.json.xz"), name)
        for name in ("cmrc_train", "drcd_devtest_hans", "expmrc_squad_en")
    }
    traditional = data.squad(args.data / "drcd_devtest_hant.json.xz")
    parallel = data.Parallel(args.data / "xquad")
    lines = args.without.read_text(encoding="utf-8").splitlines()
    without = frozenset(document for line in lines for document in json.loads(line)["doc_ids"])
    news = News(args.news, without, TRAINED_ON)
    written, contrasts = (Written(args.news, TRAINED_ON, file) for file in (QUESTIONS, CONTRASTS))
    asked = [partial(written.example, number) for number in range(len(written))]
    set_apart = [partial(contrasts.example, number) for number in range(len(contrasts))]
    asked += set_apart * N_CONTRASTS
    glossary = Glossary()
    while True:
        simplified = collections["drcd_devtest_hans"]
        mixed = simplified.mixed_with(*traditional, share=0.3, rng=rng)
        drawn = [collections["cmrc_train"], mixed, collections["expmrc_squad_en"]]
        yield from data.epoch(drawn, parallel, asked, news.example, glossary.english, rng)


def held_apart(path: Path, n: int) -> list[tuple[str, str, list[str]]]:
    """Question, passage and answers of questions that are not trained on."""
    with lzma.open(path) as file:
        entries = json.load(file)["data"]
    found = [
        (qa["question"], paragraph["context"], [answer["text"] for answer in qa["answers"]])
        for entry in entries
        for paragraph in entry["paragraphs"]
        for qa in paragraph["qas"]
    ]
    return random.Random(1).sample(found, n)


def measure(
    model: SpanModel, tokenizer: Tokenizer, questions: list[tuple[str, str, list[str]]]
) -> str:
    said = read(model, tokenizer, [(question, passage) for question, passage, _ in questions])
    pairs = [(text, gold) for text, (_, _, gold) in zip(said, questions, strict=True)]
    exact = np.mean([exact_match(text, gold, "cmrc") for text, gold in pairs])
    overlap = np.mean([f1(text, gold, "cmrc") for text, gold in pairs])
    return f"EM {100 * exact:.1f} F1 {100 * overlap:.1f} (n = {len(pairs)})"


class Trainer:
    """The weights being trained, their running average and the optimiser; saved and resumed."""

    def __init__(self, model: SpanModel, *, rate: float, decay: float, folder: Path) -> None:
        self.parameters = model.trained()
        self.average = {name: p.detach().clone() for name, p in self.parameters.items()}
        groups = [
            {"params": [p], "weight_decay": 0.01 * (p.ndim > 1), "share": _share(name, decay)}
            for name, p in self.parameters.items()
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)
        self.rate, self.step, self.minutes = rate, 0, 0.0
        self._weights, self._state = folder / "checkpoint.safetensors", folder / "state.json"
        if self._state.exists():
            self._resume()

    def update(self, loss: torch.Tensor, done: float) -> None:
        """One step; the rate rises for 6% of the schedule, then falls to nothing."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * group["share"] * min(done / 0.06 + 0.01, (1 - done) / 0.94)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        new = 1 - min(0.995, self.step / (self.step + 20))
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                self.average[name].lerp_(parameter, new)

    def swap(self) -> None:
        """Put the average in the weights' place, or back."""
        for name, parameter in self.parameters.items():
            parameter.data, self.average[name] = self.average[name], parameter.data

    def save(self) -> None:
        tensors: Tensors = {}
        for name, parameter in self.parameters.items():
            state = self.optimizer.state[parameter]
            tensors |= {f"p:{name}": parameter.data, f"a:{name}": self.average[name]}
            tensors |= {f"m:{name}": state["exp_avg"], f"v:{name}": state["exp_avg_sq"]}
        part = self._weights.with_suffix(".part")
        save_file(tensors, part)
        part.replace(self._weights)
        self._state.write_text(json.dumps({"step": self.step, "minutes": self.minutes}))

    def _resume(self) -> None:
        state = json.loads(self._state.read_text())
        self.step, self.minutes = state["step"], state["minutes"]
        tensors = load_file(self._weights)
        for name, parameter in self.parameters.items():
            parameter.data.copy_(tensors[f"p:{name}"])
            self.average[name].copy_(tensors[f"a:{name}"])
            self.optimizer.state[parameter] = {
                "step": torch.tensor(float(self.step)),
                "exp_avg": tensors[f"m:{name}"],
                "exp_avg_sq": tensors[f"v:{name}"],
            }


def _share(name: str, decay: float) -> float:
    """Layer-wise decay of the rate (Clark et al., “ELECTRA”, 2020)."""
    _, _, rest = name.partition(".layer.")
    return decay ** (11 - int(rest.split(".")[0])) if rest else 1.0


def former(path: Path) -> Tensors:
    """The weights of a run, or those that were made of them in eight bits to be shipped."""
    stored = load_file(path)
    if not any(name.endswith(".scale") for name in stored):
        return stored
    weights: Tensors = {}
    for name, values in stored.items():
        if name.endswith(".scale"):
            continue
        scale = stored.get(name.removesuffix("weight") + "scale")
        own = values if scale is None or values.dtype != torch.int8 else values * scale[:, None]
        weights[name if name.startswith("heads.") else f"encoder.{name}"] = own
    return weights


def start_from(model: SpanModel, weights: Tensors) -> None:
    """Former weights; heads that they lack begin so that they change nothing yet."""
    with torch.no_grad():
        for name in ("heads.weight", "heads.bias"):
            old, new = weights.pop(name), model.heads.get_parameter(name.removeprefix("heads."))
            if len(new) > len(old) + PAIR_WIDTH:
                new[-PAIR_WIDTH:] = 0.0
            new[: len(old)] = old
    model.load_state_dict(weights, strict=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of training sets")
    parser.add_argument("--news", type=Path, required=True, help="news corpus, for made questions")
    parser.add_argument("--without", type=Path, required=True, help="its documents are left out")
    parser.add_argument("--encoder", type=Path, required=True, help="the converted embedding")
    parser.add_argument(
        "--start", type=Path, help="weights of a former run, or those shipped, to go on from"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90, help="length of the schedule")
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument(
        "--decay", type=float, default=0.85, help="rate of a layer to the one above"
    )
    parser.add_argument("--frozen", type=int, default=4, help="lowest layers left as they are")
    parser.add_argument("--tokens", type=int, default=2560, help="most in a batch")
    parser.add_argument("--every", type=int, default=400, help="steps between measurements")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(args.encoder / "tokenizer.json"))
    model = SpanModel(args.encoder, frozen=args.frozen)
    model.train()
    if args.start:
        start_from(model, former(args.start))
    trainer = Trainer(model, rate=args.rate, decay=args.decay, folder=args.out)
    rng = random.Random(1000 * args.seed + trainer.step)
    questions = held_apart(args.data / "cmrc_trial.json.xz", 150)
    losses: list[float] = []
    n_seen = 0
    for items in batches(examples(args, rng), tokenizer, tokens=args.tokens, rng=rng):
        started = time.monotonic()
        done = trainer.minutes / args.minutes
        if done >= 1:
            break
        loss = loss_of(logits_of(model, [row for row, _ in items]), items)
        trainer.update(loss, done)
        losses.append(float(loss.detach()))
        n_seen += len(items)
        trainer.minutes += (time.monotonic() - started) / 60
        if trainer.step % 20 == 0:
            recent = np.mean(losses[-50:])
            print(f"{trainer.minutes:.1f} min, step {trainer.step}: {n_seen} seen, loss {recent:.3f}", flush=True)  # fmt: skip  # noqa: E501
        if trainer.step % 50 == 0:
            trainer.save()
        if trainer.step % args.every == 0:
            trainer.swap()
            print(f"== held apart: {measure(model, tokenizer, questions)}", flush=True)
            trainer.swap()
    trainer.save()
    save_file(trainer.average, args.out / "reader.safetensors")


if __name__ == "__main__":
    main()
