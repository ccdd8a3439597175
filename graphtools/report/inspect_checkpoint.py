"""The lines that the original inspect_checkpoint prints, as TensorFlow 2 has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from graphtools.errors import InvalidValue
from graphtools.formats.checkpoint import Checkpoint, StoredTensor
from graphtools.wording import printable


def name_lines(tensors: Iterable[StoredTensor]) -> Iterator[str]:
    """Names of the tensors with dtype and shape, one a line, and an empty line."""
    for tensor in tensors:
        dims = ",".join("?" if d is None else str(d) for d in tensor.shape.dims or ())
        yield f"{printable(tensor.name)} ({tensor.dtype.proto_name}) [{dims}]"
    yield ""


def tensor_lines(tensors: Iterable[StoredTensor], *, values: bool) -> Iterator[str]:
    """Headers of the tensors, each with its values if wanted."""
    for tensor in tensors:
        dims = list(tensor.shape.dims or ())
        yield f"tensor: {printable(tensor.name)} ({tensor.dtype.name}) {dims}"
        if not values:
            continue
        try:
            yield str(tensor.array())
        except InvalidValue as error:
            yield error.message


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
