"""Shapes of ops on sparse tensors: positions `[entries, rank]`, values `[entries]`, extents."""

from __future__ import annotations

from graphtools.ops.call import Call, known, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    add,
    elements,
    merge,
    merge_dim,
    part,
    unknown,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import (
    always,
    check_dim,
    check_ranks,
    like_input,
    outputs_by_argument,
)

#: Positions, values and extents of which nothing is known.
UNKNOWN: list[Dims] = [(None, None), (None,), (None,)]


def held_extents(call: Call, position: int) -> Dims:
    """The extents that an input holds, None where it is no vector."""
    dims = call.input(position)
    return None if dims is None or len(dims) != 1 else call.dims(position)


@shape_function("SparseToDense")
def to_dense(call: Call) -> Dims:
    """The shape that the second input holds."""
    check_ranks(call, None, 1)
    return call.dims(1)


@shape_function("SparseAdd")
def sparse_add(call: Call) -> list[Dims]:
    """A sparse tensor of the same rank."""
    extents = with_rank(call.input(2), 1)
    return [(None, extents[0]), (None,), extents]


@shape_function("SparseAddGrad")
def add_grad(call: Call) -> list[Dims]:
    """One gradient for each entry of either tensor."""
    return [(with_rank(call.input(1), 2)[0],), (with_rank(call.input(2), 2)[0],)]


@shape_function("SparseTensorDenseMatMul")
def dense_matmul(call: Call) -> Dims:
    """A sparse matrix times a dense one."""
    check_ranks(call, 2, 1)
    left = with_rank(call.dims(2), 2)
    right = with_rank(call.input(3), 2)
    if call.bool_attr("adjoint_a"):
        left = left[::-1]
    if call.bool_attr("adjoint_b"):
        right = right[::-1]
    merge_dim(left[1], right[0])
    return (left[0], right[1])


@shape_function("SerializeSparse")
def serialize(call: Call) -> Dims:
    """Three texts."""
    check_ranks(call, 2, 1, 1)
    return (3,)


@shape_function("SerializeManySparse")
def serialize_many(call: Call) -> Dims:
    """Three texts for each entry of dimension 0."""
    check_ranks(call, 2, 1, 1)
    return (None, 3)


@shape_function("DeserializeSparse")
def deserialize(call: Call) -> list[Dims]:
    """A sparse tensor."""
    check_dim(with_rank_at_least(call.input(0), 1), -1, 3)
    return list(UNKNOWN)


@shape_function("DeserializeManySparse")
def deserialize_many(call: Call) -> list[Dims]:
    """A sparse tensor."""
    check_dim(with_rank(call.input(0), 2), 1, 3)
    return list(UNKNOWN)


@shape_function("AddSparseToTensorsMap")
def put_away(call: Call) -> Dims:
    """A handle."""
    check_ranks(call, 2, 1, 1)
    return ()


@shape_function("AddManySparseToTensorsMap")
def put_many_away(call: Call) -> Dims:
    """A handle for each entry of dimension 0."""
    check_ranks(call, 2, 1, 1)
    return (None,)


@shape_function("TakeManySparseFromTensorsMap")
def take_many(call: Call) -> list[Dims]:
    """A sparse tensor."""
    check_ranks(call, 1)
    return list(UNKNOWN)


@shape_function("SparseConcat")
def concat(call: Call) -> list[Dims]:
    """All entries, of tensors of one rank."""
    count, rest = divmod(len(call.inputs), 3)
    if rest or not count:
        raise Contradiction(f"{len(call.inputs)} inputs are no three for each tensor")
    rows: Dim = 0
    rank: Dim = None
    extents: Dims = None
    for position in range(count):
        indices = with_rank(call.input(position), 2)
        values = with_rank(call.input(position + count), 1)
        rows = add(rows, merge_dim(indices[0], values[0]))
        rank = merge_dim(rank, indices[1])
        extents = merge(extents, with_rank(call.input(position + 2 * count), 1))
    return [(rows, rank), (rows,), extents]


