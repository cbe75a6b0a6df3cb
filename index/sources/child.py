"""The process in which foreign parsers run, with limits on time and memory.

The parent writes a line of JSON and the file's bytes; the child answers with a line of
JSON. A child that is over its time, or has died, is replaced for the next file.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Literal, cast

from index.sources.extracted import Extracted
from index.sources.report import Limits, Reason, Skipped

ParsedFormat = Literal["pdf", "docx", "epub", "html"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_ANSWER_MOST = 4  # bytes of the answer for a character of text, with its escapes


class Parser:
    """Parses files in a child process, started with the first of them; `close` ends it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def extract(self, kind: ParsedFormat, data: bytes) -> Extracted:
        """Raises Skipped: what the format's reader says, "timeout" or "too-complex"."""
        child = self._child = self._child or started("index.sources.child")
        header = {"kind": kind, "bytes": len(data), "limits": asdict(self._limits)}
        deadline = time.monotonic() + self._limits.seconds
        try:
            stdin = cast("IO[bytes]", child.stdin)
            stdin.write(json.dumps(header).encode() + b"\n" + data)
            stdin.flush()
            answer: Any = json.loads(self._read_line(child, deadline))
        except (BrokenPipeError, EOFError, ValueError):
            code = self._end()
            raise Skipped("too-complex", f"its parser ended with {code}") from None
        except TimeoutError:
            self._end()
            raise Skipped("timeout", f"over {self._limits.seconds:g} s") from None
        if "reason" in answer:
            if answer["reason"] == "too-complex":
                self._end()  # memory may be in pieces
            raise Skipped(cast("Reason", answer["reason"]), answer["detail"])
        extracted = Extracted(**answer)
        return replace(
            extracted, page_starts=tuple(extracted.page_starts), authors=tuple(extracted.authors)
        )

    def close(self) -> None:
        if self._child is not None:
            self._end()

    def _read_line(self, child: subprocess.Popen[bytes], deadline: float) -> bytes:
        stdout = cast("IO[bytes]", child.stdout).fileno()
        pieces: list[bytes] = []
        size = 0
        while not pieces or not pieces[-1].endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(stdout, 1 << 20)
            size += len(piece)
            if not piece or size > _ANSWER_MOST * self._limits.text_characters + (1 << 20):
                raise EOFError
            pieces.append(piece)
        return b"".join(pieces)

    def _end(self) -> int:
        child = cast("subprocess.Popen[bytes]", self._child)
        self._child = None
        return ended(child)


def started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process that runs a module of this checkout, with pipes to it and from it."""
    checkout = str(Path(__file__).parents[2])
    paths = [checkout, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        # -P: no module that lies beside the articles
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def ended(child: subprocess.Popen[bytes]) -> int:
    """The exit code of a process from `started`, which is killed if it still runs."""
    child.kill()
    for pipe in (child.stdin, child.stdout):
        with suppress(BrokenPipeError):  # what was not yet written
            cast("IO[bytes]", pipe).close()
    return child.wait()


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the parent closes the pipe."""
    while header := requests.readline():
        request: Any = json.loads(header)
        data = requests.read(request["bytes"])
        limits = Limits(**request["limits"])
        _limit(limits)
        try:
            reader = import_module(f"index.sources.{request['kind']}")
            extracted = reader.extract(data, limits)
            answer = asdict(replace(extracted, text=_whole_characters(extracted.text)))
        except Skipped as skipped:
            answer = {"reason": skipped.reason, "detail": skipped.detail}
        except (MemoryError, RecursionError) as error:
            answer = {"reason": "too-complex", "detail": type(error).__name__}
        except Exception as error:  # a foreign parser may raise anything on a foreign file
            answer = {"reason": "malformed", "detail": f"{type(error).__name__}: {error}"[:300]}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _whole_characters(text: str) -> str:
    """Halves of surrogate pairs replaced; nothing else changes, offsets neither."""
    return text.encode("utf-8", "replace").decode("utf-8") if _SURROGATE.search(text) else text


def _limit(limits: Limits) -> None:
    """Bound memory, processor time for this file (should the parent be gone), and writing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.seconds) + 2
    hard = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a parser prints is no answer
        serve(sys.stdin.buffer, answers)
