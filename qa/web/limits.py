"""How much one client may ask of us, and the middleware that says no."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.errors import Refused, error_response


@dataclass(frozen=True, slots=True)
class Limits:
    """Refusals name the limit that was met."""

    question_characters: int = 1000
    history_turns: int = 40
    history_characters: int = 40_000  # of all turns together
    top_k: int = 50
    comment_characters: int = 2000
    body_bytes: int = 256 * 1024
    upload_bytes: int = 32 * 1024 * 1024  # of one file given to index, or one question set
    asks_per_minute: int = 600  # of one address; 0: as many as it likes
    waiting: int = 64  # questions in line before further ones are turned away


class BodyLimit:
    """Refuses a body above the limit, announced or not, before it is read."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self.app, self.limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = scope["path"] in ("/api/articles", "/api/evaluations")
        limit = self.limits.upload_bytes if upload else self.limits.body_bytes
        too_large = Refused(
            413, "body_too_large", f"the body may have {limit} bytes; this one has more"
        )
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            refused = (
                too_large
                if announced.isdigit()
                else Refused(400, "invalid_request", "Content-Length is not a number")
            )
            await error_response(refused)(scope, receive, send)
            return
        n_bytes = 0
        answered = False

        async def counted() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > limit:
                raise too_large
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            if n_bytes > limit and not answered:
                return  # whatever the application makes of the refusal, we word it
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except Refused:
            if n_bytes <= limit:
                raise
        if n_bytes > limit and not answered:
            await error_response(too_large)(scope, receive, send)


class Rate:
    """A bucket of tokens for each client: `per_minute` deep, filled at that pace."""

    def __init__(
        self, per_minute: int, *, clock: Callable[[], float] = time.monotonic, clients: int = 10_000
    ) -> None:
        self.per_minute, self._clock, self._clients = per_minute, clock, clients
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Raises: Refused: the client's bucket is empty."""
        if not self.per_minute:
            return
        now = self._clock()
        tokens, then = self._buckets.pop(client, (float(self.per_minute), now))
        tokens = min(self.per_minute, tokens + (now - then) * self.per_minute / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - allowed, now)
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if not allowed:
            wait_s = math.ceil((1 - tokens) * 60 / self.per_minute)
            raise Refused(
                429,
                "too_many_requests",
                f"{self.per_minute} questions a minute are answered; wait {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )
