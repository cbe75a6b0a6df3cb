"""Chat, API and widget in one process: parses, wires, serves."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from index.places import place

if TYPE_CHECKING:
    import uvicorn

    from qa.settings import Settings

T = TypeVar("T")

MANAGE_PASSWORD = "WENJU_MANAGE_PASSWORD"  # noqa: S105 its name, not its value


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="wenju", description="Serve the chat, the API and the widget over one index."
    )
    found.add_argument(
        "--index",
        type=place,
        help="the index to answer from, a folder or postgresql://…; by default over the bundled "
        "articles",
    )
    found.add_argument(
        "--embedding",
        metavar="NAME",
        help="the model the index was built with: its name or folder (default)",
    )
    found.add_argument("--host", help="address to listen on (127.0.0.1)")
    found.add_argument("--port", type=int, help="port to listen on (7860)")
    found.add_argument(
        "--origin",
        action="append",
        dest="origins",
        metavar="URL",
        help="a site whose pages may show the widget, as https://example.org; may be repeated",
    )
    found.add_argument(
        "--allowed-host",
        action="append",
        dest="hosts",
        metavar="NAME",
        help="a name this site is reached by, beside localhost and addresses; may be repeated",
    )
    found.add_argument(
        "--rate",
        type=int,
        metavar="N",
        help="questions answered a minute for each address; 0: no limit (600)",
    )
    found.add_argument(
        "--manage",
        action="store_true",
        help="let visitors add and remove articles at /articles; on an address that others reach "
        "it needs a password in WENJU_MANAGE_PASSWORD",
    )
    found.add_argument(
        "--widget-snippet",
        metavar="URL",
        help="print the line that puts the widget of this site, at URL, on a page; then stop",
    )
    found.add_argument("--debug", action="store_true", help="show tracebacks of our own mistakes")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    from qa.console import delegated

    given = sys.argv[1:] if argv is None else list(argv)
    if (code := delegated(given)) is not None:
        return code
    args = parser().parse_args(given)
    if args.widget_snippet:
        from qa.web.bundle import snippet

        print(snippet(args.widget_snippet))
        return 0
    from index.errors import BadRequest, Error
    from qa.settings import load_settings

    try:
        settings = load_settings(vars(args))
        password = os.environ.get(MANAGE_PASSWORD) or None  # an empty one is none
        public = next((name for name in _names(settings) if not _is_private(name)), None)
        if args.manage and public and password is None:
            raise BadRequest(
                f"--manage on {public} lets everybody change the articles: "
                f"set {MANAGE_PASSWORD}, or keep to 127.0.0.1"
            )
        if args.manage and isinstance(settings.index, str):
            raise BadRequest(
                "--manage needs an index in a folder; what is in a database is changed with "
                "python -m index push DIR URL"
            )
        return serve(settings, manage=args.manage, password=password, debug=args.debug)
    except Error as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except Exception as error:
        if args.debug:
            raise
        print(f"this should not have happened: {error!r}; --debug shows where", file=sys.stderr)
        return 1


def serve(settings: Settings, *, manage: bool, debug: bool, password: str | None = None) -> int:
    """Listen at once; build the chat page, then the pipeline, behind.

    Raises:
        Error: the pipeline could not be loaded; nothing is served any more.
    """
    import uvicorn

    from qa.logs import configure
    from qa.web.feedback import feedback_path
    from qa.web.limits import Limits
    from qa.web.site import Options, create_site

    configure(settings.log_format, "debug" if debug else settings.log_level)
    options = Options(
        feedback_path=feedback_path(),
        origins=settings.origins,
        hosts=settings.hosts,
        limits=Limits(asks_per_minute=settings.rate),
        log_questions=settings.log_questions,
        manage=manage,
        password=password,
    )
    chat: Future[Any] = Future()
    pipeline: Future[Any] = Future()
    site = create_site(pipeline, chat, options)
    if manage:
        from eval.page import Evaluations, router
        from qa.home import bundled_articles, index_home

        evaluations = Evaluations(
            site.state.desk.pipeline,
            folder=index_home() / "evaluations",
            feedback=feedback_path(),
            sources=[bundled_articles()],
        )
        site.include_router(router(evaluations, admit=site.state.keeper.admit))
    server = uvicorn.Server(
        uvicorn.Config(
            site,
            host=settings.host,
            port=settings.port,
            log_level="debug" if debug else "warning",
            timeout_graceful_shutdown=int(settings.stop_s),
            server_header=False,
        )
    )

    def build_chat() -> Any:
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
        from qa.web.chat import build

        return build()

    def load() -> Any:
        from qa.writing.writers import configured_pipeline

        return configured_pipeline(settings)

    failed: list[BaseException] = []
    tasks = [(chat, build_chat), (pipeline, load)]
    threading.Thread(target=_behind, args=(server, tasks, failed), daemon=True).start()
    del pipeline, tasks  # the site lets go of it, and of its index, when there is a newer one
    print(f"http://{_shown(settings.host)}:{settings.port}", file=sys.stderr)
    server.run()
    if failed:
        raise failed[0]
    return 0


def _behind(
    server: uvicorn.Server,
    tasks: list[tuple[Future[T], Callable[[], T]]],
    failed: list[BaseException],
) -> None:
    """Fill the futures one after another; a failure ends the server, which then reports it."""
    while not server.started and not server.should_exit:
        time.sleep(0.01)  # the imports to come would hold the lock that listening needs
    for future, task in tasks:
        try:
            future.set_result(task())
        except BaseException as error:  # handed to the thread that waits
            future.set_exception(error)
            failed.append(error)
            server.should_exit = True
            return
    # What is loaded stays. Looking through it for garbage stopped everybody for 130 ms every 10 s.
    gc.collect()
    gc.freeze()


def _names(settings: Settings) -> list[str]:
    """Where the site listens, the names that it is reached by, and who shows its widget."""
    shown_by = (urlsplit(origin).hostname or origin for origin in settings.origins)
    return [settings.host, *settings.hosts, *shown_by]


def _is_private(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    raise SystemExit(main())
