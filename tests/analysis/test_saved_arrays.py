from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import graphtools
from graphtools.analysis.saved_arrays import save_arrays
from graphtools.analysis.variable_sets import chosen_variables, gather_variables
from graphtools.analysis.variables import open_variables
from graphtools.errors import FileProblem, InvalidValue, UnknownName
from graphtools.formats.tflite.values import real_values
from tests.analysis.graphs import const, graph, variable
from tests.support import CHECKPOINTS, FIXTURES, same_values, values_of

FROZEN = str(FIXTURES / "classifier/frozen.pb")
CHECKPOINT = str(FIXTURES / "classifier/model.ckpt")
QUANTIZED = str(FIXTURES / "quant/model.tflite")


def saved(source: str, target: Path, *, dequantize: bool = False) -> dict[str, NDArray[Any]]:
    held = gather_variables(open_variables(source), weights=True)
    save_arrays(held, str(target), dequantize=dequantize)
    with np.load(target) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_a_checkpoint_is_saved_whole(name: str, tmp_path: Path) -> None:
    held = gather_variables(open_variables(str(FIXTURES / name)))
    told = save_arrays(held, str(tmp_path / "all.npz"))
    expected = values_of(CHECKPOINTS[name]["values"])
    with np.load(tmp_path / "all.npz") as arrays:
        assert told.tensors == len(arrays.files)
        kept = set(arrays.files) & expected.keys()
        assert kept or any(v.object_path for v in held.variables.values())
        for key in kept:
            if expected[key].dtype.kind not in "SO":
                assert same_values(arrays[key], held.variables[key].stored.array())  # type: ignore[union-attr]


def test_the_weights_of_a_frozen_graph_are_those_of_its_checkpoint(tmp_path: Path) -> None:
    weights = saved(FROZEN, tmp_path / "frozen.npz")
    values = saved(CHECKPOINT, tmp_path / "checkpoint.npz")
    assert weights.keys() <= values.keys()
    assert all(np.array_equal(weights[name], values[name]) for name in weights)


def test_weights_without_the_name_of_one_are_found_by_their_readers(tmp_path: Path) -> None:
    graphtools.save(
        graph(
            "x Placeholder",
            const("a", np.ones((3, 4), np.float32)),
            "a/same Identity a",
            "y MatMul x a/same",
            const("two", np.float32(2)),
            "z Mul y two",
        ),
        tmp_path / "g.pb",
    )
    assert list(saved(str(tmp_path / "g.pb"), tmp_path / "all.npz")) == ["a"]


def test_stored_integers_come_with_what_they_mean(tmp_path: Path) -> None:
    stored = saved(QUANTIZED, tmp_path / "stored.npz")
    real = saved(QUANTIZED, tmp_path / "real.npz", dequantize=True)
    quantized = [name for name in real if f"{name}:scale" in stored]
    assert quantized
    for name in quantized:
        scale, zero = stored[f"{name}:scale"], stored[f"{name}:zero_point"]
        if scale.size == 1:
            assert np.array_equal(
                real[name],
                ((stored[name].astype(np.float64) - zero[0]) * np.float64(scale[0])).astype("f4"),
            )
        assert real[name].dtype == np.float32


def test_scales_are_taken_along_their_dimension() -> None:
    found = real_values(np.array([[1, 2], [3, 4]], np.int8), (0.5, 2.0), (1, 0), 1)
    assert found.tolist() == [[0.0, 4.0], [1.0, 8.0]]
    with pytest.raises(InvalidValue, match="3 scales"):
        real_values(np.zeros((2, 2), np.int8), (1.0, 1.0, 1.0), (), 1)


def test_a_folder_has_a_file_for_each_tensor(tmp_path: Path) -> None:
    held = chosen_variables(gather_variables(open_variables(FROZEN)), pattern="*Conv2d_0/weights")
    told = save_arrays(held, f"{tmp_path / 'weights'}/")
    files = [str(p.relative_to(tmp_path)) for p in sorted(tmp_path.rglob("*.npy"))]
    assert files == ["weights/MobilenetV1/Conv2d_0/weights.npy"]
    assert told.elements == np.load(tmp_path / files[0]).size
    with pytest.raises(FileProblem, match="is there already"):
        save_arrays(held, str(tmp_path / "weights"))


def test_a_name_that_leaves_the_folder_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    held = gather_variables(open_variables(FROZEN))
    first = next(iter(held.variables.values()))
    odd = held._replace(variables={"../w": first._replace(name="../w")})
    with pytest.raises(InvalidValue, match="no file can have"):
        save_arrays(odd, str(tmp_path / "weights"))
    assert not list(tmp_path.iterdir())


def test_the_values_of_a_graph_are_in_its_checkpoint(tmp_path: Path) -> None:
    graphtools.save(graph(variable("w", [2])), tmp_path / "g.pb")
    held = gather_variables(open_variables(str(tmp_path / "g.pb")), weights=True)
    with pytest.raises(InvalidValue, match="are in a checkpoint"):
        save_arrays(held, str(tmp_path / "all.npz"))
    assert not (tmp_path / "all.npz").exists()


def test_a_pattern_that_nothing_matches_is_refused() -> None:
    with pytest.raises(UnknownName):
        chosen_variables(gather_variables(open_variables(FROZEN)), pattern="nothing*")
