"""Shapes of tensors, with unknown dimensions and unknown rank."""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.errors import InvalidValue
from graphtools.schema import Message


class Shape:
    """The shape of a tensor.

    Attributes:
        dims: One entry a dimension, None where it is unknown; None where the rank is unknown.

    Example:
        >>> Shape([None, 3]), Shape.parse("?,3") == Shape([-1, 3]), Shape(None).rank
        (Shape([?,3]), True, None)
    """

    __slots__ = ("dims",)

    dims: tuple[int | None, ...] | None

    def __init__(self, dims: Iterable[int | None] | None) -> None:
        if dims is None:
            self.dims = None
        else:
            self.dims = tuple(None if d is None or d < 0 else int(d) for d in dims)

    @classmethod
    def parse(cls, text: str) -> Shape:
        """Read `1,300,300,3`, `[?,224,224,3]`, `-1,3`, an empty text (a scalar) or `unknown`.

        Raises:
            InvalidValue: The text is no shape.
        """
        bare = text.strip().strip("[]()").strip()
        if bare.lower() in ("unknown", "none", "<unknown>"):
            return cls(None)
        if not bare:
            return cls(())
        dims: list[int | None] = []
        for part in bare.rstrip(",").split(","):
            part = part.strip()
            if part in ("?", "None", "-1", ""):
                dims.append(None)
            elif part.isascii() and part.isdigit():
                dims.append(int(part))
            else:
                raise InvalidValue(f"{text!r} is no shape", "write it as 1,300,300,3")
        return cls(dims)

    @classmethod
    def from_proto(cls, message: Message) -> Shape:
        """Read a TensorShapeProto."""
        if message.unknown_rank:
            return cls(None)
        sizes = tuple([d.size for d in message.dim])
        if sizes and min(sizes) < 0:
            return cls(sizes)
        shape = cls.__new__(cls)
        shape.dims = sizes
        return shape

    def to_proto(self, message: Message) -> None:
        """Fill a TensorShapeProto."""
        if self.dims is None:
            message.unknown_rank = True
        else:
            message.SetInParent()
            for d in self.dims:
                message.dim.add().size = -1 if d is None else d

    @property
    def rank(self) -> int | None:
        """Number of dimensions, None if unknown."""
        return None if self.dims is None else len(self.dims)

    @property
    def elements(self) -> int | None:
        """Number of elements, None if it is not known."""
        if self.dims is None:
            return None
        count = 1
        for dim in self.dims:
            if dim is None:
                return None
            count *= dim
        return count

    def to_json(self) -> list[int | None] | None:
        """A list with null for an unknown dimension, or null for an unknown rank."""
        return None if self.dims is None else list(self.dims)

    def __str__(self) -> str:
        if self.dims is None:
            return "unknown"
        return "[" + ",".join("?" if d is None else str(d) for d in self.dims) + "]"

    def __repr__(self) -> str:
        return f"Shape({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and self.dims == other.dims

    def __hash__(self) -> int:
        return hash(self.dims)

    def with_batch(self, size: int) -> Shape | None:
        """The shape with another first dimension; None where it has none.

        Args:
            size: The size; -1 for an open one.

        Raises:
            InvalidValue: It is not known whether there is a first dimension.
        """
        if self.dims is None:
            raise InvalidValue(
                "a batch cannot be set where not even the number of dimensions is known",
                "give the whole shape of the input, as NAME=1,224,224,3",
            )
        return Shape((size, *self.dims[1:])) if self.dims else None


UNKNOWN_SHAPE = Shape(None)
