"""English follow-ups: what they name takes the place of its like in the question before.

“How many medals did France win in 2023?”
    “And Germany?”       → How many medals did Germany win in 2023?    a name: the subject
    “And in 2022?”       → How many medals did France win in 2022?     a time: the time
    “And in Tokyo?”      → … did France win in 2023 in Tokyo?          no place to take: at the end
    “And prizes?”        → How many prizes did France win in 2023?     else: what is counted
“What is France's population?” “And Germany's GDP?” → What is Germany's GDP?

What a name stands for is told from the words around it, never from what it names: no list of
countries. Only pinyin (“Houma”) is known to be a place.
"""

from __future__ import annotations

import re

from index.schema import Span
from qa.asking.kinds import INTERROGATIVE
from qa.reading.coverage import fold_aligned
from qa.reading.places import romanised_spans
from qa.reading.spans import MONTHS

_STATEMENT_MOST = 120  # characters
YEAR = re.compile(r"(?:19|20)\d\d")

_ASKING = re.compile(
    r"^\s*(?:(?:in |on |by |for |at )?(?:how (?:many|much|long|old|big|far)|what|which|who|whom|"
    r"when|where|why|how)\b)\s*(?:is|are|was|were|do|does|did|has|have)?\b\s*",
    re.IGNORECASE,
)
_WORD = (
    r"(?:(?!(?:I|How|What|Which|Do|Does|Did|Is|Are|Was|Were|Has|Have|Had|In|At|Of|The|And)\b)"
    r"(?:(?:[A-Z]\.){2,}|(?:St|Mr|Mrs|Ms|Dr)\.|[A-Z][\w&]*(?:['’](?!s\b)\w+|-\w+)*)"
    r"|[\u3400-\u9fff]+)"
)
# “the Bank of China” is one name, “GDP of France” two.
_NAME = rf"\b(?:the )?{_WORD}(?: (?:(?:(?<![A-Z]{{2}} )of(?: the)?|de|van|von) )?{_WORD})*"
# “France and Germany”, “London, England”: asked about together, replaced together.
_NAMES = rf"{_NAME}(?:(?:,? and |, (?={_NAME}(?:[,?]|,? and |$))){_NAME})*"
_EVERY_NAME = re.compile(_NAMES)
_SEVERAL = re.compile(", | and ")
_CAPITALS = re.compile(r"(?:the )?[A-Z&]{2,}s?(?: [A-Z&]{2,}s?)*")  # “GDP”, “the UK”, “NGOs”
_WHERE = "(?:in|at|near|across|around|within)"
_LED = rf"(?:{_WHERE}|on|from|for|of|to|by|with|since|until|during|before|after|among)\b"
# What a follow-up names: “in Paris”, “Germany's exports”, “exports in Germany”.
_ABOUT = re.compile(
    rf"(?:(?P<led>{_LED}) )?(?P<name>{_NAMES})(?:['’]s?(?: (?P<its>\w[\w&, -]*))?)?"
    rf"|(?P<thing>[a-z][\w& -]*?) (?:in|at|of|for|from) (?P<owner>{_NAMES})(?:['’]s?)?"
)
_THING = re.compile(rf"(?!(?:{_LED}|the|a|then|only|just|also)\b)[a-z][\w& -]*")
_KIND_OF_PLACE = re.compile(r"\bthe (?:city|county|town|province|district) of ")
_ITS = re.compile(r"['’]s? ((?:[\w&-]+ ?)+?)(?= (?:in|at|of|for|is|was)\b|[?.]|$)")
_HAS = re.compile(r"['’]s\b| (?:have|has|had)\b")
_VERB = r"(?:do|does|did|is|are|was|were|has|have|had|can|in|at|of)\b"  # closes what is counted
_COUNTED = re.compile(
    rf"\b(?:how (?:many|much)|which|what)\s+(?!is|are|was|were|do|did|does)(.{{3,40}}?)"
    rf"(?=\s+{_VERB})",
    re.IGNORECASE,
)
_RELATIVE = (
    "(?:(?:last|this|next) (?:year|month|week|quarter|spring|summer|autumn|winter)"
    "|yesterday|today|tomorrow)"
)
_DAY = rf"(?:{MONTHS}(?: \d{{1,2}}(?:st|nd|rd|th)?)?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
_WHEN = re.compile(  # a month's name alone may be a person's: “Theresa May”
    rf"\b(?:{_LED} )?(?:{_RELATIVE}|{YEAR.pattern})\b|\b{_LED} {_DAY}(?:,? {YEAR.pattern}\b)?"
    rf"|\b{_DAY},? {YEAR.pattern}\b|^{_DAY}$"
)


