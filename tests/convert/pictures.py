"""Images of every kind that people have, made when they are needed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def pixels(height: int = 24, width: int = 32, channels: int = 3, seed: int = 0) -> Any:
    """Smooth random pixels, uint8 [height,width,channels]."""
    numbers = np.random.default_rng(seed)
    coarse = numbers.integers(0, 256, (4, 4, channels), np.uint8)
    layers = [
        Image.fromarray(coarse[..., c]).resize((width, height), Image.Resampling.BILINEAR)
        for c in range(channels)
    ]
    return np.stack([np.asarray(layer) for layer in layers], -1)


def photos(folder: Path, count: int, height: int = 40, width: int = 56) -> Path:
    """A folder with some photos."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        Image.fromarray(pixels(height, width, seed=number)).save(folder / f"{number:03d}.jpg")
    return folder


def noise(path: Path, size: int = 32) -> Path:
    """A picture of noise, in which the fixtures' detector finds ten things."""
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)).save(path)
    return path


def encoded(image: Any, kind: str = "PNG", **options: Any) -> bytes:
    """An image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def kinds() -> dict[str, bytes]:
    """One image of each kind, by a name for it."""
    colour, alpha = pixels(), pixels(channels=4)
    grey = colour[..., 0]
    turned = Image.Exif()
    turned[0x0112] = 6
    return {
        "rgb.png": encoded(Image.fromarray(colour)),
        "rgb.jpg": encoded(Image.fromarray(colour), "JPEG"),
        "rgb.bmp": encoded(Image.fromarray(colour), "BMP"),
        "rgb.webp": encoded(Image.fromarray(colour), "WEBP"),
        "rgb.ppm": encoded(Image.fromarray(colour), "PPM"),
        "rgba.png": encoded(Image.fromarray(alpha)),
        "grey.png": encoded(Image.fromarray(grey)),
        "grey-alpha.png": encoded(Image.fromarray(alpha[..., :2])),
        "palette.gif": encoded(Image.fromarray(colour).convert("P"), "GIF"),
        "palette-alpha.png": encoded(Image.fromarray(colour).convert("P"), transparency=0),
        "bits.png": encoded(Image.fromarray(grey > 128)),
        "16-bit.png": encoded(Image.fromarray(grey.astype(np.uint16) * 257)),
        "cmyk.jpg": encoded(Image.fromarray(colour).convert("CMYK"), "JPEG"),
        "float.tif": encoded(Image.fromarray(grey.astype(np.float32) / 255), "TIFF"),
        "turned.jpg": encoded(Image.fromarray(colour), "JPEG", exif=turned),
        "tiny.png": encoded(Image.new("RGB", (1, 1))),
    }
