"""Chinese questions in English words, from a dictionary: “how many days houma approval time limit reduce”.

Words are looked up in CC-CEDICT, names are romanised; the question word comes
first. It is no English, but it teaches that the words mean the same (code-switching: Qin et al., “CoSDA-ML”, 2020), where
questions by people in English over Chinese passages are few.
"""

from __future__ import annotations

import random
import re

from pypinyin import lazy_pinyin

from index.glossary import entries

_LONGEST = 6
_LONGEST_GLOSS = 32
_ASKED = (
    ("什么时候|何时|什么时间|哪一?天|哪一?年|几号|几月几日", ("when", "on what date", "what day")),
    ("为什么|为何|为啥|因为什么", ("why", "for what reason")),
    ("什么地方|哪里|哪儿|何处", ("where", "in what place")),
    ("多少钱", ("how much money", "how much")),
    ("多久|多长时间", ("how long", "how much time")),
    ("多少|几", ("how many", "how much", "how many")),
    ("怎么样|怎么|如何|怎样", ("how",)),
    ("谁|哪位", ("who", "which person")),
    ("哪些|哪几[个家项条种]?|哪[两三四五六七八九十][个家项条种大]?", ("which", "what")),
    ("哪[家所个座]?", ("which", "what")),
    ("什么|何", ("what", "which")),
)
_DROPPED = frozenset("的了着过吗呢吧啊是被把将就也都之其所而且个名家项件条座位种次部所支款")
_UNITS = {"天": "days", "年": "years", "人": "people", "名": "people", "元": "yuan", "家": "companies", "件": "pieces",
          "岁": "years old", "公里": "kilometres", "个工作日": "working days", "工作日": "working days", "万元": "yuan",
          "%": "percent", "吨": "tons", "小时": "hours", "个月": "months", "亩": "mu", "户": "households"}  # fmt: skip
_SMALL = {"一": "one", "两": "two", "二": "two", "三": "three", "四": "four", "五": "five"}


class Glossary:
    """CC-CEDICT by Simplified and Traditional head word, first few senses each."""

    def __init__(self) -> None:
        self._senses: dict[str, list[str]] = {}
        for traditional, simplified, glosses in entries():
            senses = [gloss for gloss in glosses if len(gloss) <= _LONGEST_GLOSS]
            for head in {traditional, simplified}:
                if len(head) == 1:  # 比 is “to compare”, not Belgium
                    senses = [sense for sense in senses if sense.islower()]
                self._senses.setdefault(head, []).extend(senses[:3])

    def english(self, question: str, rng: random.Random) -> str:
        """The question's words in English, the question word in front more often than not."""
        rest, asked = question.strip("？?。 "), ""
        for pattern, words in _ASKED:
            match = re.search(
                f"({pattern})(个工作日|工作日|公里|小时|个月|万元|[天年人名元家件岁吨亩户%])?", rest
            )
            if match:
                asked = rng.choice(words)
                if match.group(2) and asked.startswith("how m"):
                    asked = "how many " + _UNITS[match.group(2)]
                    rest = rest[: match.start()] + "\0" + rest[match.end() :]
                else:
                    rest = (
                        rest[: match.start()] + "\0" + rest[match.start() + len(match.group(1)) :]
                    )
                break
        words = self._words(rest, rng)
        if asked and rng.random() < 0.8:
            words = [asked, *(word for word in words if word != "\0")]
        else:
            words = [asked if word == "\0" else word for word in words]
        text = re.sub(r"\s+", " ", " ".join(word for word in words if word)).strip()
        return (text[:1].upper() + text[1:] if rng.random() < 0.7 else text) + rng.choice(("?", "?", ""))  # fmt: skip

    def _words(self, text: str, rng: random.Random) -> list[str]:
        words: list[str] = []
        name = ""
        position = 0
        while position < len(text):
            if not "\u4e00" <= text[position] <= "\u9fff":
                run = re.match(r"[^\u4e00-\u9fff]+", text[position:])
                words += [_romanised(name), run.group() if run else ""]
                name, position = "", position + (len(run.group()) if run else 1)
                continue
            for length in range(min(_LONGEST, len(text) - position), 0, -1):
                word = text[position : position + length]
                senses = self._senses.get(word)
                if length == 1 and word in _DROPPED:
                    words.append(_romanised(name))
                    name = ""
                    break
                if senses and (length > 1 or word in _SMALL or not name):
                    words.append(_romanised(name))
                    name = ""
                    words.append(_SMALL.get(word) or (senses[0] if rng.random() < 0.7 else rng.choice(senses)))  # fmt: skip
                    break
            else:
                name, length = name + text[position], 1
            position += length
        return [*words, _romanised(name)]


def _romanised(name: str) -> str:
    return "".join(lazy_pinyin(name)).capitalize() if name else ""
