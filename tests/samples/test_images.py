from __future__ import annotations

import importlib.util
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from graphtools.errors import Damaged, FileProblem, MissingExtra, pip_install
from graphtools.samples.images import RESIZES, ImageReader, is_image
from tests.convert.pictures import encoded, kinds, pixels
from tests.support import damaged

KINDS = kinds()


def read(raw: bytes, *args: Any) -> tuple[Any, ImageReader]:
    reader = ImageReader(*args)
    return reader.read(io.BytesIO(raw), "the image"), reader


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_every_image_gets_the_channels_of_the_input(kind: str, channels: int) -> None:
    array, _ = read(KINDS[kind], 10, 12, channels)
    assert array.shape == (10, 12, channels)
    assert array.dtype == np.uint8
    assert kind == "tiny.png" or array.std() > 10


@pytest.mark.parametrize("kind", ["rgb.png", "rgb.bmp", "rgb.ppm", "rgba.png"])
def test_pixels_stay_as_they_are_where_nothing_is_to_be_done(kind: str) -> None:
    channels = 4 if kind == "rgba.png" else 3
    array, reader = read(KINDS[kind], 24, 32, channels)
    assert np.array_equal(array, pixels(channels=channels))
    assert reader.notes() == ()


def test_alpha_is_dropped_as_tensorflow_drops_it() -> None:
    assert np.array_equal(read(KINDS["rgba.png"], 24, 32, 3)[0], pixels(channels=4)[..., :3])


@pytest.mark.parametrize("kind", ["16-bit.png", "float.tif", "grey.png"])
def test_deep_greyscale_has_the_range_of_pixels(kind: str) -> None:
    array, _ = read(KINDS[kind], 24, 32, 1)
    assert np.abs(array[..., 0].astype(int) - pixels()[..., 0]).max() <= 1


def test_a_turned_camera_is_turned_back() -> None:
    array, reader = read(KINDS["turned.jpg"], 32, 24, 3)
    assert np.abs(array.astype(int) - np.rot90(pixels(), -1)).mean() < 6
    assert reader.notes() == ("1 of 1 images were turned as their EXIF data says",)


def test_what_was_done_is_told_once_for_all_images() -> None:
    reader = ImageReader(8, 8, 3)
    for name, raw in KINDS.items():
        reader.read(io.BytesIO(raw), name)
    notes = reader.notes()
    assert len(notes) == 2
    assert notes[0].startswith("9 of 16 images were brought to 3 channels: ")
    for part in ("1 in CMYK", "1 in 16-bit greyscale", "2 with alpha", "2 with a palette"):
        assert part in notes[0]


def test_the_first_picture_of_an_animation_counts() -> None:
    frames = [Image.fromarray(np.full((8, 8), v, np.uint8)) for v in (50, 200)]
    raw = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    array, reader = read(raw, 8, 8, 1)
    assert np.all(array == 50)
    assert reader.notes()[-1] == "1 of 1 images are animated: their first picture"


def test_ways_to_resize() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, :10], wide[:, 10:20], wide[:, 20:] = 50, 150, 250
    raw = encoded(Image.fromarray(wide))
    found = {way: read(raw, 10, 10, 3, way)[0][..., 0] for way in RESIZES}
    assert found["stretch"][5].tolist()[::9] == [50, 250]
    assert np.all(found["crop"] == 150)
    assert not found["pad"][:3].any()
    assert not found["pad"][-3:].any()
    assert found["pad"][5].min() >= 50


@pytest.mark.parametrize("way", RESIZES)
@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (3, 5)])
def test_any_size_becomes_that_of_the_input(way: str, size: tuple[int, int]) -> None:
    array, _ = read(encoded(Image.new("RGB", size, "white")), 7, 9, 3, way)
    assert array.shape == (7, 9, 3)
    assert array.max() == 255


def test_a_large_photo_is_not_decoded_in_full_but_looks_the_same() -> None:
    photo = Image.fromarray(pixels(1200, 1600))
    exact, _ = read(encoded(photo), 96, 96, 3)
    quick, _ = read(encoded(photo, "JPEG", quality=95), 96, 96, 3)
    assert np.abs(exact.astype(int) - quick).max() <= 4


@pytest.mark.parametrize("raw", [b"", b"x", b"no image at all" * 99, b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_named(raw: bytes) -> None:
    with pytest.raises(Damaged, match="the image is no image"):
        read(raw, 8, 8, 3)


@pytest.mark.parametrize("kind", ["rgb.png", "rgb.jpg", "rgb.bmp", "palette.gif", "rgb.webp"])
def test_a_truncated_image_is_named_and_not_filled_with_grey(kind: str) -> None:
    raw = KINDS[kind]
    with pytest.raises(Damaged, match="the image"):
        read(raw[: len(raw) // 2], 8, 8, 3)


def test_programs_are_not_run() -> None:
    with pytest.raises(Damaged, match="no image that can be read"):
        read(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", 8, 8, 3)


def test_an_image_that_would_fill_the_memory_is_refused() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    for side in (9_000, 12_000, 100_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0" * 99))
        with pytest.raises(FileProblem, match="the image is too large"):
            read(b"\x89PNG\r\n\x1a\n" + data, 8, 8, 3)


@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_damage_is_refused_or_harmless(data: st.DataObject, kind: str) -> None:
    raw = data.draw(damaged(KINDS[kind]))
    try:
        array, _ = read(raw, 8, 8, 3)
    except FileProblem as error:
        assert "the image" in error.message
        assert "\n" not in error.message
    else:
        assert array.shape == (8, 8, 3)


def test_images_are_known_by_their_first_bytes() -> None:
    for name, raw in KINDS.items():
        assert is_image(raw[:16]) or name.endswith(".ppm"), name
    assert not is_image(b"")
    assert not is_image(b"RIFF\0\0\0\0WAVE")


def test_without_pillow_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra) as caught:
        ImageReader(8, 8, 3)
    assert str(caught.value).startswith("reading images needs a package")
    assert pip_install("images") in caught.value.remedy
