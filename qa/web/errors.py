"""What a client is told when a request cannot be served: one JSON form, a fitting status."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

import index.errors as index_errors

_log = logging.getLogger("wenju.web")


class Refused(Exception):
    """A request that is not served, worded for its sender."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})


def error_body(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def error_response(refused: Refused) -> JSONResponse:
    return JSONResponse(
        error_body(refused.code, refused.message),
        status_code=refused.status,
        headers=refused.headers,
    )


def from_index(error: index_errors.Error) -> Refused:
    """Our own errors in HTTP's words; paths of the server stay out of them."""
    match error:
        case index_errors.UnknownArticle():
            return Refused(404, "unknown_article", f"no article {error.article_id}")
        case index_errors.BadRequest():
            return Refused(422, "invalid_request", str(error))
        case index_errors.IndexLocked():
            return Refused(409, "index_locked", "the index is being updated; try again in a moment")
        case _:
            return Refused(503, "unavailable", "the index cannot be used; its owner must mend it")


def from_any(error: Exception) -> Refused:
    """Whatever was raised, in HTTP's words; what nobody foresaw is logged."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, index_errors.Error):
        return from_index(error)
    _log.error("a request failed", exc_info=error)
    return Refused(500, "internal", "that failed; the server's log says why")


def loading() -> Refused:
    return Refused(
        503,
        "loading",
        "the models are being loaded; try again in a few seconds",
        headers={"Retry-After": "2"},
    )
