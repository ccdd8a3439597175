"""Shapes of summaries, logs, clocks and checks."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import SCALAR, Dims, merge, with_rank
from graphtools.ops.families._outputs import always, like_input, unknown_outputs

shape_function(
    "AudioSummary", "AudioSummaryV2", "HistogramSummary", "ImageSummary", "MergeSummary",
    "TensorSummary", "TensorSummaryV2", "SummaryWriter", "StatsAggregatorSummary",
    "ExperimentalStatsAggregatorSummary", "Timestamp", "DebugNanCount",
    "BytesInUse", "BytesLimit", "MaxBytesInUse", "IsTensorFloat32Enabled", "DeviceIndex",
    "GraphDefVersion", "KernelLabel", "KernelLabelRequired", "ToBool", "GetTpuTaskId",
    "GlobalIterId",
)(always(SCALAR))  # fmt: skip


@shape_function("ScalarSummary")
def scalar_summary(call: Call) -> Dims:
    """A scalar, for a tag and a value each or several."""
    merge(call.input(0), call.input(1))
    return SCALAR


shape_function(
    "Assert", "CloseSummaryWriter", "CreateSummaryDbWriter", "CreateSummaryFileWriter",
    "FlushSummaryWriter", "ImportEvent", "StatsAggregatorSetSummaryWriter", "WriteAudioSummary",
    "WriteGraphSummary", "WriteHistogramSummary", "WriteImageSummary", "WriteRawProtoSummary",
    "WriteScalarSummary", "WriteSummary", "DumpTensor", "SyncDevice", "SleepOp",
    "CalibrationStatisticsSaver",
)(always([]))  # fmt: skip


@shape_function("PrintV2")
def print_text(call: Call) -> list[Dims]:
    """No outputs; the text is a scalar."""
    with_rank(call.input(0), 0)
    return []


shape_function("Print")(like_input(0))
shape_function("DebugIdentityV2", "DebugIdentityV3")(like_input(0))


@shape_function("CustomAggregator")
def aggregator(call: Call) -> list[Dims]:
    """The input, its least and greatest value, and a histogram."""
    return [call.input(0), SCALAR, SCALAR, (call.int_attr("num_bins"),)]


shape_function(
    "DebugNumericSummary", "DebugNumericSummaryV2", "PyFunc", "PyFuncStateless", "EagerPyFunc",
    "GetDeadline", "RemoteFusedGraphExecute", "Rpc", "TryRpc",
)(unknown_outputs)  # fmt: skip
