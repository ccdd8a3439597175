"""Reports and pictures: the report of an SSD graph with its size, pictures of large graphs.

With playwright and Chromium also the first paint of the report of a graph of 7,000 nodes, and how
long it takes to open a scope until that is painted.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
from pathlib import Path
from typing import Any

from graphtools import load, save
from graphtools.errors import GraphtoolsError
from tests.benchmarks.generate import frozen_chain
from tests.benchmarks.measure import graphtools, medians
from tests.support import FIXTURES, shared_models_or_none

_MANY = 7_000
_SCOPES = 15
#: How many graphs are drawn.
_DRAWN = 25
#: Waits for the first paint: milliseconds until it.
_FIRST_PAINT = """() => new Promise((done) => {
  const observe = (list) => done(list.getEntries()[0].startTime);
  new PerformanceObserver(observe).observe({ type: "paint", buffered: true });
})"""
#: Opens one closed scope after the other: milliseconds until each is painted.
_OPEN_SCOPES = """async (most) => {
  const { explorer } = document.querySelector("article"), found = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (let n = 0; n < most; n++) {
    await painted();
    const box = explorer.picture.layer.querySelector('.box[data-item^="s:"]');
    if (!box) break;
    const start = performance.now();
    explorer.activate(box.dataset.item);
    await painted();
    found.push(performance.now() - start);
  }
  return found;
}"""


def ssd() -> Path:
    """A real SSD graph where there is one, else that of the fixtures."""
    shared = shared_models_or_none()
    folder = shared / "od/ssd_mobilenet_v1_small" if shared else FIXTURES / "ssd"
    return folder / "frozen_inference_graph.pb"


def graphs() -> list[Path]:
    """Graphs to draw: those with the most nodes of the real ones, or else of the fixtures."""
    counts = {}
    for file in (shared_models_or_none() or FIXTURES).rglob("*.pb"):
        with contextlib.suppress(GraphtoolsError):
            counts[file] = len(load(file))
    return sorted(counts, key=lambda file: -counts[file])[:_DRAWN]


def reports(folder: Path, rounds: int) -> None:
    """Time and size of reports."""
    save(frozen_chain(_MANY), folder / "many.pb")
    files = {"SSD": ssd(), f"{_MANY:,} nodes": folder / "many.pb"}
    pages = {name: folder / f"{file.stem}.html" for name, file in files.items()}
    commands = {n: graphtools("report", str(f), "-o", str(pages[n])) for n, f in files.items()}
    for name, seconds in medians(commands, rounds).items():
        print(f"report {name:12} {seconds:6.2f} s, {pages[name].stat().st_size / 1e6:.2f} MB")


def pictures(folder: Path, rounds: int) -> None:
    """Time to draw each graph at the default depth: the slowest of them."""
    commands = {}
    for file in graphs():
        name = str(Path(*file.parts[-3:]))
        commands[name] = graphtools("draw", str(file), "-o", str(folder / "picture.svg"))
    found = sorted(medians(commands, rounds).items(), key=lambda item: -item[1])
    print(f"draw: of the {len(found)} graphs with the most nodes the slowest are")
    for name, seconds in found[:5]:
        print(f"  {name:60} {seconds:6.2f} s")


def in_browser(page: Path, rounds: int) -> None:
    """First paint and opening of scopes in Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("no playwright here: nothing measured in a browser")
        return
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("no Chromium here: nothing measured in a browser")
        return
    paints, opened = [], []
    with sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(rounds):
            shown = browser.new_page(viewport={"width": 1400, "height": 900})
            shown.goto(page.as_uri())
            paints.append(shown.evaluate(_FIRST_PAINT))
            opened += shown.evaluate(_OPEN_SCOPES, _SCOPES)
            shown.close()
        browser.close()
    print(f"first paint {statistics.median(paints):6.0f} ms")
    print(f"open a scope {statistics.median(opened):5.0f} ms, at most {max(opened):.0f} ms")


def run(folder: Path, rounds: int) -> None:
    """Print the figures."""
    reports(folder, rounds)
    in_browser(folder / "many.html", rounds)
    pictures(folder, max(1, rounds // 3))
