"""`graphtools view`: Netron opens what it is handed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graphtools.analysis import viewing_copy
from graphtools.formats import load
from graphtools.formats.graphdef import parse_graph
from graphtools.report import netron_view
from graphtools.report.netron_view import prepare_view
from tests.commands.running import FROZEN, fixture, refusal, run
from tests.support import ROOT


@contextmanager
def served(*args: str) -> Iterator[dict[str, str]]:
    """What the command says, while it serves."""
    command = [sys.executable, "-m", "graphtools", "view", *args, "--no-browser", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        yield json.loads("".join(lines))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_file_is_served_as_it_is() -> None:
    assert prepare_view(FROZEN) == (FROZEN, None, "")
    with served(FROZEN) as said:
        page = urllib.request.urlopen(said["url"], timeout=10).read().decode()
        assert "/data/frozen.pb" in page
        data = urllib.request.urlopen(f"{said['url']}/data/frozen.pb", timeout=10).read()
    assert data == Path(FROZEN).read_bytes()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("checkpoints/v2/model.ckpt", "checkpoints/v2/model.ckpt.index"),
        ("checkpoints/v2", "checkpoints/v2/model.ckpt.index"),
        ("saved_model/v1", "saved_model/v1/saved_model.pb"),
        ("saved_model/v1_text", "saved_model/v1_text/saved_model.pbtxt"),
        ("quant/model.tflite", "quant/model.tflite"),
    ],
)
def test_folders_and_prefixes_lead_to_the_file_that_netron_opens(path: str, name: str) -> None:
    assert prepare_view(fixture(path)) == (fixture(name), None, "")


def test_other_suffixes_get_a_name_that_netron_knows(tmp_path: Path) -> None:
    strange = tmp_path / "model of 2019.bin"
    shutil.copy(FROZEN, strange)
    viewed = prepare_view(str(strange))
    assert viewed.name == "model of 2019.bin.pb"
    assert viewed.content == strange.read_bytes()
    model = tmp_path / "model"
    shutil.copy(fixture("quant/model.tflite"), model)
    assert prepare_view(str(model)) == ("model.tflite", model.read_bytes(), "")


def test_a_v1_checkpoint_becomes_a_graph_of_its_variables() -> None:
    viewed = prepare_view(fixture("checkpoints/v1_compressed"))
    assert "without their values" in viewed.note
    assert viewed.content
    graph = parse_graph(viewed.content, 0, len(viewed.content))
    assert {n.op for n in graph} == {"VariableV2"}
    assert str(graph.nodes[0].attrs["shape"]) != "?"


def test_a_file_that_no_browser_holds_loses_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netron_view, "MOST_BYTES", 1000)
    monkeypatch.setattr(viewing_copy, "MOST_BYTES", 32)
    viewed = prepare_view(FROZEN)
    assert viewed.name == "frozen.pb"
    assert "without the values of large constants" in viewed.note
    assert viewed.content
    graph = parse_graph(viewed.content, 0, len(viewed.content))
    assert [n.name for n in graph] == [n.name for n in load(FROZEN)]
    assert len(viewed.content) < Path(FROZEN).stat().st_size


def test_what_cannot_be_done() -> None:
    assert "README.md is a text file" in refusal(run("view", ROOT / "README.md"))
    with served(FROZEN) as shown:
        port = shown["url"].rpartition(":")[2]
        assert "--port" in refusal(run("view", FROZEN, "--no-browser", "--port", port))
    # an address for documentation, which no machine has
    said = refusal(run("view", FROZEN, "--no-browser", "--host", "192.0.2.1"))
    assert "cannot listen" in said
    assert "--host" in said


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["classifier/frozen.pb", "checkpoints/partitioned", "checkpoints/v1_compressed"]
)
def test_netron_shows_nodes(name: str, chromium: object) -> None:
    with served(fixture(name)) as said:
        page = chromium.new_page()  # type: ignore[attr-defined]
        page.context.add_cookies([{"name": "consent", "value": "1", "url": said["url"]}])
        page.route(re.compile("^https://"), lambda route: route.abort())
        page.goto(said["url"])
        end = time.monotonic() + 60
        while time.monotonic() < end and not page.locator("#target .node").count():
            time.sleep(0.2)
        assert page.locator("#target .node").count() > 3
        page.close()
