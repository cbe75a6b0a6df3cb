from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.errors import BadRequest
from qa.settings import KEY, NAMES, Settings, load_settings, render, to_json


def test_a_flag_beats_the_environment_and_that_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('port = 1\nrate = 2\nhost = "::1"\norigins = ["https://a.example"]\n')
    environ = {"WENJU_CONFIG": str(file), "WENJU_RATE": "3", "WENJU_HOST": "0.0.0.0"}
    found = load_settings({"host": "127.0.0.1", "port": None, "origins": []}, environ)
    assert (found.port, found.rate, found.host) == (1, 3, "127.0.0.1")
    assert found.origins == ("https://a.example",)
    assert found.sources["host"] == "flag"
    assert found.sources["rate"] == "WENJU_RATE"
    assert found.sources["port"] == str(file)
    assert "log_format" not in found.sources


def test_what_is_printed_reads_back(tmp_path: Path) -> None:
    settings = Settings(
        index=Path("/data/an index"), origins=("https://a.example", "https://b.example"),
        log_questions=True, abstain_threshold=0.25, writer_url="http://localhost/v1",
        writer_model="m",
    )  # fmt: skip
    (tmp_path / "wenju").mkdir()
    (tmp_path / "wenju" / "config.toml").write_text(render(settings, {}), encoding="utf-8")
    assert load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}) == settings


def test_a_key_is_never_shown() -> None:
    environ = {KEY: "sk-very-secret", "XDG_CONFIG_HOME": "/nonexistent"}
    settings = load_settings({}, environ)
    shown = render(settings, environ) + repr(settings) + json.dumps(to_json(settings))
    assert "secret" not in shown
    assert f"{KEY} is set" in shown


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"WENJU_PORT": "many"}, "WENJU_PORT"),
        ({"WENJU_PORT": "99999"}, "port"),
        ({"WENJU_LOG_FORMAT": "xml"}, "text or json"),
        ({"WENJU_LOG_QUESTIONS": "perhaps"}, "true or false"),
        ({"WENJU_ABSTAIN_THRESHOLD": "2"}, "probability"),
        ({"WENJU_WRITER_URL": "http://localhost/v1"}, "writer_model"),
        ({"WENJU_CONFIG": "/no/such/file.toml"}, "WENJU_CONFIG"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(environ: dict[str, str], names: str) -> None:
    with pytest.raises(BadRequest, match=names):
        load_settings({}, {"XDG_CONFIG_HOME": "/nonexistent", **environ})


@pytest.mark.parametrize("text", ["port = [", "colour = 1", "port = 'x'"])
def test_a_file_that_cannot_be_meant_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(BadRequest, match=r"config\.toml"):
        load_settings({}, {"WENJU_CONFIG": str(file)})


def test_every_setting_is_printed() -> None:
    shown = render(Settings(), {})
    assert all(name in shown for name in NAMES)
    assert set(to_json(Settings())) == set(NAMES)
