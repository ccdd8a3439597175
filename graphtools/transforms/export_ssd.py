"""An SSD for TFLite from its frozen graph alone: `export_ssd`.

What export_tflite_ssd_graph.py of the Object Detection API writes is made here without checkpoint,
training code and TensorFlow. Source: export_tflite_ssd_graph_lib.py, releases 1.13 to 2.x.

1. The graph is cut behind the Preprocessor; `normalized_input_image_tensor`, float [1,h,w,3], takes
   its place (`_ssd.input`).
2. `raw_outputs/box_encodings`, [1,anchors,4], is what the box decoder takes (`_ssd.decoder`), and
   `raw_outputs/class_predictions`, [1,anchors,classes+1], what the score converter gives
   (`_ssd.scores`).
3. `anchors`, [anchors,4] of centre y and x, height and width, are what the decoder decodes with,
   computed from the graph for images of the given size, and become a constant.
4. Shapes that are computed become constants, now that they are known; upsampling in products and
   stacks becomes ResizeNearestNeighbor (`_ssd.network`, `_ssd.upsampling`). All else
   stays: batch norms, and FakeQuant nodes of quantization-aware training.
5. `TFLite_Detection_PostProcess` is put behind, with the attributes that the exporter gives it.
   Release 1.13 of it confused use_regular_nms with detections_per_class; that is not repeated.
"""

from __future__ import annotations

import dataclasses
import os
from typing import NamedTuple

from graphtools.display import Displayed
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.shape import Shape
from graphtools.idioms.fake_quant import count
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.names import check_names
from graphtools.transforms._ssd.attributes import choose_postprocessing, postprocess_attributes
from graphtools.transforms._ssd.boxes import find_boxes, read_anchors
from graphtools.transforms._ssd.decoder import anchors_origin, find_decoder
from graphtools.transforms._ssd.input import Entrance, extractor_kind, find_entrance
from graphtools.transforms._ssd.network import (
    ANCHORS,
    BOXES,
    INPUT,
    POSTPROCESS,
    SCORES,
    keep_network,
)
from graphtools.transforms._ssd.refusals import refuse_others
from graphtools.transforms._ssd.scores import (
    find_scores,
    find_thresholds,
    suppressions,
    ways_of_scores,
)
from graphtools.transforms._ssd.settings import DetectorSettings, ExportOptions

_LARGEST_SIDE = 1 << 14


@dataclasses.dataclass(frozen=True)
class ExportReport(Displayed):
    """What was found in a graph, and what was made of it.

    Attributes:
        input_shape: Shape of the new input.
        scale: What a pixel, 0 to 255, is to be multiplied with before it is fed; one number, or one
            a channel.
        offset: What is to be added then.
        feature_extractor: Kind of the network; empty where neither names nor configuration tell.
        anchors: Number of anchors.
        classes: Number of classes without background.
        with_background: Whether the scores have the background as their first class.
        score_converter: SIGMOID, SOFTMAX or IDENTITY.
        score_threshold: Least score of a detection.
        iou_threshold: Overlap above which the lower score yields.
        scales: Of the box coder: y, x, height, width.
        cut_at: The tensor in whose place the new input is.
        boxes_from: The tensor that holds the box encodings.
        scores_from: The tensor that holds the scores.
        anchors_from: The tensor that the anchors were computed from.
        upsamplings: Nodes that became ResizeNearestNeighbor.
        folded: Number of shapes that became constants.
        fake_quants: Number of FakeQuant nodes: with them the graph is one for quantized inference.
        nodes_before: Number of nodes of the graph that was given.
        nodes_after: Number of nodes of the one that was made.
        outputs: Its outputs.
        notes: Remarks for the user.
    """

    input_shape: tuple[int, ...]
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    feature_extractor: str
    anchors: int
    classes: int
    with_background: bool
    score_converter: str
    score_threshold: float
    iou_threshold: float
    scales: tuple[float, float, float, float]
    cut_at: str
    boxes_from: str
    scores_from: str
    anchors_from: str
    upsamplings: tuple[str, ...]
    folded: int
    fake_quants: int
    nodes_before: int
    nodes_after: int
    outputs: tuple[str, ...]
    notes: tuple[str, ...]


class Exported(NamedTuple):
    """An exported graph, and what was found and done.

    Attributes:
        graph: The graph.
        report: What was found and done.
    """

    graph: Graph
    report: ExportReport

    def save(self, path: str | os.PathLike[str], *, as_text: bool | None = None) -> str:
        """Write the graph; see `graphtools.save`."""
        from graphtools.formats import save

        return save(self.graph, path, as_text=as_text)


