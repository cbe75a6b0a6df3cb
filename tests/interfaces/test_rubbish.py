"""A tiny model of random weights, behind `transformers serve` and in this process.

Its rubbish, made of the articles' own characters, must never get through.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import qa.writing.endpoint
import qa.writing.local_model
from index.errors import ModelUnavailable
from qa.settings import Settings
from qa.writing.endpoint import Endpoint
from qa.writing.generate import CheckedWriter
from qa.writing.local_model import LocalModel
from qa.writing.writers import load_writer
from tests.interfaces.small import ARTICLES, HOUMA, SHOUYANG, WENSHUI, make_pipeline

N_QUESTIONS = 100
FACTS = ("审批时限", "总投资", "引进项目", "人均增收", "研发人员", "企业技术中心", "主任", "公司")
PLACES = ("侯马", "寿阳", "文水", "国强光伏", "开发区")
ASKED = ("多少？", "是谁？", "什么时候？", "怎么样？", "为什么？")


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {token: number for number, token in enumerate(("<pad>", "<s>", "</s>", "<unk>"))}
    for character in "[1][2]。，0123456789 abcdefgh" + HOUMA + SHOUYANG + WENSHUI:
        vocabulary.setdefault(character, len(vocabulary))
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    raw.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
    )
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=4096, bos_token_id=1, eos_token_id=2,
        pad_token_id=0,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("model")
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def serving(tiny_model: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(tiny_model)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(1200):
            assert process.poll() is None, "transformers serve ended"
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", timeout=1).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def questions() -> list[str]:
    every = [place + fact + asked for asked in ASKED for place in PLACES for fact in FACTS]
    return every[:N_QUESTIONS]


@pytest.mark.slow
def test_no_rubbish_of_a_served_model_gets_through(
    serving: str, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.writing.endpoint, "MAX_TOKENS", 8)
    model = Endpoint(serving, str(tiny_model))
    extractive = make_pipeline(ARTICLES)
    written = make_pipeline(ARTICLES, writer=CheckedWriter(model, limit_s=60))
    notes: set[str] = set()
    for question in questions():
        answer, plain = written.ask(question), extractive.ask(question)
        assert (answer.text, answer.citations) == (plain.text, plain.citations)
        notes |= set(answer.notes) - set(plain.notes)
    model.close()
    assert notes == {"writer-unsupported"}  # it did answer, with rubbish


@pytest.mark.slow
def test_no_rubbish_of_a_local_model_gets_through(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.writing.local_model, "MAX_NEW_TOKENS", 16)
    writer = load_writer(Settings(writer_model=str(tiny_model), writer_limit_s=60))
    extractive = make_pipeline(ARTICLES)
    written = make_pipeline(ARTICLES, writer=writer)
    for question in questions()[:5]:
        answer, plain = written.ask(question), extractive.ask(question)
        assert (answer.text, answer.citations) == (plain.text, plain.citations)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"config\.json"):
        LocalModel(tmp_path)
