"""Pages in a browser: search finds, a click opens, and nothing complains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphtools.formats import load, save
from graphtools.report.reporting import diff_report, models_report
from tests.analysis.graphs import graph
from tests.support import FIXTURES

pytestmark = pytest.mark.browser
SSD = str(FIXTURES / "ssd/frozen_inference_graph.pb")
FUNCTIONS = str(FIXTURES / "control_flow/functional/frozen.pb")
FROZEN = str(FIXTURES / "classifier/frozen.pb")
Open = Callable[..., Any]


@pytest.fixture
def show(chromium: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; at the end, nothing may have been said on the console."""
    said: list[str] = []

    def opened(content: str, width: int = 1400, scheme: str = "light") -> Any:
        (tmp_path / "page.html").write_text(content, encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda r: said.append(r.url) if r.url.startswith("http") else None)
        page.goto(f"file://{tmp_path}/page.html")
        return page

    yield opened
    assert not said


def test_search_finds_a_node_and_shows_what_is_known_of_it(show: Open) -> None:
    page = show(models_report([SSD]))
    search = page.locator("input[type=search]")
    search.fill("boxencodingpredictor/conv2d")
    assert page.locator(".results li").count() > 1
    search.press("Enter")
    assert "BoxEncodingPredictor/Conv2D" in page.locator(".details h3").inner_text()
    assert page.locator(".box.selected").count() == 1
    assert "Conv2D" in page.locator(".box.selected").text_content()
    details = page.locator(".details").inner_text()
    assert "float32 [" in details
    assert "weights" in details
    search.fill("op:conv2d")
    assert all("Conv2D" in t for t in page.locator(".results li").all_inner_texts())
    count = sum(node.op == "Conv2D" for node in load(SSD))
    assert page.locator(".results [role=status]").inner_text() == f"{count} nodes"
    search.fill("no such node")
    assert "no node" in page.locator(".results").inner_text()


def test_search_finds_scopes(show: Open) -> None:
    page = show(models_report([SSD]))
    search = page.locator("input[type=search]")
    search.fill("boxpredictor_1")
    assert "scope" in page.locator(".results li").first.inner_text()
    assert re.fullmatch(
        r"\d+ nodes and \d+ scopes?(, .*)?", page.locator(".results p").inner_text()
    )
    search.press("Enter")
    assert page.locator('.frame[data-item="o:BoxPredictor_1"]').count() == 1
    assert page.locator(".details h3").inner_text() == "BoxPredictor_1"
    search.fill("op:conv2d")
    assert "scope" not in page.locator(".results").inner_text()


def test_a_scope_opens_and_closes(show: Open) -> None:
    page = show(models_report([SSD]))
    scope = page.locator('.box[data-item="s:BoxPredictor_0"]')
    before = page.locator(".box").count()
    scope.click()
    assert page.locator(".box").count() > before
    assert "parameters" in page.locator(".details").inner_text()
    frame = page.locator('.frame[data-item="o:BoxPredictor_0"]')
    frame.locator("text").click()
    assert page.locator(".box").count() == before
    page.locator('.box[data-item="s:BoxPredictor_0"]').focus()
    page.keyboard.press("Enter")
    assert frame.count() == 1
    page.locator("button[data-do=close]").click()
    assert frame.count() == 0


def test_links_lead_from_node_to_node_and_to_values(show: Open) -> None:
    page = show(models_report([FROZEN]))
    page.locator("input[type=search]").fill("Conv2d_0/Conv2D")
    page.keyboard.press("Enter")
    page.locator(".details a", has_text="weights/read").click()
    page.locator(".details a", has_text="Conv2d_0/weights").first.click()
    assert page.locator(".details .histogram rect").count() == 24
    assert "[3,3,3,8]" in page.locator(".details").inner_text()


def test_the_body_of_a_function_is_shown_when_it_is_opened(show: Open) -> None:
    page = show(models_report([FUNCTIONS]))
    first = page.locator("details.function").first
    assert not first.locator(".box").count()
    first.locator("summary").click()
    first.locator(".box").first.wait_for()
    first.locator(".box").first.click()
    assert "_Arg" in first.locator(".details").inner_text()


