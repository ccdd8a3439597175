from __future__ import annotations

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.convert.converter_crashes import find_crashes
from tests.convert.small_graphs import CRASHES
from tests.transforms.graphs import function, graph

#: Graphs that are like those on which the converter crashes, and harmless.
HARMLESS = {
    "another divisor": "a = Const value=int32:4\nb = Const value=int32:[1,2]\n"
    "y = Div(a, b) T=int32",
    "a divisor that is fed": "a = Const value=int32:4\nb = Placeholder dtype=int32\n"
    "y = Div(a, b) T=int32",
    "division of floats": "a = Const value=float:4\nb = Const value=float:0\ny = Div(a, b) T=float",
    "float32": "a = Placeholder dtype=float\ny = SigmoidGrad(a, a) T=float",
    "statistics in float32": "a = Placeholder dtype=half\nm = Const value=float:[1]\n"
    "y = FusedBatchNormV3(a, m, m, m, m) T=half U=float",
    "numbers on a diagonal": "a = Placeholder dtype=float\ny = MatrixDiag(a) T=float",
    "a loop": "e = Enter(x) T=int32\nx = Const value=int32:0\nm = Merge(e, n) T=int32 N=2\n"
    "i = Identity(m) T=int32\nn = NextIteration(i) T=int32",
    "one size a part": "a = Placeholder dtype=float\ns = Const value=int32:[2,2]\n"
    "z = Const value=int32:0\ny = SplitV(a, s, z) T=float num_split=2 Tlen=int32",
    "no inputs at all": "y = Div T=int32\ns = SplitV T=float",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm_is_not_named(name: str) -> None:
    assert not find_crashes(graph(HARMLESS[name]))


def test_functions_are_looked_at() -> None:
    body = function(
        "f",
        "x int32",
        "y int32 = d:z:0",
        "zero = Const value=int32:0\nd = Div(x, zero:output:0) T=int32",
    )
    (found,) = find_crashes(graph("x = Placeholder dtype=int32", [body]))
    assert (found.node, found.op, found.kind) == ("d@f", "Div", "crash")
    assert "SIGFPE" in found.reason


@pytest.mark.parametrize("name", ["sigmoidgrad", "batchnorm", "matrixdiag", "nextiteration"])
def test_the_prediction_knows_the_same_crashes(name: str) -> None:
    given = graph(CRASHES[name])
    (found,) = find_crashes(given)
    predicted = {b.node: b.kind for b in predict_conversion(given, ["i"], ["y"]).blockers}
    assert predicted.get(found.node) == "crash"
