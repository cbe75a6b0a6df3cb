"""Source → Articles: the text of each news item, joined from its lines, with what is said of it."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, groupby, pairwise

from index import markdown
from index.bylines import Byline, find_closing_byline
from index.headlines import printed_date, printed_newspaper, split_kicker
from index.joined import Joined
from index.lines import Line, column_widths, split_lines, split_paragraphs
from index.pages import (
    Item,
    closing_over_lines,
    dateline_at,
    find_bylines,
    furniture,
    split_items,
)
from index.schema import Article, Source, Span

_HAN = r"[\u2e80-\u2fff\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_BLANKS = frozenset(" \t\u00a0\u202f\u3000") | {chr(code) for code in range(0x2000, 0x200B)}
_IS_HAN = re.compile(_HAN)
_NUMBER = re.compile(r"\d[\d.,]*")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
_EITHER = frozenset("“”‘’—…·")
_BROKEN_WORD = re.compile(r"[^\W\d_][-\u2010\u00ad]$")
_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]++[-\u2010][^\W\d_]++")
_VERTICAL = re.compile(r"[\ufe10-\ufe19\ufe30-\ufe4f]")
_UPRIGHT = str.maketrans(
    "︐︑︒︓︔︕︖︗︘︙︰︱︲︳︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈",
    "，、。：；！？〖〗…‥—–_（）｛｝〔〕【】《》〈〉「」『』［］",
)
_WORD_MOST = 60  # characters
_TITLE_MOST = 5  # lines


def split_articles(source: Source) -> list[Article]:
    """The articles of a source, in its order; one, when nothing says that there are more.

    Every character that is not white space belongs to exactly one article, but for the
    front matter of Markdown and hyphens that only break a word at the end of a line.
    A source without such a character has no article.
    """
    page = _Page(source)
    copies: Counter[str] = Counter()
    articles: list[Article] = []
    items = page.items()
    for item in items:
        article = page.article(item, alone=len(items) == 1)
        copies[article.id] += 1
        if copies[article.id] > 1:
            article = replace(article, id=f"{article.id}~{copies[article.id]}")
        articles.append(article)
    return articles


def article_id(text: str) -> str:
    """16 hexadecimal digits of SHA-256: the same text has the same id in every index."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the lines of an article say about it; offsets are in the source."""

    headline: Sequence[Line]  # without running heads and bylines
    authors: tuple[str, ...]
    byline: tuple[int, int] | None
    newspaper: str | None


@dataclass(frozen=True, slots=True)
class _Issue:
    """What a running head says: of which paper and day the page is."""

    newspaper: str | None = None
    date: str | None = None

    def filled(self, other: _Issue) -> _Issue:
        """With what another running head adds, where that is not another paper's."""
        if None not in (self.newspaper, other.newspaper) and self.newspaper != other.newspaper:
            return self
        return _Issue(self.newspaper or other.newspaper, self.date or other.date)


