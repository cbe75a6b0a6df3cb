"""Plain text: bytes → str, by the encoding that the bytes themselves show."""

from __future__ import annotations

import codecs
import re

from index.sources.plausible import plausibility
from index.sources.report import Skipped

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEAST = 0.8  # plausibility of text in an encoding that was guessed
_UTF_8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_SAMPLE = 1 << 18  # bytes given to the guesser


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding). Line ends are kept as they are; a byte order mark is not text.

    UTF-8 is what reads as UTF-8. Anything else must also look like text when decoded:
    most legacy encodings read any bytes without an error.

    Raises:
        Skipped: "empty", "binary" or "encoding".
    """
    if not data.strip(b"\0 \t\r\n\f\v"):
        raise Skipped("empty" if b"\0" not in data else "binary")
    for mark, name in _MARKS:
        if data.startswith(mark):
            text = _strict(data, name)
            if text is None:
                raise Skipped("encoding", f"marked as {name}, but is not")
            return _not_blank(text), name
    if b"\0" in data:
        return _without_mark(data)
    text = _strict(data, "utf-8")
    if text is not None:
        if _controls(text) > len(text) // 20:
            raise Skipped("binary", "mostly control characters")
        return _not_blank(text), "utf-8"
    return _guessed(data)


def _not_blank(text: str) -> str:
    if not text.strip("\ufeff\u200b \t\r\n\f\v\u3000\u00a0"):
        raise Skipped("empty")
    return text


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _controls(text: str) -> int:
    sample = text[:100_000]
    return sum(character < " " and character not in "\t\r\n\f\v" for character in sample)


def _without_mark(data: bytes) -> tuple[str, str]:
    """UTF-16 without a byte order mark; other bytes with NULs are no text."""
    for name in ("utf-16-le", "utf-16-be"):
        text = _strict(data, name)
        if text is not None and plausibility(text) >= _LEAST:
            return text, name
    raise Skipped("binary", "holds NUL bytes")


def _guessed(data: bytes) -> tuple[str, str]:
    n_high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    n_utf_8 = sum(map(len, _UTF_8_SEQUENCE.findall(data)))
    if n_utf_8 > 0.8 * n_high:  # UTF-8 with a few bytes lost: any other reading is false
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Skipped("encoding", f"UTF-8 but for byte {error.start}") from None
    found: list[tuple[float, str, str]] = []
    for name in ("gb18030", "big5", "big5hkscs"):
        text = _strict(data, name)
        if text is not None:
            found.append((plausibility(text), name, text))
    best = max(found, key=lambda item: item[0], default=None)
    if best is not None and best[0] >= _LEAST:
        return best[2], best[1]
    name = _ask_charset_normalizer(data[:_SAMPLE])
    text = _strict(data, name) if name else None
    if name and text is not None and plausibility(text) >= _LEAST:
        return text, name
    raise Skipped("encoding", "not UTF-8, UTF-16, GB18030 or Big5, nor another that reads as text")


def _ask_charset_normalizer(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_exclusion=["utf_7"]).best()
    return best.encoding if best is not None else None
