"""An answer in a language model's sentences, each one checked before anybody sees it.

The extractive answer comes first and stays at hand: it takes over when the
model is down, slow or talks rubbish, and when nothing that it wrote survives.
An abstention stands; no model is asked to talk its way around it.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from index.errors import Error
from index.schema import Article, Span, squeeze
from qa.cite import cite
from qa.schema import Answer, Citation, Sentence
from qa.writing.prompting import Message, Offer, offers, prompt
from qa.writing.supporting import Support
from qa.writing.verify import MARKERS, Checked, check

_log = logging.getLogger("wenju.writer")

Failure = Literal["unreachable", "timeout", "busy", "refused", "bad-response", "cut-off", "failed"]

MAX_CHARACTERS = 6_000  # of what a model writes; the rest is not read
MAX_SENTENCE = 800  # characters; what runs on longer is no sentence
SHORTEST = 6  # letters, digits or Han characters of a sentence that is not the reader's answer

_END = re.compile(
    r"(?:[。！？!?]+|(?<![A-Z\d])\.(?=\s|$|[\[【])|(?<=\d)\.(?=\s))[”’\"'」』）)]*|\n"
)
_MARKER_AHEAD = re.compile(rf"(?:{MARKERS.pattern})*\s*")
_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_CLOSING = re.compile(r"[。！？!?.…]*[”’\"'」』）)]*$")
_NOTHING = re.compile(r"资料没有提到|the material does not say", re.IGNORECASE)


class WriterFailed(Error):
    """The model gave nothing to use. The reason names no address, key or question."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(f"the language model did not answer: {reason}")
        self.reason: Failure = reason


class Model(Protocol):
    """A language model, ready. May be called from any thread."""

    name: str

    def stream(self, messages: Sequence[Message], *, limit_s: float) -> Iterator[str]:
        """Pieces of text as they come; over within `limit_s` seconds, one way or the other.

        Raises:
            WriterFailed: nothing came, not all came, or it was no text.
        """
        ...


