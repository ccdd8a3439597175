"""What a rewrite for few bits is asked, and what it gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from graphtools.errors import InvalidValue
from graphtools.graph.graph import Graph
from graphtools.transforms._trained_ranges import TrainedRange
from graphtools.transforms._training_nodes import NewVariable


@dataclasses.dataclass(frozen=True)
class QuantizationOptions:
    """How a graph is quantized.

    Attributes:
        weight_bits: Bits of weights.
        activation_bits: Bits of what layers give.
        symmetric: Whether ranges reach as far down as up.
        per_channel: Whether each output channel of weights has a range, which is then symmetric.
        quant_delay: In so many runs ranges are gathered before they count.
        freeze_bn_delay: From which run on folded batch norms use moving averages; None for never.
        scope: Only below this scope; all if empty. Batch norms are folded everywhere.
        exclude: Patterns of the names of layers that stay float.

    Example:
        >>> QuantizationOptions(per_channel=True, exclude=["head/*"]).weight_bits
        8
    """

    weight_bits: int = 8
    activation_bits: int = 8
    symmetric: bool = False
    per_channel: bool = False
    quant_delay: int = 0
    freeze_bn_delay: int | None = None
    scope: str = ""
    exclude: Sequence[str] = ()

    def check(self) -> None:
        """State that they can be followed.

        Raises:
            InvalidValue: They cannot.
        """
        for name in ("weight_bits", "activation_bits"):
            if not 2 <= getattr(self, name) <= 16:
                what = name.replace("_", " ")
                raise InvalidValue(f"the {what} must be between 2 and 16")
        if self.quant_delay < 0 or (self.freeze_bn_delay or 0) < 0:
            raise InvalidValue("a delay is a number of runs, not below zero")


@dataclasses.dataclass(frozen=True)
class LayerReport:
    """What became of a layer.

    Attributes:
        name: Its convolution or product.
        op: The op of that.
        weights: Scope of the range of its weights; empty where they stay float.
        output: Scope of the range of what it gives; so for it.
        folded: The batch norm that was folded into it; empty for none.
        left: Why it is left float, wholly or in part; empty where it is not.
    """

    name: str
    op: str
    weights: str = ""
    output: str = ""
    folded: str = ""
    left: str = ""


@dataclasses.dataclass(frozen=True)
class QuantizationReport:
    """What was quantized.

    Attributes:
        layers: All layers of the graph in file order, those of functions behind.
        sums: Scopes of the ranges of sums, products and other ops between layers.
        outputs: By output of the graph, the FakeQuant that now gives it in few bits.
        variables: Number of new variables.
        trained_norms: Batch norms that were folded with the statistics of their batch.
        biased: Layers into which a batch norm behind a bias was folded.
        notes: What else is to be known.
    """

    layers: tuple[LayerReport, ...]
    sums: tuple[str, ...]
    outputs: Mapping[str, str]
    variables: int
    trained_norms: tuple[str, ...] = ()
    biased: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[LayerReport, ...]:
        """The layers that stay float, wholly or in part."""
        return tuple(layer for layer in self.layers if layer.left)


@dataclasses.dataclass(frozen=True)
class QuantizedGraph:
    """A graph with FakeQuants whose ranges are trained.

    Attributes:
        graph: The graph.
        report: What was quantized.
        variables: The new variables, in order.
        ranges: The FakeQuants that were made.
    """

    graph: Graph
    report: QuantizationReport
    variables: tuple[NewVariable, ...]
    ranges: tuple[TrainedRange, ...]
