"""quantize_weights.

With the range [a, b] of the values and zero, a weight w becomes the code

    q = round(w * s) - round(a * s),    s = 255 / (b - a),

kept between 0 and 255, and Dequantize in the mode MIN_FIRST makes of it

    (q + round(a * s)) / s,

which is the multiple of 1 / s that is nearest to w. So each weight changes by half a step of
(b - a) / 255 at most, and zero stays zero. Source of the rules: TensorFlow's kernel of Dequantize,
and the manual of the Graph Transform Tool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._weights import PIECE, Weights, computed, float_constants, tensor_of

if TYPE_CHECKING:
    import numpy as np

    from graphtools.graph.tensor import Array

_CODES = dtype("quint8")
_STEPS = 255


def run(graph: Graph, job: Job) -> None:
    """Keep large constants as eight-bit codes with a Dequantize."""
    import numpy as np

    check_names(graph)
    for weights in float_constants(graph, job, job.integer("minimum_size")):
        low, high = np.minimum(weights.low, np.float32(0)), np.maximum(weights.high, np.float32(0))
        if low == high:  # all zero: any range will do
            high = np.float32(1)
        if (high - low) / np.float32(_STEPS) < np.finfo(np.float32).tiny:
            job.skip(weights.node.name, "its values are too small for steps between them")
            continue
        _replace(graph, weights, low, high)


def _replace(graph: Graph, weights: Weights, low: np.float32, high: np.float32) -> None:
    """Put the codes, their range and a Dequantize in the place of a constant."""
    import numpy as np

    old = weights.node
    # in a loop or branch they tell where the constant is
    controls = tuple(f"^{name}" for name in old.control_inputs)
    values = {
        "const": _codes(weights, low, high),
        "min": Tensor.from_array(np.asarray(low), FLOAT32),
        "max": Tensor.from_array(np.asarray(high), FLOAT32),
    }
    new = []
    for part, tensor in values.items():
        name = graph.free_name(f"{old.name}_quantized_{part}")
        attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
        new.append(Node(name, "Const", controls, attrs))
    names = tuple(node.name for node in new)
    new.append(Node(old.name, "Dequantize", names, {"T": _CODES, "mode": b"MIN_FIRST"}))
    graph.replace(old, new)


def _codes(weights: Weights, low: np.float32, high: np.float32) -> Tensor:
    """The codes of all weights."""
    import numpy as np

    scale = 2 * _STEPS / float(high - low)
    least = _nearest(int(float(low) * scale), 0)
    exact = np.empty(min(weights.values.size, PIECE))

    def codes(piece: Array) -> Array:
        halves = exact[: piece.size]
        np.copyto(halves, piece)
        halves *= scale
        found: Array = _nearest(halves.astype(np.int16), least)
        np.minimum(found, _STEPS, out=found)
        return found

    if weights.low == weights.high:
        one = codes(np.asarray([weights.low])).astype(np.uint8)[0]
        return Tensor.from_array(np.broadcast_to(one, weights.values.shape), _CODES)
    return tensor_of(computed(weights.values, np.uint8, codes), _CODES, weights.tensor.shape)


def _nearest(halves: Any, start: int) -> Any:
    """The integers nearest to numbers that are told in whole halves, halves away from zero.

    What is left of 1.5 and 1.7 are three halves, of -1.5 and -1.7 minus three.

    Args:
        halves: One or more of them, each between -512 and 512.
        start: What is taken away from the integers.
    """
    found = halves >> 15  # -1 for negative ones
    found += halves
    found += 1 - 2 * start
    found >>= 1
    return found


TRANSFORM = Transform(
    "quantize_weights",
    run,
    """Keep large constants of floats as eight-bit codes, a quarter of the size.

    A Const becomes `NAME_quantized_const`, `NAME_quantized_min` and `NAME_quantized_max`, and a
    Dequantize of them that has its name. Each weight changes by half a step at most, a step being
    the 255th part of the range of the values and zero; how much the results change depends on the
    graph: compare them. A few extreme values make the steps wide for all others. Everything is
    still computed in floats, and in memory the weights take the full size once they are used.

    Run it last: what looks for constants does not see through the Dequantize. fold_constants after
    it leaves the codes alone.

    Constants of other types, with values that are not finite, and those that are inputs are left
    as they are. The original dropped the control inputs of constants, without which those in loops
    and conditionals do not load; gave constants that are all zero a range that rounds to nothing;
    and read constants that are damaged as zeros.
    """,
    "quantize_weights(minimum_size=1024)",
    (Parameter("minimum_size", "integer", "number of elements from which on it is done", "1024"),),
    keeps_meaning=False,
)
