from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.commands.running import FROZEN, V2, fixture, refusal, run, run_json
from tests.support import CHECKPOINTS, same_values, values_of

STORED = values_of(CHECKPOINTS["checkpoints/v2/model.ckpt"]["values"])


def test_variables_are_listed_with_dtype_shape_and_bytes() -> None:
    lines = run("variables", V2).lines
    assert lines[0].split() == ["name", "dtype", "shape", "bytes"]
    assert lines[3].split() == ["layer1/biases", "float32", "[6]", "24", "B"]
    assert lines[-1] == "5 tensors, 212 B"
    for variable in run_json("variables", V2)["variables"]:
        assert {"name", "dtype", "shape", "bytes"} <= set(variable)
        array = STORED[variable["name"]]
        assert (variable["shape"], variable["bytes"]) == (list(array.shape), array.nbytes)


@pytest.mark.parametrize(
    "path",
    [
        "checkpoints/v2",
        "checkpoints/v2/checkpoint",
        "checkpoints/v2/model.ckpt.index",
        "checkpoints/v2/model.ckpt.meta",
        "checkpoints/v2/model.ckpt.data-00000-of-00001",
        "checkpoints/v2_sharded/model.ckpt",
        "checkpoints/v1_sharded/model.ckpt",
        "checkpoints/v1_sharded",
    ],
)
def test_a_checkpoint_is_found_by_any_of_its_names(path: str) -> None:
    found = run_json("variables", fixture(path))["variables"]
    assert [v["name"] for v in found] == sorted(STORED)


def test_a_moved_checkpoint_is_found_and_that_is_said() -> None:
    done = run("variables", fixture("checkpoints/moved"))
    assert done.code == 0
    assert done.err.startswith("note: ")
    assert "lies beside it" in done.err


def test_statistics_are_those_of_the_values() -> None:
    for variable in run_json("variables", V2, "--stats")["variables"]:
        values = STORED[variable["name"]]
        statistics = variable["statistics"]
        assert statistics["count"] == values.size
        assert statistics["min"] == pytest.approx(float(values.min()))
        assert statistics["std"] == pytest.approx(float(values.std()), rel=1e-5)
    header = run("variables", V2, "--stats").lines[0].split()
    assert header[4:] == ["min", "max", "mean", "std", "zeros", "NaN/Inf"]


def test_statistics_of_every_dtype_warn_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    for name in ("checkpoints/dtypes", "checkpoints/dtypes_rare/model.ckpt"):
        done = run("variables", fixture(name), "--stats")
        assert (done.code, done.err) == (0, "")
        assert "nan" not in done.out.replace("nan_and_inf", "")
        run_json("variables", fixture(name), "--stats")  # without NaN literals
    assert not recwarn.list


def test_not_finite_values_are_counted() -> None:
    found = run_json("variables", fixture("checkpoints/dtypes"), "--stats")["variables"]
    statistics = next(v["statistics"] for v in found if v["name"] == "nan_and_inf")
    assert (statistics["nan"], statistics["inf"]) == (1, 2)


def test_a_scope_restricts_the_list() -> None:
    found = run_json("variables", V2, "--scope", "layer2")["variables"]
    assert [v["name"] for v in found] == ["layer2/biases", "layer2/weights"]
    assert "did you mean 'layer2'" in refusal(run("variables", V2, "--scope", "layer_2"))


def test_the_tree_is_indented_by_scope() -> None:
    lines = run("variables", V2, "--tree").lines
    assert lines[3].split() == ["layer1/", "2", "120", "B"]
    assert lines[4].startswith("    biases ")


def test_one_tensor_is_printed_or_saved(tmp_path: Path) -> None:
    name = "layer2/weights"
    printed = run("variables", V2, "--value", name).out
    assert printed.startswith("[[")
    value = run_json("variables", V2, "--value", name)
    assert (value["name"], value["dtype"], value["shape"]) == (name, "float32", [6, 3])
    assert np.array_equal(np.array(value["value"], "f4"), STORED[name])
    target = tmp_path / "weights.npy"
    done = run("variables", V2, "--value", name, "-o", target)
    assert (done.code, done.out) == (0, "")
    assert np.array_equal(np.load(target), STORED[name])


def test_values_that_are_not_finite_are_text_in_json() -> None:
    value = run_json("variables", fixture("checkpoints/dtypes"), "--value", "nan_and_inf")["value"]
    assert {"nan", "inf", "-inf"} <= {v for v in value if isinstance(v, str)}


def test_many_arrays_need_an_npz_or_a_folder() -> None:
    assert "is no name for many arrays" in refusal(run("variables", V2, "-o", "x.npy"))


def test_real_values_are_for_saving() -> None:
    done = run("variables", V2, "--dequantize")
    assert done.code == 2
    assert "is for saving all values" in done.err


def test_all_values_are_saved_under_their_names(tmp_path: Path) -> None:
    target = str(tmp_path / "all.npz")
    done = run("variables", V2, "-o", target)
    assert done.lines[-1].endswith("all.npz: 5 tensors, 52 elements, 212 B")
    with np.load(target) as saved:
        assert set(saved.files) == set(STORED)
        assert all(same_values(saved[name], STORED[name]) for name in saved.files)
    told = run_json("variables", V2, "-o", target, "--name", "*/biases")
    assert told["tensors"] == 2


def test_a_target_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "nowhere" / "x.npy"):
        message = refusal(run("variables", V2, "--value", "global_step", "-o", target))
        assert "cannot be written" in message
    assert list(tmp_path.iterdir()) == []


def test_the_variables_of_a_graph_have_no_values() -> None:
    found = run_json("variables", fixture("classifier/graph.pb"))
    assert found["source"] == "graph"
    assert len(found["variables"]) == 18
    assert "in a checkpoint" in refusal(run("variables", fixture("classifier/graph.pb"), "--stats"))


def test_a_frozen_graph_is_explained() -> None:
    done = run("variables", FROZEN)
    assert done.code == 0
    assert done.out.endswith("17 variables, 2.9 kB, now constants\n")
    found = run_json("variables", FROZEN)
    assert found["source"] == "frozen graph"
    assert found["variables"][0]["name"] == "MobilenetV1/Conv2d_0/BatchNorm/beta"


def test_the_paths_of_objects_are_shown() -> None:
    found = run_json("variables", fixture("checkpoints/object_based"))["variables"]
    paths = {v["name"]: v["object_path"] for v in found}
    assert paths["net/layers/0/kernel/.ATTRIBUTES/VARIABLE_VALUE"] == "net/layers/0/kernel"


def test_an_unknown_tensor_is_said() -> None:
    assert "no tensor 'layer1/weigths'" in refusal(
        run("variables", V2, "--value", "layer1/weigths")
    )
