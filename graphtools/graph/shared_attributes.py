"""Attributes of nodes, decoded once for all nodes that have the same ones.

Most nodes of a graph have attributes that many others have, too (`T=float` and no more), and rules
and shape functions ask for them again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphtools.graph.attributes import Attr, FunctionRef, decode_attr
from graphtools.graph.tensor import Tensor
from graphtools.schema import message_class
from graphtools.schema.wire import Buffer, encode_field

#: So many sets of attributes are kept, of so many bytes at most.
_MOST, _LONGEST = 4096, 1024

#: By their bytes, the attributes by name; None where they are not kept.
_kept: dict[bytes, Mapping[str, Attr] | None] = {}


def shared_attributes(
    head: Sequence[tuple[int, str]], buffer: Buffer, start: int, end: int
) -> Mapping[str, Attr] | None:
    """The attributes of a node, which stand behind all else in most files.

    Args:
        head: What is known to stand in the node besides, as fields with their texts, in the order
            of their numbers.
        buffer: Holds the encoded node.
        start: Where it begins.
        end: Where it ends.

    Returns:
        The attributes by name, sorted; not to be changed. None where they cannot be shared: there
        is something else or another order in the node, or they hold tensors or functions.
    """
    encoded = b"".join([encode_field(number, text.encode()) for number, text in head])
    behind = start + len(encoded)
    if end - behind > _LONGEST or buffer[start:behind] != encoded:
        return None
    key = bytes(buffer[behind:end])
    if key not in _kept:
        if len(_kept) >= _MOST:
            _kept.clear()
        _kept[key] = _decoded(key)
    return _kept.get(key)


def _decoded(encoded: bytes) -> Mapping[str, Attr] | None:
    """The attributes of a node without all else; None for values that are not shared."""
    message = message_class("NodeDef").FromString(encoded)
    found = {name: decode_attr(value) for name, value in sorted(message.attr.items())}
    for value in found.values():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, Tensor | FunctionRef):
                return None
    return found
