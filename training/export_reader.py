"""Write what the recipe trained as the weights we ship.

`python -m training.export_reader RUN/reader.safetensors --out qa/models/reader`

Matrices are stored in eight bits, ±63 by the largest of each output row, which
is how they are multiplied (index/bert_onnx.py): nothing is rounded twice. What
was not trained is not stored; the reader takes it from the default embedding.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


def quantised(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 values within ±63 and float32 scales, one for each output row."""
    scales = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny) / 63
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained", type=Path, nargs="+", help="of several, the mean is taken")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    stored: dict[str, np.ndarray] = {}
    runs = [load_file(path) for path in args.trained]
    for parameter in runs[0]:
        values = np.mean([run[parameter] for run in runs], axis=0)
        name = parameter.removeprefix("encoder.")
        if values.ndim == 2 and name.startswith("encoder.layer."):
            stored[name], stored[name.removesuffix("weight") + "scale"] = quantised(values)
        else:
            stored[name] = values.astype(np.float32)
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(stored, args.out / "weights.safetensors")
    size = (args.out / "weights.safetensors").stat().st_size
    print(f"{args.out}: {len(stored)} tensors, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
