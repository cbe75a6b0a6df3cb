"""A scripted pipeline for what HTTP and browsers must do, and a server that runs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from index.errors import UnknownArticle
from index.schema import Alignment, Article, ArticleSummary, Hit, Passage, Source, Span, Stats
from qa.cite import cite
from qa.schema import Answer, Retrieved, Turn
from qa.web.limits import Limits
from qa.web.site import Options, create_site


def make_article(
    article_id: str,
    text: str,
    *,
    title: str | None = None,
    authors: tuple[str, ...] = (),
    newspaper: str | None = "科学导报",
) -> Article:
    source = Source(path=f"{article_id}.txt", text=text, format="text", sha256="0" * 64)
    alignment = Alignment((0,), (0,))
    return Article(article_id, text, alignment, source, title, None, authors, newspaper)


HOUMA = make_article(
    "aaaaaaaaaaaaaaaa",
    "科学导报讯 项目从立项到竣工验收时限，由法定的327个工作日减至31个工作日。\n"
    "国强光伏项目从签订合同到办结施工许可证仅用35个工作日，比法定107个工作日减少了72天，"
    "“标准地”挂牌只用了4个工作日。\n" + "开发区持续优化营商环境。\n" * 30,
    title="营商环境硬支撑 引得项目次第来",
    authors=("柴卫东", "李永岐"),
)
UNTITLED = make_article("bbbbbbbbbbbbbbbb", "文水开发区共投资203万元组建了企业技术中心。")


@dataclass
class ScriptedIndex:
    articles: dict[str, Article]

    def article(self, article_id: str) -> Article:
        if article_id not in self.articles:
            raise UnknownArticle(article_id)
        return self.articles[article_id]

    def article_ids(self) -> list[str]:
        return list(self.articles)

    def passages(self, article_id: str) -> list[Passage]:
        article = self.article(article_id)
        span = Span(0, min(300, len(article.text)))
        return [
            Passage(f"{article_id}:0", article_id, span, span.of(article.text), article.context)
        ]

    def summaries(self, *, offset: int = 0, limit: int | None = None) -> list[ArticleSummary]:
        listed = [
            ArticleSummary(
                article.id, article.title, article.authors, article.newspaper, article.date,
                article.source.path, None, article.source_span, len(article.text), 1,
            )
            for article in self.articles.values()
        ]  # fmt: skip
        return listed[offset:][:limit]

    def stats(self) -> Stats:
        n = len(self.articles)
        return Stats(n, n, n, 1000, 1, "scripted", 8, "scripted-v1", 1)

    def refresh(self) -> ScriptedIndex:
        return self


@dataclass
class ScriptedPipeline:
    """Answers the questions it was told; `before` runs between passages and answer."""

    index: ScriptedIndex
    script: dict[str, tuple[str, str]]  # question → (article id, answer)
    before: Callable[[str], None] = lambda question: None
    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)

    def search(self, query: str, *, top_k: int = 10) -> list[Hit]:
        ids = self.index.article_ids()
        first = self.script.get(query, ("", ""))[0]
        ids.sort(key=lambda article_id: article_id != first)
        return [
            Hit(self.index.passages(article_id)[0], 0.9 - 0.1 * rank, 0.86, 14.2 - rank)
            for rank, article_id in enumerate(ids[:top_k])
        ]

    def ask(self, question: str, *, history: Sequence[Turn] = (), top_k: int = 5) -> Answer:
        *_, answer = self.stream(question, history=history, top_k=top_k)
        assert isinstance(answer, Answer)
        return answer

    def ask_many(self, questions: Sequence[str], **_: Any) -> list[Answer]:
        return [self.ask(question) for question in questions]

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), top_k: int = 5
    ) -> Iterator[Retrieved | Answer]:
        self.asked.append((question, tuple(history)))
        hits = tuple(self.search(question, top_k=top_k))
        titles = tuple(self.index.article(hit.passage.article_id).title for hit in hits)
        yield Retrieved(question, question, hits, titles)
        self.before(question)
        timings = {"retrieve": 1.0, "read": 2.0, "total": 3.0}
        if question not in self.script:
            yield Answer(question, question, None, (), 0.1, (), hits, titles, (), timings)
            return
        article_id, said = self.script[question]
        article = self.index.article(article_id)
        start = article.text.index(said)
        sentence = Span(
            max(article.text.rfind("。", 0, start), article.text.rfind("\n", 0, start)) + 1,
            (article.text + "。").index("。", start + len(said)),
        )
        citation = cite(
            article,
            sentence,
            Span(start, start + len(said)),
            marker=1,
            passage_id=f"{article_id}:0",
        )
        yield Answer(
            question, question, said, (said,), 0.97, (citation,), hits, titles, (), timings
        )


def scripted(*extra: Article, **script: tuple[str, str]) -> ScriptedPipeline:
    articles = {article.id: article for article in (HOUMA, UNTITLED, *extra)}
    return ScriptedPipeline(
        ScriptedIndex(articles),
        {
            "侯马审批时限缩减多少天": (HOUMA.id, "72天"),
            "立项到竣工验收减至多少个工作日": (HOUMA.id, "31个工作日"),
            "技术中心投资多少": (UNTITLED.id, "203万元"),
            **script,
        },
    )


def done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def client_of(
    pipeline: Any = None,
    *,
    folder: Path,
    limits: Limits | None = None,
    origins: tuple[str, ...] = (),
    loading: bool = False,
) -> TestClient:
    """A client of a site without the Gradio page."""
    options = Options(folder / "feedback.jsonl", origins=origins, limits=limits or Limits())
    loaded: Future[Any] = Future() if loading else done(pipeline or scripted())
    return TestClient(
        create_site(loaded, Future(), options),
        base_url="http://localhost",
        raise_server_exceptions=False,
    )


@contextmanager
def served(site: Any, *, port: int = 0) -> Iterator[str]:
    """The site on a real socket of this machine; yields its address."""
    server = uvicorn.Server(uvicorn.Config(site, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start within 20 s"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(10)


MakeClient = Callable[..., TestClient]


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[MakeClient]:
    """`client_of` with its folder given and its clients closed."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(
            client_of(*args, folder=tmp_path, **kwargs)
        )


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    return make_client()


@pytest.fixture
def pipeline() -> ScriptedPipeline:
    return scripted()


@pytest.fixture
def houma() -> Article:
    return HOUMA
