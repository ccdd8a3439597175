from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.graph import Node
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from tests.analysis.graphs import graph
from tests.commands.running import FROZEN, fixture, run, run_json

SSD = fixture("ssd/frozen_inference_graph.pb")
GIVEN = ("--input-shape", "image_tensor=1,64,64,3")


def placeholder(name: str, shape: Any) -> Node:
    return Node(name, "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(shape)})


def test_the_whole_and_where_it_is() -> None:
    done = run("size", SSD, *GIVEN)
    assert done.code == 0
    assert "multiply-accumulates    126,976" in done.out
    assert re.search(r"FLOPs +[0-9]{3},[0-9]{3}", done.out)
    assert "input image_tensor      [1,64,64,3]" in done.out
    assert "of the parameters are in 7 convolution layers" in done.out
    heads = [line.split()[0] for line in done.lines if line.startswith("  scope")]
    assert heads == ["scope"]


def test_json_has_all_rows() -> None:
    found = run_json("size", SSD, *GIVEN, "--by", "op", "--top", "1")
    rows = {row["name"]: row for row in found["rows"]}
    assert rows["Conv2D"]["macs"] > rows["DepthwiseConv2dNative"]["macs"] > 0
    assert sum(row["macs"] for row in rows.values()) == found["total"]["macs"] == 126_976
    assert (found["by"], found["assumed"], found["unknown"]) == ("op", [], [])
    assert found["input_shapes"] == {"image_tensor": [1, 64, 64, 3]}
    assert found["peak_activation_bytes"] > 64 * 64 * 3 * 4


def test_the_largest_rows_come_first_and_the_rest_is_added_up() -> None:
    lines = run("size", SSD, *GIVEN, "--by", "node", "--top", "2").lines
    start = next(i for i, line in enumerate(lines) if line.startswith("  node"))
    rows = lines[start + 2 :]
    assert len(rows) == 3
    assert rows[2].startswith("  (")
    assert "more)" in rows[2]


@pytest.mark.parametrize(("depth", "name"), [(1, "FeatureExtractor"), (2, "FeatureExtractor/Mob")])
def test_depth(depth: int, name: str) -> None:
    found = run_json("size", SSD, *GIVEN, "--depth", depth)
    assert any(row["name"].startswith(name) for row in found["rows"])
    assert all(row["name"].count("/") < depth for row in found["rows"])


def test_a_batch_that_is_assumed_is_said() -> None:
    done = run("size", fixture("control_flow/functional/graph.pb"))
    assert done.code == 0
    assert "a batch of 1 is assumed for x (--input-shape)" in done.out


def test_open_shapes_are_asked_for_by_name() -> None:
    done = run("size", SSD)
    assert done.code == 0
    assert "multiply-accumulates    not known" in done.out
    assert "--input-shape image_tensor=1,224,224,3" in done.out
    assert "input image_tensor      [?,?,?,3]" in done.out
    found = run_json("size", SSD)
    assert found["unknown"]
    assert found["open_inputs"] == {"image_tensor": [None, None, None, 3]}


def test_the_shape_of_the_only_input_needs_no_name() -> None:
    named = run("size", SSD, *GIVEN)
    assert run("size", SSD, "--input-shape", "1,64,64,3") == named


def test_contradictions_have_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "graph.pb"
    model = graph(placeholder("x", [2, 3]), placeholder("y", [4, 5]), "m MatMul x y")
    graphtools.save(model, file)
    done = run("size", file)
    assert done.code == 1
    assert "Contradictions" in done.out
    assert json.loads(run("size", file, "--json").out)["findings"]


def test_usage_errors() -> None:
    for args in (["--by", "size"], ["--depth", "0"], ["--top", "0"]):
        assert run("size", FROZEN, *args).code == 2


def test_a_saved_model_whose_layers_are_in_functions() -> None:
    found = run_json("size", fixture("saved_model/v2"), "--by", "op", "--tag-set", "serve")
    rows = {row["name"]: row for row in found["rows"]}
    assert (rows["MatMul"]["macs"], rows["MatMul"]["parameters"]) == (12, 12)
    assert found["assumed"] == ["serving_default_features"]


@pytest.mark.parametrize(
    ("name", "parameters", "size", "macs"),
    [("float", 618, 618 * 4, 68256), ("model", 412, 496, 22560)],
)
def test_a_tflite_model_is_told_by_its_operators(
    name: str, parameters: int, size: int, macs: int
) -> None:
    file = fixture(f"quant/{name}.tflite")
    done = run("size", file, "--by", "op", "--top", 1)
    assert done.code == 0
    assert re.search(f"multiply-accumulates +{macs:,}\n", done.out)
    assert done.lines[-1].split()[0] == ("(4" if name == "float" else "(3")
    for by in ("op", "scope", "node"):
        said = run_json("size", file, "--by", by)
        assert sum(row["macs"] for row in said["rows"]) == said["total"]["macs"] == macs
        total = said["total"]
        assert (total["parameters"], total["parameter_bytes"]) == (parameters, size)
    assert said["peak_activation_bytes"] > 0


def test_a_tflite_model_takes_no_shapes() -> None:
    done = run("size", fixture("quant/float.tflite"), "--batch", 1)
    assert done.code == 2
    assert "--batch is for graphs, and not for a .tflite" in done.err


def test_a_checkpoint_is_told_by_its_scopes() -> None:
    checkpoint = fixture("classifier/train/model.ckpt-2000")
    found = run_json("size", checkpoint)
    parts = ("parameters", "optimizer_slots", "moving_averages", "other")
    assert [found[part]["count"] for part in parts] == [17, 24, 11, 1]
    assert [found[part]["elements"] for part in parts] == [714, 1302, 650, 1]
    assert sum(row["elements"] for row in found["rows"].values()) == 714
    assert found["work"] is None
    told = run("size", checkpoint, "--top", 1)
    assert "no .meta file lies beside" in told.out
    assert "(3 more)" in told.out
    assert "not for a checkpoint" in run("size", checkpoint, "--batch", 3).err
    assert "a checkpoint has no ops" in run("size", checkpoint, "--by", "op").err


def test_what_a_run_costs_is_told_by_the_graph_beside_a_checkpoint() -> None:
    found = run_json("size", fixture("classifier/model.ckpt"), "--by", "node")
    whole = run_json("size", fixture("classifier/model.ckpt.meta"))["total"]
    assert (found["work"]["macs"], found["work"]["flops"]) == (whole["macs"], whole["flops"])
    assert found["work"]["is_whole"]
    assert found["parameters"]["elements"] == whole["parameters"]
    twice = run_json("size", fixture("classifier/model.ckpt"), "--batch", 2)
    assert twice["work"]["macs"] == 2 * whole["macs"]
    assert "FLOPs" in run("size", fixture("classifier/model.ckpt")).out
