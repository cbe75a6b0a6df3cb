"""Whatever the OpenAPI page allows, and what it does not: never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

schemathesis = pytest.importorskip("schemathesis")

EXAMPLES = 12  # of each operation and mode


@pytest.fixture(scope="module")
def client(site_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site_url) as found:
        yield found


@pytest.fixture(scope="module")
def description(client: httpx.Client) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def test_every_body_has_an_example(description: dict[str, Any]) -> None:
    parts = description["components"]["schemas"]
    for path, methods in description["paths"].items():
        body = methods.get("post", {}).get("requestBody")
        if body is None or "application/json" not in body["content"]:
            continue
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        properties = parts[name]["properties"].values()
        assert any("examples" in each or "example" in each for each in properties), path


@pytest.mark.slow
def test_fuzzing_what_is_described_gives_no_server_error(site_url: str) -> None:
    schema = schemathesis.openapi.from_url(f"{site_url}/openapi.json")
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(generation_mode=mode))
            def fuzz(case: Any) -> None:
                nonlocal asked
                asked += 1
                response = case.call()
                assert response.status_code < 500, (case.as_curl_command(), response.text)

            try:
                fuzz()
            except Unsatisfiable:  # nothing can be wrong with it
                continue
    assert asked > 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(body=JSON, path=st.sampled_from(["/api/ask", "/v1/chat/completions", "/api/feedback"]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_json_at_all_gets_a_clients_error(client: httpx.Client, body: Any, path: str) -> None:
    sent = json.dumps(body).encode("utf-8", "surrogatepass")
    response = client.post(path, content=sent, headers={"content-type": "application/json"})
    assert 400 <= response.status_code < 500
    assert set(response.json()["error"]) >= {"code", "message"}


@given(body=st.binary(max_size=200))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_bytes_that_are_no_json_get_a_clients_error(client: httpx.Client, body: bytes) -> None:
    response = client.post("/v1/chat/completions", content=body)
    assert 400 <= response.status_code < 500
