"""Shapes of queues, barriers, staging areas, stacks, accumulators and sessions.

The handle of a resource queue holds the dtypes and shapes of its components.
"""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import SCALAR, Contradiction, Dims, concatenate, unknown, with_rank
from graphtools.ops.families._outputs import (
    always,
    check_dim,
    like_input,
    output_count,
    told_by_attr,
    unknown_outputs,
)

# Two texts that name the object.
shape_function(
    "FIFOQueue", "PaddingFIFOQueue", "RandomShuffleQueue", "PriorityQueue", "FakeQueue", "Barrier",
    "ConditionalAccumulator", "SparseConditionalAccumulator", "ResourceConditionalAccumulator",
)(always((2,)))  # fmt: skip


# Two texts that name the stack.
shape_function("Stack", "StackV2")(always((2,)))


@shape_function("FIFOQueueV2", "PaddingFIFOQueueV2", "RandomShuffleQueueV2", "PriorityQueueV2")
def queue(call: Call) -> Dims:
    """A scalar, which holds one element of each component.

    A priority queue has one more component before the stated ones, the priority. TensorFlow does
    not follow the components; only those queues are followed here whose shapes are stated for all.
    """
    kinds, shapes = call.dtypes_attr("component_types"), call.shapes_attr("shapes")
    if len(kinds) == len(shapes) and kinds and call.node.op != "PriorityQueueV2":
        call.give_handle(0, tuple(zip(kinds, shapes, strict=True)))
    return SCALAR


shape_function(
    "QueueEnqueue", "QueueEnqueueV2", "QueueEnqueueMany", "QueueEnqueueManyV2", "BarrierInsertMany",
    "Stage", "MapStage", "OrderedMapStage", "StageClear", "MapClear", "OrderedMapClear",
    "StackClose", "AccumulatorApplyGradient", "AccumulatorSetGlobalStep",
    "SparseAccumulatorApplyGradient", "ResourceAccumulatorApplyGradient",
    "ResourceAccumulatorSetGlobalStep", "QueueCloseV2", "StackCloseV2",
)(always([]))  # fmt: skip


@shape_function("QueueClose", "BarrierClose")
def closed(call: Call) -> list[Dims]:
    """A reference of two texts; no outputs."""
    check_dim(with_rank(call.input(0), 1), 0, 2)
    return []


@shape_function(
    "QueueSize", "BarrierReadySize", "BarrierIncompleteSize",
)  # fmt: skip
def reference_size(call: Call) -> Dims:
    """A scalar, for a reference of two texts."""
    check_dim(with_rank(call.input(0), 1), 0, 2)
    return SCALAR


shape_function(
    "QueueIsClosed", "AccumulatorNumAccumulated", "QueueIsClosedV2", "StageSize", "MapSize",
    "MapIncompleteSize",
    "OrderedMapSize", "OrderedMapIncompleteSize", "ResourceAccumulatorNumAccumulated",
)(always(SCALAR))  # fmt: skip


@shape_function("QueueSizeV2")
def queue_size(call: Call) -> Dims:
    """A scalar as the queue."""
    dims = call.input(0)
    return SCALAR if dims is None else dims


@shape_function("QueueDequeueV2")
def dequeue(call: Call) -> list[Dims]:
    """One element of each component.

    Of a PaddingFIFOQueue, too, an element has the shape that was stated: dimensions that may vary
    are unknown there.
    """
    return _components(call, ())


@shape_function("QueueDequeueManyV2")
def dequeue_many(call: Call) -> list[Dims]:
    """So many elements of each component, one behind the other in a new first dimension."""
    count = call.integer(1)
    if count is not None and count < 0:
        raise Contradiction(f"{count} elements cannot be taken")
    return _components(call, (count,))


@shape_function("QueueDequeueUpToV2")
def dequeue_up_to(call: Call) -> list[Dims]:
    """Some elements of each component, in a new first dimension."""
    return _components(call, (None,))


def _components(call: Call, leading: Dims) -> list[Dims]:
    count = output_count(call)
    handle = call.handle(0)
    if handle is None or len(handle) != count:
        return [None] * count
    return [concatenate(leading, dims) for _, dims in handle]


shape_function(
    "QueueDequeue", "QueueDequeueMany", "QueueDequeueUpTo", "BarrierTakeMany", "Unstage",
    "StagePeek", "MapPeek", "MapUnstage", "MapUnstageNoKey", "OrderedMapPeek", "OrderedMapUnstage",
    "OrderedMapUnstageNoKey", "StackPop", "StackPopV2", "SparseAccumulatorTakeGradient",
    "GetSessionTensor", "ResourceAccumulatorTakeGradient",
)(unknown_outputs)  # fmt: skip


@shape_function("AccumulatorTakeGradient")
def take_gradient(call: Call) -> Dims:
    """Unknown: the shape of what was applied."""
    with_rank(call.input(1), 0)
    return None


shape_function("StackPush", "StackPushV2")(like_input(1))

shape_function("GetSessionHandle", "GetSessionHandleV2")(always(SCALAR))


@shape_function("DeleteSessionTensor")
def delete_session_tensor(call: Call) -> list[Dims]:
    """No outputs."""
    with_rank(call.input(0), 0)
    return []


shape_function("RecordInput")(always(None))


@shape_function("Batch")
def batch(call: Call) -> list[Dims]:
    """The inputs joined to batches of unknown extent, an index of [?,3] and a number."""
    found: list[Dims] = []
    for dims in call.inputs:
        if dims == ():
            raise Contradiction("what is batched must have a dimension 0")
        found.append(None if dims is None else (None, *dims[1:]))
    return [*found, (None, 3), SCALAR]


@shape_function("Unbatch")
def unbatch(call: Call) -> Dims:
    """The input with another dimension 0."""
    dims = call.input(0)
    return None if dims is None else (None, *dims[1:])


@shape_function("UnbatchGrad")
def unbatch_grad(call: Call) -> Dims:
    """Of the rank of the gradient."""
    dims = call.input(2)
    return None if dims is None else unknown(len(dims))


shape_function("BatchFunction")(unknown_outputs)


# What the attribute states; unknown for what another device sends.
shape_function("InfeedDequeue", "_ScopedAllocator", "_HostRecv", "_Recv", "Recv")(
    told_by_attr("shape")
)
