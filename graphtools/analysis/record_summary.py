"""What is in a TFRecord file: features, classes, boxes, images."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

from graphtools.errors import Damaged, GraphtoolsError
from graphtools.formats.example import Feature, parse_example
from graphtools.formats.record_file import RECORDS, RecordFile

if TYPE_CHECKING:
    from graphtools.formats.label_map import LabelMap

#: What the Object Detection API's decoder reads of a sample, and cannot do without: an image, and
#: of each box its sides and its class. Source: `TfExampleDecoder`, which fills all else.
IMAGE = "image/encoded"
_BOX = "image/object/bbox/"
SIDES = (f"{_BOX}ymin", f"{_BOX}xmin", f"{_BOX}ymax", f"{_BOX}xmax")
CLASS_ID, CLASS_TEXT = "image/object/class/label", "image/object/class/text"
#: Those of classification, as TF-slim writes them.
_SLIM_ID, _SLIM_TEXT = "image/class/label", "image/class/text"
_OBJECT = "image/object/"
#: So many records are named for each kind of fault.
_MOST_NAMED = 5
_JPEG, _JPEG_END, _PNG = b"\xff\xd8\xff", b"\xff\xd9", b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class FeatureRow:
    """A feature of the samples.

    Attributes:
        name: Its name.
        kind: `bytes`, `float` or `int64`; several where samples differ; empty where it never has
            values.
        records: Number of samples that have it.
        shortest: Least number of values in a sample that has it.
        longest: Greatest number.
    """

    name: str
    kind: str
    records: int
    shortest: int
    longest: int


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is wrong in some records.

    Attributes:
        what: What it is.
        count: How often.
        records: Numbers of the first of these records, counted from 0.
        remedy: What to do.
    """

    what: str
    count: int
    records: tuple[int, ...]
    remedy: str


@dataclasses.dataclass(frozen=True)
class RecordSummary:
    """What is in a TFRecord file.

    Attributes:
        records: Number of records that could be read; the checksum of each is right.
        bytes: Bytes of the records.
        features: The features of the samples, by name.
        classes: Number of objects, or of images, by class: `id name`, the most frequent first.
        boxes: Number of boxes.
        images: Number of encoded images, by format.
        is_detection: Whether samples have objects, as those of the Object Detection API.
        missing_keys: Features that the Object Detection API wants and no sample has.
        faults: What is wrong.
        damage: Why not all could be read; empty where it could.
    """

    records: int
    bytes: int
    features: tuple[FeatureRow, ...]
    classes: dict[str, int]
    boxes: int
    images: dict[str, int]
    is_detection: bool
    missing_keys: tuple[str, ...]
    faults: tuple[Fault, ...]
    damage: str = ""


