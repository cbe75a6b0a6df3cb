from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.joined import Joined
from index.schema import Article, Source, Span, squeeze
from qa.cite import cite, says


def article_of(source: str, text: str, offsets: list[int]) -> Article:
    joined = Joined(source)
    for offset in offsets:
        joined.take(offset, offset + 1)
    return Article(
        "0" * 16,
        text,
        joined.alignment,
        Source("page.txt", source, "text", "0" * 64),
        None,
    )


PRINTED = "  比法定 107 个工\n\n作日减少了 72\n天，“标准地”挂\r\n牌只用了 4 个工作日。\n"
KEPT = [n for n, character in enumerate(PRINTED) if not character.isspace()]
ARTICLE = article_of(PRINTED, squeeze(PRINTED), KEPT)


def test_every_span_verifies_against_the_page() -> None:
    for start in range(len(ARTICLE.text)):
        for end in range(start + 1, len(ARTICLE.text) + 1):
            span = Span(start, end)
            citation = cite(ARTICLE, span, span, marker=1, passage_id="p")
            assert ARTICLE.text[start:end] == citation.quote
            assert squeeze(citation.source.of(PRINTED)) == squeeze(citation.quote)


@pytest.mark.parametrize(
    ("sentence", "answer", "why"),
    [
        (Span(0, 5), Span(4, 6), "the answer leaves the sentence"),
        (Span(2, 5), Span(1, 3), "the answer begins before it"),
        (Span(0, 10_000), Span(0, 1), "the sentence leaves the text"),
    ],
)
def test_spans_outside_are_refused(sentence: Span, answer: Span, why: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 why is told by the row
        cite(ARTICLE, sentence, answer, marker=1, passage_id="p")


def test_markers_count_from_one() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        cite(ARTICLE, Span(0, 3), Span(0, 1), marker=0, passage_id="p")


@given(st.integers(0, len(ARTICLE.text) - 1), st.characters(exclude_categories=("Cs", "Z", "C")))
def test_a_text_that_the_source_does_not_say_cannot_be_cited(at: int, other: str) -> None:
    text = ARTICLE.text[:at] + other + ARTICLE.text[at + 1 :]
    span = Span(0, len(text))
    forged = replace(ARTICLE, text=text)
    if text == ARTICLE.text:
        assert cite(forged, span, span, marker=1, passage_id="p").quote == text
    else:
        with pytest.raises(ValueError, match="does not say"):
            cite(forged, span, span, marker=1, passage_id="p")


@pytest.mark.parametrize(
    ("source", "quote", "agrees"),
    [
        ("a new devel-\nopment zone", "a new development zone", True),  # joined
        ("a new devel- \r\nopment zone", "a new development zone", True),
        ("a well-\nknown zone", "a well-known zone", True),  # a hyphen that the word keeps
        ("a well-known zone", "a wellknown zone", False),  # inside a line it is a letter
        ("a zone", "a zone-", False),  # the quote may not add one
        ("增加\n\n21 件", "增加21件", True),
        ("增加 21 件", "增加 21", False),
        ("增加", "增加 21", False),
    ],
)
def test_hyphens_at_line_ends_count_as_white_space(source: str, quote: str, agrees: bool) -> None:
    assert says(source, quote) is agrees


@given(st.text(alphabet="ab-\n 中。", max_size=40))
def test_a_text_says_itself_with_and_without_white_space(text: str) -> None:
    assert says(text, text)
    assert says(text, squeeze(text))
