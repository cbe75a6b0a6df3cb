"""BERT encoders as ONNX graphs with eight-bit products, built without torch.

The graph computes BertModel's forward pass but for the token table: its rows
come in as an input, so that several models (the embedding, the reader) share
one table in memory.

Products are quantised so that every processor gets them right and a row alone
decides its result: activations to unsigned eight bits by the row's own largest
magnitude, weights to ±63 by the column's. Two such products and their sum fit
sixteen bits (2 · 255 · 63 < 2^15), so that AVX2's saturating multiplication is
as exact as VNNI; and since no scale comes from the batch, a text's vector does
not depend on what it was batched with. Measured in docs/embedding.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

Floats = NDArray[np.float32]

RECIPE = 1  # raise when the graph made from the same weights would differ

_WEIGHT_MAX = 63
_ZERO_POINT = 128
_MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators, in every build of it


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights' own shapes do not say."""

    layers: int
    heads: int
    epsilon: float = 1e-12


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer over every token's last hidden state, in full precision."""

    weight: Floats  # (outputs, hidden)
    bias: Floats  # (outputs,)


def bert_model(
    weights: Mapping[str, Floats],
    shape: Shape,
    heads: Mapping[str, Head],
    *,
    full_precision: Collection[str] = (),
) -> onnx.ModelProto:
    """The encoder as a graph.

    Inputs: `embedded`, float32 (batch, tokens, hidden), rows of the token
    table; `mask`, int32 (batch, tokens), ones and after them, for padding,
    zeros. Outputs: each head by its name, float32 (batch, tokens, outputs), or
    without heads `embedding`, float32 (batch, hidden): mean over the tokens, of
    norm 1.

    Args:
        weights: by BertModel's names; others are ignored. All tokens have type 0.
        full_precision: modules whose product stays in float32, for instance
            "encoder.layer.11.output.dense".
    """
    graph = _Graph(weights, frozenset(full_precision))
    hidden = graph.add("Add", "embedded", graph.positions())
    hidden = graph.norm(hidden, "embeddings.LayerNorm", shape)
    for number in range(shape.layers):
        layer = f"encoder.layer.{number}"
        projections = [f"{layer}.attention.self.{name}" for name in ("query", "key", "value")]
        together = graph.add("Add", graph.product(hidden, *projections), graph.bias(*projections))
        queries_keys_values = graph.split(together, 3)
        attended = graph.add(
            "MultiHeadAttention",
            *queries_keys_values,
            "",
            "mask",
            domain=_MICROSOFT,
            num_heads=shape.heads,
        )
        hidden = graph.output(attended, hidden, f"{layer}.attention.output", shape)
        inner = f"{layer}.intermediate.dense"
        widened = graph.product(hidden, inner)
        widened = graph.add("BiasGelu", widened, graph.bias(inner), domain=_MICROSOFT)
        hidden = graph.output(widened, hidden, f"{layer}.output", shape)
    if heads:
        outputs = {name: graph.head(hidden, name, head) for name, head in heads.items()}
    else:
        outputs = {"embedding": graph.mean(hidden)}
    return graph.model(outputs)


