"""Where requests meet the pipeline: not before it is loaded, not too many at once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, cast

import anyio
import anyio.from_thread
import anyio.to_thread

from qa.web.errors import Refused, loading

if TYPE_CHECKING:
    from index import Index
    from qa.pipeline import Pipeline

T = TypeVar("T")

_AT_ONCE = 2  # a reading uses every core; more side by side only make all of them late


class Desk:
    """Runs blocking calls in threads and turns requests away when the line is full."""

    def __init__(self, pipeline: Future[Pipeline], *, waiting: int) -> None:
        self._pipeline = pipeline
        self._waiting, self._inside = waiting, 0
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        self.changed = asyncio.Event()  # set by the next `replace`, which makes a new one

    @property
    def ready(self) -> bool:
        return (
            self._pipeline.done()
            and not self._pipeline.cancelled()
            and self._pipeline.exception() is None
        )

    def pipeline(self) -> Pipeline:
        """Raises: Refused: still loading, or loading failed."""
        if not self._pipeline.done():
            raise loading()
        if self._pipeline.exception() is not None:
            raise Refused(503, "unavailable", "loading failed; the server's log says why")
        return self._pipeline.result()

    def index(self) -> Index:
        """What the pipeline answers from. Raises: Refused: as `pipeline` does."""
        return cast("Index", self.pipeline().index)

    async def pipeline_later(self) -> AsyncIterator[Pipeline | None]:
        """None every two seconds while it loads, then the pipeline."""
        while not self._pipeline.done():
            yield None
            with anyio.move_on_after(2):
                while not self._pipeline.done():
                    await anyio.sleep(0.05)
        yield self.pipeline()

    def replace(self, pipeline: Pipeline) -> None:
        """From now on requests are served by this one; those under way end with the old."""
        replaced: Future[Pipeline] = Future()
        replaced.set_result(pipeline)
        self._pipeline = replaced
        self.changed.set()
        self.changed = asyncio.Event()

    async def run(self, call: Callable[[], T]) -> T:
        """Raises: Refused: the line is full."""
        if self._inside >= self._waiting:
            raise Refused(
                503,
                "busy",
                f"{self._waiting} questions are in line already; try again in a moment",
                headers={"Retry-After": "1"},
            )
        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(call, limiter=self._limiter)
        finally:
            self._inside -= 1

    async def iterate(self, steps: Iterator[T]) -> AsyncIterator[T]:
        """The steps of a blocking iterator, which runs once through, however slowly they are taken.

        When nobody takes them any more, it leaves the line or ends with the step under way.

        Raises:
            Refused: the line is full.
        """
        given, taken = anyio.create_memory_object_stream[T](math.inf)
        turn = anyio.CancelScope()

        def work() -> None:
            for step in steps:
                anyio.from_thread.run_sync(given.send_nowait, step)

        async def working() -> None:
            with turn, given, suppress(anyio.BrokenResourceError):  # nobody takes them
                await self.run(work)

        task = asyncio.create_task(working())
        try:
            with taken:
                async for step in taken:
                    yield step
            await task
        finally:
            turn.cancel()
