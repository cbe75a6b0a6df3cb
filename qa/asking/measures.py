"""What kind of quantity a question asks for where it names no unit, and which numbers are of it.

“市值有多少” asks for money: 102家 is no answer to it, however near it stands.
"""

from __future__ import annotations

import re
from typing import Literal

Measure = Literal["money", "time", "share", "people", "length", "area", "age", "weight"]

_IS = r"(?:一共|总共|大概|大约|具体)?(?:是|有|要|花|达|为|到|了|的)*"
_MUCH = rf"(?:额|费|款)?{_IS}(?:(?=[?？，。\s]|$)|多少|几(?![家个项人名户]))"
_SUMS = (
    "投资|注资|融资|市值|产值|营收|收入|利润|售价|价格|单价|票价|房价|工资|薪资|月薪|年薪|成本|奖金|罚款|罚金|赔偿|补贴|"
    "费用|学费|金额|资金|贷款|成交|销售|出口|进口|税|资产|资本|预算|经费|造价"
)
_PAID = (
    "cost|costs|pay|paid|invest|invested|earn|earned|spend|spent|worth|raise|raised|price|priced"
)
# First match decides.
_ASKED: dict[Measure, str] = {
    "share": r"百分之(?:几|多少)|占比|比例|比率|百分比|"
    r"\bwhat (?:percent|percentage|share|proportion|rate)\b|"
    rf"(?:增速|增幅|涨幅|降幅|跌幅|[\u4e00-\u9fff](?<![功频汇辨])率){_IS}(?:多少|几|$|[?？])",
    "money": rf"多少钱|几块钱|(?:{_SUMS}){_MUCH}|\bhow much (?:money|cash)\b|"
    rf"\bhow much (?:did|does|do|will|would|was|is|has|have)\b.*\b(?:{_PAID})\b|"
    r"\bwhat (?:is|was) the (?:price|cost|total investment|market value|revenue|budget|salary)\b",
    "age": r"多大年纪|多大岁数|年龄|几岁|多少岁|\bhow old\b",
    "people": r"(?:多少|几)万?个?人(?!民币|均|次|才|工)|人数|人口(?!数?占)|"
    r"\bhow many (?:people|persons|residents|workers)\b",
    "time": r"多久|多长时间|时长|多少时间|\bhow long (?:did|does|do|will|would|has|have)\b",
    "area": r"面积|\bwhat (?:is|was) the (?:\w+ )?area\b",
    "length": r"多远|多长(?!时间)|多高|多宽|多深|全长|长度|高度|距离|"
    r"\bhow (?:far|tall|high|deep|wide)\b",
    "weight": r"多重|重量|体重|\bhow heavy\b",
}
_UNITS: dict[Measure, str] = {
    "share": r"[%％‰]|百分|个点|成$|倍|基点",
    "money": r"元|[¥$€£]|英镑|[港台]币|美金|卢布|人民币|块钱?|dollars?|euros?|yuan|[万亿]$",
    "age": r"岁|\d$",
    "people": r"[人名位口户]|people|[万亿千百\d]$",
    "time": r"[天日周年月时分秒载]|星期|季度|钟|世纪|days?|weeks?|months?|years?|hours?|minutes?",
    "area": r"平方|[亩顷]|㎡|km²|m²|square|acres?|hectares?",
    "length": r"[米里丈尺寸]|[㎞㎜㎝]|[mc]m\b|km|metres?|meters?|miles?|feet",
    "weight": r"[吨斤克]|[km]?g\b|kg|tons?|tonnes?|pounds?",
}
_COMPILED: list[tuple[Measure, re.Pattern[str]]] = [
    (name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _ASKED.items()
]
_OF = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _UNITS.items()}


def measure_of(question: str) -> Measure | None:
    """The kind of quantity that a question's words ask for; None: they do not tell.

    Args:
        question: folded.
    """
    return next((name for name, pattern in _COMPILED if pattern.search(question)), None)


def is_of(measure: Measure, value: str) -> bool:
    """Whether a number with its unit, as printed, may be such a quantity."""
    return bool(_OF[measure].search(value))
