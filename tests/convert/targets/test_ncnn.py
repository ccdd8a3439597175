"""Conversion to ncnn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.convert.conversion.converter_input import target_input
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.target import TARGETS, TargetConverter, TargetOptions
from graphtools.convert.targets.ncnn import prepare_ncnn
from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue
from graphtools.run.runtime_runner import RuntimeProblem
from tests.support import FIXTURES
from tests.transforms.graphs import graph

IMAGE = """
x = Placeholder dtype=float shape=[1,4,6,2]
w = Const value=float:[[[[0.5,-1,2],[1,0.25,-2]]]]
c = Conv2D(x, w) T=float strides={1,1,1,1} padding="VALID"
"""
ENDS = ["input"], ["MobilenetV1/Predictions/Reshape_1"]


@pytest.fixture(scope="module")
def converter(ncnn: Any) -> Iterator[TargetConverter]:  # noqa: ARG001 - skips without
    with TargetConverter(TARGETS.all()["ncnn"]) as found:
        yield found


@pytest.mark.ncnn
@pytest.mark.parametrize("fp16", [False, True])
def test_a_classifier(fp16: bool, converter: TargetConverter, ncnn: Any, tmp_path: Path) -> None:
    """What is written beside the model is all that one needs to run it."""
    source = load(FIXTURES / "classifier" / "frozen.pb")
    options = TargetOptions(fp16=fp16)
    found = converter.convert(source, *ENDS, options, target=tmp_path / "m.ncnn.param")
    names = ["m.ncnn.bin", "m.ncnn.json", "m.ncnn.param"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert found.errors[0].max_abs is not None
    assert found.errors[0].max_abs < 1e-6
    assert any("float16" in note for note in found.notes) == fp16
    told = json.loads((tmp_path / "m.ncnn.json").read_text())
    fed, taken = told["inputs"][0], told["outputs"][0]
    assert (fed["layout"], told["fp16_weights"]) == ("NCHW", fp16)
    with np.load(FIXTURES / "classifier" / "io.npz") as arrays:
        image = arrays["in|input:0"][:1].transpose(0, 3, 1, 2).astype(np.float32).copy()
        wanted = next(arrays[key] for key in arrays.files if key.startswith("out|"))[:1]
    net = ncnn.Net()
    assert net.load_param(str(tmp_path / "m.ncnn.param")) == 0
    assert net.load_model(str(tmp_path / "m.ncnn.bin")) == 0
    run = net.create_extractor()
    run.input(fed["blob"], ncnn.Mat(image, batch_index=fed["batch_index"]).clone())
    _, values = run.extract(taken["blob"])
    values = values.numpy(batch_index=taken["batch_index"])
    np.testing.assert_allclose(values, wanted, atol=1e-3 if fp16 else 1e-6)


@pytest.mark.ncnn
def test_a_layer_that_ncnn_lacks_is_named_and_no_file_kept(
    converter: TargetConverter, tmp_path: Path
) -> None:
    text = (
        IMAGE + "a = Const value=int32:3\ny = ArgMax(c, a) T=float Tidx=int32 output_type=int64\n"
    )
    with pytest.raises(RuntimeProblem, match="pnnx") as caught:
        converter.convert(graph(text), ["x"], ["y"], target=tmp_path / "m.ncnn.param")
    assert caught.value.remedy
    assert not list(tmp_path.iterdir())


@pytest.mark.ncnn
def test_a_constant_output_lies_beside(converter: TargetConverter, tmp_path: Path) -> None:
    text = IMAGE + "k = Const value=float:[[1,2],[3,4]]\nanchors = Identity(k) T=float\n"
    place = tmp_path / "m.ncnn.param"
    found = converter.convert(graph(text), ["x"], ["c", "anchors"], target=place)
    assert str(tmp_path / "m.out1.npy") in found.files
    np.testing.assert_array_equal(np.load(tmp_path / "m.out1.npy"), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (("dtype=float shape=[1,4,6,2]", "dtype=float shape=[1,?,6,2]"), InvalidValue, "open size"),
        (("c = Conv2D", "z = Identity(x) T=float\nc = Conv2D"), InvalidGraph, "is an output, too"),
        (
            ("c = Conv2D(x,", "s = Const value=int32:[8,9]\n"
             "r = ResizeBilinear(x, s) T=float align_corners=false half_pixel_centers=false\n"
             "c = Conv2D(r,"),
            ConversionBlocked,
            "half_pixel_centers",
        ),
    ],
)  # fmt: skip
def test_what_ncnn_lacks_is_refused_before(
    change: tuple[str, str], kind: type[GraphtoolsError], says: str
) -> None:
    text = IMAGE.replace(*change)
    asked = target_input(graph(text), ["x"], ["z" if "z =" in text else "c"])
    with pytest.raises(kind, match=says) as caught:
        prepare_ncnn(asked, TargetOptions())
    assert caught.value.remedy


def test_other_types_than_float32_are_refused() -> None:
    text = "x = Placeholder dtype=int32 shape=[1,4]\ny = Identity(x) T=int32"
    with pytest.raises(InvalidGraph, match="int32"):
        prepare_ncnn(target_input(graph(text), ["x"], ["y"]), TargetOptions())


def test_an_open_batch_becomes_one() -> None:
    asked = target_input(graph(IMAGE.replace("[1,4", "[?,4")), ["x"], ["c"])
    found = prepare_ncnn(asked, TargetOptions())
    assert found.shapes[0].dims == (1, 4, 6, 2)
    assert any("became 1" in note for note in found.notes)
