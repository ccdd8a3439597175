"""Signatures for a TFLite model that has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphtools.formats.tflite.flatbuffer import UINT32, FlatBuffer
from graphtools.formats.tflite.flatbuffer_writer import (
    ALIGNMENT,
    Scalar,
    Table,
    There,
    Value,
    write,
)
from graphtools.formats.tflite.model import TFLiteSignature
from graphtools.schema.wire import Buffer

#: Slots of the root table, see `reader`: the version is a number, all others point to something.
_VERSION, _SIGNATURES, _SLOTS = 0, 7, 10


def head_with_signatures(content: Buffer, signatures: Sequence[TFLiteSignature]) -> bytes:
    """What is to be written before a model, so that it has signatures.

    It is another root table, that points into the model; of this not a byte is changed, as all
    distances within stay the same. Places of buffers from the start of the file, by which files
    above 2 GB have them, would not: those are not to be given here.

    Args:
        content: The model.
        signatures: Its signatures, in place of those that it may have.

    Example:
        >>> signature = Signature("serving_default", {"image": 0}, {"scores": 5}, 0)
        >>> write_file("model.tflite", [head_with_signatures(content, [signature]), content])
    """
    root = FlatBuffer(content, "the model").root()
    tables = [_table(signature) for signature in signatures]

    def head(start: int) -> bytes:
        fields: dict[int, Value] = {_VERSION: Scalar("I", root.integer(_VERSION, UINT32))}
        for slot in range(1, _SLOTS):
            if root.has(slot):
                fields[slot] = There(start + root.target(slot))
        return write(fields | {_SIGNATURES: tables})

    size = len(head(1 << 30))  # which does not depend on where the model starts
    size += -size % ALIGNMENT
    return head(size).ljust(size, b"\0")


def _table(signature: TFLiteSignature) -> Table:
    return {
        0: _named(signature.inputs),
        1: _named(signature.outputs),
        2: signature.key,
        4: Scalar("I", signature.subgraph),
    }


def _named(tensors: Mapping[str, int]) -> list[Table]:
    return [{0: name, 1: Scalar("I", index)} for name, index in tensors.items()]
