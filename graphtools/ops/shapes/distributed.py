"""Shapes of what is sent between devices: collectives, NCCL, TPU infeed and replication."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    canonical_axis,
    merge_all,
    multiply,
    show,
)
from graphtools.ops.shapes._outputs import (
    count_attr,
    output_count,
    scalar_outputs,
    unknown_outputs,
)


@shape_function(
    "CollectiveReduce", "CollectiveReduceV2", "CollectiveReduceV3", "CollectiveAllToAllV2",
    "CollectivePermute", "CrossReplicaSum", "CollectiveBcastSendV2", "NcclAllReduce",
    "NcclBroadcast", "CopyToMesh", "CopyToMeshGrad", "Relayout", "RelayoutLike", "DTensorAllReduce",
    "_NcclReduceRecv", "XlaAllReduce",
    "CollectiveAllToAllV3",
)  # fmt: skip
def unchanged(call: Call) -> Dims:
    """Of the shape of the input."""
    return call.input(0)


@shape_function("CollectiveBcastSend", "CollectiveBcastRecv")
def stated(call: Call) -> Dims:
    """What the attribute states."""
    return call.shape_attr("shape")


@shape_function("_NcclBroadcastRecv")
def received(call: Call) -> Dims:
    """The shape that the input holds."""
    return call.dims(0)


@shape_function("CollectiveBcastRecvV2")
def broadcast_received(call: Call) -> Dims:
    """The shape that the last input holds."""
    return call.dims(3)


@shape_function("NcclReduce")
def reduced(call: Call) -> Dims:
    """Of the shape of the first input."""
    return call.input(0)


@shape_function("CollectiveGather")
def joined(call: Call) -> Dims:
    """The inputs of all members of the group, joined at dimension 0."""
    dims = call.input(0)
    if dims == ():
        raise Contradiction("a scalar has no dimension 0 to be joined at")
    return None if dims is None else (multiply(dims[0], call.int_attr("group_size")), *dims[1:])


@shape_function("CollectiveGatherV2", "CollectiveReduceScatterV2")
def gathered(call: Call) -> Dims:
    """Another extent of dimension 0, as the members of the group tell."""
    dims = call.input(0)
    if dims == ():
        raise Contradiction("a scalar has no dimension 0 to be joined or cut")
    return None if dims is None else (None, *dims[1:])


@shape_function("AllToAll")
def all_to_all(call: Call) -> Dims:
    """One dimension is cut in parts, which are joined at another."""
    dims = call.input(0)
    if dims is None:
        return None
    cut = canonical_axis(call.int_attr("split_dimension"), len(dims))
    joined = canonical_axis(call.int_attr("concat_dimension"), len(dims))
    count = call.int_attr("split_count")
    if cut == joined:
        return dims
    if count < 1 or ((extent := dims[cut]) is not None and extent % count):
        raise Contradiction(f"dimension {cut} of {show(dims)} cannot be cut in {count} parts")
    found = list(dims)
    if (extent := found[joined]) is not None:
        found[joined] = extent * count
    if (extent := found[cut]) is not None:
        found[cut] = extent // count
    return tuple(found)


@shape_function(
    "Send", "_Send", "_HostSend", "_NcclBroadcastSend", "_NcclReduceSend", "ConfigureTPUEmbedding",
    "DTensorSetGlobalTPUArray", "InfeedEnqueue", "InfeedEnqueuePrelinearizedBuffer",
    "InfeedEnqueueTuple", "OutfeedEnqueue", "OutfeedEnqueueTuple", "ShutdownDistributedTPU",
    "TPUCompileSucceededAssert", "TPUReplicateMetadata", "TPUReshardVariables",
    "_SetGlobalTPUArray",
    "SendTPUEmbeddingGradients", "EnqueueTPUEmbeddingBatch", "EnqueueTPUEmbeddingIntegerBatch",
    "EnqueueTPUEmbeddingRaggedTensorBatch", "EnqueueTPUEmbeddingSparseBatch",
    "EnqueueTPUEmbeddingSparseTensorBatch", "EnqueueTPUEmbeddingArbitraryTensorBatch",
    "DynamicEnqueueTPUEmbeddingArbitraryTensorBatch",
    "DynamicEnqueueTPUEmbeddingRaggedTensorBatch", "ConnectTPUEmbeddingHosts",
    "FinalizeTPUEmbedding", "UpdateTaskIdAndGlobalCoreArray", "RpcServerStart",
    "DeleteRpcFutureResource", "_ShutdownDistributedTPU", "AssignVariableXlaConcatND",
    "StoreMinibatchStatisticsInFdo",
)  # fmt: skip
def sent(call: Call) -> list[Dims]:
    """No outputs."""
    return []


@shape_function(
    "CollectiveAssignGroupV2", "CollectiveInitializeCommunicator", "TPUCompilationResult",
    "TPURoundRobin", "IsTPUEmbeddingInitialized", "Prelinearize", "PrelinearizeTuple",
    "WorkerHeartbeat", "ShutdownTPUSystem", "_WaitForDistributedTPU", "ConfigureTPUEmbeddingMemory",
    "CollateTPUEmbeddingMemory", "ComputeDedupDataSize", "ComputeDedupDataSizeV2", "MergeDedupData",
    "DevicePlacementOp", "GetStatsFromListOfSparseCoreCooTensors",
)  # fmt: skip
def scalars(call: Call) -> list[Dims]:
    """Scalars."""
    return scalar_outputs(call)


@shape_function(
    "TPUOrdinalSelector", "TpuHandleToProtoKey", "ConfigureAndInitializeGlobalTPU",
    "_InitializeHostForDistributedTPU",
)  # fmt: skip
def vector(call: Call) -> Dims:
    """A vector."""
    return (None,)


@shape_function("InfeedDequeueTuple", "OutfeedDequeueTuple", "OutfeedDequeueTupleV2")
def tuple_received(call: Call) -> list[Dims]:
    """What the attribute states."""
    count = output_count(call)
    shapes = call.shapes_attr("shapes")
    if len(shapes) != count:
        raise Contradiction(f"{len(shapes)} shapes are not one for each of {count} outputs")
    return shapes


@shape_function("OutfeedDequeue", "OutfeedDequeueV2", "TPUDummyInput")
def one_received(call: Call) -> Dims:
    """What the attribute states."""
    return call.shape_attr("shape")


@shape_function("TPUEmbeddingActivations")
def embedding_activations(call: Call) -> Dims:
    """Of the shape of the second input."""
    return call.input(1)


@shape_function("TPUAnnotateTensorsWithDynamicShape")
def annotated(call: Call) -> list[Dims]:
    """Each output is one input."""
    return list(call.inputs)


@shape_function("ComputeDedupDataTupleMask", "ComputeDedupDataTupleMaskV2")
def tuple_mask(call: Call) -> Dims:
    """A matrix."""
    return (None, None)


@shape_function("TPUReplicatedInput")
def replicated_input(call: Call) -> Dims:
    """All replicas have one shape."""
    return merge_all(call.inputs)


@shape_function("TPUReplicatedOutput")
def replicated_output(call: Call) -> list[Dims]:
    """Each replica has the shape of the input."""
    return [call.input(0)] * count_attr(call, "num_replicas")


@shape_function("TPUExecute", "TPUExecuteAndUpdateVariables", "_XlaRun")
def unknown(call: Call) -> list[Dims]:
    """Unknown."""
    return unknown_outputs(call)
