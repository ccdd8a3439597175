"""Pages: what stands in them, and that it is text."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, save
from graphtools.formats.tflite.as_graph import TFLiteGraph
from graphtools.graph import Graph
from graphtools.graph.dtypes import dtype
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.ops.inference import infer_shapes
from graphtools.report.document import Text
from graphtools.report.html import render_html
from graphtools.report.page import explorer_data
from graphtools.report.page.assemble import Chapter, Section, assemble, short_names
from graphtools.report.reporting import (
    diff_report,
    format_of,
    models_report,
    transformation_report,
    verification_report,
)
from graphtools.transforms.pipeline import transform
from tests.analysis.graphs import const, graph
from tests.formats.bundle_writer import write_bundle
from tests.report.test_model_verification import FOUND as MODELS
from tests.report.test_verification import DONE as VERIFIED
from tests.support import BINARY_GRAPHS, FIXTURES

SSD = str(FIXTURES / "ssd/frozen_inference_graph.pb")
FROZEN = str(FIXTURES / "classifier/frozen.pb")
NASTY = '<script>alert(1)</script>"; DROP TABLE'


def data_of(page: str) -> Any:
    """What the page's script reads."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def written(tmp_path: Path, shown: Graph) -> str:
    save(shown, tmp_path / "graph.pb")
    return str(tmp_path / "graph.pb")


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_each_fixture_has_a_page(name: str) -> None:
    page = models_report([str(FIXTURES / name)])
    nodes = data_of(page)["0"]["graph"]["nodes"]
    assert [n[0] for n in nodes] == [n.name for n in load(FIXTURES / name)]


def test_a_page_loads_nothing() -> None:
    page = models_report([SSD])
    assert "default-src 'none'" in page
    outside = re.findall(r'(?:src|href)="(?!#)([^"]*)"', page)
    assert not outside


def test_what_the_script_gets() -> None:
    data = data_of(models_report([FROZEN]))["0"]["graph"]
    names = [n[0] for n in data["nodes"]]
    conv = data["nodes"][names.index("MobilenetV1/MobilenetV1/Conv2d_0/Conv2D")]
    _, op, inputs, outputs, attributes, constant, hangs = conv
    assert data["ops"][op] == ["Conv2D", "convolution"]
    assert inputs[1::2] == [0, 0]
    assert [names[i] for i in inputs[::2]] == ["input", "MobilenetV1/Conv2d_0/weights/read"]
    assert outputs == ["float32 [?,32,32,8]"] or outputs[0].startswith("float32")
    assert ["padding", "'SAME'"] in attributes
    assert (constant, hangs) == (None, -1)
    weights = data["nodes"][names.index("MobilenetV1/Conv2d_0/weights")]
    assert weights[5]["short"] == "weights [3,3,3,8]"
    assert sum(weights[5]["bins"]) == 216
    assert weights[6] == names.index("MobilenetV1/Conv2d_0/weights")


def test_what_the_whole_costs_stands_above_the_areas() -> None:
    page = models_report([FROZEN])
    assert re.search("<dt>multiply-accumulates</dt><dd>[0-9,]+</dd>", page)
    assert "a batch of 1 is assumed for input" in page
    assert "depends on shapes" in models_report([SSD])


def test_names_are_texts(tmp_path: Path) -> None:
    shown = graph("x Placeholder")
    (node,) = shown.nodes
    evil = type(node)(f"{NASTY}/x", "Relu", ("x",), {})
    page = models_report([written(tmp_path, Graph([*shown.nodes, evil]))])
    assert "<script>alert" not in page
    assert any(NASTY in n[0] for n in data_of(page)["0"]["graph"]["nodes"])


def test_a_title_is_text() -> None:
    page = assemble(
        NASTY, [Chapter(NASTY, NASTY, [Section(NASTY, render_html([Text(NASTY)]))])], NASTY
    )
    assert "<script>alert" not in page


def test_values_that_json_does_not_have(tmp_path: Path) -> None:
    values = np.array([np.nan, np.inf, -np.inf, *range(20)], np.float32)
    page = models_report([written(tmp_path, graph(const("c", values), "y Relu c"))])
    (constant, _) = data_of(page)["0"]["graph"]["nodes"]
    assert sum(constant[5]["bins"]) == 20
    assert ["NaN or infinite", "3"] in constant[5]["facts"]
    empty = models_report([written(tmp_path, graph(const("c", np.zeros((0, 3), np.float32))))])
    assert data_of(empty)["0"]["graph"]["nodes"][0][5]["text"] == "float32 [0,3]"


