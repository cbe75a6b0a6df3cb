"""Example questions follow the articles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

from anyio.from_thread import start_blocking_portal

from qa.web.desk import Desk
from qa.web.examples import Examples


def gathering(pipeline: Any, scene: Callable[[Desk, Examples], Awaitable[None]]) -> None:
    async def run() -> None:
        loaded: Future[Any] = Future()
        loaded.set_result(pipeline)
        desk = Desk(loaded, waiting=9)
        examples = Examples(desk)
        task = asyncio.create_task(examples.gather())
        async with asyncio.timeout(10):
            await scene(desk, examples)
        task.cancel()

    with start_blocking_portal() as portal:  # a thread: Playwright's loop runs in this one
        portal.call(run)


async def articles_of(examples: Examples) -> set[str]:
    await asyncio.sleep(0)
    while not examples.complete:
        await asyncio.sleep(0.01)
    return {example.article_id for example in examples.first}


def test_removed_articles_give_no_more_examples(pipeline: Any, houma: Any) -> None:
    async def scene(desk: Desk, examples: Examples) -> None:
        every = set(pipeline.index.article_ids())
        assert await articles_of(examples) == every
        fewer = {id_: each for id_, each in pipeline.index.articles.items() if id_ != houma.id}
        desk.replace(pipeline.on(type(pipeline.index)(fewer)))
        assert await articles_of(examples) == every - {houma.id}

    gathering(pipeline, scene)


def test_examples_stay_while_their_articles_do(pipeline: Any) -> None:
    """A writer that adds a thousand articles changes the index many times over."""
    asked: list[str] = []

    async def scene(desk: Desk, examples: Examples) -> None:
        await articles_of(examples)
        before = examples.first
        same = pipeline.on(pipeline.index)
        same.before = asked.append
        desk.replace(same)
        await articles_of(examples)
        assert (examples.first, asked) == (before, [])

    gathering(pipeline, scene)


def test_an_article_that_has_just_gone_is_skipped(pipeline: Any, monkeypatch: Any) -> None:
    there = pipeline.index.article_ids()
    first = iter([["f" * 16, *there]])
    monkeypatch.setattr(pipeline.index, "article_ids", lambda: list(next(first, there)))

    async def scene(desk: Desk, examples: Examples) -> None:
        assert await articles_of(examples) == set(there)

    gathering(pipeline, scene)


def test_a_failure_is_logged_and_the_next_change_gathers_again(pipeline: Any, caplog: Any) -> None:
    good = pipeline.on(pipeline.index)

    def fail(question: str) -> None:
        raise RuntimeError("a reader that fails")

    pipeline.before = fail

    async def scene(desk: Desk, examples: Examples) -> None:
        assert await articles_of(examples) == set()
        assert "a reader that fails" in caplog.text
        desk.replace(good)
        assert await articles_of(examples) == set(good.index.article_ids())

    gathering(pipeline, scene)
