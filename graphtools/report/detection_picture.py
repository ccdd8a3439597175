"""A picture with the boxes of the objects that a detector has found in it."""

from __future__ import annotations

import os
from typing import Any

from graphtools.errors import InvalidValue
from graphtools.formats.source import atomic_file
from graphtools.samples.images import require_pillow
from graphtools.verify.model_run import FoundObject, ModelRun

#: Colours of boxes, by class.
_COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000")


def draw_objects(
    found: ModelRun, target: str, *, min_score: float = 0.5, resize: str = "stretch"
) -> int:
    """Draw what a detector has found into the picture that it was fed with.

    Args:
        found: A run with one image file.
        target: The picture that is written; its ending says as what.
        min_score: Least score of an object that is drawn.
        resize: How the picture was made as large as the input; boxes are parts of the picture only
            where that is `stretch`.

    Returns:
        How many objects are drawn.

    Raises:
        InvalidValue: No single image was fed, or the model is no detector.
        MissingExtra: Pillow is not installed.
        FileProblem: The picture cannot be written.
    """
    require_pillow()
    from PIL import Image, ImageDraw, ImageOps

    if len(found.samples) != 1 or not os.path.isfile(found.samples[0]):
        raise InvalidValue(
            "boxes are drawn into a picture, and the model was not fed with one",
            "feed one image file",
        )
    if not found.is_detector:
        raise InvalidValue(
            f"{found.path} gives no boxes: it is no detector, or its outputs were not fetched",
            "a detector gives detection_boxes, detection_scores, detection_classes and "
            "num_detections, or the four of TFLite_Detection_PostProcess",
        )
    if resize != "stretch":
        raise InvalidValue(
            f"boxes are drawn into a picture that was stretched to the input, not by {resize!r}"
        )
    with Image.open(found.samples[0]) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    draw = ImageDraw.Draw(picture)
    drawn = [o for o in found.objects if o.score >= min_score]
    for found_object in reversed(drawn):  # the surest above the others
        _draw(draw, picture.size, found_object)
    kind = "PNG" if target.lower().endswith(".png") else "JPEG"
    with atomic_file(target) as file:
        picture.save(file, kind)
    return len(drawn)


def _draw(draw: Any, size: tuple[int, int], found: FoundObject) -> None:
    """A box with the name of its class and the score."""
    width, height = size
    ymin, xmin, ymax, xmax = (min(max(part, 0.0), 1.0) for part in found.box)
    if ymin > ymax or xmin > xmax:
        return
    box = (xmin * (width - 1), ymin * (height - 1), xmax * (width - 1), ymax * (height - 1))
    colour = _COLOURS[found.class_index % len(_COLOURS)]
    draw.rectangle(box, outline=colour, width=max(2, max(size) // 300))
    text = f"{found.label or found.class_index} {found.score:.2f}"
    # Pillow's own font has no letters but those of Latin-1
    text = text.encode("latin-1", "replace").decode("latin-1")
    place = draw.textbbox((box[0] + 2, box[1] + 2), text)
    draw.rectangle(place, fill=colour)
    draw.text((box[0] + 2, box[1] + 2), text, fill="white")