class _Page:
    """A source while its articles are made."""

    def __init__(self, source: Source) -> None:
        self.source = source
        start = markdown.body_start(source.text) if source.format == "markdown" else 0
        text = source.text
        if _VERTICAL.search(text):  # one for one, so that offsets stay
            text = text.translate(_UPRIGHT)
        self.lines = [line for line in split_lines(text, source.page_starts) if line.start >= start]

    def items(self) -> list[Item]:
        if self.source.format == "jsonl" and self.lines:
            return [Item((), self.lines, ())]
        items = split_items(self.lines)
        if self.source.format != "markdown" or len(items) != 1:
            return items
        n_above = 0
        for line in self.lines[:-1]:
            if not (markdown.is_heading(line.text) or self._stands_alone(line)):
                break
            n_above += 1
        return [Item(self.lines[:n_above], self.lines[n_above:], ())] if n_above else items

    @cached_property
    def running_heads(self) -> dict[int, str]:
        """The text of each running head, page number and imprint, by its start."""
        marks = furniture(self.lines)
        return {line.start: line.text for line, mark in zip(self.lines, marks, strict=True) if mark}

    @cached_property
    def bylines(self) -> dict[int, Byline]:
        """The byline that fills a line, by the line's start."""
        found = find_bylines(self.lines, list(self.columns.values()))
        pairs = zip(self.lines, found, strict=True)
        return {line.start: byline for line, byline in pairs if byline is not None}

    @cached_property
    def _new_pages(self) -> list[int]:
        return [line.start for line in self.lines if line.new_page]

    def _page_of(self, offset: int) -> int:
        return bisect_right(self._new_pages, offset)

    @cached_property
    def _issues(self) -> list[tuple[int, _Issue]]:
        """(start, what it says) of each block of running heads that says something."""
        issues: list[tuple[int, _Issue]] = []

        def block_of(line: Line) -> tuple[bool, int]:
            return line.start in self.running_heads, self._page_of(line.start)

        for (is_head, _), group in groupby(self.lines, key=block_of):
            if is_head:
                block = list(group)
                issue = _issue_of([line.text for line in block])
                if issue != _Issue():
                    issues.append((block[0].start, issue))
        return issues

    @cached_property
    def _settled(self) -> list[_Issue]:
        """The same, each with what those above it add: a date is not said on every page."""
        issues = (issue for _, issue in self._issues)
        return list(accumulate(issues, lambda above, issue: issue.filled(above)))

    def _issue(self, item: Item) -> _Issue:
        """Of the nearest running head above on the page, below on it, or on a page before."""
        start = item.body[0].start
        page = self._page_of(start)
        n_above = bisect_right(self._issues, start, key=lambda issue: issue[0])
        above = self._settled[n_above - 1] if n_above else _Issue()
        below = _Issue()
        if n_above < len(self._issues) and self._page_of(self._issues[n_above][0]) == page:
            below = self._issues[n_above][1]
        if n_above and self._page_of(self._issues[n_above - 1][0]) == page:
            return above.filled(below)
        return below.filled(above)

    @cached_property
    def columns(self) -> dict[int, int | None]:
        """For each line's start the width of its column."""
        starts = [line.start for line in self.lines]
        return dict(zip(starts, column_widths(self.lines), strict=True))

    @cached_property
    def hyphenated(self) -> frozenset[str]:
        return frozenset(word.lower() for word in _HYPHENATED.findall(self.source.text))

    def article(self, item: Item, *, alone: bool) -> Article:
        """Join the item's lines and read who, what and when from them."""
        said = self._said(item)
        issue = self._issue(item)
        apart = {line.start for line in said.headline} | self.running_heads.keys()
        joined = Joined(self.source.text)

        def put(line: Line, separator: str) -> None:
            if joined.size and separator:
                joined.stand_in(line.start - 1, separator)
            for start, end in _kept(self.source.text, line, line.start in apart):
                joined.take(start, end)

        for line in item.before:
            put(line, "\n")
        body_start = joined.size
        for paragraph in self._paragraphs(item.body):
            put(paragraph[0], "\n")
            for before, line in pairwise(paragraph):
                if self._breaks_word(before, line):
                    joined.drop_last()
                    put(line, "")
                else:
                    put(line, _glue(before.text, line.text))
        body_end = joined.size
        for line in item.after:
            put(line, "\n")

        whole = joined.text
        span = joined.to_article

        spans = [span(line.start, line.end) for line in said.headline]
        titles = [markdown.heading(found.of(whole)) for found in spans]
        kicker, title = split_kicker(titles, whole[body_start:body_end])
        named = self.source.title
        if not alone or self.source.format == "docx":  # properties are seldom kept up
            named = title or named
        return Article(
            id=article_id(whole),
            text=whole,
            alignment=joined.alignment,
            source=self.source,
            title=named or title,
            kicker=kicker,
            authors=said.authors or (self.source.authors if alone else ()),
            newspaper=said.newspaper or issue.newspaper,
            date=self.source.date or issue.date,
            headline_span=Span(spans[0].start, spans[-1].end) if spans else None,
            byline_span=span(*said.byline) if said.byline else None,
        )

    def _paragraphs(self, body: Sequence[Line]) -> Iterator[Sequence[Line]]:
        if self.source.format in ("html", "docx", "epub", "jsonl"):  # a line is a paragraph
            yield from ([line] for line in body)
        elif self.source.format == "markdown":
            yield from markdown.split_blocks(body)
        else:
            for alone, lines in groupby(body, key=self._stands_alone):
                part = list(lines)
                columns = [self.columns[line.start] for line in part]
                yield from [[line] for line in part] if alone else split_paragraphs(part, columns)

    def _stands_alone(self, line: Line) -> bool:
        return line.start in self.running_heads or line.start in self.bylines

    def _breaks_word(self, before: Line, line: Line) -> bool:
        """Whether the hyphen that ends `before` is there for the line break only."""
        if not _BROKEN_WORD.search(before.text) or not line.text[0].islower():
            return False
        if "\n" not in self.source.text[before.end : line.start]:
            return False  # qa.cite knows a broken word by its line feed
        first = re.search(r"[^\W\d_]+$", before.text[-_WORD_MOST:-1])
        second = re.match(r"[^\W\d_]+", line.text)
        if before.text[-1] == "\u00ad" or first is None or second is None:
            return True
        return f"{first.group()}-{second.group()}".lower() not in self.hyphenated

    def _headline(self, item: Item) -> Sequence[Line]:
        """The headline's lines: those nearest to the body."""
        if self.source.format == "markdown":
            headings = [line for line in item.before if markdown.is_heading(line.text)]
            if headings:
                return headings[:1]
        above = [line for line in item.before if not self._stands_alone(line)]
        below = [line for line in item.after if not self._stands_alone(line)]
        return above[-_TITLE_MOST:] or below[:_TITLE_MOST]

    def _said(self, item: Item) -> _Said:
        authors: list[str] = []
        places: list[tuple[int, int]] = []
        newspaper = None
        dateline = dateline_at(item.body, 0)
        if dateline is not None:
            newspaper = dateline.newspaper
            authors += dateline.authors
            if dateline.names is not None:
                places.append(_in_source(item.body, dateline.names))
        for line in (*item.before, *item.body[:1], *item.body[-1:], *item.after):
            byline = self.bylines.get(line.start) or find_closing_byline(line.text)
            if byline is not None:
                authors += byline.authors
                places.append((line.start + byline.start, line.start + byline.end))
        broken = closing_over_lines(item.body[-2:])
        if broken is not None:
            authors += broken.authors
            places.append(_in_source(item.body[-2:], (broken.start, broken.end)))
        return _Said(
            headline=self._headline(item),
            authors=tuple(dict.fromkeys(authors)),
            byline=places[0] if places else None,
            newspaper=newspaper,
        )


