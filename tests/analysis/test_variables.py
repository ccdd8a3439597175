from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphtools
from graphtools.analysis.values import read_value, save_value
from graphtools.analysis.variables import list_variables, open_variables, variable_tree
from graphtools.errors import InvalidValue, UnknownName
from tests.analysis.graphs import graph, variable
from tests.support import CHECKPOINTS, FIXTURES, copy_checkpoint, flip, same_values, values_of

V2 = str(FIXTURES / "checkpoints/v2/model.ckpt")


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_every_variable_of_a_checkpoint_is_listed_as_it_is(name: str) -> None:
    listed = list_variables(open_variables(str(FIXTURES / name))).variables
    found = {row.name: (row.dtype, row.shape) for row in listed}
    for entry in CHECKPOINTS[name]["variables"]:
        assert found[entry["name"]] == (entry["dtype"], entry["shape"])
    assert [r.name for r in listed] == sorted(found)


@pytest.mark.parametrize("name", ["checkpoints/v2/model.ckpt", "checkpoints/v1/model.ckpt"])
def test_statistics_are_those_of_the_stored_values(name: str) -> None:
    values = values_of(CHECKPOINTS[name]["values"])
    for row in list_variables(open_variables(str(FIXTURES / name)), statistics=True).variables:
        array = values[row.name]
        if array.dtype.kind in "SO":
            assert row.statistics is None
            continue
        assert row.statistics is not None
        assert row.statistics.count == array.size
        if array.size and array.dtype.kind in "if":
            assert row.statistics.max == pytest.approx(float(array.max()))
            assert row.statistics.mean == pytest.approx(float(array.astype(np.float64).mean()))


def test_progress_is_told_in_bytes() -> None:
    told: list[tuple[int, int]] = []
    listed = list_variables(
        open_variables(V2), statistics=True, progress=lambda *step: told.append(step)
    )
    size = sum(r.bytes for r in listed.variables)
    assert told[-1] == (size, size)
    assert len(told) == len(listed.variables)


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("layer1", ["layer1/biases", "layer1/weights"]),
        ("layer1/", ["layer1/biases", "layer1/weights"]),
        ("global_step", ["global_step"]),
    ],
)
def test_a_scope_restricts_the_list(scope: str, names: list[str]) -> None:
    listed = list_variables(open_variables(V2), scope=scope).variables
    assert [r.name for r in listed] == names


def test_an_unknown_scope_is_answered_with_similar_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        list_variables(open_variables(V2), scope="layer")
    assert "'layer1'" in caught.value.remedy


def test_a_graph_has_variables_but_no_values() -> None:
    model = open_variables(str(FIXTURES / "classifier/graph.pb"))
    listed = list_variables(model)
    assert listed.source == "graph"
    assert "MobilenetV1/Conv2d_0/weights" in [r.name for r in listed.variables]
    with pytest.raises(InvalidValue, match="are in a checkpoint"):
        list_variables(model, statistics=True)


@pytest.mark.parametrize("name", ["saved_model/v1", "saved_model/v2", "classifier/model.ckpt.meta"])
def test_the_checkpoint_of_a_model_is_preferred(name: str) -> None:
    assert list_variables(open_variables(str(FIXTURES / name)), statistics=True).source == (
        "checkpoint"
    )


def test_the_weights_of_a_tflite_model_are_its_variables() -> None:
    listed = list_variables(open_variables(str(FIXTURES / "quant/model.tflite")), statistics=True)
    assert listed.source == "TFLite model"
    assert listed.variables
    assert all(row.statistics for row in listed.variables)


def test_damaged_values_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    copy = copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)
    flip(Path(f"{copy}.data-00000-of-00001"), 30)
    listed = list_variables(open_variables(str(copy)), statistics=True)
    bad = [r for r in listed.variables if r.problem]
    assert len(bad) == len(listed.problems) == 1
    assert repr(bad[0].name) in listed.problems[0]
    assert all(r.statistics for r in listed.variables if not r.problem)


def test_the_tree_sums_up_its_scopes() -> None:
    listed = list_variables(open_variables(V2)).variables
    rows = {r.scope: r for r in variable_tree(listed)}
    assert list(rows) == [
        "global_step",
        "layer1",
        "layer1/biases",
        "layer1/weights",
        "layer2",
        "layer2/biases",
        "layer2/weights",
    ]
    layer = rows["layer1"]
    assert (layer.count, layer.elements, layer.bytes, layer.leaf) == (2, 30, 120, None)
    assert rows["layer1/biases"].leaf is not None
    assert rows["layer1/biases"].depth == 1


def test_a_variable_may_have_the_name_of_a_scope(tmp_path: Path) -> None:
    graphtools.save(graph(variable("w", [2]), variable("w/Adam", [2])), tmp_path / "g.pb")
    rows = variable_tree(list_variables(open_variables(str(tmp_path / "g.pb"))).variables)
    assert [(r.scope, r.leaf is not None) for r in rows] == [
        ("w", True),
        ("w", False),
        ("w/Adam", True),
    ]


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_values_are_saved_as_they_are_stored(name: str, tmp_path: Path) -> None:
    checkpoint = open_variables(str(FIXTURES / name))
    for tensor, expected in values_of(CHECKPOINTS[name]["values"]).items():
        try:
            value = read_value(checkpoint, tensor)
        except InvalidValue:
            continue  # a type that cannot be held
        assert value.as_text()
        if not any(v.endswith(b"\0") for v in expected.ravel().tolist() if isinstance(v, bytes)):
            save_value(value, tmp_path / "value.npy")
            saved = np.load(tmp_path / "value.npy", allow_pickle=False)
            assert same_values(saved, value.array)


def test_the_value_of_a_constant_can_be_read_and_of_no_other_node() -> None:
    model = open_variables(str(FIXTURES / "classifier/frozen.pb"))
    assert read_value(model, "MobilenetV1/Conv2d_0/weights:0").array.shape == (3, 3, 3, 8)
    with pytest.raises(InvalidValue, match="'input' is a Placeholder"):
        read_value(model, "input")


def test_values_as_json_are_plain() -> None:
    checkpoint = open_variables(str(FIXTURES / "checkpoints/dtypes/model.ckpt"))
    assert read_value(checkpoint, "complex64").as_json()["shape"] == [2]
    assert all(len(v) == 2 for v in read_value(checkpoint, "complex64").as_json()["value"])  # type: ignore[attr-defined]
    text = read_value(checkpoint, "scalar_string").as_json()["value"]
    assert isinstance(text, str)
