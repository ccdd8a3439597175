"""Nodes that are merged with their neighbours: their own type does not matter then."""

from __future__ import annotations

import pytest

from graphtools.run.probed_converter import ProbedConverter
from tests.compat.cases import (
    Case,
    Make,
    check_converter,
    check_prediction,
    of_cases,
)
from tests.compat.test_prediction import Builder

SHAPE = (2, 3)


def pair(first: str, second: str, kind: str, *, position: int = 0, given: bool = False) -> Make:
    """An op whose result another op reads, as one of its inputs; the first one given out, too."""

    def make(b: Builder) -> list[str]:
        x = b.feed("x", SHAPE, kind)
        b.op("first", first, x, *([b.feed("y", SHAPE, kind)] if first in _OF_TWO else []), T=kind)
        if second in _OF_TWO:
            inputs = ["first", "first"]
            inputs[1 - position] = b.feed("z", SHAPE, kind)
            b.op("second", second, *inputs, T=kind)
        elif second == "LogicalNot":
            b.op("second", second, "first")
        else:
            b.op("second", second, "first", T=kind)
        outputs = [b.op("out", "Identity", "second", T=_RESULT.get(second, kind))]
        if given:
            outputs.append(b.op("out2", "Identity", "first", T=_RESULT.get(first, kind)))
        return outputs

    return make


_OF_TWO = frozenset("Add AddV2 Sub Mul RealDiv Equal Less Greater".split())
_RESULT = dict.fromkeys("Equal Less Greater LogicalNot".split(), "bool")


def transposes(first: list[int], second: list[int]) -> Make:
    """Two transposes of a type that TFLite's TRANSPOSE does not take."""

    def make(b: Builder) -> list[str]:
        kind = "float64"
        x = b.feed("x", (2, 3, 4), kind)
        last = b.op("first", "Transpose", x, b.constant("p", first), T=kind, Tperm="int32")
        b.op("second", "Transpose", last, b.constant("q", second), T=kind, Tperm="int32")
        return [b.op("out", "Identity", "second", T=kind)]

    return make


def matrices(transposed: int) -> Make:
    """A product of two matrices of doubles, one of which is transposed."""

    def make(b: Builder) -> list[str]:
        sides = [b.feed("x", (4, 4), "float64"), b.feed("y", (4, 4), "float64")]
        order = b.constant("order", [1, 0])
        sides[transposed] = b.op(
            "turned", "Transpose", sides[transposed], order, T="float64", Tperm="int32"
        )
        b.op("product", "MatMul", *sides, T="float64")
        return [b.op("out", "Identity", "product", T="float64")]

    return make


CASES = [
    Case("twice negated", pair("Neg", "Neg", "float64"), "builtin"),
    Case("once negated", pair("Neg", "Identity", "float64"), "select", "first"),
    Case("twice inverted", pair("Reciprocal", "Reciprocal", "float64"), "builtin"),
    Case("negated in a sum", pair("Neg", "AddV2", "float16"), "select", "second"),
    Case("negated and taken away", pair("Neg", "Sub", "float16", position=1), "select", "second"),
    Case("negated in a product", pair("Neg", "Mul", "float16"), "select", "first second"),
    Case("squared difference", pair("Sub", "Square", "float16"), "select", "second"),
    Case("of doubles", pair("Sub", "Square", "float64"), "select", "first second"),
    Case("of which more is read", pair("Sub", "Square", "float16", given=True), "select",
         "first second"),
    Case("log of softmax", pair("Softmax", "Log", "float64"), "select", "second"),
    Case("divided by a root", pair("Sqrt", "RealDiv", "float64", position=1), "select", "second"),
    Case("a root divided", pair("Sqrt", "RealDiv", "float64"), "select", "first second"),
    Case("not equal", pair("Equal", "LogicalNot", "complex64"), "select", "second"),
    Case("not less", pair("Less", "LogicalNot", "float32"), "builtin"),
    Case("not less, doubles", pair("Less", "LogicalNot", "float64"), "select", "second"),
    Case("there and back", transposes([1, 2, 0], [2, 0, 1]), "builtin"),
    Case("there and further", transposes([1, 2, 0], [1, 2, 0]), "select", "second"),
    Case("of a matrix product", matrices(transposed=1), "select", "product"),
    Case("of the first matrix", matrices(transposed=0), "select", "product turned"),
]  # fmt: skip


@of_cases(CASES)
def test_what_is_merged(case: Case) -> None:
    check_prediction(case)


@pytest.mark.tensorflow
@of_cases(CASES)
def test_the_converter_does_so(converter: ProbedConverter, case: Case) -> None:
    check_converter(converter, case)
