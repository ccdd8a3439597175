"""What ops declare of their attributes, for the rooms below the one that knows it."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes its time
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Declared:
    """What an op says of an attribute.

    Attributes:
        type: Its type in TensorFlow's words: `int`, `shape`, `list(type)`.
        allowed: The values that it may have; empty where there is no such list.
    """

    __slots__ = ("allowed", "type")

    def __init__(self, type_: str, allowed: tuple[object, ...]) -> None:
        self.type = type_
        self.allowed = allowed


_SOURCES: list[Callable[[str], Mapping[str, Declared]]] = []


def declare_by(source: Callable[[str], Mapping[str, Declared]]) -> None:
    """Say who knows what ops declare; the package as a whole does."""
    _SOURCES[:] = [source]


def declared_attributes(op: str) -> Mapping[str, Declared]:
    """What an op declares of its attributes, by name; nothing of an op that is not known."""
    return _SOURCES[0](op) if _SOURCES else {}
