"""A server that is told to stop answers what it has begun."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

RUN = """
import sys, threading, time
from concurrent.futures import Future
from pathlib import Path
import app
from qa.settings import Settings
from qa.web import chat
import qa.writing.writers
from tests.interfaces.small import make_pipeline

class Slow:
    def __init__(self, pipeline): self.pipeline = pipeline
    def __getattr__(self, name): return getattr(self.pipeline, name)
    def ask(self, *args, **options):
        print("asked", flush=True)
        time.sleep(1.5)
        return self.pipeline.ask(*args, **options)

app._behind = lambda server, tasks, failed: tasks[1][0].set_result(Slow(make_pipeline()))
sys.exit(app.serve(Settings(port=int(sys.argv[1])), manage=False, debug=False))
"""


@pytest.mark.slow
def test_a_question_under_way_is_answered_before_the_server_stops(tmp_path: Path) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(port)], stdout=subprocess.PIPE, text=True,
        env={"WENJU_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        while True:
            try:
                if client.get("/readyz").status_code == 200:
                    break
            except httpx.ConnectError:
                assert process.poll() is None

        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(
                client.post, "/api/ask", json={"question": "国强光伏项目审批时限减少多少天"}
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "asked\n"
            process.send_signal(signal.SIGTERM)
            assert answer.result().status_code == 200
    assert process.wait(30) in (0, -signal.SIGTERM)
    process.stdout.close()
