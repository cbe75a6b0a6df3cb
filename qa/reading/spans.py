"""Stretches of text that look like an answer of a kind: numbers, dates, listed items."""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_letters

from index.lexical import to_simplified
from index.schema import Span
from qa.asking.kinds import Kind

_DIGITS = r"\d+(?:[.,，]\d+)*"
_HAN_DIGITS = r"[〇零一二两三四五六七八九十百千万亿半]+"
_SCALE = r"(?:多|余)?(?:[百万亿兆]|千(?![瓦米克伏卡]))*(?:多|余)?"
# Measure words that begin other words too: 处 of 处理, 成 of 成立.
_MORE_UNITS = (
    r"成(?![员为立功果长本都])|处(?![理罚分置于])|起(?![至步点跑飞降来])|期(?![间货末待限])|款(?!项)|股(?![东权价民票市])|"
    r"手(?![机段续工])|集(?![团中合成])|张(?!家)|日(?![元本报常前])|[瓶枚席遍幅碗]"
)
_LATIN_UNITS = (
    r"(?:[kmcn]m|[km]g|[kMG]Wh?|[KMGT]B|[KMG]?Hz|mAh|m[lL]|[mgWL](?=[^A-Za-z\d]|$))(?![A-Za-z])"
)
_UNITS = (
    rf"(?:{_LATIN_UNITS}|毫米|厘米|英寸|毫升|毫克|瓦|℃|平米|{_MORE_UNITS}|"
    r"个?百分点|个?基点|个?(?:工作|交易|自然)日|平方公里|平方千米|平方米|立方米|立方|千瓦时|千瓦|公里|千米|公斤|千克|公顷|"
    r"个?(?:半?小时|季度|星期|学期|世纪)|分钟|"
    r"[美欧日港澳加韩]元|英镑|港币|卢布|人民币|摄氏度|人次|周年|年度|个月|[天日年月周岁元人名户家件项个条座所间种次倍亩吨米度场篇位只台辆艘架部本首届层级号秒分块页棵头口套批支宗例轮步门组类点]?)"
)
NUMBER = re.compile(
    rf"(?:{_HAN_DIGITS}|\d+)分之(?:{_HAN_DIGITS}|\d+)|{_DIGITS}\s*(?:[%％‰]|{_SCALE}{_UNITS})|{_HAN_DIGITS}(?:多|余)?"
    r"(?:个?百分点|个?基点|个?(?:工作|交易|自然)日|平方公里|公里|个?(?:半?小时|季度|星期|学期|世纪)|分钟|美元|人次|个月|[天年月周岁元人名户家件项个条座所间种次倍亩吨米度场篇位只台辆艘架部本首届层级号])"
    rf"|(?!一){_HAN_DIGITS}(?:多|余)?(?:{_MORE_UNITS}|支)|[一二两三四五六七八九十百]{_HAN_DIGITS}(?<=[万亿])"
)
_SCALE_EN = r"(?:hundred|thousand|million|billion|trillion|[bmt]n)\b"
_TIME_EN = (
    r"(?:working |business |trading |calendar )?(?:days?|hours?)|weeks?|months?|years?|decades?|"
    r"minutes?|seconds?"
)
_MONEY_EN = (
    r"(?:US |Hong Kong |Australian |Canadian )?(?:dollars?|cents?)|yuan|RMB|euros?|pounds?|pence|"
    r"yen|won|rou?bles?|rupees?|francs?"
)
_MEASURE_EN = (
    r"(?:square |cubic )?(?:kilo|centi|milli)?met(?:re|er)s?|"
    r"(?:square )?(?:miles?|feet|foot|inch(?:es)?|km)|hectares?|acres?|mu|k[mg]|(?:kilo)?grams?|"
    r"kilos?|tons?|tonnes?|lit(?:re|er)s?|degrees?|(?:kilo|mega|giga)?watts?|[kMG]Wh?"
)
NUMBER_EN = re.compile(
    r"(?:(?:US|HK|NT|[AC])?[$€£¥]\s?|(?:RMB|CNY|USD|EUR)\s)?\d+(?:[.,]\d+)*"
    rf"(?:\s?{_SCALE_EN})?(?:\s?%|[\s-]?(?:per ?cent|(?:percentage|basis) points?|"
    rf"{_TIME_EN}|{_MONEY_EN}|{_MEASURE_EN}|people|persons?|times)\b)?",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?:{_DIGITS}|{_HAN_DIGITS})\s*(?:{_SCALE}|{_SCALE_EN})", re.IGNORECASE)
MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
DATE = re.compile(
    r"(?:公元前?|西元前?|前)?\d{1,4}\s*年(?:代|底|初|末)?(?:\s*\d{1,2}\s*月(?:份|底|初|末|[上中下]旬)?(?:\s*\d{1,2}\s*[日号])?)?"
    r"|(?:\d{1,2}(?:[-－—–~～]|至|到))?(?:\d{1,2}|[元正腊])\s*月(?:份|底|初|末|[上中下]旬)?(?:\s*\d{1,2}\s*[日号])?|\d{1,2}\s*[日号]"
    r"|(?:去年|今年|明年|前年|近日|日前|昨[天日]|今[天日]|明[天日])"
    r"|[一二三四五六七八九十]{1,2}月(?:份|底|初|末|[上中下]旬)?(?:[一二三四五六七八九十]{1,3}[日号])?|年[底初末]"
    r"|(?<![一二两三四五六七八九十几\d])(?:周|星期|礼拜)[一二三四五六日天](?![次回个级届期天层环月年])"
    r"|\d{1,2}[:：]\d{2}|[二一][〇零一二三四五六七八九]{3}年(?:[一二三四五六七八九十]+月(?:[一二三四五六七八九十]+日)?)?"
    rf"|(?:\d{{1,2}} )?{MONTHS}(?: \d{{1,2}}(?!\d),?)?(?: \d{{4}})?|\b1\d{{3}}s?\b|\b20\d\ds?\b"
)
_HALF_WIDTH = {0xFEE0 + ord(c): c for c in "0123456789.%$" + ascii_letters}
TO = re.compile(r"\s*(?:[-－—–~～〜]{1,2}|至|到)\s*")  # between the ends of a range
HOUR = re.compile(
    r"(?:凌晨|清晨|早[上晨]|上午|中午|下午|傍晚|晚[上间]?|夜[间里]?)?(?:\d{1,2}(?:时|点)(?:\d{1,2}分|半)?(?:许|左右)?|\d{1,2}[:：]\d{2})"
    r"|凌晨|清晨|早[上晨]|上午|中午|下午|傍晚|晚[上间]?|夜[间里]"
)
_REASON = re.compile(
    r"(?:因为|由于|因此|为了|原因|导致|because|due to|since|owing to)", re.IGNORECASE
)
_CLAUSE = re.compile(r"[^，,；;。！？!?：:\n]+")
_EDGE = " \t\n，,。；;：:、！!？?\"“”‘’「」『』'（）()《》〈〉【】[]—-·"
_CLOSING = {
    "《": "》",
    "“": "”",
    "（": "）",
    "(": ")",
    "「": "」",
    "『": "』",
    "‘": "’",
    "【": "】",
    '"': '"',
}
_OPENING = {right: left for left, right in _CLOSING.items()}
_COMMAS = re.compile(r"、|；|(?<=[^\d\s]),\s|;")
_COMMAS_AND = re.compile(
    r"、|；|;|，?(?:以及|(?<![尔埃普涉])及其?|和(?![谐平解睦])|与(?!会))|(?<=[^\d\s]),\s(?:and\s)?|\sand\s"
)
# “一是…，二是…”: only its numbers part it.
_NUMBERED = re.compile(r"[，,；;。]\s*(?=[二三四五六七八九十]是|[（(]?[2-9][、.）)](?!\d))")
_IN_NAME = re.compile("和[区县镇乡村通的]|与自然")  # behind one character: 仁和区, 人与自然
_ITEM = re.compile(r"[^\s、，,；;。！？!?：:等]{1,20}")
_ITEM_BEFORE = re.compile(r"(?<=[、：:])[^\s、，,；;。！？!?：:]{1,20}$")
_CLOSING_OF_LIST = re.compile(
    r"(?<![高平对同中初相优特头一二三四])等(?:等|[\d一二两三四五六七八九十]|[^待级候]|$).*$|"
    r"(?<=[^\d.第一二两三四五六七八九十百千万亿])(?:这|共|等)?[一二两三四五六七八九十\d]+(?:大|个|条|项|家|种|类|处|座|名|位|款|部|方面).*$"
)


