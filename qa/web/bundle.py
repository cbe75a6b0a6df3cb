"""The widget as one script: its modules joined in order, and what pins it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

_HERE = Path(__file__).parent
_MODULES = ("static/core.js", "widget/words.js", "widget/style.js", "widget/widget.js")
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async |default )?(?:function|class|const))", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//[^\n]*\n|^\s*/\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bundle:
    script: bytes
    version: str  # of exactly these bytes
    integrity: str  # for the attribute of that name


@cache
def widget() -> Bundle:
    """Made once: modules without imports, exports, comments and indentation, in one scope."""
    joined = "".join((_HERE / name).read_text("utf-8") for name in _MODULES)
    for pattern in (_IMPORT, _EXPORT, _COMMENT):
        joined = pattern.sub("", joined)
    script = f'(()=>{{"use strict";\n{_INDENT.sub("", joined)}}})();\n'.encode()
    return Bundle(
        script,
        hashlib.sha256(script).hexdigest()[:12],
        "sha384-" + base64.b64encode(hashlib.sha384(script).digest()).decode(),
    )


def snippet(site: str, *, title: str = "问问报道", language: str = "zh") -> str:
    """What a site owner pastes; the hash makes browsers refuse any other script.

    Args:
        site: address of this server, as https://HOST.
    """
    bundle = widget()
    title, language = escape(title), escape(language)
    return (
        f'<script src="{site.rstrip("/")}/widget/{bundle.version}.js" '
        f'integrity="{bundle.integrity}" crossorigin="anonymous" '
        f'data-title="{title}" data-lang="{language}" async></script>'
    )
