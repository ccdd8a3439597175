"""What is in records: features, classes, boxes, images, and what training would drop or refuse."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import pytest

from graphtools.analysis.record_summary import (
    CLASS_ID,
    CLASS_TEXT,
    IMAGE,
    SIDES,
    RecordSummary,
    check_image,
    summarize_records,
)
from graphtools.errors import FileProblem
from graphtools.formats import graph_of, open_model
from graphtools.formats.event_file import write_events
from graphtools.formats.label_map import LabelItem, LabelMap
from graphtools.formats.record_file import EVENTS, RECORDS, RecordFile
from tests.analysis.graphs import graph
from tests.formats.record_writer import Value, example, framed

LABELS = LabelMap("map.pbtxt", (LabelItem(1, "cat", "", 1, True), LabelItem(2, "dog", "", 2, True)))
JPEG = b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IEND", b"")


def sample(
    ids: list[int], names: list[bytes], boxes: list[tuple[float, ...]], image: bytes = JPEG
) -> dict[str, Value]:
    sides = {name: [float(b[i]) for b in boxes] for i, name in enumerate(SIDES)}
    return {IMAGE: image, CLASS_ID: ids, CLASS_TEXT: names, **sides}


def summary(
    folder: Path, *samples: dict[str, Value], label_map: LabelMap | None = None, classes: int = 0
) -> RecordSummary:
    path = folder / "x.record"
    path.write_bytes(b"".join(framed(example(s)) for s in samples))
    file = open_model(path)
    assert isinstance(file, RecordFile)
    assert file.kind == RECORDS
    return summarize_records(file, label_map, classes)


GOOD = sample([1, 2], [b"cat", b"dog"], [(0.0, 0.0, 0.5, 0.5), (0.1, 0.1, 1.0, 1.0)])


def test_what_is_there_is_counted(tmp_path: Path) -> None:
    more = sample([2], [b"dog"], [(0.0, 0.0, 1.0, 1.0)], PNG)
    found = summary(tmp_path, GOOD, more, label_map=LABELS, classes=2)
    assert (found.records, found.boxes, found.is_detection) == (2, 3, True)
    assert found.classes == {"2 dog": 2, "1 cat": 1}
    assert found.images == {"JPEG": 1, "PNG": 1}
    assert not found.faults
    assert not found.missing_keys
    row = next(r for r in found.features if r.name == CLASS_ID)
    assert (row.kind, row.records, row.shortest, row.longest) == ("int64", 2, 1, 2)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (sample([0], [b"cat"], [(0, 0, 1, 1)]), "the class id 0"),
        (sample([3], [b"cat"], [(0, 0, 1, 1)]), "class ids above num_classes"),
        (sample([1], [b"cow"], [(0, 0, 1, 1)]), "'cow', which the label map does not have"),
        (sample([2], [b"cat"], [(0, 0, 1, 1)]), "'cat' with the id 2; the label map has 1"),
        (sample([1], [b"cat"], [(0, 0, 1.5, 1)]), "outside of the image"),
        (sample([1], [b"cat"], [(0, 0, 120, 80)]), "boxes in pixels"),
        (sample([1], [b"cat"], [(0.5, 0, 0.5, 1)]), "empty boxes"),
        (sample([1], [b"cat"], [(float("nan"), 0, 1, 1)]), "NaN"),
        (sample([1], [b"cat"], [(0, 0, 1, 1), (0, 0, 1, 1)]), "not as many values"),
        (sample([1, 2], [b"cat"], [(0, 0, 1, 1), (0, 0, 1, 1)]), "as many class ids"),
        (sample([1], [b"cat"], [(0, 0, 1, 1)], JPEG[:-2] + bytes(40)), "a JPEG that is cut off"),
        (sample([1], [b"cat"], [(0, 0, 1, 1)], b"RIFF....WEBPVP8 "), "does not read"),
    ],
)
def test_what_training_drops_or_refuses_is_told(
    changed: dict[str, Value], says: str, tmp_path: Path
) -> None:
    found = summary(tmp_path, GOOD, changed, label_map=LABELS, classes=2)
    fault = next(f for f in found.faults if says in f.what)
    assert fault.records == (1,)


def test_keys_that_are_missing_are_named(tmp_path: Path) -> None:
    found = summary(tmp_path, {CLASS_ID: [1]})
    assert found.missing_keys == (IMAGE, *SIDES)


def test_images_of_classification_are_counted_by_class(tmp_path: Path) -> None:
    found = summary(tmp_path, {IMAGE: JPEG, "image/class/label": [7]})
    assert found.classes == {"7": 1}
    assert not found.is_detection
    assert not found.faults


def test_what_is_no_sample_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.record"
    path.write_bytes(framed(b"\x00\x01 no message"))
    file = open_model(path)
    assert isinstance(file, RecordFile)
    assert [f.what for f in summarize_records(file).faults] == ["no tf.Example"]


def test_a_file_that_is_cut_off_is_counted_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "x.record"
    path.write_bytes((framed(example(GOOD)) * 2)[:-3])
    file = open_model(path)
    assert isinstance(file, RecordFile)
    found = summarize_records(file)
    assert found.records == 1
    assert "record 1 is truncated" in found.damage


def test_compressed_records_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.record.gz"
    path.write_bytes(gzip.compress(framed(example(GOOD))))
    file = open_model(path)
    assert isinstance(file, RecordFile)
    assert summarize_records(file).records == 1


def test_files_of_tensorboard_are_told_apart(tmp_path: Path) -> None:
    path = write_events(graph("x Placeholder"), tmp_path, 1.0)
    file = open_model(path)
    assert isinstance(file, RecordFile)
    assert file.kind == EVENTS
    assert summarize_records(file).records == 2
    with pytest.raises(FileProblem, match="is a TensorBoard event file, which holds no"):
        graph_of(file)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (PNG, ("PNG", "")),
        (PNG[:-5], ("PNG", "a PNG that is cut off")),
        (PNG[:20] + b"x" + PNG[21:], ("PNG", "a PNG with a wrong checksum")),
        (b"GIF89a;", ("GIF", "")),
        (b"", ("unknown", "empty")),
    ],
)
def test_the_frame_of_images(raw: bytes, says: tuple[str, str]) -> None:
    assert check_image(raw) == says
