"""Files in, hits out. Names are looked up when used, so that importing this loads no model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.store import Index
    from index.writer import UpdateReport, remove, update

__all__ = ["Index", "UpdateReport", "remove", "update"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "Index":
        return import_module("index.store").Index
    if name in ("UpdateReport", "remove", "update"):
        return getattr(import_module("index.writer"), name)
    raise AttributeError(name)
