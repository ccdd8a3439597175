from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats import load
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.graph import Graph
from graphtools.transforms.freeze import freeze
from graphtools.transforms.optimize import legacy_pipeline, optimizing_pipeline
from graphtools.transforms.pipeline import transform
from tests.arrays import f32
from tests.support import FIXTURES, MANIFEST, values_of
from tests.transforms.graphs import apply, const, function, graph, same
from tests.transforms.numerics import CONV, ops, random, run

WITH_IO = [e for e in MANIFEST["graphs"] if "io" in e and e["graph"].endswith(".pb")]
#: What TensorFlow itself does not have a kernel for, or what has to be initialised first.
NOT_RUN = {"ssd/tflite_graph.pb", "control_flow/tables/graph.pb"}


def test_what_is_not_in_the_graph_is_not_in_the_pipeline() -> None:
    bare = graph("x = Placeholder dtype=float\n y = Relu(x) T=float")
    ends = "merge_duplicate_nodes sort_by_execution_order"
    assert optimizing_pipeline(bare) == f"strip_unused_nodes fold_constants {ends}"
    rich = graph("a = StopGradient\n b = Identity\n c = Mul\n d = FusedBatchNormV3")
    assert optimizing_pipeline(rich) == (
        "strip_unused_nodes remove_nodes(op=Identity, op=StopGradient) fold_constants "
        f"fold_batch_norms fold_old_batch_norms {ends}"
    )


def test_a_graph_is_made_small() -> None:
    before = """
        x = Placeholder dtype=float shape=[?,2]
        w = Const value=float:[[1,2],[3,4]]
        w/read = Identity(w) T=float
        mm = MatMul(x, w/read) T=float transpose_a=false transpose_b=false
        scale = Const value=float:[2,3]
        scaled = Mul(mm, scale) T=float
        checked = CheckNumerics(scaled) T=float message="no"
        y = Relu(checked) T=float
        z = Relu(checked) T=float
        sum = Add(y, z) T=float
        unused = Tanh(y) T=float
    """
    after = """
        x = Placeholder dtype=float shape=[?,2]
        w = Const value=float:[[2,6],[6,12]]
        scaled = MatMul(x, w) T=float transpose_a=false transpose_b=false
        y = Relu(scaled) T=float
        sum = Add(y, y) T=float
    """
    spec = optimizing_pipeline(graph(before))
    done = apply(before, spec, ["x"], ["sum"])
    assert [n.op for n in done.graph] == [n.op for n in graph(after)]
    assert len(done.graph) == 5
    (matrix,) = (n.tensor for n in done.graph if n.op == "Const")
    assert matrix is not None
    np.testing.assert_array_equal(matrix.array(), [[2, 6], [6, 12]])


# The arguments of optimize_for_inference

PHASE = """
    x = Placeholder dtype=float
    phase_train = Placeholder dtype=bool
    n = Neg(x) T=float
    y = Select(phase_train, n, n) T=float
"""


def test_what_stands_in_functions_folds_too() -> None:
    body = f"""
        conv = Conv2D(x, w) {CONV}
        scaled = Mul(conv:output:0, s) T=float
    """
    weights = [const("w", random(1, 1, 3, 2)), const("s", f32([2, 3]))]
    call = graph("x = Placeholder dtype=float shape=[1,2,2,3]\n y = PartitionedCall(x, w, s) "
                 "Tin={float, float, float} Tout={float} f=@layer")  # fmt: skip
    layer = function("layer", "x float, w float, s float", "out float = scaled:z:0", body)
    source = Graph([*weights, *call], functions=[layer])
    steps = optimizing_pipeline(source)
    assert steps.split()[:2] == ["strip_unused_nodes", "inline_partitionedcall"]
    done = transform(source, steps, ["x"], ["y"])
    assert ops(done.graph) == ["Conv2D", "Identity"]


def test_types_and_constants_of_old_scripts() -> None:
    source = graph(PHASE)
    spec = legacy_pipeline(source, ["n"], ["19"], ["phase_train=False"])
    assert spec.startswith('placeholder_to_const(value="phase_train=False") strip_unused_nodes(')
    done = transform(source, spec, ["n"], ["y"])
    after = """
        phase_train = Const value=bool:false
        n = Placeholder dtype=half shape=unknown
        n/to_float32 = Cast(n) SrcT=half DstT=float Truncate=false
        y = Select(phase_train, n/to_float32, n/to_float32) T=float
    """
    assert same(done.graph, after)


def test_what_is_wrong_in_old_scripts_is_told() -> None:
    source = graph(PHASE)
    with pytest.raises(InvalidValue, match="3 types are neither one for all nor one for each of 2"):
        legacy_pipeline(source, ["x", "n"], ["1", "1", "1"], [])
    with pytest.raises(InvalidValue, match="'phase_train' gives no value"):
        transform(source, legacy_pipeline(source, ["x"], [], ["phase_train"]), ["x"], ["y"])
    with pytest.raises(UnknownName, match="no node 'nn'"):
        legacy_pipeline(source, ["nn"], ["1"], [])


# Every fixture


@cache
def frozen_graph(name: str) -> Graph:
    entry = next(e for e in WITH_IO if e["graph"] == name)
    source = load(FIXTURES / name)
    if "checkpoint" not in entry:
        return source
    outputs = [o["name"] for o in entry["outputs"]]
    return freeze(source, find_checkpoint(FIXTURES / entry["checkpoint"]), outputs).graph


def optimized(entry: dict[str, Any]) -> Graph:
    source = frozen_graph(entry["graph"])
    ends = [[t["name"] for t in entry[key]] for key in ("inputs", "outputs")]
    return transform(source, optimizing_pipeline(source), *ends).graph


@pytest.mark.parametrize("entry", WITH_IO, ids=lambda e: e["graph"])
def test_no_fixture_becomes_larger(entry: dict[str, Any]) -> None:
    source = frozen_graph(entry["graph"])
    bodies = (function.nodes for function in source.functions.values())
    assert len(optimized(entry)) <= len(source) + sum(map(len, bodies))


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "entry", [e for e in WITH_IO if e["graph"] not in NOT_RUN], ids=lambda e: e["graph"]
)
def test_the_outputs_stay_the_same(entry: dict[str, Any], tf: Any) -> None:
    recorded = values_of(entry["io"])
    outputs = [o["name"] for o in entry["outputs"]]
    feeds = {i["name"]: recorded["in/" + i["name"]] for i in entry["inputs"]}
    got = run(tf, optimized(entry), feeds, outputs)
    for name, value in zip(outputs, got, strict=True):
        np.testing.assert_allclose(
            value, recorded[f"out/{name}"], rtol=1e-5, atol=1e-6, err_msg=name
        )
