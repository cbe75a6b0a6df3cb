"""`wenju COMMAND`: every command under one name, its settings printed, its shell completion.

`wenju` without a command serves the chat; that is `app.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from index.errors import Error
from qa.settings import load_settings, render, to_json

Main = Callable[[Sequence[str] | None], int]

# Where each command's `parser` and `main` stand; imported when it is called.
_MODULES = {"index": "index.commands", "eval": "eval.commands", "mcp": "qa.mcp"}
_OF_QA = ("ask", "search")
SHELLS = ("bash", "zsh")


def delegated(argv: Sequence[str]) -> int | None:
    """The exit code of the command named first; None: none is, the chat is meant."""
    if not argv or argv[0].startswith("-"):
        return None
    name, rest = argv[0], list(argv[1:])
    if name in _MODULES:
        return import_module(_MODULES[name]).main(rest)
    if name in _OF_QA:
        return import_module("qa.commands").main(list(argv))
    if name not in _OWN:
        every = ", ".join((*_MODULES, *_OF_QA, *_OWN))
        print(f"no command {name}: {every}; without one, the chat is served", file=sys.stderr)
        return 2
    try:
        return _OWN[name](rest)
    except Error as error:
        print(error, file=sys.stderr)
        return error.exit_code


def config(argv: Sequence[str]) -> int:
    args = _config_parser().parse_args(argv)
    settings = load_settings()
    shown = json.dumps(to_json(settings), ensure_ascii=False) if args.json else render(settings)
    print(shown)
    return 0


def completion(argv: Sequence[str]) -> int:
    import shtab

    args = _completion_parser().parse_args(argv)
    print(shtab.complete(whole_parser(), shell=args.shell))
    return 0


_OWN = {"config": config, "completion": completion}


def whole_parser() -> argparse.ArgumentParser:
    """All commands in one parser, for completion only."""
    serve = import_module("app").parser()
    root = argparse.ArgumentParser(prog="wenju", parents=[serve], conflict_handler="resolve")
    commands = root.add_subparsers(metavar="COMMAND")

    def add(name: str, of: argparse.ArgumentParser) -> None:
        commands.add_parser(
            name, parents=[of], conflict_handler="resolve", help=of.description or name
        )

    for name, module in _MODULES.items():
        try:
            add(name, import_module(module).parser())
        except ImportError:  # an extra that is not installed has nothing to complete
            continue
    asked = import_module("qa.commands").parser()
    for action in asked._actions:  # pyright: ignore[reportPrivateUsage] shown nowhere else
        if isinstance(action.choices, dict):
            for name in _OF_QA:
                add(name, action.choices[name])
    add("config", _config_parser())
    add("completion", _completion_parser())
    return root


def _config_parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="wenju config", description="Print every setting and where it comes from."
    )
    found.add_argument("--json", action="store_true", help="as JSON")
    return found


def _completion_parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="wenju completion", description="Print a shell's completion script."
    )
    found.add_argument("shell", choices=SHELLS)
    return found
