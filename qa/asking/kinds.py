"""The kinds of questions, and the words that each is told by."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "number", "date", "person", "place", "organisation", "reason", "list", "yesno",
    "definition", "byline", "headline", "survey", "other",
]  # fmt: skip

HAN = re.compile(r"[\u3400-\u9fff]")
_THIS = r"(?:这篇|那篇|该文|本文|这则|这条|此文|文章|报[道导]|稿件|稿子|新闻|消息)"
_WRITER = r"(?:(?<!工)作者|记者|通讯员|撰稿|撰文|执笔|供稿|投稿|署名)"
_WRITES = r"(?:写|撰|采|报[道导]|执笔|署名|稿)"
_WRITER_EN = r"(?:author|reporter|journalist|correspondent|writer)"
_OF_WHAT_EN = r"(?=\s*[?？]*$| (?:of|for|on|behind)\b)"
# A work that an article speaks of; its author is not the article's.
_WORK = re.compile(
    r"小说|剧本|原著|著作|图书|这本书|论文|文献|歌[曲词]|词曲|诗|散文|教材|电影|影片|电视剧|专著|信(?![息用心])|遗书|书法|碑|"
    r"讲座|演讲|讲课|授课|课程|课题|报告|作文|"
    r"\b(?:novels?|books?|songs?|poems?|films?|movies?|screenplay|script|papers?|stud(?:y|ies)|lyrics|letter|"
    r"lecture|speech|course|standard)\b"
)
_ARTICLE = re.compile(
    rf"{_THIS}|[这那此本该哪](?:一?篇|则|条)|[一两二三四五六七八九十几]篇|稿|"
    r"\b(?:articles?|pieces?|stor(?:y|ies)|reports?|commentary|news)\b"
)
# Reporters whom an article speaks of: “遇难的记者”, “哪位作者获奖”.
_TOLD_OF = r"(?:遇[难害]|身亡|死亡|受伤|被[打捕抓拘害扣杀]|失踪|获[奖刑得]|得奖|牺牲|提问)"
_WRITERS_TOLD_OF = re.compile(
    rf"{_TOLD_OF}[^，。篇]{{0,10}}(?:作者|记者)|(?:作者|记者)[^，。]{{0,4}}{_TOLD_OF}|(?:第一|通讯)作者|"
    r"(?:对|向|给|跟|回了?)[^，。篇的]{0,6}记者|多少[名位个]?(?:作者|记者)"
)
COUNT = r"(?:[两二三四五六七八九十]|\d+)"
COUNT_EN = "two|three|four|five|six|seven|eight|nine|ten"
HOW_MANY = r"(?<![那这好十前头近另])几(?![乎百十千])"  # not “那几个”, “好几次”, “几百份”
# “总结会什么时候开” and “总结了哪些经验” are told in an article.
_NOT_TOLD_OF = (
    r"(?!了|出|为|起来|会|大会|性|报告|.*(?:谁|多少|几(?!篇)|什么时[候间]|何[时地]|哪(?!些)))"
)
_PAGE = r"(?:版面?|报纸?|报道|文章|新闻(?!发布)|页|篇|上面|里面|各[个地家市县区]|今[天日])"
_BODY = r"(?:公司|企业|机构|部门|单位|学校|大学|组织)"
_AMOUNT_EN = (
    "(?:price|cost|fare|fee|fine|wage|salary|rate|rent|profit|loss|turnover|revenue|income|surplus|deficit|"
    "budget|population|score|temperature|speed|capacity|torque|thrust|area|length|height|width|weight|depth|"
    "distance|investment|output|outflow|inflow|death toll|market value|age|magnitude|total)"
    r"(?=\s*[?？]?$| (?:of|for|in|on|at|per|to|by|from|this|last|when|after|against)\b)"
)
# First match decides, so narrower kinds stand before wider ones.
_KINDS: dict[Kind, tuple[str, ...]] = {
    "byline": (
        rf"{_THIS}.{{0,8}}(?:(?:作者|记者|署名)(?:的?(?:名字|姓名))?[呢?？。]*$|谁写|谁撰|谁采写|谁报道)",
        rf"{_WRITER}(?:们|人|者)?(?:的?名字)?的?(?:是|为|都有|有|分别)*(?:谁|哪[位些几个]|叫(?:什么|啥)|什么名|什么人|何人)",
        rf"(?:谁|哪[位个]|哪些人|哪几[位个]人?|什么人|何人)(?:记者|作者)?(?:来|所|负责)?(?:写|撰|采写|报[道导]|{_WRITER})",
        r"(?:(?<!工)作者|署名|撰稿人|执笔人?|供稿人?)[呢?？。]*$|出自(?:谁|哪位|何人)",
        rf"哪[位个些几].?(?:记者|作者|通讯员)(?=[呢的?？。\s]*$|[^，。]{{0,6}}{_WRITES})",
        r"\bwho (?:wrote|authored|penned)\b|\bwho (?:reported|filed)\b(?!.* (?:to|against)\b)",
        r"\b(?:written|reported|authored) by\b|\bbyline\b|\bwhose (?:article|story|piece)\b",
        r"\bby whom\b.*\b(?:written|reported|authored|penned)\b",
        rf"(?:^|\bwho (?:is|was|are|were) )(?:the )?{_WRITER_EN}s?{_OF_WHAT_EN}",
        rf"\bwh(?:ich|at) {_WRITER_EN}s? (?:wrote|covered|reported|filed|penned|authored)\b",
        rf"\b(?:article|piece|story|report)(?:'s)? {_WRITER_EN}s?\s*[?？]*$",
    ),
    "headline": (
        r"(?:标题|题目|题名)(?:是|叫|为|写|怎么|[呢?？。]*$)|(?:什么|啥|哪个)(?:标题|题目)",
        r"\bheadline(?: (?:of|for|is|was|does|did|has)\b|\s*[?？]*$)|\b(?:what|which) headline\b",
        r"(?:^|^the |\bwhat(?:'s| is| was) (?:the|its) )title\s*[?？]*$",
        r"\btitled?\b.*\b(?:article|piece|story|report)\b",
        r"\b(?:article|piece|story|report)\b.*\b(?:titled?|headlined)\b",
    ),
    "survey": (
        rf"^(?:[^，。]*{_PAGE}[^，。课会]{{0,6}})?都(?:讲|说|写|报道)了?(?:些|了)?(?:什么|啥|哪些)",
        r"都有(?:些)?(?:什么|哪些)(?:内容|新闻|文章|报道)",
        r"^(?:今[天日]|[这本]版|报纸?上)[^，。]{0,4}有些?(?:什么|啥|哪些)(?:新闻|文章|报道|消息)[?？]?$",
        r"^[^，。]{0,4}(?:[这本]版|报纸?上)有些?(?:什么|啥|哪些)[?？]?$",
        r"(?:版|报纸|[这今]天|文章|报道|新闻|[这那]篇|页)的?(?:主要内容|摘要|概要)",
        rf"^(?:请|麻烦)?(?:你|帮我|给我)?(?:总结|概括|综述|归纳|梳理|概述){_NOT_TOLD_OF}",
        r"^(?:请|麻烦)?(?:你|帮我)?(?:比较|对比)(?!试验|实验|.*(?:谁|哪|多少|几|(?<!有)什么))",
        r"比较一下|对比一下",
        r"各(?:个|地|家|开发区|市|县|区)[^，。？?]{0,12}(?:怎么|如何|怎样|做法|措施)",
        r"^\s*(?:please )?(?:compare|summari[sz]e)\b|\b(?:summary|overview) of (?:the|this|today)",
        r"what (?:are|is) (?:the|this|today's) (?:articles?|page|paper|news) about",
    ),
    "reason": (
        r"为什么|为何|为啥|因何|何以|(?:什么|何种|啥)(?:原因|缘故|理由)|原因(?:是|为|有|在|[呢?？。]*$)",
        r"凭(?:什么|啥)|出于(?:什么|何种|啥)|(?:什么|啥)(?:导致|造成|引起|引发)",
        r"\bwhy\b|\bwhat (?:caused|reason|led to|prompted|triggered)|\breason for",
    ),
    "list": (
        rf"哪些|有哪|哪几(?![天日年月])|哪[“\"'‘「]?{COUNT}|分别(?:是|为|叫|有)|包括(?:什么|哪|谁)",
        rf"\b(?:which|what|name) (?:are the |the )?(?:{COUNT_EN}|several|all)\b",
        r"\bwhat are the\b|\bname the\b|\blist the\b",
    ),
    "date": (
        r"何时|什么时候|什么时间|啥时候|何年|何月|何日|哪一?年|哪一?天|哪一?日|哪个?月|哪几[天日年月]",
        r"几月|几号|几时|多会儿|哪会儿|哪个?时候|哪段时间|哪一?周(?!年)|(?:星期|礼拜|周)几(?![次个天年])|(?:西元|公元)几年|时间是|日期是",
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time)s?\b",
    ),
    "number": (
        rf"多少|{HOW_MANY}|多大|多长|多高|多重|多远|多快|多久|多宽|多深|多厚",
        r"百分之几|占比|比例是|比率|数量是|总额",
        r"\bhow (?:many|much|long|far|large|big|high|tall|deep|old|often|fast)\b",
        r"\bwhat (?:percentage|percent|share|number|amount|proportion|price|fine)\b",
        rf"\bwhat (?:is|was|are|were) (?:.{{1,40}}?'s )?(?:[\w-]+ ){{0,5}}?{_AMOUNT_EN}",
    ),
    "person": (r"谁|哪位|何人|哪一?个人|哪名|\bwho(?:m|se)?\b",),
    "organisation": (
        r"哪一?[家所]",
        rf"哪一?[个支]?(?:{_BODY}|集团|银行|媒体|球队|委员会)",
        rf"什么{_BODY}(?![呢啊?？\s]*$)|(?<!是)(?<![家个所])什么{_BODY}|的是什么{_BODY}",
        r"\b(?:which|what) (?:company|firm|organi[sz]ation|university|school|agency|bank)\b",
    ),
    "place": (
        r"(?<![好难差强错亏赢输贵])(?<!毛病出)(?<!问题出)在哪|(?<![好难差强错亏赢输贵]在)(?:哪里|哪儿)|何地|何处|(?<!是个)(?:什么|啥)地方|于哪|(?:住|去|到|往|从)哪(?=[?？了的]|$)",
        r"哪一?[个座]?(?:国家?|省|市|县|城市|地区|区域|地方|州|村|镇|乡|洲|岛)",
        r"\bwhere\b|\b(?:which|what) (?:country|city|province|place|county|town|region)\b",
    ),
    "definition": (
        rf"什么是|什么意思|指的?(?:是什么|什么)|[怎咋]么?回事|是个(?:什么|啥)地方|何谓|何为|(?:什么|啥)叫(?!做)|是(?:一?[家个所])?什么(?:样的)?{_BODY}[呢啊?？\s]*$|(?:做|干)(?:什么|啥)的|干嘛的|是个?啥(?=[?？\s]|$)",
        r"\bwhat (?:is|are) an?\b|\bwhat does .* (?:mean|stand for)\b",
    ),
    "yesno": (
        r"(?:吗|(?<![什怎那多这甚])么|没有?|不|不成)\s*[?？]?\s*$",
        r"^(?!(?:请|麻烦|帮我|给我|你)*(?:说|讲|谈|介绍|告诉|列)).*吧\s*[?？]?\s*$",
        r"是否|能否|可否|有没有|可不可以|(?!动不动|时不时)([\u4e00-\u9fff])不\1",
        r"^\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b",
    ),
}
_COMPILED: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(parts))) for kind, parts in _KINDS.items()
)
# The words that ask, in a folded Chinese question.
INTERROGATIVE = re.compile(
    r"什么时候|什么时间|什么地方|为什么|什么|甚么|为何|为啥|如何|怎么样|怎样|怎么|何时|何地|何处|何人|何年|"
    rf"多少|多大|多长|多高|多久|多远|{HOW_MANY}|哪里|哪儿|哪些|哪一?个|哪|谁|是否|是不是|有没有|吗"
)
# “…多少吗”, “是不是…”: a verdict is asked for even where a number is named.
_VERDICT = re.compile(
    r"(?:吗|了没有?)\s*[?？]?\s*$|^\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"
)
FIRST_ASKING = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b")
_ASKING_AGAIN = re.compile(r"\b(?:who|whom|whose|when|where)\b")
ASKS_WHAT = re.compile(f"哪|什么|谁|多少|{HOW_MANY}|何|怎|为什")
# What a question without a question word ends in: “国强光伏 总投资”.
_ENDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"(?:总?投资额?|金额|总额|价格|人数|数量|面积|产量|产值|销量|比例|占比|长度|高度|重量|年龄|票价|费用|奖金|增速|增幅|"
            r"收入|成本|营收|利润|温度|规模)[?？。]?$"
        ),
    ),
    ("date", re.compile(r"(?:时间|日期|年份|日子)[?？。]?$")),
    ("place", re.compile(r"(?:地点|地址|位置)[?？。]?$")),
)


def kind_of(folded: str) -> Kind:
    """The kind of a folded question."""
    kind = _by_its_words(folded)
    if kind in ("number", "date", "person", "place", "other", "organisation") and _VERDICT.search(
        folded
    ):
        kind = "yesno"
    if kind == "yesno" and ASKS_WHAT.search(folded) and not _VERDICT.search(folded):
        kind = "other"
    if kind == "other" and HAN.search(folded) and not INTERROGATIVE.search(folded):
        for each, pattern in _ENDS:
            if pattern.search(folded):
                return each
    return kind


def _by_its_words(folded: str) -> Kind:
    if first := FIRST_ASKING.search(folded):  # “What post does Chen, who …”: the first asks
        folded = folded[: first.end()] + _ASKING_AGAIN.sub("that", folded[first.end() :])
    of_work = bool(_WORK.search(folded)) and not _ARTICLE.search(folded)
    for kind, pattern in _COMPILED:
        if kind in ("byline", "headline") and of_work:
            continue
        if kind == "byline" and _WRITERS_TOLD_OF.search(folded):
            continue
        if pattern.search(folded):
            return kind
    return "other"
