"""What a file is: by its first bytes where they say it, else by its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import Literal

from index.sources.plausible import plausibility
from index.sources.report import Skipped
from index.sources.text import decode

Kind = Literal["text", "markdown", "html", "pdf", "docx", "epub"]

_BY_SUFFIX: dict[str, Kind] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_TEXT = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"\xfd7zXZ", "packed with xz"),
    (b"BZh", "packed with bzip2"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a database"),
)


def kind_of(name: str, data: bytes) -> tuple[Kind, tuple[str, str] | None]:
    """The kind, and the decoded (text, encoding) where it had to be looked at for that.

    Raises:
        Skipped: "empty", "encrypted", "unsupported", "binary" or "malformed".
    """
    if not data:
        raise Skipped("empty")
    by_name = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if b"%PDF-" in data[:1024] and (by_name == "pdf" or data.startswith(b"%PDF-")):
        return "pdf", None
    if data.startswith(b"PK\x03\x04"):
        return _in_zip(data, by_name), None
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Skipped("encrypted", "needs a password")
        raise Skipped("unsupported", "an Office file of the old kind; save it as DOCX")
    for magic, what in _NOT_TEXT:
        if data.startswith(magic):
            raise Skipped("binary" if by_name else "unsupported", what)
    if by_name in ("text", "markdown", "html"):
        return by_name, None
    bare = PurePath(name).name
    if by_name is None and ("." in bare or not bare):
        raise Skipped("unsupported", f"no reader for {PurePath(name).suffix or bare}")
    return "text", _text_after_all(data, by_name)


def _in_zip(data: bytes, by_name: Kind | None) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            names = frozenset(opened.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise Skipped("malformed", "a zip file that is cut or broken") from None
    if "word/document.xml" in names:
        return "docx"
    if "META-INF/container.xml" in names:
        return "epub"
    if by_name in ("docx", "epub"):
        return by_name  # its reader says what is missing
    raise Skipped("unsupported", "a zip archive")


def _text_after_all(data: bytes, by_name: Kind | None) -> tuple[str, str]:
    """A file without a suffix, or with that of another format, when it is clearly text."""
    if by_name is None:
        return decode(data)
    try:
        text, encoding = decode(data)
    except Skipped:
        raise Skipped("malformed", f"not {by_name}") from None
    if plausibility(text) < 0.9:
        raise Skipped("malformed", f"not {by_name}")
    return text, encoding
