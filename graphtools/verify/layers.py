"""Compares two models tensor by tensor: where they begin to drift apart.

Compared is what both have by name. A tensor of a TFLite model may stand for several nodes that were
fused into one operator; it has the value of the last of them. Of quantization-aware graphs that is
the FakeQuant node, in whose place the tensor is quantized.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.functions import CALLS
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.control_flow import find_places
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.inference import node_output_dtypes
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.litert_side import LiteRTSide
from graphtools.verify.metrics import Metrics, Tolerance, measure
from graphtools.verify.model_sides import EndValue, Side, canonical
from graphtools.verify.runs import fetch_in_batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Ops that call a function; their nodes are called so, too, in SavedModels.
#: A drop of the signal-to-noise ratio that is worth being pointed at, in dB: ten times the noise.
_DROP = 10.0
#: The ratio in dB that a tensor of a type can be expected to reach, 6.02 a bit and 10 less for real
#: distributions; no drop is counted from above it.
_REACH = {"int8": 40.0, "uint8": 40.0, "int16": 88.0}
_REACH_OF_FLOATS = 100.0


@dataclasses.dataclass(frozen=True)
class Layer:
    """A tensor that two models have.

    Attributes:
        name_a: Its name in the first model.
        name_b: Its name in the second.
        op: What computes it in the second: operator or op.
        dtype_a: Element type in the first.
        dtype_b: Element type in the second.
        shape: Its shape.
        equal: Whether both agree within the tolerance.
        metrics: How far they lie apart.
        drop: By how many dB its signal-to-noise ratio is below the least of the tensors that it is
            computed from, or below what its type can hold, if that is less; None where none of
            them is compared.
    """

    name_a: str
    name_b: str
    op: str
    dtype_a: str
    dtype_b: str
    shape: tuple[int, ...]
    equal: bool
    metrics: Metrics
    drop: float | None


@dataclasses.dataclass(frozen=True)
class LayerComparison:
    """The tensors of two models, in the order of execution.

    Attributes:
        layers: The tensors that both have.
        first_drift: Name in the second model of the first that does not agree; empty if all do.
        largest_drop: Name of the one that loses most against what it is computed from: where
            quantization hurts; empty if none loses much.
        only_b: Number of computed tensors of the second that the first does not have by name.
    """

    layers: tuple[Layer, ...]
    first_drift: str
    largest_drop: str
    only_b: int


class _Step(NamedTuple):
    """A tensor of the model whose order counts."""

    name: str
    names: tuple[str, ...]
    op: str
    sources: tuple[str, ...]


def compare_layers(
    a: Side,
    b: Side,
    feeds_a: Mapping[str, Array],
    feeds_b: Mapping[str, Array],
    tolerance: Tolerance,
) -> LayerComparison:
    """Compare all tensors that two models have by name.

    Raises:
        GraphtoolsError: A model does not run.
    """
    steps_a, steps_b = _steps(a), _steps(b)
    pairs = _pairs(a, b, steps_a, steps_b)
    values_a = _values(a, feeds_a, pairs.values())
    values_b = _values(b, feeds_b, pairs)
    sources = {step.name: step.sources for step in steps_b}
    found: list[Layer] = []
    ratios: dict[str, float] = {}
    for step in steps_b:
        name = pairs.get(step.name, "")
        if name not in values_a or step.name not in values_b:
            continue
        layer = _layer(step, name, values_a[name], values_b[step.name], tolerance)
        if layer is None:
            continue
        before = _ratio_before(step.name, sources, ratios)
        ratios[step.name] = ratio = _ratio(layer.metrics)
        reach = _REACH.get(layer.dtype_b, _REACH_OF_FLOATS)
        drop = None if before is None else max(0.0, min(before, reach) - ratio)
        found.append(dataclasses.replace(layer, drop=drop))
    worst = max(found, key=lambda layer: layer.drop or 0.0, default=None)
    return LayerComparison(
        tuple(found),
        next((layer.name_b for layer in found if not layer.equal), ""),
        worst.name_b if worst is not None and (worst.drop or 0.0) >= _DROP else "",
        len(steps_b) - len(found),
    )


def _steps(side: Side) -> list[_Step]:
    """The tensors that a model computes, in the order of execution."""
    return _graph_steps(side) if isinstance(side, GraphSide) else _litert_steps(side)


def _values(side: Side, feeds: Mapping[str, Array], names: Iterable[str]) -> dict[str, EndValue]:
    """Values of tensors by name."""
    if isinstance(side, GraphSide):
        wanted = [n for n in names if n not in feeds]
        return fetch_in_batches(functools.partial(side.fetch, feeds), wanted)
    assert isinstance(side, LiteRTSide)
    labels = _labels(side)
    return {labels[t.index]: v for t, v in side.run_layers(feeds) if t.index in labels}


def _pairs(a: Side, b: Side, steps_a: list[_Step], steps_b: list[_Step]) -> dict[str, str]:
    """By name of a tensor of the second model, that of the first which it is to be equal to."""
    if type(a) is type(b):
        known = {name: step.name for step in reversed(steps_a) for name in step.names}
        known |= {step.name: step.name for step in steps_a}
        return {
            step.name: next(known[n] for n in (step.name, *step.names) if n in known)
            for step in steps_b
            if known.keys() & {step.name, *step.names}
        }
    if isinstance(b, GraphSide):
        return _match(steps_a, steps_b)
    return {lite: graph for graph, lite in _match(steps_b, steps_a).items()}


def _layer(
    step: _Step, name_a: str, a: EndValue, b: EndValue, tolerance: Tolerance
) -> Layer | None:
    """The comparison of a tensor; None where shapes differ or there are no numbers."""
    numbers = "biufc"
    if a.real.dtype.kind not in numbers or b.real.dtype.kind not in numbers or not a.real.size:
        return None
    if a.real.shape != b.real.shape:
        return None
    step_size = max(a.step, b.step)
    metrics = measure(a.real, b.real, step_size)
    return Layer(
        name_a,
        step.name,
        step.op,
        a.dtype,
        b.dtype,
        a.real.shape,
        tolerance.admits(metrics, step_size),
        metrics,
        None,
    )


def _ratio(metrics: Metrics) -> float:
    """The signal-to-noise ratio in dB, that of equal tensors as what floats are to reach."""
    if metrics.is_equal:
        return _REACH_OF_FLOATS
    return metrics.snr if metrics.snr is not None else 0.0


def _ratio_before(
    name: str, sources: Mapping[str, Sequence[str]], ratios: Mapping[str, float]
) -> float | None:
    """The least ratio of the nearest compared tensors that a tensor is computed from."""
    before = reach(sources.get(name, ()), lambda s: () if s in ratios else sources.get(s, ()))
    return min((ratios[source] for source in before if source in ratios), default=None)


def _labels(side: LiteRTSide) -> dict[int, str]:
    """Names of the tensors that operators compute; of several that share one, the first has it."""
    graph = side.model.subgraphs[0]
    names = {t.index: t.name for t in graph.tensors}
    found: dict[str, int] = {}
    for operator in graph.operators:
        for index in operator.outputs:
            if index in names:
                found.setdefault(names[index], index)
    return {index: name for name, index in found.items()}


def _litert_steps(side: Side) -> list[_Step]:
    assert isinstance(side, LiteRTSide)
    names = _labels(side)
    return [
        _Step(
            names[index],
            tuple(canonical(n) for n in names[index].split(";") if n),
            operator.op,
            tuple(names[i] for i in operator.inputs if i in names),
        )
        for operator in side.model.subgraphs[0].operators
        for index in operator.outputs
        if index in names
    ]


def _match(steps: Iterable[_Step], graph_steps: Iterable[_Step]) -> dict[str, str]:
    """By tensor of a graph, the TFLite tensor that has its value: of several names the last one."""
    graph_steps = list(graph_steps)
    owners = {name: step.name for step in reversed(graph_steps) for name in step.names[::-1]}
    order = {step.name: number for number, step in enumerate(graph_steps)}
    fake_quants = {
        step.sources[0]: step.name
        for step in graph_steps
        if step.op in FAKE_QUANTS and step.sources
    }
    found: dict[str, str] = {}
    for step in steps:
        known = [owners[n] for n in step.names if n in owners]
        if known:
            name = max(known, key=order.__getitem__)
            found.setdefault(fake_quants.get(name, name), step.name)
    return found


def _graph_steps(side: GraphSide) -> list[_Step]:
    """The tensors with numbers that the outputs need, outside of loops and branches."""
    graph = side.graph
    ends = [producer(end.name) for end in side.outputs]
    if side.postprocess is not None:
        ends += [producer(text) for text in side.postprocess.data_inputs]
    needed = ancestors_of(graph, ends) - find_places(graph).keys()
    used = {Ref.parse(text) for name in needed for text in graph[name].data_inputs}
    used |= {Ref.parse(end.name) for end in side.outputs}
    found = []
    for node in runnable_order(graph)[0]:
        if node.name not in needed or node.op in ("Const", "Placeholder"):
            continue
        sources = tuple(str(Ref.parse(text)) for text in node.data_inputs)
        for index, kind in enumerate(node_output_dtypes(graph, node)):
            ref = Ref(node.name, index)
            if ref in used and kind is not None and kind.array_name:
                name = str(ref)
                names = tuple(dict.fromkeys((name, _name_in_function(name))))
                found.append(_Step(name, names, node.op, sources))
    return found


def _name_in_function(name: str) -> str:
    """The name that a node had in its function, before that was put in the place of its call."""
    parts = name.split("/")
    while len(parts) > 1 and parts[0] in CALLS:
        parts = parts[1:]
    return "/".join(parts)
