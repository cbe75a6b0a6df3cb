"""Questions made from news: what a sentence says is asked for, in words that are not all its own.

`makers.py` turns a sentence into a question; `reworded` puts everyday words for
printed ones. Questions that the passage does not answer come from the same
sentences: their sentence taken out, or another thing asked for.
"""

from __future__ import annotations

import json
import lzma
import random
import re
import zlib
from pathlib import Path

from training.data import Example, crop, sentence_bounds
from training.makers import MAKERS, NUMBER, UNIT, Made, Maker

TRAINED_ON = range(35)
APART = range(97, 100)  # for the decision, which is fitted on what the reader never saw

_SAME = [
    group.split("|")
    for group in (
        "减少了|少了|降低了|缩减了|下降了|压缩了|压减了|降了", "减少|缩减|降低|下降|压缩|压减", "增加了|多了|增长了|提高了|上升了|涨了",
        "增加|增长|提高|上升|新增", "达到|有", "共计|总共|一共|合计|总计|共", "目前|现在|当前|如今", "举办|举行|召开|办", "开展|进行|搞",
        "建设|修建|建造|建", "获得|取得|得到|拿到", "签订|签署|签下|签", "购买|采购|买", "聘请|聘任|请", "成立|组建|建立|创办|设立",
        "位于|在", "启动|开始", "完成|办完|做完", "企业|公司", "使用|用", "提供|给", "帮助|帮", "以及|和", "预计|估计", "投入|花了",
        "引进|引入|吸引", "问题|难题", "首次|第一次", "已经|已", "超过|多于", "销售额|销量", "措施|办法|做法", "推进|推动", "实现|做到",
        "工作人员|职工|员工", "时间|时候", "比去年|同比|比上年", "价格|价钱", "地点|地方", "儿童|孩子|小孩", "老年人|老人", "医生|大夫",
    )
]  # fmt: skip
_SUBJECT = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?:省|市|县|区|公司|集团|大学|医院|村)|[\u4e00-\u9fff]{2,4}(?=经济|开发区|高新区)"
)


class News:
    """Examples from a corpus of `{"id", "text"}` lines, packed with xz."""

    def __init__(self, corpus: Path, without: frozenset[str], percent: range) -> None:
        """
        Args:
            without: ids left out.
            percent: which hundredths of the corpus to use: `TRAINED_ON` or `APART`.
        """
        self.texts: list[str] = []
        self._nouns: dict[str, list[str]] = {}
        with lzma.open(corpus, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if hundredth(record["id"]) not in percent:
                    continue
                if record["id"] not in without and 150 < len(record["text"]) < 4000:
                    self.texts.append(record["text"])

    def example(self, rng: random.Random) -> Example:
        while True:
            maker = any_maker(rng)
            for _ in range(40):  # rare forms are looked for longer
                text = rng.choice(self.texts)
                if (made := asked_of(text, maker, rng)) is not None:
                    if (example := self._example(text, made, rng)) is not None:
                        return example
                    break

    def _example(self, text: str, made: Made, rng: random.Random) -> Example | None:
        start, end = next(b for b in sentence_bounds(text) if made.answer[0] < b[1])
        said = text[made.answer[0] : made.answer[1]]
        head = re.split(r"[，。！？\s]", text[:40])[0]
        title = head if 6 <= len(head) <= 25 and start > 0 and rng.random() < 0.5 else ""
        room = rng.choice((120, 200, 260, 300))
        kind = rng.random()
        if kind < 0.14:  # the sentence taken out
            rest = text[:start] + text[end:]
            near = rest[max(0, start - 220) : start + 220]
            if len(near) < 60 or said in near:
                return None
            return Example(made.question, title, crop(near, None, room, rng)[0], None, "news")
        passage, moved = crop(text, made.answer, room, rng)
        if kind < 0.24:
            other = self._other_thing(made.question, text[start:end], passage, rng)
            if other is not None:
                return Example(other, title, passage, None, "news")
        return Example(made.question, title, passage, moved, "news")

    def _other_thing(
        self, question: str, sentence: str, passage: str, rng: random.Random
    ) -> str | None:
        """The question with another counted thing: 几名硕士 → 几名博士, which the passage lacks."""
        counted = re.search(rf"(?:多少|几)({UNIT})([\u4e00-\u9fff]{{2,4}})(?=[？?，]|$)", question)
        for match in re.finditer(
            rf"{NUMBER}({UNIT})([\u4e00-\u9fff]{{2,4}})(?=[，。、；])", sentence
        ):
            self._nouns.setdefault(match.group(1), []).append(match.group(2))
        if counted is None or len(self._nouns.get(counted.group(1), ())) < 20:
            return None
        noun = rng.choice(self._nouns[counted.group(1)])
        if noun in passage or noun == counted.group(2) or set(noun) & set(counted.group(2)):
            return None
        return question[: counted.start(2)] + noun + question[counted.end(2) :]


def hundredth(document: str) -> int:
    """Which hundredth of the corpus a document is in, by its id."""
    return zlib.crc32(document.encode()) % 100


def any_maker(rng: random.Random) -> Maker:
    return rng.choices([maker for maker, _ in MAKERS], [weight for _, weight in MAKERS])[0]


def asked_of(text: str, maker: Maker, rng: random.Random) -> Made | None:
    """A question about one sentence of an article, in everyday words; the answer's place in `text`."""
    start, end = rng.choice(sentence_bounds(text))
    sentence = text[start:end]
    made = maker(sentence, rng) if 12 < len(sentence) < 200 else None
    if made is None:
        return None
    said = sentence[made.answer[0] : made.answer[1]]
    question = re.sub(r"^[，。；、：”》\s]+|[，。；、：“《\s]+$", "", made.question)
    if said in question or not 5 <= len(question) <= 60:
        return None
    if question.count("“") != question.count("”"):
        return None
    question = reworded(question, rng)
    subject = _SUBJECT.search(text[:80])
    if subject and rng.random() < 0.35 and subject.group() not in question:
        question = subject.group() + rng.choice(("", "的", "")) + question
    question += rng.choice(("？", "？", "?", ""))
    return Made(question, (start + made.answer[0], start + made.answer[1]))


def reworded(question: str, rng: random.Random) -> str:
    """Everyday words for some of those in print; word order and sense stay."""
    for group in _SAME:
        if rng.random() < 0.4:
            for word in group:
                if len(word) > 1 and word in question:
                    question = question.replace(word, rng.choice(group), 1)
                    break
    if rng.random() < 0.3:
        question = question.replace("的", "", 1)
    if rng.random() < 0.1:
        question = re.sub(r"[，：、“”《》]", " ", question)
    return question
