from __future__ import annotations

import importlib.util
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from graphtools.convert.calibrating import calibration_for, read_keys
from graphtools.convert.calibration import (
    Calibration,
    CalibrationInput,
    Normalization,
    read_calibration,
)
from graphtools.errors import (
    Damaged,
    FileProblem,
    GraphtoolsError,
    InvalidValue,
    MissingExtra,
    NothingFound,
    UnknownName,
)
from graphtools.graph import Shape
from graphtools.graph.dtypes import dtype
from tests.convert.pictures import encoded, kinds, photos, pixels
from tests.formats.record_writer import example, framed
from tests.support import damaged
from tests.transforms.graphs import graph

TO_ONE = Normalization.from_mean_std([127.5], [127.5])
SAMPLES = np.random.default_rng(0).standard_normal((10, 4, 3)).astype(np.float32)


def feed(name: str = "x", shape: Any = (None, 4, 3), kind: str = "float32") -> CalibrationInput:
    return CalibrationInput(name, dtype(kind), Shape(shape))


def image(*dims: int | None, kind: str = "float32") -> CalibrationInput:
    return feed("image", dims or (None, 16, 20, 3), kind)


def arrays(calibration: Calibration, name: str = "x:0") -> list[Any]:
    return [sample[name] for sample in calibration.samples()]


# Arrays.


@pytest.mark.parametrize("key", ["x", "x:0", "in|x:0"])
def test_an_npz_file_has_an_array_for_each_input(tmp_path: Path, key: str) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **{key: SAMPLES, "other": SAMPLES})
    with read_calibration(path, [feed()]) as calibration:
        assert calibration.count == 10
        assert np.array_equal(np.concatenate(arrays(calibration)), SAMPLES)
        assert np.array_equal(np.concatenate(arrays(calibration)), SAMPLES)  # again
        assert calibration.names == ("x:0",)
        assert calibration.source == f"10 samples of {path}"
        assert calibration.notes == (
            f"{path} also holds 'other', which no input takes",
            "100 samples would be used, there are 10",
        )
        (item,) = calibration.summary.inputs
        assert (item.name, item.dtype, item.shape) == ("x:0", "float32", (1, 4, 3))
        assert (item.minimum, item.maximum) == (SAMPLES.min(), SAMPLES.max())
    assert not any(os.path.exists(file) for file in calibration.files)


@pytest.mark.parametrize(
    ("shape", "given_shape", "count"),
    [
        ((None, 4, 3), (10, 4, 3), 10),
        ((1, 4, 3), (10, 4, 3), 10),
        ((5, 4, 3), (10, 4, 3), 2),
        ((None, 4, 3), (4, 3), 1),
        ((None, 4, 3), (6, 1, 4, 3), 6),
        ((2, 4, 3), (6, 2, 4, 3), 6),
        ((None, None, 3), (10, 7, 3), 10),
        ((), (10,), 10),
        ((), (), 1),
        ((64,), (64,), 1),
        ((64,), (128,), 2),
        ((64,), (3, 64), 3),
        ((None,), (10,), 10),
    ],
)
def test_the_first_dimension_counts_the_samples(
    tmp_path: Path, shape: Any, given_shape: tuple[int, ...], count: int
) -> None:
    values = np.random.default_rng(1).standard_normal(given_shape).astype(np.float32)
    np.save(tmp_path / "data.npy", values)
    calibration = read_calibration(tmp_path / "data.npy", [feed(shape=shape)])
    found = arrays(calibration)
    assert len(found) == count
    assert np.array_equal(np.concatenate([f.ravel() for f in found]), values.ravel())
    wanted = tuple(d for d in shape[1:])
    assert all(len(f.shape) == len(shape) for f in found)
    assert all(d in (None, n) for f in found for d, n in zip(wanted, f.shape[1:], strict=True))


