"""Who may call, and the headers that say what a browser may do."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

SITE = "https://news.example"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/articles", "/ui/icon.svg", "/nothing"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert "server" not in headers


def test_an_unforeseen_failure_is_counted_and_carries_the_headers(
    make_client: Any, pipeline: Any, caplog: Any
) -> None:
    def fail(question: str) -> None:
        raise RuntimeError("secret of the server")

    pipeline.before = fail
    client = make_client(pipeline, origins=(SITE,))
    failed = client.post("/api/ask", json={"question": "天"}, headers={"Origin": SITE})
    assert failed.status_code == 500
    assert failed.json()["error"]["code"] == "internal"
    assert "secret" not in failed.text
    assert "secret" in caplog.text
    assert "default-src" in failed.headers["content-security-policy"]
    assert failed.headers["access-control-allow-origin"] == SITE
    assert 'wenju_requests_total{route="/api/ask",status="500"} 1' in client.get("/metrics").text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[::1", "a b"])
def test_a_foreign_name_is_not_served(client: TestClient, host: str) -> None:
    refused = client.get("/healthz", headers={"Host": host})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "host_not_allowed"


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:7860", "192.168.1.5:80"])
def test_this_machine_and_addresses_are_served(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_without_a_list_only_the_same_origin_may_ask(client: TestClient) -> None:
    asked = {"json": {"question": "天"}}
    assert client.post("/api/ask", **asked, headers={"Origin": "http://localhost"}).is_success
    for origin in (
        SITE,
        "null",
        "http://localhost:1",
        "http://localhost.evil.example",
        "x",
        "http://[",
    ):
        refused = client.post("/api/ask", **asked, headers={"Origin": origin})
        assert refused.status_code == 403
        assert refused.json()["error"]["code"] == "origin_not_allowed"
        assert "access-control-allow-origin" not in refused.headers


def test_a_listed_origin_may_ask_and_no_other(make_client: Any) -> None:
    client = make_client(origins=(SITE,))
    answered = client.post("/api/ask", json={"question": "天"}, headers={"Origin": SITE})
    assert answered.headers["access-control-allow-origin"] == SITE
    assert "access-control-allow-credentials" not in answered.headers
    preflight = client.options(
        "/api/ask", headers={"Origin": SITE, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 204
    refused = client.options(
        "/api/ask",
        headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"},
    )
    assert refused.status_code == 403


def test_only_listed_origins_may_frame_an_article(make_client: Any, houma: Any) -> None:
    policy = (
        make_client(origins=(SITE,)).get(f"/articles/{houma.id}").headers["content-security-policy"]
    )
    assert f"frame-ancestors 'self' {SITE}" in policy
    assert "frame-ancestors 'self'" in make_client().get("/").headers["content-security-policy"]
