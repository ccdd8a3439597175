from __future__ import annotations

import importlib.util
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from graphtools.convert.calibration.calibration import (
    read_calibration,
)
from graphtools.errors import Damaged, FileProblem, InvalidValue, MissingExtra, NothingFound
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import Normalization
from tests.convert.feeding import SAMPLES, TO_ONE, arrays, feed, image
from tests.convert.pictures import encoded, kinds, photos, pixels

pytestmark = pytest.mark.usefixtures("command_line")


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
    tmp_path: Path, item: SampledInput, shape: tuple[int, ...], count: int
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
    assert "--mean 127.5 --std 127.5" in caught.value.remedy


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
    tmp_path: Path, inputs: list[SampledInput], message: str
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
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match="reading images"):
        read_calibration(tmp_path / "photos", [image()], normalization=TO_ONE)
    assert read_calibration(tmp_path / "x.npy", [feed()]).count == 10