def test_several_inputs_have_the_same_samples(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **{"scope|a:0": SAMPLES, "b": np.arange(10), "training": np.array(False)})
    inputs = [feed("scope/a"), feed("b", (None,), "int32"), feed("training", (), "bool")]
    samples = list(read_calibration(path, inputs).samples())
    assert [s["b:0"].tolist() for s in samples] == [[n] for n in range(10)]
    assert samples[3]["b:0"].dtype == np.int32
    assert np.array_equal(samples[3]["scope/a:0"], SAMPLES[3:4])
    assert samples[3]["training:0"] == np.array(False)
    np.savez(path, a=SAMPLES, b=np.arange(9))
    with pytest.raises(InvalidValue, match="different numbers of samples: 'a' has 10, 'b' has 9"):
        read_calibration(path, [feed("a"), feed("b", (None,), "int32")])


def test_samples_are_taken_evenly_and_no_more_than_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(1000, dtype=np.float32))
    calibration = read_calibration(tmp_path / "x.npy", [feed(shape=(None,))], steps=4)
    assert [a[0] for a in arrays(calibration)] == [0, 250, 500, 750]
    assert calibration.source == f"4 of 1000 samples of {tmp_path / 'x.npy'}"
    assert calibration.notes == ()
    with pytest.raises(InvalidValue, match="0 calibration steps"):
        read_calibration(tmp_path / "x.npy", [feed(shape=(None,))], steps=0)


def test_progress_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", SAMPLES)
    told: list[tuple[int, int]] = []
    read_calibration(tmp_path / "x.npy", [feed()], steps=3, progress=lambda *n: told.append(n))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_values_that_are_all_the_same_are_remarked(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 4, 3)))
    notes = read_calibration(tmp_path / "x.npy", [feed()], steps=3).notes
    assert notes == (
        "all values of 'x:0' in the calibration data are 0: that tells nothing about its range",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (SAMPLES[:0], r"is empty: its shape is \[0,4,3\]"),
        (np.where(SAMPLES > 2, np.nan, SAMPLES), r"sample \d holds \d of 12 values that are NaN"),
        (np.full((2, 4, 3), np.inf), "sample 0 holds 12 of 12 values that are NaN or infinite"),
        (np.full((2, 4, 3), 1e300), "infinite as float32"),
        (SAMPLES[:, :, :2], r"has the shape \[10,4,2\], which does not fit the input 'x' \(float"),
        (SAMPLES.ravel(), r"has the shape \[120\]"),
        (np.array([["a"] * 12]).reshape(1, 4, 3), "holds str32, the input 'x' takes float32"),
        (SAMPLES.astype(np.complex64), "holds complex64"),
    ],
    ids=["empty", "nan", "inf", "overflow", "shape", "rank", "strings", "complex"],
)
def test_bad_values_are_refused_with_their_place(tmp_path: Path, values: Any, message: str) -> None:
    np.save(tmp_path / "bad.npy", values)
    with pytest.raises(InvalidValue, match=rf"bad\.npy.*{message}"):
        read_calibration(tmp_path / "bad.npy", [feed()])


def test_values_must_have_the_type_of_their_input(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(24).reshape(2, 4, 3))
    assert arrays(read_calibration(path, [feed(kind="uint8")]))[0].dtype == np.uint8
    np.save(path, 100 * np.arange(24).reshape(2, 4, 3))
    with pytest.raises(InvalidValue, match=r"sample 0 holds int64, the input 'x' takes uint8"):
        read_calibration(path, [feed(kind="uint8")])
    np.save(path, SAMPLES)
    with pytest.raises(InvalidValue, match="holds float32, the input 'x' takes int32"):
        read_calibration(path, [feed(kind="int32")])


def test_a_missing_array_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", y=SAMPLES, z=SAMPLES)
    with pytest.raises(InvalidValue, match="holds no values for the input 'x'") as caught:
        read_calibration(tmp_path / "x.npz", [feed()])
    assert caught.value.remedy == (
        "its keys are 'y', 'z'; wanted is 'x' or 'x:0', or say which is meant: "
        "--calibration-key x=KEY"
    )
    np.save(tmp_path / "x.npy", SAMPLES)
    with pytest.raises(InvalidValue, match="is a single array, the graph has 2 inputs"):
        read_calibration(tmp_path / "x.npy", [feed("x"), feed("y")])


