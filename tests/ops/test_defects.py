"""What TensorFlow refuses, held against TensorFlow where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

import graphtools
from graphtools.errors import InvalidGraph
from graphtools.graph import Function, Graph, Node
from graphtools.ops.defects.defect import Defect, describe_defects
from graphtools.ops.defects.find import find_defects, refuse_broken
from graphtools.ops.defects.structure import find_structure_defects
from tests.analysis.graphs import function, graph
from tests.support import FIXTURES, GRAPHS
from tests.transforms import graphs


@pytest.mark.parametrize("name", GRAPHS)
def test_fixtures_have_none(name: str) -> None:
    assert find_defects(graphtools.load(FIXTURES / name)) == ()


@pytest.mark.parametrize(
    ("lines", "kind", "node", "says"),
    [
        (["a Relu nowhere"], "dangling-input", "a", "reads 'nowhere', which is not in the graph"),
        (["a Relu x ^nowhere"], "dangling-input", "a", "reads '^nowhere'"),
        (["a Relu "], "dangling-input", "a", "reads ''"),
        (["a Relu x ^^x"], "dangling-input", "a", "reads '^^x'"),
        (["a Relu x ^x:0"], "dangling-input", "a", "reads '^x:0'"),
        (["a Relu x:y"], "bad-input", "a", "'x:y', which is no tensor name"),
        (["a Relu x:99999999999999999999"], "bad-input", "a", "which is no tensor name"),
        (["a Relu ^x x"], "bad-input", "a", "behind a control input"),
        (["x Placeholder"], "duplicate-name", "x", "several nodes have the name 'x'"),
        (["a Relu b", "b Relu a"], "cycle", "b", "b -> a -> b"),
        (["a Relu a"], "cycle", "a", "a -> a"),
        (["_a Relu x"], "bad-name", "_a", "has the name '_a'"),
        (["a\\b Relu x"], "bad-name", "a\\b", "which TensorFlow refuses"),
        (["größe Relu x"], "bad-name", "größe", "which TensorFlow refuses"),
        (["a\n Relu x"], "bad-name", "a\n", "which TensorFlow refuses"),
        (["a Relu"], "input-count", "a", "node 'a': Relu takes one input, and it has 0"),
        (["a Relu ^x"], "input-count", "a", "Relu takes one input, and it has 0"),
        (["a Add x ^x"], "input-count", "a", "Add takes 2 inputs, and it has 1"),
        (["a ConcatV2"], "input-count", "a", "ConcatV2 takes one input, and it has 0"),
    ],
)
def test_what_tensorflow_refuses_is_found(
    lines: list[str], kind: str, node: str, says: str
) -> None:
    found = find_structure_defects(graph("x Placeholder", *lines))
    assert [(d.kind, d.node) for d in found] == [(kind, node)]
    assert says in found[0].message


@pytest.mark.parametrize("name", ["a b", "", "a:0", "^a"])
def test_names_that_are_none_are_found(name: str) -> None:
    (found,) = find_structure_defects(Graph([Node(name, "NoOp")]))
    assert found.kind == "bad-name"


def test_a_node_without_an_op_is_found() -> None:
    (found,) = find_structure_defects(Graph([Node("a", "")]))
    assert (found.kind, found.message) == ("no-op", "node 'a' has no op")


@pytest.mark.parametrize(
    "lines",
    [
        ["a Add x x:1 ^x"],
        ["a Relu x ^x ^x"],
        ["a/ Relu x", "b>c Relu x", ".d-e.f Relu x", "0 Relu x"],
        ["late Relu soon", "soon Relu x"],
        ["in Enter x", "head Merge in back", "back NextIteration head"],
    ],
    ids=["outputs", "controls", "names", "order", "loop"],
)
def test_what_tensorflow_accepts_is_no_defect(lines: list[str]) -> None:
    assert find_structure_defects(graph("x Placeholder", *lines)) == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (["y Relu nowhere"], "dangling-input"),
        (["y Relu x", "y Relu x"], "duplicate-name"),
        ([Node("a b", "NoOp")], "bad-name"),
        ([Node("y", "")], "no-op"),
        (["y Relu ^x x"], "bad-input"),
        (["y Relu"], "input-count"),
    ],
)
def test_defects_of_functions_name_the_function(body: list[str | Node], kind: str) -> None:
    (found,) = find_structure_defects(graph(functions=[function("F", ["x"], "x", *body)]))
    assert found.kind == kind
    assert "in function 'F'" in found.message


def test_functions_may_have_arguments_output_names_and_underscores() -> None:
    library = [function("F", ["x"], "_y:activations:0", "_y Relu x", "z Relu _y:activations:0")]
    assert find_structure_defects(graph(functions=library)) == ()


def test_all_defects_are_found_the_cycle_last() -> None:
    found = find_structure_defects(graph("a Relu b", "b Relu a", "c Relu nowhere", "c NoOp"))
    assert [d.kind for d in found] == ["dangling-input", "duplicate-name", "cycle"]


def test_a_long_cycle_is_cut() -> None:
    (found,) = find_structure_defects(graph(*(f"n{i} Relu n{(i + 1) % 50}" for i in range(50))))
    assert found.message.count("->") == 6
    assert "..." in found.message


def test_the_description_is_one_line_with_the_number_of_the_others() -> None:
    found = find_structure_defects(graph("a Relu nowhere", "b Relu nowhere"))
    assert describe_defects(found) == (
        "TensorFlow refuses this graph: node 'a' reads 'nowhere', which is not in the graph "
        "(and 1 more)"
    )
    assert describe_defects([]) == ""


def body(text: str, result: str = "z:activations:0") -> tuple[Function]:
    return (graphs.function("f", "a float", f"r float = {result}", text),)


X = "x = Placeholder dtype=float shape=[2,3]\n"
CALL = X + "y = PartitionedCall(x) Tin={float} Tout={float} f=@f"
RELU = "z = Relu(a) T=float"
#: Graphs, their functions, and the kind of defect for which TensorFlow refuses them at import.
REFUSED = {
    "colocation": (X + 'y = Relu(x) T=float _class={"loc:@x", "loc:@gone"}', (), "colocation"),
    "empty colocation": (X + 'y = Relu(x) T=float _class={"loc:@"}', (), "colocation"),
    "colocated constant": ('c = Const value=float:1 _class={"loc:@gone"}', (), "colocation"),
    "colocated with a tensor": (X + 'y = Relu(x) T=float _class={"loc:@x:0"}', (), "colocation"),
    "rank": (X + "y = Relu(x) T=float _output_shapes={[2]}", (), "stored-shapes"),
    "dimension": (X + "y = Identity(x) T=float _output_shapes={[2,4]}", (), "stored-shapes"),
    "constant": ("c = Const value=float:1 _output_shapes={[5]}", (), "stored-shapes"),
    "no shape": (X + "y = Relu(x) T=float _output_shapes={}", (), "stored-shapes"),
    "called": (CALL + " _output_shapes={[7]}", body(RELU), "stored-shapes"),
    "product": (X + "y = MatMul(x, x) T=float", (), "shapes"),
    "reference": ("c = Const value=float:1\ny = Assign(c, c) T=float", (), "reference"),
    "dtype": (X + "y = Relu(x) T=int32", (), "dtype"),
    "few": (X + "y = AddV2(x) T=float", (), "input-count"),
    "many": (X + "y = Relu(x, x) T=float", (), "input-count"),
    "output": (X + "y = Relu(x:1) T=float", (), "input-count"),
    "missing": (X + "y = Relu(x)", (), "missing-attribute"),
    "not allowed": (X + "y = Relu(x) T=string", (), "wrong-attribute"),
    "type": (X + "y = Relu(x) T=0.5", (), "wrong-attribute"),
    "body input": (CALL, body("z = Relu(gone) T=float"), "dangling-input"),
    "body output": (CALL, body("w = Relu(a) T=float\nz = Relu(w:output:0) T=float"),
                    "dangling-input"),
    "body number": (CALL, body("w = Relu(a) T=float\nz = Relu(w:activations:1) T=float"),
                    "dangling-input"),
    "body without output": (CALL, body("w = Relu(a) T=float\nz = Relu(w) T=float"),
                            "dangling-input"),
    "body argument": (CALL, body("z = Relu(a:a:0) T=float"), "dangling-input"),
    "body control": (CALL, body("z = Relu(a, ^gone) T=float"), "dangling-input"),
    "body dtype": (CALL, body("z = Relu(a) T=int32"), "dtype"),
    "body few": (CALL, body("z = AddV2(a) T=float", "z:z:0"), "input-count"),
    "body cycle": (CALL, body("z = Relu(w:activations:0) T=float\n"
                              "w = Relu(z:activations:0) T=float"), "cycle"),
    "body name": (CALL, body("a = Relu(a) T=float", "a"), "duplicate-name"),
    "body result": (CALL, body(RELU, "z:output:0"), "function-result"),
    "body result without output": (CALL, body(RELU, "z"), "function-result"),
}  # fmt: skip
#: Graphs, their functions, and the kind of what is found and does not keep TensorFlow from them.
TAKEN = {
    "unknown dimension": (X + "y = Relu(x) T=float _output_shapes={[2,?]}", (), ""),
    "unknown rank": (X + "y = Relu(x) T=float _output_shapes={unknown}", (), ""),
    "more shapes": (X + "y = Relu(x) T=float _output_shapes={[2,3], [9]}", (), ""),
    "entry of a loop": (X + 'y = Enter(x) T=float frame_name="f" _output_shapes={[7]}', (), ""),
    "itself": (X + 'y = Relu(x) T=float _class={"loc:@y", "mine"}', (), ""),
    "surplus": (X + "y = Relu(x) T=float colour=3", (), "surplus-attribute"),
    "body": (CALL, body(RELU), ""),
    "body tensors": (CALL, body("w = Relu(a:0) T=float\nz = Relu(w:activations) T=float"), ""),
    "body argument as result": (CALL, body(RELU, "a:0"), ""),
    "body colocation": (CALL, body(RELU + ' _class={"loc:@gone"}'), "colocation"),
    "body shapes": (CALL, body(RELU + " _output_shapes={[9]}"), ""),
    "nobody calls": (X, body("z = Relu(gone) T=float"), "dangling-input"),
    "nobody calls dtype": (X, body("z = Relu(a) T=int32"), "dtype"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_at_import_is_fatal(name: str) -> None:
    text, functions, kind = REFUSED[name]
    found = find_defects(graphs.graph(text, functions))
    assert found[0].kind == kind
    assert all(d.is_fatal for d in found)


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_not_refused_is_not_fatal(name: str) -> None:
    text, functions, kind = TAKEN[name]
    found = find_defects(graphs.graph(text, functions))
    assert [(d.kind, d.is_fatal) for d in found] == ([(kind, False)] if kind else [])


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", [*REFUSED, *TAKEN])
def test_tensorflow_says_the_same(tf: Any, name: str) -> None:
    text, functions, _ = (REFUSED | TAKEN)[name]
    definition = tf.compat.v1.GraphDef.FromString(
        b"".join(bytes(p) for p in graphs.graph(text, functions).pieces())
    )
    with tf.Graph().as_default():
        if name in TAKEN:
            tf.import_graph_def(definition, name="")
            return
        with pytest.raises((ValueError, tf.errors.OpError)):
            tf.import_graph_def(definition, name="")


def test_shapes_that_are_given_do_not_contradict_those_of_the_file() -> None:
    from graphtools.graph import Shape
    from graphtools.ops.inference import infer_shapes

    made = graphs.graph(X + "y = Relu(x) T=float _output_shapes={[2,3]}")
    given = infer_shapes(made, {"x:0": Shape([5, 3])})
    assert find_defects(made, lambda: given) == ()


def test_a_defect_in_a_function_is_named_with_it() -> None:
    text, functions, _ = REFUSED["body dtype"]
    (found,) = find_defects(graphs.graph(text, functions))
    assert isinstance(found, Defect)
    assert (found.place, found.op) == ("z@f", "Relu")


@pytest.mark.parametrize("name", ["few", "output", "body output", "body cycle"])
def test_a_graph_of_which_nothing_can_be_said_is_refused(name: str) -> None:
    text, functions, _ = REFUSED[name]
    with pytest.raises(InvalidGraph, match="TensorFlow refuses this graph"):
        refuse_broken(graphs.graph(text, functions))


@pytest.mark.parametrize("name", ["colocation", "rank", "dtype"])
def test_other_defects_leave_something_to_say(name: str) -> None:
    text, functions, _ = REFUSED[name]
    refuse_broken(graphs.graph(text, functions))


def test_a_graph_above_two_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = graph("x Placeholder", "a Relu x")
    whole = small.encoded_size
    assert whole == sum(map(len, small.pieces()))
    monkeypatch.setattr("graphtools.ops.defects.find.PROTOBUF_LIMIT", whole - 1)
    (found,) = [d for d in find_defects(small) if d.kind == "too-large"]
    assert found.message == f"it has {whole} bytes, and TensorFlow reads no graph above 2 GB"
    assert not [d for d in find_structure_defects(small) if d.kind == "too-large"]
