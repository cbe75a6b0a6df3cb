"""Rules that turn a sentence of news into a question, and its answer's place in it.

A number, a date, a name, a list, a reason, a duty is found, and the rest of the
sentence asks for it (cloze questions: Lewis et al., “Unsupervised Question
Answering by Cloze Translation”, 2019).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

NUMBER = r"(?:约|近|超过?)?(?<![\d.])\d[\d,.]*(?:多|余)?(?:万亿|亿|万|千|百)?(?:多|余)?"
UNIT = (
    r"(?:个工作日|工作日|个百分点|平方公里|平方米|立方米|千瓦时|千瓦|公里|公斤|公顷|小时|分钟|美元|个月|人次|"
    r"[元人名个项家件天年米吨亩场次户辆套%倍台岁处部所条份座艘头册例宗起款支枚株篇期门户间栋])"
)
_AMOUNT = re.compile(rf"(?!\d{{4}}年)({NUMBER})({UNIT})")
_DATE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[上下]午|晚)?|\d{4}年\d{1,2}月|(?<!\d)\d{4}年(?=[^\d代])"
)
_QUOTED = re.compile(r"[《“]([^《》“”、，。]{2,16})[》”]")
_ORGANISATION = re.compile(
    r"(?<=[与和由向在对为是了及、“：，。给被让到从])([\u4e00-\u9fff（）]{2,18}?"
    r"(公司|集团|大学|学院|医院|银行|研究院|研究所|委员会|协会|基金会|局|厅|中心|法院))(?=[，。、；的将与和在为共联举发开宣表计已正拟获从对自所日])"
)
_PLACE = re.compile(
    r"(?:位于|来自|前往|抵达|走进|落户|地处|(?<=[，日])在)([\u4e00-\u9fff]{2,10}?(省|市|县|区|镇|乡|村|州))(?![\u4e00-\u9fff]*[局长委府])"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_DUTY = (
    r"(?:主任|局长|书记|经理|董事长|总裁|院长|校长|教授|会长|负责人|秘书长|市长|县长|区长|部长|所长|队长|主席|"
    r"研究员|专家|工程师|站长|处长|科长|司长|发言人|创始人|导演|教练|医师|医生|分析师|店长|馆长|主管|委员)"
)
_SAYS = r"(?:表示|介绍|指出|认为|强调|告诉|坦言|透露|称|说)"
_PERSON = re.compile(
    rf"(?:^|[，。；：“”！？\s])([^，。；：“”！？\s]{{0,24}}{_DUTY})([{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)({_SAYS})"
)
_ITEM = r"[^，。；：、！？“”（）]{2,14}"
_LIST = re.compile(
    rf"(包括|涵盖|涉及|聚焦|围绕|覆盖|包含|形成|拥有|推出|设立|开展|打造|实现|实施|推进|分别[是为]|来自|设有|建有|有|是|为|：)"
    rf"((?:“?{_ITEM}”?、){{1,7}}“?{_ITEM}?”?)(等|这)?([两二三四五六七八九十]|\d{{1,2}})"
    r"(个|大|条|项|家|种|类|处|名|位|座|所|款)([\u4e00-\u9fff]{1,8}?)(?=[，。；的、]|$)"
)
_LIST_ETC = re.compile(
    rf"(包括|涵盖|涉及|聚焦|围绕|覆盖|包含|推出|开展|打造|发放|种植|生产|提供|来自|设有|建有|：)"
    rf"((?:“?{_ITEM}”?、){{1,7}}“?{_ITEM}?”?)等([\u4e00-\u9fff]{{0,6}}?)(?=[，。；的]|$)"
)
_BOTH = re.compile(
    rf"(?:^|(?<=[，。；：]))([^，。；、：]{{2,14}})(?:、|和|与)([^，。；、：]{{2,14}}?)分别([^，。；\d]{{0,8}}?)"
    rf"({NUMBER}{UNIT})(?:、|和|与)({NUMBER}{UNIT})(?![、和与])"
)
_TURNED = (
    r"(?:减|降|增|升|缩短|压缩|压减|减少|下降|增加|增长|提高|提升|上升|扩大|缩减|精简)(?:至|到|为)"
)
_FROM_TO = re.compile(
    rf"([^，。；\d]{{4,24}}?)(?:由|从)([^，。；\d]{{0,6}}?)({NUMBER}{UNIT})([^，。；\d]{{0,4}}?)({_TURNED})([^，。；\d]{{0,3}}?)({NUMBER}{UNIT})"
)
_NAMED = r"(?:^|(?<=[，、；：“”（）《》\s的由在和与]))[^，。；、：“”（）《》\d的]{3,16}?(?:项目|公司|集团|工程|基地|园区|产业园|学校|医院|小区|景区|铁路|公路|高速|大桥|水库|电站|工厂)"
_MEASURED = (
    r"(?:总投资额?|投资额?|年产值|年产量|产值|产量|总产量|注册资本|营业收入|营收|净利润|销售额|占地面积|建筑面积|总面积|"
    r"占地|全长|总长|总里程|设计时速|时速|年产|年销售|年销售额|高度|成交额|总金额|金额|市值|售价|单价|报名费)"
)
_NAME_AMOUNT = re.compile(
    rf"(?=({_NAMED})(?:（[^）]{{1,20}}）)?([^。；：“”]{{0,50}}?)({_MEASURED})(?:约?[为达到是近超])?({NUMBER}{UNIT}))"
)
_AMOUNT_NAME = re.compile(rf"({_MEASURED})(?:约?[为达到是近超])?({NUMBER}{UNIT})的({_NAMED})")
_CAUSE = re.compile(
    r"(?:因为|由于|因)([^，。；：]{4,32}?)(?:的影响|影响|的缘故)?，([^。；：！？]{6,40})[。；]"
)
_AIM = re.compile(r"(?:^|[，。])(?:为了|为)([^，。；：]{4,32})，([^。；：！？]{6,40})[。；]")
_MEANS = re.compile(r"(?:^|[，。])通过([^，。；：]{4,32})，([^。；：！？]{6,36})[。；]")
_KIND_OF = re.compile(
    r"(?:^|[，。“”])([^，。；：“”的]{2,16})是(一[家种个座款项类名位部][^，。；：“”]{5,36})[，。]"
)

_ORGANISATION_ASKED = {
    "公司": ("哪家公司", "哪家企业", "谁", "什么公司"), "集团": ("哪家公司", "哪个集团", "谁"),
    "大学": ("哪所大学", "哪所学校", "哪个大学"), "学院": ("哪所学院", "哪所学校"),
    "医院": ("哪家医院", "哪个医院"), "银行": ("哪家银行",), "法院": ("哪个法院", "哪家法院"),
    "局": ("哪个部门", "哪个局", "谁"), "厅": ("哪个部门", "谁"),
}  # fmt: skip
_AMOUNT_ASKED = {
    "元": ("多少钱", "多少元", "多少"), "美元": ("多少钱", "多少美元"), "%": ("多少", "百分之几", "百分之多少"),
    "天": ("多久", "几天", "多少天", "多长时间"), "年": ("几年", "多少年", "多久"), "个月": ("几个月", "多久"),
    "小时": ("几个小时", "多久", "多长时间"), "人": ("多少人", "几个人", "多少名", "几人"),
    "名": ("多少人", "几名", "多少名"), "岁": ("多大", "几岁", "多大年纪"), "公里": ("多远", "多长", "多少公里"),
    "个": ("几个", "多少个", "多少"), "个工作日": ("几个工作日", "多少个工作日", "多少天", "多久"),
}  # fmt: skip
_WHEN = ("什么时候", "何时", "哪天", "哪一天", "几月几日", "几号", "什么时间")


@dataclass(frozen=True, slots=True)
class Made:
    """A question and its answer's place in the sentence."""

    question: str
    answer: tuple[int, int]


