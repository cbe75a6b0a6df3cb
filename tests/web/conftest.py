"""A scripted pipeline for what HTTP and browsers must do, and a server that runs it."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
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
UNTITLED = make_article(
    "bbbbbbbbbbbbbbbb",
    "文水开发区共投资203万元组建了企业技术中心。目前，盛达威公司技术中心共有各类研发人员44人。",
)


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

    def summary(self, article_id: str) -> ArticleSummary:
        self.article(article_id)
        return next(each for each in self.summaries() if each.article_id == article_id)

    def stats(self) -> Stats:
        n = len(self.articles)
        return Stats(n, n, n, 1000, 1, "scripted", 8, "scripted-v1", 1)

    def refresh(self) -> ScriptedIndex:
        return self

    def search(self, query: str, *, top_k: int = 10) -> list[Hit]:
        found = [each for each in self.articles.values() if query in each.text]
        return [Hit(self.passages(each.id)[0], 0.9, None, 3.0) for each in found[:top_k]]


@dataclass
class ScriptedPipeline:
    """Answers the questions it was told; `before` runs between passages and answer."""

    index: ScriptedIndex
    script: dict[str, tuple[str, str]]  # question → (article id, answer)
    before: Callable[[str], None] = lambda question: None
    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)

    def on(self, index: Any) -> ScriptedPipeline:
        return ScriptedPipeline(index, self.script, self.before, self.asked)

    def with_writer(self, writer: None) -> ScriptedPipeline:
        return self

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
            # what qa.web.suggest makes of these articles
            "“标准地”挂牌只用了多少个工作日？": (HOUMA.id, "4个工作日"),
            "盛达威公司技术中心共有各类研发人员多少人？": (UNTITLED.id, "44人"),
            **script,
        },
    )


ATTACKS: list[str] = json.loads((Path(__file__).parent / "attacks.json").read_text("utf-8"))


def hostile_pipeline() -> ScriptedPipeline:
    """For each attack an article whose title, author, newspaper and text it is, and a question."""
    pipeline = scripted()
    for number, attack in enumerate(ATTACKS):
        article = make_article(
            f"{number:016x}", f"{attack}。", title=attack, authors=(attack,), newspaper=attack
        )
        pipeline.index.articles[article.id] = article
        pipeline.script[attack.strip()] = (article.id, attack)
    every = make_article("eeeeeeeeeeeeeeee", "\n".join(ATTACKS), title="所有攻击")
    pipeline.index.articles[every.id] = every
    return pipeline


@pytest.fixture(scope="session")
def attacks() -> list[str]:
    return ATTACKS


@pytest.fixture(scope="session")
def hostile() -> ScriptedPipeline:
    return hostile_pipeline()


@pytest.fixture(scope="session")
def hostile_url(serve_site: Any, chat_app: Any) -> Iterator[str]:
    """A site of hostile articles only, with the chat, that any origin may ask."""
    with serve_site(hostile_pipeline(), chat=chat_app, origins=("*",)) as url:
        yield url


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
    **options: Any,
) -> TestClient:
    """A client of a site without the Gradio page."""
    made = Options(folder / "feedback.jsonl", origins=origins, limits=limits or Limits(), **options)
    loaded: Future[Any] = Future() if loading else done(pipeline or scripted())
    return TestClient(
        create_site(loaded, Future(), made),
        base_url="http://localhost",
        raise_server_exceptions=False,
    )


@contextmanager
def served(site: Any, *, port: int = 0) -> Iterator[str]:
    """The site on a real socket of this machine; yields its address."""
    server = uvicorn.Server(
        uvicorn.Config(site, port=port, log_level="error", timeout_graceful_shutdown=1)
    )
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
def article_of() -> Callable[..., Article]:
    return make_article


@pytest.fixture
def houma() -> Article:
    return HOUMA


# --- real browsers -------------------------------------------------------------------------

_FLAGS = (
    "--no-sandbox",  # root in a container has no user namespaces
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
)


def chromium_path() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    for app in ("Google Chrome", "Chromium"):
        inside = Path(f"/Applications/{app}.app/Contents/MacOS/{app}")
        if inside.exists():
            return str(inside)
    return None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.fail("no chromium: apt-get install chromium fonts-noto-cjk, or Google Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, and what it did that it should not have: errors, and requests to other hosts."""

    page: Page
    allowed: tuple[str, ...]
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._requested)

    def _requested(self, request: Any) -> None:
        self.requested.append(request.url)
        if not request.url.startswith((*self.allowed, "data:", "blob:", "about:")):
            self.foreign.append(request.url)

    def ask(self, question: str) -> None:
        """Type, press Enter, wait for the turn to be over."""
        turns = self.page.locator(".wj-turn")
        before = turns.count()
        self.page.fill("#wj-question textarea", question)
        self.page.press("#wj-question textarea", "Enter")
        self.page.wait_for_selector(
            f".wj-turn:nth-child({before + 1}):not([data-state=asking])", timeout=15_000
        )