def typed_spans(text: str, kind: Kind) -> list[Span]:
    """The spans of a text that could answer a question of that kind, in order."""
    return list(_typed_spans(text, kind)) if kind in ("number", "date") else []


@lru_cache(maxsize=2048)  # one question looks at each sentence for many candidates
def _typed_spans(text: str, kind: Kind) -> tuple[Span, ...]:
    patterns = (DATE,)
    if kind == "number":
        patterns = (NUMBER, NUMBER_EN) if _mostly_latin(text) else (NUMBER,)
    text = to_simplified(text).translate(_HALF_WIDTH)  # one for one
    found = [
        trimmed
        for pattern in patterns
        for match in pattern.finditer(text)
        if not (kind == "number" and text[: match.start()].endswith("第"))
        if (trimmed := trim(text, Span(*match.span())))
    ]
    if kind == "date":
        found += [_with_hour(text, span) for span in found]
    found = sorted(set(found), key=lambda span: (span.start, -span.end))
    found = sorted({*found, *_ranges(text, found)}, key=lambda span: (span.start, -span.end))
    return tuple(found)


def outermost(spans: list[Span]) -> list[Span]:
    """Of `typed_spans`, those that lie in no other."""
    return [each for n, each in enumerate(spans) if not any(map(each.overlaps, spans[:n]))]


def _with_hour(text: str, day: Span) -> Span:
    """“7月13日凌晨5时许”: the day with its hour, where one follows."""
    hour = HOUR.match(text, day.end) if text[day.end - 1] in "日号" else None
    return Span(day.start, hour.end()) if hour else day


def _ranges(text: str, values: list[Span]) -> list[Span]:
    """“5.25%-5.5%”, “9月2日至6日”, “5-6月份”: from the first value to the one behind it."""
    ends = {span.start: span.end for span in reversed(values)}
    found = [
        (one, Span(between.end(), ends[between.end()]))
        for one in values
        if (between := TO.match(text, one.end)) and between.end() in ends
    ]
    return [
        Span(one.start, other.end)
        for one, other in found
        if _unit_of(one.of(text)) in ("", _unit_of(other.of(text)))
        or re.search("日|周|星期|礼拜", other.of(text))
    ]


def is_bare(number: str) -> bool:
    """Whether a number does not say of what it is: 72, 12亿, 2.5 trillion, not 72天 or $3."""
    return _BARE.fullmatch(to_simplified(number).translate(_HALF_WIDTH)) is not None


def _unit_of(value: str) -> str:
    return re.sub(rf"^(?:{_DIGITS}|{_HAN_DIGITS})\s*", "", value)


def clauses(text: str) -> list[Span]:
    """The stretches between commas and stops, without their edges."""
    return [span for match in _CLAUSE.finditer(text) if (span := trim(text, Span(*match.span())))]


def gives_reason(text: str) -> bool:
    return bool(_REASON.search(text))


