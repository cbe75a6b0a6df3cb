"""Questions that an article seems to answer, drawn from its own sentences by general patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.passages import sentences
from index.schema import Article, Span

_UNIT = (
    r"(?:个工作日|个百分点|平方公里|平方米|公里|公顷|亿元|万元|万吨|万亩|万人|万户|元|吨|亩|天|小时|"
    r"人|名|户|家|项|件|个|条|座|台|辆|场|次|所|类|种|米)"
)
_AMOUNT = re.compile(rf"(?<![\d.])(\d[\d,.]*)(?:余|多)?({_UNIT})")
_CLAUSE = re.compile(r"[^，。；：！？\n]+")
# A clause that leans on what stands before it makes no question of its own.
_LEANING = re.compile(
    r"^(?:这|那|其|该|此|他|她|它|我|本|并|也|还|又|均|且|以|将|则|再|而|但|却|即|由|对|向|把|被|与|和|"
    r"在|从|到|至|自|比|较|同比|环比|仅|只|约|近|超|达|共|总|累计|分别|其中|同时|目前|如今|今年|去年|"
    r"截至|第|按|每|给|减|增|为|是|有|先后|通过|经过|相继|陆续|已|正|新增|完成|获得|实现|投入|"
    r"设有|设立|建有|建成|建设|拥有|占地|开展|实施|组织|发放|举办|帮助|吸引|带动|收到|查处|种植|引进|培育)"
    r"|分别|上述|以上|以下|前者|后者"
)
# “开发区配套40万元” says whose only together with the line above the headline
_GENERIC = re.compile(
    r"^(?:开发区|园区|经开区|高新区|公司|企业|集团|学校|医院|全县|全市|全省|全区|县里|市里)"
)
# “总投资40亿元的国强光伏生产基地项目”: what has the amount stands behind it
_OF = re.compile(
    rf"(总投资|投资|年产值|年产|产值|占地|面积|全长)(?:约|近|达)?(\d[\d,.]*)({_UNIT})的"
    r"([^，。；：！？、“”《》\d的和与及]{2,30}(?:项目|基地|工程|中心|园区|公司|产业园|生产线))"
)
_MOST = 6  # for each article; every one of them is asked before it is shown


@dataclass(frozen=True, slots=True)
class Draft:
    """A question and where its answer should be found."""

    question: str
    answer: Span  # in Article.text
    language: Literal["zh", "en"] = "zh"
    of_byline: bool = False


def draft_questions(article: Article) -> list[Draft]:
    """At most six questions, in the order of the text, the author's last; no two alike."""
    drafts: dict[str, Draft] = {}
    for draft in _of_amounts(article):
        drafts.setdefault(draft.question, draft)
        if len(drafts) == _MOST - 2:
            break
    for draft in _of_byline(article):
        drafts.setdefault(draft.question, draft)
    return list(drafts.values())


def _of_amounts(article: Article) -> Iterator[Draft]:
    text = article.text
    for sentence in sentences(text):
        if article.headline_span is not None and sentence.overlaps(article.headline_span):
            continue
        said = sentence.of(text)
        for found in _OF.finditer(said):
            verb, _, unit, what = found.groups()
            yield Draft(
                f"{what}{verb}多少{unit}？",
                Span(found.start(2), found.end(3)).shifted(sentence.start),
            )
        for clause in _CLAUSE.finditer(said):
            words = clause.group().strip()
            amounts = list(_AMOUNT.finditer(words))
            if len(amounts) != 1 or not 9 <= len(words) <= 32 or _LEANING.search(words):
                continue
            (amount,) = amounts
            if amount.end() != len(words) or re.search(r"\d", words[: amount.start()]):
                continue
            start = sentence.start + clause.start() + clause.group().index(words)
            said_of = words[: amount.start()]
            if generic := _GENERIC.match(words):
                if not article.kicker or not article.kicker.endswith(generic.group()):
                    continue
                said_of = article.kicker + said_of[generic.end() :]
            yield Draft(
                f"{said_of}多少{amount.group(2)}？",
                Span(start + amount.start(), start + amount.end()),
            )


def _of_byline(article: Article) -> Iterator[Draft]:
    if article.title and article.byline_span:
        yield Draft(f"《{article.title}》是谁写的？", article.byline_span, "zh", True)
        yield Draft(f"Who wrote “{article.title}”?", article.byline_span, "en", True)
