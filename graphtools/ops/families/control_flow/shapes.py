"""Shapes of what hands on its input."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Dims,
    merge,
    with_rank,
)
from graphtools.ops.families._outputs import always, count_attr, like_input


@shape_function("EnsureShape")
def ensure_shape(call: Call) -> Dims:
    """The input has the shape that the attribute states."""
    return merge(call.input(0), call.shape_attr("shape"))


shape_function(
    "DeepCopy", "InplaceUpdate", "InplaceAdd", "InplaceSub", "Copy", "CopyHost",
    "CheckNumerics", "CheckNumericsV2", "DataFormatDimMap", "DataFormatVecPermute", "CopyOp",
    "SleepIdentityOp",
    "DebugIdentity", "CheckPinned", "_CopyFromGpuToHost", "_CopyFromHostToGpu",
)(like_input(0))  # fmt: skip


@shape_function(
    "Identity", "RefIdentity", "Enter", "RefEnter", "Exit", "RefExit", "NextIteration",
    "RefNextIteration", "StopGradient", "PreventGradient", "Snapshot", "DebugGradientIdentity",
    "DebugGradientRefIdentity",
)  # fmt: skip
def passed_on(call: Call) -> Dims:
    """The output is the input."""
    dims = call.input(0)
    call.give_handle(0, call.handle(0))
    return dims


@shape_function("IdentityN")
def identity_n(call: Call) -> list[Dims]:
    """Each output is one input."""
    for position in range(len(call.inputs)):
        call.give_handle(position, call.handle(position))
    return list(call.inputs)


@shape_function("Switch")
def switch(call: Call) -> list[Dims]:
    """Either output is the input: false, true. The predicate is a scalar."""
    with_rank(call.input(1), 0)
    for output in (0, 1):
        call.give_handle(output, call.handle(0))
    return [call.input(0)] * 2


@shape_function("RefSwitch")
def ref_switch(call: Call) -> list[Dims]:
    """Either output is the input: false, true. The predicate is a scalar."""
    with_rank(call.input(1), 0)
    return [call.input(0)] * 2


@shape_function("_SwitchN")
def switch_n(call: Call) -> list[Dims]:
    """One of the outputs is the input."""
    with_rank(call.input(1), 0)
    count = count_attr(call, "num_outs")
    for output in range(count):
        call.give_handle(output, call.handle(0))
    return [call.input(0)] * count


@shape_function("RefSelect")
def ref_select(call: Call) -> Dims:
    """One of the inputs; all have one shape, or nothing is known."""
    with_rank(call.input(0), 0)
    shapes = call.inputs[1:]
    first = shapes[0] if shapes else None
    if first is None or None in first:
        return None
    for dims in shapes:
        if dims is None or len(dims) != len(first):
            return None
        if any(a is not None and a != b for a, b in zip(dims, first, strict=True)):
            return None
    return first if all(dims == first for dims in shapes) else None


@shape_function("LoopCond")
def loop_cond(call: Call) -> Dims:
    """A scalar goes through."""
    with_rank(call.input(0), 0)
    return SCALAR


shape_function("NoOp", "ControlTrigger", "Abort", "_Retval", "_DeviceRetval")(always([]))
