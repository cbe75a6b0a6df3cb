"""Where the default index lives: made over the bundled articles when first needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexLocked, IndexMissing

if TYPE_CHECKING:
    from index.embed import Embedder


def index_home() -> Path:
    """The user's indexes: $WENJU_HOME, else wenju in the XDG data folder."""
    if own := os.environ.get("WENJU_HOME"):
        return Path(own)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "wenju"


def bundled_articles() -> Path:
    """$ARTICLES, else the sample page: in an installed copy, else in the checkout."""
    if own := os.environ.get("ARTICLES"):
        return Path(own)
    import index

    installed = Path(next(iter(index.__path__))) / "articles"
    return installed if installed.is_dir() else Path(__file__).parents[1] / "articles"


def default_index(embedder: Embedder) -> Path:
    """The index over the bundled articles, brought up to date with them.

    Raises:
        NothingCommitted: it could not be built.
    """
    from index import update

    path = index_home() / "default"
    articles = bundled_articles()
    if not articles.exists():
        raise IndexMissing(path)
    if not path.exists():
        print(f"indexing {articles} …", file=sys.stderr)
    given = path.with_name(f"{path.name}-files")  # what the articles page was given
    inputs = [articles, given] if given.is_dir() and any(given.iterdir()) else [articles]
    try:
        update(path, inputs, embedder=embedder, prune=True)
    except IndexLocked:
        if not (path / "CURRENT").exists():  # else what was there before can be read meanwhile
            raise
    return path
