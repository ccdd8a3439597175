"""Values of the weights that `sparsify_gather` puts into tables."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.saved_keys import SavedAs, saved_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PART = re.compile(r"(.+)/part_\d+$")


class StoredWeights:
    """The weights of a graph, those of its variables read from a checkpoint."""

    def __init__(self, graph: Graph, checkpoint: str) -> None:
        """Weights of a graph.

        Args:
            graph: The graph.
            checkpoint: Path of a checkpoint, empty if there is none.
        """
        self._graph = graph
        self._path = checkpoint
        self._checkpoint: Checkpoint | None = None

    def values(self, weight: Node) -> NDArray[Any] | str:
        """The values of a weight of the shape [N,1], or why there are none.

        Raises:
            GraphtoolsError: The checkpoint cannot be read.
        """
        if weight.op == "Const":
            tensor = weight.tensor
            if tensor is None:
                return f"{weight.name!r} has no value"
            if tensor.shape.rank != 2 or tensor.shape.dims[1:] != (1,):  # type: ignore[index]
                return f"{weight.name!r} has the shape {tensor.shape}, not [N,1]"
            return tensor.array()
        if not self._path:
            return f"{weight.name!r} is a variable, and no input_checkpoint is given"
        if self._checkpoint is None:
            self._checkpoint = find_checkpoint(self._path)
        found = self._stored(self._checkpoint, weight)
        if not isinstance(found, str) and (found.ndim != 2 or found.shape[1] != 1):
            return f"{weight.name!r} has the shape {list(found.shape)}, not [N,1]"
        return found

    def _stored(self, checkpoint: Checkpoint, weight: Node) -> NDArray[Any] | str:
        part = _PART.match(weight.name)
        name = part[1] if part else weight.name
        if name not in checkpoint:
            return f"the checkpoint has no {name!r}"
        whole = checkpoint[name].array()
        if part is None:
            return whole
        saved = self._saved.get(weight.name)
        rows = None if saved is None else _first_rows(saved.part)
        if rows is None:
            return f"the graph does not tell which part of {name!r} it is"
        return whole[rows]

    @cached_property
    def _saved(self) -> dict[str, SavedAs]:
        return saved_keys(self._graph)


def _first_rows(spec: str) -> slice | None:
    """The rows of a slice that is written as `20 1 10,5:0,1`: sizes, then start and length."""
    found = re.fullmatch(r"\d+ \d+ (?:-|(\d+),(\d+)):(?:-|0,1)", spec)
    if found is None:
        return None
    if found[1] is None:
        return slice(None)
    return slice(int(found[1]), int(found[1]) + int(found[2]))
