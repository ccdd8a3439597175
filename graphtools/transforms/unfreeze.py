"""Makes variables of a frozen graph's constants again: `unfreeze`.

    w = Const                 w/variable = VarHandleOp (its name in checkpoints is w)
                              w = ReadVariableOp(w/variable)

so that what reads the constant stays as it is. A graph above 2 GB, which TensorFlow cannot read,
becomes one that it can: the values stand in a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphtools.formats.checkpoint import StoredPart
from graphtools.formats.tensor_bundle_writing import NewTensor
from graphtools.graph.dtypes import STRING
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor, content_bytes
from graphtools.idioms.variables import frozen_variables

#: Constants of so many bytes become variables, whatever they were.
_LARGE = 1 << 16


class Unfrozen(NamedTuple):
    """A variable that was a constant.

    Attributes:
        node: The node that is it now.
        name: The name that it has in checkpoints.
        read: The node that reads it, which was the constant.
        value: Its value.
    """

    node: str
    name: str
    read: str
    value: Tensor

    def stored(self) -> NewTensor:
        """The value as it is written to a checkpoint; it is read then."""
        kind, shape = self.value.dtype, self.value.shape

        def content() -> Iterator[bytes | memoryview]:
            yield content_bytes(self.value.array().reshape(-1), kind)

        return NewTensor(self.name, kind, shape, [StoredPart(shape, content)])


def unfreeze(graph: Graph, *, large: int = _LARGE) -> list[Unfrozen]:
    """Make variables of the constants that were some, and of all that are large.

    Texts, and what waits for another node, stay constants.

    Args:
        graph: The graph, which is changed.
        large: How many bytes are large.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> [variable.name for variable in unfreeze(graph)][:1]
        ['MobilenetV1/Conv2d_0/weights']
    """
    were = {n for v in frozen_variables(graph) for n in (v.parts or (v.name,))}
    found = []
    for node in list(graph):
        value = node.tensor
        if value is None or node.inputs or value.dtype is STRING or not value.dtype.size:
            continue
        if node.name not in were and value.nbytes < large:
            continue
        handle = Node(
            graph.free_name(f"{node.name}/variable"),
            "VarHandleOp",
            (),
            {
                "dtype": value.dtype,
                "shape": value.shape,
                "container": b"",
                "shared_name": node.name.encode(),
            },
            node.device,
        )
        read = Node(node.name, "ReadVariableOp", [handle.name], {"dtype": value.dtype}, node.device)
        graph.replace(node, [handle, read])
        found.append(Unfrozen(handle.name, node.name, node.name, value))
    return found
