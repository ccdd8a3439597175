"""Shapes of variables and of what reads, assigns and updates them.

The handle of a resource variable holds its dtype and shape. Updates of parts of a variable are
checked against it: its slices must have the shape of the updates'.
"""

from __future__ import annotations

from graphtools.ops.call import Call, Handle, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    concatenate,
    dim,
    elements,
    merge,
    part,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import always, like_both_inputs, like_input


@shape_function("VariableV2", "TemporaryVariable")
def variable(call: Call) -> Dims:
    """What the attribute states."""
    return call.shape_attr("shape")


@shape_function("Variable")
def legacy_variable(call: Call) -> Dims:
    """What the attribute states, where a scalar means that nothing is known."""
    return call.shape_attr("shape") or None


# The value that the variable had.
shape_function("DestroyTemporaryVariable")(like_input(0))


@shape_function("VarHandleOp", "_XlaAotOnlyVarHandleOp")
def variable_handle(call: Call) -> Dims:
    """A scalar, which holds a variable of the stated dtype and shape."""
    call.give_handle(0, ((call.dtype_attr("dtype"), call.shape_attr("shape")),))
    return SCALAR


@shape_function("_VarHandlesOp")
def variable_handles(call: Call) -> list[Dims]:
    """As many handles as there are dtypes and shapes."""
    kinds, shapes = call.dtypes_attr("dtypes"), call.shapes_attr("shapes")
    if len(kinds) != len(shapes):
        raise Contradiction(f"{len(kinds)} dtypes and {len(shapes)} shapes were given")
    for output, held in enumerate(zip(kinds, shapes, strict=True)):
        call.give_handle(output, (held,))
    return [SCALAR] * len(kinds)


def held_shape(call: Call, position: int) -> Dims:
    """The shape of the variable that an input holds, None where it is not known."""
    handle = call.handle(position)
    return handle[0][1] if handle else None


def checked_shape(call: Call, position: int, attribute: str = "dtype") -> Dims:
    """The shape of the variable that an input holds, whose dtype must be that of an attribute.

    Raises:
        Contradiction: The dtypes differ.
    """
    handle: Handle | None = call.handle(position)
    if not handle:
        return None
    held, dims = handle[0]
    expected = call.dtype_attr(attribute)
    if held is not None and expected is not None and held is not expected:
        raise Contradiction(f"the variable is {held}, not {expected}")
    return dims


@shape_function("ReadVariableOp")
def read_variable(call: Call) -> Dims:
    """The shape of the variable."""
    call.input(0)
    dims = checked_shape(call, 0)
    handle = call.handle(0)
    call.give_handle(0, handle[1:] if handle and len(handle) > 1 else None)
    return dims


@shape_function("_ReadVariablesOp")
def read_variables(call: Call) -> list[Dims]:
    """The shapes of the variables."""
    return [held_shape(call, position) for position in range(len(call.inputs))]


@shape_function("VariableShape")
def variable_shape(call: Call) -> Dims:
    """As many elements as the variable has dimensions."""
    call.input(0)
    dims = held_shape(call, 0)
    return (None if dims is None else len(dims),)


@shape_function("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp")
def assign_variable(call: Call) -> list[Dims]:
    """The value must fit the variable. No outputs."""
    value = call.input(1)
    merge(checked_shape(call, 0), value)
    return []


@shape_function("VarIsInitializedOp", "IsVariableInitialized", "IsResourceHandleRefCounting")
def is_initialized(call: Call) -> Dims:
    """A scalar."""
    call.input(0)
    return SCALAR


shape_function("DestroyResourceOp", "ConsumeMutexLock", "DisableCopyOnRead")(always([]))


@shape_function("Assign")
def assign(call: Call) -> Dims:
    """The value's shape, which must be the variable's unless that is not to be checked."""
    variable, value = call.input(0), call.input(1)
    return merge(variable, value) if call.bool_attr("validate_shape") else value


# Variable and value have one shape.
shape_function("AssignAdd", "AssignSub")(like_both_inputs)


@shape_function("CountUpTo", "ResourceCountUpTo")
def count_up_to(call: Call) -> Dims:
    """A scalar counts."""
    if call.node.op == "CountUpTo":
        with_rank(call.input(0), 0)
    else:
        with_rank(checked_shape(call, 0, "T"), 0)
    return SCALAR