def test_of_many_scopes_side_by_side_one_box_is_made(show: Open, tmp_path: Path) -> None:
    lines = ["x Placeholder"]
    for n in range(300):
        lines += [f"s{n}/a Relu x", f"s{n}/b Relu s{n}/a"]
    save(graph(*lines), tmp_path / "graph.pb")
    page = show(models_report([str(tmp_path / "graph.pb")]))
    assert page.locator(".box").count() == 2
    crowd = page.locator(".box", has_text="300 scopes")
    crowd.click()
    page.locator('.details a[data-scope="s17"]').click()
    assert page.locator('.frame[data-item="o:s17"]').count() == 1
    assert page.locator(".box").count() == 4
    page.locator("input[type=search]").fill("s299/b")
    page.keyboard.press("Enter")
    assert page.locator('.frame[data-item="o:s299"]').count() == 1


def test_keys_open_and_close_and_keep_their_place(show: Open) -> None:
    page = show(models_report([SSD]))
    page.locator('.box[data-item="s:BoxPredictor_0"]').focus()
    page.keyboard.press("Enter")
    focused = "document.activeElement.dataset.item"
    assert page.evaluate(focused) == "o:BoxPredictor_0"
    page.locator('.box[data-item^="n:"]', has_text="Reshape").first.focus()
    page.keyboard.press(" ")
    assert "BoxPredictor_0/" in page.locator(".details h3").inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate(focused) == "s:BoxPredictor_0"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) not in (None, "s:BoxPredictor_0")


def test_the_search_is_a_list_to_step_through(show: Open) -> None:
    page = show(models_report([SSD]))
    search = page.locator("input[type=search]")
    search.fill("conv2d_")
    told = page.locator(".results [role=status]").inner_text()
    assert re.fullmatch(r"\d+ nodes and \d+ scopes, the first 60 here: type more of the name", told)
    for _ in range(30):
        search.press("ArrowDown")
    chosen = page.locator('.results [aria-selected="true"]')
    assert search.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    name = chosen.inner_text().split()[0]
    inside = "e => e.offsetTop - e.parentElement.scrollTop < e.parentElement.clientHeight"
    assert chosen.evaluate(inside)
    search.press("Escape")
    assert not page.locator(".results").is_visible()
    search.press("ArrowDown")
    search.press("ArrowUp")
    search.press("Enter")
    assert page.locator(".details h3").inner_text() == name


def test_of_a_large_scope_only_what_is_near_is_drawn(show: Open, tmp_path: Path) -> None:
    ops = ["Relu", "Exp", "Neg", "Abs", "Sin", "Cos", "Tan", "Log", "Floor", "Ceil"]
    lines = ["x Placeholder", "s/n0 Relu x"]
    lines += [f"s/{op}{n} {op} s/n0" for n in range(100) for op in ops]
    save(graph(*lines), tmp_path / "graph.pb")
    page = show(models_report([str(tmp_path / "graph.pb")]))
    page.locator("input[type=search]").fill("s/Cos77")
    page.keyboard.press("Enter")
    explorer = "document.querySelector('article').explorer"
    assert page.evaluate(f"{explorer}.picture.scene.places.size") > 100
    page.evaluate(f"{explorer}.scopes.reveal({explorer}.scopes.byName.get('s/Exp3'))")
    for op in ops:
        page.locator("input[type=search]").fill(f"s/{op}99")
        page.keyboard.press("Enter")
        assert page.locator(".box.selected").count() == 1
    assert page.evaluate(f"{explorer}.picture.scene.places.size") > 1000
    assert page.locator(".box").count() < 500
    page.locator("button[data-do=fit]").click()
    for _ in range(20):
        page.locator("button[data-do=out]").click()
    assert page.locator(".box").count() > 1000


