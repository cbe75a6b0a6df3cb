"""OpenAI's chat interface over the same pipeline, for the clients that speak it.

The last user message is the question, the messages before it the history;
system messages and sampling options change nothing. Citations stand in
`message.annotations`: OpenAI's `url_citation` at the marker in the text, and
beside it `citation` as `/api/ask` gives it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from qa.asking.question import analyse
from qa.notes import notes_of
from qa.schema import Answer, Citation, Retrieved, Sentence, Turn
from qa.to_json import citation_to_json
from qa.web.api import TurnIn, clean_history, clean_question, clean_top_k, client_of
from qa.web.desk import Desk
from qa.web.errors import Refused, error_body, from_any
from qa.web.limits import Limits, Rate
from qa.web.metrics import Metrics

MODEL = "wenju"
_ABSTAINED = {True: "文章中没有说。", False: "The articles do not say."}


class Part(BaseModel):
    type: Literal["text"]
    text: str


class MessageIn(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool | None = False


class CompletionIn(BaseModel):
    """What OpenAI's clients send; options not named here are read over."""

    model: str = Field(default=MODEL, max_length=200)
    messages: list[MessageIn] = Field(
        min_length=1, examples=[[{"role": "user", "content": "侯马审批时限缩减多少天"}]]
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    top_k: int = Field(default=5, ge=1, description="passages to find; ours, not OpenAI's")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as one text, and where in it each citation's marker stands."""

    text: str
    annotations: list[dict[str, Any]]


def router(desk: Desk, *, limits: Limits, rate: Rate, metrics: Metrics) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])
    model_card = {"id": MODEL, "object": "model", "created": 0, "owned_by": "wenju"}

    @routes.get("/models", summary="The one model there is")
    async def list_models() -> Any:
        return JSONResponse({"object": "list", "data": [model_card]})

    @routes.get("/models/{model}", summary="About a model")
    async def show_model(model: str) -> Any:
        if model != MODEL:
            raise Refused(404, "model_not_found", f"the only model here is {MODEL}")
        return JSONResponse(model_card)

    @routes.post("/chat/completions", summary="Ask in OpenAI's form")
    async def complete(asked: CompletionIn, request: Request) -> Response:
        """The answer as an assistant's message; with `stream`, chunks of it as they come."""
        rate.take(client_of(request))
        question, history = _question(asked.messages, limits)
        top_k = clean_top_k(asked.top_k, limits)
        pipeline = desk.pipeline()
        base = str(request.base_url)
        if asked.stream:
            steps = pipeline.stream(question, history=history, top_k=top_k)
            usage = bool(asked.stream_options and asked.stream_options.include_usage)
            return StreamingResponse(
                _events(desk.iterate(iter(steps)), metrics, base, usage=usage),
                media_type="text/event-stream",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        started = time.perf_counter()
        answer = await desk.run(lambda: pipeline.ask(question, history=history, top_k=top_k))
        metrics.answered(answer, seconds=time.perf_counter() - started)
        said = render(answer, base)
        message = {
            "role": "assistant",
            "content": said.text,
            "refusal": None,
            "annotations": said.annotations,
        }
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        head = _head("chat.completion")
        return JSONResponse({**head, "choices": [choice], "usage": _usage(question, said.text)})

    return routes


def render(answer: Answer, base_url: str, *, after: int = 0) -> Said:
    """The answer's text with a marker for each citation.

    Args:
        base_url: of this site, for links to the articles.
        after: markers already given; these count on from there.
    """
    if answer.text is None:
        return Said(_ABSTAINED[analyse(answer.question).is_chinese], [])
    if "generated" in answer.notes:
        text = answer.text
    else:
        marks = [f"[{citation.marker + after}]" for citation in answer.citations]
        if len(answer.answers) == len(marks) > 1:
            pairs = zip(answer.answers, marks, strict=True)
            text = "；".join(f"{item}{mark}" for item, mark in pairs)
        else:
            text = ("；".join(answer.answers) or answer.text) + "".join(marks)
    text += _noted(answer)
    return Said(text, annotate(text, answer.citations, base_url, after=after))


def _noted(answer: Answer) -> str:
    """A line for each thing to know, below the answer."""
    chinese = analyse(answer.question).is_chinese
    return "".join(f"\n\n{said}" for said in notes_of(answer, chinese=chinese))


def annotate(
    text: str, citations: Sequence[Citation], base_url: str, *, after: int = 0
) -> list[dict[str, Any]]:
    """One for each citation, in their order; offsets are of the marker in `text`."""
    found: list[dict[str, Any]] = []
    for citation in citations:
        mark = f"[{citation.marker + after}]"
        at = max(0, text.find(mark))
        place = f"?start={citation.span.start}&end={citation.span.end}"
        found.append(
            {
                "type": "url_citation",
                "url_citation": {
                    "start_index": at,
                    "end_index": at + len(mark),
                    "title": citation.article.title or citation.article.source.path,
                    "url": f"{base_url}articles/{citation.article.id}{place}",
                },
                "citation": {**citation_to_json(citation), "marker": citation.marker + after},
            }
        )
    return found


def _question(messages: Sequence[MessageIn], limits: Limits) -> tuple[str, list[Turn]]:
    """The last message, and of the turns before it the last that fit: clients send all of them.

    Raises:
        Refused: the last message is nobody's question, or too long.
    """
    spoken = [message for message in messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise Refused(422, "question_missing", "the last message must be the user's")
    turns = [
        TurnIn(role="user" if message.role == "user" else "assistant", content=message.text)
        for message in spoken[:-1]
    ][-limits.history_turns :]
    while sum(len(turn.content) for turn in turns) > limits.history_characters:
        del turns[0]
    history = clean_history(turns, limits)
    return clean_question(spoken[-1].text, limits), [
        Turn(role=turn.role, content=turn.content) for turn in history
    ]


async def _events(
    steps: AsyncIterator[Retrieved | Sentence | Answer],
    metrics: Metrics,
    base_url: str,
    *,
    usage: bool,
) -> AsyncIterator[str]:
    head = _head("chat.completion.chunk")
    started = time.perf_counter()
    shown, cited = "", dict[int, Citation]()  # of a writer's sentences

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    try:
        async for step in steps:
            if isinstance(step, Sentence):
                between = " " if shown and step.text.isascii() else ""
                shown += between + step.text
                yield chunk({"content": between + step.text})
                cited |= {citation.marker: citation for citation in step.citations}
            elif isinstance(step, Answer):
                metrics.answered(step, seconds=time.perf_counter() - started)
                for delta in _closing(step, shown, list(cited.values()), base_url):
                    yield chunk(delta)
                yield chunk({}, "stop")
                if usage:
                    counted = _usage(step.question, step.text or "")
                    yield _event({**head, "choices": [], "usage": counted})
        yield "data: [DONE]\n\n"
    except Exception as error:
        refused = from_any(error)
        yield _event(error_body(refused.code, refused.message))


def _closing(
    answer: Answer, shown: str, cited: Sequence[Citation], base_url: str
) -> list[dict[str, Any]]:
    """What remains to be said after the sentences already shown, then all annotations.

    A writer that failed midway has said true sentences; the extractive answer
    follows them, its markers counting on.
    """
    if "generated" in answer.notes:
        annotations = annotate(shown, answer.citations, base_url)
        return [{"content": _noted(answer)}, {"annotations": annotations}]
    said = render(answer, base_url, after=len(cited))
    between = "\n\n" if shown else ""
    for annotation in said.annotations:
        for end in ("start_index", "end_index"):
            annotation["url_citation"][end] += len(shown + between)
    earlier = annotate(shown, cited, base_url)
    return [{"content": between + said.text}, {"annotations": [*earlier, *said.annotations]}]


def _head(kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": MODEL,
        "system_fingerprint": None,
    }


def _usage(question: str, text: str) -> dict[str, int]:
    """Characters, since nothing here counts tokens; for clients that need numbers."""
    return {
        "prompt_tokens": len(question),
        "completion_tokens": len(text),
        "total_tokens": len(question) + len(text),
    }


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
