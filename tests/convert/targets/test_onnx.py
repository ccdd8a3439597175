"""Conversion to ONNX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphtools import load
from graphtools.convert.conversion.converter_input import target_input
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.target import (
    TARGETS,
    TargetConversion,
    TargetConverter,
    TargetOptions,
)
from graphtools.convert.targets.onnx import prepared
from graphtools.errors import InvalidValue
from tests.support import FIXTURES
from tests.transforms.graphs import graph

IMAGE = """
x = Placeholder dtype=float shape=[?,4,6,2]
w = Const value=float:[[[[0.5,-1,2],[1,0.25,-2]]]]
y = Conv2D(x, w) T=float strides={1,1,1,1} padding="VALID"
"""
GELU = """
x = Placeholder dtype=float shape=[2,3]
e = Erfc(x) T=float
y = Mul(x, e) T=float
"""
HASH = """
x = Placeholder dtype=float shape=[2]
s = AsString(x) T=float precision=-1 scientific=false shortest=false width=-1 fill=""
h = StringToHashBucketFast(s) num_buckets=100
y = Cast(h) SrcT=int64 DstT=float Truncate=false
"""
TRAINED = """
x = Placeholder dtype=float shape=[1,8]
lo = Const value=float:-1
hi = Const value=float:2
q = FakeQuantWithMinMaxVars(x, lo, hi) num_bits={0} narrow_range={1}
y = Mul(q, hi) T=float
"""
LIST = """
x = Placeholder dtype=float shape=[1,4]
n = Const value=int32:3
s = Const value=int32:[1,4]
l = TensorListReserve(s, n) element_dtype=float shape_type=int32
"""


@pytest.fixture(scope="module")
def converter(onnx: Any) -> Iterator[TargetConverter]:  # noqa: ARG001 - skips without
    with TargetConverter(TARGETS.all()["onnx"]) as found:
        yield found


def convert(converter: TargetConverter, text: str, place: Path, **options: Any) -> TargetConversion:
    return converter.convert(graph(text), ["x"], ["y"], TargetOptions(**options), target=place)


@pytest.mark.onnx
def test_a_classifier(converter: TargetConverter, onnx: Any, tmp_path: Path) -> None:
    place = tmp_path / "m.onnx"
    source = load(FIXTURES / "classifier" / "frozen.pb")
    ends = ["input"], ["MobilenetV1/Predictions/Reshape_1"]
    found = converter.convert(source, *ends, target=place)
    assert found.errors[0].max_abs is not None
    assert found.errors[0].max_abs < 1e-6
    assert [port.shape for port in found.inputs] == [(None, 32, 32, 3)]
    onnx.checker.check_model(str(place))
    assert found.size == place.stat().st_size


@pytest.mark.onnx
@pytest.mark.parametrize("as_nchw", [False, True])
def test_images_channels_first(as_nchw: bool, converter: TargetConverter, tmp_path: Path) -> None:
    place = tmp_path / "m.onnx"
    found = convert(converter, IMAGE, place, inputs_as_nchw=as_nchw, outputs_as_nchw=as_nchw)
    assert [port.layout for port in (*found.inputs, *found.outputs)] == ["NCHW" * as_nchw] * 2
    assert found.inputs[0].shape == ((None, 2, 4, 6) if as_nchw else (None, 4, 6, 2))


@pytest.mark.onnx
def test_what_gelu_is_made_of_is_written_out(converter: TargetConverter, tmp_path: Path) -> None:
    found = convert(converter, GELU, tmp_path / "m.onnx")
    assert dict(found.operators)["Erf"] == 1


@pytest.mark.onnx
def test_an_op_that_onnx_lacks_is_named_and_no_file_kept(
    converter: TargetConverter, tmp_path: Path
) -> None:
    with pytest.raises(ConversionBlocked, match="does not convert to ONNX") as caught:
        convert(converter, HASH, tmp_path / "m.onnx")
    assert {b.op for b in caught.value.blockers} >= {"StringToHashBucketFast"}
    assert "outputs" in caught.value.remedy
    assert not list(tmp_path.iterdir())


@pytest.mark.onnx
def test_trained_ranges_stay_where_onnx_has_them(
    converter: TargetConverter, tmp_path: Path
) -> None:
    found = convert(converter, TRAINED.format(8, "false"), tmp_path / "a.onnx")
    assert {"QuantizeLinear", "DequantizeLinear"} <= {name for name, _ in found.operators}
    assert any("WeightBiasQuantization" in note for note in found.notes)
    other = convert(converter, TRAINED.format(4, "true"), tmp_path / "b.onnx")
    assert "QuantizeLinear" not in {name for name, _ in other.operators}
    assert any("became arithmetic" in note for note in other.notes)


@pytest.mark.onnx
def test_an_opset_that_is_not_written_is_refused(
    converter: TargetConverter, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValue, match="9 to 18"):
        convert(converter, IMAGE, tmp_path / "m.onnx", opset=19)


def test_a_lowered_loop_is_refused_before() -> None:
    from graphtools.convert.targets.onnx import refuse_lowered_loops
    from tests.convert.small_graphs import LOOP

    refuse_lowered_loops(graph(LOOP))
    refuse_lowered_loops(graph(LIST))
    loop = LOOP.replace("x = Placeholder dtype=int32 shape=[]\n", "y = Const value=int32:1\n")
    with pytest.raises(ConversionBlocked, match="TensorListReserve") as caught:
        refuse_lowered_loops(graph(LIST + loop.replace("Enter(x)", "Enter(y)")))
    assert "SavedModel" in caught.value.remedy


def test_what_is_prepared() -> None:
    graph_, notes = prepared(target_input(graph(GELU), ["x"], ["y"]))
    assert [n.op for n in graph_ if n.op in ("Erfc", "Erf", "Sub")] == ["Erf", "Sub"]
    assert notes == ["Erfc became 1 - Erf, which ONNX has"]
    plain, notes = prepared(target_input(graph(TRAINED.format(8, "false")), ["x"], ["y"]))
    assert any(n.op.startswith("FakeQuant") for n in plain)
    assert not notes


@pytest.mark.onnx
def test_what_is_before_classes_that_are_all_alike_is_compared(
    converter: TargetConverter, tmp_path: Path
) -> None:
    text = """
    x = Placeholder dtype=float shape=[1,8]
    small = Const value=float:1e-9
    logits = Mul(x, small) T=float
    y = Softmax(logits) T=float
    """
    found = convert(converter, text, tmp_path / "m.onnx")
    assert found.errors[0].varies_little
    assert any("'logits' before it was compared" in note for note in found.notes)
