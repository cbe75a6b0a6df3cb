"""Three articles, a pipeline over them, and a scripted language model on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from index.errors import UnknownArticle
from index.lexical import terms
from index.passages import split_passages
from index.schema import Alignment, Article, ArticleSummary, Hit, Passage, Source, Span
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader

HOUMA = (
    "侯马经济开发区推行承诺制，国强光伏项目审批时限比法定107个工作日减少了72天。"
    "开发区主任柴卫东说：“企业没有多跑一次路。”园区去年引进项目21个，总投资36亿元。"
)
SHOUYANG = (
    "寿阳县从韩国引进一家公司，总投资1200万美元，项目将于2024年6月投产。"
    "当地还组织村民学习盆栽技术，人均增收3000元。"
)
WENSHUI = "文水开发区共投资203万元组建了企业技术中心，研发人员增加到48人。"


def make_article(article_id: str, text: str, title: str | None = None) -> Article:
    source = Source(f"{article_id}.txt", text, "text", "0" * 64)
    return Article(
        article_id, text, Alignment((0,), (0,)), source, title,
        authors=("柴卫东",), newspaper="科学导报", date="2024-03-26",
    )  # fmt: skip


class SmallIndex:
    """Ranks by shared terms; everything an interface asks of an index."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.by_id = {article.id: article for article in articles}
        self.all = [passage for article in articles for passage in split_passages(article)]

    def search(self, query: str, *, top_k: int = 10) -> list[Hit]:
        return self.search_many([query], top_k=top_k)[0]

    def search_many(self, queries: Sequence[str], *, top_k: int = 10) -> list[list[Hit]]:
        return [self._ranked(query)[:top_k] for query in queries]

    def _ranked(self, query: str) -> list[Hit]:
        wanted = set(terms(query))
        shares = [
            (len(wanted & set(terms(passage.text))) / (len(wanted) or 1), passage)
            for passage in self.all
        ]
        hits = [Hit(passage, share, None, 10 * share) for share, passage in shares if share]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))

    def article(self, article_id: str) -> Article:
        if article_id not in self.by_id:
            raise UnknownArticle(article_id)
        return self.by_id[article_id]

    def article_ids(self) -> list[str]:
        return list(self.by_id)

    def passages(self, article_id: str) -> list[Passage]:
        self.article(article_id)
        return [passage for passage in self.all if passage.article_id == article_id]

    def summaries(self, *, offset: int = 0, limit: int | None = None) -> list[ArticleSummary]:
        found = [
            ArticleSummary(
                article_id=article.id, title=article.title, authors=article.authors,
                newspaper=article.newspaper, date=article.date, path=article.source.path,
                record=None, source=Span(0, len(article.text)),
                n_characters=len(article.text), n_passages=1,
            )
            for article in self.by_id.values()
        ]  # fmt: skip
        return found[offset : None if limit is None else offset + limit]


ARTICLES = (
    make_article("aaaaaaaaaaaaaaaa", HOUMA, "营商环境硬支撑"),
    make_article("bbbbbbbbbbbbbbbb", SHOUYANG, "寿阳引来外资"),
    make_article("cccccccccccccccc", WENSHUI),
)


def make_pipeline(articles: Sequence[Article] = ARTICLES, **options: Any) -> Pipeline:
    options.setdefault("abstain_threshold", 0.05)
    return Pipeline(SmallIndex(articles), OverlapReader(), **options)


@dataclass
class Script:
    """What the scripted endpoint does, and what it was sent."""

    answer: Callable[[str], str] = lambda _: ""
    status: int = 200
    content_type: str = "text/event-stream"
    raw: bytes | None = None  # sent as it is in place of events
    wait_s: float = 0.0  # before the first byte
    die_after: int | None = None  # pieces, then the connection is cut
    piece: int = 7  # characters of a piece
    failures: list[int] = field(default_factory=list)  # statuses of the first requests
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            script.requests.append(body)
            script.headers.append({key.lower(): value for key, value in self.headers.items()})
            script.over.wait(script.wait_s)
            status = script.failures.pop(0) if script.failures else script.status
            self.send_response(status)
            self.send_header("content-type", script.content_type)
            self.send_header("connection", "close")
            self.end_headers()
            if status != 200:
                self.wfile.write(b'{"error": {"message": "no"}}')
            elif script.raw is not None:
                self.wfile.write(script.raw)
            else:
                self._stream(script.answer("\n".join(m["content"] for m in body["messages"])))

        def _stream(self, text: str) -> None:
            pieces = [text[at : at + script.piece] for at in range(0, len(text), script.piece)]
            for number, piece in enumerate(pieces):
                if number == script.die_after:
                    self.connection.close()
                    return
                self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, event: dict[str, Any]) -> None:
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def endpoint(script: Script) -> Iterator[str]:
    """A server on loopback; gives its base URL."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # clients that leave are no news
            pass

    server = Server(("127.0.0.1", 0), _handler(script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        script.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    started = time.monotonic()
    return call(), time.monotonic() - started
