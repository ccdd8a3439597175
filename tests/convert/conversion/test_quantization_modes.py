"""All ways of quantizing a frozen MobileNet that was not trained for it, with generated images."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.convert.calibration.calibration import (
    Calibration,
    read_calibration,
)
from graphtools.convert.conversion.converter import Conversion, Converter
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.formats import graph_of, open_model
from graphtools.graph import Graph, Shape
from graphtools.graph.dtypes import FLOAT32
from graphtools.run.litert import LiteRT
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import Normalization
from tests.convert.pictures import photos
from tests.support import FIXTURES, shared_models

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.litert,
    pytest.mark.usefixtures("tf", "litert"),
]

LOGITS = "MobilenetV1/Logits/SpatialSqueeze"


@dataclasses.dataclass(frozen=True)
class Mode:
    """A way of quantizing, and what is to come of it.

    Attributes:
        options: What the conversion is asked for.
        ports: Element type of input and output.
        snr: Least signal to noise ratio of the logits in dB; None where ranges are made up.
        size: Most bytes of the model, as a share of those of the float model.
    """

    options: ConversionOptions
    ports: tuple[str, str]
    snr: float | None
    size: float


def mode(
    name: str, snr: float | None, size: float, ports: tuple[str, str] | None = None, **more: Any
) -> Mode:
    if ports:
        more |= {"input_type": ports[0], "output_type": ports[1]}
    options = ConversionOptions(quantize=name, **more)
    return Mode(options, ports or ("float32", "float32"), snr, size)


#: Measured with TensorFlow 2.21: 35 dB for dynamic, 62 for float16, 30 for int8 (28 with one scale
#: a tensor), 35 for int16x8.
MODES = {
    "none": mode("none", 100, 1.01),
    "dynamic": mode("dynamic", 30, 0.35),
    "float16": mode("float16", 50, 0.55),
    "int8": mode("int8", 25, 0.4),
    "int8-io": mode("int8", 25, 0.4, ("int8", "int8")),
    "uint8-io": mode("int8", 25, 0.4, ("uint8", "uint8")),
    "per-tensor": mode("int8", 22, 0.35, per_tensor=True),
    "int16x8": mode("int16x8", 30, 0.4),
    "int16-io": mode("int16x8", 30, 0.4, ("int16", "int16")),
    "dummy": mode(
        "dummy",
        None,
        0.35,
        ("uint8", "uint8"),
        input_stats={"input": (127.5, 127.5)},
        default_ranges=(-6.0, 6.0),
    ),
}


@pytest.fixture(scope="module")
def litert_child() -> Iterator[LiteRT]:
    with LiteRT() as shared:
        yield shared


def calibration_of(folder: Path, size: int) -> Calibration:
    return read_calibration(
        photos(folder, 24, 160, 200),
        [SampledInput("input", FLOAT32, Shape((None, size, size, 3)))],
        normalization=Normalization.from_mean_std([127.5], [127.5]),
        steps=16,
    )


class Net:
    """A graph, its calibration, and what the float model computes."""

    def __init__(self, path: Path, size: int, folder: Path) -> None:
        self.graph: Graph = graph_of(open_model(path))
        self.shape = Shape((1, size, size, 3))
        self.calibration = calibration_of(folder / "photos", size)
        self.folder = folder
        self.samples = [sample["input:0"] for sample in self.calibration.samples()]

    def convert(self, converter: Converter, options: ConversionOptions) -> tuple[Conversion, Path]:
        target = self.folder / "model.tflite"
        made = converter.convert(
            self.graph,
            ["input"],
            [LOGITS],
            options,
            target=target,
            input_shapes={"input:0": self.shape},
            calibration=self.calibration,
        )
        return made, target

    def outputs(self, child: LiteRT, model: Path) -> Any:
        values = [child.run(str(model), [sample]).outputs[0].real for sample in self.samples]
        return np.stack(values).astype(np.float64)


def snr_of(expected: Any, found: Any) -> float:
    noise = np.sum((found - expected) ** 2)
    return float(10 * np.log10(np.sum(expected**2) / max(noise, 1e-30)))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Net:
    return Net(FIXTURES / "classifier" / "frozen.pb", 32, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Net:
    path = shared_models() / "slim" / "mobilenet_v1_0.25_128" / "frozen.pb"
    return Net(path, 128, tmp_path_factory.mktemp("mobilenet"))


@pytest.fixture(scope="module", params=["small", "mobilenet"])
def net(request: pytest.FixtureRequest) -> Net:
    found: Net = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def floats(net: Net, converter: Converter, litert_child: LiteRT) -> tuple[Any, int]:
    """The outputs of the float model, and its size."""
    made, target = net.convert(converter, ConversionOptions())
    return net.outputs(litert_child, target), made.size


@pytest.mark.parametrize("wanted", MODES.values(), ids=MODES)
def test_every_way_of_quantizing_gives_a_sound_model(
    net: Net,
    floats: tuple[Any, int],
    converter: Converter,
    litert_child: LiteRT,
    wanted: Mode,
    record_property: Any,
) -> None:
    expected, size = floats
    made, target = net.convert(converter, wanted.options)
    if wanted.options.quantize == "dynamic" and size < 100_000:
        (finding,) = made.findings  # which is true: none of its weights is large enough
        assert finding.startswith("no weights were quantized")
        return
    assert made.sound, made.findings
    assert (made.inputs[0].dtype, made.outputs[0].dtype) == wanted.ports
    if size > 100_000:  # in a small one the weights are not what counts
        assert made.size < wanted.size * size
    found = net.outputs(litert_child, target)
    assert np.isfinite(found).all()
    if wanted.snr is None:
        return
    measured = snr_of(expected, found)
    record_property("snr", measured)  # for JUnit; pytest -rP shows what is printed
    largest = float(np.abs(found - expected).max())
    print(f"{measured:.1f} dB, largest error {largest:.4f}, {made.size:,} bytes")
    assert measured > wanted.snr
    if wanted.options.quantize == "none":
        return
    (error,) = made.errors  # what the report says is what is found here
    assert error.name == LOGITS
    assert error.samples == len(net.samples)
    assert error.max_abs == pytest.approx(largest, rel=0.05, abs=1e-4)
    if error.snr is not None:
        assert error.snr == pytest.approx(measured, abs=1)
