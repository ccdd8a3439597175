"""The comparison of two models as a document."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.report.document import Document, Facts, Heading, Items, Table, Text, shape
from graphtools.verify.compared_outputs import ComparedOutput
from graphtools.verify.detections import DetectionComparison, LostDetection
from graphtools.verify.layers import LayerComparison
from graphtools.verify.metrics import Metrics
from graphtools.verify.verify_models import ModelVerification
from graphtools.wording import counted

#: Lost detections that are listed.
_MOST_LOST = 10


def model_verification_document(found: ModelVerification) -> Document:
    """Whether two models compute the same, output by output."""
    document: Document = [
        Facts(
            [
                ("A", f"{found.a} ({found.what_a}{_converted(found.kind_a)})"),
                ("B", f"{found.b} ({found.what_b}{_converted(found.kind_b)})"),
                ("fed", _fed(found)),
            ]
        )
    ]
    if found.outputs:
        document.append(_outputs(found.outputs))
    if found.detections is not None:
        document += _detections(found.detections)
    if found.layers is not None:
        document += _layers(found.layers)
    if found.notes:
        document.append(Items(found.notes))
    return [*document, Text(outcome_line(found))]


def outcome_line(found: ModelVerification) -> str:
    """Whether two models compute the same, in a line."""
    return f"{_verdict(found)} ({found.tolerance})"


def _converted(kind: str) -> str:
    return "" if kind == "float" else f", {kind}"


def _fed(found: ModelVerification) -> str:
    shown = ", ".join(
        f"{i.name_a or i.name_b} {i.dtype_a or i.dtype_b} {shape(i.shape)}"
        + (f" as {i.dtype_b}" if i.dtype_a and i.dtype_b and i.dtype_a != i.dtype_b else "")
        for i in found.inputs
    )
    return f"{shown or 'nothing'} ({found.source})"


def _verdict(found: ModelVerification) -> str:
    if found.equal:
        if found.outputs and all(o.metrics and o.metrics.is_equal for o in found.outputs):
            return "The models compute the same, bit by bit"
        return "The models compute the same, within the tolerance"
    wrong = [repr(o.name_b) for o in found.outputs if not o.equal]
    shown = [
        f"{counted(len(wrong), 'output')} ({', '.join(wrong[:3])}{', ...' * (len(wrong) > 3)})"
    ]
    if not wrong:
        shown = []
    if found.detections is not None and not found.detections.equal:
        shown.append("the detections")
    return f"The models do not compute the same; different: {' and '.join(shown)}"


def _outputs(outputs: Sequence[ComparedOutput]) -> Table:
    ranks = any(o.metrics is not None and o.metrics.top1 is not None for o in outputs)
    columns = ["output", "shape", "max abs", "relative", "cosine", "SNR dB"]
    columns += ["top-1", "top-5"] if ranks else []
    rows = []
    for output in outputs:
        row = [output.name_b, shape(output.shape_b), *_numbers(output.metrics)]
        if ranks:
            m = output.metrics
            row += [_percent(m.top1), _percent(m.top5)] if m is not None else ["", ""]
        result = "same" if output.equal else f"DIFFERENT {_problem(output)}".rstrip()
        rows.append([*row, result])
    return Table([*columns, "result"], rows, tuple(range(2, len(columns))))


def _problem(output: ComparedOutput) -> str:
    metrics = output.metrics
    if output.problem or metrics is None:
        return f"({output.problem})"
    if metrics.not_finite:
        return f"({counted(metrics.not_finite, 'element')} NaN or infinite in one alone)"
    if metrics.within_step is not None:
        return f"({_percent(metrics.within_step)} within a quantization step)"
    return ""


def _numbers(metrics: Metrics | None) -> list[str]:
    """Largest error, absolute and relative, cosine, signal-to-noise ratio."""
    if metrics is None:
        return [""] * 4
    ratio = "" if metrics.snr is None else f"{metrics.snr:.1f}"
    return [
        "" if metrics.max_abs is None else f"{metrics.max_abs:.3g}",
        "" if metrics.relative is None else f"{metrics.relative:.3g}",
        "" if metrics.cosine is None else f"{metrics.cosine:.6f}",
        "equal" if metrics.is_equal else ratio,
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.4g} %"


def _detections(found: DetectionComparison) -> Document:
    matched = f"{found.matched} (of {found.count_a} in A, {found.count_b} in B)"
    facts = [("matched", matched)]
    if found.mean_iou is not None and found.min_iou is not None:
        facts.append(("IoU of boxes", f"mean {found.mean_iou:.4f}, least {found.min_iou:.4f}"))
    if found.max_score_difference is not None:
        facts.append(("scores differ by", f"at most {found.max_score_difference:.3g}"))
    if found.borderline:
        text = f"{found.borderline} (score near the least that the other keeps, or suppressed)"
        facts.append(("without partner", text))
    facts.append(
        (
            "tolerated",
            f"scores {found.tolerance.score:g}, mean IoU {found.tolerance.mean_iou:g}",
        )
    )
    document: Document = [Heading("Detections"), Facts(facts)]
    if found.lost:
        rows = [_lost_row(d) for d in found.lost[:_MOST_LOST]]
        document.append(Table(("only in", "class", "score", "box (y, x, y, x)"), rows, (1, 2)))
        more = len(found.lost) - _MOST_LOST
        if more > 0:
            document.append(Items([f"and {more:,} more"]))
    return document


def _lost_row(lost: LostDetection) -> tuple[str, ...]:
    box = ", ".join(f"{x:.3f}" for x in lost.box)
    return lost.model, str(lost.class_index), f"{lost.score:.3f}", box


def _layers(found: LayerComparison) -> Document:
    document: Document = [Heading("Layers, in the order of execution")]
    if not found.layers:
        return [*document, Text("No tensor within has the same name in both.")]
    rows = []
    for layer in found.layers:
        remarks = [] if layer.equal else ["drifts"]
        if layer.name_b == found.first_drift:
            remarks = ["FIRST DRIFT"]
        if layer.name_b == found.largest_drop:
            remarks.append("LARGEST DROP")
        drop = "" if layer.drop is None else f"{layer.drop:.1f}"
        largest, relative, _, ratio = _numbers(layer.metrics)
        name = layer.name_a
        rows.append((name, layer.op, largest, relative, ratio, drop, ", ".join(remarks)))
    columns = ("tensor of A", "op of B", "max abs", "relative", "SNR dB", "drop", "")
    document.append(Table(columns, rows, (2, 3, 4, 5)))
    known = {layer.name_b: layer for layer in found.layers}
    facts = []
    if found.first_drift:
        facts.append(("first that drifts", known[found.first_drift].name_a))
    if found.largest_drop:
        drop_of = known[found.largest_drop]
        facts.append(("largest drop", f"{drop_of.name_a} ({drop_of.drop:.1f} dB)"))
    if found.only_b:
        facts.append(
            ("not compared", f"{counted(found.only_b, 'tensor')} of B, whose names A lacks")
        )
    return [*document, Facts(facts)] if facts else document
