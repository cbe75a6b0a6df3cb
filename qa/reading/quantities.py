"""Numbers, dates and amounts of a text as values that compare: 百分之四十 is 40%, 两万 is 20000."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from index.schema import Span


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a text, its magnitude multiplied in."""

    value: Fraction
    unit: str | None  # canonical; None: what follows is no unit known here
    span: Span  # in the text given, number and unit together


# Each row is one unit in several spellings; the first is its name. 天 and 日, % and 百分点 differ.
_SYNONYMS = [
    row.split()
    for row in """
    元 圆 块钱 人民币 yuan rmb cny
    美元 美金 dollars dollar usd
    欧元 euros euro
    % ％ percent
    百分点 个百分点
    年 years year
    月 months month
    个月
    日 号
    天 days day
    工作日 个工作日
    时 点 点钟
    小时 个小时 hours hour
    分钟 minutes minute
    周 星期 个星期 weeks week
    岁 周岁
    人 名 位 people persons
    秒 秒钟 seconds
    公里 千米 km
    公斤 千克 kg
    平方米 平米
    米 m
    厘米 cm
    毫米 mm
    度 ℃ 摄氏度
    """.strip().splitlines()
]
_OTHERS = """
日元 港元 港币 英镑 卢布 人次 户 家 间 个 项 件 条 座 台 辆 架 艘 列 套 份 张 本 部 篇 只 头 匹 棵 株 枚 块
把 支 根 颗 粒 栋 幢 层 楼 所 处 宗 起 例 桩 笔 批 种 类 款 届 期 次 回 场 轮 局 组 队 对 双 排 班 代 级 等
号线 声 幅 股 道 亩 公顷 平方公里 立方米 海里 里 吨 克 斤 毫克 升 毫升 千瓦 兆瓦 千瓦时 瓦 伏 倍 成 折 番
版 页 字 行 集 章 节 分 g gb mb tb mah hz ghz mhz kw mw kwh l ml
"""
_UNIT_OF = {unit: unit for unit in _OTHERS.split()} | {
    spelling: row[0] for row in _SYNONYMS for spelling in row
}
_LONGEST_UNIT = max(map(len, _UNIT_OF))

_DIGIT = {
    character: n % 10 for n, character in enumerate("零一二三四五六七八九零壹贰叁肆伍陆柒捌玖")
}
_DIGIT.update({"〇": 0, "○": 0, "两": 2})
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_ENGLISH_MAGNITUDES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ENGLISH_NUMBERS = {
    word: value
    for words, values in (
        ("one two three four five six seven eight nine ten eleven twelve", range(1, 13)),
        ("thirteen fourteen fifteen sixteen seventeen eighteen nineteen", range(13, 20)),
        ("twenty thirty forty fifty sixty seventy eighty ninety", range(20, 100, 10)),
    )
    for word, value in zip(words.split(), values, strict=True)
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
}

_LONGEST = 60  # characters; a longer run of digits is no quantity

_HAN_NUMERAL = "零〇○一二两三四五六七八九壹贰叁肆伍陆柒捌玖十拾百佰千仟"
_NUMBER = (
    r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
    rf"|[{_HAN_NUMERAL}]+(?:点[零〇一二三四五六七八九]+)?)"
)
_MATCH = re.compile(
    r"(?P<iso>(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d))"
    rf"|(?P<of>(?P<denominator>[{_HAN_NUMERAL}万]+)分之(?P<numerator>{_NUMBER}))"
    rf"|(?P<plain>(?P<ordinal>第)?(?P<number>{_NUMBER})(?:\s?[多余几](?=[十百千万亿兆]))?"
    r"(?:\s?(?P<myriad>[十百千]?[万亿兆]+|[十百千]))?)"
    r"|(?P<english>(?<![a-z])(?P<word>" + "|".join(_ENGLISH_NUMBERS) + r")(?![a-z]))"
    r"|(?P<month>(?<![a-z])(?P<name>" + "|".join(_MONTHS) + r")(?![a-z])(?=\.?\s\d)"
    r"|(?<=\d\s)(?P<name2>" + "|".join(_MONTHS) + r")(?![a-z]))"
)
_MAGNITUDE_WORD = re.compile(r"\s?(" + "|".join(_ENGLISH_MAGNITUDES) + r")(?![a-z])")
_IN_WORD = re.compile(r"[a-z]")


