"""The attributes of TFLite_Detection_PostProcess, as the exporter of an SSD gives them."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.front_end import param
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.transforms._ssd.decoder import Decoder
from graphtools.transforms._ssd.scores import Scores
from graphtools.transforms._ssd.settings import DetectorSettings, ExportOptions


class Postprocessing(NamedTuple):
    """What the op does, as far as the graph and the configuration say it.

    Attributes:
        score_threshold: Scores below it are dropped.
        iou_threshold: Boxes that overlap by more are suppressed.
        classes: Number of classes, without background.
        scales: What encoded y, x, height and width are divided by.
    """

    score_threshold: float
    iou_threshold: float
    classes: int
    scales: tuple[float, float, float, float]


def choose_postprocessing(
    decoder: Decoder,
    scores: Scores,
    score_threshold: float | None,
    iou_threshold: float | None,
    settings: DetectorSettings,
    notes: list[str],
) -> Postprocessing:
    """Thresholds, classes and scales, of the graph and the configuration.

    Args:
        decoder: The box decoder of the graph.
        scores: Its scores.
        score_threshold: Its threshold of scores; None where that is no constant.
        iou_threshold: Its threshold of overlaps, likewise.
        settings: What the configuration says.
        notes: Gets a remark where both say something else.

    Raises:
        InvalidGraph: A threshold is in neither.
        InvalidValue: The configuration has another number of classes.
    """
    if settings.classes is not None and settings.classes != scores.classes:
        raise InvalidValue(
            f"the configuration has {settings.classes} classes and the graph {scores.classes}: it "
            "is that of another model",
            "give the pipeline.config that is beside the graph, or none",
        )
    if settings.scales and not _same(settings.scales, decoder.scales):
        notes.append(
            f"the configuration has the scales {_list(settings.scales)} and the graph "
            f"{_list(decoder.scales)}, with which it was trained: the graph's are taken"
        )
    if settings.converter and settings.converter != scores.converter:
        notes.append(
            f"the configuration has the score converter {settings.converter} and the graph "
            f"{scores.converter}, which stays"
        )
    thresholds = []
    for name, own, given in (
        ("score threshold", score_threshold, settings.score_threshold),
        ("IoU threshold", iou_threshold, settings.iou_threshold),
    ):
        if own is not None and given is not None and not _same((own,), (given,)):
            notes.append(
                f"the graph has the {name} {own:g}, the configuration {given:g}, which is taken"
            )
        threshold = given if given is not None else own
        if threshold is None:
            raise InvalidGraph(
                f"the {name} of NonMaxSuppression is no constant of the graph",
                f"give the configuration, which has it: {param(pipeline='pipeline.config')}",
            )
        thresholds.append(threshold)
    return Postprocessing(thresholds[0], thresholds[1], scores.classes, decoder.scales)


def postprocess_attributes(chosen: Postprocessing, options: ExportOptions) -> dict[str, Attr]:
    """The attributes of the op, by the names that its kernel reads."""
    y_scale, x_scale, h_scale, w_scale = chosen.scales
    return {
        "_output_quantized": True,
        "_output_types": [FLOAT32] * 4,
        "_support_output_type_float_in_quantized_op": True,
        "max_detections": options.max_detections,
        "max_classes_per_detection": options.max_classes_per_detection,
        "detections_per_class": options.detections_per_class,
        "use_regular_nms": options.use_regular_nms,
        "nms_score_threshold": float(chosen.score_threshold),
        "nms_iou_threshold": float(chosen.iou_threshold),
        "num_classes": chosen.classes,
        "y_scale": y_scale,
        "x_scale": x_scale,
        "h_scale": h_scale,
        "w_scale": w_scale,
    }


def _same(left: tuple[float, ...], right: tuple[float, ...]) -> bool:
    """Whether numbers are the same as float32, which a graph holds."""
    import numpy as np

    return bool(np.array_equal(np.array(left, np.float32), np.array(right, np.float32)))


def _list(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{n:g}" for n in numbers)
