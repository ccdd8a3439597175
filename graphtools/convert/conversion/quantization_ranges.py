"""Graphs made ready for the converter, where it does something else with ranges than is meant."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.idioms.fake_quant import FAKE_QUANTS, Range, count, range_of
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._fake_quants import fake_quant_nodes
from graphtools.transforms.change_concat_input_ranges import (
    joins_floats,
    parts_of,
    range_behind,
    sources_of,
)
from graphtools.transforms.pipeline import Transformed, transform

#: What is computed once and for all, but for ranges.
_FOLD = f"fold_constants({', '.join(f'exclude_op={op}' for op in sorted(FAKE_QUANTS))})"
_BATCH_NORMS = "fold_old_batch_norms fold_batch_norms"


def with_default_ranges(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    low: float,
    high: float,
    *,
    weights: bool = True,
) -> tuple[Graph, tuple[str, ...]]:
    """A graph in which all that lacks a range has a FakeQuant.

    It takes the place of the converter's own default ranges, with which the converter does not
    end where a node has the attribute `_output_quantized`.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        low: Smallest value of a tensor.
        high: Largest value.
        weights: Whether weights get the range of their values, so that they take all of uint8's
            codes, as toco gave them; the converter leaves one out. Not for int8, where weights have
            to be symmetric.

    Returns:
        The graph and what was done, a remark a line.

    Raises:
        GraphtoolsError: The range is none, or the graph is damaged.
    """
    end = f"add_default_ranges(min={low!r}, max={high!r}, weights={str(weights).lower()})"
    done = transform(graph, [_FOLD, _BATCH_NORMS, end], inputs, outputs)
    made = count(done.graph) - count(graph)
    tensors = f"{made:,} tensors" if made != 1 else "1 tensor"
    which = "weights that of their values, others that" if weights else "the range"
    note = f"{tensors} without a range got a FakeQuant: {which} from {low:g} to {high:g}"
    return done.graph, (note,) if made > 0 else ()


def with_exact_fake_quants(
    graph: Graph, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[Graph, tuple[str, ...]]:
    """A graph for a float model, in which FakeQuants are arithmetic.

    The converter gives what a concatenation joins, and its result, the range of the first input:
    a float model would not compute what the graph does.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.

    Returns:
        The graph and what was done, a remark a line.

    Raises:
        GraphtoolsError: The graph is damaged.
    """
    if not count(graph):
        return graph, ()
    done = transform(graph, "fold_constants expand_fake_quant", inputs, outputs)
    gone = count(graph) - count(done.graph)
    nodes = f"{gone} FakeQuant nodes are" if gone != 1 else "1 FakeQuant node is"
    note = (
        f"the graph was trained for quantization: {nodes} part of the weights or arithmetic now, "
        "so that the float model computes what the graph does"
    )
    return done.graph, (note, *_skips(done))


def with_ranges_of_joined(graph: Graph) -> Graph:
    """A graph in which concatenations take the range that holds all that they join.

    The converter of TensorFlow 2.16 gives the result the range of the first input, where others
    are cut. A FakeQuant of the common range right before each input, which costs no operator of
    the model, makes all versions compute what toco's models did.

    Args:
        graph: The graph; it is not changed.
    """
    own = graph
    for name in [n.name for n in graph if joins_floats(n)]:
        found = _range_of_joined(own, own[name])
        if found is None:
            continue
        if own is graph:
            own = graph.copy()
        concat = own[name]
        first = concat.data_inputs.index(parts_of(concat)[0])
        for position, text in enumerate(parts_of(concat), first):
            inserted = own.free_name(f"{name}/range_of_input_{position}")
            made = fake_quant_nodes(own, inserted, text, found, device=concat.device)
            for node in made:
                own.add(node, before=concat)
            own.replace_input(concat, position, inserted)
    return own


def _range_of_joined(graph: Graph, concat: Node) -> Range | None:
    """The range that holds all that is joined; None if all have one, or one has none."""
    sources = [sources_of(graph, text) for text in parts_of(concat)]
    if not sources or not all(sources):
        return None
    behind = range_behind(graph, concat)
    try:
        ranges = {range_of(graph, node) for found in sources for node in found}
        if behind is not None:
            return range_of(graph, behind) if ranges != {range_of(graph, behind)} else None
    except Unfit:  # a range of its own for each channel: the converter is left to it
        return None
    if len(ranges) == 1:
        return None
    return Range(min(r.low for r in ranges), max(r.high for r in ranges))


def _skips(done: Transformed) -> list[str]:
    """Why FakeQuants are left."""
    found = done.report.steps[-1].skipped
    return [f"{skipped.node!r} stays a FakeQuant: {skipped.reason}" for skipped in found[:3]]
