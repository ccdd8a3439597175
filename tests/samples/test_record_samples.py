from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.convert.calibration.calibration import read_calibration
from graphtools.errors import Damaged, GraphtoolsError, InvalidValue
from tests.convert.feeding import SAMPLES, TO_ONE, arrays, feed, image
from tests.convert.pictures import kinds
from tests.formats.record_writer import example, framed
from tests.support import damaged


def records(path: Path, *examples: bytes) -> Path:
    path.write_bytes(b"".join(map(framed, examples)))
    return path


def sample(number: int, **more: Any) -> bytes:
    return example({"x": SAMPLES[number].ravel().tolist(), "label": [number, -1], **more})


def test_records_have_a_feature_for_each_input(tmp_path: Path) -> None:
    path = records(tmp_path / "data.tfrecord", *(sample(n) for n in range(10)))
    inputs = [feed(), feed("label", (None, 2), "int32")]
    calibration = read_calibration(path, inputs)
    found = list(calibration.samples())
    assert np.array_equal(np.concatenate([f["x:0"] for f in found]), SAMPLES)
    assert [f["label:0"].tolist() for f in found] == [[[n, -1]] for n in range(10)]
    assert calibration.source == f"10 records of {path}"
    assert read_calibration(path, inputs, steps=3).count == 3
    renamed = read_calibration(path, [feed("y")], keys={"y:0": "x"})
    assert np.array_equal(np.concatenate(arrays(renamed, "y:0")), SAMPLES)


def test_records_fill_the_batch_of_the_input(tmp_path: Path) -> None:
    path = records(tmp_path / "data.tfrecord", *(sample(n) for n in range(10)))
    calibration = read_calibration(path, [feed(shape=(4, 4, 3))])
    assert np.array_equal(np.concatenate(arrays(calibration)), SAMPLES[:8])
    assert "the last 2 of the records do not fill a batch of 4, and were left out" in (
        calibration.notes
    )
    with pytest.raises(InvalidValue, match="take 20 samples at once, the records hold 10"):
        read_calibration(path, [feed(shape=(20, 4, 3))])
    with pytest.raises(InvalidValue, match="different numbers of records at once"):
        read_calibration(path, [feed(shape=(4, 4, 3)), feed("label", (1, 2), "int32")])


@pytest.mark.parametrize("key", ["image/encoded", "image"])
def test_images_in_records_are_decoded(tmp_path: Path, key: str) -> None:
    examples = [example({key: raw, "height": [24]}) for raw in kinds().values() if raw[:1] != b"P"]
    path = records(tmp_path / "train.record-00000-of-00001", *examples)
    calibration = read_calibration(path, [image()], normalization=TO_ONE)
    assert {a.shape for a in arrays(calibration, "image:0")} == {(1, 16, 20, 3)}
    assert calibration.notes[0].startswith("9 of 15 images were brought to 3 channels")
    assert calibration.summary.preprocessing.startswith("images to 16x20x3")


def test_shards_are_read_one_after_the_other(tmp_path: Path) -> None:
    for number in range(3):
        records(
            tmp_path / f"train-{number:05d}-of-00003", sample(2 * number), sample(2 * number + 1)
        )
    for path in (tmp_path, tmp_path / "train-*", tmp_path / "train-?????-of-00003"):
        assert np.array_equal(np.concatenate(arrays(read_calibration(path, [feed()]))), SAMPLES[:6])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (example({"y": [1.0]}), "record 1 has no feature 'x'"),
        (example({"x": [1.0, 2.0]}), "record 1: the feature 'x' holds 2 numbers"),
        (example({"x": b"bytes"}), "record 1: the feature 'x' holds bytes"),
        (example({"x": [float("nan")] * 12}), "record 1 holds 12 of 12 values that are NaN"),
        (b"\x0a\xff", "record 1 is no tf.Example"),
    ],
    ids=["missing", "few", "bytes", "nan", "garbage"],
)
def test_bad_records_are_refused_with_their_number(
    tmp_path: Path, raw: bytes, message: str
) -> None:
    path = records(tmp_path / "bad.tfrecord", sample(0), raw)
    with pytest.raises(GraphtoolsError, match=rf"bad\.tfrecord: {message}"):
        read_calibration(path, [feed()])


def test_records_without_what_is_wanted_are_told_what_they_have(tmp_path: Path) -> None:
    path = records(tmp_path / "data.tfrecord", sample(0))
    with pytest.raises(InvalidValue, match="no feature for the input 'z'") as caught:
        read_calibration(path, [feed("z")])
    assert caught.value.remedy == (
        "its features are 'x', 'label'; wanted is 'image/encoded' for images, else 'z'"
    )
    with pytest.raises(InvalidValue, match="no feature 'w'"):
        read_calibration(path, [feed("z")], keys={"z": "w"})
    with pytest.raises(InvalidValue, match="names 'q', which is not among the inputs"):
        read_calibration(path, [feed("x")], keys={"q": "x"})


def test_a_damaged_image_in_a_record_is_named(tmp_path: Path) -> None:
    raw = kinds()["rgb.png"]
    path = records(
        tmp_path / "x.record",
        example({"image/encoded": raw}),
        example({"image/encoded": raw[:200]}),
    )
    with pytest.raises(Damaged, match=r"record 1, 'image/encoded' is a damaged image"):
        read_calibration(path, [image()], normalization=TO_ONE)


@given(data=st.data())
def test_damaged_examples_are_refused_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    good = sample(0, **{"image/encoded": kinds()["rgb.jpg"]})
    path = records(tmp_path / "x.record", data.draw(damaged(good)), data.draw(damaged(good)))
    item = data.draw(st.sampled_from([feed(), image(), feed("label", (None, 2), "int32")]))
    try:
        found = read_calibration(path, [item], normalization=TO_ONE)
    except GraphtoolsError as error:
        assert "x.record" in error.message or "size of images is not known" in error.message
        assert "\n" not in error.message
    else:
        assert found.count == 2


def test_a_file_that_is_called_so_and_holds_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(b"no records at all")
    with pytest.raises(Damaged, match="no TFRecord file"):
        read_calibration(path, [feed()])
