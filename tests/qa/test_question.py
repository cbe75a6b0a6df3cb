from __future__ import annotations

import pytest

from index.errors import BadRequest
from qa.asking.question import MAX_CHARACTERS, analyse, checked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("侯马审批时限缩减多少天", "number"),
        ("這個項目投資了多少錢？", "number"),  # Traditional
        ("How many days were cut?", "number"),
        ("图书馆是什么时候开馆的", "date"),
        ("When did the library open?", "date"),
        ("馆长是谁", "person"),
        ("What post does Chen Ying, who met the press, hold?", "other"),  # “what” asks
        ("展期是哪几天", "date"),
        ("这家公司是干什么的", "definition"),
        ("哪家公司统一收购", "organisation"),
        ("新馆在哪里", "place"),
        ("产量为什么减少", "reason"),
        ("Why did the harvest fall?", "reason"),
        ("建起了哪三条产业链", "list"),
        ("什么是猕猴桃", "definition"),
        ("产量增加了吗？", "yesno"),
        ("是不是增长了7%", "yesno"),
        ("Did the port grow?", "yesno"),
        ("减少了90天吗？", "yesno"),  # a verdict on a number, not a number
        ("这篇是谁写的", "byline"),
        ("who wrote the port piece", "byline"),
        ("那篇报道的标题是什么", "headline"),
        ("壽陽那篇文章署名的是誰", "byline"),
        ("介休那篇出自谁之手", "byline"),
        ("那篇报道的撰稿人叫什么", "byline"),
        ("這則報導是哪位記者寫的", "byline"),
        ("由谁供稿", "byline"),
        ("By whom was the article written?", "byline"),
        ("Which journalist covered it?", "byline"),
        ("标题呢", "headline"),
        ("那則新聞的題目叫什麼", "headline"),
        ("What's the headline?", "headline"),
        ("今天这版都讲了什么", "survey"),
        ("比较各县的做法", "survey"),
        ("比较一下各县的做法有什么不同", "survey"),
        ("比较老的恒星会累积什么物质", "other"),  # an adverb
        ("《鳄鱼泪》主要内容是什么", "other"),  # of a work, not of the page
        ("《魔戒》的作者是哪国人", "place"),
        ("自称是甚么", "other"),
        ("依照何标准决定是否废除", "other"),
        ("哪个县比较大", "place"),  # an adverb, not a comparison
        ("读者最想要的是什么", "other"),
        ("码头 总投资", "number"),  # words to look for, without one that asks
        ("图书馆开馆时间", "date"),
        ("要解决的哪“三难”", "list"),
        ("What three honours has it won?", "list"),
        ("总结会什么时候开", "date"),  # told in an article: no survey
        ("总结了哪些经验", "list"),
        ("健康讲座都讲了啥", "other"),
        ("请总结一下各县的做法", "survey"),
        ("今天有什么新闻", "survey"),
        ("遇难的记者是谁", "person"),  # told of in an article, not its author
        ("遇难的那名俄罗斯记者叫什么名字", "other"),
        ("为什么要评先进科技工作者", "reason"),  # 工作者 is no 作者
        ("一共有多少名记者", "number"),
        ("徐圩新区是个什么地方", "definition"),
        ("火灾发生在什么地方", "place"),
        ("获奖那篇的作者是谁", "byline"),
        ("和顺那篇的记者叫啥", "byline"),
        ("这部小说是谁写的", "person"),  # a work
        ("讲座的题目是什么", "other"),
        ("Who wrote the book?", "person"),
        ("Who won the title?", "person"),
        ("What did the reporters find?", "other"),
        ("Who is the reporter for the Houma story?", "byline"),
        ("内蒙古那几个人怎么中毒死的", "other"),  # some, not how many
        ("是不是拖了好几天", "yesno"),
        ("项目有几个", "number"),
        ("甚麼時候降級", "date"),
        ("星期几休馆", "date"),
        ("电器是什么原理", "other"),
        ("工银理财是家什么公司", "definition"),
        ("中标的是什么公司", "organisation"),
        ("“三包”指什么", "definition"),
        ("一体救援好在哪里", "other"),  # no place
        ("演出在哪里办的", "place"),
        ("在哪座城市举办", "place"),
        ("凭什么涨价", "reason"),
        ("大桥通车没", "yesno"),
        ("票价定了没有", "yesno"),
        ("学费能否退还", "yesno"),
        ("工程款没有拿到吧", "yesno"),
        ("介绍一下这个项目吧", "other"),  # told to, not asked whether
        ("你知道大桥哪年建成的吗", "date"),  # not whether one knows
        ("Can you tell me when it opens?", "date"),
        ("Do you know the mayor?", "yesno"),
        ("What was the total investment in the port?", "number"),
        ("What led to the fire?", "reason"),
    ],
)
def test_the_words_that_ask_tell_the_kind(text: str, kind: str) -> None:
    assert analyse(text).kind == kind


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("缩减多少天", "天"),
        ("投资几亿元", "亿元"),
        ("多少万美元", "美元"),
        ("多少个工作日", "工作日"),
        ("是多少", None),
        ("多少项目", None),  # a noun, not its measure word
        ("多少家庭", None),
        ("多少家企业", "家"),
        ("这几年一共出口多少吨", "吨"),
        ("那几条线怎么处理", None),
        ("有哪几家", None),  # their names are asked for
        ("展期是哪几天", None),
    ],
)
def test_the_measure_word_asked_for_is_kept(text: str, unit: str | None) -> None:
    assert analyse(text).unit == unit


@pytest.mark.parametrize("text", ["", " \n\t　", "a\0b", "\ud800", "问" * (MAX_CHARACTERS + 1)])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        checked(text)


def test_the_limit_is_said() -> None:
    with pytest.raises(BadRequest, match=f"{MAX_CHARACTERS:,}"):
        checked("问" * 100_000)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("建起了哪三条产业链", 3),
        ("哪12个县", 12),
        ("哪两个", 2),
        ("Which four regions", 4),
        ("有哪些", None),
        ("哪一家", None),
    ],
)
def test_the_number_of_things_asked_for_is_told(text: str, count: int | None) -> None:
    assert analyse(text).count == count


@pytest.mark.parametrize(
    ("text", "grain"),
    [("哪天开馆", "日"), ("哪一年开馆", "年"), ("几月开馆", "月"), ("何时开馆", None)],
)
def test_how_exact_a_date_is_asked_for_is_told(text: str, grain: str | None) -> None:
    assert analyse(text).grain == grain
