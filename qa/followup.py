"""Rules for a question that leans on the turns before: what it leans on, and its whole form.

“侯马审批时限缩减多少天” → “那比法定少多少？”   侯马审批时限缩减，比法定少多少？
“临汾有多少件专利”       → “介休呢？”           介休有多少件专利
“最大的项目是哪个” 国强光伏 → “它投资多少”      国强光伏投资多少
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.coverage import fold_aligned, terms_of
from qa.places import places_in, romanised_in
from qa.question import INTERROGATIVE, Question, analyse
from qa.schema import Turn

_ANSWER_MOST = 30  # characters of an answer that can stand for “it”
_TOPIC_MOST = 40
_TURNS = 4  # questions before that can still be leaned on

_LANGUAGE = re.compile(
    r"^\s*(?:那|and|what about|how about)?\s*(?:请|please)?\s*"
    r"(?:(?:用|换成|翻译成|说)?(?:英文|英语|中文|汉语|繁体|简体)(?:呢|怎么说|再说一遍|回答)?"
    r"|(?:say (?:it|that)|answer)?\s*in (?:english|chinese))\s*[?？。.!！]*\s*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\s*(?:那么|那麼|那(?![篇则個个家项些位座条條件次种種里裡边年天时])|然后|另外|还有|并且|"
    r"(?:and|so|then|but|also|what about|how about)\b)[,，\s]*",
    re.IGNORECASE,
)
_WHAT_OF = re.compile(r"^(?P<what>.{1,24}?)(?:呢|又如何|又怎样|怎么样)\s*[?？]*\s*$")
_WHAT_ABOUT = re.compile(
    r"^\s*(?:and|what about|how about)\s+(?P<what>[^?？]{1,60}?)\s*[?？]*\s*$", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"(?:它|他|她|牠)(?:们|們)?(?:的)?|"
    r"该(?:公司|企业|项目|市|县|区|开发区|地|人|院|校|国|产品|工程|活动|文|报道)|"
    r"(?:这|那|此|這)(?:个|家|项|些|位|座|条|件|篇|次|种|個|項|條)"
    r"(?:公司|企业|项目|开发区|城市|地方|活动|人|文章|报道|工程)?|"
    r"这里|那里|当地|这(?=是|有|比|在|对)|那(?=是|有|在|家)|其中|其(?=[他它余]?[^他它实余])"
)
_PRONOUN_EN = re.compile(
    r"\b(?:it|its|they|their|them|he|his|him|she|her|that|this|these|those|there|the (?:company|"
    r"project|firm|zone|article|city|county|place|one|same))\b",
    re.IGNORECASE,
)
_TOPIC_EN = re.compile(
    r"^\s*(?:how (?:many|much|long)|what|which|who|when|where|why|is|are|was|were|do|does|did|"
    r"has|have)\b",
    re.IGNORECASE,
)
_OF_THE_TOPIC = ("这", "那", "其中", "当地", "这里", "那里")  # stand for no name

Leaning = Literal["no", "maybe", "yes"]


@dataclass(frozen=True, slots=True)
class Whole:
    """A question as it stands, and as it reads with what the turns before add."""

    text: str
    carried: str | None  # None: nothing before it can be leaned on
    leaning: Leaning  # maybe: the retriever decides


def whole_of(text: str, history: Sequence[Turn]) -> Whole:
    """Rules only; no search."""
    asked, answered = _before(history)
    if asked is None:
        return Whole(text, None, "no")
    if _LANGUAGE.match(text):
        return Whole(text, asked, "yes")
    bare = _LEAD.sub("", text).strip() or text
    about = _WHAT_ABOUT.match(text) or _WHAT_OF.match(bare)
    if about and not INTERROGATIVE.search(fold_aligned(about["what"])):
        return Whole(text, _swapped(asked, about["what"].strip()), "yes")
    pronoun = _PRONOUN.search(bare) or (
        None if analyse(bare).is_chinese else _PRONOUN_EN.search(bare)
    )
    if pronoun:
        return Whole(text, _replaced(bare, pronoun, asked, answered), "yes")
    carried = f"{_topic(asked)}，{bare}" if analyse(bare).is_chinese else f"{_topic(asked)}: {bare}"
    terms = terms_of(bare)
    if len(terms) <= 1 or bare != text:
        return Whole(text, carried, "maybe" if _names(bare) else "yes")
    return Whole(text, carried, "no" if _names(bare) else "maybe")


def _before(history: Sequence[Turn]) -> tuple[str | None, str | None]:
    """The last question in its whole form, and its answer."""
    asked: str | None = None
    answered: str | None = None
    users = [number for number, turn in enumerate(history) if turn.role == "user"][-_TURNS:]
    for number in users:
        turns = [] if asked is None else [Turn("user", asked)]
        if asked is not None and answered is not None:
            turns.append(Turn("assistant", answered))
        whole = whole_of(history[number].content[:300], turns)
        leans = whole.carried is not None and whole.leaning == "yes"
        asked = whole.carried if leans and whole.carried else whole.text
        following = history[number + 1 : number + 2]
        answered = following[0].content if following and following[0].role == "assistant" else None
    return asked, answered


def _swapped(asked: str, what: str) -> str:
    """The question before, about something else: a place or a year takes the other's place."""
    old_places, new_places = places_in(fold_aligned(asked)), places_in(fold_aligned(what))
    if old_places and new_places:
        start = fold_aligned(asked).find(old_places[0])
        return asked[:start] + what + asked[start + len(old_places[0]) :]
    old_names, new_names = romanised_in(asked), romanised_in(what)
    if old_names and new_names:
        return re.sub(rf"\b{old_names[0]}\b", what, asked, count=1, flags=re.IGNORECASE)
    years = re.compile(r"(?:19|20)\d\d")
    new_year, old_year = years.search(what), years.search(asked)
    if new_year and old_year:
        return asked[: old_year.start()] + new_year.group() + asked[old_year.end() :]
    if new_places or new_names or new_year:
        return (
            f"{what}，{asked}" if analyse(asked).is_chinese else f"{asked.rstrip('?？ ')} {what}?"
        )
    asking = INTERROGATIVE.search(fold_aligned(asked))
    end = asked[asking.start() :] if asking else ""
    about = "".join(_named_in(asked))
    if analyse(what).is_chinese:
        return f"{about}{what}{end}"
    return f"{asked.rstrip('?？ ')}: {what}?"


