"""What a language model is shown: rules, passages as data, the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

from index.schema import Article, Hit, Passage
from qa.asking.question import analyse
from qa.writing.instructions import blanked, escape, instructs
from qa.writing.supporting import Evidence

MAX_PASSAGES = 6


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A passage that the writer may use, under the marker that stands for it."""

    marker: int
    passage: Passage
    article: Article

    @property
    def evidence(self) -> Evidence:
        """The passage without sentences that order somebody to say something."""
        return Evidence(self.passage.span.of(blanked(self.article.text)), _about(self.article))


def offers(hits: Sequence[Hit], articles: Sequence[Article]) -> list[Offer]:
    """What may be shown: the first hits, without any article that speaks to the model.

    Args:
        articles: of each hit, aligned.
    """
    found: list[Offer] = []
    for hit, article in zip(hits, articles, strict=True):
        offer = Offer(len(found) + 1, hit.passage, article)
        if len(found) == MAX_PASSAGES or _speaks(article.text, _about(article)):
            continue
        if offer.evidence.text.strip():
            found.append(offer)
    return found


def prompt(question: str, offered: Sequence[Offer]) -> list[Message]:
    """The messages, in the question's language.

    Nothing of an article or a question can close its frame: what could be a
    bracket, a tag or a role marker is full-width in it.
    """
    asked = analyse(question)
    form = "survey" if asked.kind == "survey" else "answer"
    rules, frame = _read(f"{form}.{'zh' if asked.is_chinese else 'en'}.txt")
    blocks = [
        f"[{offer.marker}] {escape(_about(offer.article)).replace(chr(10), ' ')}\n"
        f"<<<\n{escape(offer.evidence.text)}\n>>>"
        for offer in offered
    ]
    body = frame.replace("{question}", escape(question)).replace("{passages}", "\n\n".join(blocks))
    return [Message("system", rules), Message("user", body)]


@lru_cache(maxsize=8)
def _read(name: str) -> tuple[str, str]:
    text = resources.files("qa").joinpath("prompts", name).read_text(encoding="utf-8")
    rules, _, frame = text.partition("\n===\n")
    return rules.strip(), frame.strip()


@lru_cache(maxsize=1024)
def _speaks(text: str, about: str) -> bool:
    return instructs(text) or instructs(about)


def _about(article: Article) -> str:
    """Title, newspaper, date and authors, as far as they are known."""
    date = ""
    if article.date:
        year, month, day = article.date.split("-")
        date = f"{year}年{int(month)}月{int(day)}日"
    parts = (article.context, article.newspaper, date, " ".join(article.authors))
    return " ".join(filter(None, parts))
