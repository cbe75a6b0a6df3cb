"""“A和B哪个多”: the measure is asked of each, and the articles' own numbers are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.schema import Span
from qa.cite import cite
from qa.parts import side_by_side
from qa.reading.coverage import fold_aligned
from qa.reading.places import places_in
from qa.reading.quantities import Quantity, quantities
from qa.schema import Answer, Citation

_SHAPE = re.compile(
    r"^(?P<one>[^，,、？?]{2,24}?)(?:和|与|跟|还是|、)(?P<two>[^，,、？?]{2,24}?)"
    r"(?:这?两[个家种所座篇项](?:[\u4e00-\u9fff]{2})?)?(?:相比|比较|比|之间|当中|中|里)?[，,]?"
    r"(?:谁|哪(?:一?[个家项种样座所篇县市支款批]|边|里|儿)?)(?P<what>的?[\u4e00-\u9fffA-Za-z]{0,8}?)(?:更|比较|要|最)?"
    r"(?P<word>多|少|大|小|高|低|长|短|早|晚|快|慢|重|轻|贵)(?:一些|一点|些)?[？?]?$"
)
_KIND = re.compile(r"的|项目|公司|企业|单位|地方|开发区")  # what both things are names neither
# “A和专家认为哪个更多” asks of no second thing.
_NO_NAME = re.compile(r"(?:认为|觉得|相信|选择|喜欢|支持|[说称在有会对])$")
_ASKED = {"多": "有多少", "少": "有多少", "早": "是什么时候", "晚": "是什么时候"}
_LEAST = frozenset("少小低短早轻")
_TIME = re.compile(r"(?:秒|分|分钟|小时|天|日|周|星期|月|年)$")
_SHORTEST_NAME = 2  # characters of a name that the article prints


@dataclass(frozen=True, slots=True)
class Sides:
    """Two things and a question for each of them."""

    names: tuple[str, str]
    texts: tuple[str, str]
    wanted: Literal["most", "least", "fast", "slow"]


def sides_of(text: str) -> Sides | None:
    """None: the question compares no two things by a measure."""
    match = _SHAPE.match(fold_aligned(text).strip())
    if match is None:
        return None
    one, two = text[slice(*match.span("one"))], text[slice(*match.span("two"))]
    if _NO_NAME.search(match["two"]):
        return None
    owner, _, own = one.rpartition("的")
    names = (own or one, two)
    if owner:
        two = f"{owner}的{two}"
    elif place := _place_before(one, two):
        names = (one[len(place) :], two)
        two = place + two
    what = _KIND.sub("", match["what"])
    word = match["word"]
    if what.endswith("得"):  # “谁卖得多”, “哪个涨得快”
        asked = f"{what[:-1]}了多少" if word in "多少" else f"{what}有多{word}"
    else:
        asked = f"{what}是多少" if what else _ASKED.get(word, f"有多{word}")
    pace: dict[str, Literal["fast", "slow"]] = {"快": "fast", "慢": "slow"}
    wanted = pace.get(word) or ("least" if word in _LEAST else "most")
    return Sides(names, (one + asked, two + asked), wanted)


def _place_before(one: str, two: str) -> str:
    """The place that the first name begins with, where it stands for the second too."""
    folded = fold_aligned(one)
    place = next((place for place in places_in(folded) if folded.startswith(place)), "")
    return place if len(one) > len(place) + 1 and not places_in(fold_aligned(two)) else ""


def compared(text: str, sides: Sides, answers: Sequence[Answer], *, top_k: int) -> Answer | None:
    """The name of the one with more, or less, as its article prints it; None: that cannot be told.

    Both sentences are cited. Equal values, other units and a missing answer cannot be compared.
    """
    values = [_only_value(answer) for answer in answers]
    one, two = values[0], values[1]
    if one is None or two is None or one.unit != two.unit or one.value == two.value:
        return None
    # The faster one takes less of a time, and has more of a speed or a growth.
    most = ("most", "slow") if _TIME.search(one.unit or "") else ("most", "fast")
    first_wins = (one.value > two.value) == (sides.wanted in most)
    winner = 0 if first_wins else 1
    named = _naming(answers[winner].citations[0], sides.names[winner])
    if named is None:
        return None
    other = replace(answers[1 - winner].citations[0], marker=2)
    name = named.answer.of(named.article.text)
    both = side_by_side(text, answers, top_k=top_k)
    return replace(both, text=name, answers=(name,), citations=(named, other))


def _only_value(answer: Answer) -> Quantity | None:
    if answer.text is None or not answer.citations:
        return None
    found = quantities(fold_aligned(answer.text))
    return found[0] if len(found) == 1 else None


def _naming(citation: Citation, name: str) -> Citation | None:
    """The citation with the longest part of a name that its sentence says in the answer's place."""
    sentence, wanted = fold_aligned(citation.quote), _KIND.sub("", fold_aligned(name))
    for length in range(len(wanted), _SHORTEST_NAME - 1, -1):
        for start in range(len(wanted) - length + 1):
            at = sentence.find(wanted[start : start + length])
            if at >= 0:
                span = Span(at, at + length).shifted(citation.span.start)
                return cite(
                    citation.article,
                    citation.span,
                    span,
                    marker=1,
                    passage_id=citation.passage_id,
                )
    return None