def is_english(text: str) -> bool:
    """Whether a question is asked in English; it may hold a Chinese name."""
    if INTERROGATIVE.search(fold_aligned(text)):
        return False
    return len(re.findall(r"[A-Za-z]+", text)) > len(re.findall("[\u3400-\u9fff]{2,}", text))


def asks_en(text: str) -> bool:
    """Whether an English text begins with what asks."""
    return bool(_ASKING.match(text))


def statement_en(asked: str, value: str) -> str:
    """“How many patents does Linfen have”, 344 → “patents does Linfen have 344”."""
    return f"{_ASKING.sub('', asked).strip()} {value}".strip()[-_STATEMENT_MOST:]


def put(text: str, slot: Span, words: str) -> str:
    """The text with other words in a slot of it."""
    return f"{text[: slot.start]}{words}{text[slot.end :]}"


def swapped_en(asked: str, what: str) -> str:
    """The question before, with what the follow-up names in the place of its like.

    Where it cannot be told what it takes the place of, it follows the whole question.
    """
    what = _KIND_OF_PLACE.sub("", what).rstrip(" .!")
    if when := _WHEN.search(what):
        rest = put(what, Span(*when.span()), "").strip(" ,")
        if _ABOUT.fullmatch(rest) or _THING.fullmatch(rest):
            asked = swapped_en(asked, rest)
        return _time_swapped(asked, when.group())
    if about := _ABOUT.fullmatch(what):
        return _name_swapped(asked, what, about)
    names, new_names = romanised_spans(asked), romanised_spans(what)
    if names and new_names:  # “Houma county”
        return put(asked, names[0], new_names[0].of(what))
    if new_names or re.match(_LED, what):
        return _followed(asked, f" {what}")  # “in total”
    return _thing_swapped(asked, what)


def _followed(asked: str, words: str) -> str:
    return f"{asked.rstrip('?？ ')}{words}?"


def _time_swapped(asked: str, when: str) -> str:
    """“in May 2023”, “April” → “in April 2023”: a month keeps its year, a year its month."""
    match = _WHEN.search(asked)
    if match is None:
        return _followed(asked, f" {when}")
    old = match.group()
    if not re.search(_RELATIVE, f"{old} {when}"):
        led = re.match(_LED, when) or re.match(_LED, old)
        day = re.search(_DAY, when) or re.search(_DAY, old)
        year = YEAR.search(when) or YEAR.search(old)
        when = " ".join(each.group() for each in (led, day, year) if each)
    return put(asked, Span(*match.span()), when)


def _name_swapped(asked: str, what: str, about: re.Match[str]) -> str:
    name, led = about["name"] or about["owner"], about["led"] or ""
    measure = not led and _is_measure(asked, name)
    slot = _slot_of(asked, name, led, measure=measure)
    if slot is None:
        if measure:
            return _thing_swapped(asked, what)
        return _followed(asked, f"{' ' if led else ': '}{what}")
    moved = _renamed(asked, slot, name)
    thing = about["its"] or about["thing"]
    if not thing:
        return moved
    if its := _ITS.match(moved, len(moved) - len(asked) + slot.end):
        return put(moved, Span(*its.span(1)), thing)
    return _thing_swapped(moved, thing)


def _is_measure(asked: str, name: str) -> bool:
    """Whether capitals are no name's: “GDP”; where things are counted, only “NGOs” are."""
    if not _CAPITALS.fullmatch(name) or name.startswith("the "):
        return False
    return name.endswith("s") or not re.search(r"\bhow many\b", asked, re.IGNORECASE)


