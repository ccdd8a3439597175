"""quantize_eval, and the same with the ranges of a checkpoint as constants."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.formats import save
from graphtools.formats.checkpoint import Checkpoint
from graphtools.front_end import step
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.idioms import fake_quant
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms import change_concat_input_ranges
from graphtools.transforms._known_ranges import KnownRanges
from graphtools.transforms._quantized_graph import (
    QuantizationOptions,
    QuantizationReport,
    QuantizedGraph,
)
from graphtools.transforms._quantizing import quantize
from graphtools.transforms._range_uses import RangeUse, range_uses
from graphtools.transforms.quantize_training import PARAMETERS, options_of, tell
from graphtools.wording import and_more


@dataclasses.dataclass(frozen=True)
class EvalReport:
    """A graph for inference with the ranges that training has found.

    Attributes:
        source: The file that it was made of.
        target: The file that was written.
        checkpoint: Where its values are from; empty if it still has variables.
        quantization: What was quantized.
        ranges: Its ranges and how weights use them; empty if it still has variables.
        outputs: Its outputs: FakeQuants where there is one behind an output of the source.
        nodes_before: Number of nodes of the graph that was given.
        nodes_after: Number of nodes of the written one.
        notes: Further remarks.
    """

    source: str
    target: str
    checkpoint: str
    quantization: QuantizationReport
    ranges: tuple[RangeUse, ...]
    outputs: tuple[str, ...]
    nodes_before: int
    nodes_after: int
    notes: tuple[str, ...] = ()


def with_trained_ranges(
    graph: Graph,
    outputs: Sequence[str],
    options: QuantizationOptions | None = None,
    checkpoint: Checkpoint | None = None,
    like: Graph | None = None,
) -> QuantizedGraph:
    """Put FakeQuants into a graph for inference that have the ranges of a training.

    Args:
        graph: The graph, built for inference; it is not changed.
        outputs: Its outputs.
        options: Those of the training.
        checkpoint: Values of its variables and ranges; the graph is then frozen.
        like: The graph that was trained, which tells what its ranges are called.

    Raises:
        InvalidGraph: It is a training graph, or nothing can be quantized.
        InvalidValue: The checkpoint or the trained graph lacks a range.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/model.ckpt.meta")
        >>> done = with_trained_ranges(graph, ["MobilenetV1/Predictions/Reshape_1"])
        >>> done.report.layers[0].weights
        'MobilenetV1/MobilenetV1/Conv2d_0/weights_quant'
    """
    options = dataclasses.replace(
        options or QuantizationOptions(), quant_delay=0, freeze_bn_delay=None
    )
    known = KnownRanges.of_graph(like) if like is not None else None
    if known is None and checkpoint is not None:
        known = KnownRanges(_scopes(checkpoint))
    done = _rewritten(graph, options, outputs, known, checkpoint)
    if checkpoint is None:
        return done
    frozen = _frozen(done, checkpoint, outputs)
    strange = _strange_ranges(frozen)
    biased = {layer.weights: layer.name for layer in done.report.layers}
    before = {biased.get(use.scope, "") for use in strange} & set(done.report.biased)
    if before and like is None:
        # contrib.quantize left the batch norm behind a bias alone: so had the training
        known = KnownRanges(_scopes(checkpoint), unfolded=before)
        done = _rewritten(graph, options, outputs, known, checkpoint)
        frozen = _frozen(done, checkpoint, outputs)
        strange = _strange_ranges(frozen)
    notes = [
        f"the range of {use.scope} is {use.low:g} to {use.high:g}, and its weights are "
        f"{use.least:g} to {use.greatest:g}: is it that of another layer? see {_with_like()}"
        for use in strange
    ]
    notes += _with_joined_ranges(frozen, done)
    report = dataclasses.replace(done.report, notes=(*done.report.notes, *notes))
    return dataclasses.replace(done, graph=frozen, report=report)


def _with_joined_ranges(graph: Graph, done: QuantizedGraph) -> list[str]:
    """Give what is concatenated one range where weights have one a channel, and say so.

    Such a graph is for int8, for which converters refuse a Concat of several ranges.
    """
    if not any(node.op == fake_quant.FAKE_QUANT_PER_CHANNEL for node in graph):
        return []
    before = graph.edits
    change_concat_input_ranges.run(graph, Job(outputs=list(done.report.outputs.values())))
    if graph.edits == before:
        return []
    return ["what is concatenated has the widest of its ranges: int8 wants one for all"]


def _scopes(checkpoint: Checkpoint) -> dict[str, int]:
    """The scopes of the ranges that a checkpoint has, with their numbers of channels."""
    scopes = (name.removesuffix("/min") for name in checkpoint if name.endswith("/min"))
    return {
        name: (dims[0] or 0) if (dims := checkpoint[f"{name}/min"].shape.dims) else 0
        for name in scopes
        if f"{name}/max" in checkpoint
    }


def _rewritten(
    graph: Graph,
    options: QuantizationOptions,
    outputs: Sequence[str],
    known: KnownRanges | None,
    checkpoint: Checkpoint | None,
) -> QuantizedGraph:
    """A graph with FakeQuants, for which there are all ranges."""
    done = quantize(graph.copy(), options, outputs, known, training=False)
    if done.report.trained_norms:
        advice = step("freeze", "GRAPH", output="OUT", inference=True)
        raise InvalidGraph(
            f"the batch norm {done.report.trained_norms[0]!r} follows its batch: this is the graph "
            "for training",
            f"make its inference form first: {advice}",
        )
    _check_ranges(done, known, checkpoint)
    return done


def _frozen(done: QuantizedGraph, checkpoint: Checkpoint, outputs: Sequence[str]) -> Graph:
    from graphtools.transforms.freeze import freeze

    wanted = [done.report.outputs.get(name, name) for name in outputs]
    return freeze(done.graph, checkpoint, wanted).graph


def _strange_ranges(graph: Graph) -> list[RangeUse]:
    """The ranges of weights that are far from the values."""
    return [use for use in range_uses(graph) if use.is_strange]


def _check_ranges(
    done: QuantizedGraph, known: KnownRanges | None, checkpoint: Checkpoint | None
) -> None:
    """State that a training has all ranges that a graph reads.

    Raises:
        InvalidValue: One is missing.
    """
    missing = dict(known.missing) if known is not None else {}
    where = "the trained graph"
    if not missing and checkpoint is not None:
        names = [v.name for v in done.variables if v.name not in checkpoint]
        missing = {name.rpartition("/")[0]: "" for name in names}
    if checkpoint is not None:
        where = checkpoint.path
    if not missing:
        return
    scope, tensor = next(iter(missing.items()))
    of = f" of {tensor!r}" if tensor else ""
    raise InvalidValue(
        f"{where} has no range{of}: {scope}/min{and_more(len(missing) - 1)}",
        _likely_reason(scope, checkpoint),
    )


def _with_like() -> str:
    return step("quantize-eval", "GRAPH", output="OUT", like="QAT.meta")


def _likely_reason(scope: str, checkpoint: Checkpoint | None) -> str:
    train = step("quantize-training", "META", output="OUT.meta")
    leave = step("quantize-eval", "GRAPH", output="OUT", exclude="LAYER")
    ranges = [n for n in checkpoint or () if n.endswith("_quant/min")]
    if checkpoint is not None and not ranges:
        return (
            "it has no ranges at all: it is a checkpoint of the float training; "
            f"train what this makes, and save: {train}"
        )
    if scope.rpartition("_")[2].isdigit():
        return (
            "layers of one name scope are numbered in the order of the training graph: give that: "
            f"{_with_like()}"
        )
    return (
        "its training left this layer float: other options, another graph, or a rewrite that did "
        f"not know it; leave it float here, too: {leave}"
    )


def quantize_eval(
    graph: Graph,
    source: str,
    target: str | os.PathLike[str],
    outputs: Sequence[str],
    options: QuantizationOptions | None = None,
    checkpoint: Checkpoint | None = None,
    like: Graph | None = None,
    *,
    as_text: bool | None = None,
) -> EvalReport:
    """Write a graph for inference with the ranges of a training; see `with_trained_ranges`.

    Args:
        graph: The graph.
        source: Where it was read from.
        target: Where it goes.
        outputs: Its outputs.
        options: Those of the training.
        checkpoint: Values of its variables and ranges.
        like: The graph that was trained.
        as_text: Whether in text format.

    Raises:
        FileProblem: The target cannot be written.
    """
    done = with_trained_ranges(graph, outputs, options, checkpoint, like)
    remark = save(done.graph, target, as_text=as_text)
    ends = (done.report.outputs.get(name, name) for name in outputs)
    return EvalReport(
        source,
        os.fspath(target),
        checkpoint.path if checkpoint is not None else "",
        done.report,
        range_uses(done.graph) if checkpoint is not None else (),
        tuple(str(Ref.from_user(name)) for name in ends),
        len(graph),
        len(done.graph),
        (remark,) if remark else (),
    )


def run(graph: Graph, job: Job) -> None:
    """Put FakeQuants that read trained ranges into a graph."""
    outputs = [ref.tensor for ref in job.outputs]
    tell(job, quantize(graph, options_of(job), outputs, training=False))


TRANSFORM = Transform(
    "quantize_eval",
    run,
    """Put FakeQuants that read trained ranges into a graph for inference.

    The counterpart of quantize_training: variables of ranges have the same names, and a checkpoint
    of the trained graph has their values. An output that ends in a FakeQuant of its own is not
    quantized by itself: take the FakeQuant for it.
    """,
    "quantize_eval",
    PARAMETERS,
    keeps_meaning=False,
)
