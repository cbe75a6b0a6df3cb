"""PDF by pypdfium2: the text of each page, in the order of its columns."""

from __future__ import annotations

from importlib.metadata import version
from unicodedata import normalize

from index.sources.extracted import Extracted
from index.sources.plausible import plausibility
from index.sources.report import Limits, Skipped

_LEAST = 0.6  # plausibility; fonts without ToUnicode give glyph numbers in place of characters
_PAGES_MOST = 5_000
# Some fonts name the radical in place of the character (⽇ for 日): one for one, no offset moves.
_UNIFIED = {code: normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_UNIFIED[0xFFFE] = "-"  # pdfium's mark of a hyphen at the end of a line


def extract(data: bytes, limits: Limits) -> Extracted:
    """The text, page by page; a page begins where the one before ends.

    Raises:
        Skipped: "encrypted", "malformed", "no-text" (scans; fonts that do not say
            which characters they draw), "too-large" or "too-complex".
    """
    import pypdfium2 as pdfium
    from pypdfium2 import PdfiumError

    try:
        document = pdfium.PdfDocument(data)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise Skipped("encrypted", "needs a password") from None
        raise Skipped("malformed", str(error)) from None
    if len(document) > _PAGES_MOST:
        raise Skipped("too-complex", f"{len(document)} pages")
    pieces: list[str] = []
    starts: list[int] = []
    size = n_failed = 0
    for number in range(len(document)):
        starts.append(size)
        try:
            page = document[number]
            text = page.get_textpage().get_text_bounded()
            page.close()
        except PdfiumError:
            n_failed += 1
            continue
        text = text.translate(_UNIFIED) + "\n"
        size += len(text)
        if size > limits.text_characters:
            raise Skipped("too-large", f"over {limits.text_characters} characters of text")
        pieces.append(text)
    whole = "".join(pieces)
    if not whole.strip():
        if n_failed:
            raise Skipped("malformed", f"{n_failed} of {len(document)} pages cannot be read")
        raise Skipped("no-text", f"{len(document)} pages without text; scanned?")
    if plausibility(whole) < _LEAST or not _has_words(whole):
        raise Skipped("no-text", "the fonts do not say which characters they draw")
    return Extracted(whole, f"pypdfium2 {version('pypdfium2')}", tuple(starts))


def _has_words(text: str) -> bool:
    """False for Latin letters that cannot be words: glyph numbers read as letters."""
    letters = [character for character in text.lower() if "a" <= character <= "z"]
    if len(letters) < 200 or len(letters) < 0.5 * len("".join(text.split())):
        return True
    vowels = sum(character in "aeiouy" for character in letters) / len(letters)
    return 0.2 <= vowels <= 0.65
