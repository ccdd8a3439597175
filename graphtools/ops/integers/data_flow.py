"""Sizes of TensorArrays that cannot grow."""

from __future__ import annotations

from graphtools.ops.call import Call, Integers, integer_function


@integer_function("TensorArraySizeV3", "TensorArraySizeV2", "TensorArraySize")
def tensor_array_size(call: Call) -> Integers | None:
    """The size with which it was made; nothing is known of one that grows."""
    maker = call.maker(0)
    if maker is None or not maker.node.op.startswith("TensorArray"):
        return None
    return None if maker.bool_attr("dynamic_size") else maker.integers(0)
