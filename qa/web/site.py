"""The whole site as one ASGI application: API, pages, widget, and the chat once it is built."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import index.errors as index_errors
from qa.web import api, manage, openai, pages
from qa.web.desk import Desk
from qa.web.errors import Refused, error_response, from_any, from_index
from qa.web.examples import Examples
from qa.web.feedback import Feedback
from qa.web.guard import Hosts, Origins, SecurityHeaders
from qa.web.limits import BodyLimit, Limits, Rate
from qa.web.manage import Keeper
from qa.web.metrics import Metrics

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

_log = logging.getLogger("wenju.web")
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Options:
    """What the owner of a site decides."""

    feedback_path: Path
    origins: tuple[str, ...] = ()  # pages elsewhere that may show the widget
    hosts: tuple[str, ...] = ()  # names the site has beside localhost and its addresses
    limits: Limits = field(default_factory=Limits)
    log_questions: bool = False  # whether logs may hold what people ask
    manage: bool = False  # whether visitors may add and remove articles
    password: str | None = None  # that they need for it; None: nobody is asked


def create_site(pipeline: Future[Pipeline], chat: Future[ASGIApp], options: Options) -> FastAPI:
    """Wire everything; nothing heavy is imported and nothing loaded here.

    Args:
        pipeline: loaded somewhere behind; until then asking answers 503 "loading".
        chat: the Gradio application (`qa.web.chat.build`), built behind as well; until
            then `/` is a light page that waits for it.
    """
    limits = options.limits
    desk = Desk(pipeline, waiting=limits.waiting)
    metrics = Metrics(log_questions=options.log_questions)
    examples = Examples(desk)
    keeper = Keeper(desk, password=options.password)
    late = Late(chat)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        behind = [asyncio.create_task(task) for task in (examples.gather(), keeper.watch())]
        yield
        for task in behind:
            task.cancel()
        await late.close()

    site = FastAPI(
        title="Wenju 问据",
        summary="Questions to newspaper articles, answered with citations that verify.",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    site.state.desk, site.state.keeper = desk, keeper
    rate = Rate(limits.asks_per_minute)
    site.include_router(
        api.router(
            desk,
            examples,
            limits=limits,
            rate=rate,
            feedback=Feedback(options.feedback_path),
            metrics=metrics,
        )
    )
    site.include_router(openai.router(desk, limits=limits, rate=rate, metrics=metrics))
    if options.manage:
        site.include_router(manage.router(keeper))
    site.include_router(pages.router(desk, rate=rate, manage=options.manage))
    site.mount("/ui", StaticFiles(directory=_HERE / "static"))
    site.router.default = late  # not a mount, which would hide "method not allowed"

    for kind, handler in _handlers().items():
        site.add_exception_handler(kind, handler)
    # the last added is the outermost
    site.add_middleware(Failures)
    site.add_middleware(GZipMiddleware, minimum_size=1024)
    site.add_middleware(BodyLimit, limits=limits)
    site.add_middleware(Origins, origins=options.origins)
    site.add_middleware(Hosts, hosts=options.hosts)
    site.add_middleware(SecurityHeaders, origins=options.origins)
    site.add_middleware(Counted, metrics=metrics)
    return site


class Late:
    """Serves a light page until the application behind it is there.

    The late one's lifespan runs in a task of its own, begun by the first request after
    it was built, since the server's own start is long past.
    """

    def __init__(self, chat: Future[ASGIApp]) -> None:
        self._chat = chat
        self._life: asyncio.Task[None] | None = None
        self._begun, self._over = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(("/api/", "/v1/")):
            missing = Refused(404, "not_found", "there is nothing here; see /openapi.json")
            await error_response(missing)(scope, receive, send)
            return
        if not self._chat.done() or self._chat.exception() is not None:
            await pages.waiting_page(scope)(scope, receive, send)
            return
        if self._life is None:
            self._life = asyncio.create_task(self._live())
        await self._begun.wait()
        await self._chat.result()(scope, receive, send)

    async def _live(self) -> None:
        chat: Any = self._chat.result()
        async with chat.router.lifespan_context(chat):
            self._begun.set()
            await self._over.wait()

    async def close(self) -> None:
        self._over.set()
        if self._life is not None:
            await self._life


class Counted:
    """Counts requests by route and status, and logs them without their question."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("route")
                path = getattr(route, "path", None) or "other"
                self.metrics.request(path or "chat", message["status"])
                _log.debug(
                    "%s %s %d %.0f ms", scope["method"], path, message["status"],
                    (time.perf_counter() - started) * 1000,
                )  # fmt: skip
            await send(message)

        await self.app(scope, receive, noted)


class Failures:
    """Answers what no handler knows; Starlette would outside of every other middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = scope["type"] != "http"

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            if begun:
                raise
            await error_response(from_any(error))(scope, receive, send)


def _handlers() -> dict[type[Exception], Callable[..., Any]]:
    async def refused(_: Request, error: Refused) -> Any:
        return error_response(error)

    async def of_index(_: Request, error: index_errors.Error) -> Any:
        return error_response(from_index(error))

    async def invalid(_: Request, error: RequestValidationError) -> Any:
        what = "; ".join(
            f"{'.'.join(str(part) for part in found['loc'][1:]) or found['loc'][0]}: {found['msg']}"
            for found in error.errors()[:5]
        )
        return error_response(Refused(422, "invalid_request", what))

    async def http(_: Request, error: HTTPException) -> Any:
        code = {404: "not_found", 405: "method_not_allowed"}.get(
            error.status_code, "invalid_request"
        )
        return error_response(
            Refused(error.status_code, code, str(error.detail), headers=error.headers)
        )

    return {
        Refused: refused,
        index_errors.Error: of_index,
        RequestValidationError: invalid,
        HTTPException: http,
    }
