"""What each file format offers to `open_model`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from graphtools.formats.source import Source
from graphtools.graph.graph import Graph


class Model(Protocol):
    """What `open_model` returns: one dataclass per format, see their modules.

    Attributes:
        kind: What the file is, in the words of the field: `GraphDef`, `MetaGraphDef`, `SavedModel`,
            `checkpoint`, `TFLite model`.
        path: The path it was opened by.
    """

    @property
    def kind(self) -> str:
        """What the file is."""
        ...

    @property
    def path(self) -> str:
        """The path it was opened by."""
        ...


class HasGraph(Protocol):
    """What holds a graph: a model that was read, or what a transform has made.

    Attributes:
        graph: The graph.
    """

    @property
    def graph(self) -> Graph:
        """The graph."""
        ...


class Format(NamedTuple):
    """One format of single files, offered by its module under the name `FORMAT`.

    Attributes:
        kind: What such a file is called.
        recognises: Whether the content begins and ends as such a file's does. No two formats
            recognise the same content.
        read: Opens such a file.
    """

    kind: str
    recognises: Callable[[Source], bool]
    read: Callable[[Source], Model]
