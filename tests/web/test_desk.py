"""The line of questions: who is in it, whose turn it is, and who has left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future

import pytest
from anyio.from_thread import start_blocking_portal

from qa.web import desk as desk_module
from qa.web.desk import Desk
from qa.web.errors import Refused


@pytest.fixture
def in_line(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a scene at a desk that serves one after another."""
    monkeypatch.setattr(desk_module, "_AT_ONCE", 1)

    def run(scene: Callable[[Desk], Awaitable[None]], *, waiting: int) -> None:
        async def timed() -> None:
            async with asyncio.timeout(10):
                await scene(Desk(Future(), waiting=waiting))

        with start_blocking_portal() as portal:  # a thread: Playwright's loop runs in this one
            portal.call(timed)

    return run


def test_a_stream_is_counted_until_its_last_step(in_line: Callable[..., None]) -> None:
    may_go_on = threading.Event()

    def steps() -> Iterator[int]:
        yield 1
        may_go_on.wait(5)
        yield 2

    async def scene(desk: Desk) -> None:
        stream = desk.iterate(steps())
        assert await anext(stream) == 1
        try:
            with pytest.raises(Refused):
                await desk.run(lambda: None)
            with pytest.raises(Refused):
                await anext(desk.iterate(iter([1])))
        finally:
            may_go_on.set()
        assert [step async for step in stream] == [2]
        await desk.run(lambda: None)

    in_line(scene, waiting=1)


def test_a_stream_keeps_its_turn_from_step_to_step(in_line: Callable[..., None]) -> None:
    done: list[str] = []
    others_wait = threading.Event()

    def steps() -> Iterator[None]:
        yield
        others_wait.wait(5)
        done.append("stream")
        yield
        done.append("stream")

    async def scene(desk: Desk) -> None:
        stream = desk.iterate(steps())
        await anext(stream)
        other = asyncio.create_task(desk.run(lambda: done.append("other")))
        await asyncio.sleep(0)
        others_wait.set()
        assert len([step async for step in stream]) == 1
        await other
        assert done == ["stream", "stream", "other"]

    in_line(scene, waiting=9)


def test_a_slow_taker_keeps_nobody_waiting(in_line: Callable[..., None]) -> None:
    async def scene(desk: Desk) -> None:
        stream = desk.iterate(iter([1, 2, 3]))
        assert await anext(stream) == 1
        assert await desk.run(lambda: "served") == "served"
        assert [step async for step in stream] == [2, 3]

    in_line(scene, waiting=9)


def test_a_failing_step_is_raised_after_those_before_it(in_line: Callable[..., None]) -> None:
    def steps() -> Iterator[int]:
        yield 1
        raise LookupError

    async def scene(desk: Desk) -> None:
        stream = desk.iterate(steps())
        assert await anext(stream) == 1
        with pytest.raises(LookupError):
            await anext(stream)

    in_line(scene, waiting=1)


def test_a_stream_that_is_left_ends_with_the_step_under_way(in_line: Callable[..., None]) -> None:
    def steps() -> Iterator[int]:
        while True:
            yield 1

    async def scene(desk: Desk) -> None:
        stream = desk.iterate(steps())
        await anext(stream)
        await stream.aclose()
        assert await desk.run(lambda: "served") == "served"

    in_line(scene, waiting=2)


def test_who_leaves_the_line_frees_the_place(in_line: Callable[..., None]) -> None:
    may_end = threading.Event()

    async def scene(desk: Desk) -> None:
        first = asyncio.create_task(desk.run(lambda: may_end.wait(5)))
        await asyncio.sleep(0)
        leaving = asyncio.create_task(anext(desk.iterate(iter([1]))))
        while desk._inside < 2:
            await asyncio.sleep(0)
        leaving.cancel()
        while desk._inside == 2:
            await asyncio.sleep(0)
        may_end.set()
        assert await first
        with pytest.raises(asyncio.CancelledError):
            await leaving

    in_line(scene, waiting=2)
