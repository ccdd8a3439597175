"""What biases say."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, Dim, show


def channel_axis(call: Call, dims: tuple[Dim, ...]) -> int:
    """The axis of the channels.

    Raises:
        Contradiction: There are too few dimensions, or the layout is not that of images.
    """
    name = call.attr("data_format")
    if name not in (b"NHWC", b"NCHW", None):
        raise Contradiction(f"the attribute 'data_format' cannot be {name!r} here")
    if name == b"NCHW":
        if len(dims) < 3:
            raise Contradiction(f"{show(dims)} is no batch of images")
        return 1
    if len(dims) < 2:
        raise Contradiction(f"{show(dims)} has no channels")
    return len(dims) - 1
