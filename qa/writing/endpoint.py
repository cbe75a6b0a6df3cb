"""A language model behind an OpenAI-compatible endpoint (vLLM, Ollama, llama.cpp, hosted)."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from qa.writing.generate import Failure, WriterFailed
from qa.writing.prompting import Message

RETRIES = 2
BACKOFF_S = 0.4  # doubled each time; the server's own Retry-After counts where it is longer
CONNECT_S = 3.0
MAX_TOKENS = 800
_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504}
_LONGEST_LINE = 1_000_000  # characters; more is no event


class Endpoint:
    """Streams chat completions. Follows no redirect, keeps no question, tells nobody its key."""

    def __init__(self, base_url: str, model: str, *, key: str | None = None) -> None:
        """`base_url` as clients of that interface have it, with `/v1` where the server has it.

        Raises:
            ValueError: not an http(s) address, or one that carries a password.
        """
        url = httpx.URL(base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("the endpoint's base URL is an http or https address")
        if url.userinfo:
            raise ValueError("the endpoint's key belongs in the environment, not in its URL")
        self.name = model
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        headers = {"Accept": "text/event-stream"} | (
            {"Authorization": f"Bearer {key}"} if key else {}
        )
        self._client = httpx.Client(headers=headers, follow_redirects=False)

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r})"

    def stream(self, messages: Sequence[Message], *, limit_s: float) -> Iterator[str]:
        """See `Model.stream`. The request runs in a thread, so that the limit holds whatever
        the server does."""
        deadline = time.monotonic() + limit_s
        arrived: queue.Queue[str | WriterFailed | None] = queue.Queue()
        over = threading.Event()

        def run() -> None:
            try:
                for piece in self._pieces(messages, deadline, over):
                    arrived.put(piece)
                arrived.put(None)
            except WriterFailed as failed:
                arrived.put(failed)
            except Exception:  # httpx and ssl have many; the reader is told one thing
                arrived.put(WriterFailed("failed"))

        threading.Thread(target=run, name="wenju-writer", daemon=True).start()
        try:
            while True:
                try:
                    piece = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    raise WriterFailed("timeout") from None
                if piece is None:
                    return
                if isinstance(piece, WriterFailed):
                    raise piece
                yield piece
        finally:
            over.set()

    def close(self) -> None:
        self._client.close()

    def _pieces(
        self, messages: Sequence[Message], deadline: float, over: threading.Event
    ) -> Iterator[str]:
        for attempt in range(RETRIES + 1):
            reason: Failure
            wait_s = BACKOFF_S * 2**attempt
            try:
                remaining = deadline - time.monotonic()
                timeout = httpx.Timeout(
                    max(0.1, remaining), connect=min(CONNECT_S, max(0.1, remaining))
                )
                with self._client.stream(
                    "POST", self._url, json=self._body(messages), timeout=timeout
                ) as response:
                    if response.status_code == 200:
                        yield from _read(response, over)
                        return
                    reason = "busy" if response.status_code == 429 else "refused"
                    if response.status_code not in _AGAIN:
                        raise WriterFailed(reason)
                    wait_s = max(wait_s, _retry_after(response))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                reason = "unreachable"
            except httpx.TimeoutException:
                raise WriterFailed("timeout") from None
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.StreamError):
                raise WriterFailed("cut-off") from None
            except (httpx.HTTPError, UnicodeError):
                raise WriterFailed("failed") from None
            if attempt == RETRIES or time.monotonic() + wait_s > deadline or over.wait(wait_s):
                raise WriterFailed(reason)

    def _body(self, messages: Sequence[Message]) -> dict[str, Any]:
        return {
            "model": self.name,
            "messages": [{"role": each.role, "content": each.content} for each in messages],
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
            "stream": True,
        }


def _read(response: httpx.Response, over: threading.Event) -> Iterator[str]:
    """The text of a stream of events, or of one JSON body from a server that does not stream."""
    kind = response.headers.get("content-type", "")
    if "event-stream" not in kind:
        if "json" not in kind:
            raise WriterFailed("bad-response")
        yield _text(_parsed(response.read().decode("utf-8", "replace")), "message") or ""
        return
    ended = False
    for line in response.iter_lines():
        if over.is_set():
            return
        if len(line) > _LONGEST_LINE:
            raise WriterFailed("bad-response")
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        event = _parsed(data)
        if piece := _text(event, "delta"):
            yield piece
        ended = ended or _finished(event)
    if not ended:
        raise WriterFailed("cut-off")


def _parsed(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise WriterFailed("bad-response") from None


def _text(event: Any, part: str) -> str | None:
    """The text of the first choice; None where this event carries none.

    Raises:
        WriterFailed: not an event of this interface.
    """
    try:
        if event.get("error"):
            raise WriterFailed("refused")
        choices = event["choices"]
        content = choices[0][part].get("content") if choices else None
    except (AttributeError, KeyError, IndexError, TypeError):
        raise WriterFailed("bad-response") from None
    if content is not None and not isinstance(content, str):
        raise WriterFailed("bad-response")
    return content


def _finished(event: Any) -> bool:
    choices = event.get("choices")
    return bool(choices) and choices[0].get("finish_reason") is not None


def _retry_after(response: httpx.Response) -> float:
    try:
        return float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0