Maker = Callable[[str, random.Random], Made | None]


def _asked(
    sentence: str, hole: tuple[int, int], words: str, rng: random.Random, *, tail: float = 0.7
) -> str:
    """The clause with words that ask in the hole's place, some clauses before it, some of it behind."""
    before = re.split(r"(?<=[，、：])", sentence[: hole[0]])
    left = "".join([c for c in before[:-1] if rng.random() < 0.25] + before[-1:])
    right = re.split(r"[，。；！？]", sentence[hole[1] :])[0] if rng.random() < tail else ""
    if rng.random() < 0.15 and len(right) > 3 and words in ("谁", "哪家公司", "哪家企业", "什么"):
        return f"{right}的是{words}"
    return left + words + right


def amount(sentence: str, rng: random.Random) -> Made | None:
    if not (found := list(_AMOUNT.finditer(sentence))):
        return None
    match = rng.choice(found)
    unit = match.group(2)
    words = rng.choice(_AMOUNT_ASKED.get(unit, (f"多少{unit}", f"几{unit}", "多少")))
    return Made(_asked(sentence, match.span(), words, rng), match.span())


def date(sentence: str, rng: random.Random) -> Made | None:
    if not (found := list(_DATE.finditer(sentence))):
        return None
    match = rng.choice(found)
    words = rng.choice(("哪年", "哪一年", "什么时候") if match.group().endswith("年") else _WHEN)
    return Made(_asked(sentence, match.span(), words, rng), match.span())


