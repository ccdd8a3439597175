"""Names of nodes and tensors: `name`, `name:1`, `^name`, and in functions `name:output:0`."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.errors import InvalidValue


class Ref(NamedTuple):
    """A node's output, or a control dependency on a node.

    Attributes:
        node: Name of the node.
        index: Number of the output; -1 for a control dependency.
        output: In function bodies, the name of the output argument; else empty.

    Example:
        >>> Ref.parse("split:1"), str(Ref("split", 1)), Ref.parse("^init").is_control
        (Ref(node='split', index=1, output=''), 'split:1', True)
    """

    node: str
    index: int = 0  # type: ignore[assignment]  # hides tuple.index, which nobody needs
    output: str = ""

    @property
    def is_control(self) -> bool:
        """Whether this is a control dependency, which carries no tensor."""
        return self.index < 0

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read an input as it stands in a node.

        Raises:
            InvalidValue: What follows the colon is no output number.
        """
        if text[:1] == "^":
            return cls(text[1:], -1)
        if ":" not in text:
            return tuple.__new__(cls, (text, 0, ""))  # as nearly every input
        node, _, rest = text.partition(":")
        output, _, index = rest.rpartition(":")
        if not (index.isascii() and index.isdigit()):
            if index and not output:
                return cls(node, 0, index)  # `node:output`, the first of that output argument
            raise InvalidValue(
                f"{text!r} is no tensor name", "a tensor is named as node:0, a node as node"
            )
        return cls(node, int(index), output)

    @classmethod
    def from_user(cls, text: str) -> Ref:
        """Read a name as people type it: with `:0` or without, with stray quotes and blanks.

        Raises:
            InvalidValue: Nothing is left, or it is no tensor name.
        """
        ref = cls.parse(text.strip().strip("'\"`\u2018\u2019\u201c\u201d").strip())
        if not ref.node:
            raise InvalidValue(f"{text!r} names nothing", "give the name of a node or tensor")
        return ref

    @property
    def tensor(self) -> str:
        """The full tensor name, as sessions and `feed_dict` want it: `name:0`."""
        if self.output:
            return f"{self.node}:{self.output}:{self.index}"
        return f"{self.node}:{self.index}"

    def __str__(self) -> str:
        if self.is_control:
            return f"^{self.node}"
        if self.output:
            return self.tensor
        return f"{self.node}:{self.index}" if self.index else self.node


def producer(text: str) -> str:
    """Name of the node that an input comes from: `Ref.parse(text).node`, for inner loops."""
    if text[:1] == "^":
        return text[1:]
    return text.partition(":")[0] if ":" in text else text
