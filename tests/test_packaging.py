"""What ships is what was said to ship, and what is run is what ships."""

from __future__ import annotations

import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", ["index", "qa", "eval"])
def test_every_folder_of_python_files_is_packaged(package: str) -> None:
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / package).rglob("*.py")
    }
    assert folders <= {*PROJECT["tool"]["setuptools"]["packages"]}


def test_every_dependency_has_both_bounds() -> None:
    extras = PROJECT["project"]["optional-dependencies"].values()
    for needed in chain(PROJECT["project"]["dependencies"], *extras):
        assert "==" in needed or (">=" in needed and "<" in needed), needed


def test_the_makefile_installs_a_torch_that_the_project_accepts() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "torch==2.13.0" in makefile
    assert "torch>=2.13,<2.14" in PROJECT["project"]["dependencies"]


def test_imports_point_one_way() -> None:
    """app, eval → qa → index."""
    forbidden = {"index": ("qa", "eval", "app"), "qa": ("eval", "app"), "eval": ("app",)}
    for package, above in forbidden.items():
        for path in (ROOT / package).rglob("*.py"):
            for line in path.read_text(encoding="utf-8").splitlines():
                words = line.split()
                if words[:1] in (["from"], ["import"]) and len(words) > 1:
                    assert words[1].split(".")[0] not in above, f"{path}: {line}"
