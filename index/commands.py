"""`python -m index`: build · add · watch · remove · push · list · stats · verify · export."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import (
    BadRequest,
    Error,
    NothingReadable,
    ReportUnwritten,
    StorageFailed,
    VectorsUnfinished,
)
from index.schema import Article
from index.to_json import summary_to_json

if TYPE_CHECKING:
    from index.places import Place
    from index.postgres import PostgresIndex
    from index.sources import FileReport
    from index.store import Index
    from index.writer import Progress, UpdateReport


_WRITER_NICENESS = 10  # a tenth of what a reader gets of a core that both want
_LONGEST_S = 1e6  # between two looks; the clock takes no more than about 1e10


def build(args: argparse.Namespace) -> int:
    return _update(args, args.out, prune=True)


def add(args: argparse.Namespace) -> int:
    return _update(args, args.index, prune=False)


def _update(args: argparse.Namespace, path: Path, *, prune: bool) -> int:
    from index.embed import load_embedder
    from index.generations import current_number
    from index.writer import update, with_vectors

    if args.report:
        _check_report(args.report)
    embedder, before = load_embedder(args.embedding), current_number(path)
    unwritten: StorageFailed | None = None
    try:
        with progress_on_stderr() as progress:
            report = update(
                path, args.paths, embedder=embedder, prune=prune, embed=False, progress=progress
            )
        _name_skipped(report.files)  # not after the hours that vectors can take
        try:
            _write_report(args.report, report.files)
        except StorageFailed as error:
            unwritten = error
        with progress_on_stderr() as progress:
            report = with_vectors(path, report, embedder=embedder, progress=progress)
    except NothingReadable as refused:
        _name_skipped(refused.files)
        _write_report(args.report, refused.files)
        raise
    except KeyboardInterrupt:
        if current_number(path) == before:
            raise
        raise VectorsUnfinished(path, "stopped") from None
    _print(update_to_json(report) if args.json else render_update(path, report))
    if unwritten:
        raise ReportUnwritten(path, unwritten.path, unwritten.reason) from unwritten
    return 3 if report.n_skipped else 0


def _check_report(file: Path) -> None:
    """Before anything is built. Raises: BadRequest: a report cannot be written there."""
    try:
        if not file.absolute().parent.is_dir():
            raise BadRequest(f"no folder for the report {file}")
        if file.is_dir():
            raise BadRequest(f"the report {file} is a folder")
    except OSError as error:
        raise BadRequest(f"the report {file}: {error.strerror}") from error


def _name_skipped(rows: Sequence[FileReport]) -> None:
    for row in rows:
        if row.status == "skipped":
            print(f"skipped {row}", file=sys.stderr)


def _write_report(file: Path | None, rows: Sequence[FileReport]) -> None:
    if file is None:
        return
    told = json.dumps({"files": [row.to_json() for row in rows]}, ensure_ascii=False)
    try:
        file.write_text(told + "\n", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise StorageFailed(file, error.strerror or str(error)) from error


def watch(args: argparse.Namespace) -> int:
    from index.embed import load_embedder
    from index.watch import watch as watched

    embedder = load_embedder(args.embedding)
    with progress_on_stderr() as progress, suppress(KeyboardInterrupt):  # as it is meant to end
        for report in watched(
            args.out, args.paths, embedder=embedder, every_s=args.every, progress=progress
        ):
            _print(update_to_json(report) if args.json else render_update(args.out, report))
            sys.stdout.flush()
    return 0


def remove(args: argparse.Namespace) -> int:
    from index.writer import remove as remove_articles

    report = remove_articles(args.index, args.article_ids)
    _print(update_to_json(report) if args.json else render_update(args.index, report))
    return 0


def push(args: argparse.Namespace) -> int:
    from index.push import push as pushed

    report = pushed(args.index, args.url)
    _print(
        asdict(report)
        if args.json
        else f"{report.n_added} articles and {report.n_vectors} vectors sent, "
        f"{report.n_removed} articles taken out; revision {report.revision}"
    )
    return 0


def list_(args: argparse.Namespace) -> int:
    with _opened(args.index) as found:
        summaries = found.summaries(offset=args.offset, limit=args.limit)
    if args.json:
        _print([summary_to_json(summary) for summary in summaries])
        return 0
    for summary in summaries:
        named = "、".join(summary.authors)
        _print(
            f"{summary.article_id}  {summary.title or '（无标题）'}"
            f"{f'（{named}）' if named else ''}  {summary.path}"
            f"  {summary.n_characters} characters, {summary.n_passages} passages"
        )
    return 0


def stats(args: argparse.Namespace) -> int:
    with _opened(args.index) as found:
        told = asdict(found.stats())
    _print(told if args.json else "\n".join(f"{name}: {value}" for name, value in told.items()))
    return 0


def verify(args: argparse.Namespace) -> int:
    from index.verify import verify_index

    checked = verify_index(args.index)
    _print(
        asdict(checked)
        if args.json
        else f"{args.index} is sound: {checked.n_files} files, {checked.n_articles} articles, "
        f"{checked.n_passages} passages, {checked.n_vectors} vectors"
    )
    return 0


def export(args: argparse.Namespace) -> int:
    with _opened(args.index) as found:
        articles = (article_to_json(found.article(i)) for i in found.article_ids())
        if args.json:
            _print(list(articles))
        else:
            for article in articles:
                _print(article)
    return 0


def article_to_json(article: Article) -> dict[str, Any]:
    """A line of a corpus that can be indexed again, with what else is known of the article."""
    span = article.source_span
    return {
        "id": article.id,
        "date": article.date,
        "title": article.title,
        "text": article.text,
        "kicker": article.kicker,
        "authors": list(article.authors),
        "newspaper": article.newspaper,
        "source": {
            "path": article.source.path,
            "record": article.source.record,
            "start": span.start,
            "end": span.end,
        },
    }


def update_to_json(report: UpdateReport) -> dict[str, Any]:
    told = asdict(report)
    told["files"] = [row.to_json() for row in report.files if row.status == "skipped"]
    told["n_skipped"] = report.n_skipped
    return told


def render_update(path: Path, report: UpdateReport) -> str:
    return (
        f"{path}: {report.n_added} articles added, {report.n_removed} removed, "
        f"{report.n_unchanged} unchanged; {report.n_embedded} passages embedded, "
        f"{report.n_reused} vectors reused; {report.n_skipped} inputs skipped"
    )


@contextmanager
def progress_on_stderr(*, every_s: float = 0.5) -> Generator[Callable[[Progress], None]]:
    """A line that is written over on a terminal; elsewhere a line now and then."""
    terminal = sys.stderr.isatty()
    last, began, shown = 0.0, {}, False

    def show(progress: Progress) -> None:
        nonlocal last, shown
        now = time.monotonic()
        began.setdefault(progress.stage, (now, progress.done))
        if now - last < (every_s if terminal else 10 * every_s):
            return
        last, shown = now, True
        since, at_first = began[progress.stage]
        rate = (progress.done - at_first) / (now - since) if now > since else 0.0
        line = f"{progress.stage}: {progress.done}"
        if progress.total:
            line += f" of {progress.total}"
            if rate and progress.done < progress.total:
                line += f", {rate:.1f}/s, {(progress.total - progress.done) / rate:.0f} s left"
        print(
            f"\r\x1b[K{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr
        )

    yield show
    if terminal and shown:
        print("\r\x1b[K", end="", file=sys.stderr)


@contextmanager
def _opened(path: Place) -> Generator[Index | PostgresIndex]:
    from index.places import inspect_index

    found = inspect_index(path)
    try:
        yield found
    finally:
        found.close()


def _print(what: Any) -> None:
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + b"\n")


def parser() -> argparse.ArgumentParser:
    from index.places import place

    top = argparse.ArgumentParser(prog="python -m index", description="Keep an index of articles.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], told: str) -> Any:
        made = commands.add_parser(name, help=told, description=told)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print JSON")
        made.add_argument("--debug", action="store_true", help="show the traceback of an error")
        return made

    def updating(made: Any) -> None:
        made.add_argument("--report", type=Path, metavar="FILE", help="write a row for each file")
        made.add_argument("--embedding", default="default", metavar="NAME", help="model or folder")

    made = command("build", build, "index files and folders; a second run updates")
    made.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    made.add_argument("--out", required=True, type=_folder, metavar="DIR")
    updating(made)
    made = command("add", add, "add files and folders to an index")
    made.add_argument("index", type=_folder, metavar="DIR")
    made.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    updating(made)
    made = command("watch", watch, "keep an index up to date with folders, until stopped")
    made.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    made.add_argument("--out", required=True, type=_folder, metavar="DIR")
    made.add_argument(
        "--every", type=_seconds, default=2.0, metavar="SECONDS", help="between looks"
    )
    made.add_argument("--embedding", default="default", metavar="NAME", help="model or folder")
    made = command("remove", remove, "take articles out")
    made.add_argument("index", type=_folder, metavar="DIR")
    made.add_argument("article_ids", nargs="+", metavar="ARTICLE_ID")
    made = command("push", push, "put an index into PostgreSQL, or bring the one there up to it")
    made.add_argument("index", type=_folder, metavar="DIR")
    made.add_argument("url", metavar="URL", help="postgresql://…")
    made = command("list", list_, "name the articles, in the order of files and page")
    made.add_argument("index", type=place, metavar="DIR")
    made.add_argument("--offset", type=_count, default=0, metavar="N")
    made.add_argument("--limit", type=_count, default=None, metavar="N")
    for name, run, told in (
        ("stats", stats, "say what the index holds"),
        ("export", export, "print the articles as JSON lines"),
    ):
        command(name, run, told).add_argument("index", type=place, metavar="DIR")
    made = command("verify", verify, "check every byte, every count and every alignment")
    made.add_argument("index", type=_folder, metavar="DIR")
    return top


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError
    return seconds


def _folder(text: str) -> Path:
    """What can only be a folder; the refusal does not repeat a URL, which may hold a password."""
    from index.places import place

    found = place(text)
    if not isinstance(found, Path):
        raise argparse.ArgumentTypeError("the folder of an index is wanted, not a database")
    return found


def _let_readers_first() -> None:
    """Whoever waits for an answer goes before a writer that embeds for minutes or hours."""
    here = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(here, _WRITER_NICENESS))


def main(argv: list[str] | None = None) -> int:
    """argv: None: this process's own, which then is a writer's and nothing else."""
    args = parser().parse_args(argv)
    if argv is None and args.run in (build, add, watch):
        _let_readers_first()
    try:
        return args.run(args)
    except Error as error:
        if args.debug:
            raise
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = None  # whoever read the pipe has seen enough
        return 0
    except KeyboardInterrupt:
        print("stopped; nothing was committed", file=sys.stderr)
        return 1
