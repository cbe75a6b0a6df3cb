"""The program as people start it, with its real models, asked in a real browser."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

QUESTION = "侯马审批时限缩减多少天"
IN_ENGLISH = "How many working days did Houma cut from the approval time?"
ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_loads_no_model() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "app.py", "--help"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "--widget-snippet" in shown.stdout
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert not imported & {"torch", "gradio", "faiss", "onnxruntime", "transformers", "fastapi"}


def test_the_snippet_is_printed() -> None:
    done = run("--widget-snippet", "https://news.example")
    assert done.returncode == 0
    assert done.stdout.startswith('<script src="https://news.example/widget/')


def test_what_is_loaded_is_not_looked_through_for_garbage_again() -> None:
    """With Gradio and a pipeline that stops every request for a tenth of a second."""
    code = (
        "import app, gc, types; from concurrent.futures import Future\n"
        "loaded = Future(); server = types.SimpleNamespace(started=True, should_exit=False)\n"
        "app._behind(server, [(loaded, lambda: [[] for _ in range(100_000)])], [])\n"
        "assert len(loaded.result()) == 100_000 and len(gc.get_objects()) < 10_000"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=True)


@pytest.mark.parametrize(
    ("public", "environ"),
    [
        (("--host", "0.0.0.0"), {}),
        (("--host", "0.0.0.0"), {"WENJU_MANAGE_PASSWORD": ""}),
        (("--allowed-host", "news.example"), {}),  # behind a proxy on the same machine
        (("--origin", "https://news.example"), {}),
    ],
)
def test_managing_in_public_needs_a_password(
    public: tuple[str, ...], environ: dict[str, str]
) -> None:
    refused = run("--manage", *public, **environ)
    assert refused.returncode == 2
    assert "WENJU_MANAGE_PASSWORD" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_is_not_managed_from_the_page() -> None:
    refused = run("--index", "postgresql://desk:secret@db.example/news", "--manage")
    assert refused.returncode == 2
    assert "python -m index push DIR URL" in refused.stderr
    assert "secret" not in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_a_missing_index_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    ended = run("--index", str(tmp_path / "none"), "--port", str(free_port()))
    assert ended.returncode == 4
    assert "python -m index build" in ended.stderr
    assert "Traceback" not in ended.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answered:
            return answered.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.slow
def test_a_state_of_the_index_is_let_go_of_when_a_newer_one_is_answered_from(
    tmp_path: Path,
) -> None:
    """Else a server that runs for months keeps the files of its first day."""
    index = tmp_path / "index"

    def write(*arguments: str, name: str) -> None:
        file = tmp_path / name
        file.write_text(f"{name}的审批时限减少了72天。", encoding="utf-8")
        command = [sys.executable, "-m", "index", *arguments, str(file)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    write("build", "--out", str(index), name="侯马.txt")
    url = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen(
        [sys.executable, "app.py", "--index", str(index), "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "WENJU_HOME": str(tmp_path / "home")},
    )
    try:
        for n_articles in (1, 2):
            until = time.monotonic() + 120
            while (
                status(f"{url}/readyz") != 200 or got(f"{url}/api/articles")["total"] < n_articles
            ):
                assert process.poll() is None, "the program ended"
                assert time.monotonic() < until
                time.sleep(0.1)
            write("add", str(index), name=f"{n_articles}号.txt")
        kept = {folder.name for folder in (index / "generations").iterdir()}
        assert "000001" not in kept
        assert "000003" in kept
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`python app.py` over the bundled articles, with an empty data folder."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    environ = {**os.environ, "WENJU_HOME": str(tmp_path_factory.mktemp("home"))}
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environ
    )
    try:
        while status(url) != 200:
            assert process.poll() is None, "the program ended"
            assert time.monotonic() - begun < 60
            time.sleep(0.02)
        first_page_s = time.monotonic() - begun
        while status(f"{url}/readyz") != 200:
            assert process.poll() is None, "the program ended"
            assert time.monotonic() - begun < 180
            time.sleep(0.1)
        print(f"first page {first_page_s:.1f} s, ready {time.monotonic() - begun:.1f} s")
        yield url
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM), "stops when told"
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.browser
def test_the_example_question_shows_the_highlighted_72(visit: Any, running: str) -> None:
    opened = visit(running)
    opened.ask(QUESTION)
    page = opened.page
    assert page.inner_text(".wj-cited mark") == "72天"
    page.click(".wj-cited .wj-open")
    cited = page.wait_for_selector(".wj-sheet[open] #wj-cited")
    assert cited.inner_text() == "72天"


@pytest.mark.slow
def test_the_article_is_the_same_when_asked_in_english(running: str) -> None:
    articles = {
        ask(running, asked)["citations"][0]["article_id"] for asked in (QUESTION, IN_ENGLISH)
    }
    assert len(articles) == 1


@pytest.mark.slow
def test_the_sentence_is_the_same_when_asked_in_english(running: str) -> None:
    quotes = {ask(running, asked)["citations"][0]["quote"] for asked in (QUESTION, IN_ENGLISH)}
    assert len(quotes) == 1


@pytest.mark.slow
def test_every_example_shown_is_answered_from_its_article(running: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        found = got(f"{running}/api/examples?n=50")
        if found["complete"]:
            break
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(found["examples"]) >= 4
    for example in found["examples"]:
        cited = {
            citation["article_id"] for citation in ask(running, example["question"])["citations"]
        }
        assert example["article_id"] in cited


def ask(url: str, question: str) -> Any:
    body = json.dumps({"question": question}).encode()
    return got(urllib.request.Request(f"{url}/api/ask", body, {"Content-Type": "application/json"}))


def got(request: str | urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=60) as answered:
        return json.load(answered)
