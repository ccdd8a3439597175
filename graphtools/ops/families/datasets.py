"""Shapes of datasets, iterators and optional values.

A dataset is a scalar; the shapes of its elements are stated where they are taken.
"""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import Contradiction, Dims, with_rank
from graphtools.ops.families._outputs import always, output_count, scalar_outputs, unknown_outputs

shape_function(
    "AnonymousIterator", "AnonymousIteratorV2", "AnonymousIteratorV3", "AnonymousMemoryCache",
    "AnonymousMultiDeviceIterator", "AnonymousMultiDeviceIteratorV3",
    "AnonymousRandomSeedGenerator", "AnonymousSeedGenerator", "AssertCardinalityDataset",
    "AssertNextDataset", "AssertPrevDataset", "AutoShardDataset", "BatchDataset", "BatchDatasetV2",
    "BigtableClient", "BigtableLookupDataset", "BigtablePrefixKeyDataset",
    "BigtableRangeKeyDataset", "BigtableSampleKeyPairsDataset", "BigtableSampleKeysDataset",
    "BigtableScanDataset", "BigtableTable", "BytesProducedStatsDataset", "CSVDataset",
    "CSVDatasetV2", "CacheDataset", "CacheDatasetV2", "ChooseFastestBranchDataset",
    "ChooseFastestDataset", "CompositeTensorVariantFromComponents", "CompressElement",
    "ComputeBatchSize", "ConcatenateDataset", "DataServiceDataset", "DataServiceDatasetV2",
    "DataServiceDatasetV3", "DataServiceDatasetV4", "DatasetCardinality", "DatasetFingerprint",
    "DatasetFromGraph", "DatasetToGraph", "DatasetToGraphV2", "DenseToSparseBatchDataset",
    "DirectedInterleaveDataset", "DummyIterationCounter", "DummyMemoryCache", "DummySeedGenerator",
    "ExperimentalAssertNextDataset", "ExperimentalAutoShardDataset",
    "ExperimentalBytesProducedStatsDataset", "ExperimentalCSVDataset",
    "ExperimentalChooseFastestDataset", "ExperimentalDatasetCardinality",
    "ExperimentalDenseToSparseBatchDataset", "ExperimentalDirectedInterleaveDataset",
    "ExperimentalGroupByReducerDataset", "ExperimentalGroupByWindowDataset",
    "ExperimentalIgnoreErrorsDataset", "ExperimentalIteratorGetDevice", "ExperimentalLMDBDataset",
    "ExperimentalLatencyStatsDataset", "ExperimentalMapAndBatchDataset", "ExperimentalMapDataset",
    "ExperimentalMatchingFilesDataset", "ExperimentalMaxIntraOpParallelismDataset",
    "ExperimentalNonSerializableDataset", "ExperimentalParallelInterleaveDataset",
    "ExperimentalParseExampleDataset", "ExperimentalPrivateThreadPoolDataset",
    "ExperimentalRandomDataset", "ExperimentalRebatchDataset", "ExperimentalScanDataset",
    "ExperimentalSetStatsAggregatorDataset", "ExperimentalSleepDataset",
    "ExperimentalSlidingWindowDataset", "ExperimentalSqlDataset",
    "ExperimentalStatsAggregatorHandle", "ExperimentalTakeWhileDataset",
    "ExperimentalThreadPoolDataset", "ExperimentalThreadPoolHandle", "ExperimentalUnbatchDataset",
    "ExperimentalUniqueDataset", "FilterByLastComponentDataset", "FilterDataset", "FinalizeDataset",
    "FixedLengthRecordDataset", "FixedLengthRecordDatasetV2", "FlatMapDataset", "GeneratorDataset",
    "GetOptions", "GlobalShuffleDataset", "GroupByReducerDataset", "GroupByWindowDataset",
    "IgnoreErrorsDataset", "IndexFlatMapDataset", "InterleaveDataset", "Iterator",
    "IteratorFromStringHandle", "IteratorFromStringHandleV2", "IteratorGetDevice",
    "IteratorGetModelProto", "IteratorGetNextAsOptional", "IteratorToStringHandle", "IteratorV2",
    "LMDBDataset", "LatencyStatsDataset", "LegacyParallelInterleaveDatasetV2", "ListDataset",
    "ListSnapshotChunksDataset", "LoadDataset", "MapAndBatchDataset", "MapDataset",
    "MatchingFilesDataset", "MaxIntraOpParallelismDataset", "ModelDataset", "MultiDeviceIterator",
    "MultiDeviceIteratorFromStringHandle", "MultiDeviceIteratorInit",
    "MultiDeviceIteratorToStringHandle", "NonSerializableDataset", "OneShotIterator",
    "OptimizeDataset", "OptimizeDatasetV2", "OptionalFromValue", "OptionalHasValue", "OptionalNone",
    "OptionsDataset", "PaddedBatchDataset", "PaddedBatchDatasetV2", "ParallelBatchDataset",
    "ParallelFilterDataset", "ParallelInterleaveDataset", "ParallelInterleaveDatasetV2",
    "ParallelInterleaveDatasetV3", "ParallelInterleaveDatasetV4", "ParallelMapDataset",
    "ParallelMapDatasetV2", "ParseExampleDataset", "ParseExampleDatasetV2", "PrefetchDataset",
    "PrivateThreadPoolDataset", "RandomDataset", "RandomDatasetV2", "RangeDataset",
    "RebatchDataset", "RebatchDatasetV2", "RegisterDataset", "RegisterDatasetV2", "RepeatDataset",
    "RewriteDataset", "SamplingDataset", "SaveDatasetV2", "ScanDataset",
    "SetStatsAggregatorDataset", "ShardDataset", "ShuffleAndRepeatDataset",
    "ShuffleAndRepeatDatasetV2", "ShuffleDataset", "ShuffleDatasetV2", "ShuffleDatasetV3",
    "SkipDataset", "SleepDataset", "SlidingWindowDataset", "SnapshotChunkDataset",
    "SnapshotDataset", "SnapshotDatasetReader", "SnapshotDatasetV2", "SnapshotNestedDatasetReader",
    "SparseTensorSliceDataset", "SqlDataset", "StatsAggregatorHandle", "StatsAggregatorHandleV2",
    "TFRecordDataset", "TFRecordDatasetV2", "TakeDataset", "TakeWhileDataset", "TensorDataset",
    "TensorSliceDataset", "TextLineDataset", "ThreadPoolDataset", "ThreadPoolHandle",
    "UnbatchDataset", "UniqueDataset", "UnwrapDatasetVariant", "WeightedFlatMapDataset",
    "WindowDataset", "WindowOp", "WrapDatasetVariant", "ZipDataset",
)(scalar_outputs)  # fmt: skip
shape_function(
    "DatasetToBigtable", "DeleteIterator", "DeleteMemoryCache", "DeleteMultiDeviceIterator",
    "DeleteRandomSeedGenerator", "DeleteSeedGenerator", "DeserializeIterator", "MakeIterator",
    "SaveDataset",
)(always([]))  # fmt: skip


@shape_function("SerializeIterator")
def serialize(call: Call) -> Dims:
    """A vector of states."""
    with_rank(call.input(0), 0)
    return (None,)


@shape_function(
    "DatasetToSingleElement", "GetElementAtIndex", "IteratorGetNext", "IteratorGetNextSync",
    "MultiDeviceIteratorGetNextFromShard", "OptionalGetValue", "ReduceDataset",
    "UncompressElement",
)  # fmt: skip
def element(call: Call) -> list[Dims]:
    """An element, of the stated shapes; TensorFlow checks them when it runs."""
    count = output_count(call)
    stated = call.shapes_attr("output_shapes")
    if len(stated) != count:
        raise Contradiction(f"{len(stated)} output_shapes are not one for each of {count} outputs")
    return stated


shape_function("CompositeTensorVariantToComponents", "RpcCall", "RpcServer", "RpcClient")(
    unknown_outputs
)