# long: the half of it are the fields of the report
def export_ssd(
    graph: Graph, settings: DetectorSettings | None = None, options: ExportOptions | None = None
) -> Exported:
    """Make of the frozen graph of an SSD the one that the converter for TFLite takes.

    Args:
        graph: The frozen graph; it is not changed.
        settings: What the pipeline configuration says; the graph tells all of it alone, as a rule.
        options: Options of the exporter.

    Raises:
        InvalidGraph: It is no frozen graph of an SSD, or parts of it are not found.
        InvalidValue: An option is wrong, or the configuration is that of another model.

    Example:
        >>> detector = graphtools.load("fixtures/ssd/frozen_inference_graph.pb")
        >>> done = graphtools.export_ssd(detector)
        >>> done.report.input_shape, done.report.outputs[0]
        ((1, 32, 32, 3), 'TFLite_Detection_PostProcess')
    """
    settings, options = settings or DetectorSettings(), options or ExportOptions()
    _check_options(options)
    check_names(graph)
    refuse_others(graph)
    notes: list[str] = []
    nms = suppressions(graph)
    decoder = find_decoder(graph)
    way = ways_of_scores(graph, nms)
    entrance = find_entrance(graph, (decoder.encodings, way[-1]))
    size = _input_size(entrance, settings, options, notes)
    shape = (1, *size, entrance.channels)
    inference = _inferred(graph, entrance, shape)
    anchors = read_anchors(decoder, inference)
    boxes = find_boxes(graph, decoder, inference, len(anchors))
    scores = find_scores(graph, way, inference, len(anchors))
    if not scores.with_background and scores.converter == "SOFTMAX":
        notes.append(
            "the softmax does not see the background, as in exports of 2017: the scores are "
            "exported without background, so that they are those of this graph"
        )
    found = find_thresholds(graph, nms)
    chosen = choose_postprocessing(decoder, scores, found.score, found.iou, settings, notes)
    made = graph.copy()
    if scores.rewire:
        name, source = scores.rewire
        made.replace_input(made[name], 0, source)
    ends = (boxes, scores.tensor)
    done = keep_network(made, entrance.tensor, ends, anchors, shape, inference)
    outputs: tuple[str, ...] = (BOXES, SCORES, ANCHORS)
    if options.postprocessing_op:
        made.add(Node(POSTPROCESS, POSTPROCESS, outputs, postprocess_attributes(chosen, options)))
        outputs = (POSTPROCESS, *(f"{POSTPROCESS}:{i}" for i in (1, 2, 3)))
    report = ExportReport(
        shape,
        entrance.scale,
        entrance.offset,
        extractor_kind(graph) or settings.extractor,
        len(anchors),
        scores.classes,
        scores.with_background,
        scores.converter,
        chosen.score_threshold,
        chosen.iou_threshold,
        decoder.scales,
        entrance.tensor,
        boxes,
        scores.tensor,
        anchors_origin(graph, decoder),
        tuple(done.upsamplings),
        done.folded,
        count(made),
        len(graph),
        len(made),
        outputs,
        tuple(notes),
    )
    return Exported(made, report)


def _check_options(options: ExportOptions) -> None:
    for name in ("max_detections", "max_classes_per_detection", "detections_per_class"):
        if getattr(options, name) < 1:
            raise InvalidValue(f"{name} is {getattr(options, name)}; it is to be 1 at least")
    if options.input_size and not all(1 <= s <= _LARGEST_SIDE for s in options.input_size):
        raise InvalidValue(
            f"images of {options.input_size[0]} x {options.input_size[1]} are out of the question",
            "the size is height and width in pixels, as 300,300",
        )


def _input_size(
    entrance: Entrance, settings: DetectorSettings, options: ExportOptions, notes: list[str]
) -> tuple[int, int]:
    """Height and width of the images.

    Raises:
        InvalidGraph: Nobody says them.
    """
    size = options.input_size or settings.size or entrance.size
    if size is None:
        what = (
            f"{entrance.resize!r} resizes to a size that depends on the image"
            if entrance.resize
            else "the graph does not resize its images"
        )
        raise InvalidGraph(
            f"the size of the images is not fixed: {what}",
            f"give it with {param(input_size=['H', 'W'])}",
        )
    if min(size) < 1 or max(size) > _LARGEST_SIDE:
        raise InvalidValue(f"images of {size[0]} x {size[1]} are out of the question")
    if entrance.size and size != entrance.size:
        says = "was asked for" if options.input_size else "is what the configuration says"
        notes.append(
            f"the graph resizes to {entrance.size[0]} x {entrance.size[1]}; {size[0]} x {size[1]} "
            f"{says} and is taken"
        )
    elif not entrance.size and entrance.resize:
        notes.append(
            f"{entrance.resize!r} keeps the aspect ratio of images; for TFLite they have to be "
            f"resized to {size[0]} x {size[1]}"
        )
    return size


def _inferred(graph: Graph, entrance: Entrance, shape: tuple[int, ...]) -> Inference:
    """The shapes of a graph for one image of a size."""
    shapes = {entrance.tensor: Shape(shape)}
    for name in entrance.placeholders:
        kind = graph[name].attr("shape")
        rank = kind.rank if isinstance(kind, Shape) else None
        if name != producer(entrance.tensor) and rank in (None, 4):
            shapes[name] = Shape(shape)
    return infer_shapes(graph, shapes)


__all__ = [
    "ANCHORS",
    "BOXES",
    "INPUT",
    "POSTPROCESS",
    "SCORES",
    "ExportOptions",
    "ExportReport",
    "Exported",
    "export_ssd",
]
