"""What the turns before leave for a question that leans on them: statements, names, slots.

“最大的项目是哪个” 国强光伏      → 最大的项目是国强光伏      a statement, the answer in its place
“临汾有多少件有效专利” “商标呢”  → 临汾有多少件商标          one thing in another's place
“它总投资多少”                  → 国强光伏总投资多少         a name in a pronoun's place
“侯马引进多少人” “介休和垣曲呢”  → 介休和垣曲引进多少人      places in a place's

English questions: `qa.asking.carry_en`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.schema import Span
from qa.asking.carry_en import YEAR, is_english, put, statement_en, swapped_en
from qa.asking.kinds import INTERROGATIVE
from qa.asking.question import analyse
from qa.reading.coverage import fold_aligned
from qa.reading.places import place_spans, places_in, romanised_spans
from qa.reading.spans import outermost, typed_spans

_NAME_MOST = 30  # characters of an answer that can stand for “it”
_STATEMENT_MOST = 60
_MEASURE = "[个件项家名位条座所种次篇只台辆艘架部本届块页棵口套批支宗例轮场组类]"
_ASKING = re.compile(
    rf"(?:{INTERROGATIVE.pattern})(?:(?<!个)[一两二三四五六七八九十\d]*{_MEASURE})?"
)
# Said of a name, and no longer needed beside it: “哪家企业” → 亿恩科.
_SORT = re.compile(
    r"企业|公司|机构|部门|单位|学校|大学|组织|集团|开发区|国家?|省|城市|市|县|地区|地方|项目|记者|人(?![才均口员工力物民])"
)
_HOW_LONG = re.compile("[天年月周岁人元倍][?？]?$")  # closes “多少天”
_NO_ANSWER = re.compile(r"没有|未能|抱歉|无法|\b(?:sorry|no|not|cannot)\b")
_ORGANISATION = re.compile(
    r"[\u3400-\u9fff\w（）()·]{2,24}?(?:公司|集团|企业|中心|工厂|银行|大学|学院|医院|协会|基金)"
)
_PROJECT = re.compile(r"[\u3400-\u9fff\w]{2,24}?(?:项目|工程|基地|园区?)")
# What a place is, and it alone: “介休市”, but “介休市场”, “介休省下”. A zone may be each one's.
OWN_KIND = (
    "(?:市(?![场民区委政值面直])|县(?![城域委级政])|省(?![下钱了去电油水时力委级])"
    "|区(?![域间别委级]))"
)
KIND = f"(?:{OWN_KIND}|(?:经济(?:技术)?)?开发区|经开区)"
_AND = "(?:以及|还有|[、,，和与及跟])"
_EACH = re.compile("分别|各自|各(?=[有是为占达引投增减]|$)")
_TOGETHER = re.compile("之间|相距|合作|共同|联合|哪[个一家]|谁|相比")  # not asked of each
# Around a place, nothing but the place: “介休那篇”, “介休市的”.
_ONLY_A_PLACE = re.compile(
    r"^[市县区省州镇]?(?:经济(?:技术)?开发区|开发区|经开区)?的?|[两二三四五]地|[这那這]?[篇个條条則则個]|文章|报道|報道|報導"
)
# What a question is about stands before the first of these.
_PREDICATE = re.compile(
    r"一共|总共|累计|目前|现在|先后|到底|究竟|[共已曾将是有为在从对给跟和与由把被向去到用花按靠获得拿达签聘参]|"
    r"投资|引进|生产|聚焦|制定|成立|组建|建[成立起]|开[工业馆]|举行|增加|减少|奖励|涵盖|研发|投入|总投|位于|肯定|表示|认为|指出|强调|希望|要求|提出"
)


@dataclass(frozen=True, slots=True)
class Before:
    """The last question in its whole form, and what answered it."""

    asked: str
    answered: str | None  # the words of the answer that can stand in a sentence
    spoken: str | None  # the answer as it was given


def before(asked: str, spoken: str | None) -> Before:
    return Before(asked, _value_of(asked, spoken), spoken)


def _value_of(asked: str, spoken: str | None) -> str | None:
    """The name, number or date that an answer gives; None: it gives none, or more than that."""
    if not spoken:
        return None
    unmarked = re.sub(r"\[\d+\]|【\d+】|\s*[①-⑳]", "", spoken).strip()
    first = re.split(r"[\n。；;!！?？]", unmarked)[0].strip().rstrip(".")
    kind = analyse(asked).kind
    folded = fold_aligned(first)
    if kind in ("number", "date") and len(spans := outermost(typed_spans(folded, kind))) == 1:
        return spans[0].of(first)
    if not 1 < len(first) <= _NAME_MOST or _NO_ANSWER.search(folded):
        return None
    return first


def statement(turn: Before) -> str:
    """The question before with its answer in the place of what asks, or without that."""
    asked = turn.asked.strip().rstrip("?？。 ")
    value = turn.answered or ""
    if is_english(asked):
        return statement_en(asked, value)
    folded = fold_aligned(asked)
    match = _ASKING.search(folded)
    if match is None:
        return re.sub("[吗呢吧嗎]$", "", asked)[-_STATEMENT_MOST:]
    rest = asked[match.end() :]
    if value and (sort := _SORT.match(folded, match.end())):
        rest = asked[sort.end() :]
    if _HOW_LONG.fullmatch(rest):
        rest = ""
    if analyse(asked).kind == "reason":
        value = ""
    return f"{asked[: match.start()]}{value}{rest}".strip("，, ")[-_STATEMENT_MOST:]


def swapped(asked: str, what: str) -> str:
    """The question before, about something else: a place, a year or a thing takes the other's."""
    new_places = places_in(fold_aligned(what))
    if new_places and places_in(fold_aligned(asked)):
        return _place_swapped(asked, what)
    if is_english(asked):
        return swapped_en(asked, what)
    names, new_names = romanised_spans(asked), romanised_spans(what)
    if names and new_names:
        return put(asked, names[0], new_names[0].of(what))
    if new_names and places_in(fold_aligned(asked)):
        return _place_romanised(asked, what, Span(new_names[0].start, new_names[-1].end))
    new_year, year = YEAR.search(what), YEAR.search(asked)
    if new_year and year:
        return put(asked, Span(*year.span()), new_year.group())
    if new_places or new_names or new_year:
        return f"{what}，{asked}"
    return _thing_swapped(asked, what)


