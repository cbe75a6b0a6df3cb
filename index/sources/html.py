"""HTML: what a page is about by trafilatura; all its blocks where that finds nothing."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from index.sources.extracted import Extracted
from index.sources.report import Limits, Skipped
from index.sources.text import decode

_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,80}?encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BLOCK = re.compile(
    "p|div|h[1-6]|li|ul|ol|table|tr|td|th|blockquote|pre|section|article|header|footer|figure|"
    "figcaption|dl|dt|dd|br|hr|body|html|main|aside|nav|form"
)
_SILENT = frozenset(("script", "style", "head", "template", "noscript", "svg", "math", "iframe"))
_LEAST = 10  # characters


def extract(data: bytes, limits: Limits) -> Extracted:
    """One line of text a paragraph; title, authors and date as the page's metadata say.

    Raises:
        Skipped: "empty", "binary", "encoding", "no-text" or "too-large".
    """
    import trafilatura

    text, encoding = _decoded(data)
    found: Any = trafilatura.bare_extraction(
        text, include_comments=False, include_tables=True, favor_recall=True, with_metadata=True
    )
    main_text: str = (found.text or "") if found else ""
    paragraphs = (" ".join(line.split()) for line in main_text.splitlines())
    body = "\n".join(filter(None, paragraphs))
    if len(body) < _LEAST:
        body = "\n".join(blocks(text.encode("utf-8", "replace")))
    if len(body) < _LEAST:
        raise Skipped("no-text", "no text outside scripts and styles")
    if len(body) > limits.text_characters:
        raise Skipped("too-large", f"over {limits.text_characters} characters of text")
    extractor = f"trafilatura {trafilatura.__version__}"
    if not found:
        return Extracted(body, extractor, encoding=encoding)
    date = str(found.date or "")
    authors = (name.strip() for name in (found.author or "").split(";"))
    return Extracted(
        body,
        extractor,
        title=found.title or None,
        authors=tuple(filter(None, authors)),
        date=date if _DAY.fullmatch(date) else None,
        encoding=encoding,
    )


def _decoded(data: bytes) -> tuple[str, str]:
    """By byte order mark, else as UTF-8, else as the page says, else as its bytes look."""
    declared = _CHARSET.search(data[:4096])
    if declared is not None and b"\0" not in data:
        name = declared[1].decode("ascii").lower()
        name = "gb18030" if name in ("gb2312", "gbk") else name
        for encoding in ("utf-8", name):
            try:
                return data.decode(encoding), encoding
            except (UnicodeDecodeError, LookupError):
                continue
    return decode(data)


def blocks(data: bytes) -> list[str]:
    """The text of every block of an (X)HTML document that holds some, in order."""
    from lxml import html

    etree: Any = import_module("lxml.etree")

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    lines: list[str] = []
    line: list[str] = []
    silent = 0

    def close() -> None:
        text = " ".join("".join(line).split())
        line.clear()
        if text:
            lines.append(text)

    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            silent += tag in _SILENT
            if _BLOCK.fullmatch(tag):
                close()
            if not silent:
                line.append(element.text or "")
        elif event == "end":
            silent -= tag in _SILENT
            if _BLOCK.fullmatch(tag):
                close()
        if event != "start" and not silent:
            line.append(element.tail or "")
    close()
    return lines
