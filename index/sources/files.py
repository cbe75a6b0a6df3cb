"""The walk over what the user gave: each file to sources and articles, or a reason why not."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from index.articles import split_articles
from index.generations import is_index
from index.schema import Article, Source
from index.sources import jsonl, markdown, text
from index.sources.child import ParsedFormat, Parser
from index.sources.kinds import Kind, kind_of
from index.sources.report import DEFAULT_LIMITS, FileReport, Limits, Skipped


def read_sources(path: Path, *, root: Path, limits: Limits = DEFAULT_LIMITS) -> list[Source]:
    """The sources of one file: one, or as many as a corpus has good records.

    Raises:
        Skipped: the file gives none.
    """
    name = os.fsdecode(path.relative_to(root))
    with closing(Parser(limits)) as parser, _opened(path, limits) as file:
        found = [s for s in _sources(file, name, limits, parser) if isinstance(s, Source)]
    if not found:
        raise Skipped("empty", "no good record")
    return found


def read_tree(
    paths: Sequence[Path], *, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Article | FileReport]:
    """All articles under `paths`, folders walked in order of name.

    For each file its articles come first, then its row; every directory entry has a
    row at least, a folder one that counts no articles. A bad record of a corpus has a
    row of its own. Links are followed where a path given is one, not below it. A folder
    that holds an index is not looked into.
    """
    with walking(limits) as walk:
        for path in paths:
            yield from walk.given(path)


@contextmanager
def walking(limits: Limits = DEFAULT_LIMITS) -> Generator[Walk]:
    """One walk over several paths: the same bytes count once in all of them."""
    with closing(Parser(limits)) as parser:
        yield Walk(limits, parser)


def root_of(given: Path) -> str:
    """The absolute folder that the names under a path given are relative to."""
    is_folder = os.path.isdir(given)  # noqa: PTH112 Path.is_dir raises where a folder is closed
    return os.path.realpath(given if is_folder else given.parent)


class Walk:
    """Use `walking`."""

    def __init__(self, limits: Limits, parser: Parser) -> None:
        self._limits = limits
        self._parser = parser
        self._first_with: dict[bytes, str] = {}  # SHA-256 of a file with articles → its full name

    def given(self, path: Path) -> Iterator[Article | FileReport]:
        """All articles under one of the paths, as `read_tree` says."""
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (OSError, ValueError) as error:
            yield _skipped(path.name or str(path), _unreadable(error))
            return
        if is_folder and is_index(path):
            yield _skipped(path.name or str(path), Skipped("unsupported", "an index"))
        elif is_folder:
            yield from self._folder(path)
        else:
            yield from self._file(path, path.name, root_of(path))

    def _folder(self, root: Path) -> Iterator[Article | FileReport]:
        real_root = root_of(root)
        stack = [root]
        while stack:
            folder = stack.pop()
            name = os.fsdecode(folder.relative_to(root))
            try:
                with os.scandir(folder) as scan:
                    entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
            except OSError as error:
                yield _skipped(name, _unreadable(error))
                continue
            if folder != root and is_index(folder):
                yield FileReport(name, "indexed", detail="a folder that holds an index, left out")
                continue
            if folder != root:
                yield FileReport(name, "indexed", detail="a folder")
            below: list[Path] = []
            for entry in entries:
                path = folder / entry.name
                if entry.is_symlink():
                    yield _skipped(os.fsdecode(path.relative_to(root)), _link(path, root))
                elif entry.is_dir(follow_symlinks=False):
                    below.append(path)
                else:
                    yield from self._file(path, os.fsdecode(path.relative_to(root)), real_root)
            stack += reversed(below)

    def _file(self, path: Path, name: str, root: str) -> Iterator[Article | FileReport]:
        full_name = os.path.join(root, name)  # noqa: PTH118 a name may be no path of this system
        n_articles = 0
        encoding: str | None = None
        try:
            with _opened(path, self._limits) as file:
                sha256 = hashlib.file_digest(file, "sha256").digest()
                file.seek(0)
                first = self._first_with.get(sha256, full_name)
                if first != full_name:
                    near = first.removeprefix(os.path.join(root, ""))  # noqa: PTH118 its slash
                    raise Skipped("duplicate", f"the same bytes as {near}")
                for source in _sources(file, name, self._limits, self._parser):
                    if isinstance(source, Skipped):
                        yield _skipped(name, source)
                        continue
                    encoding = source.encoding
                    for article in split_articles(source):
                        n_articles += 1
                        self._first_with[sha256] = full_name
                        yield jsonl.completed(article)
            if not n_articles:
                raise Skipped("empty", "no article in it")
        except Skipped as skipped:
            yield _skipped(name, skipped)
        except OSError as error:
            yield _skipped(name, _unreadable(error))
        except Exception as error:  # whatever one file brings about, the others are still read
            yield _skipped(name, Skipped("malformed", f"{type(error).__name__}: {error}"[:300]))
        if n_articles:
            yield FileReport(name, "indexed", encoding=encoding, articles=n_articles)


def _skipped(name: str, skipped: Skipped) -> FileReport:
    return FileReport(name, "skipped", skipped.reason, skipped.detail)


def _unreadable(error: OSError | ValueError) -> Skipped:
    return Skipped("unreadable", getattr(error, "strerror", None) or str(error))


def _link(path: Path, root: Path) -> Skipped:
    """Why a link below a folder is not followed."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop
        return Skipped("unreadable", "a link that leads nowhere")
    if not target.is_relative_to(root.resolve()):
        return Skipped("outside-root", f"a link to {target}")
    return Skipped("duplicate", f"a link to {os.fsdecode(target.relative_to(root.resolve()))}")