def test_an_archive_of_other_files_and_pickles_are_refused(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x", b"text")
    with pytest.raises(FileProblem, match="'x' is no array"):
        read_calibration(tmp_path / "x.npz", [feed()])
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(FileProblem, match="pickled"):
        read_calibration(tmp_path / "x.npy", [feed()])


@given(data=st.data(), kind=st.sampled_from(["npz", "npy", "compressed"]))
def test_damaged_arrays_are_refused_or_harmless(
    tmp_path: Path, data: st.DataObject, kind: str
) -> None:
    path = tmp_path / f"x.{'npy' if kind == 'npy' else 'npz'}"
    if kind == "npy":
        np.save(path, SAMPLES)
    else:
        (np.savez if kind == "npz" else np.savez_compressed)(path, x=SAMPLES)
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    try:
        read_calibration(path, [feed()])
    except GraphtoolsError as error:
        assert "\n" not in error.message


# Inputs.


def test_inputs_must_take_numbers_of_a_known_rank(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", SAMPLES)
    for inputs, message in (
        ([], "no input"),
        ([feed(kind="string")], "of type string"),
        ([feed(kind="resource")], "of type resource"),
        ([feed(shape=None)], "shape of the input 'x' is not known"),
        ([feed(shape=(0, 4, 3))], "no elements"),
    ):
        with pytest.raises(InvalidValue, match=message):
            read_calibration(tmp_path / "x.npy", inputs)


# Images.


def test_a_folder_of_images_of_every_kind_feeds_an_input(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, raw in kinds().items():
        (tmp_path / ("sub" if "rgb" in name else ".") / name).write_bytes(raw)
    (tmp_path / "labels.txt").write_text("cat")
    (tmp_path / ".hidden.jpg").write_text("no image")
    calibration = read_calibration(tmp_path, [image()], normalization=TO_ONE)
    found = arrays(calibration, "image:0")
    assert len(found) == len(kinds())
    assert {a.shape for a in found} == {(1, 16, 20, 3)}
    assert {a.dtype.name for a in found} == {"float32"}
    assert -1 <= min(map(np.min, found)) < -0.9
    assert 0.9 < max(map(np.max, found)) <= 1
    assert calibration.source == f"16 images in {tmp_path}"
    assert calibration.notes[0].startswith("9 of 16 images were brought to 3 channels")
    assert "1 file that is no image was left out, as labels.txt" in calibration.notes
    assert calibration.summary.preprocessing == (
        "images to 16x20x3 (stretch), pixel * 0.00784314 - 1 (given)"
    )


@pytest.mark.parametrize(
    ("item", "shape", "count"),
    [
        (image(1, 16, 20, 3), (1, 16, 20, 3), 5),
        (image(2, 16, 20, 3), (2, 16, 20, 3), 2),
        (image(16, 20, 3), (16, 20, 3), 5),
        (image(None, 3, 16, 20), (1, 3, 16, 20), 5),
        (image(None, 16, 20, 1), (1, 16, 20, 1), 5),
        (image(None, 16, 20, 4), (1, 16, 20, 4), 5),
    ],
)
def test_images_get_the_layout_of_the_input(
    tmp_path: Path, item: CalibrationInput, shape: tuple[int, ...], count: int
) -> None:
    photos(tmp_path, 5)
    calibration = read_calibration(tmp_path, [item], normalization=TO_ONE)
    assert [a.shape for a in arrays(calibration, "image:0")] == [shape] * count
    left = "the last 1 of the images do not fill a batch of 2, and were left out"
    assert (left in calibration.notes) is (count == 2)


def test_pixels_are_normalised_channel_by_channel(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(Image.fromarray(pixels(16, 20))))
    way = Normalization.from_mean_std([123.68, 116.78, 103.94], [58.4, 57.12, 57.38])
    found = arrays(read_calibration(tmp_path / "a.png", [image()], normalization=way), "image:0")
    wanted = (pixels(16, 20) - np.array([123.68, 116.78, 103.94])) / [58.4, 57.12, 57.38]
    assert np.abs(found[0][0] - wanted).max() < 1e-5


def test_integers_take_pixels_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(Image.fromarray(pixels(16, 20))))
    calibration = read_calibration(tmp_path, [image(kind="uint8")], normalization=TO_ONE, steps=1)
    (found,) = arrays(calibration, "image:0")
    assert found.dtype == np.uint8
    assert np.array_equal(found[0], pixels(16, 20))
    assert calibration.notes == (
        "the input 'image' is uint8: pixels are fed as they are, 0 to 255, without mean and "
        "standard deviation",
    )


def test_a_float_input_needs_to_be_told_how_images_are_normalised(tmp_path: Path) -> None:
    photos(tmp_path, 1)
    with pytest.raises(InvalidValue, match=r"how images are normalised .* is not known") as caught:
        read_calibration(tmp_path, [image()])
    assert "--calibration-mean 127.5 --calibration-std 127.5" in caught.value.remedy


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([image(), feed("other")], "images feed one input, the graph has 2"),
        ([image(None, 784)], "no height, width and channels"),
        ([image(None, 16, 20, 5)], "it has 5 channels"),
        ([image(None, None, None, 3)], "the size of images is not known"),
        ([image(kind="int8")], "pixels are 0 to 255"),
        ([image(kind="bool")], "pixels are 0 to 255"),
        ([image(None, 100_000, 100_000, 3)], "more than a gigabyte"),
        ([image(9, 16, 20, 3)], "takes 9 images at once, there are 2"),
    ],
)
def test_inputs_that_images_do_not_fit(
    tmp_path: Path, inputs: list[CalibrationInput], message: str
) -> None:
    photos(tmp_path, 2)
    with pytest.raises(InvalidValue, match=message):
        read_calibration(tmp_path, inputs, normalization=TO_ONE)


