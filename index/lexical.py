"""BM25 over our own cut of the text: characters and their pairs for Han, words for the rest.

tantivy keeps and searches the inverted index; its own tokenizers find nothing
in Chinese, so both sides hand it terms. k1 is 1.2 and b 0.75, tantivy's only
values. Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009.
"""

from __future__ import annotations

import math
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import accumulate, pairwise
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from index.fusion import Yardstick
from index.queries import LONGEST_QUERY_TERMS
from index.translation import Groups, concepts

TERMS = "terms-v2"  # raise when `terms` or `to_simplified` would treat an indexed text differently

_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(f"([{_HAN}]+)|([^\\W_{_HAN}]+)")
_WORDS = re.compile(f"[^\\W_{_HAN}]+")
_LONGEST_WORD = 40  # characters; what is longer is not a word, and its start is enough
_BODY, _PASSAGE, _ARTICLE = "body", "passage", "article"
_ANALYZER = "cut"


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """OpenCC's table, character by character: enough for matching, and of one length."""
    table = resources.files("opencc").joinpath("dictionary/TSCharacters.txt")
    simplified = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for line in table.read_text(encoding="utf-8").splitlines():
        if line:
            traditional, forms = line.split("\t")
            simplified[ord(traditional)] = ord(forms.split(" ")[0])
    return simplified


def to_simplified(text: str) -> str:
    """The same text in Simplified characters, one for one: for matching, never for showing."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    return _table()[codes].astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def fold(text: str) -> str:
    """What two spellings of the same words have in common: NFKC, lower case, Simplified."""
    folded = _folded_one_for_one(text)
    if folded is None:
        return to_simplified(unicodedata.normalize("NFKC", text).lower())
    return folded


def _folded_one_for_one(text: str) -> str | None:
    """`fold` where it turns every character into one; else None."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    if len(codes) and codes.max() >= len(_folded()):
        return None
    folded = _folded()[codes]
    return folded.tobytes().decode("utf-32-le", "surrogatepass") if folded.all() else None


@lru_cache(maxsize=1)
def _folded() -> NDArray[np.uint32]:
    """`fold` of the characters below U+10000 that it turns, wherever they stand, into one; else 0.

    Left out are marks and Hangul letters, which NFKC joins to the character
    before, and the capital sigma, whose lower case hangs on its place.
    """
    table = np.zeros(0x10000, "<u4")
    for code in range(1, 0x10000):
        whole = unicodedata.normalize("NFKC", chr(code))
        folded = whole.lower()
        joins = unicodedata.category(whole[0])[0] == "M" or "\u1100" <= whole[0] < "\u1200"
        if len(folded) == 1 and not joins and whole != "Σ":
            table[code] = _table()[ord(folded)]
    return table


def terms(text: str) -> list[str]:
    """The text's terms in its order, repeated as often as they stand there.

    A run of Han (or kana) gives its characters and its pairs of neighbours,
    any other run of letters and digits one word.
    """
    found: list[str] = []
    for han, word in _RUNS.findall(fold(text)):
        if han:
            found.extend(han)
            found.extend(map(add, han, han[1:]))
        else:
            found.append(word[:_LONGEST_WORD])
    return found


def spaced_terms(texts: Sequence[str]) -> list[str]:
    """`terms` of each text for the inverted index, which does not ask for their order: with spaces.

    All in one pass, since an array costs the same to start with whatever its length.
    """
    whole = _folded_one_for_one("\n".join(texts))
    if whole is None:
        texts = [fold(text) for text in texts]
        whole = "\n".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), "<u4")
    han = _is_han()[codes]
    at, follows = np.flatnonzero(han), np.flatnonzero(han[:-1] & han[1:])
    pairs = np.full((len(follows), 3), ord(" "), "<u4")
    pairs[:, 0], pairs[:, 1] = codes[follows], codes[follows + 1]
    spaced = np.full((len(at), 2), ord(" "), "<u4")
    spaced[:, 0] = codes[at]
    one_by_one, two_by_two = (part.tobytes().decode("utf-32-le") for part in (spaced, pairs))
    singles = (2 * np.searchsorted(at, starts)).tolist()
    doubles = (3 * np.searchsorted(follows, starts)).tolist()
    return [
        one_by_one[slice(*single)]
        + two_by_two[slice(*double)]
        + " ".join(word[:_LONGEST_WORD] for word in _WORDS.findall(whole, start, end - 1))
        for (start, end), single, double in zip(
            pairwise(starts), pairwise(singles), pairwise(doubles), strict=True
        )
    ]


