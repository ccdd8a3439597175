"""Shapes of boosted trees and of TensorForest."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import SCALAR, Dims, add, merge_dim, with_rank
from graphtools.ops.families._outputs import (
    always,
    dim_attr,
    input_positions,
    outputs_by_argument,
    scalar_outputs,
)

shape_function(
    "BoostedTreesCenterBias", "BoostedTreesEnsembleResourceHandleOp",
    "BoostedTreesQuantileStreamResourceHandleOp", "BoostedTreesSerializeEnsemble",
    "IsBoostedTreesEnsembleInitialized", "IsBoostedTreesQuantileStreamResourceInitialized",
    "TensorForestTreeResourceHandleOp", "TensorForestTreeIsInitializedOp",
    "TensorForestTreeSerialize", "TensorForestTreeSize", "DecisionTreeResourceHandleOp",
    "FertileStatsResourceHandleOp", "FertileStatsIsInitializedOp", "TreeIsInitializedOp",
)(scalar_outputs)  # fmt: skip
shape_function(
    "BoostedTreesCreateEnsemble", "BoostedTreesCreateQuantileStreamResource",
    "BoostedTreesDeserializeEnsemble", "BoostedTreesQuantileStreamResourceAddSummaries",
    "BoostedTreesQuantileStreamResourceDeserialize", "BoostedTreesQuantileStreamResourceFlush",
    "BoostedTreesUpdateEnsemble", "BoostedTreesUpdateEnsembleV2",
    "TensorForestCreateTreeVariable", "TensorForestTreeDeserialize",
)(always([]))  # fmt: skip
# Four numbers, and a range.
shape_function("BoostedTreesGetEnsembleStates")(always([SCALAR, SCALAR, SCALAR, SCALAR, (2,)]))


def _examples(call: Call, argument: str) -> int | None:
    """The number of examples, of which each input of an argument has one entry."""
    found = None
    for position in input_positions(call)[argument]:
        dims = call.inputs[position]
        found = merge_dim(found, dims[0] if dims else None)
    return found


@shape_function("BoostedTreesBucketize")
def bucketize(call: Call) -> list[Dims]:
    """For each feature a bucket for each example."""
    positions = input_positions(call)["float_values"]
    return [(with_rank(call.inputs[p], 1)[0],) for p in positions]


@shape_function("BoostedTreesMakeQuantileSummaries", "BoostedTreesFlushQuantileSummaries")
def quantiles(call: Call) -> list[Dims]:
    """For each feature some entries of 4 numbers."""
    return outputs_by_argument(call, {"summaries": (None, 4)})


@shape_function("BoostedTreesQuantileStreamResourceGetBucketBoundaries")
def boundaries(call: Call) -> list[Dims]:
    """A vector for each feature."""
    return outputs_by_argument(call, {"bucket_boundaries": (None,)})


@shape_function("BoostedTreesMakeStatsSummary")
def stats_summary(call: Call) -> Dims:
    """Gradient and Hessian by feature, node and bucket."""
    names = ("num_features", "max_splits", "num_buckets")
    return (*[dim_attr(call, name) for name in names], 2)


@shape_function("BoostedTreesAggregateStats")
def aggregate(call: Call) -> Dims:
    """Gradients and Hessians by node, dimension of the feature and bucket; one for the missing."""
    gradients, hessians = with_rank(call.input(1), 2), with_rank(call.input(2), 2)
    feature = with_rank(call.input(3), 2)
    return (
        dim_attr(call, "max_splits"),
        feature[1],
        add(dim_attr(call, "num_buckets"), 1),
        add(gradients[1], hessians[1]),
    )


# A sparse tensor of rank 4.
shape_function("BoostedTreesSparseAggregateStats")(always([(None, 4), (None,), (4,)]))


@shape_function(
    "BoostedTreesCalculateBestFeatureSplit", "BoostedTreesCalculateBestFeatureSplitV2",
    "BoostedTreesSparseCalculateBestFeatureSplit",
)  # fmt: skip
def best_split(call: Call) -> list[Dims]:
    """Vectors with one entry a node; contributions for each logit."""
    contribution: Dims = (None, dim_attr(call, "logits_dimension"))
    names = "node_ids gains feature_ids feature_dimensions thresholds split_with_default_directions"
    shapes: dict[str, Dims | list[Dims]] = dict.fromkeys(names.split(), (None,))
    shapes |= {"left_node_contribs": contribution, "right_node_contribs": contribution}
    return outputs_by_argument(call, shapes)


@shape_function("BoostedTreesCalculateBestGainsPerFeature")
def best_gains(call: Call) -> list[Dims]:
    """For each feature vectors with one entry a node, and contributions."""
    return outputs_by_argument(
        call,
        {
            "node_ids_list": (None,),
            "gains_list": (None,),
            "thresholds_list": (None,),
            "left_node_contribs_list": (None, 1),
            "right_node_contribs_list": (None, 1),
        },
    )


@shape_function("BoostedTreesPredict")
def predict(call: Call) -> Dims:
    """Logits of each example."""
    return (_examples(call, "bucketized_features"), dim_attr(call, "logits_dimension"))


@shape_function("BoostedTreesTrainingPredict")
def training_predict(call: Call) -> list[Dims]:
    """Logits, tree and node of each example."""
    examples = _examples(call, "bucketized_features")
    return [(examples, dim_attr(call, "logits_dimension")), (examples,), (examples,)]


@shape_function("BoostedTreesExampleDebugOutputs")
def debug_outputs(call: Call) -> Dims:
    """A text for each example."""
    return (_examples(call, "bucketized_features"),)
