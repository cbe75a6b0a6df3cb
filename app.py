"""Chat, API and widget in one process: parses, wires, serves."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import uvicorn

T = TypeVar("T")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="wenju", description="Serve the chat, the API and the widget over one index."
    )
    found.add_argument(
        "--index", type=Path, help="the index to answer from; by default over the bundled articles"
    )
    found.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    found.add_argument("--port", type=int, default=7860, help="port to listen on (%(default)s)")
    found.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="a site whose pages may show the widget, as https://example.org; may be repeated",
    )
    found.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name this site is reached by, beside localhost and addresses; may be repeated",
    )
    found.add_argument(
        "--rate",
        type=int,
        default=600,
        metavar="N",
        help="questions answered a minute for each address; 0: no limit (%(default)s)",
    )
    found.add_argument(
        "--widget-snippet",
        metavar="URL",
        help="print the line that puts the widget of this site, at URL, on a page; then stop",
    )
    found.add_argument(
        "--debug", action="store_true", help="log each request, and errors with their traceback"
    )
    return found


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    if args.widget_snippet:
        from qa.web.bundle import snippet

        print(snippet(args.widget_snippet))
        return 0
    logging.basicConfig(
        level=logging.DEBUG if args.debug else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    for talkative in ("asyncio", "faiss", "httpcore", "httpx", "matplotlib", "PIL"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return serve(args)


def serve(args: argparse.Namespace) -> int:
    """Listen at once; build the chat page, then the pipeline, behind."""
    import uvicorn

    from index.errors import Error
    from qa.web.feedback import feedback_path
    from qa.web.limits import Limits
    from qa.web.site import Options, create_site

    options = Options(
        feedback_path=feedback_path(),
        origins=tuple(args.origin),
        hosts=tuple(args.allowed_host),
        limits=Limits(asks_per_minute=args.rate),
    )
    chat: Future[object] = Future()
    pipeline: Future[object] = Future()
    server = uvicorn.Server(
        uvicorn.Config(
            create_site(pipeline, chat, options),  # pyright: ignore[reportArgumentType] see _behind
            host=args.host,
            port=args.port,
            log_level="debug" if args.debug else "warning",
            timeout_graceful_shutdown=10,
            server_header=False,
        )
    )

    def build_chat() -> object:
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
        from qa.web.chat import build

        return build()

    def load() -> object:
        from qa.pipeline import load_pipeline

        return load_pipeline(args.index)

    threading.Thread(
        target=_behind, args=(server, [(chat, build_chat), (pipeline, load)]), daemon=True
    ).start()
    print(f"http://{_shown(args.host)}:{args.port}", file=sys.stderr)
    server.run()
    for future in (chat, pipeline):
        if future.done() and (error := future.exception()) is not None:
            if not isinstance(error, Error):
                raise error
            print(error, file=sys.stderr)
            return error.exit_code
    return 0


def _behind(server: uvicorn.Server, tasks: list[tuple[Future[T], Callable[[], T]]]) -> None:
    """Fill the futures one after another; a failure ends the server, which then reports it."""
    for future, task in tasks:
        try:
            future.set_result(task())
        except BaseException as error:  # handed to the thread that waits
            future.set_exception(error)
            server.should_exit = True
            return


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    raise SystemExit(main())