def check_slices(variable: Dims, indices: Dims, updates: Dims) -> None:
    """Require of updates one slice of the variable for each index, or a single number.

    Raises:
        Contradiction: They have another shape.
    """
    if updates != ():
        merge(updates, concatenate(indices, part(variable, 1)))


@shape_function(
    "ScatterUpdate", "ScatterAdd", "ScatterSub", "ScatterMin", "ScatterMax",
)  # fmt: skip
def scatter(call: Call) -> Dims:
    """The variable; each index replaces or changes one of its slices."""
    variable = call.input(0)
    check_slices(variable, call.input(1), call.input(2))
    return variable


# The variable; TensorFlow does not look at the other inputs.
shape_function("ScatterMul", "ScatterDiv")(like_input(0))


@shape_function(
    "ResourceScatterUpdate", "ResourceScatterAdd", "ResourceScatterSub", "ResourceScatterMul",
    "ResourceScatterDiv", "ResourceScatterMin", "ResourceScatterMax",
)  # fmt: skip
def resource_scatter(call: Call) -> list[Dims]:
    """Each index changes one slice of the variable. No outputs."""
    check_slices(checked_shape(call, 0), call.input(1), call.input(2))
    return []


def check_nd(variable: Dims, indices: Dims, updates: Dims) -> None:
    """Require of updates one slice of the variable for each index vector.

    Raises:
        Contradiction: They have another shape, or an empty variable is to be changed.
    """
    with_rank_at_least(indices, 1)
    with_rank_at_least(updates, 1)
    if elements(variable) == 0 and (elements(indices) or elements(updates)):
        raise Contradiction(f"a variable of shape {show(variable)} has nothing to be changed")
    if indices is None or updates is None or indices[-1] is None:
        return
    outer = len(indices) - 1
    merge(part(indices, 0, outer), part(updates, 0, outer))
    merge(part(variable, indices[-1]), part(updates, outer))


@shape_function(
    "ScatterNdUpdate", "ScatterNdAdd", "ScatterNdSub", "ScatterNdMin", "ScatterNdMax",
)  # fmt: skip
def scatter_nd(call: Call) -> Dims:
    """The variable; each index vector changes one of its elements or slices."""
    variable = call.input(0)
    check_nd(variable, call.input(1), call.input(2))
    return variable


@shape_function(
    "ResourceScatterNdUpdate", "ResourceScatterNdAdd", "ResourceScatterNdSub",
    "ResourceScatterNdMin", "ResourceScatterNdMax",
)  # fmt: skip
def resource_scatter_nd(call: Call) -> list[Dims]:
    """Each index vector changes one element or slice of the variable. No outputs."""
    check_nd(checked_shape(call, 0, "T"), call.input(1), call.input(2))
    return []


@shape_function("ResourceGather")
def resource_gather(call: Call) -> Dims:
    """For each index a slice of the variable; leading dimensions may be common to both."""
    batch = call.int_attr("batch_dims")
    indices = call.input(1)
    variable = checked_shape(call, 0)
    if batch < 0:
        raise Contradiction(f"batch_dims cannot be {batch}")
    with_rank_at_least(variable, batch + 1)
    with_rank_at_least(indices, batch)
    common = merge(part(indices, 0, batch), part(variable, 0, batch)) if batch else ()
    return concatenate(
        concatenate(common, part(indices, batch)),
        part(variable, batch + 1),
    )


@shape_function("ResourceGatherNd")
def resource_gather_nd(call: Call) -> Dims:
    """For each index vector an element or slice of the variable."""
    indices = with_rank_at_least(call.input(1), 1)
    variable = checked_shape(call, 0)
    depth = dim(indices, -1) if indices is not None else None
    if depth is None or variable is None:
        return None
    with_rank_at_least(variable, depth)
    return concatenate(part(indices, 0, -1), part(variable, depth))


shape_function("ResourceStridedSliceAssign")(always([]))
shape_function(
    "MutexV2", "MutexLock", "StubResourceHandleOp", "MakeWeakResourceHandle",
)(always(SCALAR))  # fmt: skip