@shape_function("SparseSplit")
def split(call: Call) -> list[Dims]:
    """As many sparse tensors of the same rank."""
    extents = call.input(3)
    return outputs_by_argument(
        call,
        {
            "output_indices": (None, elements(extents)),
            "output_values": (None,),
            "output_shape": extents,
        },
    )


@shape_function("SparseSlice")
def sparse_slice(call: Call) -> list[Dims]:
    """Some entries of a sparse tensor; the extents have the rank of the input's."""
    extents = call.input(2)
    return [(None, elements(extents)), (None,), extents]


@shape_function("SparseSliceGrad")
def slice_grad(call: Call) -> Dims:
    """One gradient for each entry of the input."""
    return (with_rank(call.input(1), 2)[0],)


@shape_function("SparseReorder")
def reorder(call: Call) -> list[Dims]:
    """The same entries in another order."""
    indices, values = with_rank(call.input(0), 2), with_rank(call.input(1), 1)
    with_rank(call.input(2), 1)
    return [indices, values]


@shape_function("SparseReshape")
def reshape(call: Call) -> list[Dims]:
    """The same entries at positions of another rank."""
    rows = with_rank(call.input(0), 2)[0]
    with_rank(call.input(1), 1)
    extents = with_rank(call.input(2), 1)
    return [(rows, extents[0]), extents]


# The dense tensor.
shape_function("SparseTensorDenseAdd")(like_input(3))


@shape_function("SparseReduceMax", "SparseReduceSum")
def _reduced(call: Call) -> Dims:
    dims = held_extents(call, 2)
    axes = call.vector(3) if len(call.input(3) or (0,)) == 1 else None
    if call.input(3) == ():
        axes = (call.integer(3),)
    keeps = call.bool_attr("keep_dims")
    if not dims:
        return None
    if axes is None or None in axes:
        return unknown(len(dims)) if keeps else None
    gone = {a % len(dims) for a in axes if a is not None}
    if keeps:
        return tuple([1 if i in gone else d for i, d in enumerate(dims)])
    return tuple([d for i, d in enumerate(dims) if i not in gone])


shape_function("SparseReduceMaxSparse", "SparseReduceSumSparse")(always([None, None, None]))


@shape_function("SparseDenseCwiseAdd", "SparseDenseCwiseDiv", "SparseDenseCwiseMul")
def with_dense(call: Call) -> Dims:
    """One value for each entry."""
    return (with_rank(call.input(0), 2)[0],)


@shape_function("SparseSoftmax")
def softmax(call: Call) -> Dims:
    """One value for each entry."""
    with_rank(call.input(0), 2)
    values = with_rank(call.input(1), 1)
    with_rank(call.input(2), 1)
    return values


@shape_function("SparseSparseMaximum", "SparseSparseMinimum")
def extreme(call: Call) -> list[Dims]:
    """A sparse tensor."""
    check_ranks(call, 2, 1, 1, 2, 1, 1)
    return [(None, None), (None,)]


@shape_function("SparseFillEmptyRows")
def fill_empty_rows(call: Call) -> list[Dims]:
    """More entries, which rows were empty, and for each entry of the input its new place."""
    indices = with_rank(call.input(0), 2)
    values = with_rank(call.input(1), 1)
    extents = with_rank(call.input(2), 1)
    with_rank(call.input(3), 0)
    entries = merge_dim(indices[0], values[0])
    rank = merge_dim(indices[1], extents[0])
    held = call.dims(2)
    rows = held[0] if held else None
    return [(None, rank), (None,), (rows,), (entries,)]


@shape_function("SparseFillEmptyRowsGrad")
def fill_empty_rows_grad(call: Call) -> list[Dims]:
    """A gradient for each entry of the input, and one for the default value."""
    places = with_rank(call.input(0), 1)
    with_rank(call.input(1), 1)
    return [places, ()]


# A sparse matrix.
shape_function("SparseCross", "SparseCrossHashed", "SparseCrossV2")(
    always([(None, 2), (None,), (2,)])
)
# A sparse matrix.
shape_function("SparseFeatureCross", "SparseFeatureCrossV2")(always([(None, 2), (None,), (2,)]))


# Sets


