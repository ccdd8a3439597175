"""GT8: what a graph does beside computing, when it runs and when it is loaded."""

from __future__ import annotations

import pytest

from graphtools.lint.engine import lint_graph
from tests.lint.graphs import Case
from tests.transforms.graphs import graph

X = "x = Placeholder dtype=float shape=[1,4]\n"
WRITE = """
    path = Const value=string:"notes.txt"
    w = WriteFile(path, path)
"""
PATH = 'path = Const value=string:"notes.txt"\n'
FAR = 'far = Const value=string:"gs://bucket/x"\n'
CASES = (
    Case(
        "GT801",
        X + WRITE + "y = Relu(x, ^w) T=float",
        X + PATH + "y = Relu(x) T=float",
        "w",
        says="'w' (WriteFile) writes notes.txt when it runs",
    ),
    Case(
        "GT802",
        X + PATH + "r = ReadFile(path)\ny = Relu(x, ^r) T=float",
        X + PATH + "y = Relu(x) T=float",
        "r",
        severity="info",
        says="'r' (ReadFile) reads notes.txt when it runs",
    ),
    Case(
        "GT803",
        X + FAR + "r = ReadFile(far)\ny = Relu(x, ^r) T=float",
        X + PATH + "r = ReadFile(path)\ny = Relu(x, ^r) T=float",
        "r",
        says="'r' (ReadFile) connects to gs://bucket/x when it runs",
    ),
    Case(
        "GT804",
        X + "p = PyFunc(x) Tin={float} Tout={float}\ny = Relu(p) T=float",
        X + "y = Relu(x) T=float",
        "p",
        says="calls Python code",
    ),
    Case(
        "GT805",
        X + "y = Custom(x) T=float",
        X + "y = TFLite_Detection_PostProcess(x) T=float",
        "y",
        target="untrusted",
        says="no part of TensorFlow",
    ),
)


@pytest.mark.parametrize(
    ("path", "target", "severity"),
    [
        ("notes.txt", "tflite", "info"),
        ("/etc/passwd", "tflite", "warning"),
        ("notes.txt", "untrusted", "warning"),
    ],
)
def test_what_is_read_weighs_by_where_it_is(path: str, target: str, severity: str) -> None:
    source = graph(X + f'p = Const value=string:"{path}"\nr = ReadFile(p)\ny = Relu(x, ^r) T=float')
    report = lint_graph(source, outputs=["y"], target=target, select=["GT802"])
    assert [f.severity for f in report.findings] == [severity]


def test_of_a_strangers_graph_only_effects_count() -> None:
    source = graph(X + WRITE + "v = VariableV2 dtype=float shape=[1]\ny = Custom(x, ^w) T=float")
    report = lint_graph(source, outputs=["y"], target="untrusted")
    assert [(f.code, f.severity) for f in report.findings] == [
        ("GT801", "error"),
        ("GT805", "warning"),
    ]


def test_what_no_output_asks_for_is_told_aside() -> None:
    report = lint_graph(graph(X + WRITE + "y = Relu(x) T=float"), outputs=["y"], target="untrusted")
    assert [f.severity for f in report.findings] == ["info"]
