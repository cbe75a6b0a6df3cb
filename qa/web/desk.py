"""Where requests meet the pipeline: not before it is loaded, not too many at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar, cast

import anyio
import anyio.to_thread

from qa.web.errors import Refused, loading

if TYPE_CHECKING:
    from index import Index
    from qa.pipeline import Pipeline

T = TypeVar("T")

_AT_ONCE = 2  # a reading uses every core; more side by side only make all of them late
_END = object()


class Desk:
    """Runs blocking calls in threads and turns requests away when the line is full."""

    def __init__(self, pipeline: Future[Pipeline], *, waiting: int) -> None:
        self._pipeline = pipeline
        self._waiting, self._inside = waiting, 0
        self._limiter: anyio.CapacityLimiter | None = None

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

    async def run(self, call: Callable[[], T]) -> T:
        """Raises: Refused: the line is full."""
        if self._inside >= self._waiting:
            raise Refused(
                503,
                "busy",
                f"{self._waiting} questions are in line already; try again in a moment",
                headers={"Retry-After": "1"},
            )
        if self._limiter is None:  # belongs to the running loop
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(call, limiter=self._limiter)
        finally:
            self._inside -= 1

    async def iterate(self, steps: Iterator[T]) -> AsyncIterator[T]:
        """The steps of a blocking iterator, each in a thread."""
        while (step := await self.run(lambda: next(steps, _END))) is not _END:
            yield step  # pyright: ignore[reportReturnType] only the sentinel is not T