def _place_swapped(asked: str, what: str) -> str:
    """“介休”, “介休和垣曲” or “介休的商标” in the place of the one or more places asked about."""
    folded, new = fold_aligned(asked), fold_aligned(what)
    named = _named_first(new)
    listed = _lists(named.of(new))
    slot = _places_asked_about(folded, listed=listed)
    end = end_with(KIND, folded, slot.end)
    each, already = _EACH.search(new, named.end), _EACH.match(folded, end)
    after = end
    if already and not listed and _lists(slot.of(folded)):
        after = already.end()  # said of several, and now of one
    own = re.search(f"{KIND}$", named.of(new)) and (listed or end == slot.end + 1)
    moved = (
        f"{asked[: slot.start]}{named.of(what)}{'' if own else asked[slot.end : end]}"
        f"{what[slice(*each.span())] if each and listed and not already else ''}{asked[after:]}"
    )
    thing = what[: named.start] + what[named.end :]
    if each:
        thing = what[: named.start] + what[named.end : each.start()] + what[each.end() :]
    thing = _ONLY_A_PLACE.sub("", thing)
    if re.fullmatch(rf"{YEAR.pattern}年?", thing):
        return swapped(moved, thing)
    return moved if len(thing) < 2 else _thing_swapped(moved, thing)


def _place_romanised(asked: str, what: str, named: Span) -> str:
    """“Jiexiu”, “Houma and Jiexiu” in the place of the Han places that were asked about."""
    if not re.fullmatch("(?:in )?", what[: named.start]) or what[named.end :].strip(" .!"):
        return f"{what}，{asked}"
    folded = fold_aligned(asked)
    slot = _places_asked_about(folded, listed=re.search(" and |,", named.of(what)) is not None)
    slot = Span(slot.start, end_with(OWN_KIND, folded, slot.end))
    return put(asked, slot, f"{named.of(what)} ")


def _places_asked_about(folded: str, *, listed: bool) -> Span:
    """All that stand side by side; the first where it takes two and but one follows (“相距”)."""
    if not listed and _TOGETHER.search(folded):
        return place_spans(folded)[0]
    return _side_by_side(folded)


def _named_first(folded: str) -> Span:
    """What a follow-up lists: places, and what stands beside them (“介休和绿源”)."""
    named = _side_by_side(folded)
    end = end_with(KIND, folded, named.end)
    if re.search(f"..{_AND}$", folded[: named.start]) or re.match(_AND, folded[end:]):
        last = re.match("[^的]+?(?=分别|各自?$|的|$)", folded)
        return Span(0, last.end() if last else len(folded))
    return Span(named.start, end) if _lists(named.of(folded)) else named


