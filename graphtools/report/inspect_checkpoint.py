"""The lines that the original inspect_checkpoint prints, as TensorFlow 2 has it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

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


_TYPES: dict[str, Callable[[str], object]] = {
    "precision": int,
    "threshold": int,
    "edgeitems": int,
    "linewidth": int,
    "suppress": lambda text: text.lower() in ("true", "t", "1"),
    "nanstr": str,
    "infstr": str,
}


@contextlib.contextmanager
def printed_as(options: Iterable[str]) -> Iterator[None]:
    """Print values as options of `numpy.set_printoptions` say, each as `precision=3`.

    Raises:
        InvalidValue: One is none.
    """
    given: dict[str, Any] = {}
    for text in options:
        name, equals, value = text.partition("=")
        try:
            given[name] = _TYPES[name](value) if equals else int("")
        except (KeyError, ValueError):
            raise InvalidValue(
                f"{text!r} is no option of numpy's printing", f"there are {', '.join(_TYPES)}"
            ) from None
    if not given:
        yield
        return
    import numpy as np

    with np.printoptions(**given):
        yield
