"""Plain text: bytes → str, by the encoding that the bytes themselves show."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from index.sources.report import Skipped

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding). Line ends are kept as they are; a byte order mark is not text.

    Raises:
        Skipped: "empty", "binary" or "encoding".
    """
    if not data.strip():
        raise Skipped("empty")
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(name), name
            except UnicodeDecodeError as error:
                raise Skipped("encoding", f"not {name} at byte {error.start}") from None
    if b"\0" in data:
        raise Skipped("binary", "holds NUL bytes")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    best = from_bytes(data, cp_isolation=["gb18030", "big5", "cp1252"]).best()
    if best is None:
        raise Skipped("encoding", "neither UTF-8, UTF-16, GB18030 nor Big5")
    return data.decode(best.encoding), best.encoding
