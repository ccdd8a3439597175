"""Calibrated ranges in a frozen graph: quantization after training that can be looked at.

The graph is run on samples; what layers and sums give gets the range of its values by one of

    min-max           the least and the largest of all samples
    percentile        so that so many of a hundred values are within, on both sides
    moving-average    a moving average of those of each sample, as in training
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.convert.calibration.calibration import Calibration
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.run.worker import Worker
from graphtools.transforms._measured_ranges import find_unmeasured, with_measured_ranges
from graphtools.transforms._quantized_graph import QuantizationOptions, QuantizationReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = ("min-max", "percentile", "moving-average")
#: So much of an average stays with each sample; averages of few samples have to move faster than
#: those of a training.
_DECAY = 0.9
#: So many values of a tensor are kept for its percentiles.
_MOST_KEPT = 1 << 18


@dataclasses.dataclass(frozen=True)
class RangesReport:
    """A frozen graph with ranges that were measured.

    Attributes:
        source: The file that it was made of.
        target: The file that was written.
        data: What was measured on.
        method: How ranges were chosen.
        quantization: What was quantized.
        ranges: By tensor, the range of its values that was chosen.
        outputs: Its outputs: FakeQuants where there is one behind an output of the source.
        nodes_before: Number of nodes of the graph that was given.
        nodes_after: Number of nodes of the written one.
    """

    source: str
    target: str
    data: str
    method: str
    quantization: QuantizationReport
    ranges: Mapping[str, tuple[float, float]]
    outputs: tuple[str, ...]
    nodes_before: int
    nodes_after: int


@dataclasses.dataclass(frozen=True)
class CalibratedGraph:
    """A frozen graph with measured ranges.

    Attributes:
        graph: The graph.
        report: What was quantized.
        ranges: By tensor, the range of its values that was chosen.
        outputs: Its outputs.
    """

    graph: Graph
    report: QuantizationReport
    ranges: Mapping[str, tuple[float, float]]
    outputs: tuple[str, ...]


def with_calibrated_ranges(
    graph: Graph,
    outputs: Sequence[str],
    calibration: Calibration,
    options: QuantizationOptions | None = None,
    *,
    method: str = "min-max",
    percentile: float = 99.99,
    progress: Callable[[int, int], None] | None = None,
    trust: bool = False,
) -> CalibratedGraph:
    """Put FakeQuants with measured ranges into a frozen graph of floats.

    Args:
        graph: The graph; it is not changed.
        outputs: Its outputs.
        calibration: The samples that it is run on.
        options: How it is quantized.
        method: One of `METHODS`.
        percentile: Of a hundred values, those up to the upper end of the range.
        progress: Called with the number of samples that were run, and of all.
        trust: Whether the graph may read and write files, or use the network.

    Raises:
        InvalidGraph: It is not frozen, has FakeQuants, or nothing that can be quantized.
        InvalidValue: There is no such method, or the percentile is none.
        MissingExtra: TensorFlow, which runs the graph, is not installed.
        TensorFlowProblem: It does not run.

    Example:
        >>> data = graphtools.calibration_for(graph, ["input"], "photos/")
        >>> with_calibrated_ranges(graph, ["logits"], data).ranges["conv0/Relu6"]
        (0.0, 6.0)
    """
    if method not in METHODS:
        raise InvalidValue(f"{method!r} is no way to choose ranges", f"there are {METHODS}")
    if not 50 < percentile <= 100:
        raise InvalidValue(f"{percentile:g} is no percentile above the middle", "99.99 is usual")
    options = options or QuantizationOptions()
    found = find_unmeasured(graph, outputs, options)
    measures = {tensor: _Measure(method, percentile) for tensor in found.tensors}
    fetches = {Ref.parse(tensor).tensor: tensor for tensor in found.tensors}
    with Worker(trust=trust) as worker:
        for number, sample in enumerate(calibration.samples()):
            values = worker.run(found.plain, sample, list(fetches))
            for name, value in values.items():
                measures[fetches[name]].add(fetches[name], value.array)
            if progress:
                progress(number + 1, calibration.count)
    ranges = {tensor: measure.range() for tensor, measure in measures.items()}
    made = with_measured_ranges(found, ranges, options)
    return CalibratedGraph(made, found.quantized.report, ranges, found.outputs)


class _Measure:
    """The range of a tensor over samples."""

    def __init__(self, method: str, percentile: float) -> None:
        self._method = method
        self._percentile = percentile
        self._ends: list[tuple[float, float]] = []
        self._kept: list[NDArray[Any]] = []
        self._every = 1

    def add(self, tensor: str, values: NDArray[Any]) -> None:
        import numpy as np

        if not np.isfinite(values).all():
            raise InvalidGraph(f"{tensor!r} has values that are not finite for these samples")
        if not values.size:
            return
        self._ends.append((float(values.min()), float(values.max())))
        if self._method == "percentile":
            self._kept.append(values.ravel()[:: self._every].copy())
            if sum(map(len, self._kept)) > _MOST_KEPT:
                self._every *= 2
                self._kept = [kept[::2] for kept in self._kept]

    def range(self) -> tuple[float, float]:
        import numpy as np

        if not self._ends:
            return 0.0, 0.0
        if self._method == "percentile":
            kept = np.concatenate(self._kept)
            low, high = np.percentile(kept, [100 - self._percentile, self._percentile])
            return float(low), float(high)
        if self._method == "min-max":
            return min(low for low, _ in self._ends), max(high for _, high in self._ends)
        weights = _DECAY ** np.arange(len(self._ends))[::-1]
        low, high = (np.array(self._ends) * weights[:, None]).sum(0) / weights.sum()
        return float(low), float(high)
