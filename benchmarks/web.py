"""Start-up and weight of the page: `python -m benchmarks.web`.

Starts `python app.py` over the bundled articles with an empty data folder and prints
seconds from process start to the first page, to ready and to the first answer, and
peak memory; then, in Chromium, first contentful paint, total blocking time, requests
and bytes of a first visit, side by side with a plain `gr.ChatInterface` on the same
machine; then answers a second through /api/ask (every address may ask as it likes).
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import platform
import re
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
QUESTION = "侯马审批时限缩减多少天"
PLAIN = """
import os, sys
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
gr.ChatInterface(lambda message, history: message).launch(server_port=int(sys.argv[1]), quiet=True)
"""
# total blocking time: what tasks over 50 ms took beyond those 50, in the whole visit
OBSERVE = """
window.blocked = 0;
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50);
}).observe({type: "longtask", buffered: true});
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--asks", type=int, default=60)
    args = parser.parse_args()
    cores = os.cpu_count()
    print(f"machine   {platform.platform()}, {cores} cores, Python {platform.python_version()}")
    print(f"command   python -m benchmarks.web {shlex.join(sys.argv[1:])}")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        for round_ in ("cold (models converted, index built)", "warm"):
            with started("app.py", "--rate", "0", "--port", home=home) as (url, process, begun):
                page_s = wait(url, process) - begun
                ready_s = wait(f"{url}/readyz", process) - begun
                ask(url)
                print(
                    f"{round_}: first page {page_s:.2f} s, ready {ready_s:.2f} s, first answer "
                    f"{time.perf_counter() - begun:.2f} s, peak {peak_mb(process.pid):.0f} MB"
                )
                if round_ == "warm":
                    wait_for_chat(url)
                    browser = playwright.chromium.launch(
                        executable_path=which("chromium") or which("google-chrome"),
                        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
                    )
                    print("\nfirst visit         paint ms  blocked ms  requests  kB")
                    report("Wenju chat", browser, url, "html[data-wenju=ready]", args.visits)
                    report("Wenju article", browser, article(url), "article", args.visits)
                    throughput(url, args.asks)
        with started("-c", PLAIN, home=home) as (url, process, _):
            wait(url, process)
            report("gr.ChatInterface", browser, url, "textarea", args.visits)
        browser.close()


@contextmanager
def started(*arguments: str, home: str) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments, str(port)],
        cwd=ROOT,
        env={**os.environ, "WENJU_HOME": home},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}", process, begun
    finally:
        process.terminate()
        process.wait(30)


def wait(url: str, process: subprocess.Popen[bytes]) -> float:
    """The clock when `url` first answered 200."""
    while True:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return time.perf_counter()
        except OSError:  # not listening, not ready, or too busy to answer
            time.sleep(0.01)


def wait_for_chat(url: str) -> None:
    while True:
        with urllib.request.urlopen(url) as answered:
            if answered.headers["X-Wenju-Page"] != "waiting":
                return
        time.sleep(0.1)


def ask(url: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{url}/api/ask",
        json.dumps({"question": QUESTION}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answered:
        return json.load(answered)


def article(url: str) -> str:
    citation = ask(url)["citations"][0]
    return f"{url}/articles/{citation['article_id']}?start=1&end=9"


def peak_mb(pid: int) -> float:
    """Linux only; 0 elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024


def report(name: str, browser: Browser, url: str, ready: str, visits: int) -> None:
    """Medians over visits, each in a browser profile of its own: nothing is cached."""
    paints: list[float] = []
    blocked: list[float] = []
    n_requests = n_bytes = 0
    for _ in range(visits):
        received: list[float] = []
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        network.on(
            "Network.loadingFinished", lambda e, to=received: to.append(e["encodedDataLength"])
        )
        page.add_init_script(OBSERVE)
        page.goto(url)
        page.wait_for_selector(ready, state="attached")
        page.wait_for_timeout(1000)
        paints.append(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        )
        blocked.append(page.evaluate("window.blocked"))
        n_requests, n_bytes = len(received), round(sum(received))
        context.close()
    print(
        f"{name:18} {statistics.median(paints):9.0f} {statistics.median(blocked):11.0f} "
        f"{n_requests:9} {n_bytes / 1000:5.0f}"
    )


def throughput(url: str, n_asks: int) -> None:
    begun = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask(url), range(n_asks)))
    print(f"/api/ask, 8 at a time: {n_asks / (time.perf_counter() - begun):.1f} answers a second")


if __name__ == "__main__":
    main()
