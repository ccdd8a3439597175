"""`python -m tests.report_picture` makes docs/images/report.png, the first screen of a report.

Needs Chromium, as the tests of pages do. The picture is made anew when the pages change.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

from graphtools.cli import main as graphtools
from tests.support import FIXTURES, ROOT

PICTURE = ROOT / "docs" / "images" / "report.png"


def main() -> None:
    """Open a report in Chromium and keep its first screen."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "report.html"
        os.chdir(FIXTURES / "ssd")  # the page names the file as it is given
        model = "frozen_inference_graph.pb"
        graphtools(["report", model, "-o", str(page_file)], standalone_mode=False)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(page_file.as_uri())
        shot = page.screenshot()
        browser.close()
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(128)
    picture.save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