def _replaced(text: str, pronoun: re.Match[str], asked: str, answered: str | None) -> str:
    """The question with what its pronoun stands for: the answer before, where it is a name."""
    stands = _antecedent(asked, answered)
    if not analyse(text).is_chinese:
        return f"{_topic(asked)}: {text}" if stands is None else f"{stands}: {text}"
    word = pronoun.group()
    if stands is None or word in _OF_THE_TOPIC or re.search("篇|条|文|报道", word):
        return f"{_topic(asked)}，{text}"
    joined = "的" if word.endswith("的") or word == "其" else ""
    inside = text[: pronoun.start()] + stands + joined + text[pronoun.end() :]
    about = [name for name in _named_in(asked) if name not in inside]
    return f"{''.join(about)}{'，' if about else ''}{inside}"


def _antecedent(asked: str, answered: str | None) -> str | None:
    """The answer before, if it can be “it”; else what the question before names."""
    question: Question = analyse(asked)
    if answered and question.kind in ("person", "place", "organisation", "other"):
        unmarked = re.sub(r"\[\d+\]|【\d+】", "", answered).strip()
        first = re.split(r"[\n。；;]", unmarked)[0].strip()
        if 1 < len(first) <= _ANSWER_MOST and not re.fullmatch(r"[\d.,%％\s]+\D{0,3}", first):
            return first
    named = _named_in(asked)
    return None if not named else "".join(named)


def _named_in(text: str) -> list[str]:
    """Places, titles in quotes and Latin names that a question holds, as written."""
    folded = fold_aligned(text)
    found = [text[(at := folded.find(name)) : at + len(name)] for name in places_in(folded)]
    found += re.findall(r"[《“「][^》”」]{2,20}[》”」]", text)
    if not analyse(text).is_chinese:
        found += re.findall(r"(?<=[a-z,] )[A-Z]\w+", text)
    return found


def _names(text: str) -> bool:
    return bool(_named_in(text))


def _topic(asked: str) -> str:
    """What a question is about: its words up to what it asks for."""
    if not analyse(asked).is_chinese:
        return _TOPIC_EN.sub("", asked).strip(" ?？")[: 2 * _TOPIC_MOST]
    folded = fold_aligned(asked)
    match = INTERROGATIVE.search(folded)
    start, end = (match.start(), match.end()) if match else (len(asked), len(asked))
    before, after = asked[:start].rstrip("，,？?是有为在被由于 "), asked[end:].strip("，,？? 了的")
    topic = before if len(before) >= 4 else f"{before}{after}"
    return topic[-_TOPIC_MOST:] or asked[:_TOPIC_MOST]
