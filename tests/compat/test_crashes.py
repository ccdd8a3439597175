"""Graphs at which the converter crashes, and such that are like them and harmless."""

from __future__ import annotations

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.compat.verdict import Blocker
from graphtools.graph import Graph
from graphtools.model.endpoints import loose_ends
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


def crashes(given: Graph, output: str = "y") -> list[Blocker]:
    found = predict_conversion(given, loose_ends(given)[0], [output])
    return [b for b in found.blockers if b.kind == "crash"]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm_is_not_named(name: str) -> None:
    assert not crashes(graph(HARMLESS[name]), "n" if name == "a loop" else "y")


@pytest.mark.parametrize("name", CRASHES)
def test_what_crashes_is_named_with_its_cure(name: str) -> None:
    (found,) = crashes(graph(CRASHES[name]))
    assert found.reason
    assert found.remedy


def test_functions_are_looked_at() -> None:
    body = function(
        "f",
        "x int32",
        "y int32 = s:z:0",
        "zero = Const value=int32:0\none = Const value=int32:1\n"
        "d = Div(one:output:0, zero:output:0) T=int32\ns = AddV2(x, d:z:0) T=int32",
    )
    (found,) = crashes(graph("x = Placeholder dtype=int32\ny = f(x)", [body]))
    assert (found.node, found.op) == ("d@f", "Div")
    assert "SIGFPE" in found.reason
