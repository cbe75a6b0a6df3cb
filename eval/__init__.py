"""Question sets in, numbers out. Names are looked up when used: importing this loads no model."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eval.questions import read_set
    from eval.report import render
    from eval.runner import evaluate_on
    from eval.runs import read_run
    from eval.scoring import score, summary

__all__ = ["evaluate_on", "read_run", "read_set", "render", "score", "summary"]

_MODULES = {
    "evaluate_on": "eval.runner",
    "read_run": "eval.runs",
    "read_set": "eval.questions",
    "render": "eval.report",
    "score": "eval.scoring",
    "summary": "eval.scoring",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(name)
