"""What passes its input on."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.dims import merge
from graphtools.ops.evaluation import move
from graphtools.ops.families._checks import Array


@move("Identity", "StopGradient", "PreventGradient", "Snapshot", "DebugGradientIdentity")
def identity(_call: Call, x: Array) -> Array:
    """The input."""
    return x


@move("IdentityN")
def identity_n(_call: Call, *inputs: Array) -> list[Array]:
    """All inputs."""
    return list(inputs)


@move("EnsureShape")
def ensure_shape(call: Call, x: Array) -> Array:
    """The input, which must have the stated shape."""
    merge(x.shape, call.shape_attr("shape"))
    return x