class _Graph:
    """Nodes and constants in the making. Methods take and return names of values."""

    def __init__(self, weights: Mapping[str, Floats], full_precision: frozenset[str]) -> None:
        self._weights, self._full_precision = weights, full_precision
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = f"{operator}.{len(self._nodes)}"
        node = helper.make_node(operator, inputs, [name], name, domain=domain, **attributes)
        self._nodes.append(node)
        return name

    def split(self, value: str, parts: int) -> list[str]:
        from onnx import helper

        name = f"Split.{len(self._nodes)}"
        names = [f"{name}.{part}" for part in range(parts)]
        self._nodes.append(
            helper.make_node("Split", [value], names, name, axis=-1, num_outputs=parts)
        )
        return names

    def constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def positions(self) -> str:
        """Position and type embeddings of as many tokens as there are."""
        rows = self._weights["embeddings.position_embeddings.weight"]
        rows = rows + self._weights["embeddings.token_type_embeddings.weight"][0]
        first = self.constant("first", np.array([0]))
        n_tokens = self.add("Shape", "mask", start=1, end=2)
        return self.add("Slice", self.constant("positions", rows), first, n_tokens, first)

    def norm(self, value: str, module: str, shape: Shape) -> str:
        scale, bias = f"{module}.weight", f"{module}.bias"
        self.constant(scale, self._weights[scale])
        self.constant(bias, self._weights[bias])
        return self.add("LayerNormalization", value, scale, bias, epsilon=shape.epsilon)

    def bias(self, *modules: str) -> str:
        values = [self._weights[f"{module}.bias"] for module in modules]
        return self.constant(f"{modules[0]}.bias", np.concatenate(values))

    def output(self, value: str, before: str, module: str, shape: Shape) -> str:
        """BertSelfOutput and BertOutput: dense, residual, normalisation."""
        value = self.add(
            "Add", self.product(value, f"{module}.dense"), self.bias(f"{module}.dense")
        )
        return self.norm(self.add("Add", value, before), f"{module}.LayerNorm", shape)

    def product(self, value: str, *modules: str) -> str:
        """The value times the modules' weights side by side; the bias is not added."""
        name = f"{modules[0]}.weight"
        matrix = np.concatenate([self._weights[f"{module}.weight"] for module in modules]).T
        if not self._full_precision.isdisjoint(modules):
            return self.add("MatMul", value, self.constant(name, matrix))
        largest = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny)
        scales = (largest / _WEIGHT_MAX).astype(np.float32)
        quantised, row_scale = self._quantise(value)
        multiplied = self.add(
            "MatMulIntegerToFloat",
            quantised,
            self.constant(name, np.rint(matrix / scales).astype(np.int8)),
            "activation.scale",
            self.constant(f"{name}.scale", scales),
            "activation.zero_point",
            self.constant(f"{name}.zero_point", np.zeros(len(scales), np.int8)),
            domain=_MICROSOFT,
        )
        return self.add("Mul", multiplied, row_scale)

    def _quantise(self, value: str) -> tuple[str, str]:
        """uint8 values and, per row, what they were divided by."""
        last = self.constant("last", np.array([-1]))
        least = self.constant("least", np.array(1e-12, np.float32))
        scale = self.constant("activation.scale", np.array(1 / 127, np.float32))
        zero_point = self.constant("activation.zero_point", np.array(_ZERO_POINT, np.uint8))
        largest = self.add("ReduceMax", self.add("Abs", value), last, keepdims=1)
        largest = self.add("Max", largest, least)
        divided = self.add("Div", value, largest)
        return self.add("QuantizeLinear", divided, scale, zero_point), largest

    def head(self, hidden: str, name: str, head: Head) -> str:
        weight = self.constant(f"{name}.weight", head.weight.T.astype(np.float32))
        bias = self.constant(f"{name}.bias", head.bias.astype(np.float32))
        return self.add("Add", self.add("MatMul", hidden, weight), bias)

    def mean(self, hidden: str) -> str:
        """Of the tokens that are not padding, scaled to norm 1."""
        from onnx import TensorProto

        one = self.constant("one", np.array([1]))
        mask = self.add("Unsqueeze", self.add("Cast", "mask", to=TensorProto.FLOAT), one)
        total = self.add("Squeeze", self.add("MatMul", mask, hidden), one)
        return self.add("LpNormalization", total, axis=-1, p=2)  # the count cancels out

    def model(self, outputs: Mapping[str, str]) -> onnx.ModelProto:
        from onnx import TensorProto, helper

        size = self._weights["embeddings.position_embeddings.weight"].shape[1]
        for name, value in outputs.items():
            self._nodes.append(helper.make_node("Identity", [value], [name], name))
        return helper.make_model(
            helper.make_graph(
                self._nodes,
                "bert",
                [
                    helper.make_tensor_value_info(
                        "embedded", TensorProto.FLOAT, ["batch", "tokens", size]
                    ),
                    helper.make_tensor_value_info("mask", TensorProto.INT32, ["batch", "tokens"]),
                ],
                [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
                list(self._constants.values()),
            ),
            opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)],
            ir_version=10,
        )
