"""Links to a sentence of a page: text fragments, `#:~:text=[prefix-,]start[,end][,-suffix]`.

https://wicg.github.io/scroll-to-text-fragment/. A browser looks for the words as they are
rendered and takes only matches that begin and end with a word; Chinese has no spaces, so we cut
at punctuation only. What stands more than once is told apart by what stands around it.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from index.schema import Span

_LONGEST = 60  # characters given in full; of longer text, its first and its last clause
_AROUND = 40  # characters before and after that tell one place from another
_CLAUSE = re.compile(r"[^，,；;。！？!?：:、\n]+[，,；;。！？!?：:、\n]*")
_SPACE = re.compile(r"\s+")


def text_fragment(text: str, span: Span) -> str:
    """The directive that leads to a span of whole clauses, such as a quoted sentence.

    Args:
        text: all that the page prints of the article.
        span: in `text`.
    """
    words = span.of(text).strip()
    start, end = words, ""
    if len(words) > _LONGEST or "\n" in words:
        clauses = [match.group().strip() for match in _CLAUSE.finditer(words)]
        if len(clauses) > 1:
            start, end = clauses[0], clauses[-1]
    parts = [f"{_encoded(start)}", f"{_encoded(end)}"] if end else [_encoded(start)]
    if _first(text, start, end) != span.start + span.of(text).find(words):
        before = _clause_before(text, span.start)
        after = _clause_after(text, span.end)
        parts = [
            *([f"{_encoded(before)}-"] if before else []),
            *parts,
            *([f"-{_encoded(after)}"] if after else []),
        ]
    return f":~:text={','.join(parts)}"


def _first(text: str, start: str, end: str) -> int:
    """Where a browser finds it: at the first place."""
    at = text.find(start)
    while at >= 0 and end and text.find(end, at + len(start)) < 0:
        at = text.find(start, at + 1)
    return at


def _clause_before(text: str, at: int) -> str:
    found = [match.group() for match in _CLAUSE.finditer(text[max(0, at - _AROUND) : at])]
    return found[-1].strip() if found else ""


def _clause_after(text: str, at: int) -> str:
    found = _CLAUSE.search(text[at : at + _AROUND])
    return found.group().strip() if found else ""


def _encoded(words: str) -> str:
    """Percent-encoded; a hyphen too, which would end a prefix."""
    return quote(_SPACE.sub(" ", words), safe="").replace("-", "%2D")
