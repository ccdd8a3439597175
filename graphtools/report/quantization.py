"""What a rewrite for few bits did, layer by layer, as a document."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphtools.report.document import Commands, Document, Facts, Heading, Items, Table
from graphtools.wording import counted, printable

if TYPE_CHECKING:
    from graphtools.convert.calibration.range_calibration import RangesReport
    from graphtools.transforms._quantized_graph import LayerReport, QuantizationReport
    from graphtools.transforms._range_uses import RangeUse
    from graphtools.transforms.quantize_eval import EvalReport
    from graphtools.transforms.quantize_training import TrainingReport


def training_document(report: TrainingReport) -> Document:
    """What was quantized for training, what was left, and how to train it."""
    facts = [*_facts(report.quantization, report.nodes_before, report.nodes_after)]
    facts.append(("new variables", f"{report.quantization.variables:,}"))
    if report.losses:
        facts.append(("loss", printable(", ".join(report.losses))))
    if report.checkpoint:
        facts.append(("checkpoint", f"{printable(report.checkpoint)}, of all variables"))
    document: Document = [Facts(facts), *_layers(report.quantization)]
    notes = [*report.notes, *report.quantization.notes]
    if not report.checkpoint:
        notes.append(
            "a float checkpoint lacks the new variables: restore it with a Saver of the others, or "
            "let this command write one of all"
        )
    if notes:
        document.append(Items([printable(text) for text in notes]))
    return [*document, Heading("Train it"), Commands(report.python, "python")]


def eval_document(report: EvalReport) -> Document:
    """What was quantized for inference, and what was left."""
    facts = [*_facts(report.quantization, report.nodes_before, report.nodes_after)]
    facts.append(("outputs", printable(", ".join(report.outputs))))
    if report.checkpoint:
        facts.append(("values", f"of {printable(report.checkpoint)}"))
    document: Document = [Facts(facts), *_layers(report.quantization)]
    notes = [
        f"the output {old!r} has no range of its own: {new!r} is it in few bits"
        for old, new in report.quantization.outputs.items()
    ]
    notes += [
        f"the range of {use.scope} is spent on outliers: nearly all weights are in "
        f"{use.share:.0%} of it"
        for use in report.ranges
        if use.is_spent_on_outliers
    ]
    notes += [*report.notes, *report.quantization.notes]
    if not report.checkpoint:
        notes.append("it has variables: freeze it with the checkpoint of the training")
    if notes:
        document.append(Items([printable(text) for text in notes]))
    if report.ranges:
        document += [Heading("Ranges"), _ranges(report.ranges)]
    if report.checkpoint:
        document += [Heading("Next"), Commands([_convert_line(report)])]
    return document


def ranges_document(report: RangesReport) -> Document:
    """What was quantized after training, with the ranges that were measured."""
    facts = [*_facts(report.quantization, report.nodes_before, report.nodes_after)]
    facts.append(("measured", f"{printable(report.data)}, by {report.method}"))
    facts.append(("outputs", printable(", ".join(report.outputs))))
    rows = [(printable(k), f"{low:.4g}", f"{high:.4g}") for k, (low, high) in report.ranges.items()]
    table = Table(("tensor", "from", "to"), rows, (1, 2))
    document: Document = [Facts(facts), *_layers(report.quantization), Heading("Ranges"), table]
    return [*document, Heading("Next"), Commands([_convert_line(report)])]


def _ranges(uses: Iterable[RangeUse]) -> Table:
    rows = [
        (
            printable(use.scope),
            f"{use.low:.4g}",
            f"{use.high:.4g}",
            "" if use.share is None else f"{use.share:.0%}",
        )
        for use in uses
    ]
    return Table(("range", "from", "to", "used by weights"), rows, (1, 2, 3))


def _convert_line(report: EvalReport | RangesReport) -> str:
    """The command that converts the graph; mean and deviation are the reader's."""
    words = ("graphtools", "convert", report.target, "-o", "model.tflite")
    outputs = ("--outputs", ",".join(report.outputs), "--quantize", "qat")
    return shlex.join([*words, *outputs, "--input-stats", "128,64"])


def _facts(report: QuantizationReport, before: int, after: int) -> list[tuple[str, str]]:
    whole = [layer for layer in report.layers if not layer.left]
    sums = f"; {counted(len(report.sums), 'range')} between layers" if report.sums else ""
    return [
        ("nodes", f"{before:,} before, {after:,} after"),
        ("quantized", f"{len(whole)} of {counted(len(report.layers), 'layer')}{sums}"),
    ]


def _layers(report: QuantizationReport) -> Document:
    """The layers with their ranges, and those that stay float."""
    rows = [_row(layer) for layer in report.layers if layer.weights or layer.output]
    document: Document = []
    if rows:
        columns = ("layer", "op", "weights", "output", "batch norm")
        document.append(Table(columns, rows))
    if report.left:
        left = [(printable(layer.name), layer.op, printable(layer.left)) for layer in report.left]
        document += [Heading("Left float"), Table(("layer", "op", "why"), left)]
    return document


def _row(layer: LayerReport) -> tuple[str, ...]:
    shown = (layer.name, layer.op, layer.weights or "float", layer.output or "float", layer.folded)
    return tuple(printable(text) for text in shown)
