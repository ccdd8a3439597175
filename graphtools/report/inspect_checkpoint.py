"""The lines that the original inspect_checkpoint printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from graphtools.errors import InvalidValue
from graphtools.formats.checkpoint import Checkpoint, StoredTensor
from graphtools.report.document import printable


def name_lines(tensors: Iterable[StoredTensor], *, shapes: bool) -> Iterator[str]:
    """Names of the tensors, one a line, with dtype and shape if wanted."""
    for tensor in tensors:
        dims = ",".join("?" if d is None else str(d) for d in tensor.shape.dims or ())
        tail = f" ({tensor.dtype.proto_name}) [{dims}]" if shapes else ""
        yield printable(tensor.name) + tail


def tensor_lines(tensors: Iterable[StoredTensor], *, header: bool) -> Iterator[str]:
    """Values of the tensors, each with its name where there are several."""
    for tensor in tensors:
        try:
            values = str(tensor.array())
        except InvalidValue as error:
            values = error.message
        if header:
            dims = list(tensor.shape.dims or ())
            yield f"tensor: {printable(tensor.name)} ({tensor.dtype.name}) {dims}"
        yield values


def parameter_count_line(checkpoint: Checkpoint, exclude: str) -> str:
    """The number of parameters in all tensors whose names do not match a regular expression.

    Raises:
        InvalidValue: It is no regular expression.
    """
    try:
        pattern = re.compile(exclude) if exclude else None
    except re.error as error:
        raise InvalidValue(f"{exclude!r} is no regular expression: {error}") from None
    counted = [t for t in checkpoint.values() if not (pattern and pattern.search(t.name))]
    return f"# Total number of params: {sum(t.shape.elements or 0 for t in counted)}"