@lru_cache(maxsize=1)
def _is_han() -> NDArray[np.bool_]:
    """Of every character: whether it stands in `_HAN`."""
    table = np.zeros(sys.maxunicode + 1, np.bool_)
    for part in re.findall("(.)-(.)", _HAN, re.DOTALL):
        table[ord(part[0]) : ord(part[1]) + 1] = True
    return table


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_PASSAGE, indexed=True, fast=True)
    builder.add_unsigned_field(_ARTICLE, indexed=True, fast=True)
    builder.add_text_field(_BODY, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _with_analyzer(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(
        _ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    )
    return index


@contextmanager
def _disk_errors() -> Generator[None]:
    """tantivy says with a ValueError what the disk refuses."""
    try:
        yield
    except ValueError as error:
        raise OSError(str(error)) from error


class LexicalWriter:
    """Changes the index in one folder; nothing counts before `commit`."""

    def __init__(self, folder: Path, *, heap_bytes: int = 64_000_000) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        exists = (folder / "meta.json").exists()
        self._folder = folder
        with _disk_errors():
            self._index = _with_analyzer(
                tantivy.Index.open(str(folder)) if exists else tantivy.Index(_schema(), str(folder))
            )
            self._writer: Any = self._index.writer(heap_size=heap_bytes, num_threads=1)

    def add(self, article: int, passages: dict[int, str]) -> None:
        """The article's passages: what is found of each by its number."""
        for passage, words in zip(passages, spaced_terms(list(passages.values())), strict=True):
            document = tantivy.Document()
            document.add_unsigned(_PASSAGE, passage)
            document.add_unsigned(_ARTICLE, article)
            document.add_text(_BODY, words)
            with _disk_errors():
                self._writer.add_document(document)

    def remove(self, articles: Iterable[int]) -> None:
        numbers = list(articles)
        if numbers:
            query = tantivy.Query.term_set_query(self._index.schema, _ARTICLE, numbers)
            with _disk_errors():
                self._writer.delete_documents_by_query(query)

    def commit(self) -> None:
        """Write what was added, wait for merges, and leave no lock file behind."""
        with _disk_errors():
            self._writer.commit()
            self._writer.wait_merging_threads()
        for lock in self._folder.glob("*.lock"):
            lock.unlink()
        mode = self._folder.stat().st_mode & 0o666
        for replaced in self._folder.glob("*.json"):  # tantivy makes them its owner's alone
            replaced.chmod(mode)


class Lexical:
    """Reads the index in one folder; may be asked from any thread."""

    def __init__(self, folder: Path) -> None:
        if not os.access(folder, os.W_OK):
            folder = self._linked(folder)
        self._index = _with_analyzer(tantivy.Index.open(str(folder)))
        self._searcher = self._index.searcher()

    def _linked(self, folder: Path) -> Path:
        """A folder of links to it that can be written: tantivy wants a lock file to read, too."""
        self._links = tempfile.TemporaryDirectory(prefix="wenju-")  # gone with this object
        for file in folder.iterdir():
            Path(self._links.name, file.name).symlink_to(file.absolute())
        return Path(self._links.name)

    def search(
        self, query: str, *, limit: int, articles: Sequence[int] | None = None
    ) -> tuple[list[tuple[int, float]], Yardstick]:
        """The passages with the highest BM25.

        An English query also finds what says in Chinese what it asks for: a word is worth what
        its best rendering that is found is worth, once (`index.translation`).

        Args:
            limit: how many at most.
            articles: search in these only; None: in all.

        Returns:
            (passage number, BM25) pairs, best first, ties by number; and what
            the scores are held against.
        """
        n_passages = self._searcher.num_docs
        if not n_passages:
            return [], Yardstick(0.0)
        schema = self._index.schema
        asked = weigh(query, lambda term: self._searcher.doc_freq(_BODY, term), n_passages)
        clauses = [tantivy.Query.term_query(schema, _BODY, term, "freq") for term in asked.terms]
        clauses += [
            tantivy.Query.disjunction_max_query(
                [
                    tantivy.Query.const_score_query(self._holds(groups), worth)
                    for groups, worth in said
                ]
            )
            for said in asked.concepts
        ]
        if not clauses:
            return [], asked.against
        found = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in clauses])
        if articles is not None:
            among = tantivy.Query.term_set_query(schema, _ARTICLE, list(articles))
            found = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, found),
                    (tantivy.Occur.Must, tantivy.Query.const_score_query(among, 0.0)),
                ]
            )
        hits: list[Any] = self._searcher.search(found, limit, count=False).hits
        numbers: list[Any] = self._searcher.fast_field_values(
            _PASSAGE, [address for _, address in hits]
        )
        scored = [(int(n), float(score)) for n, (score, _) in zip(numbers, hits, strict=True)]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0])), asked.against

    def _holds(self, groups: Groups) -> tantivy.Query:
        """Passages with a term of every group."""
        schema = self._index.schema
        each = [
            tantivy.Query.term_query(schema, _BODY, group[0], "freq")
            if len(group) == 1  # many times faster than a set of one
            else tantivy.Query.term_set_query(schema, _BODY, group)
            for group in groups
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in each])


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a query looks for in one index, and what that is worth there."""

    terms: dict[str, float]  # of its own words: those that any passage holds, with their idf
    concepts: list[list[tuple[Groups, float]]]  # ways to say each, the best found counts
    against: Yardstick


def weigh(query: str, frequency: Callable[[str], int], n_passages: int) -> Weighed:
    """The terms of a query, and for an English one what they are in Chinese (`index.translation`).

    Args:
        frequency: how many passages hold a term.
    """
    asked = concepts(query)
    if not asked:
        wanted = list(dict.fromkeys(terms(query)))[:LONGEST_QUERY_TERMS]
        counts = {term: frequency(term) for term in wanted}
        worth = {term: idf(n, n_passages) for term, n in counts.items()}
        held = {term: weight for term, weight in worth.items() if counts[term]}
        return Weighed(held, [], Yardstick(sum(worth.values())))
    own: dict[str, float] = {}
    said: list[list[tuple[Groups, float]]] = []
    ideal = 0.0
    for concept in asked[:LONGEST_QUERY_TERMS]:
        words = {term: frequency(term) for word in concept.terms for term in terms(word)}
        held = {term: idf(n, n_passages) for term, n in words.items() if n}
        own.update(held)
        found = [
            (groups, rendering.weight, idf(n, n_passages))
            for rendering in concept.renderings
            for groups, n in [_held(rendering.groups, frequency)]
            if n
        ]
        if found:  # the commonest is the likeliest; a rare word is rarely what was meant
            common = min(idf_ for _, _, idf_ in found)
            said.append([(groups, w * (idf_ + common) / 2) for groups, w, idf_ in found])
        best = max([sum(held.values()), *(weight * idf_ for _, weight, idf_ in found)])
        ideal += best or idf(0, n_passages)
    return Weighed(own, said, Yardstick(ideal, translated=bool(said)))


def looked_for(query: str) -> set[str]:
    """Every term that `weigh` may ask for."""
    asked = concepts(query)
    if not asked:
        return set(terms(query))
    own = {term for concept in asked for word in concept.terms for term in terms(word)}
    return own.union(*(g for c in asked for each in c.renderings for g in each.groups))


def _held(groups: Groups, frequency: Callable[[str], int]) -> tuple[Groups, int]:
    """The groups' terms that any passage holds, and of how many passages they allow at most."""
    counted = [[(term, n) for term in group if (n := frequency(term))] for group in groups]
    most = min(sum(n for _, n in group) for group in counted)
    return tuple(tuple(term for term, _ in group) for group in counted), most


def idf(frequency: int, n_passages: int) -> float:
    """BM25's weight of a term that `frequency` of `n_passages` hold; always above 0."""
    return math.log1p((max(n_passages - frequency, 0) + 0.5) / (frequency + 0.5))