def test_options_of_images_are_checked(tmp_path: Path) -> None:
    photos(tmp_path, 1)
    with pytest.raises(InvalidValue, match="resized by 'zoom'"):
        read_calibration(tmp_path, [image()], normalization=TO_ONE, resize="zoom")
    with pytest.raises(InvalidValue, match="for 2 channels"):
        read_calibration(
            tmp_path, [image()], normalization=Normalization.from_mean_std([1, 2], [3])
        )


@pytest.mark.parametrize("name", ["damaged.jpg", "empty.png"])
def test_a_damaged_image_is_named_and_not_skipped(tmp_path: Path, name: str) -> None:
    photos(tmp_path, 2)
    raw = (tmp_path / "000.jpg").read_bytes()
    (tmp_path / name).write_bytes(raw[: len(raw) // 2] if "damaged" in name else b"")
    with pytest.raises(Damaged, match=name):
        read_calibration(tmp_path, [image()], normalization=TO_ONE)


def test_folders_without_data_are_told_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match="holds no files"):
        read_calibration(tmp_path, [image()])
    (tmp_path / "labels.txt").write_text("cat")
    with pytest.raises(NothingFound, match=r"no images and no .*, but 1 file as labels\.txt"):
        read_calibration(tmp_path, [image()])
    for name in ("labels.txt", "empty"):
        (tmp_path / name).touch()
        with pytest.raises(FileProblem, match=name) as caught:
            read_calibration(tmp_path / name, [image()])
        assert "an .npz or .npy file" in caught.value.remedy
    with pytest.raises(NothingFound, match="absent does not exist"):
        read_calibration(tmp_path / "absent", [image()])
    with pytest.raises(NothingFound, match="no file matches"):
        read_calibration(tmp_path / "train-*", [image()])


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "absent")
    with pytest.raises(FileProblem, match=r"nowhere\.jpg"):
        read_calibration(tmp_path, [image()], normalization=TO_ONE)
    (tmp_path / "nowhere.jpg").unlink()
    os.mkfifo(tmp_path / "pipe")  # whose reading would wait for ever
    with pytest.raises(NothingFound, match="holds no files"):
        read_calibration(tmp_path, [image()])
    with pytest.raises(FileProblem, match="no regular file"):
        read_calibration(tmp_path / "pipe", [image()])


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    photos(tmp_path / "photos", 3)
    data = tmp_path / "data"
    data.mkdir()
    (data / "linked").symlink_to(tmp_path / "photos")
    (data / "again").symlink_to(tmp_path / "photos")
    (tmp_path / "photos" / "circle").symlink_to(data)
    assert read_calibration(data, [image()], normalization=TO_ONE).count == 3


