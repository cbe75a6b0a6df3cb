"""A progress line on standard error: done, rate, and how long it will still take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 24
_QUIET_SECONDS = 10.0  # between lines where the stream is no terminal


class ProgressBar:
    """Redraws one line on a terminal; elsewhere prints a line now and then.

    `stream` is standard error when none is given.
    """

    def __init__(
        self,
        label: str,
        total: int,
        *,
        done: int = 0,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label, self._total, self._done = label, total, done
        self._stream, self._clock = stream or sys.stderr, clock
        self._first, self._started = done, clock()
        self._shown: float | None = None

    def advance(self, n: int) -> None:
        self._done += n
        now = self._clock()
        finished = self._done >= self._total
        if self._stream.isatty():
            end = "\n" if finished else ""
            self._stream.write(f"\r\x1b[K{self.line()}{end}")
        elif finished or self._shown is None or now - self._shown >= _QUIET_SECONDS:
            self._stream.write(self.line() + "\n")
        else:
            return
        self._shown = now
        self._stream.flush()

    def line(self) -> str:
        share = self._done / self._total if self._total else 1.0
        filled = round(share * _WIDTH)
        bar = "█" * filled + "·" * (_WIDTH - filled)
        spent = self._clock() - self._started
        asked = self._done - self._first
        text = f"{self._label} {bar} {self._done}/{self._total}"
        if asked and spent > 0:
            left = (self._total - self._done) * spent / asked
            text += f" {asked / spent:.1f}/s {_minutes(left)} left"
        return text


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
