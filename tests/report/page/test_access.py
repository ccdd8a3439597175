"""Pages are for everybody: by keys, by ear, and for eyes that see little contrast."""

from __future__ import annotations

import dataclasses
import html.parser
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphtools.report.reporting import conversion_report, diff_report, models_report
from tests.report.page.test_conversion_chapter import DONE, SOURCE
from tests.support import FIXTURES

SSD = str(FIXTURES / "ssd/frozen_inference_graph.pb")
FROZEN = str(FIXTURES / "classifier/frozen.pb")
#: A page of each kind.
PAGES: dict[str, Callable[[], str]] = {
    "graph": lambda: models_report([SSD]),
    "functions": lambda: models_report([str(FIXTURES / "control_flow/functional/frozen.pb")]),
    "saved model": lambda: models_report([str(FIXTURES / "saved_model/v1")]),
    "tflite": lambda: models_report([str(FIXTURES / "quant/model.tflite")]),
    "checkpoint": lambda: models_report([str(FIXTURES / "checkpoints/v2/model.ckpt")]),
    "several": lambda: models_report([FROZEN, str(FIXTURES / "quant/model.tflite")]),
    "diff": lambda: diff_report(FROZEN, SSD)[0],
    "conversion": lambda: conversion_report([(SOURCE, DONE)]),
    "unwanted": lambda: conversion_report([(SOURCE, dataclasses.replace(DONE, findings=("no",)))]),
}
_LOOK = Path(__file__).with_name("access.js").read_text(encoding="utf-8")


class Outline(html.parser.HTMLParser):
    """Elements with their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("kind", PAGES)
def test_what_a_page_consists_of_can_be_told(kind: str) -> None:
    page = PAGES[kind]()
    seen = Outline(page).seen
    tags = [tag for tag, _ in seen]
    assert dict(seen)["html"]["lang"] == "en"
    title = re.findall("<title>(.+?)</title>", page.partition("<body>")[0])
    assert len(title) == 1
    assert [tags.count(tag) for tag in ("nav", "main", "footer")] == [1, 1, 1]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert tags.count("h1") == tags.count("article")
    heads = [attrs for tag, attrs in seen if tag == "th"]
    assert all(attrs.get("scope") == "col" for attrs in heads)
    assert not re.search("<th[^>]*></th>", page)
    parts = [
        attrs
        for _, attrs in seen
        if attrs.get("class", "") in ("table", "table findings", "picture")
    ]
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in parts)
    # the pictures of a diff have the same arrow
    names = [attrs["id"] for tag, attrs in seen if "id" in attrs and tag != "marker"]
    assert len(names) == len(set(names))


def test_a_title_is_the_name_of_the_file_once() -> None:
    page = models_report([SSD])
    assert "<title>frozen_inference_graph.pb</title>" in page
    body = page[page.index("<body>") : page.index('<script type="application/json"')]
    assert body.count("frozen_inference_graph.pb") == 1
    assert body.count(str(FIXTURES / "ssd")) == 1


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page."""

    def show(content: str, width: int, scheme: str) -> Any:
        (tmp_path / "page.html").write_text(content, encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.goto(f"file://{tmp_path}/page.html")
        return page

    yield show
    for context in chromium.contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1400, "light")])
@pytest.mark.parametrize("kind", PAGES)
def test_all_has_a_name_and_is_reached_and_seen(
    opened: Callable[..., Any], kind: str, width: int, scheme: str
) -> None:
    page = opened(PAGES[kind](), width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if page.locator("input[type=search]").count():
        page.locator("input[type=search]").first.fill("a")
    assert page.evaluate(_LOOK) == []


@pytest.mark.browser
def test_a_tapped_scope_fits_a_phone(opened: Callable[..., Any]) -> None:
    page = opened(models_report([SSD]), 390, "light")
    page.locator('.box[data-item="s:BoxPredictor_0"]').click()
    canvas = page.locator(".canvas").bounding_box()
    frame = page.locator('.frame[data-item="o:BoxPredictor_0"] rect').bounding_box()
    assert frame["x"] >= canvas["x"]
    assert frame["x"] + frame["width"] <= canvas["x"] + canvas["width"]
    assert frame["y"] >= canvas["y"]
