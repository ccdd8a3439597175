"""What an SSD is that was exported for TFLite, as a document."""

from __future__ import annotations

import shlex

from graphtools.report.document import Commands, Document, Facts, Heading, Items, shape
from graphtools.transforms.export_ssd import INPUT, POSTPROCESS, ExportReport
from graphtools.wording import counted, printable


def ssd_export_document(report: ExportReport, path: str) -> Document:
    """What was found in a graph, and what to do with the one that was made."""
    document: Document = [Facts(_facts(report))]
    if report.notes:
        document.append(Items(report.notes))
    document += [Heading("Next"), Commands([convert_line(report, path)])]
    return document


def _facts(report: ExportReport) -> list[tuple[str, str]]:
    y, x, height, width = report.scales
    background = "with background" if report.with_background else "without background"
    facts = [
        ("input", f"{shape(report.input_shape)}, in the place of {printable(report.cut_at)}"),
        ("normalisation", normalisation(report)),
        ("feature extractor", report.feature_extractor or "told by no name"),
        ("boxes", f"from {printable(report.boxes_from)}"),
        (
            "scores",
            f"from {printable(report.scores_from)}: {report.score_converter}, "
            f"{counted(report.classes, 'class', 'classes')}, {background}",
        ),
        ("anchors", f"{report.anchors:,}, from {printable(report.anchors_from)}"),
        ("score threshold", f"{report.score_threshold:g}"),
        ("IoU threshold", f"{report.iou_threshold:g}"),
        ("box scales", f"y {y:g}, x {x:g}, height {height:g}, width {width:g}"),
        ("nodes", f"{report.nodes_before:,} before, {report.nodes_after:,} after"),
        ("constants", f"{counted(report.folded, 'computed shape')} folded"),
    ]
    if report.fake_quants:
        facts.append(("quantization", f"{report.fake_quants:,} FakeQuant nodes are kept"))
    if report.upsamplings:
        facts.append(("upsampling", f"{len(report.upsamplings)} as ResizeNearestNeighbor"))
    return facts


def normalisation(report: ExportReport) -> str:
    """How pixels become the input: as a formula, with mean and deviation as converters want it."""
    scale, offset = report.scale, report.offset
    if len(scale) == len(offset) == 1:
        sign = "-" if offset[0] < 0 else "+"
        text = f"pixel * {scale[0]:.6g} {sign} {abs(offset[0]):.6g}"
        if scale[0]:
            text += f" (mean {-offset[0] / scale[0]:.6g}, standard deviation {1 / scale[0]:.6g})"
        return text
    return f"pixel * [{_list(scale)}] + [{_list(offset)}], by channel"


def _list(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{n:.6g}" for n in numbers)


def convert_line(report: ExportReport, path: str) -> str:
    """The command that converts the graph."""
    words = [
        f"graphtools convert {shlex.quote(path)} -o detect.tflite",
        f"--inputs {INPUT} --outputs {','.join(report.outputs)}",
    ]
    if POSTPROCESS in report.outputs:
        words.append("--allow-custom-ops")
    scale, offset = report.scale, report.offset
    if report.fake_quants and len(scale) == len(offset) == 1 and scale[0]:
        mean, deviation = -offset[0] / scale[0], 1 / scale[0]
        words.append(f"--quantize qat --input-stats {INPUT}={mean:.6g},{deviation:.6g}")
    return " ".join(words)
