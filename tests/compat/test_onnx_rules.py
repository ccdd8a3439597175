"""What is known not to convert to ONNX, before anything is converted."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.compat.onnx_rules import onnx_blockers, onnx_ops
from graphtools.convert.target import TARGETS, judge_target
from tests.builders import onnx_ops as builder
from tests.convert.small_graphs import LOOP, NET
from tests.transforms.graphs import graph

ERFC = "x = Placeholder dtype=float shape=[2]\ny = Erfc(x) T=float\n"
HASH = "x = Placeholder dtype=string shape=[2]\ny = StringToHashBucketFast(x) num_buckets=9\n"
MOST = "x = Placeholder dtype=float shape=[2,3]\na = Const value=int32:1\n"
MOST += "y = ArgMax(x, a) T=float Tidx=int32 output_type=int64\n"


def blocked(text: str, opset: int = 15, output: str = "y") -> list[str]:
    return [b.op for b in onnx_blockers(graph(text), [output], opset)]


def test_ops_without_a_handler() -> None:
    assert blocked(HASH) == ["StringToHashBucketFast"]
    assert not blocked(NET)
    assert not blocked(LOOP, output="exit")
    asserted = ERFC.replace("Erfc(x)", "Neg(x, ^a)") + "a = Assert(b, x) T={float}\n"
    assert not blocked(asserted + "b = Const value=bool:true\n")
    assert blocked(ERFC) == ["Erfc"]


def test_a_handler_of_a_later_opset() -> None:
    text = "x = Placeholder dtype=float shape=[2]\ny = Acosh(x) T=float\n"
    since = onnx_ops()["Acosh"]
    assert not blocked(text, since)
    assert blocked(text, since - 1) == ["Acosh"]


@pytest.mark.parametrize(
    ("text", "target", "ops"),
    [
        (ERFC, "onnx", []),  # it is written otherwise before
        (HASH, "onnx", ["StringToHashBucketFast"]),
        (MOST, "onnx", []),
        (MOST, "ncnn", ["ArgMax"]),
        (NET, "ncnn", []),
    ],
)
def test_verdicts_are_of_the_graph_that_is_converted(
    text: str, target: str, ops: list[str]
) -> None:
    found = judge_target(TARGETS.all()[target], graph(text), ["x"], ["y"])
    assert [b.op for b in found.blockers] == ops
    assert all(b.remedy for b in found.blockers)


@pytest.mark.onnx
@pytest.mark.usefixtures("onnx")
def test_the_table_is_that_of_tf2onnx() -> None:
    """python -m tests.builders.onnx_ops writes it."""
    tf2onnx: Any = pytest.importorskip("tf2onnx")
    text = builder.FILE.read_text(encoding="utf-8")
    if not text.startswith(f"# tf2onnx {tf2onnx.__version__}\n"):
        pytest.skip("it is that of another version")
    assert text == builder.collect()
