"""The Evaluate page's routes, on a real index with a tiny embedding."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from eval.page import Evaluations, router
from index import Index, update
from index.embed import HashEmbedder
from index.errors import BadRequest, Error
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader


@pytest.fixture
def client(folder: Path, small_models: HashEmbedder, tmp_path: Path) -> Iterator[TestClient]:
    update(tmp_path / "index", [folder], embedder=small_models, prune=True)
    index = Index.open(tmp_path / "index", embedder=small_models)
    pipeline = Pipeline(index, OverlapReader())
    feedback = tmp_path / "feedback.jsonl"
    verdict = {"answer_id": "1", "verdict": "up", "question": "谁是馆长？", "answer": "周敏"}
    feedback.write_text(json.dumps(verdict) + "\n", encoding="utf-8")
    evaluations = Evaluations(
        lambda: pipeline, folder=tmp_path / "runs", feedback=feedback, sources=[folder]
    )

    def admit(request: Request) -> None:
        if "stranger" in request.headers:
            raise BadRequest("not you")

    app = FastAPI()
    app.include_router(router(evaluations, admit=admit))

    @app.exception_handler(Error)
    async def refused(_: Request, error: Error) -> JSONResponse:
        return JSONResponse({"error": {"code": "x", "message": str(error)}}, 400)

    with TestClient(app) as client:
        yield client
    index.close()


def finished(client: TestClient) -> dict[str, object]:
    for _ in range(600):
        (state, *_) = client.get("/api/evaluations").json()
        if state["state"] != "running":
            return state
        time.sleep(0.05)
    raise AssertionError("it never ended")


@pytest.mark.slow
def test_a_set_given_on_the_page_is_evaluated(
    client: TestClient,
    write_set: Callable[[Sequence[object]], Path],
    lines: list[dict[str, object]],
) -> None:
    content = write_set(lines).read_bytes()
    started = client.post("/api/evaluations?name=mine.jsonl", content=content)
    assert started.status_code == 202
    state = finished(client)
    assert (state["state"], state["done"], state["total"]) == ("done", 3, 3)
    report = client.get(f"/evaluate/{state['id']}")
    assert "滨河大桥全长多少米" in report.text
    refused = client.post("/api/evaluations?name=mine.txt", content=content)
    assert refused.status_code == 400
    failed = client.post("/api/evaluations?name=mine.jsonl", content=b"{}")
    assert failed.status_code == 202
    state = finished(client)
    assert state["state"] == "failed"
    assert "no valid question" in str(state["error"])


def test_a_draft_holds_what_people_judged_and_what_the_articles_state(client: TestClient) -> None:
    rows = client.get("/api/evaluations/draft").json()
    assert rows[0]["answers"] == ["周敏"]
    assert rows[0]["accepted"] is True
    assert any(row["answers"] == ["42万册"] for row in rows[1:])


@pytest.mark.parametrize("path", ["/api/evaluations", "/api/evaluations/draft", "/evaluate/x"])
def test_strangers_are_refused(client: TestClient, path: str) -> None:
    assert client.get(path, headers={"stranger": "yes"}).status_code == 400


def test_the_page_comes_without_any_model(client: TestClient) -> None:
    assert "Evaluate" in client.get("/evaluate").text
