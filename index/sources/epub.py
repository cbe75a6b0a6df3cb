"""EPUB: the text of its chapters, in reading order."""

from __future__ import annotations

import posixpath
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from index.sources.extracted import Extracted
from index.sources.html import blocks
from index.sources.report import Limits, Skipped
from index.sources.zipped import Zipped, parse_xml

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}EncryptionMethod"
_FONT_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def extract(data: bytes, limits: Limits) -> Extracted:
    """One line of text a block. Chapters follow each other as the spine says.

    Raises:
        Skipped: "malformed", "encrypted", "zip-bomb", "no-text" or "too-large".
    """
    etree: Any = import_module("lxml.etree")

    zipped = Zipped(data, limits)
    _refuse_encrypted(zipped)
    container = parse_xml(zipped.read("META-INF/container.xml"), "META-INF/container.xml")
    root_file = container.find(f".//{_CONTAINER}rootfile")
    if root_file is None:
        raise Skipped("malformed", "the container names no package")
    package_path = str(root_file.get("full-path", ""))
    package = parse_xml(zipped.read(package_path), package_path)
    folder = posixpath.dirname(package_path)
    hrefs = {item.get("id"): item.get("href", "") for item in package.iter(_OPF + "item")}
    lines: list[str] = []
    size = 0
    for reference in package.iter(_OPF + "itemref"):
        href = hrefs.get(reference.get("idref"))
        name = posixpath.normpath(posixpath.join(folder, unquote(href or "")))
        if not href or name not in zipped.names:
            continue
        chapter = blocks(zipped.read(name))
        size += sum(map(len, chapter))
        if size > limits.text_characters:
            raise Skipped("too-large", f"over {limits.text_characters} characters of text")
        lines += chapter
    if not lines:
        raise Skipped("no-text", "no chapter holds text")
    version = ".".join(map(str, etree.LXML_VERSION[:3]))
    return Extracted(
        "\n".join(lines),
        f"wenju epub 1, lxml {version}",
        title=_text(package.find(f".//{_DC}title")),
        authors=tuple(filter(None, map(_text, package.iter(_DC + "creator")))),
    )


def _text(element: Any) -> str | None:
    return " ".join((element.text or "").split()) or None if element is not None else None


def _refuse_encrypted(zipped: Zipped) -> None:
    if "META-INF/encryption.xml" not in zipped.names:
        return
    root = parse_xml(zipped.read("META-INF/encryption.xml"), "META-INF/encryption.xml")
    for method in root.iter(_ENCRYPTED):
        if str(method.get("Algorithm", "")) not in _FONT_ONLY:
            raise Skipped("encrypted", "protected by rights management")
