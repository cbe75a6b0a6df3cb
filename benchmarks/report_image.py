"""The pictures of docs/evaluation.md: `python -m benchmarks.report_image RUN [OUT]`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from eval.commands import main as evaluate


def main(run: str, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder) / "report.html"
        if evaluate(["report", run, "--out", str(report)]):
            sys.exit(1)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1180})
        page.goto(report.as_uri())
        page.screenshot(path=out / "report.png")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.locator("#list .open").first.click()
        page.evaluate("document.getElementById('questions').scrollIntoView()")
        page.screenshot(path=out / "report-question.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images"))
