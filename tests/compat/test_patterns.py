"""Ops that the converter takes together with their neighbours, or with what it knows of shapes."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.graph import Shape
from graphtools.graph.dtypes import dtype
from graphtools.run.probed_converter import ProbedConverter
from tests.compat.cases import (
    Case,
    Make,
    check_converter,
    check_prediction,
    ends,
    of_cases,
)
from tests.compat.test_prediction import Builder

FLOAT = "float32"


def gelu(
    op: str = "Erf",
    *,
    factor: float = 0.70710678,
    half: float = 0.5,
    divides: bool = False,
    swapped: bool = False,
    negated: bool = True,
    of_another: bool = False,
    used: str = "",
) -> Make:
    """The formula of the exact GELU, and what only looks like it."""

    def make(b: Builder) -> list[str]:
        x = b.feed("x", (4, 8))
        y = b.feed("y", (4, 8)) if of_another else x
        argument = b.op("minus", "Neg", x, T=FLOAT) if op == "Erfc" and negated else x
        b.op("scaled", "RealDiv" if divides else "Mul", argument, b.constant("f", factor, FLOAT),
             T=FLOAT)  # fmt: skip
        last = b.op("e", op, "scaled", T=FLOAT)
        if op == "Erf":
            last = b.op("sum", "AddV2", b.constant("one", 1, FLOAT), last, T=FLOAT)
        b.op("half", "Mul", y, b.constant("h", half, FLOAT), T=FLOAT)
        b.op("out", "Mul", *((last, "half") if swapped else ("half", last)), T=FLOAT)
        return ["out", *([used] if used else [])]

    return make


def fourier(kind: str | None, shape: Any = (3, 12), op: str = "FFT") -> Make:
    """A Fourier transform of numbers that are cast, or of complex ones that are fed."""

    def make(b: Builder) -> list[str]:
        x = b.feed("x", shape, kind or "complex64")
        if kind:
            cast = b.op("cast", "Cast", x, SrcT=kind, DstT="complex64")
            x = b.op("same", "Identity", cast, T="complex64")
        b.op("f", op, x, Tcomplex="complex64")
        return [b.op("out", "ComplexAbs", "f", T="complex64")]

    return make


def squeeze(shape: Any, dims: list[int], order: list[int] | None, between: str = "") -> Make:
    """A Squeeze of a Transpose, with an op between them."""

    def make(b: Builder) -> list[str]:
        last = b.feed("x", shape)
        if order:
            last = b.op("t", "Transpose", last, b.constant("p", order), T=FLOAT, Tperm="int32")
        if between in ("Mul", "Pow"):
            last = b.op("between", between, last, b.constant("c", 2, FLOAT), T=FLOAT)
        elif between:
            last = b.op("between", between, last, T=FLOAT)
        b.op("s", "Squeeze", last, T=FLOAT, squeeze_dims=dims)
        return [b.op("out", "Identity", "s", T=FLOAT)]

    return make


def concatenation(sizes: list[int], kind: str = "float64") -> Make:
    def make(b: Builder) -> list[str]:
        parts = [b.feed(f"x{i}", (size, 3), kind) for i, size in enumerate(sizes)]
        axis = b.constant("axis", 0)
        b.op("c", "ConcatV2", *parts, axis, T=kind, N=len(parts), Tidx="int32")
        return [b.op("out", "Identity", "c", T=kind)]

    return make


def part(
    index: str, ellipsis: int, strides: list[int], *, new: int = 0, shape: Any = (2, 3, 4)
) -> Make:
    """A StridedSlice whose begin and end are masked."""

    def make(b: Builder) -> list[str]:
        count = len(strides)
        edges = [b.constant("b", [0] * count, index), b.constant("e", [1] * count, index)]
        masks = {"begin_mask": 2**count - 1, "end_mask": 2**count - 1, "shrink_axis_mask": 0}
        b.op("s", "StridedSlice", b.feed("x", shape), *edges, b.constant("st", strides, index),
             T=FLOAT, Index=index, ellipsis_mask=ellipsis, new_axis_mask=new, **masks)  # fmt: skip
        return [b.op("out", "Identity", "s", T=FLOAT)]

    return make


def cross_entropy(logits: Any, labels: Any, kind: str = "") -> Make:
    """That of probabilities, or with a type, that of classes."""

    def make(b: Builder) -> list[str]:
        inputs = (b.feed("x", logits), b.feed("l", labels, kind or FLOAT))
        if kind:
            b.op("y", "SparseSoftmaxCrossEntropyWithLogits", *inputs, T=FLOAT, Tlabels=kind)
        else:
            b.op("y", "SoftmaxCrossEntropyWithLogits", *inputs, T=FLOAT)
        return [b.op("out", "Identity", "y", T=FLOAT)]

    return make


def batch_to_space(kind: str, *, fed: bool) -> Make:
    def make(b: Builder) -> list[str]:
        crops = b.feed("c", (2, 2), "int32") if fed else b.constant("c", [[0, 0], [0, 0]])
        b.op("y", "BatchToSpaceND", b.feed("x", (4, 4, 4, 2), kind), b.constant("bs", [2, 2]),
             crops, T=kind, Tblock_shape="int32", Tcrops="int32")  # fmt: skip
        return [b.op("out", "Identity", "y", T=kind)]

    return make


def quantized(mode: bytes) -> Make:
    def make(b: Builder) -> list[str]:
        edges = [b.constant("low", -1, FLOAT), b.constant("high", 1, FLOAT)]
        b.op("q", "QuantizeV2", b.feed("x", (1, 8)), *edges, T="quint8", mode=mode)
        b.op("d", "Dequantize", "q", "q:1", "q:2", T="quint8", mode=mode, dtype=FLOAT)
        return [b.op("out", "Identity", "d", T=FLOAT)]

    return make


def fake_quantized(bits: int, *, fed: bool = False) -> Make:
    def make(b: Builder) -> list[str]:
        low = b.feed("low", ()) if fed else b.constant("low", -1, FLOAT)
        x, high = b.feed("x", (2, 4)), b.constant("high", 1, FLOAT)
        b.op("q", "FakeQuantWithMinMaxVars", x, low, high, num_bits=bits)
        return [b.op("out", "Identity", "q", T=FLOAT)]

    return make


def quotient(op: str, divisor: int, *, kind: str = "int32", fed: bool = False) -> Make:
    """Integers that are divided by a constant."""

    def make(b: Builder) -> list[str]:
        x, divisors = b.feed("x", (2,), kind), b.constant("z", [1, divisor], kind)
        b.op("d", op, x if fed else b.constant("n", [4, 2], kind), divisors, T=kind)
        return [b.op("out", "AddV2", x, "d", T=kind)]

    return make


def split(sizes: Any) -> Make:
    def make(b: Builder) -> list[str]:
        inputs = [b.feed("x", (4,)), b.constant("sizes", sizes), b.constant("axis", 0)]
        b.op("y", "SplitV", *inputs, T=FLOAT, num_split=2, Tlen="int32")
        return [b.op("out", "Identity", "y:1", T=FLOAT)]

    return make


def several(op: str, count: int, kind: str = "float64") -> Make:
    """One op of several inputs of a type that TFLite does not take for it."""

    def make(b: Builder) -> list[str]:
        names = [b.feed(f"x{i}", (2, 3), kind) for i in range(count)]
        attrs: dict[str, Any] = {"axis": 0} if op == "Pack" else {}
        b.op("y", op, *names, T=kind, N=count, **attrs)
        return [b.op("out", "Identity", "y", T=kind)]

    return make


def of_identities(read: int) -> Make:
    """An IdentityN of which one output is read; TFLite lacks what gives the second."""

    def make(b: Builder) -> list[str]:
        x = b.feed("x", (2, 3))
        inputs = [b.op("good", "Relu", x, T=FLOAT), b.op("bad", "Erf", x, T=FLOAT)]
        b.op("both", "IdentityN", *inputs, T=[dtype(FLOAT)] * 2)
        return [b.op("out", "Relu", f"both:{read}", T=FLOAT)]

    return make


def cut(begin: list[int], size: list[int]) -> Make:
    """A Slice of a type that TFLite does not take for it."""

    def make(b: Builder) -> list[str]:
        inputs = [b.feed("x", (2, 3), "float64"), b.constant("b", begin), b.constant("s", size)]
        b.op("y", "Slice", *inputs, T="float64", Index="int32")
        return [b.op("out", "Identity", "y", T="float64")]

    return make


def decided_by_number(branches: int) -> Make:
    def make(b: Builder) -> list[str]:
        x, i = b.feed("x", (4,)), b.feed("i", (), "int32")
        b.op("sw", "_SwitchN", x, i, num_outs=branches, T=FLOAT)
        ends = [b.op(f"r{k}", "Tanh", f"sw:{k}", T=FLOAT) for k in range(branches)]
        b.op("m", "Merge", *ends, T=FLOAT, N=branches)
        return [b.op("out", "Identity", "m", T=FLOAT)]

    return make


def by_default(*, on: bool, negated: bool = False) -> Make:
    """A conditional that a default decides, as a training flag that nobody feeds."""

    def make(b: Builder) -> list[str]:
        x = b.feed("x", (4,))
        flag = b.op("flag", "PlaceholderWithDefault", b.constant("c", on, "bool"), shape=Shape(()),
                    dtype="bool")  # fmt: skip
        if negated:
            flag = b.op("not", "LogicalNot", flag)
        b.op("sw", "Switch", x, b.op("pred", "Identity", flag, T="bool"), T=FLOAT)
        b.op("then", "Erf", "sw:1", T=FLOAT)
        b.op("else", "Tanh", "sw", T=FLOAT)
        b.op("m", "Merge", "else", "then", T=FLOAT, N=2)
        return [b.op("out", "Identity", "m", T=FLOAT)]

    return make


def looked_up(key: str, value: str, op: str = "HashTableV2") -> Make:
    """What a table of some types gives for keys that are fed."""

    def make(b: Builder) -> list[str]:
        kinds: dict[str, Any] = {"key_dtype": key, "value_dtype": value}
        b.op("table", op, shared_name=b"words", **kinds)
        default = b.constant("none", "" if value == "string" else 0, value)
        b.op("found", "LookupTableFindV2", "table", b.feed("x", (3,), key), default,
             Tin=key, Tout=value)  # fmt: skip
        return [b.op("out", "Identity", "found", T=value)]

    return make


OPEN = (None, None, 1)
CASES = [
    Case("gelu", gelu(), "builtin"),
    Case("gelu, divided", gelu(factor=1.41421356, divides=True), "builtin"),
    Case("gelu of a rounded root", gelu(factor=0.7071), "select", "e"),
    Case("gelu of a quarter", gelu(half=0.25), "select", "e"),
    Case("gelu the other way round", gelu(swapped=True), "select", "e"),
    Case("gelu of two inputs", gelu(of_another=True), "select", "e"),
    Case("gelu of which more is read", gelu(used="sum"), "select", "e"),
    Case("gelu whose half is read", gelu(used="half"), "select", "e"),
    Case("gelu by erfc", gelu("Erfc"), "builtin"),
    Case("gelu by erfc, not negated", gelu("Erfc", negated=False), "fails", "e"),
    Case("gelu by erfc, swapped", gelu("Erfc", swapped=True), "fails", "e"),
    Case("fourier of floats", fourier(FLOAT), "builtin"),
    Case("fourier of an open batch", fourier(FLOAT, (None, 12)), "builtin"),
    Case("fourier of doubles", fourier("float64"), "select", "f"),
    Case("fourier of integers", fourier("int32"), "fails", "f"),
    Case("fourier of open length", fourier(FLOAT, (3, None)), "select", "f"),
    Case("fourier of complex numbers", fourier(None), "select", "f"),
    Case("fourier backwards", fourier(FLOAT, op="IFFT"), "select", "f"),
    Case("squeeze", squeeze(OPEN, [2], None), "builtin"),
    Case("squeeze of transpose", squeeze(OPEN, [2], [1, 0, 2]), "fails", "s"),
    Case("squeeze of anything", squeeze(OPEN, [], [1, 0, 2]), "fails", "s"),
    Case("squeeze, shape known", squeeze((None, 5, 1), [2], [1, 0, 2]), "builtin"),
    Case("squeeze behind relu", squeeze(OPEN, [2], [1, 0, 2], "Relu"), "fails", "s"),
    Case("squeeze behind product", squeeze(OPEN, [2], [1, 0, 2], "Mul"), "fails", "s"),
    Case("squeeze behind power", squeeze(OPEN, [2], [1, 0, 2], "Pow"), "builtin"),
    Case("squeeze behind log", squeeze(OPEN, [2], [1, 0, 2], "Log"), "builtin"),
    Case("parts", concatenation([2, 2]), "select", "c"),
    Case("one part is left", concatenation([2, 0]), "builtin"),
    Case("two parts are left", concatenation([2, 0, 2]), "fails", "c"),
    Case("floats with an empty part", concatenation([2, 0, 2], FLOAT), "builtin"),
    Case("strides behind an ellipsis", part("int32", 1, [1, 2]), "builtin"),
    Case("ellipsis of int64", part("int64", 1, [1, 1]), "builtin"),
    Case("strides of int64 behind it", part("int64", 1, [1, 2]), "fails", "s"),
    Case("strides of int64", part("int64", 0, [1, 2]), "builtin"),
    Case("stride of zero", part("int32", 0, [1, 0]), "fails", "s"),
    Case("new axes", part("int32", 0, [1, 2, 1], new=5, shape=(1, 2, 1, 2, 2)), "select", "s"),
    Case("new axis in an ellipsis", part("int32", 1, [1, 2, 1], new=5, shape=(1, 3, 1, 1, 1)),
         "builtin"),
    Case("classes", cross_entropy((4, 3), (4,), "int64"), "builtin"),
    Case("classes, open batch", cross_entropy((None, 3), (None,), "int64"), "select", "y"),
    Case("classes, labels unknown", cross_entropy((4, 3), None, "int64"), "select", "y"),
    Case("probabilities", cross_entropy((None, 3), (None, 3)), "builtin"),
    Case("probabilities, a number", cross_entropy((4, 3), ()), "select", "y"),
    Case("batch to space", batch_to_space(FLOAT, fed=True), "builtin"),
    Case("batch to space of int8", batch_to_space("int8", fed=False), "builtin"),
    Case("batch to space of int8, fed", batch_to_space("int8", fed=True), "select", "y"),
    Case("dequantize", quantized(b"MIN_COMBINED"), "select", "q"),
    Case("dequantize from the first", quantized(b"MIN_FIRST"), "select", "d q"),
    Case("constants divided", quotient("RealDiv", 2), "builtin"),
    Case("constants divided by 0", quotient("RealDiv", 0), "fails", "d"),
    Case("a remainder by 0", quotient("TruncateMod", 0), "fails", "d"),
    Case("a quotient by 0, rounded down", quotient("FloorDiv", 0), "builtin"),
    Case("fed numbers divided by 0", quotient("RealDiv", 0, fed=True), "builtin"),
    Case("floats divided by 0", quotient("RealDiv", 0, kind=FLOAT), "builtin"),
    Case("split by sizes", split([2, 2]), "builtin"),
    Case("split by nested sizes", split([[2, 2]]), "fails", "y"),
    Case("quantized to 4 bits", fake_quantized(4), "builtin"),
    Case("quantized to a fed range", fake_quantized(8, fed=True), "select", "q"),
    Case("pack of one", several("Pack", 1), "builtin"),
    Case("pack of two", several("Pack", 2), "select", "y"),
    Case("sum of one", several("AddN", 1), "builtin"),
    Case("sum of two", several("AddN", 2), "select", "y"),
    Case("the first of two identities", of_identities(0), "builtin"),
    Case("the second of them", of_identities(1), "select", "bad"),
    Case("slice of all", cut([0, 0], [2, -1]), "builtin"),
    Case("slice of a part", cut([1, 0], [1, 3]), "select", "y"),
    Case("words to numbers", looked_up("string", "int64"), "builtin"),
    Case("numbers to words", looked_up("int64", "string"), "builtin"),
    Case("words to floats", looked_up("string", "float32"), "select", "found table"),
    Case("a mutable table", looked_up("string", "int64", "MutableHashTableV2"), "select",
         "found table"),
    Case("two branches by a number", decided_by_number(2), "fails", "sw"),
    Case("flag that is off", by_default(on=False), "builtin"),
    Case("flag that is on", by_default(on=True), "select",
         "then@_functionalize_if_then_branch_0"),
    Case("flag that is on, negated", by_default(on=True, negated=True), "builtin"),
]  # fmt: skip


@of_cases(CASES)
def test_what_becomes_of_it(case: Case) -> None:
    check_prediction(case)


@pytest.mark.tensorflow
@of_cases(CASES)
def test_the_converter_does_so(converter: ProbedConverter, case: Case) -> None:
    check_converter(converter, case)


@pytest.mark.parametrize(
    ("make", "builtins"),
    [
        (squeeze(OPEN, [2], [1, 0, 2]), True),
        (fake_quantized(4), False),
        (fake_quantized(8), True),
    ],
)
def test_what_an_older_converter_does_otherwise(make: Make, builtins: bool) -> None:
    found = predict_conversion(*ends(Case("", make, "")), tf_version="2.16")
    assert found.builtins == found.select == builtins
