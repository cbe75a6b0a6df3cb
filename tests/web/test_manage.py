"""Adding and removing articles over HTTP, over a real index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import Index, update
from index.embed import HashEmbedder
from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader
from qa.web.errors import Refused
from qa.web.manage import file_name

LIBRARY = "本报讯 青石县图书馆新馆将于9月1日开放，设有座位1200个。 赵一鸣\n"


@pytest.fixture
def kept(tmp_path: Path, pipeline: Any) -> Iterator[Any]:
    """A pipeline over an index of one file."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("本报讯 白水县建成水厂3座。 钱大同\n", "utf-8")
    path = tmp_path / "index"
    update(path, [tmp_path / "pages"], embedder=HashEmbedder(), prune=True)
    pipeline.index = Index.open(path, embedder=HashEmbedder())
    yield pipeline
    pipeline.index.close()


def post(client: Any, name: str, content: bytes, **headers: str) -> Any:
    return client.post("/api/articles", params={"name": name}, content=content, headers=headers)


def test_without_the_flag_nobody_adds_or_removes(client: Any, houma: Any) -> None:
    assert post(client, "a.txt", b"x").status_code == 405
    assert client.delete(f"/api/articles/{houma.id}").status_code == 405
    assert 'type="file"' not in client.get("/articles").text


def test_an_added_file_is_there_at_once_and_gone_when_removed(
    make_client: Any, kept: Any, tmp_path: Path
) -> None:
    client = make_client(kept, manage=True)
    added = post(client, "图书馆.txt", LIBRARY.encode()).json()
    assert [row["status"] for row in added["files"]] == ["indexed"]
    assert added["n_added"] == 1
    listed = client.get("/api/articles").json()
    assert listed["total"] == 2
    (library,) = [each for each in listed["articles"] if each["source"]["path"] == "图书馆.txt"]
    page = client.get("/articles").text
    assert library["article_id"] in page
    assert "赵一鸣" in page
    assert client.delete(f"/api/articles/{library['article_id']}").json() == {"n_removed": 1}
    assert client.get("/api/articles").json()["total"] == 1
    assert not (tmp_path / "index-files" / "图书馆.txt").exists()
    assert client.delete("/api/articles/ffffffffffffffff").status_code == 404


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"a\x00b" * 99, "binary"), (b"  \n ", "empty")]
)
def test_a_file_that_cannot_be_read_says_why_and_is_not_kept(
    make_client: Any, kept: Any, tmp_path: Path, content: bytes, reason: str
) -> None:
    client = make_client(kept, manage=True)
    answered = post(client, "x.txt", content)
    assert answered.status_code == 200
    (row,) = answered.json()["files"]
    assert (row["status"], row["reason"]) == ("skipped", reason)
    assert list((tmp_path / "index-files").iterdir()) == []


def test_a_bad_file_does_not_take_the_place_of_a_good_one(
    make_client: Any, kept: Any, tmp_path: Path
) -> None:
    client = make_client(kept, manage=True)
    post(client, "a.txt", LIBRARY.encode())
    (row,) = post(client, "a.txt", b"a\x00b" * 99).json()["files"]
    assert row["status"] == "skipped"
    assert (tmp_path / "index-files/a.txt").read_bytes() == LIBRARY.encode()
    assert client.get("/api/articles").json()["total"] == 2


def test_what_was_removed_does_not_come_back_with_another_file(
    make_client: Any, kept: Any, tmp_path: Path
) -> None:
    client = make_client(kept, manage=True)
    both = LIBRARY + "图书馆开放\n本报讯 松河县修通公路80公里。 孙小满\n公路修通\n"
    n_added = post(client, "a.txt", both.encode()).json()["n_added"]
    assert n_added == 2
    listed = client.get("/api/articles").json()["articles"]
    removed = next(each for each in listed if each["title"] == "公路修通")
    client.delete(f"/api/articles/{removed['article_id']}")
    post(client, "b.txt", "本报讯 云岭县种下果树9万棵。 李四光\n".encode())
    titles = [each["title"] for each in client.get("/api/articles").json()["articles"]]
    assert "公路修通" not in titles
    assert len(titles) == 3


def test_another_sites_page_may_not_add(make_client: Any, kept: Any) -> None:
    site = "https://news.example"
    client = make_client(kept, manage=True, origins=(site,))
    refused = post(client, "a.txt", LIBRARY.encode(), Origin=site)
    assert refused.status_code == 403
    assert client.get("/api/articles").json()["total"] == 1


def test_with_a_password_it_is_asked_for(make_client: Any, kept: Any) -> None:
    client = make_client(kept, manage=True, password="墨水")
    refused = post(client, "a.txt", LIBRARY.encode())
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    for wrong in ("Basic", "Basic !!", "Basic Og==", "Bearer x"):
        assert post(client, "a.txt", b"x", Authorization=wrong).status_code == 401
    right = client.post(
        "/api/articles", params={"name": "a.txt"}, content=LIBRARY.encode(),
        auth=("", "墨水".encode()),
    )  # fmt: skip
    assert right.status_code == 200


