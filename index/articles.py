"""Source → Articles: bodies, headlines, bylines of what a page prints."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.datelines import find_closing_byline, find_dateline
from index.lines import Line, split_lines, split_paragraphs
from index.schema import Alignment, Article, Source, Span

_ORGANISATION = re.compile(
    r".*(?:区|區|园|園|公司|集团|集團|大学|大學|学院|學院|医院|醫院|银行|銀行|局|委|厅|廳|部|省|市|县|縣|"
    r"镇|鎮|乡|鄉|村|街道|中心|协会|協會|法院|检察院|中学|小学|研究所|研究院)"
)
_NOT_A_NAME = re.compile(r"[\s，。、；：！？“”‘’（）《》—…,.;:!?\"'()]")
_KICKER_MOST = 16  # characters


@dataclass(frozen=True, slots=True)
class _Item:
    """The lines of one article, in the page's order."""

    before: Sequence[Line]  # headline lines above the body
    body: Sequence[Line]
    after: Sequence[Line]  # headline lines below the body


def split_articles(source: Source) -> list[Article]:
    """The articles of a source, in its order; one, when nothing says that there are more.

    Every character that is not white space belongs to exactly one article.
    A source without such a character has no article.
    """
    lines = split_lines(source.text, source.page_starts)
    seen: dict[str, int] = {}
    articles: list[Article] = []
    for item in _items(lines):
        article = _article(source, item)
        copies = seen.get(article.id, 0) + 1
        seen[article.id] = copies
        if copies > 1:
            article = _renamed(article, f"{article.id}~{copies}")
        articles.append(article)
    return articles


def article_id(text: str) -> str:
    """16 hexadecimal digits: the same text has the same id in every index."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _renamed(article: Article, new_id: str) -> Article:
    return replace(article, id=new_id)


def _items(lines: list[Line]) -> list[_Item]:
    if not lines:
        return []
    opens = [n for n, line in enumerate(lines) if find_dateline(line.text)]
    if len(opens) < 2:
        return [_Item((), lines, ())]
    items: list[_Item] = []
    bounds = [*opens, len(lines)]
    gaps: list[tuple[int, int]] = []
    for start, end in pairwise(bounds):
        body_end = end
        while body_end > start + 1 and not (
            lines[body_end - 1].ends_sentence or find_closing_byline(lines[body_end - 1].text)
        ):
            body_end -= 1
        if body_end == start + 1:
            body_end = end
        gaps.append((body_end, end))
    after = opens[0] == 0
    for number, start in enumerate(opens):
        body_end, end = gaps[number]
        body = lines[start:body_end]
        if after:
            items.append(_Item((), body, lines[body_end:end]))
        else:
            above = lines[: opens[0]] if number == 0 else lines[slice(*gaps[number - 1])]
            below = lines[body_end:end] if number == len(opens) - 1 else ()
            items.append(_Item(above, body, below))
    return items


def _article(source: Source, item: _Item) -> Article:
    text: list[str] = []
    offsets: list[int] = []

    def put(line: Line, separator: str) -> tuple[int, int]:
        if offsets and separator:
            offsets.append(line.start - 1)
            text.append(separator)
        start = len(text)
        for position in _kept(source.text, line):
            text.append(source.text[position])
            offsets.append(position)
        return start, len(text)

    headline: list[tuple[int, int]] = [put(line, "\n") for line in item.before]
    authors: tuple[str, ...] = ()
    byline_span = None
    for paragraph in split_paragraphs(item.body):
        for number, line in enumerate(paragraph):
            glue = "\n" if number == 0 else _glue("".join(text[-1:]), line.text[0])
            put(line, glue)
    if item.body:
        closing = find_closing_byline(item.body[-1].text)
        if closing is not None:
            authors = closing.authors
            names = item.body[-1].text[closing.start : closing.end]
            byline_span = Span(len(text) - len(names), len(text))
            if "".join(text[byline_span.start :]) != names:
                byline_span = None
    headline += [put(line, "\n") for line in item.after]
    whole = "".join(text)
    kicker, title = _headline([whole[a:b] for a, b in headline], whole)
    dateline = find_dateline(item.body[0].text) if item.body else None
    return Article(
        id=article_id(whole),
        text=whole,
        alignment=Alignment.of_offsets(offsets),
        source=source,
        title=title or source.title,
        kicker=kicker,
        authors=authors or source.authors,
        newspaper=dateline.newspaper if dateline else None,
        date=source.date,
        headline_span=Span(headline[0][0], headline[-1][1]) if headline else None,
        byline_span=byline_span,
    )


def _headline(lines: list[str], body: str) -> tuple[str | None, str | None]:
    """(kicker, title) of the headline lines."""
    if not lines:
        return None, None
    first = lines[0]
    named = len(first) <= _KICKER_MOST and not _NOT_A_NAME.search(first)
    if len(lines) > 1 and named and (_ORGANISATION.fullmatch(first) or body.count(first) > 1):
        return first, " ".join(lines[1:])
    return None, " ".join(lines)


_HAN = r"[\u2e80-\u2fff\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_ARTEFACT = re.compile(rf"(?<={_HAN})(?<!讯)(?<!訊)[ \u00a0]+(?=\d)|(?<=\d)[ \u00a0]+(?={_HAN})")
_JOINED = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’—…·]")


def _kept(text: str, line: Line) -> list[int]:
    """Offsets of the line's characters, without the spaces that typesetting put round numbers."""
    dropped = {
        offset
        for found in _ARTEFACT.finditer(text, line.start, line.end)
        for offset in range(*found.span())
    }
    return [offset for offset in range(line.start, line.end) if offset not in dropped]


def _glue(before: str, after: str) -> str:
    """What stands for a line break inside a paragraph: nothing beside Chinese, else a space."""
    return "" if _JOINED.match(before) or _JOINED.match(after) else " "
