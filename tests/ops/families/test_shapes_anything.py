"""Every shape function survives everything; and says nothing that TensorFlow denies."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.graph.graph import Graph
from graphtools.ops.call import shape_function
from graphtools.ops.inference import infer_shapes
from tests.ops.families.shape_cases import graph_of, random_case

#: Families of ops whose shapes TensorFlow tells by what runs beside them, if at all.
UNCOMPARED = frozenset(
    {
        "boosted_trees", "control_flow", "datasets", "distributed", "files", "functional",
        "parsing", "queues", "ragged", "recurrent", "sampling", "sparse", "state", "strings",
        "summaries", "tables", "tensor_arrays", "tensor_lists", "training", "xla",
    }
)  # fmt: skip


def compared_ops() -> list[str]:
    found = []
    for name, function in sorted(shape_function.all().items()):
        family = function.__module__.partition(".families.")[2].partition(".")[0]
        if family not in UNCOMPARED:
            found.append(name)
    return found


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
@pytest.mark.slow
def test_nothing_but_contradictions_is_raised(seed: int) -> None:
    rng = random.Random(seed)
    for op in shape_function.all():
        infer_shapes(graph_of(op, *random_case(op, rng, hostile=True)))


@pytest.mark.tensorflow
def test_tensorflow_does_not_disagree() -> None:
    tf = pytest.importorskip("tensorflow")
    rng = random.Random(20)
    compared = 0
    skipped = ("_", "Risc", "SplitV", "FakeQuantWithMinMaxVarsPerChannelGradient")
    for op in [o for o in compared_ops() if not o.startswith(skipped)] * 3:
        graph = graph_of(op, *random_case(op, rng, hostile=False))
        theirs = _in_tensorflow(tf, graph)
        if theirs is None:
            continue
        compared += 1
        inference = infer_shapes(graph)
        assert not inference.findings, (inference.findings, theirs)
        for ours, other in zip(inference.shapes("out"), theirs, strict=True):
            if ours is None or other is None:
                continue
            assert len(ours) == len(other), (graph["out"], ours, other)
            for a, b in zip(ours, other, strict=True):
                assert a is None or b is None or a == b, (graph["out"], ours, other)
    assert compared > 300


def _in_tensorflow(tf: Any, graph: Graph) -> list[list[int | None] | None] | None:
    """The shapes that TensorFlow infers, None where it refuses the node."""
    definition = tf.compat.v1.GraphDef()
    definition.versions.producer = 1087
    for node in graph:
        definition.node.add().ParseFromString(node.to_bytes())
    try:
        with tf.Graph().as_default():
            (out,) = tf.import_graph_def(definition, name="", return_elements=["out"])
    except (ValueError, tf.errors.OpError):
        return None
    return [None if t.shape.rank is None else t.shape.as_list() for t in out.outputs]
