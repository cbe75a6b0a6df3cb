"""What stands in PostgreSQL: the tables of an index that many machines read.

The same facts as in the catalogue's SQLite files; vectors in half precision
by pgvector; words as packed postings, for each term one row in every block of
2,048 passage numbers, so that an article added rewrites one block. One
transaction changes all of it, so a reader sees an index before or after.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.errors import BadRequest, DatabaseUnusable

if TYPE_CHECKING:
    from psycopg import Connection

FORMAT = 1  # of these tables
BLOCK = 2048  # passage numbers
SCHEMES = ("postgresql://", "postgres://")

_HOST = r"(?:\[[^]@/?]*\]|[^@/?:,]*)(?::\d*)?"
_URL = re.compile(
    rf"(?P<scheme>postgres(?:ql)?://)(?:[^@/?]*@)?(?P<hosts>{_HOST}(?:,{_HOST})*)"
    r"(?:(?P<name>/[^@?]*)(?:\?.*)?|\?[^@]*)?",
    re.DOTALL,
)
_HIDDEN = "postgresql://…"  # where one cannot tell the password from the rest
_UNCLEAR = (
    "no answer from a URL like postgresql://user:password@host/name;"
    " %, @, / and ? in a password are written %25, %40, %2F and %3F"
)

TABLES = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA wenju;
CREATE TABLE wenju.about (
  format int NOT NULL, embedding text NOT NULL, fingerprint text NOT NULL, dim int NOT NULL,
  splitter text NOT NULL, terms text NOT NULL, revision int NOT NULL
);
CREATE TABLE wenju.sources (
  source int PRIMARY KEY, origin bytea NOT NULL, record text, sha256 text NOT NULL,
  facts text NOT NULL, text bytea
);
CREATE TABLE wenju.articles (
  article int PRIMARY KEY, mark bytea NOT NULL, id text NOT NULL,
  source int NOT NULL REFERENCES wenju.sources,
  facts text NOT NULL, context text NOT NULL, date text, newspaper text, authors text[] NOT NULL,
  n_characters int NOT NULL, n_passages int NOT NULL, text bytea NOT NULL, alignment bytea NOT NULL
);
CREATE INDEX ON wenju.articles (id);
CREATE INDEX ON wenju.articles (source);
CREATE TABLE wenju.reprints (article int, other int, PRIMARY KEY (article, other));
CREATE TABLE wenju.passages (
  passage int PRIMARY KEY, article int NOT NULL REFERENCES wenju.articles ON DELETE CASCADE,
  start int NOT NULL, "end" int NOT NULL
);
CREATE INDEX ON wenju.passages (article);
CREATE TABLE wenju.vectors (
  passage int PRIMARY KEY REFERENCES wenju.passages ON DELETE CASCADE, vector halfvec NOT NULL
);
CREATE TABLE wenju.blocks (block int PRIMARY KEY, n_passages int NOT NULL, n_terms bigint NOT NULL);
CREATE TABLE wenju.postings (
  block int NOT NULL, term text NOT NULL, rows bytea NOT NULL, PRIMARY KEY (term, block)
);
"""


def is_url(place: str) -> bool:
    return place.startswith(SCHEMES)


def shown(url: str) -> str:
    """The address without user and password: it goes into messages and logs."""
    found = _URL.fullmatch(url)
    return f"{found['scheme']}{found['hosts']}{found['name'] or ''}" if found else _HIDDEN


def plain(text: str) -> str:
    """As PostgreSQL's text can hold it: to look up and filter by, not to show."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def driver() -> Any:
    """The package psycopg. Raises BadRequest: not installed; names the extra."""
    try:
        import psycopg

        import_module("psycopg_pool")  # the extra brings both
    except ImportError:
        raise BadRequest(
            "an index in PostgreSQL needs the package psycopg: pip install 'wenju[postgres]'"
        ) from None
    return psycopg


@contextmanager
def database_errors(url: str) -> Generator[None]:
    """What the server refuses, as one of our errors; never with the password."""
    psycopg = driver()
    try:
        yield
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise DatabaseUnusable(shown(url), reason if _is_clear(url) else _UNCLEAR) from None


def _is_clear(url: str) -> bool:
    """Whether the driver reads the URL as `shown` does; if not, it quotes what it stumbles over."""
    psycopg = driver()
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return False
    return shown(url) != _HIDDEN


def about(connection: Connection[Any]) -> dict[str, Any] | None:
    """The one row that says what the index was made with; None: there is no index."""
    (there,) = connection.execute("SELECT to_regclass('wenju.about') IS NOT NULL").fetchone() or (
        False,
    )
    if not there:
        return None
    cursor = connection.execute("SELECT * FROM wenju.about")
    row = cursor.fetchone()
    names = [column.name for column in cursor.description or ()]
    return dict(zip(names, row, strict=True)) if row else None
