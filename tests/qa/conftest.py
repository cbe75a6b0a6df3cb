"""A page of three short articles, a real index over it, and readers that need no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from index import Index, update
from index.embed import HashEmbedder
from index.schema import Article, Passage, Span
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader
from qa.schema import Candidate, Reading

PAGE = """  本报讯 5 月 8 日，青溪市新图书馆开馆。新馆投
资 2.4 亿元，藏书 86
万册，每天开放 12 个小时。馆长周明远说，读者最
想要的是安静的座位，所以阅览席增加到了 1500
个。 林晓
青溪市
新图书馆迎来第一批读者
  本报讯 石门县今年种植猕猴桃 3.2 万
亩，带动 4100 户农民增收。县里建起造纸、冷链、包
装三条产业链，由绿源公司统一收购。
因为去年雨水多，今年的产量比去年少了两
成。 何苗 陈立
石门县
猕猴桃铺就增收路
  本报讯 海州港 2023 年吞吐量达到 1.9 亿吨，比
2022 年增长 7%。港口的自动化码头由海州港集团和
北方理工大学共同设计。 赵一鸣
海州港
老港口跑出新速度
"""


class FixedReader:
    """Finds given words wherever they stand, each with the probability given for it."""

    name = "fixed"

    def __init__(self, answers: dict[str, float]) -> None:
        self._answers = answers

    def read(self, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reading]:
        readings: list[Reading] = []
        for _, passage in zip(questions, passages, strict=True):
            found = [
                Candidate(Span(start, start + len(words)), probability)
                for words, probability in self._answers.items()
                if (start := passage.text.find(words)) >= 0
            ]
            best = max((each.probability for each in found), default=0.0)
            readings.append(Reading(passage, best, tuple(found)))
        return readings


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("qa")
    page = folder / "page.txt"
    page.write_text(PAGE, encoding="utf-8")
    embedder = HashEmbedder()
    update(folder / "index", [page], embedder=embedder, prune=True)
    return Index.open(folder / "index", embedder=embedder)


@pytest.fixture(scope="session")
def articles(index: Index) -> list[Article]:
    return [index.article(each) for each in index.article_ids()]


@pytest.fixture(scope="session")
def pipeline(index: Index) -> Pipeline:
    return Pipeline(index, OverlapReader(), abstain_threshold=0.5)


@pytest.fixture(scope="session")
def reading(index: Index) -> Callable[[dict[str, float]], Pipeline]:
    """A pipeline whose reader finds the words given."""
    return lambda answers: Pipeline(index, FixedReader(answers), abstain_threshold=0.4)


@pytest.fixture
def page_path(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path
