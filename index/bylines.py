"""Who wrote it: the forms in which newspapers print their authors."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SURNAMES = frozenset(
    "王李张劉刘陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭肖程曹袁邓鄧许許"
    "傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾锺汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史"
    "顾顧侯邵孟龙龍万萬段漕钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文庞龐樊兰蘭殷施陶洪翟安颜顏倪严嚴牛温溫芦蘆季俞章鲁魯葛伍"
    "韦韋申尤毕畢聂聶丛叢焦向柳邢路岳齐齊沿梅莫庄莊辛管祝左涂塗谷祁时時舒耿牟卜詹关關苗凌费費纪紀靳盛童欧歐甄项項曲成游"
    "阳陽裴席卫衛查屈鲍鮑位覃霍翁隋植甘景薄单單包司柏宁寧柯阮桂闵閔解强強柴华華车車冉房边邊辜吉饶饒刁瞿戚丘古米池滕晋晉"
    "苑邬鄔臧畅暢宫宮来來嵺苟全褚廉简簡娄婁盖蓋符奚木穆党黨燕郎邸冀谈談姬屠连連郜晏栾欒郁商蒙计計喻揭窦竇迟遲宇敖糜鄢冷"
    "卓花仇艾蓝藍都巩鞏稽井练練仲乐樂虞卞封竺冼原官衣楚佟栗匡宗应應台巫鞠僧桑荆荊谌諶银銀扬揚明沙薄伏岑习習胥保和蔺藺"
    "水云雲昌凤鳳酆皮卞元卜平伍余湛汪祁禹狄贝貝臧麻危席闵麦麥骆駱樊支昝经經裘缪繆干宣贲郁杭诸諸钮鈕嵇滑荣榮荀羊於惠甄曲家"
    "储儲靳汲邴松富巴弓牧隗山车全郗班仰秋仲伊暴钭厉厲戎祖武刘景詹束印宿怀懷蒲邰从鄂索咸籍池鬱胥能苍蒼双雙闻聞莘翟谭贡貢逄"
    "进帅帥缑亢况後有琴佘佴伯赏墨哈谯笪年爱愛阿佟玉覃撒丰豐帕热敬仝逯蔚越夔隆师師巢关蒯相查后红紅游权權逯"
)
_COMPOUND = (
    "欧阳",
    "歐陽",
    "上官",
    "司马",
    "司馬",
    "诸葛",
    "諸葛",
    "皇甫",
    "慕容",
    "令狐",
    "夏侯",
    "东方",
    "尉迟",
)
_WHO = (
    r"(?:(?:特约|特約|实习|實習|首席|见习|見習|摄影|攝影)?(?:记者|記者|通讯员|通訊員|撰稿人?|评论员|評論員)"
    r"|实习生|實習生|作者|编译|編譯|撰文)"
)
_FIRST_ROLE = re.compile(
    rf"(?:[\u4e00-\u9fffA-Za-z·—/\d]{{0,16}}?\s?{_WHO}(?:[/／]摄影)?|文字|文\s*[/／]\s*[图圖](?=[\s/／|丨:：])"
    r"|[图圖]\s*[/／]\s*文(?=[\s/／|丨:：])|文(?=\s*[/／|丨:：]))\s*[:：/／|丨]?\s*"
)
_CREDITED = re.compile(  # “文/图” is one credit, and so is “文/摄”
    r"(?<![\u4e00-\u9fff])(?:文\s*[/／]\s*(?:[图圖摄攝]影?)|[图圖]\s*[/／]\s*文)(?![\u4e00-\u9fff])"
)
_CREDIT = re.compile(r"[\u4e00-\u9fff]{0,12}(?:报道|報導|摄影|攝影|文图|文圖|图文|圖文)")
_CREDITS_AT_END = re.compile(rf"(?:[/／|丨、，,\s]+(?:{_CREDITED.pattern}|{_CREDIT.pattern}))+\s*$")
_ROLE_AT_END = re.compile(rf"{_WHO}\s*[:：/／|丨]?$")
_NEXT_ROLE = re.compile(rf"{_WHO}\s*[:：/／|丨]?\s*")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{1,12}(?:[·•][\u4e00-\u9fff]{1,12})+|[\u4e00-\u9fff]{2,4}")
_LATIN_NAME = re.compile(r"[A-Z][\w’'\-]+(?: [A-Z][\w’'.\-]*){1,3}")
_NEVER_A_NAME = re.compile(
    r".*(?:[省市县縣镇鎮乡鄉]|社|报|報|网|網|台|摄|攝|供图|供圖|客户端|报道|報導)"
)
_ORGANISATION = re.compile(
    r".*(?:局|部|委|厅|廳|院|校|处|處|会|會|司|集团|中心|大队|支队|版|图|圖)"
)
_NO_NAME = re.compile(
    "编辑|校对|审核|编审|来源|责编|監製|監制|監督|待续|未完|完结|附图|见图|如图|图略|略|下同|左图|右图|上图|下图|连载|转载|来源|结束|谢谢|注意|今年|去年|明年|今天|昨天|明天|"
    "目前|近日|近年|其中|同时|此外|另外|据悉|于是|然而|但是|因此|所以|如果|时间|时代|时评|时事|成果|成功|成都|成立|全国|全省|全市|"
    "全区|全县|全面|全力|高度|高质量|高效|方面|方向|方法|文化|文明|文章|文艺|金融|金秋|任务|任何|马上|江苏|江西|安徽|安全|海南|广告|"
    "石油|白银|常态|向上|关于|关键|项目|项链|经济|经过|经验|平安|平台|明确|水利|家庭|和平|和谐|于此|从此|原来|原因|应该|都是|有关|"
    "相关|保护|要闻|综合|来信|来论|简讯|快讯|短评|社论|时讯|华夏|华人|连续|单位|权威|伊始|年度|年内|能源|强化|解读"
)
_SECTION = re.compile(  # begins like a name, but no one has it: sections, places, words
    "文旅|文体|文體|文娱|文娛|文史|文创|文創|文学|文學|文教|文物|文摘|文坛|文壇|文件|文字|高考|高校|高教|高端|高新区|高铁|高鐵|高速|"
    "房地产|房地產|房产|房產|房市|房价|房價|时尚|時尚|时政|時政|时局|時局|时装|時裝|时令|時令|时讯|時訊|商务|商務|商业|商業|商贸|商貿|商界|"
    "商圈|商城|商情|商机|商機|安居|安防|安监|安置房|黄金周|黃金週|黄金|黃金|家居|家电|家電|家政|家教|家园|家園|家装|家裝|康养|康養|乐活|樂活|"
    "乐购|樂購|花卉|花鸟|花鳥|车市|車市|车险|車險|车讯|車訊|车展|車展|卫生|衛生|卫健|衛健|司法|党建|黨建|党务|黨務|党史|黨史|纪检|紀檢|纪实|紀實|"
    "纪念|紀念|万象|萬象|万花筒|广电|石化|水务|水務|水电|水電|水产|水產|水文|林业|林業|林草|牧业|牧業|游戏|游记|红色|紅色|双创|双减|"
    "双拥|双碳|双语|雙語|华语|華語|强军|强国|常识|常識|常委|干部|经贸|經貿|经营|經營|经典|經典|成人|成长|成長|成绩|"
    "全景|全民|全域|全球|全媒体|全会|全集|方案|明日|师德|师范|爱国|爱心|丰收节|计生|计划|計畫|計劃|计算机|盛会|盛典|单身|"
    "牛市|熊市|龙舟|龍舟|龙年|马年|牛年|马拉松|馬拉松|马术|银发|银龄|金价|金牌|金属|金屬|金点子|古镇|古村|古籍|古玩|后记|後記|后勤|"
    "景区|景區|景点|景點|景观|年终|年終|年货|年貨|年味|年报|年報|年轻人|年輕人|年画|年会|年中|都市|都市圈|连锁|连环画|路况|路演|解说|解码|"
    "能见度|储能|关怀|有声|有料|有趣|有请|应急|應急|应用|应聘|应届|池塘|平民|平价|明细|明清|相亲|相册|相声|相聲|"
    "华东|华南|华北|华中|华西|安阳|常州|常德|常熟|温州|武汉|武漢|江阴|云南|雲南|吉林|宁夏|寧夏|宁德|"
    "荆州|荆门|柳州|梅州|曲阜|曲靖|阳泉|阳江|平遥|平潭|平顶山|连云港|黄冈|黄浦|马鞍山|石家庄|石狮|秦皇岛|"
    "印度|印尼|伊朗|伊拉克|古巴|韩国|韓國|巴黎|巴西|沙特|白宫|越南|阿富汗|阿根廷|台北|台南|台中|台东|台灣|台湾|台海|台风"
)
_BETWEEN = re.compile(r"\s*[、，,;；/／&]\s*|\s+")

_CLOSING = re.compile(
    r"(?<=[。！？…”’」』）)!?.])(?:\s*(?P<open>[（(])\s*(?P<bracketed>[^（）()。，！？]{2,60}?)\s*[)）]\s*"
    r"|\s*[/／]\s*(?P<slashed>[^。，！？/／（）()]{2,40})"
    r"|\s+(?P<plain>[^。，！？：（）()\s][^。，！？（）()]{1,50}))$"
)
_BULLET = re.compile(r"[■□◎●○◆◇▲△★☆•·▪\-—\s]*")
_CAPITALISED = r"[A-Z][\w’'.\-]*(?: [A-Z][\w’'.\-]*){0,3}"
_ENGLISH = re.compile(
    rf"(?:By|BY|by)[ :]+(?P<names>{_CAPITALISED}"
    rf"(?:(?:,? and |, | & | in {_CAPITALISED} and ){_CAPITALISED}){{0,5}})"
    rf"(?P<place> in {_CAPITALISED})?(?:\s*[,|]\s*[A-Z][\w ]{{2,40}})?"
)
_IN_PLACE = re.compile(rf" in {_CAPITALISED}(?= and )")


@dataclass(frozen=True, slots=True)
class Byline:
    """The authors as printed, with where the names stand in the line."""

    start: int
    end: int
    authors: tuple[str, ...]
    sure: bool  # a role, a bracket or a “By” says so; otherwise only the names themselves


def parse_authors(text: str) -> tuple[str, ...]:
    """The names in “记者 张三、李四 通讯员王五”; empty when anything in it is no name.

    Behind a role, what else they did is no name: “记者 张三 北京报道”, “记者 张三 文/图”.
    """
    start, end = names_in(text)
    names, has_role = text[start:end], _FIRST_ROLE.match(text) is not None
    if has_role:
        names = _CREDITED.sub(" ", names)
    authors: list[str] = []
    for part in _NEXT_ROLE.sub("、", names).split("、"):
        words = [word for word in _BETWEEN.split(part.strip()) if word]
        letters = [word for word in words if re.fullmatch(r"[\u4e00-\u9fff]", word)]
        if letters and len(letters) == len(words) and len(words) % 2 == 0:  # 肖 伟
            words = [words[n] + words[n + 1] for n in range(0, len(words), 2)]
        elif len(letters) == 2:
            words = _with_spaced_name(words)
        for word in words:
            if has_role and _CREDIT.fullmatch(word):
                continue
            if not _is_name(word):
                return ()
            authors.append(word)
    return tuple(dict.fromkeys(authors))


def names_in(text: str) -> tuple[int, int]:
    """Where the names stand in “本报记者 张三 摄影报道”; the whole text without a role."""
    role = _FIRST_ROLE.match(text)
    if role is None or role.end() == len(text):
        return 0, len(text)
    tail = _CREDITS_AT_END.search(text, role.end())
    return role.end(), tail.start() if tail is not None else len(text)


def ends_with_role(line: str) -> bool:
    """Whether the line breaks off at “本报记者”, so that names open the next one."""
    return _ROLE_AT_END.search(line, max(0, len(line) - 12)) is not None


def _with_spaced_name(words: list[str]) -> list[str]:
    """Joins one “肖 伟” among other names."""
    joined: list[str] = []
    for word in words:
        if len(word) == 1 and joined and len(joined[-1]) == 1:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _is_name(word: str) -> bool:
    if _LATIN_NAME.fullmatch(word):
        return True
    if not _HAN_NAME.fullmatch(word) or _NO_NAME.fullmatch(word):
        return False
    if "·" in word or "•" in word:
        return True
    if _NEVER_A_NAME.fullmatch(word):
        return False
    return has_surname(word) or not _ORGANISATION.fullmatch(word)


def has_surname(name: str) -> bool:
    """Whether a Chinese name of usual length opens with a surname."""
    if "·" in name or "•" in name:
        return True
    if len(name) == 4:
        return name.startswith(_COMPOUND)
    return 2 <= len(name) <= 3 and name[0] in _SURNAMES


def find_closing_byline(line: str) -> Byline | None:
    """The byline behind the last sentence: “……。 史力”, “……。（记者 张三）”, “……。/张三”."""
    begin = max(0, len(line) - 80)
    found = _CLOSING.search(line, begin)
    if found is None:
        return None
    kind = "bracketed" if found["bracketed"] else "slashed" if found["slashed"] else "plain"
    return _byline(line, found.start(kind), found.end(kind), bracketed=kind == "bracketed")


def _byline(line: str, start: int, end: int, *, bracketed: bool) -> Byline | None:
    printed = line[start:end].rstrip()
    authors = parse_authors(printed)
    if not authors:
        return None
    role = _FIRST_ROLE.match(printed)
    chinese = [author for author in authors if not author.isascii()]
    named = all(map(has_surname, chinese))
    if role is None:
        if len(chinese) < len(authors) or (bracketed and not named):
            return None
        if not any(map(has_surname, authors)) or any(map(_SECTION.fullmatch, authors)):
            return None
        if not all(len(a) < 4 or has_surname(a) for a in authors):
            return None
    elif role.group()[-1] not in " 　:：/／|丨" and not named:  # 记者观察
        return None
    first, last = names_in(printed)
    sure = role is not None or (bracketed and named)
    return Byline(start + first, start + last, authors, sure)


def find_byline(line: str) -> Byline | None:
    """The byline that fills a line: “本报记者 张三 李四”, “文/张三”, “（张三）”, “By Jane Doe”.

    One that is not `sure` needs the surroundings of a byline: see `index.pages.find_bylines`.
    """
    if not 2 <= len(line) <= 80 or line[-1] in "，。、；：！？”》":
        return None
    english = _ENGLISH.fullmatch(line)
    if english is not None:
        names = re.split(r",? and |, | & ", _IN_PLACE.sub("", english["names"]))
        placed = english["place"] is not None or " in " in english["names"]
        if placed and not all(" " in name for name in names):  # “By Design in Beijing”
            return None
        return Byline(english.start("names"), english.end("names"), tuple(names), sure=True)
    lead = _BULLET.match(line)
    start = lead.end() if lead else 0
    inner = line[start:].rstrip()
    if inner[:1] in "（(" and inner[-1:] in "）)":
        return _byline(line, start + 1, start + len(inner) - 1, bracketed=True)
    byline = _byline(line, start, len(line), bracketed=False)
    if byline is None or byline.sure:
        return byline
    return byline if all(has_surname(name) for name in byline.authors) else None
