"""Shapes of what is sent between devices: collectives, NCCL, TPU infeed and replication."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import Contradiction, Dims, canonical_axis, merge_all, multiply, show
from graphtools.ops.families._outputs import (
    always,
    count_attr,
    like_all_inputs,
    like_input,
    output_count,
    scalar_outputs,
    told_by_attr,
    told_by_input,
    unknown_outputs,
)

shape_function(
    "CollectiveReduce", "CollectiveReduceV2", "CollectiveReduceV3", "CollectiveAllToAllV2",
    "CollectivePermute", "CrossReplicaSum", "CollectiveBcastSendV2", "NcclAllReduce",
    "NcclBroadcast", "CopyToMesh", "CopyToMeshGrad", "Relayout", "RelayoutLike", "DTensorAllReduce",
    "_NcclReduceRecv", "XlaAllReduce",
    "CollectiveAllToAllV3",
)(like_input(0))  # fmt: skip
shape_function("CollectiveBcastSend", "CollectiveBcastRecv")(told_by_attr("shape"))
shape_function("_NcclBroadcastRecv")(told_by_input(0))
shape_function("CollectiveBcastRecvV2")(told_by_input(3))
shape_function("NcclReduce")(like_input(0))


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


shape_function(
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
)(always([]))  # fmt: skip
shape_function(
    "CollectiveAssignGroupV2", "CollectiveInitializeCommunicator", "TPUCompilationResult",
    "TPURoundRobin", "IsTPUEmbeddingInitialized", "Prelinearize", "PrelinearizeTuple",
    "WorkerHeartbeat", "ShutdownTPUSystem", "_WaitForDistributedTPU", "ConfigureTPUEmbeddingMemory",
    "CollateTPUEmbeddingMemory", "ComputeDedupDataSize", "ComputeDedupDataSizeV2", "MergeDedupData",
    "DevicePlacementOp", "GetStatsFromListOfSparseCoreCooTensors",
)(scalar_outputs)  # fmt: skip
shape_function(
    "TPUOrdinalSelector", "TpuHandleToProtoKey", "ConfigureAndInitializeGlobalTPU",
    "_InitializeHostForDistributedTPU",
)(always((None,)))  # fmt: skip


@shape_function("InfeedDequeueTuple", "OutfeedDequeueTuple", "OutfeedDequeueTupleV2")
def tuple_received(call: Call) -> list[Dims]:
    """What the attribute states."""
    count = output_count(call)
    shapes = call.shapes_attr("shapes")
    if len(shapes) != count:
        raise Contradiction(f"{len(shapes)} shapes are not one for each of {count} outputs")
    return shapes


shape_function("OutfeedDequeue", "OutfeedDequeueV2", "TPUDummyInput")(told_by_attr("shape"))
shape_function("TPUEmbeddingActivations")(like_input(1))
shape_function("TPUAnnotateTensorsWithDynamicShape")(like_all_inputs)
shape_function("ComputeDedupDataTupleMask", "ComputeDedupDataTupleMaskV2")(always((None, None)))


@shape_function("TPUReplicatedInput")
def replicated_input(call: Call) -> Dims:
    """All replicas have one shape."""
    return merge_all(call.inputs)


@shape_function("TPUReplicatedOutput")
def replicated_output(call: Call) -> list[Dims]:
    """Each replica has the shape of the input."""
    return [call.input(0)] * count_attr(call, "num_replicas")


shape_function("TPUExecute", "TPUExecuteAndUpdateVariables", "_XlaRun")(unknown_outputs)
