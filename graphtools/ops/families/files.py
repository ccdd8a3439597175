"""Shapes of ops that read and write files and checkpoints."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import SCALAR, Contradiction, Dims, merge, with_rank, with_rank_at_most
from graphtools.ops.families._outputs import (
    always,
    check_dim,
    check_ranks,
    output_count,
    scalar_outputs,
)


@shape_function("SaveV2")
def save_v2(call: Call) -> list[Dims]:
    """As many names as slices and tensors. No outputs."""
    with_rank(call.input(0), 0)
    names = merge(with_rank(call.input(1), 1), with_rank(call.input(2), 1))
    check_dim(names, 0, len(call.inputs) - 3)
    return []


@shape_function("Save", "SaveSlices")
def save(call: Call) -> list[Dims]:
    """As many names as tensors. No outputs."""
    first = 2 if call.node.op == "Save" else 3
    with_rank(call.input(0), 0)
    for position in range(1, first):
        check_dim(with_rank(call.input(position), 1), 0, len(call.inputs) - first)
    return []


@shape_function("RestoreV2")
def restore_v2(call: Call) -> list[Dims]:
    """What the slices tell; unknown where a whole tensor is read."""
    with_rank(call.input(0), 0)
    merge(with_rank(call.input(1), 1), with_rank(call.input(2), 1))
    count = output_count(call)
    texts = call.strings(2)
    if texts is None:
        return [None] * count
    if len(texts) != count:
        raise Contradiction(f"{len(texts)} slices are not one for each of {count} outputs")
    return [slice_shape(text) for text in texts]


@shape_function("Restore")
def restore(call: Call) -> Dims:
    """Unknown."""
    check_ranks(call, 0, 0)
    return None


@shape_function("RestoreSlice")
def restore_slice(call: Call) -> Dims:
    """What the slice tells; unknown where a whole tensor is read."""
    check_ranks(call, 0, 0, 0)
    texts = call.strings(2)
    return slice_shape(texts[0]) if texts is not None and len(texts) == 1 else None


def slice_shape(text: bytes | str) -> Dims:
    """The shape of a slice that is written as `shape slice`, like `10 4 0,5:-`.

    An entry of the slice is `start,length`, or `-` for all.

    Raises:
        Contradiction: It is written otherwise.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not text:
        return None
    words = text.split(" ")
    entries = words[-1].split(":") if words[-1] else []
    if len(entries) != len(words) - 1:
        raise Contradiction(f"the slice {text!r} must have an entry for each dimension")
    found = []
    for extent, entry in zip(words[:-1], entries, strict=True):
        try:
            whole = int(extent)
            start, length = (0, whole) if entry == "-" else map(int, entry.split(",", 1))
        except ValueError:
            raise Contradiction(f"the slice {text!r} is not written as it must be") from None
        if not 0 <= start <= start + length <= whole:
            raise Contradiction(f"the slice {text!r} reaches beyond the tensor")
        found.append(length)
    return tuple(found)


@shape_function("ShardedFilename", "ShardedFilespec", "ReadFile")
def file_name(call: Call) -> Dims:
    """A scalar, from scalars."""
    for dims in call.inputs:
        with_rank(dims, 0)
    return SCALAR


@shape_function("WriteFile")
def write_file(call: Call) -> list[Dims]:
    """No outputs; name and content are scalars."""
    check_ranks(call, 0, 0)
    return []


@shape_function("MatchingFiles")
def matching_files(call: Call) -> Dims:
    """A vector of names, for one pattern or several."""
    with_rank_at_most(call.input(0), 1)
    return (None,)


@shape_function("MergeV2Checkpoints")
def merge_checkpoints(call: Call) -> list[Dims]:
    """No outputs."""
    check_ranks(call, 1, 0)
    return []


shape_function(
    "DistributedSave", "FileSystemSetConfiguration", "DatasetToTFRecord",
    "ExperimentalDatasetToTFRecord", "GcsConfigureBlockCache", "GcsConfigureCredentials",
)(always([]))  # fmt: skip


# Readers


@shape_function(
    "WholeFileReader", "TextLineReader", "FixedLengthRecordReader", "TFRecordReader", "LMDBReader",
    "IdentityReader", "BigQueryReader",
)  # fmt: skip
def reader_reference(call: Call) -> Dims:
    """Two texts that name the reader; unknown for those that are gone."""
    return (2,) if call.node.op in ("WholeFileReader", "LMDBReader") else None


shape_function(
    "WholeFileReaderV2", "TextLineReaderV2", "FixedLengthRecordReaderV2", "TFRecordReaderV2",
    "IdentityReaderV2",
)(always(SCALAR))  # fmt: skip


@shape_function(
    "ReaderRead", "ReaderNumRecordsProduced", "ReaderNumWorkUnitsCompleted",
    "ReaderSerializeState", "ReaderReset",
)  # fmt: skip
def by_reference(call: Call) -> list[Dims]:
    """Scalars; readers and queues are named by two texts each."""
    for dims in call.inputs:
        check_dim(with_rank(dims, 1), 0, 2)
    return scalar_outputs(call)


@shape_function(
    "ReaderReadV2", "ReaderNumRecordsProducedV2", "ReaderNumWorkUnitsCompletedV2",
    "ReaderSerializeStateV2", "ReaderResetV2",
)  # fmt: skip
def by_resource(call: Call) -> list[Dims]:
    """Scalars, from scalars."""
    for dims in call.inputs:
        with_rank(dims, 0)
    return scalar_outputs(call)


# A vector of keys and one of values.
shape_function("ReaderReadUpTo", "ReaderReadUpToV2")(always([(None,), (None,)]))
shape_function("ReaderRestoreState", "ReaderRestoreStateV2")(always([]))
