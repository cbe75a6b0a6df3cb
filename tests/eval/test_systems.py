"""The reader alone: what is put before it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.commands import main
from eval.schema import Document, Question
from eval.systems import GivenPassage
from index.embed import HashEmbedder
from qa.reading.readers import OverlapReader

DOCUMENTS = [Document(f"c{n}", f"第{n}座桥长{n}米。") for n in range(40)]
QUESTIONS = [
    Question(f"q{n}", "多长？", True, (f"{n % 40}米",), documents=(f"c{n % 40}",))
    for n in range(1_000)
]


def given(noise: float, seed: int = 0) -> GivenPassage:
    return GivenPassage(OverlapReader(), DOCUMENTS, noise=noise, seed=seed)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 1.0])
def test_the_share_of_noise_is_the_one_asked_for(noise: float) -> None:
    share = given(noise).noise_share(QUESTIONS)
    assert share == pytest.approx(noise, abs=0.02)
    assert given(noise).noise_share(QUESTIONS) == share


def test_the_gold_passage_is_shown_until_all_is_noise() -> None:
    for noise in (0.0, 0.2, 0.8, 1.0):
        for question, record in zip(
            QUESTIONS[:20], given(noise).answer(QUESTIONS[:20]), strict=True
        ):
            shown = [hit.passage_id for hit in record.ranking]
            assert (f"{question.documents[0]}:0" in shown) is (noise < 1)


def test_a_run_says_how_much_noise_was_drawn(small_models: HashEmbedder, tmp_path: Path) -> None:
    contexts = ["桥长1280米。", "藏书42万册。"]
    data = [
        {
            "context": context,
            "id": f"s{n}",
            "question": "多少？",
            "answers": {"text": [context[2:-1]], "answer_start": [2]},
        }
        for n, context in enumerate(contexts)
    ]
    (tmp_path / "set.json").write_text(json.dumps(data), encoding="utf-8")
    command = ["run", str(tmp_path / "set.json"), "--reading", "given", "--noise", "0.8"]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    identity = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["identity"]
    assert identity["noise"] == 0.8
    assert identity["noise_share"] == 0.5  # there is but one other context
