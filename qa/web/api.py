"""Over HTTP: /api/*, health and metrics. Parses, calls, prints."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from index.to_json import summary_to_json
from qa.schema import Retrieved, Sentence, Turn
from qa.to_json import (
    answer_to_json,
    article_to_json,
    hits_to_json,
    retrieved_to_json,
    sentence_to_json,
)
from qa.web.desk import Desk
from qa.web.errors import Refused, error_body, from_any
from qa.web.examples import Examples
from qa.web.feedback import Feedback, Verdict
from qa.web.limits import Limits, Rate
from qa.web.metrics import Metrics
from qa.web.pagepicture import file_of, has_pages

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": what,
        "content": {"application/json": {"example": error_body(code, message)}},
    }
    for status, what, code, message in (
        (413, "The body is too large", "body_too_large", "the body may have 262144 bytes; …"),
        (422, "The request cannot be meant", "question_empty", "the question is empty"),
        (429, "Too many questions", "too_many_requests", "600 questions a minute are answered; …"),
        (503, "Not ready", "loading", "the models are being loaded; try again in a few seconds"),
    )
}


class TurnIn(BaseModel):
    role: Literal["user", "assistant"]
    content: str


class AskIn(BaseModel):
    """A question, with the turns before it; the server keeps no conversation."""

    question: str = Field(examples=["侯马审批时限缩减多少天"])
    history: list[TurnIn] = []
    top_k: int = Field(default=5, ge=1, description="passages to give with the answer")


class FeedbackIn(BaseModel):
    answer_id: str = Field(min_length=1, max_length=200, examples=["9f2c1e0b7a64d385"])
    verdict: Verdict
    comment: str | None = None


def router(
    desk: Desk,
    examples: Examples,
    *,
    limits: Limits,
    rate: Rate,
    feedback: Feedback,
    metrics: Metrics,
) -> APIRouter:
    """All routes but the OpenAI-compatible ones and those that change articles."""
    routes = APIRouter()

    @routes.post("/api/ask", summary="Ask a question", responses=_ERRORS)
    async def ask(
        asked: AskIn, request: Request, accept: Annotated[str, Header()] = ""
    ) -> Response:
        """The answer with its citations.

        With `Accept: text/event-stream`, events: `passages` as soon as they are
        found, `sentence` for each that a language model has written and that is
        supported, `answer`, `done`; `loading` while the models load; `error`.
        """
        rate.take(client_of(request))
        question = clean_question(asked.question, limits)
        history = clean_history(asked.history, limits)
        top_k = clean_top_k(asked.top_k, limits)
        if "text/event-stream" in accept:
            return StreamingResponse(
                _sse(answer_events(desk, question, history, top_k, feedback, metrics)),
                media_type="text/event-stream",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        pipeline = desk.pipeline()
        started = time.perf_counter()
        answer = await desk.run(
            lambda: pipeline.ask(question, history=_turns(history), top_k=top_k)
        )
        metrics.answered(answer, seconds=time.perf_counter() - started)
        body = answer_to_json(answer)
        feedback.remember(body)
        return JSONResponse(body)

    @routes.get("/api/search", summary="Find passages", responses=_ERRORS)
    async def search(request: Request, q: str, top_k: Annotated[int, Query(ge=1)] = 10) -> Any:
        rate.take(client_of(request))
        query = clean_question(q, limits)
        n_hits = clean_top_k(top_k, limits)
        pipeline = desk.pipeline()

        def found() -> dict[str, Any]:
            hits = pipeline.search(query, top_k=n_hits)
            titles = [pipeline.index.article(hit.passage.article_id).title for hit in hits]
            return {"query": query, "passages": hits_to_json(hits, titles)}

        return JSONResponse(await desk.run(found))

    @routes.get("/api/articles", summary="List articles")
    async def articles(
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Any:
        found = desk.index()
        summaries = await desk.run(lambda: found.summaries(offset=offset, limit=limit))
        total = found.stats().n_articles
        following = offset + limit
        return JSONResponse(
            {
                "articles": [summary_to_json(summary) for summary in summaries],
                "total": total,
                "offset": offset,
                "limit": limit,
                "next": following if following < total else None,
            }
        )

    @routes.get("/api/articles/{article_id}", summary="One article with its text")
    async def article(article_id: str) -> Any:
        """`pictures`: whether `/articles/{id}/pages/{n}.png` draws the pages of its PDF."""
        found = desk.index()

        def read() -> dict[str, Any]:
            shown = found.article(article_id)
            pictures = has_pages(shown, file_of(found, article_id))
            return {**article_to_json(shown), "pictures": pictures}

        return JSONResponse(await desk.run(read))

    @routes.get("/api/examples", summary="Questions that the articles were seen to answer")
    async def show_examples(
        request: Request,
        article: str | None = None,
        lang: Literal["zh", "en"] = "zh",
        n: Annotated[int, Query(ge=1, le=50)] = 6,
    ) -> Any:
        """Of one article, or for a start; those in `lang` first. `complete` is false while
        more are being tried."""
        if article is not None:  # makes us ask
            rate.take(client_of(request))
        found = examples.first if article is None else await examples.of_article(article)
        ordered = sorted(found, key=lambda example: example.language != lang)
        return JSONResponse(
            {
                "examples": [
                    {"question": each.question, "article_id": each.article_id}
                    for each in ordered[:n]
                ],
                "total": desk.index().stats().n_articles,
                "complete": examples.complete or article is not None,
            }
        )

    @routes.post("/api/feedback", summary="Judge an answer", responses=_ERRORS)
    async def judge(given: FeedbackIn, request: Request) -> Any:
        rate.take(client_of(request))
        if given.comment and len(given.comment) > limits.comment_characters:
            raise Refused(
                422,
                "comment_too_long",
                f"a comment may have {limits.comment_characters} characters, "
                f"this one has {len(given.comment)}",
            )
        if _NOT_TEXT.search(given.answer_id + (given.comment or "")):
            raise Refused(422, "comment_not_text", "the comment holds characters that are not text")
        feedback.keep(given.answer_id, given.verdict, given.comment)
        metrics.judged(given.verdict)
        return JSONResponse({"kept": True})

    @routes.get("/healthz", summary="Is the process alive?")
    async def healthz() -> Any:
        return JSONResponse({"status": "alive"})

    @routes.get("/readyz", summary="Are index and models loaded?")
    async def readyz() -> Any:
        if not desk.ready:
            desk.pipeline()  # says why
        return JSONResponse({"status": "ready"})

    @routes.get("/metrics", summary="Prometheus text")
    async def prometheus() -> Any:
        gauges = {"ready": float(desk.ready)}
        if desk.ready:
            stats = desk.index().stats()
            gauges |= {"articles": stats.n_articles, "passages": stats.n_passages}
        return PlainTextResponse(metrics.render(gauges), media_type="text/plain; version=0.0.4")

    return routes


async def answer_events(
    desk: Desk,
    question: str,
    history: list[TurnIn],
    top_k: int,
    feedback: Feedback,
    metrics: Metrics,
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The stream of one question, as (event, data) pairs; ends with `done` or `error`."""
    try:
        pipeline = None
        async for pipeline in desk.pipeline_later():
            if pipeline is None:
                yield "loading", {}
        if pipeline is None:
            raise Refused(503, "unavailable", "loading failed; the server's log says why")
        started = time.perf_counter()
        steps = pipeline.stream(question, history=_turns(history), top_k=top_k)
        async for step in desk.iterate(iter(steps)):
            if isinstance(step, Retrieved):
                yield "passages", retrieved_to_json(step)
                continue
            if isinstance(step, Sentence):
                yield "sentence", sentence_to_json(step)
                continue
            metrics.answered(step, seconds=time.perf_counter() - started)
            body = answer_to_json(step)
            feedback.remember(body)
            yield "answer", body
        yield "done", {}
    except Exception as error:
        refused = from_any(error)
        yield "error", error_body(refused.code, refused.message)


