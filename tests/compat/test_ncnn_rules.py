"""What is known not to convert to ncnn, before anything is converted."""

from __future__ import annotations

import pytest

from graphtools.compat.ncnn_rules import ncnn_blockers
from graphtools.ops.inference import infer_shapes
from tests.convert.small_graphs import LOOP
from tests.transforms.graphs import graph

RESIZE = """
x = Placeholder dtype=float shape=[1,4,6,2]
size = Const value=int32:[{1},{2}]
y = {0}(x, size) T=float align_corners={3} half_pixel_centers={4}
"""


def blocked(text: str) -> list[str]:
    source = graph(text)
    return [b.node for b in ncnn_blockers(source, infer_shapes(source))]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        (("ResizeBilinear", 8, 12, "false", "true"), False),
        (("ResizeBilinear", 8, 12, "false", "false"), True),
        (("ResizeBilinear", 8, 12, "true", "false"), True),
        (("ResizeBicubic", 8, 12, "false", "true"), True),
        (("ResizeNearestNeighbor", 8, 12, "false", "true"), False),
        (("ResizeNearestNeighbor", 7, 12, "false", "true"), True),
    ],
)
def test_resizing(form: tuple[object, ...], wrong: bool) -> None:
    assert blocked(RESIZE.format(*form)) == ["y"] * wrong


def test_loops() -> None:
    assert "switch" in blocked(LOOP)
