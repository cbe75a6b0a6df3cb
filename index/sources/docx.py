"""DOCX: the paragraphs of the document's body, in order, tables and text boxes included."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from index.sources.extracted import Extracted
from index.sources.report import Limits, Skipped
from index.sources.zipped import Zipped, parse_xml

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def extract(data: bytes, limits: Limits) -> Extracted:
    """One line of text a line of a paragraph. Deleted text (tracked changes) is left out.

    Raises:
        Skipped: "malformed", "encrypted", "zip-bomb", "no-text" or "too-large".
    """
    etree: Any = import_module("lxml.etree")

    zipped = Zipped(data, limits)
    root = parse_xml(zipped.read("word/document.xml"), "word/document.xml")
    prefix = _STRICT if root.tag.startswith(_STRICT) else _W
    lines: list[str] = []
    line: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        if event == "start" and tag == _MC + "Fallback":  # the same text once more
            element.clear()
        elif event == "end" and tag == prefix + "t":
            line.append(element.text or "")
        elif event == "end" and tag == prefix + "tab":
            line.append(" ")
        elif event == "end" and tag in (prefix + "br", prefix + "cr", prefix + "p"):
            lines.append(re.sub(r"[\r\n\f\v\x85\u2028\u2029]", " ", "".join(line)).strip())
            line = []
    text = "\n".join(filter(None, lines))
    if not text:
        raise Skipped("no-text", "no paragraph holds text")
    if len(text) > limits.text_characters:
        raise Skipped("too-large", f"over {limits.text_characters} characters of text")
    title, authors = _core(zipped)
    version = ".".join(map(str, etree.LXML_VERSION[:3]))
    return Extracted(text, f"wenju docx 2, lxml {version}", title=title, authors=authors)


def _core(zipped: Zipped) -> tuple[str | None, tuple[str, ...]]:
    """Title and authors that the file's properties name."""
    if "docProps/core.xml" not in zipped.names:
        return None, ()
    try:
        root: Any = parse_xml(zipped.read("docProps/core.xml"), "docProps/core.xml")
    except Skipped:
        return None, ()
    title = (root.findtext(_DC + "title") or "").strip()
    return title or None, ()  # the creator is who typed it, not who wrote it
