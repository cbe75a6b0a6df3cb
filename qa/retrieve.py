"""Queries to hits, with the articles that the hits come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.schema import Article, Hit, Passage


class Searchable(Protocol):
    """What answering needs of an index; `index.Index` is one."""

    def search_many(self, queries: Sequence[str], *, top_k: int = 10) -> list[list[Hit]]: ...

    def article(self, article_id: str) -> Article: ...

    def article_ids(self) -> list[str]: ...

    def passages(self, article_id: str) -> list[Passage]: ...


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The hits of one query, best first, and their articles."""

    query: str
    hits: tuple[Hit, ...]
    articles: dict[str, Article]  # by id; one at least for each hit

    def article_of(self, hit: Hit) -> Article:
        return self.articles[hit.passage.article_id]

    @property
    def titles(self) -> tuple[str | None, ...]:
        return tuple(self.article_of(hit).title for hit in self.hits)


def retrieve(index: Searchable, queries: Sequence[str], *, top_k: int) -> list[Retrieval]:
    """One Retrieval for each query, aligned; every article is fetched once."""
    articles: dict[str, Article] = {}
    found: list[Retrieval] = []
    for query, hits in zip(queries, index.search_many(queries, top_k=top_k), strict=True):
        ids = dict.fromkeys(hit.passage.article_id for hit in hits)
        for article_id in ids:
            if article_id not in articles:
                articles[article_id] = index.article(article_id)
        found.append(Retrieval(query, tuple(hits), {each: articles[each] for each in ids}))
    return found