def _slot_of(asked: str, name: str, led: str, *, measure: bool) -> Span | None:
    """Where the question has the name that another one is asked in place of.

    “How many medals did France win in Tokyo?”: “Germany” is asked in place of the subject,
    “in Paris” of what stands after “in” too. None: it has none, or several that might be meant.

    Args:
        led: the preposition before the other name, or nothing.
        measure: the other is a measure (“GDP”), in place of a measure.
    """

    def after(words: str) -> list[Span]:
        stands = re.compile(rf"\b{words} $")
        return [slot for slot in slots if stands.search(asked[: slot.start])]

    where = _WHERE if re.fullmatch(_WHERE, led) else led
    slots = [slot for slot in _names_of(asked) if romanised_spans(slot.of(asked))]
    if slots and romanised_spans(name):  # places; where several are named, the subject
        return next(iter([*(after(where) if led else ()), *after("(?:do|does|did)"), *slots]))
    slots = _alike(asked, measure=measure)
    if led and (stand_alike := after(where)):
        return _only(stand_alike)
    if led not in ("", "for", "of"):  # who has is where, but who wins is not
        slots = [slot for slot in slots if _HAS.match(asked, slot.end)]
    return _only(slots) or _only(after("(?:do|does|did)") or after("of"))


def _only(slots: list[Span]) -> Span | None:
    return slots[0] if len(slots) == 1 else None


def _alike(asked: str, *, measure: bool) -> list[Span]:
    """The question's measures, or its names: those in capitals only where it has no others."""
    names = _names_of(asked)
    capitals = [slot for slot in names if _CAPITALS.fullmatch(slot.of(asked))]
    if measure:
        return capitals
    others = [slot for slot in names if slot not in capitals] or capitals
    return [slot for slot in others if not _qualifies(asked, slot)]


def _names_of(asked: str) -> list[Span]:
    """Where the question has names, no times among them; its first word is one only in pinyin."""
    first = re.match(r"\s*[A-Za-z'’]*", asked)
    start = first.end() if first and not romanised_spans(first.group()) else 0
    times = [Span(*match.span()) for match in _WHEN.finditer(asked)]
    names = [Span(*match.span()) for match in _EVERY_NAME.finditer(asked, start)]
    return [name for name in names if not any(map(name.overlaps, times))]


def _qualifies(asked: str, slot: Span) -> bool:
    """“How many Nobel prizes”: the name is said of what is counted."""
    asking = re.search(r"\b(?:how (?:many|much)|which|what) $", asked[: slot.start], re.IGNORECASE)
    return bool(asking) and re.match(rf" (?!{_VERB})[a-z]", asked[slot.end :]) is not None


def _renamed(asked: str, slot: Span, name: str) -> str:
    """The question with the name in the slot, or in the part of the slot that it is like."""
    old = slot.of(asked)
    if asked[: slot.start].endswith("between ") and not _SEVERAL.search(name):
        slot = Span(slot.start, slot.start + len(_SEVERAL.split(old)[0]))  # a distance takes two
    elif romanised_spans(name) and " " not in name and not _SEVERAL.search(old):
        head = next(iter(romanised_spans(old)), None)
        if head and old[: head.start] in ("", "the "):
            slot = head.shifted(slot.start)  # “Houma Economic Development Zone”: Jiexiu's
    elif old.startswith("the ") and _CAPITALS.fullmatch(name):
        name = f"the {name.removeprefix('the ')}"
    return put(asked, slot, name)


def _thing_swapped(asked: str, what: str) -> str:
    """“valid patents” → “valid trademarks”, but “R&D staff” → “invention patents”."""
    what = what.removeprefix("the ")
    counted = _COUNTED.search(asked)
    if counted is None:
        return _followed(asked, f": {what}")
    start = counted.start(1) if " " in what else counted.start(1) + counted[1].rfind(" ") + 1
    return put(asked, Span(start, counted.end(1)), what)