def listed(text: str, count: int | None = None) -> list[Span]:
    """The items of an enumeration (“造纸、煤机、化工三条产业链”); one span where it is none.

    “和” and “and” separate only where something else does too (“北京和平里” is one item), or
    where only with them there are as many as the `count` asked for, or only without them.
    What closes a list (“等”, “三条产业链”) is no part of its last item.
    """
    if _NUMBERED.search(text) and len(numbered := _cut(text, _NUMBERED)) > 1:
        return numbered
    plain, joined = _cut(text, _COMMAS), _cut(text, _COMMAS_AND)
    if count is not None and count > 1 and count in (len(plain), len(joined)):
        items = plain if len(plain) == count else joined
    elif len(plain) < 2:
        return _cut(text, None)
    else:
        items = joined
    if closing := _CLOSING_OF_LIST.search(items[-1].of(text)):
        last = trim(text, Span(items[-1].start, items[-1].start + closing.start()))
        if last is not None:
            items[-1] = last
    return items


def whole_list(text: str, span: Span) -> Span:
    """The span with the further items of the enumeration that it stands in."""
    start, end = span.start, span.end
    while text[end : end + 1] == "、" and (item := _ITEM.match(text, end + 1)):
        end = item.end()
    while text[start - 1 : start] == "、" and (item := _ITEM_BEFORE.search(text, 0, start - 1)):
        start = item.start()
    return Span(start, end)


def _cut(text: str, separator: re.Pattern[str] | None) -> list[Span]:
    """The stretches between separators outside of brackets and quotes."""
    separators = (
        {match.start(): match.end() for match in separator.finditer(text)} if separator else {}
    )
    items: list[Span] = []
    start = position = depth = 0
    while position < len(text):
        depth += (text[position] in "（(《“‘「『〈") - (text[position] in "）)》”’」』〉")
        ends = separators.get(position)
        if position - start == 1 and _IN_NAME.match(text, position):
            ends = None
        if depth <= 0 and ends is not None:
            items.extend(_nonempty(text, start, position))
            position = start = max(ends, position + 1)
            continue
        position += 1
        if separator and depth <= 0 and re.match("[”》」』][“《「『]", text[position - 1 :]):
            items.extend(_nonempty(text, start, position))  # “甲”“乙”
            start = position
    items.extend(_nonempty(text, start, len(text)))
    return items


def trim(text: str, span: Span) -> Span | None:
    """The span without punctuation and space at its edges; None: nothing else was in it.

    Brackets and quotes stay where both of a pair are inside.
    """
    start, end = span.start, span.end
    while start < end and text[start] in _EDGE:
        if text.find(_CLOSING.get(text[start], "\0"), start + 1, end) >= 0:
            break
        start += 1
    while start < end and text[end - 1] in _EDGE:
        if text.find(_OPENING.get(text[end - 1], "\0"), start, end - 1) >= 0:
            break
        end -= 1
    return Span(start, end) if start < end else None


def paired(text: str, span: Span) -> Span | None:
    """The span trimmed, with the sign beside it that pairs with one left alone inside."""
    inside, before, behind = span.of(text), text[: span.start][-1:], text[span.end : span.end + 1]
    opening, closing = _OPENING.get(behind), _CLOSING.get(before)
    start, end = span.start, span.end
    if opening and inside.count(opening) > inside.count(behind):
        end += 1
    elif closing and inside.count(closing) > inside.count(before):
        start -= 1
    return trim(text, Span(start, end))


def is_broken(text: str, span: Span) -> bool:
    """Whether a span stops inside an enumeration, or holds one of a pair of quotes alone."""
    inside = span.of(text)
    for left, right in _CLOSING.items():
        depth = 0
        for character in inside if left != right else "":
            depth += (character == left) - (character == right)
            if depth < 0:
                return True
        if depth:
            return True
    return text[span.end : span.end + 1] == "、" or text[: span.start].endswith("、")


def _nonempty(text: str, start: int, end: int) -> list[Span]:
    if start >= end:
        return []
    span = trim(text, Span(start, end))
    return [span] if span else []


def _mostly_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return 4 * sum(map(str.isascii, letters)) > 3 * len(letters)