def test_what_another_process_indexed_is_noticed(
    make_client: Any, kept: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("qa.web.manage._WATCH_S", 0.05)
    client = make_client(kept)
    (tmp_path / "pages" / "b.txt").write_text(LIBRARY, "utf-8")
    update(tmp_path / "index", [tmp_path / "pages"], embedder=HashEmbedder(), prune=True)
    wait_for(lambda: client.get("/api/articles").json()["total"] == 2)


def test_a_damaged_state_is_not_used_and_the_next_good_one_is(
    make_client: Any, kept: Any, tmp_path: Path, monkeypatch: Any, caplog: Any
) -> None:
    monkeypatch.setattr("qa.web.manage._WATCH_S", 0.05)
    client = make_client(kept)
    pointer = tmp_path / "index" / "CURRENT"
    good = pointer.read_bytes()
    pointer.write_bytes(b"?")
    wait_for(lambda: "the newest state of the index is not used" in caplog.text)
    assert client.get("/api/articles").json()["total"] == 1
    pointer.write_bytes(good)
    (tmp_path / "pages" / "b.txt").write_text(LIBRARY, "utf-8")
    update(tmp_path / "index", [tmp_path / "pages"], embedder=HashEmbedder(), prune=True)
    wait_for(lambda: client.get("/api/articles").json()["total"] == 2)


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\pages\\b.pdf", "b.pdf"),
        ("<b>报</b>.txt", "b_.txt"),
        (".hidden", "hidden"),
        ("a\x00\n.txt", "a__.txt"),
        ("长" * 300 + ".docx", "长" * 80 + ".docx"),
        ("𠮷" * 300 + ".docx", "𠮷" * 60 + ".docx"),  # four bytes each
        ("长" * 300, "长" * 80),
        ("a." + "𠮷" * 300, "a." + "𠮷" * 3),
    ],
)
def test_a_file_gets_a_plain_name(given: str, kept_as: str) -> None:
    assert file_name(given) == kept_as


@pytest.mark.parametrize("given", ["", "..", "/", "a/", " . "])
def test_a_file_without_a_name_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        file_name(given)


def test_the_list_finds_articles_by_what_they_say(client: Any, houma: Any) -> None:
    page = client.get("/articles", params={"q": "107个工作日"}).text
    assert f"articles/{houma.id}" in page
    assert page.count("<li ") == 1
    assert "没有找到" in client.get("/articles", params={"q": "量子"}).text


@pytest.mark.browser
def test_files_are_added_and_removed_in_the_browser(
    visit: Any, serve_site: Any, kept: Any, tmp_path: Path
) -> None:
    good, bad = tmp_path / "图书馆.txt", tmp_path / "坏.txt"
    good.write_text(LIBRARY, "utf-8")
    bad.write_bytes(b"\x00\x01" * 50)
    with serve_site(kept, manage=True) as url:
        page = visit(f"{url}/articles", wait="#files").page
        page.set_input_files("#files", [good, bad])
        page.wait_for_selector("#progress .good:has-text('收录 1 篇')")
        page.wait_for_selector("#progress .bad:has-text('不是文本')")
        page.click("#progress a")
        row = page.locator(".rows li", has_text="图书馆.txt")
        row.locator(".remove").click()
        row.locator(".remove").click()
        row.wait_for(state="detached")
        assert page.locator(".rows li").count() == 1


@pytest.mark.browser
def test_an_added_file_is_asked_about_in_the_chat(
    visit: Any, serve_site: Any, chat_app: Any, kept: Any, tmp_path: Path
) -> None:
    page_of_today = tmp_path / "图书馆.txt"
    page_of_today.write_text(LIBRARY, "utf-8")
    question = "青石县图书馆新馆设有座位多少个？"
    pipeline = Pipeline(kept.index, OverlapReader(), abstain_threshold=0.3)
    assert pipeline.ask(question).abstained, "nothing indexed says it yet"
    with serve_site(pipeline, chat=chat_app, manage=True) as url:
        opened = visit(f"{url}/articles", wait="#files")
        page = opened.page
        page.set_input_files("#files", [page_of_today])
        page.wait_for_selector("#progress .good:has-text('收录 1 篇')")
        page.goto(url)
        page.wait_for_selector("html[data-wenju=ready]", state="attached")
        opened.ask(question)
        assert page.inner_text(".wj-cited mark") == "1200个"
        assert "青石县图书馆新馆" in page.inner_text(".wj-cited .quote")
        page.click(".wj-cited .wj-open")
        assert page.wait_for_selector(".wj-sheet[open] #wj-cited").inner_text() == "1200个"
        assert "赵一鸣" in page.inner_text(".wj-sheet[open]")


@pytest.mark.browser
def test_the_embedding_kit_shows_what_it_gives(visit: Any, serve_site: Any, script: Any) -> None:
    with serve_site(script) as url:
        page = visit(f"{url}/embed", wait="wenju-chat").page
        page.fill("[name=title]", '问"问"本报')
        page.select_option("[name=theme]", "dark")
        snippet = page.input_value("#snippet")
        assert 'data-title="问&quot;问&quot;本报"' in snippet
        assert 'data-theme="dark"' in snippet
        assert f'src="{url}/widget/' in snippet
        assert page.locator("wenju-chat h2").inner_text() == '问"问"本报'
