"""What people write in Python: it is in the file that is saved, or it is refused by name."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable

import numpy as np
import pytest

import graphtools
from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue, ReadOnly, UnknownName
from graphtools.graph import FunctionRef, Graph, Node, Shape, Tensor, dtype
from tests.graph.test_editing import check, lines
from tests.support import BINARY_GRAPHS, FIXTURES
from tests.transforms.graphs import graph

CLASSIFIER = FIXTURES / "classifier" / "frozen.pb"


def assigned(field: str, value: object) -> Callable[[Node], None]:
    return lambda node: setattr(node, field, value)


def attribute(node: Node) -> None:
    node.attrs["T"] = dtype("int32")  # type: ignore[index]


def no_attribute(node: Node) -> None:
    del node.attrs["T"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("assign", "remedy"),
    [
        (assigned("name", "z"), r"graph\.rename\('y', 'z'\)"),
        (assigned("op", "Relu6"), r"graph\.set_op\('y', 'Relu6'\)"),
        (assigned("inputs", ("z",)), r"graph\.set_inputs\('y', \('z',\)\)"),
        (assigned("device", "/cpu:0"), r"graph\.set_device\('y', '/cpu:0'\)"),
        (assigned("attrs", {}), r"graph\.set_attr\('y', NAME, VALUE\)"),
        (assigned("tensor", 1), r"graph\.set_value\('y', ARRAY\)"),
        (attribute, r"graph\.set_attr\('y', 'T', int32\)"),
        (no_attribute, r"graph\.remove_attr\('y', 'T'\)"),
    ],
)
def test_an_assignment_to_a_node_is_refused_with_the_method(
    assign: Callable[[Node], None], remedy: str
) -> None:
    made = Node("y", "Relu", ["x"], {"T": "float32"})
    for node in (made, Node.from_bytes(made.to_bytes()), made.copy(), made.variant(device="")):
        before = node.to_bytes()
        with pytest.raises(ReadOnly, match=remedy):
            assign(node)
        assert node.to_bytes() == before
    with pytest.raises(AttributeError):  # as people expect of Python
        assign(made)


def test_inputs_are_not_assigned_to_one_by_one() -> None:
    with pytest.raises(TypeError):
        Node("y", "Relu", ["x"]).inputs[0] = "z"  # type: ignore[index]


@pytest.mark.parametrize("method", ["append", "remove", "insert", "sort", "clear", "extend", "pop"])
def test_the_list_of_nodes_is_changed_by_the_graph_alone(method: str) -> None:
    edited = graph("a = A\n b = B(a)")
    with pytest.raises(ReadOnly, match=r"graph\.add\(node\)"):
        getattr(edited.nodes, method)(Node("c", "C"))
    with pytest.raises(ReadOnly):
        edited.nodes[0] = Node("c", "C")  # type: ignore[index]
    check(edited)


def test_a_node_of_another_graph_is_no_node_of_this_one() -> None:
    edited = graph("a = A\n b = B(a)")
    other = edited.copy()
    edits: list[Callable[[], object]] = [
        lambda: edited.set_op(other["b"], "C"),
        lambda: edited.set_inputs(other["b"], []),
        lambda: edited.set_attr(other["b"], "n", 1),
        lambda: edited.set_device(other["b"], "/cpu:0"),
        lambda: edited.remove(other["b"]),
        lambda: edited.replace(other["b"], []),
    ]
    for edit in edits:
        with pytest.raises(InvalidGraph, match="'b' is none of this graph"):
            edit()
    assert lines(edited) == lines(other) == ["a = A", "b = B(a)"]


def test_a_node_is_put_before_one_reader_or_behind_a_tensor() -> None:
    edited = graph("a = A\n b = B(a, a:1, a)\n c = C(a, ^a)")
    edited.insert_before("b", 2, Node("x", "X", ["a"]))
    assert lines(edited) == ["a = A", "x = X(a)", "b = B(a, a:1, x)", "c = C(a, ^a)"]
    edited.insert_after("a:0", Node("y", "Y", ["a"]))
    assert lines(edited) == [
        "a = A",
        *("y = Y(a)", "x = X(y)", "b = B(y, a:1, x)", "c = C(y, ^a)"),
    ]
    edited.insert_after("^a", Node("z", "Z", ["^a"]))
    assert lines(edited)[-1] == "c = C(y, ^z)"
    edited.insert_after("c", Node("end", "E", ["c"]))
    assert lines(edited)[-1] == "end = E(c)"
    check(edited)


def test_what_cannot_be_put_in_changes_nothing() -> None:
    edited = graph("a = A\n b = B(a)")
    edits: list[tuple[Callable[[], object], type[GraphtoolsError]]] = [
        (lambda: edited.insert_before("b", 1, Node("x", "X")), InvalidValue),
        (lambda: edited.insert_before("c", 0, Node("x", "X")), UnknownName),
        (lambda: edited.insert_after("c", Node("x", "X")), UnknownName),
        (lambda: edited.insert_after("a", Node("b", "X")), InvalidGraph),
        (lambda: edited.replace_input("b", 5, "a"), InvalidValue),
        (lambda: edited.set_inputs("b", "a"), InvalidValue),
        (lambda: edited.add(Node("x", "X"), before="c"), UnknownName),
    ]
    for edit, error in edits:
        with pytest.raises(error):
            edit()
    with pytest.raises(InvalidValue, match=r"\['a'\]"):
        Node("x", "X", "a")
    assert edited.edits == 0
    assert lines(edited) == ["a = A", "b = B(a)"]


def test_colocations_follow_a_rename() -> None:
    edited = graph('a = A\n b = B _class={"loc:@a"}\n c = C _class={"loc:@b", "loc:@a"}')
    edited.rename("a", "x")
    edited.rename("x", "y")
    edited.set_attr("c", "_class", ["loc:@b", "loc:@y"])
    edited.add(Node("d", "D", [], {"_class": ["loc:@y"]}))
    edited.rename("y", "z")
    assert lines(edited)[1:] == [
        'b = B _class={"loc:@z"}',
        'c = C _class={"loc:@b", "loc:@z"}',
        'd = D _class={"loc:@z"}',
    ]
    edited.rename_all({"z": "b", "b": "z"})
    assert lines(edited)[2] == 'c = C _class={"loc:@z", "loc:@b"}'


@pytest.mark.parametrize(
    ("op", "name", "value", "expected"),
    [
        ("Conv2D", "strides", (1, 2, 2, 1), [1, 2, 2, 1]),
        ("Conv2D", "strides", np.array([1, 2, 2, 1]), [1, 2, 2, 1]),
        ("Conv2D", "strides", [], []),
        ("Conv2D", "padding", "SAME", b"SAME"),
        ("Conv2D", "T", "float32", dtype("float32")),
        ("Conv2D", "T", np.float16, dtype("float16")),
        ("Conv2D", "T", np.dtype("float64"), dtype("float64")),
        ("Conv2D", "use_cudnn_on_gpu", np.bool_(True), True),
        ("LeakyRelu", "alpha", 1, 1.0),
        ("LeakyRelu", "alpha", np.float32(0.5), 0.5),
        ("Placeholder", "shape", [None, 3], Shape([None, 3])),
        ("Placeholder", "shape", (), Shape([])),
        ("IteratorV2", "output_shapes", [[1, 2], []], [Shape([1, 2]), Shape([])]),
        ("IteratorV2", "output_types", ["float32", int], [dtype("float32"), dtype("int32")]),
        ("PartitionedCall", "f", "body", FunctionRef("body", {})),
        ("ConcatV2", "N", np.int64(3), 3),
        ("MyOp", "text", "a", b"a"),
        ("MyOp", "numbers", (1, 2), [1, 2]),
        ("Relu", "_note", "b", b"b"),
    ],
)
def test_values_become_what_the_op_declares(
    op: str, name: str, value: object, expected: object
) -> None:
    edited = Graph([Node("n", op), Node("m", op, (), {name: value})])
    edited.set_attr("n", name, value)
    for node in (*edited, *graphtools.load(edited.to_bytes())):
        assert node.attr(name) == expected
        assert type(node.attr(name)) is type(expected)


@pytest.mark.parametrize(
    ("op", "name", "value", "said"),
    [
        ("Conv2D", "stride", [1], "did you mean 'strides'"),
        ("Conv2D", "padding", "SAEM", "did you mean 'SAME'"),
        ("Conv2D", "padding", 3, "of the type string"),
        ("Conv2D", "strides", 3, r"of the type list\(int\)"),
        ("Conv2D", "strides", [1.5], "of the type list|1.5"),
        ("Conv2D", "T", "flaot32", "flaot32"),
        ("Conv2D", "T", None.__class__, "of the type type"),
        ("Conv2D", "use_cudnn_on_gpu", 1, "of the type bool"),
        ("ConcatV2", "N", True, "of the type int"),
        ("Placeholder", "shape", [1.5], "of the type shape"),
        ("Relu", "_note", object(), "_note cannot be"),
    ],
)
def test_a_wrong_value_is_refused_by_name(op: str, name: str, value: object, said: str) -> None:
    edited = Graph([Node("n", op)])
    with pytest.raises(GraphtoolsError, match=said):
        edited.set_attr("n", name, value)
    assert edited.edits == 0
    assert not edited["n"].attrs


def test_a_constant_gets_another_value_in_its_type() -> None:
    edited = Graph([Node("c", "Const", (), {"dtype": "float32", "value": Tensor.of(1.0)})])
    edited.set_value("c", np.eye(2))
    tensor = edited["c"].tensor
    assert tensor is not None
    assert str(tensor) == "Tensor(float32 [2,2])"
    edited.set_value("c", Tensor.of([1, 2]))
    assert edited["c"].attr("dtype") == dtype("int32")
    with pytest.raises(InvalidValue, match="cannot be int32 without loss"):
        edited.set_value("c", [0.5])
    with pytest.raises(InvalidValue, match="is no Const but Relu"):
        Graph([Node("r", "Relu")]).set_value("r", 1)
    assert Tensor.of(["a", b"b"]).array().tolist() == [b"a", b"b"]
    for wrong in ([[1], [1, 2]], object(), {"a": 1}):
        with pytest.raises(GraphtoolsError):
            Tensor.of(wrong)


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_a_graph_is_copied_and_pickled(name: str) -> None:
    source = graphtools.load(FIXTURES / name)
    raw = (FIXTURES / name).read_bytes()
    for twin in (copy.copy(source), copy.deepcopy(source), pickle.loads(pickle.dumps(source))):
        assert twin.to_bytes() == raw
        first = twin.nodes[0].name
        twin.rename(first, "another")
        assert first in source
        assert first not in pickle.loads(pickle.dumps(twin))
    for node in source:
        assert pickle.loads(pickle.dumps(node)).to_bytes() == node.to_bytes()
        assert copy.deepcopy(node).to_bytes() == node.to_bytes()
        if node.tensor is not None:
            again = pickle.loads(pickle.dumps(node.tensor))
            assert again.to_bytes() == node.tensor.to_bytes()


def test_edits_take_no_longer_in_a_larger_graph() -> None:
    """Renames, too: who is placed with a node is looked up, not looked for."""

    def seconds(size: int) -> float:
        attrs = {"_class": ["loc:@n0"]}
        edited = Graph([Node(f"n{i}", "A", [f"n{i - 1}"] if i else [], attrs) for i in range(size)])
        edited.rename("n0", "first")  # the indices are made
        start = time.process_time()
        for i in range(1, 300):
            edited.rename(f"n{i}", f"m{i}")
            edited.insert_after(f"m{i}", Node(f"x{i}", "X", [f"m{i}"]))
            edited.set_op(f"m{i}", "B")
        return time.process_time() - start

    assert seconds(20_000) < 10 * seconds(1_000)
