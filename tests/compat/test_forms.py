"""Forms of ops that the converter takes otherwise than their types say, held against it."""

from __future__ import annotations

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.run.probed_converter import ProbedConverter
from tests.transforms.graphs import graph


def image(shape: str) -> str:
    return f"x = Placeholder dtype=float shape={shape}\n"


def bias(shape: str, layout: str) -> str:
    return image(shape) + (
        f'b = Const value=float:zeros[3]\nk = BiasAdd(x, b) T=float data_format="{layout}"\n'
        "y = Identity(k) T=float"
    )


def slices(shape: str, entries: int, new: int, ellipsis: int = 0) -> str:
    """A slice that takes everything, with new axes."""
    zeros, ones = ",".join("0" * entries), ",".join("1" * entries)
    return image(shape) + (
        f"b = Const value=int32:[{zeros}]\ns = Const value=int32:[{ones}]\n"
        f"k = StridedSlice(x, b, b, s) T=float Index=int32 begin_mask=15 end_mask=15 "
        f"new_axis_mask={new} ellipsis_mask={ellipsis}\ny = Identity(k) T=float"
    )


LOOP = """
    x = Placeholder dtype=float shape=[]
    enter = Enter(x) T=float frame_name="f" is_constant=false parallel_iterations=10
    merge = Merge(enter, next) T=float N=2
    ten = Const(^merge) value=float:10
    less = Less(merge, ten) T=float
    cond = LoopCond(less)
    switch = Switch(merge, cond) T=float
    y = Exit(switch) T=float
    more = Identity(switch:1) T=float
    double = AddV2(more, more) T=float
    next = NextIteration(double) T=float
    z = Identity(y) T=float
"""
CASES = [
    (bias("[2,3,4,5]", "NCHW"), "y", "builtin"),
    (bias("[2,3,4]", "NCHW"), "y", "fails"),
    (bias("[?,3,4,?,5]", "NCHW"), "y", "fails"),
    (bias("[2,4,4,4,3]", "NHWC"), "y", "builtin"),
    (slices("[?,?]", 3, 2), "y", "select"),
    (slices("[?,?]", 2, 2), "y", "builtin"),
    (slices("[?,4]", 3, 2), "y", "builtin"),
    (slices("[?,?,?]", 3, 2), "y", "builtin"),
    (slices("[?,?,?]", 2, 2, 1), "y", "select"),
    (LOOP, "y", "fails"),
    (LOOP, "z", "builtin"),
]


@pytest.mark.parametrize(("text", "output", "outcome"), CASES)
def test_predictions(text: str, output: str, outcome: str) -> None:
    found = predict_conversion(graph(text), ["x"], [output])
    assert outcome == ("builtin" if found.builtins else "select" if found.select else "fails")


@pytest.mark.tensorflow
@pytest.mark.parametrize(("text", "output", "outcome"), CASES)
def test_the_converter_does_so(
    converter: ProbedConverter, text: str, output: str, outcome: str
) -> None:
    made = graph(text)
    builtins = converter.convert(made, ["x"], [output]).status == "ok"
    select = converter.convert(made, ["x"], [output], select=True).status == "ok"
    assert outcome == ("builtin" if builtins else "select" if select else "fails")