def test_the_values_of_the_largest_constants_are_read_as_far_as_that_is_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer_data, "_MOST_VALUE_BYTES", 4500)
    names = {"middle": 500, "large": 1000, "huge": 2000, "small": 20, "tiny": 2}
    constants = [const(name, np.arange(n, dtype=np.float32)) for name, n in names.items()]
    nodes = data_of(models_report([written(tmp_path, graph(*constants))]))["0"]["graph"]["nodes"]
    told = {node[0]: node[5] for node in nodes}
    assert {name for name in names if "bins" in told[name]} == {"large", "small"}
    assert [name for name in names if told[name]["facts"][0][0] == "values"] == [
        "large",
        "small",
        "tiny",
    ]
    assert told["huge"]["facts"] == [["bytes", "8.0 kB"]]


def test_a_graph_that_tensorflow_refuses_is_reported(tmp_path: Path) -> None:
    page = models_report([written(tmp_path, graph("a Relu b", "b Relu a", "c Relu nowhere"))])
    assert "nowhere" in page
    nodes = data_of(page)["0"]["graph"]["nodes"]
    assert nodes[2][2] == ["nowhere", 0]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("checkpoints/v2/model.ckpt", "Values of the largest tensors"),
        ("checkpoints/partitioned", "Where the parameters are"),
        ("quant/model.tflite", "Quantization"),
        ("saved_model/v1", "Conversion to TFLite"),
    ],
)
def test_other_models(name: str, wanted: str) -> None:
    page = models_report([str(FIXTURES / name)])
    assert wanted in page
    assert "costs" in data_of(page)["0"]


def test_functions_have_bodies_to_look_at() -> None:
    page = models_report([str(FIXTURES / "control_flow/functional/frozen.pb")])
    bodies = data_of(page)["0"]["functions"]
    shown = load(FIXTURES / "control_flow/functional/frozen.pb")
    assert len(bodies) == len(shown.functions)
    for function, body in zip(shown.functions.values(), bodies, strict=True):
        names = [node[0] for node in body["nodes"]]
        assert names == [*function.inputs, *(n.name for n in function.nodes)]
        assert f"{function.name} <span" in page


def test_each_meta_graph_is_a_section_before_the_findings() -> None:
    page = models_report([str(FIXTURES / "saved_model/v1")])
    titles = re.findall('<h2(?: class="unseen")?>(.*?)</h2>', page)
    metas = [title for title in titles if title.startswith("Meta graph")]
    assert titles[: len(metas) + 2] == ["At a glance", *metas, "Findings"]
    assert len(set(titles)) == len(titles)
    assert (f"of the meta graph {metas[0].split()[-1]}" in page) == (len(metas) > 1)


def test_several_models_are_chapters() -> None:
    page = models_report([FROZEN, str(FIXTURES / "quant/model.tflite")])
    assert list(data_of(page)) == ["0", "1"]
    assert page.count("<article") == 2


def test_differences(tmp_path: Path) -> None:
    shown = load(FROZEN)
    shown.set_op(shown["MobilenetV1/Predictions/Softmax"], "Sigmoid")
    page, same = diff_report(FROZEN, written(tmp_path, shown))
    assert not same
    assert "The changed parts" in page
    assert page.count("<svg xmlns") == 2
    assert ">changed</text>" in page
    page, same = diff_report(FROZEN, FROZEN)
    assert same
    assert "no difference" in page
    a, b = (str(FIXTURES / f"checkpoints/{n}") for n in ("v2", "v1"))
    page, _ = diff_report(a, b)
    assert "Variables" in page


@pytest.mark.parametrize(
    ("path", "kind"),
    [("a.html", "html"), ("-", "html"), ("A.MD", "markdown"), ("b.json", "json"), ("c", "html")],
)
def test_the_format_follows_from_the_suffix(path: str, kind: str) -> None:
    assert format_of(path) == kind


def test_markdown_and_json() -> None:
    text = models_report([FROZEN], "markdown")
    assert "### Conversion to TFLite" in text
    assert "| Conv2D |" in text
    report = json.loads(models_report([FROZEN], "json"))["files"][0]
    assert set(report) == {"summary", "costs", "lint", "verdict", "problems"}
    assert "only in A" in diff_report(FROZEN, SSD, "markdown")[0]
    assert json.loads(diff_report(FROZEN, SSD, "json")[0])["same"] is False


