"""What holds for every transform, whatever it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import Graph, GraphtoolsError, Node, load
from graphtools.graph.colocation_entries import colocated_with
from graphtools.graph.ref import producer
from graphtools.rewrite.grammar import parse_pipeline
from graphtools.rewrite.transform import Transform
from graphtools.transforms import TRANSFORMS
from graphtools.transforms.pipeline import checked_steps, transform
from tests.support import BINARY_GRAPHS, FIXTURES, MANIFEST, same_values, values_of
from tests.transforms.graphs import graph

NAMES = sorted(TRANSFORMS.all())
#: Values of parameters that must be given, where those of the example are not enough.
STEPS = {
    "rename_node": "rename_node(old_node_name={first}, new_node_name=renamed/node)",
    "freeze_requantization_ranges": "freeze_requantization_ranges(min_max_log_file={log})",
    "sparsify_gather": "sparsify_gather",
    "set_device": 'set_device(device="/cpu:0")',
    "rename_op": "rename_op(old_op_name=NoSuchOp, new_op_name=Other)",
    "remove_nodes": "remove_nodes(op=Identity, op=CheckNumerics, op=StopGradient)",
}
ENTRIES = {e["graph"]: e for e in MANIFEST["graphs"]}


@cache
def fixture(name: str) -> Graph:
    return load(str(FIXTURES / name))


def step_for(name: str, source: Graph, folder: Path) -> str:
    """A step of a transform with what it must be given."""
    found: Transform = TRANSFORMS.all()[name]
    if name in STEPS:
        log = folder / "empty.log"
        log.touch()
        return STEPS[name].format(first=f'"{source.nodes[0].name}"', log=f'"{log}"')
    if any(p.required for p in found.parameters):
        return found.example
    return name


def ends_of(name: str) -> tuple[list[str], list[str]]:
    entry = ENTRIES[name]
    return [i["name"] for i in entry["inputs"]], [o["name"] for o in entry["outputs"]]


def encoded(source: Graph) -> bytes:
    return b"".join(bytes(piece) for piece in source.pieces())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    found = TRANSFORMS.all()[name]
    assert found.name == name
    first, *rest = found.manual.splitlines()
    assert first.strip().endswith((".", ")", ":"))
    assert not rest or not rest[0].strip(), "the first line of a manual stands alone"
    assert len({p.name for p in found.parameters}) == len(found.parameters)
    for parameter in found.parameters:
        assert parameter.meaning
        assert not (parameter.required and parameter.default is not None)


@pytest.mark.parametrize("name", NAMES)
def test_its_example_is_a_step_of_it(name: str) -> None:
    (step,) = parse_pipeline(TRANSFORMS.all()[name].example)
    assert step.name == name
    assert [t.name for _, t in checked_steps(TRANSFORMS.all()[name].example)] == [name]


def test_other_names_are_no_names_of_others() -> None:
    aliases = [a for t in TRANSFORMS.all().values() for a in t.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", BINARY_GRAPHS)
def test_it_leaves_a_sound_graph(name: str, file: str, tmp_path: Path) -> None:
    source = fixture(file)
    before = encoded(source)
    inputs, outputs = ends_of(file)
    try:
        made = transform(source, step_for(name, source, tmp_path), inputs, outputs).graph
    except GraphtoolsError:
        made = None
    assert encoded(source) == before
    if made is None:
        return
    assert not made.duplicates
    assert made.versions == source.versions
    names = {n.name for n in made}
    assert not [i for n in made for i in n.inputs if producer(i) not in names]
    if name != "rename_node":
        assert {producer(o) for o in inputs + outputs} <= names
    there = {c for n in source for c in colocated_with(n)} <= {n.name for n in source}
    if there:
        assert {c for n in made for c in colocated_with(n)} <= names


DAMAGED: dict[str, Callable[[], Graph]] = {
    "empty": lambda: Graph(),
    "cycle": lambda: graph("a = Identity(b) T=float\nb = Identity(a) T=float\nc = Relu(b) T=float"),
    "self": lambda: graph("a = Identity(a, ^a) T=float"),
    "dangling": lambda: graph("a = ConcatV2(x, y, ^z) N=2 T=float"),
    "bare": lambda: graph(
        "\n".join(
            f"n{i} = {op}"
            for i, op in enumerate(
                (
                    "Const", "Switch", "Merge", "Enter", "Exit", "NextIteration", "ConcatV2",
                    "Identity", "Gather", "GatherV2", "TensorArrayV3", "TensorArrayGradV3",
                    "PartitionedCall", "RequantizationRange", "FakeQuantWithMinMaxVars", "Conv2D",
                    "Placeholder", "MatMul", "Dequantize", "Print", "Assign", "Split",
                )
            )
        )
    ),
    "read each other": lambda: graph(
        "\n".join(
            f"n{i} = {op}(n{i - 1}, n{i - 2}:1, n{i - 3}:9, n{i - 3})"
            for i, op in enumerate(
                (
                    "Const", "Switch", "Merge", "Enter", "Gather", "GatherV2", "ConcatV2", "Mul",
                    "TensorArrayV3", "TensorArrayWriteV3", "PartitionedCall", "Identity", "Conv2D",
                    "RequantizationRange", "Requantize", "BiasAdd", "Relu", "IdentityN", "MatMul",
                )
            )
        ).replace("(n-1, n-2:1, n-3:9, n-3)", "").replace("n-1", "n0").replace("n-2", "n0")
    ),
    "wrong attributes": lambda: graph(
        "x = Placeholder dtype=3 shape=float\n"
        "w = Const value=3 dtype=float _class=7\n"
        'y = Identity(w) T="float" _class={"loc:@nobody", "x"} _output_shapes=3\n'
        "z = ConcatV2(x, y, w) N=float Tidx=int64\n"
        "c = PartitionedCall(x) f=3 Tin=float Tout={3}\n"
        "e = Enter(x) frame_name=3 T={}\n"
        "s = Split(w, x) num_split=-3 T=float\n"
        "r = Relu(s:1)\n"
        "g = GatherV2(y, x, w) batch_dims=float"
    ),
    "two of a name": lambda: Graph(
        [Node("a", "NoOp"), Node("a", "Const"), Node("b", "Identity", ("a",)), Node("b", "NoOp")]
    ),
    "strange inputs": lambda: Graph(
        [Node("a", "Identity", ("b:x:y", "^", "", ":", "c:-1", "^b:0")), Node("b", "NoOp")]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_graphs_end_in_an_error_of_ours(name: str, damage: str, tmp_path: Path) -> None:
    source = DAMAGED[damage]()
    if not source.nodes and name in STEPS:
        return
    for outputs in ([], [source.nodes[-1].name] if source.nodes else []):
        try:
            transform(source, step_for(name, source, tmp_path), [], outputs)
        except GraphtoolsError as error:
            assert error.message


@pytest.mark.tensorflow
@pytest.mark.parametrize("file", [f for f in BINARY_GRAPHS if "checkpoint" not in ENTRIES[f]])
def test_what_keeps_the_meaning_keeps_it(tf: Any, file: str, tmp_path: Path) -> None:
    """Outputs in TensorFlow before and after; equal but for rounding, as they may be fused."""
    entry = ENTRIES[file]
    if "io" not in entry:
        pytest.skip("no values of it are recorded")
    values = values_of(entry["io"])
    source = fixture(file)
    inputs, outputs = ends_of(file)
    feed = {n: values[f"in/{n}"] for n in inputs if f"in/{n}" in values}
    try:
        before = _run(tf, source, outputs, feed)
    except Exception as error:  # ops that TensorFlow does not have, tables that are not filled
        pytest.skip(f"TensorFlow does not run it: {type(error).__name__}")
    for name in NAMES:
        if not TRANSFORMS.all()[name].keeps_meaning:
            continue
        try:
            made = transform(source, step_for(name, source, tmp_path), inputs, outputs).graph
        except GraphtoolsError:
            continue
        if name == "rename_node" or (name == "backport_tensor_array_v3" and made.versions.producer):
            continue
        after = _run(tf, made, outputs, feed)
        for ours, theirs in zip(after, before, strict=True):
            if not same_values(ours, theirs):
                np.testing.assert_allclose(ours, theirs, 1e-4, 1e-5, err_msg=f"{name} {file}")


def _run(tf: Any, source: Graph, outputs: list[str], feed: dict[str, Any]) -> list[Any]:
    definition = tf.compat.v1.GraphDef.FromString(encoded(source))
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(graph=imported) as session:
            found: list[Any] = session.run(outputs, feed)
    return found