class Writer(Protocol):
    """Turns an extractive answer into sentences that were checked."""

    def write(
        self, answer: Answer, article: Callable[[str], Article]
    ) -> Iterator[Sentence | Answer]:
        """Sentences as they pass, then the whole Answer: theirs or, with a note, the one given."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedWriter:
    """Writes with a model; shows only what `qa.writing.verify.check` lets through."""

    model: Model
    support: Support | None = None
    limit_s: float = 20.0  # from question to last word

    def write(
        self, answer: Answer, article: Callable[[str], Article]
    ) -> Iterator[Sentence | Answer]:
        if answer.abstained:
            yield answer
            return
        started = time.perf_counter()
        offered = offers(answer.hits, [article(hit.passage.article_id) for hit in answer.hits])
        if not offered:
            yield _noted(answer, "writer-withheld", started)
            return
        draft = _Draft(answer, offered)
        try:
            pieces = self.model.stream(prompt(answer.query, offered), limit_s=self.limit_s)
            for written in split_sentences(pieces):
                if sentence := draft.add(written, self.support):
                    yield sentence
        except WriterFailed as failed:
            _log.warning("writer failed: %s", failed.reason)
            yield _noted(answer, f"writer-{failed.reason}", started)
            return
        if draft.dropped:
            _log.info("writer: %d kept, dropped %s", len(draft.sentences), dict(draft.dropped))
        yield draft.answer(started)


class _Draft:
    """The sentences kept so far and their citations."""

    def __init__(self, answer: Answer, offered: Sequence[Offer]) -> None:
        self.extractive = answer
        self.offers = {offer.marker: offer for offer in offered}
        self.evidence = {offer.marker: offer.evidence for offer in offered}
        self.sentences: list[Sentence] = []
        self.citations: list[Citation] = []
        self.dropped: Counter[str] = Counter()

    def add(self, written: str, support: Support | None) -> Sentence | None:
        """The sentence with its citations if it may be shown."""
        if _NOTHING.search(written):
            return None
        checked = check(written, self.evidence, support=support)
        if checked.problem is None and self._is_fragment(checked.text):
            checked = replace(checked, problem="support", support=())
        if checked.problem is not None:
            if checked.problem != "empty":
                self.dropped[checked.problem] += 1
            return None
        cited = self._cited(checked)
        marks = "".join(f"[{citation.marker}]" for citation in cited)
        closing = _CLOSING.search(checked.text)
        end = closing.start() if closing else len(checked.text)
        sentence = Sentence(f"{checked.text[:end]}{marks}{checked.text[end:]}", cited)
        if any(squeeze(sentence.text) == squeeze(said.text) for said in self.sentences):
            return None  # models repeat themselves
        self.sentences.append(sentence)
        return sentence

    def answer(self, started: float) -> Answer:
        n_dropped = self.dropped.total()
        if not self.sentences:
            return replace(
                _noted(self.extractive, "writer-unsupported", started), n_unsupported=n_dropped
            )
        between = " " if self.sentences[0].text.isascii() else ""
        text = between.join(sentence.text for sentence in self.sentences)
        return replace(
            _noted(self.extractive, "generated", started),
            text=text,
            answers=(text,),
            citations=tuple(self.citations),
            n_unsupported=n_dropped,
        )

    def _cited(self, checked: Checked) -> tuple[Citation, ...]:
        found: list[Citation] = []
        for marker, span in checked.support:
            offer = self.offers[marker]
            sentence = span.shifted(offer.passage.span.start)
            known = next(
                (
                    made
                    for made in self.citations
                    if made.article.id == offer.article.id and made.span == sentence
                ),
                None,
            )
            if known is None:
                known = cite(
                    offer.article,
                    sentence,
                    self._marked(offer, sentence),
                    marker=len(self.citations) + 1,
                    passage_id=offer.passage.id,
                )
                self.citations.append(known)
            found.append(known)
        return tuple(found)

    def _marked(self, offer: Offer, sentence: Span) -> Span:
        """What the reader found in the sentence, else all of it."""
        for citation in self.extractive.citations:
            inside = sentence.start <= citation.answer.start < citation.answer.end <= sentence.end
            if citation.article.id == offer.article.id and inside:
                return citation.answer
        return sentence

    def _is_fragment(self, text: str) -> bool:
        """A few words say nothing by themselves, unless they are what the reader found too."""
        bare = "".join(character for character in text if character.isalnum())
        if len(bare) >= SHORTEST:
            return False
        found = [*self.extractive.answers] + [
            candidate.span.of(reading.passage.text)
            for reading in self.extractive.readings
            for candidate in reading.candidates
        ]
        return not any(bare in squeeze(words) or squeeze(words) in bare for words in found)


def split_sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Sentences with the markers after them, each as soon as its end is certain."""
    buffer, n_characters = "", 0
    for piece in pieces:
        n_characters += len(piece)
        buffer = (
            _THOUGHT.sub("", buffer + piece) if "</think>" in buffer + piece else buffer + piece
        )
        if buffer.lstrip().startswith("<think>"):
            continue
        while (end := _certain_end(buffer)) is not None:
            yield buffer[:end]
            buffer = buffer[end:]
        if len(buffer) > MAX_SENTENCE or n_characters > MAX_CHARACTERS:
            break
    buffer = _THOUGHT.sub("", buffer)
    if buffer.strip() and len(buffer) <= MAX_SENTENCE:
        yield buffer


def _certain_end(buffer: str) -> int | None:
    """Where the first sentence ends, if what follows cannot be its marker any more."""
    for match in _END.finditer(buffer):
        ahead = _MARKER_AHEAD.match(buffer, match.end())
        end = ahead.end() if ahead else match.end()
        if end == len(buffer) or buffer[end] in "[［【〔”’」』":
            if end < len(buffer) and len(buffer) - end > 40:
                return end  # an opening bracket that never became a marker
            return None
        if buffer[:end].strip():
            return end
    return None


def _noted(answer: Answer, note: str, started: float) -> Answer:
    spent = (time.perf_counter() - started) * 1e3
    timings = dict(answer.timings_ms)
    timings["write"] = spent
    timings["total"] = timings.get("total", 0.0) + spent
    return replace(answer, notes=(*answer.notes, note), timings_ms=timings)