def test_findings_lead_to_their_nodes(show: Open) -> None:
    page = show(models_report([SSD]))
    link = page.locator(".findings a[data-name]").first
    name = link.inner_text()
    link.click()
    assert page.locator(".details h3").inner_text() == name
    assert "Findings" in page.locator(".details").inner_text()


def test_weights_as_areas(show: Open) -> None:
    page = show(models_report([FROZEN]))
    cells = page.locator(".treemap button")
    assert cells.count() > 1
    names = cells.all_inner_texts()
    page.locator('.treemap button:not([tabindex="-1"])').first.click(position={"x": 5, "y": 5})
    assert page.locator(".treemap button").all_inner_texts() != names
    page.locator(".crumbs button").first.click()
    assert page.locator(".treemap button").all_inner_texts() == names
    page.locator("select").nth(1).select_option("1")
    assert " kB" in page.locator(".treemap button").first.inner_text()


def test_an_op_leads_to_its_nodes(show: Open) -> None:
    page = show(models_report([FROZEN]))
    page.locator("a[data-op=Conv2D]").click()
    assert page.locator(".results li").count() == 3
    assert page.locator("input[type=search]").input_value() == "op:Conv2D"


def test_it_is_moved_by_mouse_and_keys(show: Open) -> None:
    page = show(models_report([FROZEN]))
    layer = page.locator(".layer")
    canvas = page.locator(".canvas svg")
    canvas.focus()
    places = [layer.get_attribute("transform")]
    for key in ("ArrowDown", "+", "-", "0"):
        page.keyboard.press(key)
        places.append(layer.get_attribute("transform"))
    assert len(set(places[:3])) == 3
    canvas.hover()
    page.mouse.wheel(0, 300)
    assert layer.get_attribute("transform") != places[-1]
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_it_fits_a_phone_and_a_desk(show: Open, width: int, scheme: str) -> None:
    page = show(models_report([SSD]), width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark is (scheme == "dark")
    page.locator("#theme").click()
    now = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert now is not dark


def test_a_diff_marks_what_changed(show: Open, tmp_path: Path) -> None:
    changed = load(FROZEN)
    changed.set_op(changed["MobilenetV1/Predictions/Softmax"], "Sigmoid")
    save(changed, tmp_path / "other.pb")
    page = show(diff_report(FROZEN, str(tmp_path / "other.pb"))[0])
    marked = page.locator(".picture text", has_text="changed")
    assert marked.count() >= 2
    fills = page.locator('.picture rect[fill="#ffe066"]')
    assert fills.count() >= 2


def test_a_large_picture_fits_and_has_its_full_size(show: Open) -> None:
    page = show(diff_report(FROZEN, SSD)[0], width=390)
    picture = page.locator(".picture").last
    cut = "e => e.scrollWidth > e.clientWidth"
    assert not picture.evaluate(cut)
    page.locator("button", has_text="Full size").last.click()
    assert picture.evaluate(cut)
    page.get_by_role("button", name="Fit").last.click()
    assert not picture.evaluate(cut)


def test_print_is_light(show: Open) -> None:
    page = show(models_report([FROZEN]), scheme="dark")
    page.emulate_media(media="print")
    shown = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shown == "rgb(255, 255, 255)"


def test_crowds_cycles_and_names_of_all_kinds(show: Open, tmp_path: Path) -> None:
    lines = ["x Placeholder", *(f"all/n{i} {'Relu' if i % 2 else 'Exp'} x" for i in range(3000))]
    crowd = graph(
        *lines, "a Relu b", "b Relu a", "c Relu nowhere", f"{'n' * 10_000} Relu x", "節点 Exp x"
    )
    save(crowd, tmp_path / "crowd.pb")
    page = show(models_report([str(tmp_path / "crowd.pb")]))
    page.locator("input[type=search]").fill("n2999")
    page.keyboard.press("Enter")
    assert page.locator(".details h3").inner_text() == "all/n2999"
    page.locator("input[type=search]").fill("節点")
    page.keyboard.press("Enter")
    assert page.locator(".details h3").inner_text() == "節点"
