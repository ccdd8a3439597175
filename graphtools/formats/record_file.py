"""TFRecord files as what `open_model` recognises, and TensorBoard's, which have the same frame."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from graphtools.formats.format import Format
from graphtools.formats.source import Source
from graphtools.formats.tfrecord import begins_with_record, first_record, read_records

RECORDS = "TFRecord file"
EVENTS = "TensorBoard event file"
#: How the first event of a file begins behind its time: field 3, `brain.Event:2`.
_FILE_VERSION = b"\x1a\x0dbrain.Event:"


class RecordFile(NamedTuple):
    """A file of records, none of which is read yet.

    Attributes:
        path: Where it is.
        kind: `TFRecord file` or `TensorBoard event file`.
    """

    path: str
    kind: str

    def records(self) -> Iterator[bytes]:
        """The records, one after the other; see `read_records` for what it raises."""
        return read_records(self.path)


def _recognises(source: Source) -> bool:
    try:
        return begins_with_record(source.buffer)
    except zlib.error:
        return False


def _read(source: Source) -> RecordFile:
    first = first_record(source.buffer)
    return RecordFile(source.path, EVENTS if _FILE_VERSION in first[:64] else RECORDS)


FORMAT = Format(RECORDS, _recognises, _read)
