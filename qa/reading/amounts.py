"""Whether an article, or a candidate in it, is about the numbers that a question names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from index.schema import Span
from qa.asking.question import Question
from qa.reading.coverage import Term, fold_aligned, says_term
from qa.reading.quantities import Quantity, compatible, quantities

_YEAR = re.compile(r"(?:19|20)\d\d")
_COMPARED_WITH = re.compile(r"(?:与|和|同|比|较|相对)于?$")
_ASKS_TO_COMPARE = re.compile(
    r"比|较|增|减|升|降|多了|少了|涨|跌|变化|提高|扩大|缩|"
    r"\b(?:compar|grow|grew|increas|decreas|ris|rose|fall|fell|drop|cut|chang|gain|los|than\b|since\b|"
    r"(?:more|fewer|less|up|down|above|below)\b)"
)
_ATTRIBUTE = 30  # characters before a thing in which an amount describes it
_OF_TIME = frozenset("年月日时")


def numbers_lacking(terms: Sequence[Term], asked: str, article: str) -> float:
    """The share of the question's numbers, in whichever figures, that an article does not say.

    Args:
        terms: of the question.
        asked, article: folded.
    """
    numbers = [term for term in terms if term.is_number]
    if not numbers:
        return 0.0
    amounts, told = quantities(asked), None
    lacking = 0
    for term in numbers:
        of = [each for each in amounts if says_term(term, each.span.of(asked))]
        # The 2 of 2亿元 is not that of “2 billion”.
        scaled = any(each.value >= 1000 and each.value != _figure(term) for each in of)
        if not scaled and says_term(term, article):
            lacking += _only_compared_with(term, asked, article)
            continue
        told = quantities(article) if told is None else told
        # In whichever figures: 20亿元 is “2 billion yuan”.
        lacking += not any(compatible(each, other) for each in of for other in told)
    return lacking / len(numbers)


def _only_compared_with(year: Term, asked: str, article: str) -> bool:
    """“专利344件，与2022年相比增加43件” does not say how many there were in 2022."""
    if not _YEAR.fullmatch(year.text) or _ASKS_TO_COMPARE.search(asked):
        return False
    starts = (match.start() for match in re.finditer(year.text, article))
    return all(_COMPARED_WITH.search(article[max(0, start - 4) : start]) for start in starts)


def _figure(term: Term) -> Fraction:
    return Fraction(term.text.replace(",", ""))


def of_another_amount(question: Question, text: str, span: Span) -> bool:
    """Whether something is asked for by its amount, and these words stand for what has another.

    “总投资20亿元的是哪个项目” is not answered by the 新材料项目 of “总投资2亿元的新材料项目”.
    """
    if question.kind not in ("person", "place", "organisation", "other"):
        return False
    asked = [each for each in quantities(fold_aligned(question.text)) if _is_amount(each)]
    if not asked:
        return False
    start = max(0, span.start - _ATTRIBUTE)
    before, words = fold_aligned(text[start : span.start]), fold_aligned(span.of(text))
    of_it = [each for each in quantities(before) if before[each.span.end :] == "的"]
    for described in (of_it, quantities(words)):
        for one in asked:
            values = {each.value for each in described if each.unit == one.unit}
            if values and one.value not in values:
                return True
    return False


def _is_amount(each: Quantity) -> bool:
    return each.unit is not None and each.unit not in _OF_TIME
