"""Rules for a question that leans on the turns before: how it leans, and its whole form.

“侯马审批时限缩减多少天” 72天   → “那比法定少多少？”   侯马审批时限缩减72天，比法定少多少？
“临汾有多少件专利”              → “介休呢？”           介休有多少件专利
“最大的项目是哪个” 国强光伏     → “它投资多少”         国强光伏投资多少
“技术中心一共投资多少” 203万元  → “其中企业出了多少”   the same article, and no other
anything                        → “换个话题，…”        what follows, alone
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.asking.carry import Before, antecedent, before, named_in, statement, swapped
from qa.asking.carry_en import asks_en, is_english
from qa.asking.kinds import INTERROGATIVE
from qa.asking.question import analyse
from qa.reading.coverage import fold_aligned, terms_of
from qa.reading.places import romanised_spans
from qa.schema import Turn

_TURNS = 4  # questions before that can still be leaned on

_ANOTHER = re.compile(
    r"^\s*(?:那|好的?|嗯|ok|okay|well)?[,，。\s]*(?:(?:我们?)?(?:换|改|转)一?[个下]?(?:话题|问题|主题|别的)|"
    r"(?:我们?)?(?:说|聊|谈|问|讲)(?:点|些)?(?:别的|其他的|另外的?)|(?:我?(?:想|要)?(?:再)?(?:问|说))?(?:下一|另外?一?)[个件]"
    r"(?:问题|事情?|话题)|(?:a )?(?:different|another|new|next) (?:topic|question|subject)|"
    r"(?:to )?(?:chang(?:e|ing)|switch(?:ing)?) (?:the )?(?:topics?|subject)|"
    r"on another (?:topic|note)|(?:about )?something else)吧?[,，:：。.;；!！—\s]+",
    re.IGNORECASE,
)
_BY_THE_WAY = re.compile(
    r"^\s*(?:对了|顺便(?:问|说)?(?:一下|一句|下)?|话说|再问(?:一下|下)?|请问|谢谢|"
    r"by the way|btw|okay|ok|thanks)[,，:：。.!！\s]+",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"^\s*(?:那|and|what about|how about)?\s*(?:请|please)?\s*"
    r"(?:(?:用|换成|翻译成|说)?(?:英文|英语|中文|汉语|繁体|简体)(?:呢|怎么说|再说一遍|回答)?"
    r"|(?:say (?:it|that)|answer)?\s*in (?:english|chinese)"
    r"|(?:你|您)?(?:确定|肯定|确认)(?:是这样|没错)?(?:吗|么)?|真的(?:吗|么|假的)|是(?:这样)?(?:吗|么)|当真"
    r"|再(?:说|讲)一(?:遍|次)|(?:are you )?(?:really|sure)"
    r"|is (?:that|it) (?:right|true)|say (?:it|that) again)\s*[?？。.!！]*\s*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^\s*(?:那|and)?\s*(?:还有(?:呢|吗|么|别的|其他的?|哪些|什么)?(?:呢|吗|么)?|(?:别的|其他的?|其余的?)(?:呢|吗)?|"
    r"(?:what|anything|who|any(?:one)?) (?:else|others?))\s*[?？。]*\s*$",
    re.IGNORECASE,
)
_DETAIL = re.compile(
    r"^\s*(?:请|能|可以|能不能|可不可以|再|麻烦)*你?再?(?:说|讲|介绍|解释|展开)?[得的]?再?"
    r"(?:(?:详细|具体|清楚|仔细)(?:一?点儿?|一?些|地|的)?(?:说说|讲讲|说|讲|介绍|解释|情况|内容)?(?:一下)?|"
    r"展开(?:说说|讲讲|说|讲)|细说|多说(?:一?点|几句|说)?|继续[说讲]?)[吗么呢吧]?\s*[?？。!！]*\s*$"
)
_DETAIL_EN = re.compile(
    r"^\s*(?:(?:can|could) you |please )*(?:tell me more|more details?|elaborate|go on|"
    r"explain(?: that| it)?)(?: (?:about|on) (?:it|that|this))?\s*[?.!]*\s*$"
)
_LEAD = re.compile(
    r"^\s*(?:那么|那(?![篇则个家项些位座条件次种里边年天时儿])|然后|另外|还有|并且|那麼|"
    r"(?:and|so|then|but|also|what about|how about)\b)[,，\s]*",
    re.IGNORECASE,
)
_WHAT_OF = re.compile(r"^(?P<what>.{1,24}?)(?:呢|又如何|又怎样|怎么样|又是)\s*[?？]*\s*$")
_WHAT_ABOUT = re.compile(
    r"^\s*(?:(?:(?:and|so|but|then)\b[,\s]*)*(?:what|how) about|and)\s+"
    r"(?P<what>[^?？]{1,60}?)\s*[?？]*\s*$",
    re.IGNORECASE,
)
# One value of what was said is asked apart: it stands in the same article.
_PART = re.compile(
    r"其中|(?:这|那)(?:里面|当中|之中)|(?:这|那)笔|各(?:自)?(?:是|占|出)|"
    r"\bof (?:that|those|these|them|it|this|which)\b|\bamong (?:them|these|those)\b",
    re.IGNORECASE,
)
_THIS_ARTICLE = re.compile(
    r"(?:这|那|该|本|此|上)(?:一)?(?:篇|则|条|文|报道)|^(?:文章|报道|新闻|稿子)|"
    r"\b(?:this|that|the|its|the same) (?:article|piece|story|report|headline|title|byline)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:它|他|她)(?:们)?(?:的)?|"
    r"该(?:公司|企业|项目|市|县|区|开发区|地|人|院|校|国|产品|工程|活动|文|报道|集团|单位)|"
    r"(?:这|那|此)(?:个|家|项|些|位|座|条|件|篇|次|种)"
    r"(?:公司|企业|项目|开发区|城市|地方|活动|人|文章|报道|工程|集团|单位)?|"
    r"(?:这|那)(?:里|儿)|当地|这(?=是|有|比|在|对)|那(?=是|有|在|家)|(?<!尤)其(?=[^他它余中实次])"
)
_PRONOUN_EN = re.compile(
    r"\b(?:its|it|theirs?|they|them|his|he|him|hers?|she|there|(?:the|that|this) (?:company|"
    r"project|firm|zone|city|county|place|one|same)|these|those|that|this)\b",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r".*的|其|its|theirs?|his|hers?", re.IGNORECASE)
_EVENT = re.compile(r"这|那|(?:这|那)[个次件些种]|that|this|these|those|the same", re.IGNORECASE)

Leaning = Literal["no", "maybe", "yes"]


@dataclass(frozen=True, slots=True)
class Whole:
    """A question as it stands, and as it reads with what the turns before add."""

    text: str  # without an announced change of subject
    carried: str | None  # None: nothing before it can be leaned on
    leaning: Leaning  # maybe: the retriever decides
    about: str | None = None  # what finds the article that the turn before was about,
    answered: str | None = None  # and what was answered from it
    stays: bool = False  # the answer stands in that article, or nowhere


def whole_of(text: str, history: Sequence[Turn]) -> Whole:
    """Rules only; no search."""
    turn = _before(history)
    if turn is None:
        return Whole(text, None, "no")
    said = (f"{turn.asked} {turn.answered or ''}".strip(), turn.answered)
    if another := _ANOTHER.match(fold_aligned(text)):
        return Whole(text[another.end() :].strip() or text, None, "no")
    text = text[found.end() :] if (found := _BY_THE_WAY.match(fold_aligned(text))) else text
    folded = fold_aligned(text)
    if _AGAIN.match(folded):
        return Whole(text, turn.asked, "yes", *said)
    if _DETAIL.match(folded) or _DETAIL_EN.match(folded):
        return Whole(text, _detailed(turn), "yes", *said, stays=True)
    if _MORE.match(folded):
        return Whole(text, _others(turn), "yes", *said)
    bare = text[lead.end() :] if (lead := _LEAD.match(folded)) else text
    bare = bare.strip() or text
    kind = analyse(bare).kind
    names = bool(named_in(bare))
    if kind in ("byline", "headline") and not names and _of_that_article(bare):
        return Whole(text, _joined(turn, bare), "yes", *said, stays=True)
    asked_of = _WHAT_ABOUT.match(folded) or _WHAT_OF.match(fold_aligned(bare))
    if asked_of and not INTERROGATIVE.search(asked_of["what"]) and not asks_en(asked_of["what"]):
        within = text if asked_of.re is _WHAT_ABOUT else bare
        return Whole(text, swapped(turn.asked, within[slice(*asked_of.span("what"))]), "yes", *said)
    if _PART.search(fold_aligned(bare)):
        return Whole(text, _joined(turn, bare), "yes", *said, stays=True)
    pronoun = _pronoun_in(bare)
    if pronoun and not (names and _THIS_ARTICLE.search(fold_aligned(bare))):
        return Whole(text, _replaced(bare, pronoun, turn), "yes", *said)
    carried = _joined(turn, bare)
    if len(terms_of(bare)) <= 1 or bare != text:
        return Whole(text, carried, "maybe" if names else "yes", *said)
    return Whole(text, carried, "no" if names else "maybe", *said)


def _before(history: Sequence[Turn]) -> Before | None:
    """The last question in its whole form, with its answer."""
    turn: Before | None = None
    users = [number for number, each in enumerate(history) if each.role == "user"][-_TURNS:]
    for number in users:
        turns: list[Turn] = []
        if turn is not None:
            turns = [Turn("user", turn.asked), Turn("assistant", turn.spoken or "")]
        whole = whole_of(history[number].content[:300], turns)
        leans = whole.leaning == "yes" and whole.carried
        following = history[number + 1 : number + 2]
        spoken = following[0].content if following and following[0].role == "assistant" else None
        turn = before(whole.carried if leans and whole.carried else whole.text, spoken)
    return turn


def _of_that_article(bare: str) -> bool:
    """“这篇的作者是谁”, “标题呢”: no article is told but the one before."""
    from qa.metadata import subject_of

    return bool(_THIS_ARTICLE.search(fold_aligned(bare))) or len(terms_of(subject_of(bare))) <= 1


def _detailed(turn: Before) -> str:
    return f"{'Summarize ' if is_english(turn.asked) else '总结'}{statement(turn)}"


def _others(turn: Before) -> str:
    """The same question again for what was not said; what a question says itself is no answer."""
    if not turn.answered:
        return turn.asked
    if is_english(turn.asked):
        return f"Apart from {turn.answered}, {turn.asked}"
    return f"除了{turn.answered}，{turn.asked}"


def _joined(turn: Before, bare: str) -> str:
    return f"{statement(turn)}{': ' if is_english(bare) else '，'}{bare}"


def _pronoun_in(bare: str) -> re.Match[str] | None:
    folded = fold_aligned(bare)
    return (_PRONOUN_EN if is_english(bare) else _PRONOUN).search(folded)


def _replaced(bare: str, pronoun: re.Match[str], turn: Before) -> str:
    """The question with what its pronoun stands for: a name, or what was said before."""
    word = pronoun.group()
    stands = None if _EVENT.fullmatch(word) else antecedent(turn, word)
    if stands is None or _THIS_ARTICLE.search(word):
        return _joined(turn, bare)
    english = is_english(bare)
    if _POSSESSIVE.fullmatch(word):
        stands += "'s" if english else "的"
    elif word == "there":
        stands = f"in {stands}"
    inside = bare[: pronoun.start()] + stands + bare[pronoun.end() :]
    if english:
        names = [span.of(turn.asked) for span in romanised_spans(turn.asked)]
        about = next((name for name in names if name not in inside), None)
        return f"{inside.rstrip('?？ ')} ({about})?" if about else inside
    folded = fold_aligned(inside)
    about = [name for name in named_in(turn.asked)[:1] if fold_aligned(name) not in folded]
    return f"{''.join(about)}{'，' if about else ''}{inside}"
