"""The HTTP interface, over a scripted pipeline."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio.from_thread
import pytest
from starlette.testclient import TestClient

from qa.web.errors import Refused
from qa.web.limits import Limits, Rate

QUESTION = "侯马审批时限缩减多少天"


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def code_of(response: Any) -> str:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"]
    return body["error"]["code"]


def test_an_answer_cites_the_characters_it_stands_on(client: TestClient, houma: Any) -> None:
    answered = client.post("/api/ask", json={"question": QUESTION})
    assert answered.status_code == 200
    body = answered.json()
    assert body["answer"] == "72天"
    assert body["abstained"] is False
    (citation,) = body["citations"]
    assert houma.text[citation["start"] : citation["end"]] == citation["quote"]
    assert houma.text[citation["answer_start"] : citation["answer_end"]] == "72天"
    assert "72天" in answered.text, "JSON is UTF-8, not escaped"


def test_an_abstention_has_no_answer_but_passages(client: TestClient) -> None:
    body = client.post("/api/ask", json={"question": "月球有多远"}).json()
    assert body["answer"] is None
    assert body["abstained"] is True
    assert body["passages"]


def test_a_stream_gives_passages_then_the_answer_then_done(client: TestClient) -> None:
    streamed = client.post(
        "/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
    )
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in streamed.headers, "a packed stream is a held one"
    got = events(streamed.text)
    assert [name for name, _ in got] == ["passages", "answer", "done"]
    assert got[0][1]["passages"]
    assert got[1][1] == client.post("/api/ask", json={"question": QUESTION}).json()


def test_a_failure_within_a_stream_is_an_event(make_client: Any, pipeline: Any) -> None:
    def fail(question: str) -> None:
        raise RuntimeError("secret of the server")

    pipeline.before = fail
    streamed = make_client(pipeline).post(
        "/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
    )
    assert [name for name, _ in events(streamed.text)] == ["passages", "error"]
    assert "secret" not in streamed.text
    assert "Traceback" not in streamed.text


def test_the_history_reaches_the_pipeline(make_client: Any, pipeline: Any) -> None:
    turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "72天"}]
    make_client(pipeline).post("/api/ask", json={"question": "那比法定少多少", "history": turns})
    history = dict(pipeline.asked)["那比法定少多少"]
    assert [(turn.role, turn.content) for turn in history] == [
        ("user", QUESTION),
        ("assistant", "72天"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"question": ""}, 422, "question_empty"),
        ({"question": " \u3000\n"}, 422, "question_empty"),
        ({"question": "天" * 1001}, 422, "question_too_long"),
        ({"question": "a\x00b"}, 422, "question_not_text"),
        ({"question": None}, 422, "invalid_request"),
        ({"question": ["a"]}, 422, "invalid_request"),
        ({}, 422, "invalid_request"),
        ([], 422, "invalid_request"),
        ({"question": "a", "top_k": 0}, 422, "invalid_request"),
        ({"question": "a", "top_k": 51}, 422, "top_k_too_large"),
        ({"question": "a", "top_k": 10**400}, 422, "top_k_too_large"),
        ({"question": "a", "history": "b"}, 422, "invalid_request"),
        ({"question": "a", "history": [{"role": "root", "content": ""}]}, 422, "invalid_request"),
        (
            {"question": "a", "history": [{"role": "user", "content": "b"}] * 41},
            422,
            "history_too_long",
        ),
        (
            {"question": "a", "history": [{"role": "user", "content": "b" * 40_001}]},
            422,
            "history_too_long",
        ),
        ({"question": "天" * 100_000}, 413, "body_too_large"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(
    client: TestClient, body: Any, status: int, code: str
) -> None:
    refused = client.post(
        "/api/ask",
        content=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code == status
    assert code_of(refused) == code


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"[" * 60_000, b'{"question": "\\ud800"}', b'{"question": NaN}',
        b"null", b"1", b'"a"', b'{"question":"a"} trailing', b"\x00" * 100,
        b'{"question": "a", "history": [{"role": "user", "content": "\\udfff"}]}',
    ],
)  # fmt: skip
def test_a_body_that_is_not_a_request_is_the_clients_mistake(
    client: TestClient, body: bytes
) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data", ""):
        refused = client.post("/api/ask", content=body, headers={"Content-Type": kind})
        assert 400 <= refused.status_code < 500
        code_of(refused)


def test_limits_are_said(client: TestClient) -> None:
    limits = Limits()
    long = client.post("/api/ask", json={"question": "天" * 1001}).json()["error"]["message"]
    assert str(limits.question_characters) in long
    assert "1001" in long
    large = client.post("/api/ask", content=b"x" * (limits.body_bytes + 1))
    assert large.status_code == 413
    assert str(limits.body_bytes) in large.json()["error"]["message"]


def test_a_body_that_hides_its_size_is_counted(client: TestClient) -> None:
    def chunks() -> Any:
        for _ in range(40):
            yield b" " * 10_000

    refused = client.post("/api/ask", content=chunks())
    assert refused.status_code == 413
    assert code_of(refused) == "body_too_large"


def test_too_many_questions_are_told_when_to_come_back(make_client: Any) -> None:
    client = make_client(limits=Limits(asks_per_minute=3))
    statuses = [client.get("/api/search", params={"q": "天"}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = client.post("/api/ask", json={"question": "天"})
    assert code_of(refused) == "too_many_requests"
    assert "3 questions a minute" in refused.json()["error"]["message"]
    assert int(refused.headers["retry-after"]) >= 1


def test_pages_that_make_us_work_are_counted_too(make_client: Any, houma: Any) -> None:
    client = make_client(limits=Limits(asks_per_minute=2))
    picture = f"/articles/{houma.id}/pages/1.png"
    assert client.get("/articles", params={"q": "天"}).status_code == 200
    assert client.get(picture).status_code == 404
    assert client.get("/articles", params={"q": "天"}).status_code == 429
    assert client.get(picture).status_code == 429
    assert client.get("/articles").status_code == 200


def test_one_page_is_drawn_at_a_time_and_questions_do_not_wait_for_it(
    client: TestClient, houma: Any, monkeypatch: Any
) -> None:
    begun, may_end = threading.Semaphore(0), threading.Event()

    def draw(*_: Any) -> bytes:
        begun.release()
        may_end.wait(20)
        return b"PNG"

    monkeypatch.setattr("qa.web.pages.draw", draw)
    with ThreadPoolExecutor() as pool:
        try:
            pages = [
                pool.submit(client.get, f"/articles/{houma.id}/pages/{number}.png")
                for number in (1, 2, 3)
            ]
            assert begun.acquire(timeout=10)
            asked = pool.submit(client.post, "/api/ask", json={"question": QUESTION})
            assert asked.result(10).json()["answer"] == "72天"
            assert not begun.acquire(blocking=False), "a second one is drawn"
        finally:
            may_end.set()
        assert [page.result(10).status_code for page in pages] == [200] * 3


def test_a_bucket_fills_again() -> None:
    now = 0.0
    rate = Rate(60, clock=lambda: now)
    for _ in range(60):
        rate.take("a")
    with pytest.raises(Refused):
        rate.take("a")
    rate.take("b")
    now = 1.0
    rate.take("a")
    with pytest.raises(Refused):
        rate.take("a")


def test_search_gives_passages_with_titles_and_scores(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": QUESTION, "top_k": 1}).json()
    (passage,) = found["passages"]
    assert passage["title"] == "营商环境硬支撑 引得项目次第来"
    assert passage["scores"]["dense"] == 0.86
    assert client.get("/api/search").status_code == 422
    assert client.get("/api/search", params={"q": "天", "top_k": 999}).status_code == 422


def test_titles_are_of_the_state_that_was_searched(make_client: Any, pipeline: Any) -> None:
    client = make_client(pipeline)
    search = pipeline.search

    def search_while_all_is_removed(query: str, *, top_k: int) -> Any:
        hits = search(query, top_k=top_k)
        if query == QUESTION:  # and no example's
            emptied = pipeline.on(type(pipeline.index)({}))
            anyio.from_thread.run_sync(client.app.state.desk.replace, emptied)
        return hits

    pipeline.search = search_while_all_is_removed
    found = client.get("/api/search", params={"q": QUESTION, "top_k": 1}).json()
    assert found["passages"][0]["title"] == "营商环境硬支撑 引得项目次第来"


def test_articles_come_in_pages(client: TestClient) -> None:
    first = client.get("/api/articles", params={"limit": 1}).json()
    assert (first["total"], first["next"], len(first["articles"])) == (2, 1, 1)
    last = client.get("/api/articles", params={"limit": 1, "offset": 1}).json()
    assert last["next"] is None
    assert last["articles"][0]["title"] is None
    assert client.get("/api/articles", params={"offset": 10**30}).status_code == 422


def test_an_article_has_its_text(client: TestClient, houma: Any) -> None:
    body = client.get(f"/api/articles/{houma.id}").json()
    assert body["text"] == houma.text
    missing = client.get("/api/articles/ffffffffffffffff")
    assert missing.status_code == 404
    assert code_of(missing) == "unknown_article"


def test_feedback_is_kept_with_what_it_is_about(client: TestClient, tmp_path: Path) -> None:
    answer = client.post("/api/ask", json={"question": QUESTION}).json()
    given = {"answer_id": answer["answer_id"], "verdict": "down", "comment": "单位不对"}
    assert client.post("/api/feedback", json=given).status_code == 200
    (line,) = (tmp_path / "feedback.jsonl").read_text("utf-8").splitlines()
    record = json.loads(line)
    assert record["question"] == QUESTION
    assert record["answer"] == "72天"
    assert record["comment"] == "单位不对"
    withdrawn = given | {"verdict": "withdrawn"}
    assert client.post("/api/feedback", json=withdrawn).status_code == 200
    for wrong in ({}, {"answer_id": "x", "verdict": "maybe"}, {"answer_id": "", "verdict": "up"}):
        assert client.post("/api/feedback", json=wrong).status_code == 422
    long = {"answer_id": "x", "verdict": "up", "comment": "a" * 2001}
    assert code_of(client.post("/api/feedback", json=long)) == "comment_too_long"


def test_health_and_readiness_are_two_things(make_client: Any) -> None:
    loading = make_client(loading=True)
    assert loading.get("/healthz").status_code == 200
    waiting = loading.get("/readyz")
    assert waiting.status_code == 503
    assert code_of(waiting) == "loading"
    asked = loading.post("/api/ask", json={"question": QUESTION})
    assert (asked.status_code, code_of(asked)) == (503, "loading")
    assert "retry-after" in asked.headers
    assert make_client().get("/readyz").json() == {"status": "ready"}


def test_metrics_count_without_questions(client: TestClient) -> None:
    client.post("/api/ask", json={"question": QUESTION})
    client.post("/api/ask", json={"question": "月球有多远"})
    text = client.get("/metrics").text
    assert 'wenju_answers_total{outcome="answered"} 1' in text
    assert 'wenju_answers_total{outcome="abstained"} 1' in text
    assert 'wenju_requests_total{route="/api/ask",status="200"} 2' in text
    assert "wenju_articles 2" in text
    assert "侯马" not in text


def test_unknown_paths_and_methods_are_named_in_json(make_client: Any) -> None:
    client = make_client()
    assert code_of(client.get("/api/nothing")) in ("not_found", "loading")
    assert code_of(client.get("/api/ask")) == "method_not_allowed"
    assert code_of(client.delete("/api/articles")) == "method_not_allowed"


def test_the_page_is_there_before_anything_is_loaded(make_client: Any) -> None:
    page = make_client(loading=True).get("/")
    assert page.status_code == 200
    assert page.headers["x-wenju-page"] == "waiting"
    assert "正在准备" in page.text
    english = make_client(loading=True).get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert "Preparing" in english.text


def test_an_article_page_marks_what_was_cited(client: TestClient, houma: Any) -> None:
    start = houma.text.index("72天")
    page = client.get(f"/articles/{houma.id}", params={"start": start, "end": start + 3}).text
    assert page.count("<mark") == 1
    assert ">72天</mark>" in page
    assert "柴卫东" in page
    for wrong in ({"start": 5, "end": 5}, {"start": -1, "end": 4}, {"start": 0, "end": 10**9}):
        unmarked = client.get(f"/articles/{houma.id}", params=wrong)
        assert unmarked.status_code == 200
        assert "<mark" not in unmarked.text


def test_the_openapi_page_names_every_route(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {
        "/api/ask", "/api/search", "/api/articles", "/api/articles/{article_id}", "/api/feedback",
        "/healthz", "/readyz", "/metrics",
    } <= set(paths)  # fmt: skip


@pytest.mark.parametrize("body", ["AskIn", "CompletionIn"])
def test_top_k_is_not_how_many_passages_are_read(client: TestClient, body: str) -> None:
    described = client.get("/openapi.json").json()["components"]["schemas"][body]
    assert "read" not in described["properties"]["top_k"]["description"]
