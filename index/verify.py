"""Everything that can be checked of an index without its model or its files."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from index.errors import IndexDamaged
from index.schema import Article, Passage, squeeze
from index.store import Index


@dataclass(frozen=True, slots=True)
class Checked:
    n_files: int
    n_articles: int
    n_passages: int
    n_vectors: int


def verify_index(path: Path) -> Checked:
    """Check bytes, counts, and that each article says what its source says.

    Raises:
        IndexUnusable: names the first thing that is not so.
    """

    def damaged(reason: str) -> IndexDamaged:
        return IndexDamaged(path, reason, index=path)

    found = Index.inspect(path)  # checks the bytes
    try:
        ids = found.article_ids()
        n_passages = 0
        for article_id in ids:
            passages = found.passages(article_id)
            n_passages += len(passages)
            if not _agrees(found.article(article_id), passages):
                raise damaged(f"article {article_id} is not what its source says")
        told = found.stats()
        if (told.n_articles, told.n_passages) != (len(ids), n_passages):
            raise damaged("the manifest counts other articles or passages")
        if found.n_vectors() != told.n_embedded:
            raise damaged("the manifest counts other vectors")
        return Checked(len(found.files()), len(ids), n_passages, told.n_embedded)
    except (sqlite3.Error, ValueError) as error:
        raise damaged(str(error)) from error
    finally:
        found.close()


def _agrees(article: Article, passages: list[Passage]) -> bool:
    source = article.source.text
    offsets = [article.alignment.offset_to_source(n) for n in range(len(article.text))]
    return all(
        source[at] == character or character.isspace()
        for at, character in zip(offsets, article.text, strict=True)
    ) and all(
        passage.text == passage.span.of(article.text) and squeeze(passage.text)
        for passage in passages
    )
