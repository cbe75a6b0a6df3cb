"""Where an index is: in a folder, or in a database by its URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from index.database import is_url

if TYPE_CHECKING:
    from index.embed import Embedder
    from index.postgres import PostgresIndex
    from index.store import Index

Place = Path | str  # str: a URL


def place(text: str) -> Place:
    """What a command line names as an index."""
    return text if is_url(text) else Path(text)


def open_index(where: Place, *, embedder: Embedder) -> Index | PostgresIndex:
    """Raises IndexUnusable, as `Index.open` and `PostgresIndex.open` say."""
    if isinstance(where, str):
        from index.postgres import PostgresIndex

        return PostgresIndex.open(where, embedder=embedder)
    from index.store import Index

    return Index.open(where, embedder=embedder)


def inspect_index(where: Place) -> Index | PostgresIndex:
    """Without its model, to read articles from. Raises IndexUnusable."""
    if isinstance(where, str):
        from index.postgres import PostgresIndex

        return PostgresIndex.inspect(where)
    from index.store import Index

    return Index.inspect(where)
