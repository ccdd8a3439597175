from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import open_model, save
from graphtools.analysis.variable_diff import VariableDiff, diff_variables
from graphtools.errors import InvalidValue, UnknownName
from tests.analysis.graphs import const, graph, variable
from tests.formats.bundle_writer import write_bundle
from tests.support import FIXTURES

RANDOM = np.random.default_rng(0)
BASE = {
    "net/conv/weights": RANDOM.standard_normal((3, 3, 2, 4)).astype("f4"),
    "net/conv/biases": np.arange(4, dtype="f4"),
    "net/fc/weights": RANDOM.standard_normal((4, 5)).astype("f4"),
    "global_step": np.array(100, "i8"),
}


def diff(folder: Path, a: dict[str, Any], b: dict[str, Any], **options: Any) -> VariableDiff:
    left = open_model(write_bundle(folder / "a.ckpt", a))
    return diff_variables(left, open_model(write_bundle(folder / "b.ckpt", b)), **options)


def test_equal_checkpoints_are_the_same(tmp_path: Path) -> None:
    found = diff(tmp_path, BASE, dict(reversed(BASE.items())))
    assert found.same
    assert found.counts == {"equal": 4}


def test_every_kind_of_difference_is_told(tmp_path: Path) -> None:
    other = {
        "net/conv/weights": BASE["net/conv/weights"] + np.float32(0.5),
        "net/conv/biases": BASE["net/conv/biases"].astype("f8"),
        "net/fc/weights": BASE["net/fc/weights"][:, :3],
        "extra": np.zeros(2, "f4"),
    }
    found = diff(tmp_path, BASE, other)
    statuses = {c.name: c.status for c in found.variables}
    assert statuses == {
        "net/conv/weights": "value_changed",
        "net/conv/biases": "dtype_changed",
        "net/fc/weights": "shape_changed",
        "global_step": "only_a",
        "extra": "only_b",
    }
    values = next(c.values for c in found.variables if c.name == "net/conv/weights")
    assert values is not None
    assert values.differing == 72
    assert values.max_abs == pytest.approx(0.5, rel=1e-5)
    assert not found.same


def test_only_the_index_is_read_without_values(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bundle(tmp_path / name, BASE)
        (tmp_path / f"{name}.data-00000-of-00001").unlink()
    models = [open_model(tmp_path / name) for name in ("a", "b")]
    found = diff_variables(*models, values=False)
    assert (found.same, found.counts) == (True, {"not_compared": 4})


def test_moved_variables_are_compared_like_others(tmp_path: Path) -> None:
    other = {n.replace("net/", "model/net/"): v for n, v in BASE.items()}
    other["model/net/fc/weights"] = other["model/net/fc/weights"] * 2
    found = diff(tmp_path, BASE, other)
    assert [(m.from_, m.to, len(m.variables)) for m in found.moves] == [("net", "model/net", 3)]
    assert found.counts == {"value_changed": 1, "equal": 3}
    assert not found.same


def test_slots_of_variables_are_gathered(tmp_path: Path) -> None:
    slots = {f"{n}/{s}": v for n, v in BASE.items() if "/" in n for s in ("Adam", "Adam_1")}
    found = diff(tmp_path, BASE, BASE | slots)
    assert [(c.suffix, c.side, len(c.variables)) for c in found.companions] == [
        ("/Adam", "b", 3),
        ("/Adam_1", "b", 3),
    ]


def test_a_scope_is_looked_for_on_both_sides(tmp_path: Path) -> None:
    other = {n.replace("net/", "model/net/"): v for n, v in BASE.items()}
    for scope in ("net/conv", "model/net/conv"):
        found = diff(tmp_path, BASE, other, scope=scope)
        assert [c.name for c in found.variables] == ["net/conv/biases", "net/conv/weights"]
        assert len(found.moves) == 1
    with pytest.raises(UnknownName, match="no scope 'nett'"):
        diff(tmp_path, BASE, other, scope="nett")


def test_tolerances_cannot_be_negative(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="negative"):
        diff(tmp_path, BASE, BASE, rtol=-1)


def test_a_graph_has_names_dtypes_and_shapes(tmp_path: Path) -> None:
    save(
        graph(variable("net/conv/biases", [4]), variable("net/fc/weights", [4, 6])),
        tmp_path / "graph.pb",
    )
    checkpoint = open_model(write_bundle(tmp_path / "a.ckpt", BASE))
    found = diff_variables(checkpoint, open_model(tmp_path / "graph.pb"))
    assert found.counts == {"only_a": 2, "shape_changed": 1, "not_compared": 1}


def test_a_frozen_graph_has_the_values_of_its_variables(tmp_path: Path) -> None:
    nodes = []
    for name in ("net/conv/biases", "net/fc/weights"):
        nodes += [const(name, BASE[name]), *graph(f"{name}/read Identity {name}").nodes]
    save(graph(*nodes), tmp_path / "frozen.pb")
    checkpoint = open_model(write_bundle(tmp_path / "a.ckpt", BASE))
    found = diff_variables(checkpoint, open_model(tmp_path / "frozen.pb"))
    assert found.b.kind == "frozen graph"
    assert found.counts == {"only_a": 2, "equal": 2}


def test_parts_of_a_graph_are_slices_of_a_checkpoint() -> None:
    folder = FIXTURES / "checkpoints/partitioned"
    found = diff_variables(open_model(folder / "graph.pb"), open_model(folder / "model.ckpt"))
    assert found.same
    assert found.counts.keys() == {"not_compared"}


def test_checkpoints_of_one_content_and_other_forms_are_the_same() -> None:
    folder = FIXTURES / "checkpoints"
    forms = ("v2/model.ckpt", "v2_sharded/model.ckpt", "v1_sharded")
    for form in forms:
        assert diff_variables(open_model(folder / forms[0]), open_model(folder / form)).same


def test_every_dtype_is_equal_to_itself() -> None:
    for name in ("checkpoints/dtypes", "checkpoints/dtypes_rare/model.ckpt"):
        found = diff_variables(open_model(FIXTURES / name), open_model(FIXTURES / name))
        assert set(found.counts) <= {"equal", "unreadable"}
        assert found.counts["equal"] > 3
