"""Which words of a sentence look like a name, and which only hold it together.

No model and no segmenter: surnames, places, the endings of organisations and
the characters that foreign names are spelled with. It errs towards “name”,
since `looks_like_name` only judges words that the cited passage does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SURNAMES = (
    "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝]"
)
_SPEECH = "说|表示|指出|认为|介绍|称|告诉|透露|强调|宣布|回应|解释|坦言|建议|透露|出席|担任|获得|当选|先生|女士|教授|博士|院士|主任|书记|局长|市长|县长|省长|部长|总统|总理|首相|主席|经理|董事长|总裁|记者|医生|老师|同志|队长|教练"
_TITLES = "记者|教授|博士|院士|主任|书记|局长|市长|县长|省长|部长|总统|总理|首相|主席|经理|董事长|总裁|医生|老师|队长|教练|发言人|创始人|专家|分析师|负责人|球员|选手|导演|演员|歌手|作家|居民|村民|市民|据|由|对|向|与"
_PLACES = (
    "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 "
    "广西 西藏 宁夏 新疆 香港 澳门 石家庄 太原 沈阳 长春 哈尔滨 南京 杭州 合肥 福州 南昌 济南 郑州 武汉 长沙 广州 海口 成都 贵阳 昆明 西安 兰州 西宁 "
    "台北 呼和浩特 南宁 拉萨 银川 乌鲁木齐 深圳 苏州 无锡 宁波 青岛 大连 厦门 东莞 佛山 温州 珠海 烟台 洛阳 大同 临汾 运城 晋中 长治 晋城 阳泉 朔州 忻州 吕梁 "
    "中国 美国 日本 韩国 朝鲜 俄罗斯 英国 法国 德国 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 芬兰 丹麦 波兰 乌克兰 希腊 土耳其 埃及 南非 印度 巴基斯坦 "
    "阿富汗 伊朗 伊拉克 叙利亚 以色列 沙特 阿联酋 卡塔尔 越南 泰国 缅甸 老挝 柬埔寨 马来西亚 新加坡 印尼 印度尼西亚 菲律宾 蒙古 哈萨克斯坦 澳大利亚 新西兰 加拿大 "
    "墨西哥 巴西 阿根廷 智利 秘鲁 古巴 尼日利亚 肯尼亚 埃塞俄比亚 欧洲 亚洲 非洲 美洲 欧盟 东京 首尔 纽约 伦敦 巴黎 柏林 莫斯科 华盛顿 洛杉矶 华为 腾讯 阿里 百度 小米"
).split()
_PLACE = re.compile("|".join(sorted(_PLACES, key=lambda place: -len(place))))
_PLACES_IN = re.compile(f"({_PLACE.pattern})")
_ENDING = re.compile(
    r"(?:省|市|县|区|州|镇|乡|村|国|岛|港|湾|山|河|湖|公司|集团|大学|学院|中学|小学|银行|医院|协会|学会|基金会|委员会|研究院|研究所|"
    r"法院|检察院|俱乐部|报社|日报|晚报|电视台|出版社|实验室|工厂|酒店|机场|车站|广场|大厦|路|街|桥|科技|控股|股份|汽车|证券|保险|传媒|部|局|厅|署|队)$"
)
_FOREIGN = "阿埃艾爱安奥巴贝比波伯布达德迪蒂丁顿多恩尔法菲费弗福夫格古哈赫霍基吉加杰卡凯科克库拉莱兰勒雷里丽利列林隆卢鲁伦罗洛马玛迈曼梅米莫姆穆纳娜内尼诺努欧帕佩皮普奇恰乔萨塞瑟森沙什史斯丝苏索塔泰特提图托瓦威维韦温沃乌西希夏谢雅亚扬耶伊因约扎泽兹佐朗宾茨琴蓬"
_TRANSLITERATED = re.compile(f"[{_FOREIGN}·]{{3,}}")
_LONGEST = 24  # characters of a name that is printed in full
_ALSO_ENDING = re.compile(
    r"(?:学校|分校|幼儿园|中心|支队|大队|园区|开发区|公园|园|基地|社区|机构|联盟|论坛|局|办|委|所|院|社|厂|店|馆|站|会|网)$"
)
_NO_NAME = re.compile(r"[，。；：、！？“”]|[的了在将被把与]|和(?![平田县])")
_PERSON = re.compile(rf"(?:{_SURNAMES})[㐀-鿿]{{1,2}}")
_SPOKEN = re.compile(rf"(?:{_SPEECH})")
_CALLED = re.compile(rf"(?:{_TITLES})$")
_HONOURED = re.compile(rf"(?:老|小)?(?:{_SURNAMES})(?:某{{1,2}}|先生|女士)?$")

_COMMON_WORDS = """
据了解 据悉 据报道 报道称 报道 根据 按照 依据 文章 文中 本文 新闻 消息 消息称 记者 此前 近日 日前 目前 当前 当日 当天 今天 今日 昨日 近期 同时 其中 此外 另外 并且 而且
以及 还有 因此 因为 由于 所以 但是 不过 然而 尽管 虽然 如果 同样 随后 之后 之前 以后 以前 以来 期间 当时 届时 截至 至今 已经 正在 即将 将会 可以 能够 需要 应当 必须
可能 或许 大约 约为 左右 超过 达到 共有 总共 一共 合计 分别 包括 包含 涉及 关于 对于 通过 利用 使用 采用 进行 开展 实施 作为 成为 属于 来自 位于 具有 拥有 存在 表示 指出
认为 称 提到 介绍 说明 显示 强调 透露 宣布 也就是说 换言之 简单来说 总的来说 总体而言 综上 综合来看 具体来说 具体而言 例如 比如 首先 其次 最后 一方面 另一方面
该公司 该地 该市 该县 该区 该国 该项 该人士 该 他们 她们 它们 我们 这些 那些 这个 那个 这一 这里 那里 他 她 它 其 本 各 每 所有 全部 部分 一些 许多 多个 多项 多家 相关 有关
情况 方面 问题 内容 原因 结果 方式 过程 时间 地方 事情 人士 人员 方法 主要 重要 一般 基本 完全 非常 十分 更加 特别 尤其 仅 只 只有 仅有 还 也 都 就 才 又 再 已 将 曾 均 共
上述 以上 以下 如下 即 是指 指的是 的是 这是 这也是 也是 不仅 不但 还是 而是 就是 于是 从而 进而 使得 导致 引起 带来 提供 给予 得到 获得 取得 实现 完成 发布 公布 发生 出现
可知 可见 由此 如此 一样 一起 共同 有人 有的 其他 其它 其余 任何 某些 某 第一 一个 一种 一次 一名 一位 一家 一项 针对 面对 围绕 随着 在此 与此同时 对此 为此 为了 以便 旨在
""".split()
_FUNCTION = (
    "的地得了着过在是有和与及或也都就还把被让使由从向对为以其这那之所于至到将会能要请个位等并而但则且又再已曾均各每该此约近逾超共"
    "上下中内外前后里间时当比更最很较仅只才又吧呢吗啊么们即如若因故自同跟给用按据称说道来去起出入做作成"
)
_COMMON = re.compile(
    "|".join(sorted(_COMMON_WORDS, key=lambda word: -len(word))) + f"|[{_FUNCTION}一]"
)
NEGATION = re.compile(
    r"不(?!仅|但|过|少|断|同)|未|没|无(?!论)|非(?!常|洲)|否|勿|莫(?!斯)|拒绝|禁止"
)
ENGLISH_COMMON = frozenset(
    "a an the of in on at by for to from with and or but as is are was were be been being do does "
    "did has have had it its this that these those he she they his her their there which who whom "
    "will would can could should may might into than then also about after before during between "
    "per each both not no more most all some any other such only so if when where while because "
    "according article report reported says said new over under up down out".split()
)
ENGLISH_NEGATION = frozenset("not no never without none neither nor cannot n't".split())


def content_of(run: str) -> str:
    """The run without words that only hold a sentence together; places are kept."""
    return "".join(
        part if number % 2 else _COMMON.sub("", part)
        for number, part in enumerate(_PLACES_IN.split(run))
    )


def looks_like_name(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]`, words that the evidence does not hold, name something.

    Args:
        text: folded, without white space; punctuation may be gone.
    """
    run = text[start:end]
    if not content_of(run):
        return False
    before, after = text[max(0, start - 3) : start], text[end : end + 3]
    if _PLACE.search(run) or _TRANSLITERATED.search(run) or "某" in run:
        return True
    if _ENDING.search(run) and len(run) >= 3:
        return True
    if any(_spoken_of(text, match, before, after, start, end) for match in _people(run)):
        return True
    return len(run) >= 2 and bool(_ENDING.match(after[:2]) or _ENDING.match(after[:1]))


def is_name(words: str) -> bool:
    """Whether words are one name and nothing else: of a person, a place, an organisation."""
    if not 2 <= len(words) <= _LONGEST or _NO_NAME.search(words):
        return False
    whole = _PERSON.fullmatch(words) or _HONOURED.fullmatch(words) or _PLACE.fullmatch(words)
    return bool(
        whole
        or _TRANSLITERATED.fullmatch(words)
        or _ENDING.search(words)
        or _ALSO_ENDING.search(words)
    )


def _people(run: str) -> Iterator[re.Match[str]]:
    return _PERSON.finditer(run)


def _spoken_of(
    text: str, match: re.Match[str], before: str, after: str, start: int, end: int
) -> bool:
    """Whether a surname with one or two characters stands where a person would."""
    if match.start() == 0 and (_CALLED.search(before) or start == 0):
        return True
    following = text[start + match.end() : start + match.end() + 3] or after
    return bool(_SPOKEN.match(following) or (_HONOURED.match(match[0]) and end - start <= 3))