async def _sse(events: AsyncIterator[tuple[str, dict[str, Any]]]) -> AsyncIterator[str]:
    async for name, data in events:
        yield f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def client_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def clean_question(question: str, limits: Limits) -> str:
    """Raises: Refused: empty, too long, or not text."""
    if len(question) > limits.question_characters:
        raise Refused(
            422,
            "question_too_long",
            f"a question may have {limits.question_characters} characters, "
            f"this one has {len(question)}",
        )
    if _NOT_TEXT.search(question):
        raise Refused(422, "question_not_text", "the question holds characters that are not text")
    if not question.strip():
        raise Refused(422, "question_empty", "the question is empty")
    return question.strip()


def clean_history(history: list[TurnIn], limits: Limits) -> list[TurnIn]:
    """Raises: Refused: too long, or not text."""
    if any(_NOT_TEXT.search(turn.content) for turn in history):
        raise Refused(422, "history_not_text", "a turn holds characters that are not text")
    if len(history) > limits.history_turns:
        raise Refused(422, "history_too_long", f"a history may have {limits.history_turns} turns")
    if sum(len(turn.content) for turn in history) > limits.history_characters:
        raise Refused(
            422, "history_too_long", f"a history may have {limits.history_characters} characters"
        )
    return history


def clean_top_k(top_k: int, limits: Limits) -> int:
    """Raises: Refused: more than we give."""
    if top_k > limits.top_k:
        raise Refused(422, "top_k_too_large", f"top_k may be {limits.top_k} at most")
    return top_k


def _turns(history: list[TurnIn]) -> list[Turn]:
    return [Turn(role=turn.role, content=turn.content) for turn in history]