def _side_by_side(folded: str) -> Span:
    """The first place that a text names, with the place in it, and those listed beside it."""
    first, *others = place_spans(folded)
    end = first.end
    for place in others:
        if not re.fullmatch(f"{KIND}?{_AND}?", folded[end : place.start]):
            break
        end = place.end
    return Span(first.start, end)


def end_with(kind: str, folded: str, end: int) -> int:
    """Where a place ends together with what it is, if that follows: “介休”, “介休市”."""
    match = re.compile(kind).match(folded, end)
    return match.end() if match else end


def _lists(folded: str) -> bool:
    for place in reversed(place_spans(folded)):
        folded = put(folded, place, "")  # 呼和浩特 is one place
    return re.search(_AND, folded) is not None


def _thing_swapped(asked: str, what: str) -> str:
    folded = fold_aligned(asked)
    match = _ASKING.search(folded)
    if match is None:
        return f"{''.join(named_in(asked))}{what}"
    pre, post = asked[: match.start()], asked[match.end() :].rstrip("?？。 ")
    if len(post) >= 2 and analyse(asked).kind in ("number", "list", "other"):
        return f"{pre}{match.group()}{what}？"  # 多少件专利 → 多少件商标
    of_it = re.search(r"的([^的，]{2,8}?)(?=比|较|同比|增|减|下降|上升|是|为|达|占|共|总)", pre)
    to_it = re.search(r"(?<=[对给为向])([^，]{2,12})(?=[^，]{2}了?$)", pre)
    if slot := of_it or to_it:
        return f"{pre[: slot.start(1)]}{what}{asked[slot.end(1) :]}"
    verb = re.search(r"(?:[是有为]|[^的是有为，]{2}了?)$", pre)
    about = "".join(name for name in named_in(asked) if name not in what)
    return f"{about}{what}{verb.group() if verb else ''}{asked[match.start() :]}"


def antecedent(turn: Before, pronoun: str) -> str | None:
    """The name that a pronoun stands for: the answer before, or what was asked about.

    Args:
        pronoun: folded.
    """
    sources = [each for each in (turn.answered, turn.asked) if each]
    if re.search("那里|这里|当地|那儿|there|place|city|county|zone|市|县|区", pronoun):
        for text in sources:
            if places := places_in(fold_aligned(text)):
                return _as_written(text, places[-1])
        return next((each.of(turn.asked) for each in romanised_spans(turn.asked)), None)
    kind = analyse(turn.asked).kind
    if re.search("们|they|their|them", pronoun):
        several = turn.answered and re.search(r"[、,，]| and ", turn.answered)
        return turn.answered if several else _subject(turn)
    if re.fullmatch("(?:[他她]|he|she|his|her|him)的?", pronoun) and kind != "person":
        return _subject(turn)
    is_name = turn.answered and not re.search(r"[、,，；]|^[\d.,%％\s]+\D{0,3}$", turn.answered)
    if re.search("公司|企业|家|单位|集团|company|firm", pronoun):
        return _first_of(_ORGANISATION, sources) or _subject(turn)
    if re.search("项目|工程|project", pronoun):
        return _first_of(_PROJECT, sources)
    if is_name and kind in ("person", "place", "organisation", "list", "other"):
        return turn.answered
    return _subject(turn)


def _subject(turn: Before) -> str | None:
    """What the question before is about: what stands before its verb, if that is a name."""
    if is_english(turn.asked):
        return "".join(named_in(turn.asked)[:1]) or None
    folded = fold_aligned(turn.asked)
    asking = INTERROGATIVE.search(folded)
    end = min(
        (each.start() for each in (asking, _PREDICATE.search(folded, 2)) if each),
        default=len(folded),
    )
    name = turn.asked[:end].strip("的，,？? ")
    if 2 <= len(name) <= 16:
        return name
    return "".join(named_in(turn.asked)) or None


def named_in(text: str) -> list[str]:
    """Places, titles in quotes and Latin names that a question holds, as written."""
    folded = fold_aligned(text)
    found = [_as_written(text, name) for name in places_in(folded)]
    found += re.findall(r"[《“「][^》”」]{2,20}[》”」]", text)
    if is_english(text):
        found += re.findall(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*", text)
    return found


def _first_of(pattern: re.Pattern[str], texts: list[str]) -> str | None:
    return next((found.group() for text in texts if (found := pattern.search(text))), None)


def _as_written(text: str, folded_name: str) -> str:
    start = fold_aligned(text).find(folded_name)
    return text[start : start + len(folded_name)]
