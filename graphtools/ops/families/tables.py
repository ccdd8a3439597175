"""Shapes of lookup tables.

The handle of a resource table holds dtype and shape of a key, and of a value.
"""

from __future__ import annotations

from graphtools.ops.call import Call, Handle, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    concatenate,
    merge,
    show,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphtools.ops.families._outputs import always, check_dim, check_ranks

# Two texts that name the table.
shape_function("HashTable", "MutableHashTable", "MutableHashTableOfTensors")(always((2,)))


@shape_function("MutableDenseHashTable")
def dense_reference(call: Call) -> Dims:
    """Two texts that name the table."""
    call.input(0)
    return (2,)


def _check_reference(call: Call) -> None:
    check_dim(with_rank(call.input(0), 1), 0, 2)


@shape_function("HashTableV2", "AnonymousHashTable")
def hash_table(call: Call) -> Dims:
    """A scalar; keys and values are scalars."""
    kinds = call.dtype_attr("key_dtype"), call.dtype_attr("value_dtype")
    call.give_handle(0, ((kinds[0], SCALAR), (kinds[1], SCALAR)))
    return SCALAR


@shape_function(
    "MutableHashTableV2", "AnonymousMutableHashTable", "MutableHashTableOfTensorsV2",
    "AnonymousMutableHashTableOfTensors", "MutableDenseHashTableV2",
    "AnonymousMutableDenseHashTable",
)  # fmt: skip
def mutable_table(call: Call) -> Dims:
    """A scalar; the shape of values is stated, that of keys is the empty key's or a scalar."""
    op = call.node.op
    key = with_rank_at_most(call.input(0), 1) if "Dense" in op else SCALAR
    value = SCALAR if op.startswith(("MutableHashTableV", "AnonymousMutableHashTable")) else None
    if "OfTensors" in op or "Dense" in op:
        value = call.shape_attr("value_shape")
    call.give_handle(
        0, ((call.dtype_attr("key_dtype"), key), (call.dtype_attr("value_dtype"), value))
    )
    return SCALAR


def _held(call: Call, key_attr: str, value_attr: str) -> Handle | None:
    """Key and value of the table, whose dtypes must be those of two attributes."""
    handle = call.handle(0)
    if handle is None or len(handle) != 2:
        return None
    for (held, _), name in zip(handle, (key_attr, value_attr), strict=True):
        expected = call.dtype_attr(name)
        if held is not None and expected is not None and held is not expected:
            raise Contradiction(f"the table holds {held} where {name} is {expected}")
    return handle


@shape_function("LookupTableFind")
def find_by_reference(call: Call) -> Dims:
    """Unknown; the default is a scalar or vector."""
    _check_reference(call)
    with_rank_at_most(call.input(2), 1)
    return None


@shape_function("LookupTableFindV2")
def find(call: Call) -> Dims:
    """For each key a value."""
    check_ranks(call, 0)
    keys = call.input(1)
    handle = _held(call, "Tin", "Tout")
    if handle is None:
        return None
    key, value = handle[0][1], handle[1][1]
    if key is None or keys is None:
        return None
    if len(keys) < len(key):
        raise Contradiction(f"keys of shape {show(key)} were expected, not {show(keys)}")
    return concatenate(keys[: len(keys) - len(key)], value)


@shape_function("LookupTableInsert", "LookupTableImport")
def insert_by_reference(call: Call) -> list[Dims]:
    """No outputs."""
    _check_reference(call)
    return []


@shape_function("LookupTableInsertV2")
def insert(call: Call) -> list[Dims]:
    """No outputs."""
    check_ranks(call, 0)
    return []


@shape_function("LookupTableImportV2")
def load(call: Call) -> list[Dims]:
    """Keys are a vector. No outputs."""
    check_ranks(call, 0)
    return []


@shape_function("LookupTableRemoveV2")
def remove(call: Call) -> list[Dims]:
    """No outputs."""
    check_ranks(call, 0)
    with_rank_at_least(call.input(1), 1)
    return []


@shape_function("LookupTableSize")
def size_by_reference(call: Call) -> Dims:
    """A scalar."""
    _check_reference(call)
    return SCALAR


@shape_function("LookupTableSizeV2")
def size(call: Call) -> Dims:
    """A scalar."""
    check_ranks(call, 0)
    return SCALAR


@shape_function("LookupTableExport")
def export_by_reference(call: Call) -> list[Dims]:
    """A vector of keys, and their values."""
    _check_reference(call)
    return [(None,), None]


@shape_function("LookupTableExportV2")
def export(call: Call) -> list[Dims]:
    """Unknown: a dense table gives scalars as rows of one."""
    check_ranks(call, 0)
    _held(call, "Tkeys", "Tvalues")
    return [None, None]


@shape_function("InitializeTable")
def initialize_by_reference(call: Call) -> list[Dims]:
    """As many keys as values. No outputs."""
    _check_reference(call)
    merge(with_rank(call.input(1), 1), call.input(2))
    return []


@shape_function("InitializeTableV2")
def initialize(call: Call) -> list[Dims]:
    """As many keys as values. No outputs."""
    check_ranks(call, 0)
    merge(with_rank(call.input(1), 1), call.input(2))
    return []


@shape_function("InitializeTableFromTextFile")
def initialize_by_reference_from_file(call: Call) -> list[Dims]:
    """The name of a file is a scalar. No outputs."""
    _check_reference(call)
    with_rank(call.input(1), 0)
    return []


@shape_function("InitializeTableFromTextFileV2", "InitializeTableFromDataset")
def initialize_from_file(call: Call) -> list[Dims]:
    """Table, and file or dataset, are scalars. No outputs."""
    check_ranks(call, 0, 0)
    return []
