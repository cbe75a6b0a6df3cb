"""The “Evaluate” page of the chat: choose or draft a set, watch it run, read the report.

`app.py` includes the router where the owner allows it; `qa` never imports this.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from index.errors import BadRequest, Error

if TYPE_CHECKING:
    from index import Index
    from qa.pipeline import Pipeline

Json = dict[str, Any]

_log = logging.getLogger("wenju.eval")
_DRAFTED = 60  # lines; more are not corrected in one sitting


@dataclass(slots=True)
class State:
    """How far one evaluation is."""

    id: str
    name: str
    state: Literal["running", "done", "failed"]
    done: int = 0
    total: int = 0
    error: str | None = None
    metrics: Json | None = None


class Evaluations:
    """Evaluates one set at a time, in a thread of its own; what was done stays in `folder`."""

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        *,
        folder: Path,
        feedback: Path,
        sources: Sequence[Path] = (),
    ) -> None:
        self._pipeline, self._folder, self._sources = pipeline, folder, sources
        self._feedback = feedback
        self._lock = threading.Lock()
        self._states: dict[str, State] = {}

    def start(self, name: str, content: bytes) -> State:
        """Keep the set and begin.

        Raises:
            BadRequest: neither .jsonl nor .json, or another set is running.
        """
        suffix = Path(name).suffix
        if suffix not in (".jsonl", ".json"):
            raise BadRequest("a set is a .jsonl file, or a SQuAD-like .json file")
        pipeline = self._pipeline()
        with self._lock:
            if any(each.state == "running" for each in self._states.values()):
                raise BadRequest("a set is being evaluated; wait until it has finished")
            made = State(datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f"), Path(name).name, "running")
            self._states[made.id] = made
        folder = self._folder / made.id
        folder.mkdir(parents=True)
        path = folder / f"set{suffix}"
        path.write_bytes(content)
        threading.Thread(
            target=self._evaluate, args=(made, path, folder, pipeline), daemon=True
        ).start()
        return made

    def _evaluate(self, made: State, path: Path, folder: Path, pipeline: Pipeline) -> None:
        from eval.questions import read_set
        from eval.report import render
        from eval.runner import evaluate_on
        from eval.runs import read_run
        from eval.scoring import score

        def watch(done: int, total: int) -> None:
            made.done, made.total = done, total

        try:
            found = evaluate_on(
                read_set(path),
                cast("Index", pipeline.index),
                pipeline.reader,
                folder / "run",
                sources=self._sources,
                abstain_threshold=pipeline.abstain_threshold,
                watch=watch,
            )
            run = read_run(folder / "run")
            report = render([(run, score(run))])
            (folder / "report.html").write_text(report, encoding="utf-8")
            made.metrics = {"metrics": found["metrics"], "invalid": found["invalid"]}
            made.state = "done"
        except Error as error:
            made.error, made.state = str(error), "failed"
        except Exception:  # the thread's rim: nobody else would hear of it
            _log.exception("an evaluation failed")
            made.error, made.state = "that failed; the server's log says why", "failed"

    def states(self) -> list[Json]:
        """The newest first."""
        return [asdict(each) for each in sorted(self._states.values(), key=lambda s: s.id)[::-1]]

    def report(self, run_id: str) -> Path | None:
        """None: no such run, or not done."""
        known = self._states.get(run_id)
        return self._folder / run_id / "report.html" if known and known.state == "done" else None

    def drafted(self) -> list[Json]:
        """Lines for an editor: first what people judged, then what the articles state."""
        from eval.draft import draft, drafted_to_json
        from eval.feedback import exported

        lines: list[str] = []
        if self._feedback.is_file():
            lines = self._feedback.read_text(encoding="utf-8").split("\n")
        index = cast("Index", self._pipeline().index)
        summaries = index.summaries(limit=_DRAFTED)
        found = draft(
            [index.article(each.article_id) for each in summaries],
            per_article=max(1, _DRAFTED // max(1, len(summaries)) // 2),
        )
        rows = [drafted_to_json(each, number) for number, each in enumerate(found)]
        return [*exported(lines), *rows][:_DRAFTED]


def router(evaluations: Evaluations, *, admit: Callable[[Request], None]) -> APIRouter:
    """Args: admit: raises when the visitor may not evaluate (`Keeper.admit`)."""
    routes = APIRouter()

    @routes.get("/evaluate", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(files("eval").joinpath("page.html").read_text(encoding="utf-8"))

    @routes.post("/api/evaluations", summary="Evaluate a question set")
    async def start(request: Request, name: str) -> JSONResponse:
        """The body is the set's file as it is."""
        admit(request)
        return JSONResponse(asdict(evaluations.start(name, await request.body())), 202)

    @routes.get("/api/evaluations", summary="Evaluations and how far they are")
    def states(request: Request) -> JSONResponse:
        admit(request)
        return JSONResponse(evaluations.states())

    @routes.get("/api/evaluations/draft", summary="Questions for an editor to accept or correct")
    def drafted(request: Request) -> JSONResponse:
        admit(request)
        return JSONResponse(evaluations.drafted())

    @routes.get("/evaluate/{run_id}", include_in_schema=False)
    def report(request: Request, run_id: str) -> FileResponse:
        admit(request)
        path = evaluations.report(run_id)
        if path is None:
            raise BadRequest(f"no finished evaluation {run_id}")
        return FileResponse(path, media_type="text/html")

    return routes