def _issue_of(heads: Sequence[str]) -> _Issue:
    return _Issue(
        next(filter(None, map(printed_newspaper, heads)), None),
        next(filter(None, map(printed_date, heads)), None),
    )


def _in_source(lines: Sequence[Line], span: tuple[int, int]) -> tuple[int, int]:
    """From offsets in the first two lines, put together, to offsets in the source."""
    first = lines[0]
    size = first.end - first.start

    def offset(position: int) -> int:
        return first.start + position if position < size else lines[1].start + position - size

    return offset(span[0]), offset(span[1] - 1) + 1


def _kept(text: str, line: Line, in_headline: bool) -> Iterator[tuple[int, int]]:
    """The line's stretches, without the spaces that typesetting put round numbers.

    In a headline a space may part two halves (“……环境 2024年……”): there, only a number
    that has one on both sides, or stands at an end, was set apart by typesetting.
    """
    position = line.start
    for number in _NUMBER.finditer(text, line.start, line.end):
        left, right = number.span()
        while left > position and text[left - 1] in _BLANKS:
            left -= 1
        while right < line.end and text[right] in _BLANKS:
            right += 1
        apart_left, apart_right = left < number.start(), right > number.end()
        inside = left > line.start and right < line.end
        if in_headline and inside and apart_left != apart_right:
            continue
        if apart_left and left > line.start and _IS_HAN.match(text[left - 1]):
            yield position, left
            position = number.start()
        if apart_right and right < line.end and _IS_HAN.match(text[right]):
            yield position, number.end()
            position = right
    yield position, line.end


def _glue(before: str, after: str) -> str:
    """What stands for a line break inside a paragraph: a space, but none beside Chinese."""
    if _WIDE.match(before[-1]) or _WIDE.match(after[0]):
        return ""
    if after[0].isdigit() and before[-1] in "0123456789.," and _IS_HAN.search(before):
        return ""
    if before[-1] == "-" and len(before) > 1 and before[-2].isalpha():
        return ""
    if before[-1] in _EITHER or after[0] in _EITHER:  # quotes of Chinese and of English
        return "" if _WIDE.search(before[-4:]) or _WIDE.search(after[:4]) else " "
    return " "