@shape_function("SetSize")
def set_size(call: Call) -> Dims:
    """Without the last dimension; known where the extents are."""
    return part(held_extents(call, 2), 0, -1)


@shape_function("DenseToDenseSetOperation")
def dense_sets(call: Call) -> list[Dims]:
    """A sparse tensor of the rank of both sets, which differ in the last dimension only."""
    first, second = call.input(0), call.input(1)
    rank: Dim = None
    if first is not None:
        rank = len(with_rank_at_least(first, 2) or ())
        if second is not None:
            with_rank(second, rank)
            merge(part(first, 0, -1), part(second, 0, -1))
    elif second is not None:
        rank = len(with_rank_at_least(second, 2) or ())
    return [(None, rank), (None,), (rank,)]


@shape_function("DenseToSparseSetOperation")
def dense_and_sparse_sets(call: Call) -> list[Dims]:
    """A sparse tensor of the rank of the dense set."""
    _check_sparse(call, 1)
    first = call.input(0)
    rank = None if first is None else len(with_rank_at_least(first, 2) or ())
    second = call.input(3)
    if rank is None and second:
        rank = second[0]
    return [(None, rank), (None,), (rank,)]


@shape_function("SparseToSparseSetOperation")
def sparse_sets(call: Call) -> list[Dims]:
    """A sparse tensor of the rank of both sets."""
    _check_sparse(call, 0)
    _check_sparse(call, 3)
    first, second = call.input(2), call.input(5)
    rank = merge_dim(first[0] if first else None, second[0] if second else None)
    return [(None, rank), (None,), (rank,)]


def _check_sparse(call: Call, start: int) -> None:
    """Require three inputs to fit each other as a sparse tensor."""
    indices = with_rank(call.input(start), 2)
    values = with_rank(call.input(start + 1), 1)
    extents = with_rank(call.input(start + 2), 1)
    merge_dim(indices[0], values[0])
    merge_dim(indices[1], extents[0])


# Counts


@shape_function("DenseCountSparseOutput", "RaggedCountSparseOutput")
def dense_count(call: Call) -> list[Dims]:
    """A sparse tensor of the rank of the values."""
    values = call.input(0)
    rank: Dim = None
    if call.node.op == "RaggedCountSparseOutput":
        values = call.input(1)
        rank = None if values is None else len(values) + 1
    elif values is not None:
        rank = len(values)
    return [(None, rank), (None,), (rank,)]


@shape_function("SparseCountSparseOutput")
def sparse_count(call: Call) -> list[Dims]:
    """A sparse tensor of the rank of the input."""
    rank = with_rank(call.input(0), 2)[1]
    return [(None, rank), (None,), (rank,)]


@shape_function("SparseBincount")
def sparse_bincount(call: Call) -> Dims:
    """Numbers of bins, for each row where the input is a matrix."""
    size = call.integer(3)
    if size is not None and size < 0:
        raise Contradiction(f"the number of bins cannot be {size}")
    rank = elements(call.input(2))
    if rank == 1:
        return (size,)
    if rank != 2:
        return None
    extents = held_extents(call, 2)
    return (extents[0] if extents else None, size)


@shape_function("RaggedBincount")
def ragged_bincount(call: Call) -> Dims:
    """Numbers of bins for each row."""
    size = call.integer(2)
    if size is not None and size < 0:
        raise Contradiction(f"the number of bins cannot be {size}")
    splits = call.input(0)
    if splits is not None and len(splits) != 1:
        return None
    count = splits[0] if splits else None
    return (None if count is None else max(count - 1, 0), size)


@shape_function("EditDistance")
def edit_distance(call: Call) -> Dims:
    """A number for each sequence: the larger of both shapes without their last dimension."""
    for position, rank in enumerate((2, 1, 1, 2, 1, 1)):
        with_rank(call.input(position), rank)
    first, second = known(call.vector(2)), known(call.vector(5))
    if first is None or second is None:
        return None
    if len(first) != len(second) or not first:
        raise Contradiction("hypothesis and truth must have the same rank, of 1 or more")
    return tuple([max(a, b) for a, b in zip(first[:-1], second[:-1], strict=True)])