def quoted(sentence: str, rng: random.Random) -> Made | None:
    if not (found := list(_QUOTED.finditer(sentence))):
        return None
    match = rng.choice(found)
    words = rng.choice(("什么", "哪个", "什么", "叫什么"))
    return Made(_asked(sentence, match.span(), words, rng), match.span(1))


def organisation(sentence: str, rng: random.Random) -> Made | None:
    if not (found := list(_ORGANISATION.finditer(sentence))):
        return None
    match = rng.choice(found)
    words = rng.choice(_ORGANISATION_ASKED.get(match.group(2), ("哪个单位", "哪个机构", "谁")))
    return Made(_asked(sentence, match.span(1), words, rng), match.span(1))


def place(sentence: str, rng: random.Random) -> Made | None:
    if not (found := list(_PLACE.finditer(sentence))):
        return None
    match = rng.choice(found)
    words = rng.choice(("哪里", "哪儿", "什么地方", f"哪个{match.group(2)}"))
    return Made(_asked(sentence, match.span(1), words, rng), match.span(1))


def person(sentence: str, rng: random.Random) -> Made | None:
    match = _PERSON.search(sentence)
    if match is None:
        return None
    duty, name = match.group(1), match.group(2)
    said = re.split(r"[。！？”]", sentence[match.end() :].lstrip("，：“"))[0][:30]
    form = rng.random()
    if form < 0.35:
        return Made(
            f"{duty}{rng.choice(('是谁', '叫什么名字', '是哪位', '叫什么'))}", match.span(2)
        )
    if form < 0.65:
        words = rng.choice(
            (
                "是什么职务",
                "担任什么职务",
                "的职务是什么",
                "是什么身份",
                "是干什么的",
                "是做什么工作的",
            )
        )
        return Made(name + words, match.span(1))
    if len(said) < 8:
        return None
    if form < 0.85:
        return Made(f"谁{match.group(3)}{said}", match.span(2))
    return Made(f"{match.group(3)}{said}的是谁", match.span(2))


def enumeration(sentence: str, rng: random.Random) -> Made | None:
    if match := _LIST.search(sentence):
        count, measure, noun = match.group(4), match.group(5), match.group(6)
        words = rng.choice((f"哪{count}{measure}{noun}", f"哪些{noun}", f"哪几{measure}{noun}"))
    elif match := _LIST_ETC.search(sentence):
        noun = match.group(3)
        words = rng.choice((f"哪些{noun}", f"什么{noun}", f"哪几个{noun}" if noun else "哪些"))
    else:
        return None
    verb = match.start(1), match.end(1)
    answer = match.span(2)
    asked = _asked(sentence[: match.end()], (answer[0], match.end()), words, rng)
    if rng.random() < 0.25 and match.group(1) in ("：", "是", "为", "有"):
        asked = sentence[: verb[0]].rpartition("，")[2] + rng.choice(("是", "分别是", "有")) + words
    return Made(asked, answer)


