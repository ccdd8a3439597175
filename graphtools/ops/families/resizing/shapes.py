"""Shapes of images in other sizes."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    with_rank,
)
from graphtools.ops.families._outputs import like_input

# Resized


@shape_function("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor",
                "ResizeNearestNeighborGrad", "QuantizedResizeBilinear",
                "ScaleAndTranslate")  # fmt: skip
def resize(call: Call) -> Dims | list[Dims]:
    """Height and width as the second input says."""
    dims = with_rank(call.input(0), 4)
    found = (dims[0], *given_size(call, 1), dims[3])
    if call.node.op[0] == "Q":
        for position in (2, 3):
            with_rank(call.input(position), 0)
        return [found, SCALAR, SCALAR]
    return found


# As the second input is, the image that was resized.
shape_function("ResizeBilinearGrad", "ResizeBicubicGrad")(like_input(1))

shape_function("ScaleAndTranslateGrad")(like_input(1))


def given_size(call: Call, position: int) -> tuple[Dim, Dim]:
    """Height and width that an input holds."""
    (two,) = with_rank(call.input(position), 1)
    if two not in (None, 2):
        raise Contradiction(f"height and width are two numbers, not {two}")
    found = call.vector(position)
    if found is None or len(found) != 2:
        return (None, None)
    if any(v is not None and v < -1 for v in found):
        raise Contradiction(f"an image cannot have the size {list(found)}")
    height, width = (None if v == -1 else v for v in found)
    return (height, width)
