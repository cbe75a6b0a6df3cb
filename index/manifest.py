"""What a generation says of itself: made with what, which files, how many of everything."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 2  # raise when a manifest or a file would be read differently, and see index.migrate
READABLE = (1, FORMAT)


@dataclass(frozen=True, slots=True)
class Segment:
    """One catalogue file."""

    file: str
    first: int  # passage numbers in it: from `first` to `last`; other segments have none of these
    last: int
    n_articles: int
    n_passages: int


@dataclass(frozen=True, slots=True)
class VectorFile:
    file: str
    n_rows: int


@dataclass(frozen=True, slots=True)
class FileSum:
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a generation says of itself."""

    embedding: str
    fingerprint: str  # the embedder's
    dim: int
    splitter: str
    terms: str
    segments: tuple[Segment, ...] = ()
    vectors: tuple[VectorFile, ...] = ()
    dead: tuple[int, ...] = ()  # articles that stand in a segment and are removed
    n_articles: int = 0  # living ones
    n_passages: int = 0
    n_embedded: int = 0
    next_article: int = 1
    next_passage: int = 1
    next_file: int = 1
    files: dict[str, FileSum] = field(default_factory=dict[str, FileSum])
    format: int = FORMAT

    @property
    def sums(self) -> frozenset[str]:
        """The SHA-256 of its files: what need not be read a second time."""
        return frozenset(told.sha256 for told in self.files.values())

    def to_bytes(self) -> bytes:
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        read: dict[str, Any] = json.loads(data)
        read["segments"] = tuple(Segment(**segment) for segment in read["segments"])
        read["vectors"] = tuple(VectorFile(**part) for part in read["vectors"])
        read["dead"] = tuple(read["dead"])
        read["files"] = {name: FileSum(**told) for name, told in read["files"].items()}
        return cls(**read)
