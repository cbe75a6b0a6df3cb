"""What can go wrong between a file and a hit.

Error                       exit code
├── BadRequest              2   a query or path that cannot be meant
├── NothingCommitted        1   failed; what was there is untouched
│   ├── ModelUnavailable        a model's files are missing or not as expected
│   ├── StorageFailed           the disk would not write or read
│   ├── IndexLocked             another process is writing
│   └── NothingReadable         no file given could be indexed
├── VectorsUnfinished       3   the articles are in, some of their vectors are not
├── ReportUnwritten         3   the index is written, the report on it is not
├── UnknownArticle          1   no article of that id
└── IndexUnusable           4   names the command that mends it
    ├── IndexMissing
    ├── IndexDamaged
    ├── WrongModel
    ├── WrongFormat
    └── DatabaseUnusable        the server cannot be reached, or holds no such index
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.sources.report import FileReport


class Error(Exception):
    """A sentence for the user; never a bug of ours."""

    exit_code = 1


class BadRequest(Error):
    exit_code = 2


class NothingCommitted(Error):
    exit_code = 1


class ModelUnavailable(NothingCommitted):
    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"the model {model} cannot be loaded: {reason}")
        self.model, self.reason = model, reason


class StorageFailed(NothingCommitted):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; nothing was committed, what was there is untouched")
        self.path, self.reason = path, reason


class IndexLocked(NothingCommitted):
    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is being written by {holder}; try again when it has finished")
        self.path, self.holder, self.reason = path, holder, f"being written by {holder}"


class NothingReadable(NothingCommitted):
    def __init__(self, files: tuple[FileReport, ...]) -> None:
        n_skipped = sum(row.status == "skipped" for row in files)
        super().__init__(f"nothing to index: all {n_skipped} inputs were skipped")
        self.files = files


class VectorsUnfinished(Error):
    exit_code = 3

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path}: {reason}; the articles are in and found by their words, "
            "the next build or add goes on with their vectors"
        )
        self.path, self.reason = path, reason


class ReportUnwritten(Error):
    exit_code = 3

    def __init__(self, path: Path, report: Path, reason: str) -> None:
        super().__init__(f"{path} is written, the report is not: {report}: {reason}")
        self.path, self.report, self.reason = path, report, reason


class UnknownArticle(Error):
    def __init__(self, article_id: str) -> None:
        super().__init__(f"no article {article_id}; python -m index list DIR names them")
        self.article_id = article_id


class IndexUnusable(Error):
    exit_code = 4


class IndexMissing(IndexUnusable):
    def __init__(self, path: Path) -> None:
        super().__init__(f"no index at {path}; build it: python -m index build PATH --out {path}")
        self.path = path


class IndexDamaged(IndexUnusable):
    def __init__(self, path: Path, reason: str, *, index: Path) -> None:
        """path: the file; index: the folder that `--out` named."""
        super().__init__(
            f"{path} is damaged: {reason}; "
            f"rebuild it from your files: python -m index build PATH --out {index}"
        )
        self.path, self.reason, self.index = path, reason, index


class WrongModel(IndexUnusable):
    def __init__(self, path: Path, built_with: str, asked_for: str) -> None:
        super().__init__(
            f"{path} was built with {built_with}, not {asked_for}; "
            f"rebuild it: python -m index build PATH --out {path}"
        )
        self.path, self.built_with, self.asked_for = path, built_with, asked_for


class WrongFormat(IndexUnusable):
    def __init__(self, path: Path, found: str, expected: str) -> None:
        super().__init__(
            f"{path} has {found}, this version reads {expected}; "
            f"rebuild it: python -m index build PATH --out {path}"
        )
        self.path, self.found, self.expected = path, found, expected


class DatabaseUnusable(IndexUnusable):
    def __init__(self, url: str, reason: str) -> None:
        """url: without its password."""
        super().__init__(f"{url}: {reason}; to put an index there: python -m index push DIR {url}")
        self.url, self.reason = url, reason
