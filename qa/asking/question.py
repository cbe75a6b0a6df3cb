"""What a question asks for, told from its question words alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.errors import BadRequest
from index.lexical import fold
from qa.asking.kinds import ASKS_WHAT, COUNT, COUNT_EN, FIRST_ASKING, HAN, HOW_MANY, Kind, kind_of
from qa.asking.measures import Measure, measure_of

MAX_CHARACTERS = 2_000

# What only asks to be told.
_POLITE = re.compile(
    r"^(?:请问)?(?:你们?|您|有谁|谁)?(?:(?:能否?|能不能|可以|可否|可不可以)(?:请你)?(?:告诉|跟|给|和)我?们?(?:说说|讲讲|说一下|介绍一下)?"
    r"|(?:能否?|能不能|可以)(?:说说|讲讲|说一下)|(?:知不知道|知道|晓得|清楚))([^，。]+[吗么]?\s*[?？]?)$"
    r"|^(?:please )?(?:(?:can|could|would|will) you (?:please )?)?(?:tell me|do you know)\b(.+)$"
)
# “哪三条产业链”, “哪“三难””, “which three regions”: how many things are asked for.
_ASKED_COUNT = re.compile(
    rf"哪[“\"'‘「]?({COUNT})|\b(?:which|what|name) (?:are the |the )?({COUNT_EN})\b"
)
_NUMERALS = {
    **dict(zip("两二三四五六七八九十", (2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True)),
    **{word: number for number, word in enumerate(COUNT_EN.split("|"), 2)},
}
_GRAINS = (
    ("日", re.compile(r"哪一?[天日]|几月几[日号]|几号|何日|\b(?:what|which) (?:day|date)\b")),
    ("月", re.compile(r"哪一?个?月|几月|何月|\b(?:what|which) month\b")),
    ("年", re.compile(r"哪一?年|何年|公元几年|\b(?:what|which) year\b")),
)
# A measure word that begins a noun is none: “多少项目”, “多少家庭”, “多少人才”.
_MEASURE_WORD = (
    "(?!个人|家[庭长属具电]|项目|座[位谈]|场[馆地所]|组[织合]|本[科地土]|种[子植]|条[件款例]|部[队门分委落件]|天[然才]|"
    "年[轻级薪]|人[才民员工物口均力]|名[额单牌]|位置|户[口型籍]|门[票店诊]|首[付席]|台[湾胞商风]|口[罩岸粮]|头部|套餐|"
    "支[出付]|例外|宗教|类[型别]|层[次级]|级别|页面|号[码召]|度假|米饭|元素|间[接隔]|篇幅|轮[胎船椅]|步骤|架构|块钱)"
    "[天日年月周岁名户家件项个条座所间种次倍元亩吨米场篇位只台辆艘架部本首届层级号秒斤页棵头口套批"
    "支宗例轮步门组类]"
)
_ASKED_UNIT = re.compile(
    rf"(?:多少|百分之几|(?<!哪){HOW_MANY})(?:个)?\s*"
    r"(?:(百分点|平方公里|平方千米|平方米|立方米|万千瓦时?|工作日|公里|千米|公斤|千克|公顷|"
    rf"亿元|万元|[美欧日港澳加韩]元|英镑|基点|季度|学期|星期|交易日|小时|分钟|{_MEASURE_WORD})"
    rf"|[百千万亿]+(美元|欧元|英镑|日元|港元|平方米|公里|公顷|{_MEASURE_WORD}))"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what its words say of the answer."""

    text: str
    kind: Kind
    unit: str | None  # the measure word asked for (“多少天” → 天); None: none is named
    measure: Measure | None  # the quantity asked for where no unit is named
    count: int | None  # of the things asked for (“哪三条” → 3); None: not said
    grain: str | None  # 日, 月 or 年: how exact a date is asked for; None: not said
    is_chinese: bool  # holds Han characters


def analyse(text: str) -> Question:
    """Tell a question's kind. Traditional characters are read as Simplified ones."""
    folded = _asked(fold(text).replace("甚么", "什么"))
    kind = kind_of(folded)
    unit = _ASKED_UNIT.search(folded) if kind in ("number", "yesno", "other") else None
    named = (unit.group(1) or unit.group(2)) if unit else None
    measure = measure_of(folded) if kind == "number" and named is None else None
    is_chinese = bool(HAN.search(folded))
    return Question(text, kind, named, measure, _count(folded), _grain(folded), is_chinese)


def _asked(folded: str) -> str:
    """“你知道馆长是谁吗” asks who it is, not whether one knows."""
    match = _POLITE.match(folded)
    asked = (match[1] or match[2]) if match else ""
    if not (ASKS_WHAT.search(asked) or FIRST_ASKING.search(asked)):
        return folded
    return re.sub(r"[吗么]\s*[?？]?\s*$", "", asked).strip()


def _count(folded: str) -> int | None:
    match = _ASKED_COUNT.search(folded)
    if match is None:
        return None
    words = match.group(1) or match.group(2)
    return int(words) if words.isdigit() else _NUMERALS[words]


def _grain(folded: str) -> str | None:
    return next((grain for grain, pattern in _GRAINS if pattern.search(folded)), None)


def checked(text: str) -> str:
    """The question, trimmed, if it can be meant.

    Raises:
        BadRequest: empty, longer than `MAX_CHARACTERS`, or not text.
    """
    if not text.strip():
        raise BadRequest("the question is empty")
    if len(text) > MAX_CHARACTERS:
        raise BadRequest(
            f"the question has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}"
        )
    if "\0" in text:
        raise BadRequest("the question holds NUL characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("the question is not valid Unicode")
    return text.strip()
