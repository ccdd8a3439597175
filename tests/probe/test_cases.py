from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.ops.definitions import OpDefinition, op_definition
from graphtools.ops.inference import infer_shapes
from graphtools.probe.cases import (
    further_cases,
    type_cases,
    type_combinations,
)
from graphtools.probe.graphs import Case, graph_of, graph_version
from graphtools.probe.operands import Operand, rows
from graphtools.probe.table import op_entry, products, table_text


def definition(op: str) -> OpDefinition:
    found = op_definition(op)
    assert found is not None
    return found


def combinations(op: str) -> set[tuple[str, ...]]:
    return {tuple(kind for _, kind in types) for types in type_combinations(definition(op))}


@pytest.mark.parametrize("op", sorted(rows()))
def test_every_row_makes_a_node_that_inference_accepts(op: str) -> None:
    cases = type_cases(definition(op))
    assert cases
    graph, inputs, outputs = graph_of([("c0", cases[0])], {op: definition(op)})
    assert graph["c0/op"].op == op
    assert outputs == ["c0/op"]
    assert inputs == [n.name for n in graph if n.op == "Placeholder"]
    assert not infer_shapes(graph).findings


def test_types_are_those_that_the_definition_allows() -> None:
    assert combinations("LogicalNot") == {()}
    assert combinations("Softmax") == {(t,) for t in ("float32", "float16", "float64", "bfloat16")}
    assert len(combinations("Cast")) == 16 * 16
    assert ("float32", "int64", "int32") in combinations("ArgMax")


def test_of_too_many_combinations_some_are_tried() -> None:
    found = combinations("BatchMatMulV3")
    assert ("float32", "float32", "float32") in found
    assert ("int64", "int64", "int64") in found
    assert len(found) < 100


def test_ops_that_cannot_be_fed_have_no_cases() -> None:
    for op in ("VariableV2", "Assign", "TensorListStack", "If", "NoOp", "QuantizeV2", "Merge"):
        assert not type_cases(definition(op)), op


def test_an_op_without_a_row_gets_operands_by_trial() -> None:
    assert "MatrixInverse" not in rows()
    graph, _, _ = graph_of(
        [("c0", type_cases(definition("MatrixInverse"))[0])],
        {"MatrixInverse": definition("MatrixInverse")},
    )
    assert not infer_shapes(graph).findings


def test_what_is_varied_beside_types() -> None:
    op = definition("Transpose")
    found = [(c.what, c.detail) for c in further_cases(type_cases(op)[0], op)]
    assert ("rank", "8") in found
    assert ("rank", "4") not in found  # that is the usual one
    assert ("fed", "1") in found
    assert ("unranked", "") in found
    ranked = next(c for c in further_cases(type_cases(op)[0], op) if c.detail == "6")
    assert ranked.operands == (Operand((2,) * 6), Operand((6,), (5, 4, 3, 2, 1, 0)))


def test_an_attribute_takes_along_what_depends_on_it() -> None:
    op = definition("Conv2D")
    found = {c.detail: c for c in further_cases(type_cases(op)[0], op) if c.what == "attribute"}
    assert set(found) >= {"padding=VALID", "padding=EXPLICIT", "data_format=NCHW"}
    assert found["data_format=NCHW"].operands[0].dims == (1, 4, 8, 8)
    assert dict(found["padding=EXPLICIT"].attrs)["explicit_paddings"] == [0, 0, 1, 1, 1, 1, 0, 0]


def test_deprecated_ops_stand_in_graphs_of_an_earlier_version() -> None:
    assert graph_version(definition("BiasAdd")) == 134
    old = definition("BatchNormWithGlobalNormalization")
    assert graph_version(old) == old.deprecated_since - 1 == 8


@given(st.sets(st.tuples(*[st.sampled_from("abc")] * 3)))
def test_products_make_up_the_combinations(wanted: set[tuple[str, ...]]) -> None:
    made = [
        (x, y, z) for first, second, third in products(wanted)
        for x in first for y in second for z in third
    ]  # fmt: skip
    assert len(made) == len(set(made))
    assert set(made) == wanted


def test_what_is_a_product_is_one_product() -> None:
    assert products({(x, y) for x in "ab" for y in "xyz"}) == [(("a", "b"), ("x", "y", "z"))]


def test_the_entry_of_an_op() -> None:
    op = definition("Transpose")
    cases = type_cases(op)
    verdicts = [(c, "builtin" if dict(c.types)["T"] == "float32" else "flex") for c in cases]
    further = list(further_cases(cases[0], op))
    for case in further:
        blocked = (case.what, case.detail) in {("rank", "7"), ("rank", "8"), ("fed", "1")}
        verdicts.append((case, "flex" if blocked else "builtin"))
    assert op_entry(op, True, verdicts) == {
        "flex": True,
        "builtin": [{"T": "float32"}],
        "rank": {"0": 6},
        "constant": ["perm"],
    }


def test_refused_graphs_say_nothing() -> None:
    op = definition("Softmax")
    verdicts = [(c, "invalid") for c in type_cases(op)]
    assert op_entry(op, False, verdicts) == {"flex": False}
    case = verdicts[0][0]
    assert op_entry(op, True, [(case, "crash")]) == {
        "flex": True,
        "fails": [{"T": dict(case.types)["T"], "kind": "crash"}],
    }


def test_a_key_names_a_case_only() -> None:
    keys = []
    for op in ("Conv2D", "Transpose", "Cast", "FusedBatchNormV3"):
        cases = type_cases(definition(op))
        keys += [c.key for c in (*cases, *further_cases(cases[0], definition(op)))]
    assert len(keys) == len(set(keys))
    assert isinstance(cases[0], Case)


def test_a_table_has_a_line_an_op() -> None:
    text = table_text("2.21.0", {"Tan": {"flex": True}, "Svd": {"flex": False}})
    assert text.splitlines() == [
        '{"schema": 1, "tensorflow": "2.21.0", "ops": {',
        '"Svd": {"flex": false},',
        '"Tan": {"flex": true}',
        "}}",
    ]
