"""Pages of our own beside the chat: plain HTML made here, everything in it escaped by Jinja."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.types import Scope

from index.schema import ArticleSummary, Span
from qa.web.api import client_of
from qa.web.bundle import widget
from qa.web.desk import Desk
from qa.web.errors import Refused, error_response
from qa.web.limits import Rate
from qa.web.pagepicture import draw, file_of, has_pages

if TYPE_CHECKING:
    from index import Index

Language = Literal["zh", "en"]


_A_PAGE = 50  # articles
_MOST_ALSO = 8  # reprints named of an article


@dataclass(frozen=True, slots=True)
class Row:
    """An article in the list."""

    article_id: str
    title: str | None
    byline: str
    path: str
    also: Sequence[Reprint]


@dataclass(frozen=True, slots=True)
class Reprint:
    """Another article that says nearly the same."""

    article_id: str
    title: str | None
    where: str  # newspaper, date and authors; the file, where none is known


def router(desk: Desk, *, rate: Rate, manage: bool) -> APIRouter:
    """`manage`: whether the list shows how to add and remove articles."""
    routes = APIRouter(include_in_schema=False)
    drawing = anyio.CapacityLimiter(1)  # takes seconds: it must not keep questions waiting

    @routes.get("/articles")
    async def articles(
        request: Request,
        q: str = Query("", max_length=200),
        offset: int = Query(0, ge=0, le=10**9),
    ) -> Response:
        """All articles in the order of their files, or those that fit a query."""
        query = q.strip()
        if query:
            rate.take(client_of(request))
        found = desk.index()
        rows = await desk.run(lambda: _found(found, query) if query else _listed(found, offset))
        return page(
            "articles.html",
            language=language_of(request.headers),
            rows=rows,
            query=query,
            offset=offset,
            a_page=_A_PAGE,
            total=found.stats().n_articles,
            manage=manage,
        )

    @routes.get("/embed")
    async def embed(request: Request) -> Response:
        """Makes the line to paste, with the widget beside it."""
        return page(
            "embed.html",
            language=language_of(request.headers),
            version=widget().version,
            integrity=widget().integrity,
        )

    @routes.get("/articles/{article_id}")
    async def article(
        article_id: str, request: Request, start: int | None = Query(None), end: int | None = None
    ) -> Response:
        """One article, with the characters from `start` to `end` marked."""
        found = desk.index()
        shown = await desk.run(lambda: found.article(article_id))
        also = await desk.run(lambda: _also(found, found.summary(article_id)))
        file = await desk.run(lambda: file_of(found, article_id))
        cited = _span(start, end, len(shown.text))
        return page(
            "article.html",
            language=language_of(request.headers),
            article=shown,
            also=also,
            paragraphs=paragraphs(shown.text, cited),
            source=shown.source_span,
            page_number=shown.source.page_of(
                shown.alignment.offset_to_source(cited.start if cited else 0)
            ),
            pictured=has_pages(shown, file),
        )

    @routes.get("/articles/{article_id}/pages/{number}.png")
    async def page_picture(article_id: str, number: int, request: Request) -> Response:
        """A page of the PDF that the article was read from, while the file is unchanged."""
        rate.take(client_of(request))
        found = desk.index()
        shown = await desk.run(lambda: found.article(article_id))
        etag = f'"{shown.source.sha256[:16]}-{number}"'
        headers = {"ETag": etag, "Cache-Control": "private, max-age=3600"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        picture = await anyio.to_thread.run_sync(
            lambda: draw(shown, file_of(found, article_id), number), limiter=drawing
        )
        if picture is None:
            raise Refused(404, "no_picture", "that page cannot be shown: its file is not there")
        return Response(picture, media_type="image/png", headers=headers)

    @routes.get("/widget.js")
    async def widget_script(request: Request) -> Response:
        """The newest widget; asked for again at each visit, answered 304 when unchanged."""
        etag = f'"{widget().version}"'
        headers = {"ETag": etag, "Cache-Control": "public, max-age=300"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(widget().script, media_type="text/javascript", headers=headers)

    @routes.get("/widget/frame")
    async def widget_frame(
        request: Request,
        title: str = Query("", max_length=200),
        lang: Literal["zh", "en"] | None = None,
        theme: Literal["auto", "light", "dark"] = "auto",
    ) -> Response:
        """The widget filling a page, for an `<iframe>`."""
        return page(
            "frame.html",
            language=lang or language_of(request.headers),
            title=title,
            theme=theme,
            version=widget().version,
        )

    @routes.get("/widget/{name}.js")
    async def pinned_script(name: str) -> Response:
        """The widget of exactly this version, to be kept for ever."""
        if name != widget().version:
            raise Refused(404, "not_found", f"this site serves version {widget().version}")
        return Response(
            widget().script,
            media_type="text/javascript",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    return routes


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(template).render(**values), status_code=status)


def waiting_page(scope: Scope) -> Response:
    """What `/` says until the chat is there; other paths are told to come back."""
    if scope["path"] != "/" or scope["method"] not in ("GET", "HEAD"):
        return error_response(
            Refused(503, "loading", "the chat is being prepared", headers={"Retry-After": "2"})
        )
    waiting = page("loading.html", language=language_of(Headers(scope=scope)))
    waiting.headers["X-Wenju-Page"] = "waiting"  # the page's script asks for it
    waiting.headers["Cache-Control"] = "no-store"
    return waiting


def language_of(headers: Headers) -> Language:
    """The first of our languages in Accept-Language; Chinese where none is named."""
    for accepted in headers.get("accept-language", "").lower().split(","):
        if accepted.strip().startswith("zh"):
            return "zh"
        if accepted.strip().startswith("en"):
            return "en"
    return "zh"


def paragraphs(text: str, cited: Span | None) -> list[list[tuple[str, bool]]]:
    """The text's lines, each cut into (words, whether they are cited)."""
    cut: list[list[tuple[str, bool]]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        low = min(max(cited.start, start), end) if cited else end
        high = min(max(cited.end, start), end) if cited else end
        pieces = [(text[start:low], False), (text[low:high], True), (text[high:end], False)]
        cut.append([piece for piece in pieces if piece[0]])
        start = end + 1
    return [pieces for pieces in cut if pieces]


def _listed(found: Index, offset: int) -> list[Row]:
    return [_row(found, summary) for summary in found.summaries(offset=offset, limit=_A_PAGE)]


def _found(found: Index, query: str) -> list[Row]:
    ids = dict.fromkeys(hit.passage.article_id for hit in found.search(query, top_k=_A_PAGE))
    return [_row(found, found.summary(article_id)) for article_id in ids]


def _row(found: Index, summary: ArticleSummary) -> Row:
    byline = _byline(summary.newspaper, summary.date, summary.authors)
    return Row(summary.article_id, summary.title, byline, summary.path, _also(found, summary))


def _also(found: Index, summary: ArticleSummary) -> list[Reprint]:
    return [
        Reprint(
            other.article_id,
            other.title,
            _byline(other.newspaper, other.date, other.authors) or other.path,
        )
        for other in map(found.summary, summary.like[:_MOST_ALSO])
    ]


def _byline(newspaper: str | None, date: str | None, authors: Sequence[str]) -> str:
    return " · ".join(filter(None, (newspaper, date, " ".join(authors))))


def _span(start: int | None, end: int | None, length: int) -> Span | None:
    if start is None or end is None or not 0 <= start < end <= length:
        return None
    return Span(start, end)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
