from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from qa.console import SHELLS, delegated


def test_no_command_means_the_chat() -> None:
    assert delegated([]) is None
    assert delegated(["--port", "7861"]) is None


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert delegated(["sing"]) == 2
    assert "config" in capsys.readouterr().err


def test_config_prints_every_setting_with_its_source(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WENJU_CONFIG", raising=False)
    monkeypatch.setenv("WENJU_RATE", "7")
    assert delegated(["config"]) == 0
    assert "rate = 7  # WENJU_RATE" in capsys.readouterr().out
    assert delegated(["config", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rate"] == {"value": 7, "source": "WENJU_RATE"}
    monkeypatch.setenv("WENJU_RATE", "lots")
    assert delegated(["config"]) == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert delegated(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("index", "ask", "search", "eval", "mcp", "config", "--port", "--top-k"):
        assert word in script
    if shell == "bash" and (bash := shutil.which("bash")):
        subprocess.run([bash, "-n"], input=script, text=True, check=True)