def _opened(path: Path, limits: Limits) -> BufferedReader:
    """The file, opened without waiting for a FIFO's other end and checked once more.

    Raises:
        Skipped: "not-a-regular-file" or "too-large"; nothing was read.
        OSError: it cannot be opened.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a device may already do something
        raise Skipped("not-a-regular-file")
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    file = os.fdopen(os.open(path, flags), "rb")
    found = os.fstat(file.fileno())
    most = limits.corpus_bytes if path.name.endswith(jsonl.SUFFIXES) else limits.file_bytes
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        file.close()
        if not stat.S_ISREG(found.st_mode):
            raise Skipped("not-a-regular-file")
        raise Skipped("too-large", f"{found.st_size} bytes; {most} are the most")
    return file


def _sources(
    file: BinaryIO, name: str, limits: Limits, parser: Parser
) -> Iterator[Source | Skipped]:
    if name.endswith(jsonl.SUFFIXES):
        yield from jsonl.read_records(file, name, limits)
        return
    data = file.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:  # it grew, or its size was a lie
        raise Skipped("too-large", f"over {limits.file_bytes} bytes")
    kind, decoded = kind_of(name, data)
    sha256 = hashlib.sha256(data).hexdigest()
    if kind in ("text", "markdown"):
        whole, encoding = decoded or text.decode(data)
        if len(whole) > limits.text_characters:
            raise Skipped("too-large", f"over {limits.text_characters} characters")
        yield _text_source(kind, name, whole, encoding, sha256)
        return
    extracted = parser.extract(_PARSED[kind], data)
    yield Source(
        path=name,
        text=extracted.text,
        format=_PARSED[kind],
        sha256=sha256,
        encoding=extracted.encoding,
        extractor=extracted.extractor,
        page_starts=extracted.page_starts,
        title=extracted.title,
        authors=extracted.authors,
        date=extracted.date,
    )


_PARSED: dict[Kind, ParsedFormat] = {"pdf": "pdf", "docx": "docx", "epub": "epub", "html": "html"}


def _text_source(kind: Kind, name: str, whole: str, encoding: str, sha256: str) -> Source:
    if kind != "markdown":
        return Source(name, whole, "text", sha256, encoding=encoding)
    title, authors, date = markdown.fields(whole)
    return Source(
        name,
        whole,
        "markdown",
        sha256,
        encoding=encoding,
        title=title,
        authors=authors,
        date=date,
    )
