"""How much of their ranges the weights of a frozen graph use."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.idioms import fake_quant
from graphtools.ops.inference import infer_shapes

#: Of a hundred weights, those that lie between the ends which count as no outliers.
_MOST = 99
#: So many times wider than the other, a range and the weights it is of do not belong together.
_FAR = 1.5
#: A range of which most weights use less is spent on the others.
_LITTLE = 0.5


class RangeUse(NamedTuple):
    """The range of a FakeQuant, and how it is used.

    Attributes:
        scope: Scope of the FakeQuant.
        low: The low end; of several ranges, the lowest.
        high: The high end.
        least: The least of the weights that it is of; None where it is of no weights.
        greatest: The greatest of them.
        share: How much of the range is between the ends of nearly all weights.
    """

    scope: str
    low: float
    high: float
    least: float | None = None
    greatest: float | None = None
    share: float | None = None

    @property
    def is_strange(self) -> bool:
        """Whether it is far from the weights that it is to be of."""
        if self.least is None or self.greatest is None:
            return False
        span, wide = self.high - self.low, max(self.greatest, 0.0) - min(self.least, 0.0)
        return not (wide <= _FAR * span and span <= _FAR * wide)

    @property
    def is_spent_on_outliers(self) -> bool:
        """Whether nearly all weights share a small part of it."""
        return self.share is not None and self.share < _LITTLE and not self.is_strange


def range_uses(graph: Graph) -> tuple[RangeUse, ...]:
    """The ranges of a frozen graph, in file order; those that are not known are left out."""
    import numpy as np

    inference = infer_shapes(graph)
    found = []
    for quant in fake_quant.find(graph, inference):
        if not quant.ranges:
            continue
        low = min(r.low for r in quant.ranges)
        high = max(r.high for r in quant.ranges)
        use = RangeUse(quant.node.name.rpartition("/")[0], low, high)
        ref = Ref.parse(quant.node.data_inputs[0])
        values = inference.value(ref.node, ref.index) if quant.of_weights else None
        if values is not None and values.size and high > low:
            rest = (100 - _MOST) / 2
            ends = np.percentile(values, [rest, 100 - rest])
            share = float(ends[1] - ends[0]) / (high - low)
            use = use._replace(least=float(values.min()), greatest=float(values.max()), share=share)
        found.append(use)
    return tuple(found)
