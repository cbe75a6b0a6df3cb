"""The reader while it learns: the encoder with its heads, what is minimised, how it reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from qa.reading.encoding import (
    BEFORE,
    BEHIND,
    COLUMNS,
    END,
    FIRST,
    LAST,
    START,
    Row,
    decode,
    encode,
    pad,
)

Target = tuple[int, int, int, int] | None  # as `qa.reading.encoding.targets` gives it
Item = tuple[Row, Target]


class SpanModel(nn.Module):
    """The encoder and one linear layer, whose columns `qa.encoding` names.

    Token embeddings and the lowest layers stay as they are: the product holds
    them already, and they cost a third of the backward pass. No dropout: it
    takes attention off its fused path, and no example is seen twice alike.
    """

    def __init__(self, encoder: Path, *, frozen: int) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder)
        self.encoder.embeddings.requires_grad_(False)
        for layer in self.encoder.encoder.layer[:frozen]:
            layer.requires_grad_(False)
        for module in self.encoder.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        for layer in self.encoder.encoder.layer:
            layer.attention.self.dropout_prob = 0.0
        self.heads = nn.Linear(self.encoder.config.hidden_size, COLUMNS)
        nn.init.normal_(self.heads.weight, std=0.02)
        nn.init.zeros_(self.heads.bias)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits, shape (rows, tokens, COLUMNS)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.heads(hidden)

    def trained(self) -> dict[str, nn.Parameter]:
        return {
            name: parameter
            for name, parameter in self.named_parameters()
            if parameter.requires_grad and ".pooler." not in name  # not part of the reader
        }


def logits_of(model: SpanModel, rows: Sequence[Row]) -> torch.Tensor:
    """Computed in bfloat16 where that is faster, given back in float32."""
    ids, mask = pad(rows)
    with torch.autocast("cpu", torch.bfloat16):
        return model(torch.from_numpy(ids), torch.from_numpy(mask)).float()


def loss_of(logits: torch.Tensor, items: Sequence[Item]) -> torch.Tensor:
    """Cross entropy over every span and “not here”, and part of those of its ends.

    Start and end alone count a fifth; the characters half, where there is an answer.
    A row without an answer has both ends at position 0.
    """
    n, length, _ = logits.shape
    barred = torch.full((n, length), -1e9)
    gold = torch.zeros((n, 4), dtype=torch.long)
    answered = torch.zeros(n, dtype=torch.bool)
    for number, (row, target) in enumerate(items):
        barred[number, 0] = 0
        passage = slice(row.first, row.first + len(row.offsets))
        barred[number, passage] = torch.where(torch.tensor(row.pieces), 0.0, -1e9)
        if target is not None:
            gold[number] = torch.tensor(target)
            answered[number] = True
    entropy = nn.functional.cross_entropy
    begin, finish = logits[:, :, START] + barred, logits[:, :, END] + barred
    together = torch.bmm(logits[:, :, FIRST], logits[:, :, LAST].transpose(1, 2))
    together[:, 0, 0] = 0.0
    at = torch.arange(length)
    no_span = (at[None, :] < at[:, None]) | ((at == 0)[:, None] ^ (at == 0)[None, :])
    spans = begin[:, :, None] + finish[:, None, :] + together
    spans = spans.masked_fill(no_span, -1e9).view(n, -1)
    loss = entropy(spans, gold[:, 0] * length + gold[:, 1])
    loss = loss + 0.2 * (entropy(begin, gold[:, 0]) + entropy(finish, gold[:, 1]))
    if answered.any():
        every = torch.arange(n)
        before = logits[every, gold[:, 0], BEFORE][answered]
        behind = logits[every, gold[:, 1], BEHIND][answered]
        loss = loss + 0.5 * entropy(before, gold[answered, 2])
        loss = loss + 0.5 * entropy(behind, gold[answered, 3])
    return loss


@torch.no_grad()
def read(model: SpanModel, tokenizer: Tokenizer, asked: Sequence[tuple[str, str]]) -> list[str]:
    """The best span for each (question, passage), whether or not “not here” scores higher."""
    model.eval()
    rows = [
        (number, row)
        for number, (question, passage) in enumerate(asked)
        for row in encode(tokenizer, question, "", passage)
    ]
    rows.sort(key=lambda each: len(each[1].ids))
    best = [("", -math.inf)] * len(asked)
    for start in range(0, len(rows), 16):
        batch = rows[start : start + 16]
        logits = logits_of(model, [row for _, row in batch]).numpy()
        for (number, row), values in zip(batch, logits, strict=True):
            passage = asked[number][1]
            spans = decode(row, passage, values, most=1)
            if spans and spans[0].score - spans[0].null > best[number][1]:
                best[number] = (spans[0].span.of(passage), spans[0].score - spans[0].null)
    model.train()
    return [text for text, _ in best]
