"""Shapes of ops of the XLA bridge."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.definitions import op_definition
from graphtools.ops.dims import SCALAR, Dims, with_rank_at_least
from graphtools.ops.families._outputs import (
    always,
    input_positions,
    like_all_inputs,
    like_input,
    outputs_by_argument,
    told_by_attr,
)

shape_function(
    "XlaSharding", "XlaReducePrecision", "XlaDynamicUpdateSlice", "XlaClusterOutput", "XlaSort",
)(like_input(0))  # fmt: skip
shape_function("XlaOptimizationBarrier")(like_all_inputs)


@shape_function("XlaKeyValueSort")
def key_value_sort(call: Call) -> list[Dims]:
    """Keys and values in another order."""
    return [call.input(0), call.input(1)]


shape_function("XlaCustomCall")(told_by_attr("shape"))


@shape_function("XlaDynamicSlice")
def dynamic_slice(call: Call) -> Dims:
    """As large as the third input tells."""
    sizes = call.input(2)
    return None if sizes is None or len(sizes) != 1 else call.dims(2)


shape_function("XlaSend", "XlaSendToHost", "_XlaSendFromHost", "_XlaSendFromHostV2")(always([]))
shape_function("XlaRecv", "XlaRecvFromHost")(told_by_attr("shape"))
shape_function("XlaReplicaId")(always(SCALAR))
# Three texts.
shape_function("_XlaCompileMlirPlaceholderProgramKey")(always((3,)))
shape_function("XlaSpmdShardToFullShape")(told_by_attr("full_shape"))


@shape_function("XlaSparseActivationsUnstack")
def activations(call: Call) -> list[Dims]:
    """For each table its samples and features."""
    samples, features = call.attr("sample_counts"), call.attr("features")
    if not isinstance(samples, list) or not isinstance(features, list):
        return outputs_by_argument(call, {})
    shapes: list[Dims] = [
        (s if isinstance(s, int) else None, f if isinstance(f, int) else None)
        for s, f in zip(samples, features, strict=False)
    ]
    return outputs_by_argument(call, {"unstacked_activations": shapes})


@shape_function(
    "XlaSparseCoreAdagrad", "XlaSparseCoreAdagradMomentum", "XlaSparseCoreAdam",
    "XlaSparseCoreFtrl", "XlaSparseCoreSgd", "XlaSparseDenseMatmulGradWithAdagradAndCsrInput",
    "XlaSparseDenseMatmulGradWithAdagradAndStaticBufferSize",
    "XlaSparseDenseMatmulGradWithAdagradMomentumAndCsrInput",
    "XlaSparseDenseMatmulGradWithAdagradMomentumAndStaticBufferSize",
    "XlaSparseDenseMatmulGradWithAdamAndCsrInput",
    "XlaSparseDenseMatmulGradWithAdamAndStaticBufferSize",
    "XlaSparseDenseMatmulGradWithFtrlAndCsrInput",
    "XlaSparseDenseMatmulGradWithFtrlAndStaticBufferSize",
    "XlaSparseDenseMatmulGradWithSgdAndCsrInput",
    "XlaSparseDenseMatmulGradWithSgdAndStaticBufferSize",
    "XlaSparseDenseMatmulGradWithCsrInput",
    "XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdagradAndCsrInput",
    "XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdagradMomentumAndCsrInput",
    "XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdamAndCsrInput",
    "XlaSparseDenseMatmulCustomCombinerOnTcGradWithCsrInput",
    "XlaSparseDenseMatmulCustomCombinerOnTcGradWithFtrlAndCsrInput",
    "XlaSparseDenseMatmulCustomCombinerOnTcGradWithSgdAndCsrInput",
)  # fmt: skip
def updated(call: Call) -> list[Dims]:
    """Tables and their slots with new values, in the shapes that they have."""
    positions = input_positions(call)
    definition = op_definition(call.node.op)
    shapes: dict[str, Dims | list[Dims]] = {}
    for argument in definition.outputs if definition else ():
        source = positions.get(argument.name.removeprefix("updated_"))
        if source is not None:
            shapes[argument.name] = [call.inputs[p] for p in source]
    return outputs_by_argument(call, shapes)


@shape_function("XlaSparseDenseMatmulWithCsrInput", "XlaSparseDenseMatmulWithStaticBufferSize")
def embedded(call: Call) -> Dims:
    """For each sample the features of the table."""
    table = with_rank_at_least(call.input(4), 1)
    size = call.int_attr("input_size")
    return None if table is None or len(table) != 2 else (size, table[1])


# Rows, columns and gains of the entries.
shape_function("ConvertToCooTensor")(always([(None,), (None,), (None,)]))


@shape_function("ConvertToListOfSparseCoreCooTensors")
def coordinate_lists(call: Call) -> list[Dims]:
    """Rows, columns and gains of the entries, for each core."""
    return outputs_by_argument(
        call, {"row_ids_list": (None,), "col_ids_list": (None,), "gains_list": (None,)}
    )


@shape_function("SortListOfSparseCoreCooTensors", "GetMinibatchSplitsWithPhysicalReplica")
def sorted_coordinates(call: Call) -> list[Dims]:
    """Rows, columns and gains of the entries, and their numbers."""
    names = ("sorted_row_ids", "sorted_col_ids", "sorted_gains", "id_counts")
    scalars = ("splits", "max_ids", "max_uniques")
    return outputs_by_argument(call, dict.fromkeys(names, (None,)) | dict.fromkeys(scalars, SCALAR))


# Unknown, and four vectors.
shape_function("XlaSparseDenseMatmul")(always([None, (None,), (None,), (None,), (None,)]))
