"""Every setting, typed, from one place: flag, else environment, else file, else default.

The file is TOML: $WENJU_CONFIG, else wenju/config.toml in the XDG configuration
folder. In the environment a setting is WENJU_ and its name in capitals; lists
are separated by commas. Keys are read from the environment only and are no
settings: they are neither in the file nor printed.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import BadRequest
from index.places import place

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

KEY = "WENJU_WRITER_KEY"  # sent to the writer's endpoint and nowhere else
_PREFIX = "WENJU_"


@dataclass(frozen=True, slots=True)
class Settings:
    index: Path | str | None = None  # a URL is text; None: the index over the bundled articles
    embedding: str = "default"
    abstain_threshold: float | None = None  # None: the fitted one

    host: str = "127.0.0.1"
    port: int = 7860
    origins: tuple[str, ...] = ()  # sites that may show the widget, as https://example.org
    hosts: tuple[str, ...] = ()  # names this site is reached by, beside localhost
    rate: int = 600  # questions answered a minute for each address; 0: no limit
    stop_s: float = 10.0  # how long requests under way may take when the server stops

    log_format: LogFormat = "text"
    log_level: LogLevel = "info"
    log_questions: bool = False  # whether logs may hold what people ask

    writer_url: str | None = None  # base URL of an OpenAI-compatible endpoint
    writer_model: str | None = None  # its model there; without a URL a folder of transformers'
    writer_limit_s: float = 20.0  # until the extractive answer is given instead

    sources: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)
    """Where each setting that is not a default comes from."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise BadRequest(f"port is {self.port}; ports go from 0 to 65535")
        if self.abstain_threshold is not None and not 0 <= self.abstain_threshold <= 1:
            raise BadRequest(f"abstain_threshold is {self.abstain_threshold}; it is a probability")
        if self.rate < 0 or self.stop_s < 0 or self.writer_limit_s <= 0:
            raise BadRequest("rate and stop_s are 0 or more, writer_limit_s is above 0")
        if self.writer_url and not self.writer_model:
            raise BadRequest("writer_url needs writer_model: the model's name at that endpoint")


def _truth(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError("true or false")
    return known[text.lower()]


def _choice(*names: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(" or ".join(names))
        return text

    return parse


_PARSERS: dict[str, Callable[[str], Any]] = {
    "index": place,
    "abstain_threshold": float,
    "port": int,
    "rate": int,
    "stop_s": float,
    "writer_limit_s": float,
    "log_format": _choice(*get_args(LogFormat)),
    "log_level": _choice(*get_args(LogLevel)),
    "log_questions": _truth,
    "origins": lambda text: tuple(part.strip() for part in text.split(",") if part.strip()),
    "hosts": lambda text: tuple(part.strip() for part in text.split(",") if part.strip()),
}
NAMES = tuple(each.name for each in fields(Settings) if each.name != "sources")


def load_settings(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """The settings that count.

    Args:
        flags: what was given on the command line; None and () mean not given. Names that
            are no settings are read over.

    Raises:
        BadRequest: names the setting, where it stands and what it may be.
    """
    environ = os.environ if environ is None else environ
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    path = config_path(environ)
    for name, value in _read(path, required="WENJU_CONFIG" in environ).items():
        if name not in NAMES:
            raise BadRequest(f"{path}: no setting {name}; wenju config lists them")
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        found[name], sources[name] = _parsed(name, text, str(path)), str(path)
    for name in NAMES:
        variable = _PREFIX + name.upper()
        if environ.get(variable):
            found[name], sources[name] = _parsed(name, environ[variable], variable), variable
    for name, value in (flags or {}).items():
        if name in NAMES and value is not None and value not in ((), []):
            found[name] = tuple(value) if isinstance(value, list) else value
            sources[name] = "flag"
    return Settings(**found, sources=sources)


def config_path(environ: Mapping[str, str]) -> Path:
    if own := environ.get("WENJU_CONFIG"):
        return Path(own)
    home = environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "wenju" / "config.toml"


def render(settings: Settings, environ: Mapping[str, str] | None = None) -> str:
    """As TOML that reads back, with where each value comes from."""
    environ = os.environ if environ is None else environ
    lines: list[str] = []
    for name in NAMES:
        value = getattr(settings, name)
        source = settings.sources.get(name, "default")
        if value is None:
            lines.append(f"# {name} is not set")
        else:
            lines.append(f"{name} = {_toml(value)}  # {source}")
    lines.append(f"# {KEY} is {'set' if environ.get(KEY) else 'not set'}; it is never shown")
    return "\n".join(lines)


def to_json(settings: Settings) -> dict[str, Any]:
    return {
        name: {
            "value": _plain(getattr(settings, name)),
            "source": settings.sources.get(name, "default"),
        }
        for name in NAMES
    }


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        if required:
            raise BadRequest(f"{path}, named by WENJU_CONFIG, is not there") from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path} is not TOML: {error}") from error
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}") from error


def _parsed(name: str, text: str, source: str) -> Any:
    try:
        return _PARSERS.get(name, str)(text)
    except ValueError as error:
        raise BadRequest(f"{source}: {name} cannot be {text!r}: {error}") from None


def _toml(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
