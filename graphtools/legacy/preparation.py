"""What the flags of toco do to a graph before it is converted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphtools.convert.conversion.quantization_ranges import (
    with_default_ranges,
    with_exact_fake_quants,
)
from graphtools.errors import InvalidValue
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.legacy.recipe import TFLITE, Recipe
from graphtools.rewrite.prune import needed_nodes, remove_except
from graphtools.rewrite.transform import check_ends
from graphtools.transforms.pipeline import transform


class Prepared(NamedTuple):
    """A graph that is ready for the converter.

    Attributes:
        graph: The graph.
        inputs: Names of its inputs.
        outputs: Names of its outputs.
        notes: What was done, a remark a line.
    """

    graph: Graph
    inputs: list[str]
    outputs: list[str]
    notes: list[str]


def prepare(
    recipe: Recipe, graph: Graph, inputs: Sequence[str], outputs: Sequence[str]
) -> Prepared:
    """Do to a graph what the converter itself does not do any more.

    Args:
        recipe: What is asked for.
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.

    Raises:
        GraphtoolsError: An input or output is not there, a range is wrong, or the graph damaged.
    """
    notes: list[str] = []
    if recipe.allows_absent:
        inputs = _there(graph, inputs, "input", notes)
        outputs = _there(graph, outputs, "output", notes)
        if not outputs:
            raise InvalidValue("none of the outputs is in the graph", "name others")
    check_ends(graph, inputs, outputs)
    if recipe.batch_size is not None or (recipe.variable_batch and not recipe.input_shapes):
        graph = _with_batch(graph, inputs, recipe.batch_size, notes)
    for asked, step in (
        (recipe.drops_fake_quants, "drop_fake_quant"),
        (recipe.reorders, "reorder_across_fake_quant"),
        (recipe.joins_ranges, "change_concat_input_ranges"),
    ):
        if asked:
            graph, more = _apply(graph, step, inputs, outputs)
            notes += more
    if recipe.default_ranges is not None:
        weights = recipe.options.quantized_type != "int8"
        graph, done = with_default_ranges(
            graph, inputs, outputs, *recipe.default_ranges, weights=weights
        )
        notes += done
    if not recipe.is_quantized and recipe.output_format == TFLITE:
        graph, done = with_exact_fake_quants(graph, inputs, outputs)
        notes += done
    return Prepared(graph, list(inputs), list(outputs), notes)


def _there(graph: Graph, names: Sequence[str], what: str, notes: list[str]) -> list[str]:
    absent = [name for name in names if Ref.from_user(name).node not in graph]
    notes += [f"the {what} {name!r} is left out: it is not in the graph" for name in absent]
    return [name for name in names if name not in absent]


def _with_batch(graph: Graph, inputs: Sequence[str], size: int | None, notes: list[str]) -> Graph:
    """A graph whose placeholders have a first dimension: where it is open, or None for open."""
    twin = graph.copy()
    for name in inputs:
        node = twin.get(Ref.from_user(name).node)
        shape = node.attr("shape") if node is not None and "shape" in node.attrs else None
        if node is None or not isinstance(shape, Shape) or not shape.dims:
            notes.append(f"the first dimension of {name!r} stays as it is: its shape is not known")
            continue
        if size is not None and shape.dims[0] is not None:
            notes.append(f"--batch_size has no effect on {name!r}: the graph says {shape.dims[0]}")
            continue
        twin.set_attr(node, "shape", Shape((size, *shape.dims[1:])))
    return twin


def _apply(
    graph: Graph, step: str, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[Graph, list[str]]:
    done = transform(graph, step, inputs, outputs)
    report = done.report.steps[-1]
    change = report.nodes_after - report.nodes_before
    what = f"{change:+,} nodes" if change else "changed" if report.edits else "nothing to change"
    notes = [f"{step}: {what}"]
    notes += [f"{step} leaves {s.node!r}: {s.reason}" for s in report.skipped[:3]]
    return done.graph, notes


def needed_part(graph: Graph, outputs: Sequence[str]) -> Graph:
    """A graph of what outputs need."""
    twin = graph.copy()
    remove_except(twin, needed_nodes(twin, [Ref.from_user(name).node for name in outputs]))
    return twin