@pytest.fixture(scope="session")
def chat_app() -> Any:
    """Gradio's application, built once: importing it takes seconds."""
    from qa.web.chat import build

    return build()


@pytest.fixture(scope="session")
def script() -> ScriptedPipeline:
    """What the session's server answers; a test may add to it."""
    return scripted()


@pytest.fixture(scope="session")
def chat_url(
    script: ScriptedPipeline, chat_app: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    options = Options(tmp_path_factory.mktemp("chat") / "feedback.jsonl")
    with served(create_site(done(script), done(chat_app), options)) as url:
        yield url


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens an address in a browser of its own; fails on script errors and foreign requests."""
    visits: list[Visit] = []
    with ExitStack() as stack:

        def go(
            url: str,
            *,
            phone: bool = False,
            locale: str = "zh-CN",
            dark: bool = False,
            also: tuple[str, ...] = (),
            wait: str = "html[data-wenju=ready]",
        ) -> Visit:
            context = stack.enter_context(
                chromium.new_context(
                    viewport={"width": 390, "height": 844}
                    if phone
                    else {"width": 1280, "height": 800},
                    has_touch=phone,
                    locale=locale,
                    color_scheme="dark" if dark else "light",
                    reduced_motion="reduce",
                    accept_downloads=True,
                )
            )
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            origin = "/".join(url.split("/")[:3])
            made = Visit(context.new_page(), (origin, *also))
            made.watch()
            visits.append(made)
            made.page.goto(url)
            made.page.wait_for_selector(wait, timeout=20_000, state="attached")
            return made

        yield go
        for made in visits:
            assert made.page.evaluate("typeof window.pwned") == "undefined"
            assert made.errors == []
            assert made.foreign == []


@pytest.fixture
def served_late(
    script: ScriptedPipeline, chat_app: Any, tmp_path: Path
) -> Iterator[tuple[str, Callable[[], None]]]:
    """A server whose chat is not built yet, and what builds it."""
    chat: Future[Any] = Future()
    pipeline: Future[Any] = Future()

    def release() -> None:
        chat.set_result(chat_app)
        pipeline.set_result(script)

    with served(create_site(pipeline, chat, Options(tmp_path / "feedback.jsonl"))) as url:
        yield url, release


@pytest.fixture(scope="session")
def serve_site(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[str]]:
    """Serves a pipeline, without the chat page unless it is given; 0: on a port of its own."""

    def serve(
        pipeline: Any, *, chat: Any = None, port: int = 0, **options: Any
    ) -> AbstractContextManager[str]:
        feedback = tmp_path_factory.mktemp("site") / "feedback.jsonl"
        behind = Future() if chat is None else done(chat)
        site = create_site(done(pipeline), behind, Options(feedback, **options))
        return served(site, port=port)

    return serve
