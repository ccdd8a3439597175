"""Shapes of the updates of optimizers.

A variable and its slots have one shape, which the gradient has, too. Of a sparse gradient only
the rows are given that some indices name.
"""

from __future__ import annotations

import functools

from graphtools.ops.call import Call, shape_function
from graphtools.ops.definitions import op_definition
from graphtools.ops.dims import Dims, merge, with_rank, with_rank_at_least
from graphtools.ops.families._outputs import always, input_positions, outputs_by_argument
from graphtools.ops.families.state.shapes import held_shape

_SLOT, _HANDLE, _GRADIENT, _INDICES, _SCALAR = range(5)


@functools.cache
def _roles(op: str) -> tuple[int, ...]:
    """What each input of an op is."""
    definition = op_definition(op)
    found = []
    for argument in definition.inputs if definition else ():
        if argument.is_ref:
            found.append(_SLOT)
        elif argument.dtype is not None and argument.dtype.name == "resource":
            found.append(_HANDLE)
        else:
            found.append({"grad": _GRADIENT, "indices": _INDICES}.get(argument.name, _SCALAR))
    return tuple(found)


@shape_function(
    "ApplyAdaMax", "ApplyAdadelta", "ApplyAdagrad", "ApplyAdagradDA", "ApplyAdagradV2",
    "ApplyAdam", "ApplyAddSign", "ApplyCenteredRMSProp", "ApplyFtrl", "ApplyFtrlV2",
    "ApplyMomentum", "ApplyPowerSign", "ApplyProximalAdagrad", "ApplyRMSProp",
    "ResourceApplyAdaMax", "ResourceApplyAdadelta", "ResourceApplyAdagrad",
    "ResourceApplyAdagradDA", "ResourceApplyAdagradV2", "ResourceApplyAdam",
    "ResourceApplyAdamWithAmsgrad", "ResourceApplyAddSign", "ResourceApplyCenteredRMSProp",
    "ResourceApplyFtrl", "ResourceApplyFtrlV2", "ResourceApplyKerasMomentum",
    "ResourceApplyMomentum", "ResourceApplyPowerSign", "ResourceApplyProximalAdagrad",
    "ResourceApplyRMSProp", "ResourceSparseApplyAdadelta", "ResourceSparseApplyAdagrad",
    "ResourceSparseApplyAdagradDA", "ResourceSparseApplyAdagradV2",
    "ResourceSparseApplyCenteredRMSProp", "ResourceSparseApplyFtrl", "ResourceSparseApplyFtrlV2",
    "ResourceSparseApplyKerasMomentum", "ResourceSparseApplyMomentum",
    "ResourceSparseApplyProximalAdagrad", "ResourceSparseApplyProximalGradientDescent",
    "ResourceSparseApplyRMSProp", "SparseApplyAdadelta", "SparseApplyAdagrad",
    "SparseApplyAdagradDA", "SparseApplyAdagradV2", "SparseApplyCenteredRMSProp",
    "SparseApplyFtrl", "SparseApplyFtrlV2", "SparseApplyMomentum", "SparseApplyProximalAdagrad",
    "SparseApplyProximalGradientDescent", "SparseApplyRMSProp",
)  # fmt: skip
def update(call: Call) -> list[Dims]:
    """The variable, merged with its slots and the gradient; resource variants have no output."""
    roles = _roles(call.node.op)
    sparse = _INDICES in roles
    dims: Dims = None
    rows: Dims = None
    for position, role in enumerate(roles):
        found = call.input(position)
        if role == _SLOT:
            dims = merge(dims, found)
        elif role == _HANDLE:
            dims = merge(dims, held_shape(call, position))
        elif role == _SCALAR:
            with_rank(found, 0)
        elif role == _INDICES:
            rows = merge(rows, with_rank(found, 1))
        elif sparse:
            gradient = with_rank_at_least(found, 1)
            if gradient is not None:
                if _HANDLE not in roles:
                    rows = merge(rows, gradient[:1])
                dims = merge(dims, (None, *gradient[1:]))
        else:
            dims = merge(dims, found)
    return [] if _HANDLE in roles else [dims]


@shape_function(
    "ApplyGradientDescent", "ApplyProximalGradientDescent", "ResourceApplyGradientDescent",
    "ResourceApplyProximalGradientDescent",
)  # fmt: skip
def descend(call: Call) -> list[Dims]:
    """The variable, merged with the step that is taken, which is the last input."""
    resource = call.node.op.startswith("Resource")
    last = len(_roles(call.node.op)) - 1
    for position in range(1, last):
        with_rank(call.input(position), 0)
    call.input(last)
    dims = merge(held_shape(call, 0) if resource else call.input(0), call.input(last))
    return [] if resource else [dims]


@shape_function("SdcaOptimizer", "SdcaOptimizerV2")
def sdca_optimizer(call: Call) -> list[Dims]:
    """The state of the examples in 4 columns, and the changes of the weights in their shapes."""
    positions = input_positions(call)
    return outputs_by_argument(
        call,
        {
            "out_example_state_data": (None, 4),
            "out_delta_sparse_weights": [call.inputs[p] for p in positions["sparse_weights"]],
            "out_delta_dense_weights": [call.inputs[p] for p in positions["dense_weights"]],
        },
    )


@shape_function("SdcaFprint")
def sdca_fingerprint(call: Call) -> Dims:
    """Two numbers for each example."""
    dims = with_rank(call.input(0), 1)
    return (dims[0], 2)


shape_function("SdcaShrinkL1")(always([]))
