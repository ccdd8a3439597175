"""Shapes of what is parsed from tf.Example protos, CSV lines and other records.

A sparse feature is given as positions, values and extents; a dense one in its stated shape, behind
the dimensions of the records.
"""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    concatenate,
    elements,
    merge,
    part,
    show,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphtools.ops.families._outputs import (
    always,
    input_positions,
    like_input,
    output_count,
    outputs_by_argument,
)


def _dense(call: Call, attribute: str, leading: Dims) -> list[Dims]:
    """Dense features behind leading dimensions; only their first dimension may vary."""
    shapes = call.shapes_attr(attribute)
    for dims in shapes:
        if dims is None or None in dims[1:]:
            raise Contradiction(f"{attribute}: all but the first dimension must be known")
    return [concatenate(leading, dims) for dims in shapes]


def _sparse_rank(records: Dims, more: int) -> int | None:
    return None if records is None else len(records) + more


def _splits(records: Dims) -> Dims:
    """Where the rows of a ragged feature begin: one more than there are records."""
    count = elements(records)
    return (None if count is None else count + 1,)


@shape_function("ParseExample", "ParseExampleV2")
def parse_example(call: Call) -> list[Dims]:
    """Features of each record."""
    records = call.input(0)
    if call.node.op == "ParseExample":
        records = with_rank(records, 1)
        with_rank(call.input(1), 1)
    else:
        with_rank_at_most(records, 1)
    rank = _sparse_rank(records, 1)
    return outputs_by_argument(
        call,
        {
            "sparse_indices": (None, rank),
            "sparse_values": (None,),
            "sparse_shapes": (rank,),
            "dense_values": _dense(call, "dense_shapes", records),
            "ragged_values": (None,),
            "ragged_row_splits": _splits(records),
        },
    )


@shape_function("ParseSingleExample")
def parse_single_example(call: Call) -> list[Dims]:
    """Features of one record."""
    with_rank(call.input(0), 0)
    return outputs_by_argument(
        call,
        {
            "sparse_indices": (None, 1),
            "sparse_values": (None,),
            "sparse_shapes": (1,),
            "dense_values": _dense(call, "dense_shapes", SCALAR),
        },
    )


@shape_function("ParseSequenceExample", "ParseSequenceExampleV2", "ParseSingleSequenceExample")
def parse_sequence(call: Call) -> list[Dims]:
    """Features of records, and features of each of their steps."""
    records = call.input(0)
    op = call.node.op
    if op == "ParseSingleSequenceExample":
        records = with_rank(records, 0)
    elif op == "ParseSequenceExample":
        records = with_rank(records, 1)
    else:
        with_rank_at_most(records, 1)
    rank, step_rank = _sparse_rank(records, 1), _sparse_rank(records, 2)
    steps = concatenate(records, (None,))
    return outputs_by_argument(
        call,
        {
            "context_sparse_indices": (None, rank),
            "context_sparse_values": (None,),
            "context_sparse_shapes": (rank,),
            "context_dense_values": _dense(call, "context_dense_shapes", records),
            "context_ragged_values": (None,),
            "context_ragged_row_splits": _splits(records),
            "feature_list_sparse_indices": (None, step_rank),
            "feature_list_sparse_values": (None,),
            "feature_list_sparse_shapes": (step_rank,),
            "feature_list_dense_values": _dense(call, "feature_list_dense_shapes", steps),
            "feature_list_dense_lengths": records,
            "feature_list_ragged_values": (None,),
            "feature_list_ragged_outer_splits": _splits(records),
            "feature_list_ragged_inner_splits": (None,),
        },
    )


shape_function("ParseTensor")(always(None))
shape_function("SerializeTensor")(always(SCALAR))
# One result for each text.
shape_function("DecodeJSONExample")(like_input(0))


@shape_function("DecodeCSV")
def decode_csv(call: Call) -> list[Dims]:
    """For each column as many values as there are lines; a default is none or one."""
    lines = call.input(0)
    for position in range(1, len(call.inputs)):
        default = with_rank_at_most(call.input(position), 1)
        if default and default[0] is not None and default[0] > 1:
            raise Contradiction(f"a default of shape {show(default)} is no single value")
    return [lines] * output_count(call)


@shape_function("DecodeProtoV2")
def decode_proto(call: Call) -> list[Dims]:
    """Of each record the number of values of each field, and the values of each field."""
    records = call.input(0)
    count = max(output_count(call) - 1, 0)
    return [concatenate(records, (count,)), *[concatenate(records, (None,))] * count]


@shape_function("EncodeProto")
def encode_proto(call: Call) -> Dims:
    """A record for each row of the values."""
    found: Dims = None
    with_rank_at_least(call.input(0), 1)
    for position in input_positions(call)["values"]:
        found = merge(found, part(with_rank_at_least(call.inputs[position], 1), 0, -1))
    return found
