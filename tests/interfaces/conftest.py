"""The three articles in a real index, served on loopback as the product serves them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from index import Index, update
from index.embed import HashEmbedder
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader
from qa.web.limits import Limits
from qa.web.site import Options, create_site
from tests.interfaces.small import HOUMA, SHOUYANG, WENSHUI

Serve = Callable[[Pipeline], str]


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in (("houma", HOUMA), ("shouyang", SHOUYANG), ("wenshui", WENSHUI)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    path = tmp_path_factory.mktemp("index") / "small"
    update(path, [folder], embedder=HashEmbedder(), prune=True)
    return path


@pytest.fixture(scope="session")
def real_pipeline(small_index: Path) -> Iterator[Pipeline]:
    found = Index.open(small_index, embedder=HashEmbedder())
    yield Pipeline(found, OverlapReader(), abstain_threshold=0.05)
    found.close()


@contextmanager
def served(pipeline: Pipeline, folder: Path, **limits: Any) -> Iterator[str]:
    """The whole site but for the Gradio page; gives its address."""
    loaded: Future[Any] = Future()
    loaded.set_result(pipeline)
    options = Options(feedback_path=folder / "feedback.jsonl", limits=Limits(**limits))
    server = uvicorn.Server(
        uvicorn.Config(create_site(loaded, Future(), options), port=0, log_level="warning")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def site_url(real_pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    with served(real_pipeline, folder, asks_per_minute=0) as url:
        yield url
