"""What can go wrong between a question set and its numbers.

Error                       exit code
├── BadSet                  1   a set with invalid questions; names file, line and field
├── SetMissing              2   no set at that path, or none of a known form
├── RunUnusable             1   a run folder that is missing, unfinished or of another set
└── BadTolerances           2   a tolerances file that cannot be meant
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import Error

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Invalid:
    """One thing wrong with one question of a set."""

    path: str
    line: int | None  # 1-based; None: the file's form has no lines
    question: str | None  # its id; None: it has none that could be read
    field: str
    reason: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        who = f" {self.question}" if self.question else ""
        return f"{where}:{who} {self.field}: {self.reason}"


class BadSet(Error):
    exit_code = 1

    def __init__(self, path: str, invalid: Sequence[Invalid]) -> None:
        rest = len(invalid) - _SHOWN
        lines = [str(entry) for entry in invalid[:_SHOWN]]
        lines += [f"… and {rest} more"] if rest > 0 else []
        super().__init__(
            "\n".join(lines)
            + f"\n{path}: {len(invalid)} invalid, nothing was evaluated; "
            + "mend them, or evaluate the rest with --skip-invalid"
        )
        self.path, self.invalid = path, tuple(invalid)


class NothingToEvaluate(BadSet):
    def __init__(self, path: str, invalid: Sequence[Invalid] = ()) -> None:
        Error.__init__(
            self,
            "\n".join(
                [*(str(entry) for entry in invalid[:_SHOWN]), f"{path}: no valid question in it"]
            ),
        )
        self.path, self.invalid = path, tuple(invalid)


class SetMissing(Error):
    exit_code = 2

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class RunUnusable(Error):
    exit_code = 1

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class BadTolerances(Error):
    exit_code = 2

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason
