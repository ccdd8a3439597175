"""Variables, queues, tables, lists and arrays: what handles hold, and what must fit it."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph import Graph, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.ops.dims import Dims
from graphtools.ops.inference import infer_shapes
from tests.ops.families.shape_cases import finding, scalar, shapes_of, value
from tests.ops.families.test_shapes_functional import const, node, placeholder, vector

N = None
INT32, INT64, STRING, RESOURCE = (dtype(n) for n in ("int32", "int64", "string", "resource"))


def held(handle: Node, op: str, *inputs: Node, **attrs: Any) -> list[Dims]:
    """The outputs of an op whose first input is a handle."""
    last = node("out", op, handle.name, *(i.name for i in inputs), **attrs)
    found = infer_shapes(Graph([handle, *inputs, last]))
    assert found.findings == (), found.findings
    return found.shapes("out")


def message(handle: Node, op: str, *inputs: Node, **attrs: Any) -> str:
    last = node("out", op, handle.name, *(i.name for i in inputs), **attrs)
    (found,) = infer_shapes(Graph([handle, *inputs, last])).findings
    return found.message


def variable(*dims: Any) -> Node:
    return node("v", "VarHandleOp", dtype=FLOAT32, shape=Shape(dims))


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "expected"),
    [
        ("ReadVariableOp", [], {"dtype": FLOAT32}, [(5, 3)]),
        ("VariableShape", [], {}, [(2,)]),
        ("ResourceGather", [placeholder("i", (7,), INT32)], {"dtype": FLOAT32}, [(7, 3)]),
        ("ResourceGatherNd", [placeholder("i", (7, 1), INT32)], {"dtype": FLOAT32}, [(7, 3)]),
        ("AssignVariableOp", [placeholder("x", (5, N))], {"dtype": FLOAT32}, []),
        ("VarIsInitializedOp", [], {}, [()]),
        ("ResourceScatterAdd", [placeholder("i", (2,), INT32), placeholder("x", (2, 3))],
         {"dtype": FLOAT32}, []),
    ],
)  # fmt: skip
def test_resource_variables(op: str, inputs: list[Node], attrs: Any, expected: Any) -> None:
    assert held(variable(5, 3), op, *inputs, **attrs) == expected


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "words"),
    [
        ("ReadVariableOp", [], {"dtype": INT32}, "float32, not int32"),
        ("AssignVariableOp", [placeholder("x", (4, 3))], {"dtype": FLOAT32}, "[5,3] and [4,3]"),
        ("ResourceGather", [placeholder("i", (7,), INT32)],
         {"dtype": FLOAT32, "batch_dims": 2}, "rank 3"),
        ("ResourceScatterAdd", [placeholder("i", (2,), INT32), placeholder("x", (2, 4))],
         {"dtype": FLOAT32}, "[2,4] and [2,3]"),
        ("ResourceApplyGradientDescent", [const("a", 1), placeholder("x", (5,))], {}, "[5,3]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_a_variable(op: str, inputs: list[Node], attrs: Any, words: str) -> None:
    assert words in message(variable(5, 3), op, *inputs, **attrs)


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "expected"),
    [
        ("Variable", [], {"dtype": FLOAT32, "shape": Shape(())}, [N]),
        ("Variable", [], {"dtype": FLOAT32, "shape": Shape((2,))}, [(2,)]),
        ("VariableV2", [], {"dtype": FLOAT32, "shape": Shape(())}, [()]),
        ("Assign", [(2, N), (N, 3)], {}, [(2, 3)]),
        ("Assign", [(2, 2), (3, 3)], {"validate_shape": False}, [(3, 3)]),
        ("AssignAdd", [(2, N), (N, 3)], {}, [(2, 3)]),
        ("ScatterUpdate", [(5, 3), (2,), (2, 3)], {}, [(5, 3)]),
        ("ScatterUpdate", [(5, 3), (2,), ()], {}, [(5, 3)]),
        ("ScatterNdUpdate", [(5, 3), (4, 2), (4,)], {}, [(5, 3)]),
        ("ApplyAdam", [(5, N), (N, 3), N, (), (), (), (), (), (), (5, 3)], {}, [(5, 3)]),
        ("SparseApplyAdagrad", [(5, N), (5, N), (), (2, 3), (2,)], {}, [(5, 3)]),
        ("Switch", [(2, 3), ()], {}, [(2, 3)] * 2),
        ("_SwitchN", [(2, 3), ()], {"num_outs": 3, "T": FLOAT32}, [(2, 3)] * 3),
        ("DynamicPartition", [(4, 5, 3), (4,)], {"num_partitions": 2}, [(N, 5, 3)] * 2),
        ("DynamicStitch", [value(0, 4), (2,), (2, 3), (2, 3)], {"N": 2}, [(N, 3)]),
        ("DynamicStitch", [value(0, 4), value(1, 2), (2, 3), (2, 3)], {"N": 2}, [(5, 3)]),
        ("TensorArrayGatherV3", [(2,), (4,), ()], {"dtype": FLOAT32,
         "element_shape": Shape((3,))}, [(4, 3)]),
        ("TensorListFromTensor", [(4, 3), value(3)], {"element_dtype": FLOAT32}, [()]),
        ("TensorListStack", [(), value(-1, 3)], {"element_dtype": FLOAT32, "num_elements": 2},
         [(2, N, 3)]),
        ("TensorListConcatV2", [(), value(-1, 3), (2,)], {"element_dtype": FLOAT32},
         [(N, 3), (N,)]),
        ("TensorListGather", [(), (2,), value(3)], {"element_dtype": FLOAT32}, [(2, 3)]),
    ],
)  # fmt: skip
def test_shapes(op: str, inputs: Any, attrs: dict[str, Any], expected: Any) -> None:
    assert shapes_of(op, inputs, attrs) == expected


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "words"),
    [
        ("Assign", [(2,), (3,)], {}, "[2] and [3]"),
        ("ScatterUpdate", [(5, 3), (2,), (2, 4)], {}, "[2,4] and [2,3]"),
        ("ScatterNdUpdate", [(5, 3), (4, 1), (4, 2)], {}, "[3] and [2]"),
        ("ScatterNdUpdate", [(0, 3), (4, 1), (4, 3)], {}, "nothing to be changed"),
        ("ApplyAdam", [(5,), (5,), (5,), (1,), (), (), (), (), (), (5,)], {}, "rank 0"),
        ("SparseApplyAdagrad", [(5, 3), (5, 3), (), (2, 3), (4,)], {}, "[2]"),
        ("CountUpTo", [(2,)], {"limit": 3}, "rank 0"),
        ("Switch", [(2,), (1,)], {}, "rank 0"),
        ("_SwitchN", [(2,), ()], {"num_outs": 10**12, "T": FLOAT32}, "cannot be"),
        ("DynamicStitch", [value(0), value(1), (1, 3), (1, 4)], {"N": 2}, "[3] and [4]"),
        ("TensorArrayReadV3", [(3,), (), ()], {"dtype": FLOAT32}, "must be 2"),
        ("TensorListStack", [(), value(-3)], {"element_dtype": FLOAT32}, "a shape cannot be"),
        ("QueueDequeueManyV2", [(), scalar(-1)], {"component_types": [FLOAT32]}, "-1"),
    ],
)  # fmt: skip
def test_contradictions(op: str, inputs: Any, attrs: dict[str, Any], words: str) -> None:
    assert words in finding(op, inputs, attrs)


def test_queues_hold_their_components() -> None:
    queue = node(
        "q", "FIFOQueueV2", component_types=[FLOAT32, INT32], shapes=[Shape((2, 3)), Shape(())]
    )
    types: dict[str, Any] = {"component_types": [FLOAT32, INT32]}
    assert held(queue, "QueueDequeueV2", **types) == [(2, 3), ()]
    assert held(queue, "QueueDequeueManyV2", const("n", 4), **types) == [(4, 2, 3), (4,)]
    assert held(queue, "QueueDequeueUpToV2", const("n", 4), **types) == [(N, 2, 3), (N,)]
    other: dict[str, Any] = {"component_types": [FLOAT32]}
    assert held(queue, "QueueDequeueV2", **other) == [N], "another number of components"


def test_tables_hold_keys_and_values() -> None:
    keys = placeholder("k", (N, 2), STRING)
    table = node("t", "HashTableV2", key_dtype=STRING, value_dtype=INT64)
    kinds: dict[str, Any] = {"Tin": STRING, "Tout": INT64}
    assert held(table, "LookupTableFindV2", keys, const("d", 0), **kinds) == [(N, 2)]
    rows = node(
        "t", "MutableHashTableOfTensorsV2", key_dtype=STRING, value_dtype=INT64,
        value_shape=Shape((5,)),
    )  # fmt: skip
    assert held(rows, "LookupTableFindV2", keys, const("d", 0), **kinds) == [(N, 2, 5)]
    wrong: dict[str, Any] = {"Tin": STRING, "Tout": FLOAT32}
    assert "holds int64" in message(table, "LookupTableFindV2", keys, const("d", 0), **wrong)


def test_a_tensor_array_holds_elements_of_one_shape_only_where_that_is_stated() -> None:
    def array(stated: Any, identical: bool) -> list[Dims]:
        nodes = [
            const("n", 3),
            node("a", "TensorArrayV3", "n", dtype=FLOAT32, element_shape=Shape(stated),
                 identical_element_shapes=identical),
            const("i", 0),
            node("out", "TensorArrayReadV3", "a", "i", "a:1", dtype=FLOAT32),
        ]  # fmt: skip
        return infer_shapes(Graph(nodes)).shapes("out")

    assert array((2, 3), False) == [(2, 3)]
    assert array((N, 3), False) == [N]
    assert array((N, 3), True) == [(N, 3)]


def test_what_is_pushed_does_not_tell_of_the_other_elements_of_a_list() -> None:
    nodes = [
        const("any", -1),
        const("n", 0),
        placeholder("x", (2, 3)),
        node("l", "EmptyTensorList", "any", "n", element_dtype=FLOAT32, shape_type=INT32),
        node("p", "TensorListPushBack", "l", "x", element_dtype=FLOAT32),
        node("out", "TensorListPopBack", "p", "any", element_dtype=FLOAT32),
        vector("shape", 2, 3),
        node("i", "TensorListGetItem", "p", "n", "shape", element_dtype=FLOAT32),
    ]
    found = infer_shapes(Graph(nodes))
    assert found.shapes("out") == [(), N]
    assert found.dims("i") == (2, 3), "as the reader states"
