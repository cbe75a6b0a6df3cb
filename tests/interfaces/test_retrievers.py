"""The LangChain and the LlamaIndex retriever, tried with both packages."""

from __future__ import annotations

import subprocess
import sys

import anyio
import pytest

from qa.pipeline import Pipeline
from tests.interfaces.small import HOUMA, make_pipeline

QUERY = "侯马审批时限减少"


@pytest.fixture
def pipeline() -> Pipeline:
    return make_pipeline()


@pytest.mark.slow
def test_langchain_gets_documents_with_their_place(pipeline: Pipeline) -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.runnables import RunnableLambda

    from qa.langchain import WenjuRetriever

    retriever = WenjuRetriever(pipeline=pipeline, top_k=2)
    documents = retriever.invoke(QUERY)
    best = documents[0]
    assert len(documents) <= 2
    assert HOUMA[best.metadata["start"] : best.metadata["end"]] == best.page_content
    assert best.metadata["title"] == "营商环境硬支撑"
    assert best.id == best.metadata["passage_id"]
    assert anyio.run(retriever.ainvoke, QUERY) == documents
    chain = retriever | RunnableLambda(lambda found: found[0].page_content)
    assert chain.invoke(QUERY) == best.page_content


@pytest.mark.slow
def test_llama_index_gets_nodes_with_their_place(pipeline: Pipeline) -> None:
    pytest.importorskip("llama_index.core")
    from qa.llamaindex import WenjuRetriever

    nodes = WenjuRetriever(pipeline, top_k=2).retrieve(QUERY)
    best = nodes[0]
    assert len(nodes) <= 2
    assert HOUMA[best.node.start_char_idx : best.node.end_char_idx] == best.text
    assert best.metadata["source"] == "aaaaaaaaaaaaaaaa.txt"
    assert best.score == pipeline.search(QUERY)[0].score
    assert [node.node.node_id for node in nodes] == [
        hit.passage.id for hit in pipeline.search(QUERY, top_k=2)
    ]


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("qa.langchain", "langchain_core", "wenju[langchain]"),
        ("qa.llamaindex", "llama_index", "wenju[llamaindex]"),
        ("qa.mcp", "mcp", "wenju[mcp]"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(module: str, missing: str, extra: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert extra in done.stderr


def test_asking_imports_none_of_the_interfaces() -> None:
    code = (
        "import sys, qa.pipeline, qa.commands;"
        "print(sorted({'mcp', 'openai', 'langchain_core', 'llama_index', 'httpx', 'torch',"
        " 'transformers', 'gradio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
