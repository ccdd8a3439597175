"""Lists of tensors: which of them become tensors, and where that ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.formats import graph_of, open_model
from graphtools.graph import Graph
from graphtools.run.probed_converter import ProbedConverter
from tests.compat.cases import (
    Case,
    Make,
    check_converter,
    check_prediction,
    of_cases,
)
from tests.compat.test_prediction import Builder

ITEM = (2, 3)


def made(b: Builder, how: str, kind: str, shape: Any = ITEM, count: int = 4) -> str:
    """A new list: reserved, of a fed size, empty, or of a tensor."""
    dims = b.constant("shape", shape)
    if how == "of a tensor":
        tensor = b.feed("tensor", (count, *ITEM), kind)
        return b.op(
            "list", "TensorListFromTensor", tensor, dims, element_dtype=kind, shape_type="int32"
        )
    op = "EmptyTensorList" if how == "empty" else "TensorListReserve"
    size = b.feed("n", (), "int32") if how == "of fed size" else b.constant("n", count)
    return b.op("list", op, dims, size, element_dtype=kind, shape_type="int32")


def read(b: Builder, op: str, items: str, kind: str, shape: Any = ITEM, number: int = -1) -> str:
    """The result of an op that reads a list."""
    dims = b.constant("read_shape", shape)
    result = kind
    if op == "TensorListStack":
        b.op("r", op, items, dims, element_dtype=kind, num_elements=number)
    elif op == "TensorListConcatV2":
        lengths = b.constant("lengths", np.zeros(0), "int64")
        b.op("r", op, items, dims, lengths, element_dtype=kind, shape_type="int32")
    elif op == "TensorListLength":
        b.op("r", op, items)
        result = "int32"
    elif op == "TensorListPopBack":
        b.op("r", op, items, dims, element_dtype=kind)
        return b.op("out", "Identity", "r:1", T=kind)
    else:
        position = b.constant("which", [1, 0] if op == "TensorListGather" else 1)
        b.op("r", op, items, position, dims, element_dtype=kind)
    return b.op("out", "Identity", "r", T=result)


def a_list(
    op: str = "TensorListStack",
    kind: str = "float32",
    how: str = "reserved",
    *,
    shape: Any = ITEM,
    read_shape: Any = ITEM,
    count: int = 4,
    sets: tuple[int, ...] = (1,),
    grows: bool = False,
    number: int = -1,
) -> Make:
    """A list in which items are set, or pushed on an empty one, and that is read."""

    def make(b: Builder) -> list[str]:
        items = made(b, how, kind, shape, count)
        x = b.feed("x", ITEM, kind) if sets else ""
        for index in sets:
            name = f"set{index}"
            if how == "empty":
                items = b.op(name, "TensorListPushBack", items, x, element_dtype=kind)
                continue
            at = b.constant(f"at{index}", index)
            attrs: dict[str, Any] = {"element_dtype": kind, "resize_if_index_out_of_bounds": grows}
            items = b.op(name, "TensorListSetItem", items, at, x, **attrs)
        return [read(b, op, items, kind, read_shape, number)]

    return make


def given_out(b: Builder) -> list[str]:
    return [b.op("s", "TensorListSetItem", made(b, "reserved", "float32"), b.constant("i", 0),
                 b.feed("x", ITEM), element_dtype="float32")]  # fmt: skip


def resized(kind: str) -> Make:
    def make(b: Builder) -> list[str]:
        items = b.op("more", "TensorListResize", made(b, "of a tensor", kind), b.constant("m", 6))
        return [read(b, "TensorListStack", items, kind)]

    return make


STACK, JOIN = "TensorListStack", "TensorListConcatV2"
CASES = [
    Case("set and stacked", a_list(), "builtin"),
    Case("pushed and stacked", a_list(how="empty"), "builtin"),
    Case("of a tensor", a_list("TensorListGetItem", how="of a tensor", sets=()), "builtin"),
    Case("its length", a_list("TensorListLength"), "builtin"),
    Case("of fed size", a_list(how="of fed size"), "builtin"),
    Case("given out", given_out, "fails", "s"),
    # how it is made
    Case("the first size is open", a_list(shape=(-1, 3)), "select", "list"),
    Case("the second size is open", a_list(shape=(2, -1)), "builtin"),
    Case("the item tells the shape", a_list(shape=-1), "builtin"),
    Case("nothing tells the shape", a_list(shape=-1, sets=()), "select", "list"),
    Case("of strings", a_list(kind="string"), "select", "list"),
    Case("of doubles, not set", a_list(kind="float64", sets=()), "builtin"),
    # types where items are set
    Case("doubles in the middle", a_list(kind="float64"), "select", "set1"),
    Case("doubles in the first place", a_list(kind="float64", sets=(0,)), "fails", "set0"),
    Case("doubles in the last place", a_list(kind="float64", sets=(3,)), "fails", "set3"),
    Case("the only double", a_list(kind="float64", sets=(0,), count=1), "builtin"),
    Case("one double pushed", a_list(kind="float64", how="empty"), "builtin"),
    Case("doubles pushed", a_list(kind="float64", how="empty", sets=(0, 1)), "select", "set1"),
    Case("int16", a_list(kind="int16"), "builtin"),
    Case("doubles resized", resized("float64"), "select", "more"),
    Case("strings resized", resized("string"), "select", "more"),
    # what reads it
    Case("uint32 is gathered", a_list("TensorListGetItem", "uint32"), "select", "r"),
    Case("popped", a_list("TensorListPopBack", how="empty"), "select", "r"),
    Case("gathered", a_list("TensorListGather"), "select", "r"),
    Case("joined", a_list(JOIN), "builtin"),
    Case("joined, of fed size", a_list(JOIN, how="of fed size"), "select", "r"),
    Case("joined, without items", a_list(JOIN, count=0), "select", "r"),
    Case("stacked with an open size", a_list(read_shape=(-1, 3)), "fails", "r"),
    Case("stacked without a shape", a_list(read_shape=-1), "fails", "r"),
    Case("stacked with a number", a_list(read_shape=-1, number=4), "builtin"),
    Case("stacked, both open", a_list(how="of fed size", read_shape=-1), "builtin"),
    Case("stacked, a fed size", a_list(how="of fed size", read_shape=-1, number=4), "fails", "r"),
    # lists that grow
    Case("grown and stacked", a_list(grows=True), "select", "r"),
    Case("grown and read", a_list("TensorListGetItem", grows=True), "select", "r"),
    Case("grown and joined", a_list(JOIN, grows=True), "fails", "r"),
]


@of_cases(CASES)
def test_what_becomes_of_lists(case: Case) -> None:
    check_prediction(case)


@pytest.mark.tensorflow
@of_cases(CASES)
def test_the_converter_does_so(converter: ProbedConverter, case: Case) -> None:
    check_converter(converter, case)


def test_at_an_early_node_the_converter_names_no_others_and_lowers_no_list() -> None:
    build = Builder()
    first = a_list(kind="float64", sets=(0,))(build)
    dims = build.constant("dims", ITEM)
    items = build.op(
        "l2", "TensorListFromTensor", "r", dims, element_dtype="float64", shape_type="int32"
    )
    which = build.constant("w", [0])
    build.op("g", "TensorListGather", items, which, dims, element_dtype="float64")
    build.op("out2", "Identity", "g", T="float64")
    alone = predict_conversion(Graph(build.nodes), ["x"], first)
    assert (alone.select, [b.node for b in alone.blockers]) == (False, ["set0"])
    both = predict_conversion(Graph(build.nodes), ["x"], ["out2"])
    assert (both.select, [b.node for b in both.blockers]) == (True, ["g"])


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("size", "joined", "select", "kinds"),
    [
        (5, False, True, set()),
        (0, False, True, {"flex"}),
        (0, True, True, {"flex"}),
        (5, True, False, {"crash"}),
    ],
)
def test_lists_that_come_from_loops(
    tf: Any, tmp_path: Any, size: int, joined: bool, select: bool, kinds: set[str]
) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder("float32", [2, 5, 4], "x")
        array = tf.TensorArray("float32", size, dynamic_size=not size)

        def body(i: Any, a: Any) -> Any:
            return i + 1, a.write(i, x[:, i])

        v1 = tf.compat.v1
        was_enabled = v1.control_flow_v2_enabled()
        v1.enable_control_flow_v2()
        try:
            array = tf.while_loop(lambda i, _a: i < 5, body, [0, array])[1]
        finally:
            (v1.enable_control_flow_v2 if was_enabled else v1.disable_control_flow_v2)()
        tf.identity(array.concat() if joined else array.stack(), "out")
    path = tmp_path / "loop.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    found = predict_conversion(graph_of(open_model(str(path))), ["x"], ["out"])
    assert (found.select, {b.kind for b in found.blockers}) == (select, kinds)
