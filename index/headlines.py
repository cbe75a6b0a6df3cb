"""Headlines and what else stands outside the bodies: kickers, running heads, page numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lines import Line

_SENTENCE_MARKS = re.compile(r"[，。；,;]")
_GOES_ON = frozenset("，、；,;")
_INNER_END = re.compile(r"[！？]\w")
_TWO_PARTS = re.compile(r"[\u4e00-\u9fff”’」』》！？!?][ \u3000]+[\u4e00-\u9fff“‘「『《]")
_SHORT = 0.72  # of the column; a line of running text this short ends its paragraph
_WIDEST = 80  # columns of a headline line where no column shows

_PAGE = (
    r"第?\s*[A-Z]?\d{1,3}\s*版|第\s*[一二三四五六七八九十]{1,3}\s*版|[A-Z]\d{1,2}|第\s*\d{1,3}\s*[页頁]"
    r"|[-—–·]\s*\d{1,3}\s*[-—–·]|\d{1,3}\s*/\s*\d{1,3}|(?:[Pp]age|PAGE|P\.?)\s?\d{1,3}(?:\s?of\s?\d{1,3})?"
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS.split("|"), start=1)}
_HAN_DIGITS = "〇○零一二三四五六七八九"
_HAN_NUMBER = rf"[{_HAN_DIGITS}十廿卅百元]{{1,5}}"
_DATE = re.compile(
    r"(?P<y>\d{4})\s*[年./-]\s*(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})\s*日?"
    rf"|(?P<month>{_MONTHS})\s(?P<day>\d{{1,2}}),?\s(?P<year>\d{{4}})"
    rf"|(?:(?:中[華华])?民[國国]\s*(?P<republic>\d{{1,3}}|{_HAN_NUMBER})|(?P<han>[一二][{_HAN_DIGITS}]{{3}}))\s*年"
    rf"\s*(?P<han_m>\d{{1,2}}|{_HAN_NUMBER})\s*月\s*(?P<han_d>\d{{1,2}}|{_HAN_NUMBER})\s*[日號号]"
)
_SIDE = (
    r"[星周週][期]?[一二三四五六日天]|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?|农历\S{2,12}|農曆\S{2,12}"
    r"|[\u4e00-\u9fff]{2,8}(?:报|報|刊)|[A-Z]{2,}|第\s*\d+\s*期|总第?\s*\d+\s*期|今日\S{1,3}版|[|｜│·•/丨]"
    r"|要闻|要聞|综合|綜合|广告|廣告|国际|國際|国内|國內|经济|經濟|副刊|专题|專題|专版|專版|文化|体育|體育|评论|評論|社会|社會"
    r"|时政|理论|教育|民生|科技|健康|财经|財經|特刊|新闻|新聞|地方|都市|视点|焦点|News|Sports|Opinion"
)
_FURNITURE = re.compile(
    rf"(?:(?>{_PAGE}|{_SIDE})\s*+)++"
)  # atomic: no backtracking over long lines
_IMPRINT = re.compile(
    r"(?:本版)?\s*(?:责任?编辑?|責任?編輯|责编|責編|编辑|編輯|校对|校對|版式|美编|美編|组版|組版|值班\S{0,4}|主编|主編|审读|"
    r"审核|審核|监制|终审|电话|電話|热线|熱線|新闻热线|邮箱|投稿邮箱|电子邮箱|E-?mail|邮编|地址|网址|"
    r"国内统一\S{0,12}|邮发代号|印刷|零售价|定价|版权所有|来源|來源|稿源|时间|日期|发布\S{0,4}|字体|字号|点击|浏览|阅读"
    r")\s*[:：/／|丨]"
    r"|(?:国内统一|邮发代号|ISSN|CN\s?\d{2}-|总第)"
)


def is_furniture(line: str) -> bool:
    """Whether the line is a running head, a page number or an imprint."""
    if len(line) > 100:
        return False
    if _IMPRINT.match(line):
        return True
    rest = _DATE.sub(" ", line)
    if rest != line and not rest.strip():
        return True
    marked = rest != line or re.search(_PAGE, rest) is not None
    return marked and _FURNITURE.fullmatch(rest.strip()) is not None


def printed_date(line: str) -> str | None:
    """The date in a running head as YYYY-MM-DD."""
    found = _DATE.search(line)
    if found is None:
        return None
    if found["month"]:
        month = _MONTH_NUMBERS[found["month"]]
        year, day = int(found["year"]), int(found["day"])
    elif found["han_m"]:
        year = _number(found["han"] or found["republic"])
        year += 0 if found["han"] else 1911  # the republic's first year is 1912
        month, day = _number(found["han_m"]), _number(found["han_d"])
    else:
        year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    if not (1800 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year:04}-{month:02}-{day:02}"


def _number(printed: str) -> int:
    """“5”, “二〇二四”, “一一三”, “一百一十三”, “廿五”, “元”; 0 where it is none."""
    if printed.isdecimal():
        return int(printed)
    if printed == "元":
        return 1
    values = {digit: max(0, place - 2) for place, digit in enumerate(_HAN_DIGITS)}
    if all(character in values for character in printed):
        return int("".join(str(values[character]) for character in printed))
    total, digit = 0, 0
    for character in printed.replace("廿", "二十").replace("卅", "三十"):
        unit = {"十": 10, "百": 100}.get(character)
        if unit is not None:
            total += (digit or 1) * unit
        elif character not in values:
            return 0
        digit = 0 if unit is not None else values[character]
    return total + digit


_NEWSPAPER = re.compile(r"(?:^|\s)(?P<name>[\u4e00-\u9fff]{1,7}(?:报|報))(?=\s|$)")


def printed_newspaper(line: str) -> str | None:
    """The paper's name in a running head."""
    found = _NEWSPAPER.search(line)
    return found["name"] if found is not None else None


