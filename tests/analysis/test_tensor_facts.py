from __future__ import annotations

from typing import Any

import pytest

from graphtools.analysis.tensor_facts import output_count, output_dtype, output_shape
from graphtools.graph import Node
from graphtools.graph.dtypes import dtype
from graphtools.graph.shape import Shape
from tests.analysis.graphs import const, function, graph

F, L, C = dtype("float32"), dtype("int64"), dtype("complex64")


@pytest.mark.parametrize(
    ("op", "attrs", "index", "expected"),
    [
        ("Relu", {"T": F}, 0, "float32"),
        ("Cast", {"SrcT": F, "DstT": L}, 0, "int64"),
        ("Shape", {"T": F, "out_type": L}, 0, "int64"),
        ("Shape", {"T": F}, 0, None),  # the default is not in the node
        ("Equal", {"T": F}, 0, "bool"),
        ("Where", {"T": F}, 0, "int64"),
        ("Real", {"T": C, "Tout": F}, 0, "float32"),
        ("NonMaxSuppressionV4", {"T": F}, 0, "int32"),
        ("NonMaxSuppressionV4", {"T": F}, 1, None),
        ("TopKV2", {"T": F}, 0, "float32"),
        ("TopKV2", {"T": F}, 1, "int32"),
        ("Split", {"T": F, "num_split": 3}, 2, "float32"),
        ("Unique", {"T": F, "out_idx": L}, 1, None),
        ("Dequantize", {"T": dtype("quint8")}, 0, "float32"),
        ("Dequantize", {"T": dtype("quint8"), "dtype": dtype("bfloat16")}, 0, "bfloat16"),
        ("While", {"T": [F, L]}, 0, None),
        ("IteratorGetNext", {"output_types": [F, L]}, 1, "int64"),
        ("IteratorGetNext", {"output_types": [F, L]}, 2, None),
        ("NoOp", {}, 0, None),
    ],
)
def test_the_dtype_that_a_node_states(
    op: str, attrs: dict[str, Any], index: int, expected: str | None
) -> None:
    found = output_dtype(Node("n", op, (), attrs), index)
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (const("c", [[1.0]]), [1, 1]),
        (Node("x", "Placeholder", (), {"shape": Shape([None, 3])}), [None, 3]),
        (Node("y", "Relu", (), {"_output_shapes": [Shape([2])]}), [2]),
        (Node("y", "Relu"), None),
        (Node("x", "Placeholder"), None),
    ],
    ids=["const", "placeholder", "recorded", "unknown", "no-shape"],
)
def test_the_shape_that_a_node_states(node: Node, expected: list[int | None] | None) -> None:
    assert output_shape(node).to_json() == expected


def test_the_number_of_outputs_where_it_is_known() -> None:
    made = graph(functions=[function("F", ["a"], "y:y:0", "y Relu a")])
    assert output_count(made, Node("n", "F")) == 1
    assert output_count(made, Node("n", "Split", (), {"num_split": 4, "T": F})) == 4
    assert output_count(made, Node("n", "TopKV2")) == 2
    assert output_count(made, Node("n", "PartitionedCall", (), {"Tout": [F, F, L]})) == 3
    assert output_count(made, Node("n", "Relu", (), {"T": F})) is None
