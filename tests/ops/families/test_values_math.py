"""Arithmetic, element by element: known answers, edges, and agreement with TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.ops.evaluation import NotConstant
from tests.arrays import c64, f16, f32, f64, i32, u8
from tests.ops.families.single_ops import FLOATS, INTS, arrays, check_against, pairs, single, value
from tests.support import same_values

F, Z = np.float32, np.int32
NAN, INF = np.nan, np.inf
LOW = np.iinfo(np.int32).min

ANSWERS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("Add", (i32([2**31 - 1]), Z(1)), i32([LOW])),
    ("Add", (Z(2**31 - 1), Z(1)), Z(LOW)),
    ("AddV2", (u8([250]), np.uint8(10)), u8([4])),
    ("Sub", (np.zeros((2, 1), F), np.ones((1, 3), F)), -np.ones((2, 3), F)),
    ("Mul", (np.zeros((0, 1), F), np.ones(3, F)), np.zeros((0, 3), F)),
    ("Neg", (i32([LOW, 5]),), i32([LOW, -5])),
    ("Abs", (i32([LOW, -5]),), i32([LOW, 5])),
    ("Div", (i32([7, -7, 7, -7]), i32([2, 2, -2, -2])), i32([3, -3, -3, 3])),
    ("FloorDiv", (i32([7, -7, 7, -7]), i32([2, 2, -2, -2])), i32([3, -4, -4, 3])),
    ("FloorMod", (i32([7, -7, 7, -7]), i32([2, 2, -2, -2])), i32([1, 1, -1, -1])),
    ("Mod", (i32([7, -7, 7, -7]), i32([2, 2, -2, -2])), i32([1, -1, 1, -1])),
    ("TruncateDiv", (i32([LOW]), i32([-1])), i32([LOW])),
    ("FloorMod", (i32([LOW]), i32([-1])), i32([0])),
    ("FloorMod", (f32([-1, 1, -5.5]), f32([3, -3, INF])), f32([2, -2, INF])),
    ("RealDiv", (f32([1, -1, 0]), f32([0, 0, 0])), f32([INF, -INF, NAN])),
    ("DivNoNan", (f32([1, 0, 4]), f32([0, 0, 2])), f32([0, 0, 2])),
    ("MulNoNan", (f32([NAN, INF, 4]), f32([0, 0, 2])), f32([0, 0, 8])),
    ("Maximum", (f32([NAN, 1]), f32([1, NAN])), f32([NAN, NAN])),
    ("Pow", (i32([3, 2, 0]), i32([4, 31, 0])), i32([81, LOW, 1])),
    ("SquaredDifference", (c64([1 + 2j]), c64([0])), c64([5])),
    ("LeftShift", (i32([1, -1, 1]), i32([4, 40, -3])), i32([16, LOW, 1])),
    ("RightShift", (i32([-8, -8]), i32([1, 99])), i32([-4, -1])),
    ("Round", (f32([0.5, 1.5, 2.5, -0.5, -2.5]),), f32([0, 2, 2, -0.0, -2])),
    ("Sign", (f32([-3, 0, 2]),), f32([-1, 0, 1])),
    ("Rsqrt", (f32([4, 0]),), f32([0.5, INF])),
    ("Sigmoid", (f32([0, 1000, -1000]),), f32([0.5, 1, 0])),
    ("Erf", (f32([0, INF, -INF]),), f32([0, 1, -1])),
    ("LogicalAnd", (np.array([True, True]), np.array([True, False])), np.array([True, False])),
    ("Equal", (f32([NAN, 1]), f32([NAN, 1])), np.array([False, True])),
    ("Relu6", (f32([-1, 3, 9]),), f32([0, 3, 6])),
    ("Cumsum", (i32([1, 2, 3]), Z(0)), i32([1, 3, 6])),
    ("BiasAdd", (np.zeros((1, 2), F), f32([1, 2])), f32([[1, 2]])),
    ("AddN", ([i32([1]), i32([2]), i32([3])],), i32([6])),
    ("ClipByValue", (f32([-5, 0.5, 5]), F(0), F(1)), f32([0, 0.5, 1])),
    ("PopulationCount", (i32([-1, 5]),), u8([32, 2])),
    ("Softmax", (f32([[0, 0], [1000, 0]]),), f32([[0.5, 0.5], [1.0, 0.0]])),
]


@pytest.mark.parametrize(("op", "inputs", "expected"), ANSWERS)
def test_known_answers(op: str, inputs: tuple[Any, ...], expected: Any) -> None:
    found = value(op, *inputs)
    assert found.dtype == expected.dtype
    assert same_values(found, expected)


CASTS: list[tuple[Any, str, Any]] = [
    (f32([1.9, -1.9, -0.5]), "int32", i32([1, -1, 0])),
    (f32([-0.9]), "uint8", u8([0])),
    (i32([300, -1]), "uint8", u8([44, 255])),
    (i32([2**24 + 1]), "float32", f32([2**24])),
    (f64([1e300]), "float32", f32([INF])),
    (f32([65520.0, 1e-8]), "float16", f16([INF, 0])),
    (f32([NAN, 0, -0.0, 2]), "bool", np.array([True, False, False, True])),
    (np.array([True]), "float32", f32([1])),
    (f32([1.00390625, 1.01171875]), "bfloat16", f32([1, 1.015625])),
    (c64([3 + 4j]), "float32", f32([3])),
    (f32([3]), "complex64", c64([3])),
    (f32([-(2.0**31)]), "int32", i32([LOW])),
]


@pytest.mark.parametrize(("array", "kind", "expected"), CASTS)
def test_casts(array: Any, kind: str, expected: Any) -> None:
    found = value("Cast", array, DstT=kind)
    assert found.dtype == expected.dtype
    assert same_values(found, expected)


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (f32([NAN]), "int32"),
        (f32([INF]), "int64"),
        (f32([2.0**31]), "int32"),
        (f32([2.0**63]), "int64"),
        (f64([2.0**64]), "uint64"),
        (f32([-1.0]), "uint8"),
        (f32([256.0]), "uint8"),
    ],
)
def test_a_cast_that_no_integer_is_near_is_refused(array: Any, kind: str) -> None:
    with pytest.raises(NotConstant, match="outside of"):
        value("Cast", array, DstT=kind)


def test_bfloat16_is_rounded_after_each_step() -> None:
    one, small = f32([1]), f32([0.0078125])
    graph = single("SquaredDifference", one, -small, kinds=["bfloat16", "bfloat16"])
    from tests.ops.families.single_ops import here

    assert here(graph)[0].tolist() == [1.015625]


@pytest.mark.parametrize(
    ("op", "inputs", "reason"),
    [
        ("FloorDiv", (i32([1]), i32([0])), "divided by zero"),
        ("Mod", (i32([1]), i32([0])), "divided by zero"),
        ("Pow", (i32([2]), i32([-1])), "negative power"),
        ("Add", (f32([1, 2]), f32([1, 2, 3])), "broadcast"),
        ("ClipByValue", (f32([1]), F(2), F(1)), "above"),
        ("Cumsum", (f32([1]), Z(1)), "no axis"),
        ("Sqrt", (i32([4]),), "floats"),
        ("Round", (i32([4]),), "not rounded"),
        ("Add", (np.zeros((1 << 13, 1), F), np.zeros((1, 1 << 13), F)), "too many"),
    ],
)
def test_refusals_say_why(op: str, inputs: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(NotConstant, match=reason):
        value(op, *inputs)


def test_shapes_that_do_not_fit_may_count_as_different() -> None:
    pair = f32([1, 2]), f32([1, 2, 3])
    assert not value("Equal", *pair, incompatible_shape_error=False)
    assert value("NotEqual", *pair, incompatible_shape_error=False)


# Against TensorFlow

BINARY_ALL = ["Add", "AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference"]
BINARY_INT = ["BitwiseAnd", "BitwiseOr", "BitwiseXor", "LeftShift", "RightShift"]
DIVISIONS = ["Div", "RealDiv", "TruncateDiv", "FloorDiv", "Mod", "FloorMod", "TruncateMod"]
BINARY_FLOAT = ["DivNoNan", "MulNoNan", "Pow", "Atan2", "Xdivy", "Xlogy", "Xlog1py", "NextAfter"]
COMPARISONS = ["Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"]


@pytest.mark.tensorflow
@settings(max_examples=200)
@given(data=st.data())
def test_integers_of_two_tensors(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(BINARY_ALL + BINARY_INT + COMPARISONS + DIVISIONS + ["Pow"]))
    kind = data.draw(st.sampled_from(INTS))
    left, right = data.draw(pairs(kind))
    if op in DIVISIONS and kind[0] == "i":  # TensorFlow may crash
        right = np.where(right == -1, 2, right).astype(kind)
    check_against(tf, single(op, left, right))


@pytest.mark.tensorflow
@settings(max_examples=200)
@given(data=st.data())
def test_floats_of_two_tensors(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(BINARY_ALL + BINARY_FLOAT + COMPARISONS + DIVISIONS))
    kind = data.draw(st.sampled_from(FLOATS))
    left, right = data.draw(pairs(kind))
    check_against(tf, single(op, left, right), must=False)


@pytest.mark.tensorflow
@settings(max_examples=60)
@given(data=st.data())
def test_bfloat16_of_two_tensors(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from([*BINARY_ALL, "RealDiv", "FloorDiv", "Less", "DivNoNan"]))
    left, right = data.draw(pairs("float32", plain=True))
    check_against(tf, single(op, left, right, kinds=["bfloat16"] * 2), 0)


@pytest.mark.tensorflow
@settings(max_examples=60)
@given(data=st.data())
def test_complex_numbers_of_two_tensors(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(["Add", "Sub", "Equal", "NotEqual"]))
    left, right = data.draw(pairs("complex64"))
    check_against(tf, single(op, left, right))


UNARY = ["Neg", "Abs", "Sign", "Square", "Round", "Rint", "Ceil", "Floor", "Relu", "Relu6"]
UNARY_FLOAT = ["Sqrt", "Rsqrt", "Reciprocal", "Inv", "IsNan", "IsInf", "IsFinite", "LeakyRelu"]
UNARY_FLOAT += ["Softsign"]
FUNCTIONS = ["Exp", "Expm1", "Log", "Log1p", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh"]
FUNCTIONS += ["Cosh", "Tanh", "Asinh", "Acosh", "Atanh", "Sigmoid", "Erf", "Erfc", "Lgamma", "Elu"]
FUNCTIONS += ["Selu", "Softplus"]
#: Units of the last place by which TensorFlow's approximations are off.
OFF = 8


@pytest.mark.tensorflow
@settings(max_examples=200)
@given(data=st.data())
def test_one_tensor(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(UNARY + UNARY_FLOAT))
    kinds = FLOATS if op in UNARY_FLOAT else FLOATS + INTS
    array = data.draw(arrays(data.draw(st.sampled_from(kinds))))
    check_against(tf, single(op, array), must=False)


@pytest.mark.tensorflow
@settings(max_examples=200)
@given(data=st.data())
def test_functions(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(FUNCTIONS))
    array = data.draw(arrays(data.draw(st.sampled_from(["float32", "float64"])), plain=True))
    # TensorFlow subtracts 1 from the exponential; the last has zeros
    loses = op in ("Elu", "Selu", "Lgamma")
    check_against(tf, single(op, array), OFF, absolute=1e-6 if loses else 0)


@pytest.mark.tensorflow
@settings(max_examples=150)
@given(data=st.data())
def test_casts_as_in_tensorflow(tf: Any, data: st.DataObject) -> None:
    kinds = [*FLOATS, *INTS, "bool", "complex64"]
    source, target = (data.draw(st.sampled_from(kinds)) for _ in "st")
    array = data.draw(arrays(source))
    check_against(tf, single("Cast", array, DstT=target), 0, must=False)


@pytest.mark.tensorflow
@settings(max_examples=60)
@given(data=st.data())
def test_cumulative_sums(tf: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["int32", "int64", "uint8", "float32", "float64"]))
    shape = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    array = data.draw(arrays(kind, tuple(shape), plain=True))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    op = data.draw(st.sampled_from(["Cumsum", "Cumprod"]))
    flags: dict[str, Any] = {f: data.draw(st.booleans()) for f in ("exclusive", "reverse")}
    check_against(tf, single(op, array, Z(axis), **flags))


@pytest.mark.tensorflow
@settings(max_examples=60)
@given(data=st.data())
def test_the_rest(tf: Any, data: st.DataObject) -> None:
    array = data.draw(arrays("float32", (2, 3), plain=True))
    op = data.draw(st.sampled_from(["Softmax", "LogSoftmax", "BiasAdd", "AddN", "ClipByValue"]))
    if op == "BiasAdd":
        graph = single(op, array, data.draw(arrays("float32", (3,), plain=True)))
    elif op == "AddN":
        graph = single(op, [array] * data.draw(st.integers(1, 3)))
    elif op == "ClipByValue":
        graph = single(op, array, F(-1), F(2))
    else:
        graph = single(op, array)
    check_against(tf, graph, OFF, absolute=1e-6)