def could_be_headline(line: Line, column: int | None) -> bool:
    """Whether the line, in a page whose columns are that wide, can be part of a headline."""
    if line.ends_sentence and line.text[-1] not in "！？!?":
        return False
    if (
        line.text[-1] in _GOES_ON
        or "。" in line.text
        or len(_SENTENCE_MARKS.findall(line.text)) > 1
    ):
        return False
    if column is None:
        return line.width <= _WIDEST
    if line.ends_sentence or _SENTENCE_MARKS.search(line.text) or _INNER_END.search(line.text):
        return line.width <= _SHORT * column
    return line.width <= 0.9 * column or _TWO_PARTS.search(line.text) is not None


_ORGANISATION = re.compile(
    r".*(?:开发区|開發區|园区|園區|示范区|自贸区|高新区|新区|公司|集团|集團|大学|大學|学院|學院|医院|醫院|银行|銀行|中心|"
    r"协会|協會|学会|學會|法院|检察院|檢察院|中学|中學|小学|小學|研究所|研究院|委员会|委員會|管委会|街道|林场|农场|煤矿|电厂)"
)
_PLACE_OR_OFFICE = re.compile(r".*[区區园園局委厅廳部省市县縣镇鎮乡鄉村州盟旗社厂廠站]")
_NAME = re.compile(r"[^\s，。、；：！？“”‘’（）《》—…,.;:!?\"'()]{2,16}")


def split_kicker(lines: Sequence[str], body: str) -> tuple[str | None, str | None]:
    """(kicker, title) of the lines of a headline, in print order.

    A first line is a kicker when others follow and it does no more than name somebody:
    at most 16 characters without punctuation or space that end as an organisation's name
    does; as an office's or a place's does, when the body says it in just these words.
    """
    if not lines:
        return None, None
    first = lines[0]
    if len(lines) < 2 or not _NAME.fullmatch(first):
        return None, " ".join(lines)
    if names_somebody(first) or (_PLACE_OR_OFFICE.fullmatch(first) and first in body):
        return first, " ".join(lines[1:])
    return None, " ".join(lines)


def names_somebody(line: str) -> bool:
    """Whether the line does no more than name an organisation."""
    return _NAME.fullmatch(line) is not None and _ORGANISATION.fullmatch(line) is not None