def quantities(text: str) -> list[Quantity]:
    """The numbers of a folded text, in its order.

    Digits inside a Latin word (“c919”, “pro15”) belong to the word and are not
    numbers. Dates give one quantity each for year, month and day. “多”, “余”
    and “几” do not change the value: 1000多万 is 1000万.

    Args:
        text: folded (NFKC, lower case, Simplified); spans count in it.
    """
    found: list[Quantity] = []
    for match in _MATCH.finditer(text):
        start, end = match.span()
        if end - start > _LONGEST:
            continue
        kind = match.lastgroup and next(
            name for name in ("iso", "of", "plain", "english", "month") if match.group(name)
        )
        if kind == "iso":
            for part, unit in (("y", "年"), ("m", "月"), ("d", "日")):
                found.append(Quantity(Fraction(match[part]), unit, Span(*match.span(part))))
        elif kind == "of":
            whole = _han(match["denominator"])
            if whole:
                value, unit = _value(match["numerator"]) / whole, None
                if match["denominator"] == "百":
                    value, unit = value * 100, "%"
                found.append(Quantity(value, unit, Span(start, end)))
        elif kind == "month":
            month = _MONTHS[match["name"] or match["name2"]]
            found.append(Quantity(Fraction(month), "月", Span(start, end)))
        elif kind == "english" or not _inside_word(text, *match.span("number")):
            found.append(_plain(text, match))
    return found


def compatible(claimed: Quantity, evidence: Quantity) -> bool:
    """Whether the evidence says the number claimed: the same value, and no other unit."""
    if claimed.value != evidence.value:
        return False
    return claimed.unit == evidence.unit or None in (claimed.unit, evidence.unit)


def _plain(text: str, match: re.Match[str]) -> Quantity:
    start, end = match.span()
    if word := match["word"]:
        value = Fraction(_ENGLISH_NUMBERS[word])
    else:
        value = _value(match["number"])
        for character in match["myriad"] or "":
            value *= _MYRIADS.get(character) or _TENS[character]
    if magnitude := _MAGNITUDE_WORD.match(text, end):
        value *= _ENGLISH_MAGNITUDES[magnitude[1]]
        end = magnitude.end()
    if match["ordinal"]:
        return Quantity(value, "第", Span(start, end))
    unit, end = _unit_at(text, end)
    if unit == "成":
        return Quantity(value * 10, "%", Span(start, end))
    return Quantity(value, unit, Span(start, end))


def _inside_word(text: str, start: int, end: int) -> bool:
    """Whether digits are part of a Latin word; “5g” and “km2” are, “25kg” and “3 km” are not."""
    if not text[start].isdigit() or text[start] in _DIGIT:
        return False
    before = start > 0 and bool(re.match(r"[a-z]", text[start - 1]))
    dashed = start > 1 and text[start - 1] in "-_" and bool(re.match(r"[a-z]", text[start - 2]))
    if before or dashed:
        return True
    word = re.match(r"[a-z]+", text[end:])
    return bool(word) and word[0] not in _UNIT_OF


def _unit_at(text: str, at: int) -> tuple[str | None, int]:
    """The longest unit that stands at an offset, and where it ends."""
    start = at
    while start < len(text) and start - at < 2 and text[start] in " 多余":
        start += 1
    for length in range(min(_LONGEST_UNIT, len(text) - start), 0, -1):
        spelling = text[start : start + length]
        if spelling not in _UNIT_OF:
            continue
        following = text[start + length : start + length + 1]
        if _IN_WORD.match(spelling[-1]) and _IN_WORD.match(following or " "):
            continue  # “m” of “may”
        return _UNIT_OF[spelling], start + length
    return None, at


def _value(number: str) -> Fraction:
    if number[0].isdigit() and number[0] not in _DIGIT:
        return Fraction(number.replace(",", "").replace("，", ""))
    whole, _, decimals = number.partition("点")
    value = Fraction(_han(whole))
    if decimals:
        digits = "".join(str(_DIGIT[character]) for character in decimals)
        value += Fraction(int(digits), 10 ** len(digits))
    return value


def _han(numeral: str) -> int:
    """The value of a Chinese numeral; digits in a row are read one by one (二〇二三)."""
    if len(numeral) > 1 and all(character in _DIGIT for character in numeral):
        return int("".join(str(_DIGIT[character]) for character in numeral))
    total = section = digit = 0
    for character in numeral:
        if character in _DIGIT:
            digit = _DIGIT[character]
        elif character in _TENS:
            section += (digit or 1) * _TENS[character]
            digit = 0
        else:
            total += (section + digit or 1) * _MYRIADS[character]
            section = digit = 0
    return total + section + digit