def summarize_records(
    file: RecordFile,
    label_map: LabelMap | None = None,
    num_classes: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> RecordSummary:
    """Say what is in a TFRecord file of tf.Examples; every checksum is verified.

    Images are not decoded whole: their frame is checked, and of a PNG the checksums, so that no
    library of images is needed.

    Args:
        file: The file.
        label_map: The label map that its classes are to be those of.
        num_classes: Number of classes of the training configuration; 0 if that is not known.
        progress: Called with the number of records and 0.

    Raises:
        FileProblem: It cannot be read.

    Example:
        >>> summarize_records(open_model("train.record")).classes
        {'1 person': 83, '2 dog': 41}
    """
    survey = _Survey(label_map, num_classes, has_samples=file.kind == RECORDS)
    damage = ""
    try:
        for record in file.records():
            survey.add(record)
            if progress and survey.number % 100 == 0:
                progress(survey.number, 0)
    except Damaged as error:
        damage = error.message
    return survey.result(damage)


class _Survey:
    """Counts what is in one record after the other."""

    def __init__(self, label_map: LabelMap | None, num_classes: int, *, has_samples: bool) -> None:
        self.has_samples = has_samples
        self.number = self.bytes = self.boxes = 0
        self.num_classes = num_classes
        self.ids = {item.name: item.id for item in label_map.items} if label_map else None
        self.features: dict[str, FeatureRow] = {}
        self.classes: Counter[str] = Counter()
        self.images: Counter[str] = Counter()
        self.faults: dict[str, Fault] = {}

    def add(self, record: bytes) -> None:
        """Count a record."""
        self.bytes += len(record)
        if self.has_samples:
            self._add_sample(record)
        self.number += 1

    def _add_sample(self, record: bytes) -> None:
        try:
            sample = parse_example(record)
        except GraphtoolsError:
            self._fault("no tf.Example", "write example.SerializeToString() as a record")
            return
        self._count_features(sample)
        self._check_objects(sample)
        self._check_image(sample)

    def result(self, damage: str) -> RecordSummary:
        """What was counted."""
        is_detection = any(name.startswith(_OBJECT) for name in self.features)
        wanted = (IMAGE, *SIDES) if is_detection else ()
        missing = [name for name in wanted if name not in self.features]
        if is_detection and not {CLASS_ID, CLASS_TEXT} & self.features.keys():
            missing.append(CLASS_ID)
        return RecordSummary(
            self.number,
            self.bytes,
            tuple(self.features[name] for name in sorted(self.features)),
            dict(self.classes.most_common()),
            self.boxes,
            dict(self.images.most_common()),
            is_detection,
            tuple(missing),
            tuple(self.faults.values()),
            damage,
        )

    def _fault(self, what: str, remedy: str, count: int = 1) -> None:
        known = self.faults.get(what)
        if known is None:
            self.faults[what] = Fault(what, count, (self.number,), remedy)
            return
        records = known.records
        if len(records) < _MOST_NAMED and self.number not in records:
            records = (*records, self.number)
        self.faults[what] = dataclasses.replace(known, count=known.count + count, records=records)

    def _count_features(self, sample: Mapping[str, Feature]) -> None:
        for name, feature in sample.items():
            length = len(feature.strings) or len(feature.numbers)
            known = self.features.get(name)
            if known is None:
                self.features[name] = FeatureRow(name, feature.kind, 1, length, length)
                continue
            kinds = sorted({*known.kind.split("/"), feature.kind} - {""})
            self.features[name] = FeatureRow(
                name,
                "/".join(kinds),
                known.records + 1,
                min(known.shortest, length),
                max(known.longest, length),
            )

    def _check_objects(self, sample: Mapping[str, Feature]) -> None:
        ids, names = _whole(sample.get(CLASS_ID)), _texts(sample.get(CLASS_TEXT))
        per_image = not ids and not names
        if per_image:
            ids, names = _whole(sample.get(_SLIM_ID)), _texts(sample.get(_SLIM_TEXT))
        if ids and names and len(ids) != len(names):
            self._fault(
                "as many class ids as class names are wanted, and are not there",
                f"write both for each box: {CLASS_ID}, {CLASS_TEXT}",
            )
        for number, name in zip_longest(ids, names):
            shown = " ".join(str(part) for part in (number, name) if part is not None)
            self.classes[shown] += 1
            if not per_image:
                self._check_class(number, name)
        self._check_boxes(sample, len(ids) or len(names))

    def _check_class(self, number: int | None, name: str | None) -> None:
        if number == 0:
            self._fault(
                "the class id 0, which is the background's",
                "number the classes from 1 on, in the records as in the label map",
            )
        elif number is not None and self.num_classes and number > self.num_classes:
            self._fault(
                f"class ids above num_classes, {self.num_classes}",
                "set num_classes to the number of classes in the label map",
            )
        if self.ids is None:
            return
        if name and name not in self.ids:
            self._fault(
                f"the class name {name!r}, which the label map does not have",
                "write the names of the label map, letter by letter: others are dropped",
            )
        elif name and number is not None and self.ids[name] != number:
            self._fault(
                f"{name!r} with the id {number}; the label map has {self.ids[name]}",
                "write the records again with this label map",
            )
        elif number is not None and number and number not in self.ids.values():
            self._fault(
                f"the class id {number}, which the label map does not have",
                "write the records again with this label map",
            )

    def _check_boxes(self, sample: Mapping[str, Feature], classes: int) -> None:
        sides = [sample[name].numbers for name in SIDES if name in sample]
        if len(sides) < len(SIDES):
            return
        lengths = {len(side) for side in sides}
        if len(lengths) > 1 or (classes and lengths != {classes}):
            self._fault(
                "not as many values of each side as classes of boxes",
                "write one ymin, xmin, ymax, xmax and class for each box",
            )
            return
        self.boxes += len(sides[0])
        for top, left, bottom, right in zip(*(side.tolist() for side in sides), strict=True):
            box = (top, left, bottom, right)
            if any(value != value for value in box):
                self._fault("boxes with NaN", "look at the annotations of these images")
            elif any(value > 2 for value in box):
                self._fault(
                    "boxes in pixels", "divide x by the width of the image, and y by its height"
                )
            elif not all(0 <= value <= 1 for value in box):
                self._fault("boxes outside of the image", "clip them to 0..1")
            if top >= bottom or left >= right:
                self._fault("empty boxes: min is not below max", "leave these boxes out")

    def _check_image(self, sample: Mapping[str, Feature]) -> None:
        for raw in sample[IMAGE].strings if IMAGE in sample else ():
            kind, problem = check_image(raw)
            self.images[kind] += 1
            if problem:
                self._fault(f"images that do not decode: {problem}", "write these images anew")
            elif kind not in ("JPEG", "PNG", "GIF", "BMP"):
                self._fault(
                    "images of a format that tf.image.decode_image does not read",
                    "save them as JPEG or PNG",
                )


def check_image(raw: bytes) -> tuple[str, str]:
    """The format of an encoded image, and what is wrong with it as far as its frame tells.

    Example:
        >>> check_image(b"")
        ('unknown', 'empty')
    """
    if not raw:
        return "unknown", "empty"
    if raw.startswith(_JPEG):
        return "JPEG", "" if _JPEG_END in raw[-32:] else "a JPEG that is cut off"
    if raw.startswith(_PNG):
        return "PNG", _png_problem(raw)
    if raw.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", "" if raw.rstrip(b"\0").endswith(b";") else "a GIF that is cut off"
    if raw.startswith(b"BM"):
        whole = int.from_bytes(raw[2:6], "little") <= len(raw)
        return "BMP", "" if whole else "a BMP that is cut off"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WebP", ""
    return "unknown", "" if len(raw) > 4 else "too short for an image"


def _png_problem(raw: bytes) -> str:
    """What is wrong with the chunks of a PNG; their checksums are verified."""
    position = len(_PNG)
    while position + 12 <= len(raw):
        (length,) = struct.unpack_from(">I", raw, position)
        end = position + 8 + length
        if end + 4 > len(raw):
            break
        if zlib.crc32(raw[position + 4 : end]) != int.from_bytes(raw[end : end + 4], "big"):
            return "a PNG with a wrong checksum"
        if raw[position + 4 : position + 8] == b"IEND":
            return ""
        position = end + 4
    return "a PNG that is cut off"


def _whole(feature: Feature | None) -> list[int]:
    if feature is None or feature.kind != "int64":
        return []
    return [int(number) for number in feature.numbers.tolist()]


def _texts(feature: Feature | None) -> list[str]:
    if feature is None:
        return []
    return [text.decode("utf-8", "replace") for text in feature.strings]
