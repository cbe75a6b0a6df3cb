"""Example questions and follow-ups: drafts that the pipeline was asked and answered rightly."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import anyio

from index.errors import UnknownArticle
from index.schema import Article
from qa.schema import Answer
from qa.web.desk import Desk
from qa.web.errors import Refused
from qa.web.suggest import Draft, draft_questions

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

_log = logging.getLogger("wenju.web")

_REMEMBERED = 500  # articles
_SAMPLED = 24  # articles looked at for the first page
_ENOUGH = 8  # examples of each language


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    article_id: str
    language: Literal["zh", "en"]
    of_byline: bool


class Examples:
    """Asks behind the visitors' questions, one article at a time, and remembers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of: OrderedDict[tuple[int, str], tuple[Example, ...]] = OrderedDict()
        self.first: tuple[Example, ...] = ()  # for the empty page, of different articles
        self.complete = False

    async def gather(self) -> None:
        """Fill `first` once the pipeline is loaded, and anew when one of its articles is gone.

        Articles that are only added leave it alone: to gather is to ask dozens of questions.
        """
        while True:
            changed = self._desk.changed
            self.complete = False
            try:
                if not await self._hold():
                    self.first = ()
                    await self._loaded()
                    await self._gather(changed)
            except Refused:
                pass  # loading failed, or visitors fill the line
            except Exception:
                _log.exception("examples could not be gathered")
            self.complete = True
            await changed.wait()

    async def _loaded(self) -> None:
        """Here and not in `gather`, which never ends: who waits with a pipeline keeps its files."""
        async for _ in self._desk.pipeline_later():
            pass

    async def _hold(self) -> bool:
        """Whether there are examples, and their articles are there still."""
        if not self.first:
            return False
        index = self._desk.index()
        try:
            for article_id in dict.fromkeys(example.article_id for example in self.first):
                await self._desk.run(partial(index.article, article_id))
        except UnknownArticle:
            return False
        return True

    async def _gather(self, changed: asyncio.Event) -> None:
        ids = self._desk.index().article_ids()
        step = max(1, len(ids) // _SAMPLED)
        of_each: list[tuple[Example, ...]] = []
        for article_id in ids[::step][:_SAMPLED]:
            with suppress(UnknownArticle):  # removed by now
                of_each.append(await self.of_article(article_id))
            self.first = _mixed(of_each)
            if len(self.first) >= 2 * _ENOUGH or changed.is_set():
                return
            await anyio.sleep(0.2)  # leave the cores to people

    async def of_article(self, article_id: str) -> tuple[Example, ...]:
        """What this article was seen to answer. Raises: Refused, UnknownArticle."""
        found = self._desk.index()
        key = (found.stats().generation, article_id)
        if key not in self._of:
            pipeline = self._desk.pipeline().with_writer(None)  # its words are not what is tried
            self._of[key] = await self._desk.run(
                lambda: _verified(pipeline, found.article(article_id))
            )
            if len(self._of) > _REMEMBERED:
                self._of.popitem(last=False)
        return self._of[key]


def _verified(pipeline: Pipeline, article: Article) -> tuple[Example, ...]:
    return tuple(
        Example(draft.question, article.id, draft.language, draft.of_byline)
        for draft in draft_questions(article)
        if right(pipeline.ask(draft.question), draft, article)
    )


def right(answer: Answer, draft: Draft, article: Article) -> bool:
    """Whether the answer cites the characters that the question was made from."""
    return any(
        citation.article.id == article.id and citation.answer.overlaps(draft.answer)
        for citation in answer.citations
    )


def _mixed(of_each: list[tuple[Example, ...]]) -> tuple[Example, ...]:
    """The first of each article, then the second of each, and so on; who wrote what, last."""
    longest = max(map(len, of_each), default=0)
    mixed = [
        examples[number]
        for number in range(longest)
        for examples in of_each
        if number < len(examples)
    ]
    return tuple(sorted(mixed, key=lambda example: example.of_byline))
