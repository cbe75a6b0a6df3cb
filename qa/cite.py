"""The only maker of citations: what cannot be verified cannot be built."""

from __future__ import annotations

import re

from index.schema import Article, Span
from qa.schema import Citation

_HYPHENS = "-\u00ad\u2010"
_LINE_BREAK = re.compile(r"[^\S\n]*\n")


def says(source: str, quote: str) -> bool:
    """Whether both are the same text but for white space and joined words.

    A hyphen at the end of a source line that only breaks a word is joined in
    `Article.text`; it counts as white space of the source, and of the source only.
    """
    position = 0
    length = len(quote)
    for offset, character in enumerate(source):
        if character.isspace():
            continue
        while position < length and quote[position].isspace():
            position += 1
        if position < length and quote[position] == character:
            position += 1
        elif character not in _HYPHENS or not _LINE_BREAK.match(source, offset + 1):
            return False
    return not quote[position:].strip()


def cite(
    article: Article, sentence: Span, answer: Span, *, marker: int, passage_id: str
) -> Citation:
    """A citation of `sentence` with `answer` marked in it.

    Args:
        sentence: what to quote, in `article.text`.
        answer: what to mark, in `article.text`; lies inside `sentence`.
        marker: the number that stands at the answer, from 1.
        passage_id: the passage it was found in.

    Raises:
        ValueError: a span leaves its text, or the source does not say the quote.
    """
    if marker < 1:
        raise ValueError(f"markers count from 1, not {marker}")
    if not sentence.start <= answer.start < answer.end <= sentence.end:
        raise ValueError(f"{answer} is not inside {sentence}")
    quote = sentence.of(article.text)
    source = article.alignment.to_source(sentence)
    if not says(source.of(article.source.text), quote):
        raise ValueError(f"{article.source.path} does not say {quote!r}")
    return Citation(marker, article, passage_id, sentence, quote, answer, source)
