"""The index over the texts that a set brings along: built once, kept in the user's cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.schema import Document
from index import Index, update
from index.embed import Embedder, model_cache
from index.errors import IndexUnusable
from index.passages import SPLITTER
from index.writer import Progress

_FILE = "corpus.jsonl"


def open_corpus(
    documents: Sequence[Document], embedder: Embedder, progress: Callable[[Progress], None]
) -> tuple[Index, Path]:
    """The index over the documents, one article each, and the folder of their file.

    Kept under a name made of the texts, the embedder and the passage splitter,
    so that another of them gets an index of its own; what a stop or an older
    version left is mended.

    Raises:
        IndexLocked, StorageFailed, NothingReadable: it cannot be built.
    """
    lines = "".join(
        json.dumps({"id": d.id, "title": d.title, "text": d.words}, ensure_ascii=False) + "\n"
        for d in documents
        if d.words.strip()
    )
    key = hashlib.sha256("\0".join((lines, embedder.fingerprint, SPLITTER)).encode())
    folder = model_cache() / "eval" / key.hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _FILE
    if not file.is_file():
        beside = file.with_suffix(".new")
        beside.write_text(lines, encoding="utf-8")
        beside.replace(file)
    try:
        index = Index.open(folder / "index", embedder=embedder)
        if index.stats().n_embedded == index.stats().n_passages:
            return index, folder
        index.close()
    except IndexUnusable:  # not built yet, or by another version
        pass
    update(folder / "index", [file], embedder=embedder, prune=True, progress=progress)
    return Index.open(folder / "index", embedder=embedder), folder


def merged(own: Sequence[Document], others: Sequence[Sequence[Document]]) -> tuple[Document, ...]:
    """All of a set's own documents, then what those of other sets say beside, as distractors.

    Two of its own that say the same both stay: the set asks for them by their ids.
    """
    said = {document.words for document in own}
    distractors: dict[str, Document] = {}
    for number, documents in enumerate(others):
        for each in documents:
            if each.words not in said:
                renamed = Document(f"distractor{number}:{each.id}", each.text, each.title)
                distractors.setdefault(each.words, renamed)
    return (*own, *distractors.values())
