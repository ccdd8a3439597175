"""round_weights.

With the range [a, b] of a constant's values and steps of the width d = (b - a) / num_steps, a
weight w becomes the middle of its step,

    a + d * (floor((w - a) / d) + 1/2),

which is half a step from it at most. The largest value is at the beginning of a step of its own.
All is computed in float32, as TensorFlow's Graph Transform Tool does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._weights import computed, float_constants, tensor_of

if TYPE_CHECKING:
    import numpy as np

    from graphtools.graph.tensor import Array

#: Smaller tensors are left alone: they need their accuracy and save nothing.
_LEAST = 16
#: Beyond, steps are finer than floats.
_MOST_STEPS = 1 << 24


def run(graph: Graph, job: Job) -> None:
    """Round constants to few values, so that the graph compresses well."""
    import numpy as np

    check_names(graph)
    count = job.integer("num_steps")
    if not 0 < count <= _MOST_STEPS:
        raise InvalidValue(f"num_steps={count} must be between 1 and {_MOST_STEPS:,}")
    for weights in float_constants(graph, job, _LEAST):
        low, high = weights.low, weights.high
        if low == high:
            continue  # one value is as few as can be
        width = (high - low) / np.float32(count)
        if width < np.finfo(np.float32).tiny:
            job.skip(weights.node.name, "its values are too small for steps between them")
            continue

        def rounded(piece: Array, low: np.float32 = low, width: np.float32 = width) -> Array:
            steps = np.floor((piece - low) / width)
            steps += np.float32(0.5)
            steps *= width
            steps += low
            return steps

        with np.errstate(over="ignore"):
            values = computed(weights.values, np.float32, rounded)
        if not np.isfinite(values).all():
            job.skip(weights.node.name, "some of its values would not be finite")
            continue
        tensor = tensor_of(values, FLOAT32, weights.tensor.shape)
        graph.set_attr(weights.node, "value", tensor)


TRANSFORM = Transform(
    "round_weights",
    run,
    """Round large constants of floats to few values, so that the graph compresses well.

    The graph is as large as before and as fast; a program like zip makes it a quarter of the size.
    Constants of 16 elements or more are rounded, each weight by half a step at most, a step being
    the range of the values divided by num_steps. (The largest value has a step of its own, so there
    may be one value more.) Zeros do not stay zero.

    Constants of other types, and with values that are not finite, are left as they are, and so are
    those with one value only, which the original changed: 1.0 became 1.002. For tensors with
    negative values only, the original took a range up to zero, and lost accuracy for nothing.
    """,
    "round_weights(num_steps=256)",
    (Parameter("num_steps", "integer", "number of steps", "256"),),
    keeps_meaning=False,
)