def respectively(sentence: str, rng: random.Random) -> Made | None:
    match = _BOTH.search(sentence)
    if match is None:
        return None
    which = rng.choice((1, 2))
    subject = re.sub(r"^.*[对的将把]", "", match.group(which)) if which == 1 else match.group(2)
    unit = re.search(rf"{UNIT}$", match.group(3 + which))
    words = rng.choice((f"多少{unit.group() if unit else ''}", "多少", f"几{unit.group() if unit else ''}"))  # fmt: skip
    return Made(subject + match.group(3) + words, match.span(3 + which))


def from_to(sentence: str, rng: random.Random) -> Made | None:
    match = _FROM_TO.search(sentence)
    if match is None:
        return None
    subject = match.group(1)
    form = rng.random()
    if form < 0.45:
        now = rng.choice(
            ("现在是多少", "现在要多少", "现在有多少", "变成了多少", f"{match.group(5)}多少")
        )
        return Made(subject + now, match.span(7))
    if form < 0.75:
        once = rng.choice(("原来是多少", "以前是多少", "过去要多少", "之前有多少"))
        return Made(subject + once, match.span(3))
    verb = re.sub(r"[至到为]$", "", match.group(5))
    return Made(f"{subject}从多少{verb}到多少", (match.start(3), match.end(7)))


def measured(sentence: str, rng: random.Random) -> Made | None:
    """What a thing costs or yields, where several things stand side by side: its own number."""
    found: list[tuple[str, str, tuple[int, int]]] = []
    for match in _NAME_AMOUNT.finditer(sentence):
        between = match.group(2)
        if not re.search(rf"{NUMBER}{UNIT}的|{_NAMED}", between) or "、" not in between:
            found.append((match.group(1), match.group(3), match.span(4)))
    for match in _AMOUNT_NAME.finditer(sentence):
        found = [each for each in found if each[2] != match.span(2)]
        found.append((match.group(3), match.group(1), match.span(2)))
    if not found:
        return None
    name, head, answer = rng.choice(found)
    if re.search(r"归属|股东|上市公司|行业|[该本这其由在将对是了]|^[一两和与及]", name):
        return None
    unit = re.search(rf"{UNIT}$", sentence[slice(*answer)])
    much = rng.choice(("多少", "多少", f"多少{unit.group() if unit else ''}", "是多少", "有多少"))
    between = rng.choice(("", "", "的", " "))
    return Made(f"{name}{between}{head}{rng.choice((much, much, much, ''))}", answer)


def cause(sentence: str, rng: random.Random) -> Made | None:
    pattern = rng.choice((_CAUSE, _CAUSE, _AIM))
    match = pattern.search(sentence)
    if match is None:
        return None
    fact = match.group(2)
    forms = (
        f"为什么{fact}",
        f"{fact}，为什么",
        f"{fact}的原因是什么",
        f"为何{fact}",
        f"{fact}是因为什么",
    )
    if pattern is _AIM:
        forms = (f"为什么{fact}", f"{fact}是为了什么", f"{fact}的目的是什么", f"为啥{fact}")
    return Made(rng.choice(forms), match.span(1))


def means(sentence: str, rng: random.Random) -> Made | None:
    match = _MEANS.search(sentence)
    if match is None:
        return None
    fact = match.group(2)
    forms = (
        f"怎么{fact}",
        f"如何{fact}",
        f"靠什么{fact}",
        f"{fact}，用的是什么办法",
        f"怎样{fact}",
    )
    return Made(rng.choice(forms), match.span(1))


def kind_of(sentence: str, rng: random.Random) -> Made | None:
    match = _KIND_OF.search(sentence)
    if match is None or re.search(r"[不这那就还也都]$|^[这那其此]", match.group(1)):
        return None
    words = rng.choice(("是什么", "是做什么的", "是干什么的", "是怎样的", "是什么样的"))
    return Made(match.group(1) + words, match.span(2))


MAKERS: tuple[tuple[Maker, float], ...] = (
    (amount, 5), (date, 1.5), (quoted, 1.5), (organisation, 3), (place, 1.5), (person, 3),
    (enumeration, 5), (respectively, 2), (from_to, 2), (measured, 4), (cause, 1.5), (means, 1), (kind_of, 1.5),
)  # fmt: skip
