"""What normalizations say."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction


def channel_axis(call: Call, rank: int) -> int:
    """The axis of the channels of a tensor of a rank.

    Raises:
        Contradiction: The attribute `data_format` is none of images or volumes.
    """
    name = call.attr("data_format")
    if name not in (b"NHWC", b"NCHW", b"NDHWC", b"NCDHW", None):
        raise Contradiction(f"the attribute 'data_format' cannot be {name!r} here")
    return 1 if name in (b"NCHW", b"NCDHW") else rank - 1
