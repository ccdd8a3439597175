"""Shapes of ops on ragged tensors: values, and for each ragged dimension where its rows begin."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    concatenate,
    merge,
    merge_dim,
    part,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import count_attr, input_positions, told_by_input


@shape_function("RaggedGather")
def gather(call: Call) -> list[Dims]:
    """Splits for each dimension of the indices and each ragged one, and values of the same rows."""
    count = count_attr(call, "PARAMS_RAGGED_RANK")
    indices = call.input(count + 1)
    splits = count_attr(call, "OUTPUT_RAGGED_RANK")
    for position in range(count):
        with_rank(call.input(position), 1)
    values = with_rank_at_least(call.input(count), 1)
    if indices is not None and splits != len(indices) + count - 1:
        raise Contradiction(f"{splits} splits cannot come from {len(indices)} + {count} - 1")
    rows: Dims = None if values is None else (None, *values[1:])
    return [*[(None,)] * splits, rows]


@shape_function("RaggedRange")
def ragged_range(call: Call) -> list[Dims]:
    """Where each range begins, and the values of all; starts, limits and steps are as many."""
    count: Dim = None
    for position in range(3):
        dims = call.input(position)
        if dims is not None and len(dims) > 1:
            raise Contradiction(f"input {position} must be a scalar or vector")
        if dims:
            count = merge_dim(count, dims[0])
    all_scalars = all(call.input(p) == () for p in range(3))
    if all_scalars:
        return [(2,), (None,)]
    return [(None if count is None else count + 1,), (None,)]


@shape_function("RaggedTensorToSparse")
def to_sparse(call: Call) -> list[Dims]:
    """A sparse tensor with as many dimensions as are ragged and the values have."""
    count = count_attr(call, "RAGGED_RANK")
    values = with_rank_at_least(call.input(count), 1)
    for position in range(count):
        with_rank(call.input(position), 1)
    rank = None if values is None else len(values) + count
    entries: Dim = None
    if values is not None:
        entries = 1
        for extent in values:
            entries = None if entries is None or extent is None else entries * extent
    return [(entries, rank), (entries,), (rank,)]


@shape_function("RaggedTensorToVariant")
def to_variant(call: Call) -> Dims:
    """A scalar, or for batched input one for each row."""
    count = count_attr(call, "RAGGED_RANK")
    for position in range(count):
        with_rank(call.input(position), 1)
    call.input(count)
    if not call.bool_attr("batched_input"):
        return ()
    first = call.input(0)
    if count:
        rows = first[0] if first else None
        return (None if rows is None else rows - 1,)
    return None if first is None else part(with_rank_at_least(first, 1), 0, 1)


@shape_function("RaggedTensorFromVariant")
def from_variant(call: Call) -> list[Dims]:
    """Where the rows of each dimension begin, and values."""
    count = count_attr(call, "output_ragged_rank")
    ragged = call.int_attr("input_ragged_rank")
    encoded = call.input(0)
    if encoded is not None and ragged != -1 and len(encoded) + ragged != count:
        raise Contradiction(f"{count} ragged dimensions cannot come from {len(encoded)}+{ragged}")
    return [*[(None,)] * count, None]


shape_function("RaggedTensorToVariantGradient")(told_by_input(2))


@shape_function("RaggedTensorToTensor")
def to_tensor(call: Call) -> Dims:
    """The stated shape, with the extents of the values' inner dimensions."""
    stated = call.dims(0)
    values, default = call.input(1), call.input(2)
    raw = call.attr("row_partition_types")
    types = raw if isinstance(raw, list) else []
    if not types:
        raise Contradiction("row_partition_types must name a kind for each dimension")
    ragged = len(types) - (1 if types[0] == b"FIRST_DIM_SIZE" else 0)
    if values is None:
        return stated
    inner = part(with_rank_at_least(values, 1), 1)
    rank = ragged + len(values)
    if stated is None:
        stated = (None,) * rank
    if len(stated) != rank:
        raise Contradiction(f"a shape of rank {rank} was expected, not {len(stated)}")
    del default
    return concatenate(stated[: ragged + 1], merge(stated[ragged + 1 :], inner))


@shape_function("RaggedCross")
def cross(call: Call) -> list[Dims]:
    """Values, and where each row begins: as many rows as the inputs have."""
    positions = input_positions(call)
    for place in positions["ragged_row_splits"]:
        dims = call.inputs[place]
        if dims and dims[0] is not None:
            return [(None,), (dims[0],)]
    for place in positions["dense_inputs"]:
        dims = call.inputs[place]
        if dims and dims[0] is not None:
            return [(None,), (dims[0] + 1,)]
    return [(None,), (None,)]


@shape_function("RaggedFillEmptyRows")
def fill_empty_rows(call: Call) -> list[Dims]:
    """Rows and values with the added ones, which rows were empty, the new place of each value."""
    rows = with_rank(call.input(0), 1)
    values = with_rank(call.input(1), 1)
    with_rank(call.input(2), 0)
    with_rank(call.input(3), 0)
    return [(None,), (None,), (call.integer(2),), merge(rows, values)]


@shape_function("RaggedFillEmptyRowsGrad")
def fill_empty_rows_grad(call: Call) -> list[Dims]:
    """A gradient for each value of the input, and one for the default value."""
    places = with_rank(call.input(0), 1)
    with_rank(call.input(1), 1)
    return [places, ()]
