"""The MCP server, tried with the official client: in process, over pipes and over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import anyio
import pytest

from qa.pipeline import Pipeline
from tests.interfaces.small import HOUMA

mcp = pytest.importorskip("mcp")

QUESTION = "国强光伏项目审批时限减少了多少天？"
RUN = (
    "import sys; from index import Index; from index.embed import HashEmbedder;"
    "from qa.pipeline import Pipeline; from qa.reading.readers import OverlapReader; import qa.mcp;"
    "qa.mcp._load = lambda future, path: future.set_result("
    "Pipeline(Index.open(path, embedder=HashEmbedder()), OverlapReader(), abstain_threshold=0.05));"
    "sys.exit(qa.mcp.main(sys.argv[1:]))"
)


def with_client(target: Any, use: Callable[[Any], Any]) -> Any:
    async def run() -> Any:
        async with mcp.Client(target) as client:
            return await use(client)

    return anyio.run(run)


@pytest.fixture
def server(real_pipeline: Pipeline) -> Any:
    from qa.mcp import server

    loaded: Future[Pipeline] = Future()
    loaded.set_result(real_pipeline)
    return server(loaded)


async def everything(client: Any) -> dict[str, Any]:
    tools = await client.list_tools()
    asked = await client.call_tool("ask", {"question": QUESTION})
    found = await client.call_tool("search", {"query": "韩国 公司", "top_k": 2})
    listed = await client.call_tool("list_articles", {"limit": 2})
    article_id = asked.structured_content["citations"][0]["article_id"]
    article = await client.call_tool("read_article", {"article_id": article_id})
    return {
        "tools": [tool.name for tool in tools.tools],
        "ask": asked.structured_content,
        "search": found.structured_content,
        "list_articles": listed.structured_content,
        "read_article": article.structured_content,
    }


def assert_works(found: dict[str, Any]) -> None:
    assert set(found["tools"]) == {"ask", "search", "read_article", "list_articles"}
    assert "72" in found["ask"]["answer"]
    citation = found["ask"]["citations"][0]
    text = found["read_article"]["text"]
    assert text == HOUMA
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert "韩国" in found["search"]["passages"][0]["text"]
    assert len(found["search"]["passages"]) <= 2
    assert found["list_articles"]["total"] == 3
    assert len(found["list_articles"]["articles"]) == 2


def test_every_tool_in_process(server: Any) -> None:
    assert_works(with_client(server, everything))


@pytest.mark.slow
def test_every_tool_over_standard_input_and_output(small_index: Path) -> None:
    command = mcp.StdioServerParameters(
        command=sys.executable, args=["-c", RUN, "--index", str(small_index)], cwd=Path.cwd()
    )
    assert_works(with_client(command, everything))


@pytest.mark.slow
def test_every_tool_over_http(small_index: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--index", str(small_index), "--http", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments], stderr=subprocess.DEVNULL, cwd=Path.cwd()
    )
    try:
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        assert_works(with_client(f"http://127.0.0.1:{port}/mcp", everything))
    finally:
        process.terminate()
        assert process.wait(10) is not None


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("read_article", {"article_id": "no-such"}, "no article"),
        ("ask", {"question": "   "}, "empty"),
        ("ask", {"question": "问" * 3000}, "2000"),
        ("search", {"query": "侯马", "top_k": 0}, "top_k"),
        ("list_articles", {"offset": -1}, "offset"),
    ],
)
def test_what_cannot_be_meant_is_told_to_the_client(
    server: Any, tool: str, arguments: dict[str, Any], says: str
) -> None:
    async def call(client: Any) -> Any:
        return await client.call_tool(tool, arguments)

    result = with_client(server, call)
    assert result.is_error
    assert says in result.content[0].text


def test_an_article_is_read_in_pieces(server: Any) -> None:
    async def read(client: Any) -> str:
        listed = await client.call_tool("list_articles", {})
        article_id = listed.structured_content["articles"][0]["article_id"]
        text, start = "", 0
        while start is not None:
            piece = await client.call_tool(
                "read_article", {"article_id": article_id, "start": start, "n_characters": 20}
            )
            text += piece.structured_content["text"]
            start = piece.structured_content["end"]
        return text

    assert with_client(server, read) == HOUMA