def test_transforms_have_a_page_with_what_they_changed() -> None:
    before = graph("x Placeholder", "i Identity x", "y Relu i", "unused Exp x")
    done = transform(before, "strip_unused_nodes remove_nodes(op=Identity)", ["x"], ["y"])
    page = transformation_report("<graph>.pb", before, done, VERIFIED)
    titles = re.findall("<h2>(.*?)</h2>", page)
    assert titles[:4] == ["What each did", "Outputs", "What has changed", "The changed parts"]
    assert "4 nodes before (A), 2 after (B)" in page
    assert "remove_nodes" in page
    assert "bit by bit" in page
    assert "<graph>" not in page
    assert "Outputs" not in re.findall(
        "<h2>(.*?)</h2>", transformation_report("graph.pb", before, done)
    )


def test_a_comparison_of_models_has_a_page() -> None:
    a, b = FROZEN, str(FIXTURES / "quant/model.tflite")
    page = verification_report(dataclasses.replace(MODELS, a=a, b=b))
    assert "<h2>A and B</h2>" in page
    assert page.count('<div class="bars">') == 2
    assert "different: 1 output" in page
    streamed = verification_report(dataclasses.replace(MODELS, a="-", b=b))
    assert "<h2>A and B</h2>" not in streamed


def test_a_tflite_model_has_its_operators_to_look_at() -> None:
    data = data_of(models_report([str(FIXTURES / "quant/model.tflite")]))["0"]
    nodes = {node[0]: node for node in data["graph"]["nodes"]}
    ops = [data["graph"]["ops"][node[1]] for node in nodes.values()]
    assert ops.count(["CONV_2D", "convolution"]) == 2
    weights = nodes["conv1/Conv2D_Fold;conv1/weights_quant/FakeQuantWithMinMaxVars"]
    facts = dict(weights[5]["facts"])
    stored, real = (float(facts[key].split()[0].strip("[,")) for key in ("values", "real values"))
    assert real == pytest.approx((stored - 128) * 0.00562416622415185, rel=1e-3)
    assert sum(weights[5]["bins"]) == 216
    assert float(weights[5]["range"][1]) < 1
    costs = data["graph"]["costs"]
    conv = next(
        n for n, name in enumerate(nodes) if name.startswith("conv1/Relu6") and "bias1" in name
    )
    assert costs[str(conv)] == [216 + 8, 216 + 32, 8 * 8 * 8 * 27]
    assert sum(parameters for parameters, _, _ in costs.values()) == 412


def test_tensors_of_open_shape_are_marked_in_tflite_models_only() -> None:
    shapes = [Shape([None, 4]), Shape([1, 4]), Shape(None)]
    kinds = {"_output_types": [dtype("float32")] * 3, "_output_shapes": shapes}
    told = []
    for more in ({}, {"_tensors": [0, 1, 2]}):
        shown = TFLiteGraph([Node("a", "SPLIT", (), {**kinds, **more})], (), {})
        told.append(
            explorer_data.explorer_data(shown, infer_shapes(shown), None, ())["nodes"][0][3]
        )
    assert told[1] == ["float32 [?,4], dynamic", "float32 [1,4]", "float32, dynamic"]
    assert told[0] == [text.removesuffix(", dynamic") for text in told[1]]


def test_what_an_optimizer_keeps_has_areas_of_its_own(tmp_path: Path) -> None:
    values = {name: np.zeros(4, np.float32) for name in ("w", "w/Adam", "w/Adam_1", "b")}
    write_bundle(tmp_path / "model.ckpt", values)
    page = models_report([str(tmp_path / "model.ckpt")])
    costs = data_of(page)["0"]["costs"]
    assert costs["measures"] == ["elements", "bytes", "other elements", "slots"]
    rows = {costs["names"][n]: row for n, *row in costs["rows"]}
    assert rows == {
        "w": [4, 16, 4, 0],
        "b": [4, 16, 4, 0],
        "w/Adam": [4, 16, 0, 4],
        "w/Adam_1": [4, 16, 0, 4],
    }
    assert "8 (32 B) in 2 tensors" in page
    assert '<td class="short">optimizer slot</td>' in page


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/b/c.pb"], ["c.pb"]),
        (["a/b/c.pb", "a/d/c.pb"], ["b/c.pb", "d/c.pb"]),
        (["x.pb", "./x.pb", "y/"], ["x.pb", "x.pb", "y"]),
        (["/", "-", "."], ["/", "-", "."]),
        (["c.pb", "a/c.pb"], ["c.pb", "a/c.pb"]),
    ],
)
def test_files_are_called_by_what_tells_them_apart(paths: list[str], names: list[str]) -> None:
    assert short_names(paths) == names
