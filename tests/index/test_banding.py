"""Bands of many articles, whoever makes them."""

from __future__ import annotations

import numpy as np
import pytest

from index import banding
from index.banding import Banding
from index.reprints import bands, shingles

TEXTS = [
    "",
    "。",
    "半个\ud800字",
    *(f"第{n}篇报道说的是第{n * n}件事，别处没有。" for n in range(40)),
]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banding, "_FEW", 5)


@pytest.mark.parametrize("dies", [False, True])
def test_the_process_makes_what_its_parent_would(dies: bool) -> None:
    made = Banding()
    for number, text in enumerate(TEXTS):
        made.add(number, text)
        if dies and number == 10:
            assert made._child is not None
            made._child.kill()
            made._child.wait()
    found = made.finish(dict(enumerate(TEXTS)).get)
    made.close()
    assert found.keys() == set(range(len(TEXTS)))
    for number, text in enumerate(TEXTS):
        assert np.array_equal(found[number], bands(shingles(text)))


def test_without_a_process_the_parent_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(module: str) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(banding, "started", refuse)
    made = Banding()
    for number, text in enumerate(TEXTS):
        made.add(number, text)
    assert made.finish({}.get).keys() == set(range(len(TEXTS)))


def test_few_need_no_process() -> None:
    made = Banding()
    for number, text in enumerate(TEXTS[:5]):
        made.add(number, text)
    assert made._child is None
    assert len(made.finish({}.get)) == 5
