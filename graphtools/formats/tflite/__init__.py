"""TFLite models: `.tflite`. How they are read stands in `reader`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.formats.format import Format
from graphtools.formats.source import Source

if TYPE_CHECKING:
    from graphtools.formats.tflite.model import TFLiteModel

_IDENTIFIER = b"TFL3"


def _recognises(source: Source) -> bool:
    # A protobuf message whose first string is "TFL3..." has these bytes in the same place. Its
    # first byte ends with the bits 010; that of a table's offset is a multiple of four.
    head = source.head
    return head[4:8] == _IDENTIFIER and head[0] % 4 == 0


def _read(source: Source) -> TFLiteModel:
    # the reader and its dataclasses take their time to load, and most files are no TFLite models
    from graphtools.formats.tflite.reader import read

    return read(source)


FORMAT = Format("TFLite model", _recognises, _read)
