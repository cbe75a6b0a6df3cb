"""Who may call, and what a browser may do with what it gets."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.errors import Refused, error_response

# Gradio's page starts from an inline script and sets inline styles.
_CHAT = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors {ancestors}"
)
# Our own pages need neither.
_OWN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)
_OWN_PATHS = ("/articles", "/embed", "/widget", "/ui/")


class Hosts:
    """Answers only to names that are ours, so that no foreign name can be bound to this machine.

    Names of this machine and bare addresses are ours; others are given by whoever serves.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str]) -> None:
        self.app = app
        self.hosts = {host.lower() for host in hosts} | {"localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        del headers["x-forwarded-host"]  # Gradio would take its address from it
        if "*" not in self.hosts and not self._ours(headers.get("host", "")):
            refused = Refused(
                400, "host_not_allowed", "this host is not served here; see --allowed-host"
            )
            await error_response(refused)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class Origins:
    """Pages of other origins may call the API only when they are on the list.

    `/widget` files are public code and may be fetched with an integrity hash from anywhere.
    """

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self.app = app
        self.origins = {origin.rstrip("/").lower() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        public = scope["path"].startswith("/widget") and scope["method"] in ("GET", "HEAD")
        if origin is None or _same(origin, headers.get("host", "")):
            allowed = "*" if public else None
        elif public:
            allowed = "*"
        elif origin.lower() in self.origins or "*" in self.origins:
            allowed = origin
        else:
            refused = Refused(
                403,
                "origin_not_allowed",
                "pages of this origin may not ask here; its owner can allow it with --origin",
            )
            await error_response(refused)(scope, receive, send)
            return
        if allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(send, allowed)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and allowed:
                answered = MutableHeaders(scope=message)
                answered["Access-Control-Allow-Origin"] = allowed
                answered["Cross-Origin-Resource-Policy"] = "cross-origin"
                answered.add_vary_header("Origin")
            await send(message)

        await self.app(scope, receive, marked)


class SecurityHeaders:
    """Headers that every answer carries; a page's policy is by its path.

    Args:
        origins: may show the pages made for framing (`/widget/…`) in a frame of theirs.
    """

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self.app = app
        self.framers = " ".join(("'self'", *origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        framed = path.startswith(("/widget", "/articles/"))
        policy = (_OWN if path.startswith(_OWN_PATHS) else _CHAT).format(
            ancestors=self.framers if framed else "'self'"
        )

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
                if not framed:
                    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
            await send(message)

        await self.app(scope, receive, with_headers)


def same_origin(headers: Headers) -> bool:
    """Whether the request is one of our own pages', or no browser's at all."""
    origin = headers.get("origin")
    return origin is None or _same(origin, headers.get("host", ""))


def _same(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin.lower())
    except ValueError:  # no address at all
        return False
    return parts.netloc == host.lower() and parts.scheme in ("http", "https")


async def _preflight(send: Send, allowed: str) -> None:
    headers = [
        (b"access-control-allow-origin", allowed.encode("latin-1")),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"content-type, accept"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
