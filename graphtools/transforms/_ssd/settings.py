"""What is asked of the export of an SSD, and what its pipeline configuration says about it.

Where it and the graph contradict each other: the size of the images and the thresholds may be
changed after the training, so the configuration counts; classes and the scales of the box coder are
what the weights were trained with, so the graph counts. Defaults are those of the Object Detection
API's .proto files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphtools.errors import InvalidValue

if TYPE_CHECKING:
    from graphtools.formats.pipeline_config import Pipeline
    from graphtools.formats.text_tree import Tree

_NMS = "post_processing.batch_non_max_suppression"
_CODER = "faster_rcnn_box_coder"
_SIZES = "fixed_shape_resizer"


class ExportOptions(NamedTuple):
    """Options of the exporter.

    Attributes:
        max_detections: Most detections an image.
        max_classes_per_detection: Classes that one box may be detected as.
        detections_per_class: Most detections of a class; for regular NMS only.
        use_regular_nms: Whether to suppress class by class instead of all classes at once.
        postprocessing_op: Whether to add the op; else boxes, scores and anchors are the outputs.
        input_size: Height and width of the images; by configuration or graph if None.

    Example:
        >>> ExportOptions(max_detections=100).postprocessing_op
        True
    """

    max_detections: int = 10
    max_classes_per_detection: int = 1
    detections_per_class: int = 100
    use_regular_nms: bool = False
    postprocessing_op: bool = True
    input_size: tuple[int, int] | None = None


class DetectorSettings(NamedTuple):
    """What a configuration says; None or empty where it does not say it.

    Attributes:
        classes: Number of classes.
        size: Height and width of the images.
        score_threshold: Least score.
        iou_threshold: Overlap above which the lower score yields.
        scales: Of the box coder: y, x, height, width.
        converter: SIGMOID, SOFTMAX or IDENTITY.
        extractor: Type of the feature extractor.

    Example:
        >>> DetectorSettings(score_threshold=0.5).score_threshold
        0.5
    """

    classes: int | None = None
    size: tuple[int, int] | None = None
    score_threshold: float | None = None
    iou_threshold: float | None = None
    scales: tuple[float, float, float, float] | None = None
    converter: str = ""
    extractor: str = ""


def read_settings(path: str) -> DetectorSettings:
    """What a configuration file says.

    Raises:
        FileProblem: It cannot be read, or is none.
        InvalidValue: It is not of an SSD with the parts that the export takes.

    Example:
        >>> graphtools.read_detector_settings("fixtures/ssd/pipeline.config").classes
        2
    """
    from graphtools.formats.pipeline_config import read_pipeline

    return settings_of(read_pipeline(path))


def settings_of(pipeline: Pipeline) -> DetectorSettings:
    """What a configuration says.

    Raises:
        InvalidValue: It is not of an SSD with the parts that the export takes.
    """
    if pipeline.meta_architecture != "ssd":
        what = pipeline.meta_architecture or "nothing"
        raise InvalidValue(
            f"the model in {pipeline.path} is {what}, not ssd: TFLite_Detection_PostProcess stands "
            "for the postprocessing of an SSD alone",
            "give the pipeline.config of an SSD",
        )
    model = pipeline.model
    resizer = _chosen(pipeline, "image_resizer", _SIZES, "the size of the images is to be fixed")
    coder = _chosen(pipeline, "box_coder", _CODER, "the op for TFLite decodes no others")
    size = _numbers(resizer, "model.ssd.image_resizer." + _SIZES, ("height", "width"))
    scales = _numbers(
        coder,
        "model.ssd.box_coder." + _CODER,
        ("y_scale", "x_scale", "height_scale", "width_scale"),
    )
    nms = model.tree(_NMS)
    limits = _numbers(nms, f"model.ssd.{_NMS}", ("score_threshold", "iou_threshold"))
    classes = model.number("num_classes")
    return DetectorSettings(
        _whole(pipeline, "num_classes", classes) if classes is not None else None,
        (_whole(pipeline, "height", size[0]), _whole(pipeline, "width", size[1])) if size else None,
        limits[0] if limits else None,
        limits[1] if limits else None,
        (scales[0], scales[1], scales[2], scales[3]) if scales else None,
        model.text("post_processing.score_converter"),
        pipeline.feature_extractor,
    )


def _whole(pipeline: Pipeline, name: str, value: float) -> int:
    """A value of a field that is an int32.

    Raises:
        InvalidValue: It is none.
    """
    if not (abs(value) < 1 << 31 and value == int(value)):
        raise InvalidValue(f"{pipeline.path} has the {name} {value:g}, which is no int32")
    return int(value)


def _chosen(pipeline: Pipeline, field: str, wanted: str, reason: str) -> Tree | None:
    """The message of the kind that the export takes, None where the field is not set.

    Raises:
        InvalidValue: Another kind is set.
    """
    outer = pipeline.model.tree(field)
    if outer is None or not outer.fields:
        return None
    found = outer.tree(wanted)
    if found is None:
        other = outer.fields[-1].name
        raise InvalidValue(
            f"{pipeline.path} has the {field} {other}; the export takes {wanted}: {reason}",
            f"set a {wanted} in a copy of the configuration, if the model works with it"
            if wanted == _SIZES
            else "",
        )
    return found


def _numbers(tree: Tree | None, path: str, names: tuple[str, ...]) -> list[float]:
    """The values of fields, or their defaults; empty where there is no message."""
    if tree is None:
        return []
    from graphtools.formats.pipeline_fields import default_of

    found = (tree.number(name) for name in names)
    return [
        float(value if value is not None else default_of(f"{path}.{name}") or 0)
        for name, value in zip(names, found, strict=True)
    ]
