"""One step of a model as runtimes state their limits: TFLite's operator, its options and inputs.

A limit is written once, and holds for a node of a graph, of which the step is what the converter
makes of it (`GraphStep`), and for an operator of a `.tflite` (`tflite_step.OperatorStep`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from graphtools.compat.lowering import builtin_op
from graphtools.graph.node import Node
from graphtools.ops.call import Call
from graphtools.ops.dims import Dims
from graphtools.ops.inference import Inference


class RuntimeStep(Protocol):
    """What a limit may look at."""

    @property
    def op(self) -> str:
        """TFLite's name for the operator; empty where nothing is left of a node."""

    @property
    def inputs(self) -> Sequence[Dims]:
        """The shapes of the inputs, in TFLite's order."""

    @property
    def outputs(self) -> Sequence[Dims]:
        """The shapes of the outputs."""

    def is_constant(self, position: int) -> bool:
        """Whether an input is the same in each run."""

    def integers(self, position: int) -> Sequence[int | None] | None:
        """The values of an input of integers, None for each that is not known, or for all."""

    def dtype(self, position: int) -> str:
        """Name of an input's dtype; empty where it is not known."""

    @property
    def gives(self) -> str:
        """Name of the first output's dtype; empty where it is not known."""

    def option(self, name: str) -> Any:
        """An option by TFLite's name; None where it is not set."""


class GraphStep:
    """A node as the step that the converter mainly makes of it."""

    def __init__(self, inference: Inference, node: Node) -> None:
        """A step; `inference` is that of the node's graph."""
        self.op = builtin_op(node.op) or ""
        self._call: Call = inference.call(node)
        self._inference = inference
        self.outputs: Sequence[Dims] = inference.shapes(node.name)
        #: The first input that is TFLite's, too; the axis is an option there.
        self._first = 1 if node.op == "Concat" else 0
        last = -1 if node.op == "ConcatV2" else None
        self.inputs: Sequence[Dims] = self._call.inputs[self._first : last]
        kind = inference.dtype(node.name)
        self.gives = kind.base.name if kind is not None else ""

    def is_constant(self, position: int) -> bool:
        """Whether an input depends on constants only."""
        name, _ = self._call.sources[self._first + position]
        return self._inference.constness.is_constant(name)

    def integers(self, position: int) -> Sequence[int | None] | None:
        """The values of an input of integers, flat."""
        known = self._call.integers(self._first + position)
        return known.items if known is not None else None

    def dtype(self, position: int) -> str:
        """Name of an input's dtype."""
        kind = self._call.dtype(self._first + position)
        return kind.base.name if kind is not None else ""

    def option(self, name: str) -> Any:
        """An option of TFLite's by the attribute that it comes from."""
        if name in ("dilation_h_factor", "dilation_w_factor"):
            return self._dilation(name)
        if name == "depth_multiplier":
            filters = self.inputs[1] if len(self.inputs) > 1 else None
            return filters[3] if filters is not None and len(filters) == 4 else None
        value = self._call.attr(name)
        return value.decode("latin-1") if isinstance(value, bytes) else value

    def _dilation(self, name: str) -> int | None:
        dilations = self._call.attr("dilations")
        if not isinstance(dilations, list) or len(dilations) != 4:
            return None
        first = 2 if self._call.attr("data_format") == b"NCHW" else 1
        value = dilations[first if name == "dilation_h_factor" else first + 1]
        return value if isinstance(value, int) else None