def test_a_normalisation_that_was_found_is_told(tmp_path: Path) -> None:
    photos(tmp_path, 1)
    found = TO_ONE._replace(source="the graph normalises itself")
    notes = read_calibration(tmp_path, [image()], normalization=found, steps=1).notes
    assert notes == (
        "images to 16x20x3 (stretch), pixel * 0.00784314 - 1 (the graph normalises itself)",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    photos(tmp_path, 1)
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        with pytest.raises(FileProblem, match="closed cannot be read"):
            read_calibration(tmp_path, [image()], normalization=TO_ONE)
    finally:
        closed.chmod(stat.S_IRWXU)


def test_images_need_pillow_and_arrays_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos(tmp_path / "photos", 1)
    np.save(tmp_path / "x.npy", SAMPLES)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="reading images"):
        read_calibration(tmp_path / "photos", [image()], normalization=TO_ONE)
    assert read_calibration(tmp_path / "x.npy", [feed()]).count == 10


# TFRecords.


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


# Normalisation as it is given.


def test_mean_and_std_are_checked() -> None:
    assert Normalization.from_mean_std([0], [255]).scale == (1 / 255,)
    assert Normalization.from_mean_std([1, 2, 3], [2]).offset == (-0.5, -1, -1.5)
    texts = [str(Normalization.from_mean_std([m], [2])) for m in (1, 0, -1)]
    assert texts == ["pixel * 0.5 - 0.5", "pixel * 0.5", "pixel * 0.5 + 0.5"]
    for mean, std in (([], []), ([1, 2], [1, 2, 3]), ([0], [0]), ([0], [-1]), ([0], [np.nan])):
        with pytest.raises(InvalidValue):
            Normalization.from_mean_std(mean, std)


# The options of the command.


def test_features_are_given_by_input() -> None:
    assert read_keys(["image=image/encoded", " a:0 = b=c"]) == {
        "image": "image/encoded",
        "a:0": "b=c",
    }
    for text in ("image", "=x", "image="):
        with pytest.raises(InvalidValue, match="is not NAME=FEATURE"):
            read_keys([text])


#: A graph with one input.
NET = "x = Placeholder dtype=float shape=[1,4]"


def test_arrays_are_given_by_input(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.ones((2, 4), np.float32), y=SAMPLES[:2, :, 0])
    data = calibration_for(graph(NET), ["x"], tmp_path / "data.npz", keys={"x:0": "y"})
    assert data.summary.inputs[0].maximum == SAMPLES[:2, :, 0].max()
    assert any("also holds 'x'" in note for note in data.notes)
    with pytest.raises(UnknownName, match=r"no array 'z' in .*data\.npz"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npz", keys={"x": "z"})
    with pytest.raises(InvalidValue, match="names 'w', which is not among the inputs"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npz", keys={"w": "y"})


def test_names_of_a_single_array_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.ones((2, 4), np.float32))
    with pytest.raises(InvalidValue, match="--calibration-key has no effect"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npy", keys={"x": "y"})


def test_arrays_are_not_normalised_and_that_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.arange(8, dtype=np.uint8).reshape(2, 4))
    with pytest.raises(InvalidValue, match="--calibration-mean is for images"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npy", mean="127.5", std="127.5")
    with pytest.raises(InvalidValue, match="--calibration-std is for images"):
        calibration_for(graph(NET), ["x"], tmp_path / "data.npy", std="127.5")
    data = calibration_for(graph(NET), ["x"], tmp_path / "data.npy")
    assert any("holds uint8 values" in note and "not normalised" in note for note in data.notes)
