"""What the converter refuses in words of its own, or gets wrong without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue
from graphtools.graph.shape import Shape
from tests.convert.small_graphs import (
    BATCH_NORM,
    DEPTHWISE,
    HARD_ERRORS,
    LOOP,
    NET,
    SOFTMAX,
    TRAINED,
    Convert,
    real_numbers,
    samples,
)
from tests.support import FIXTURES
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        # the converter crashes (SIGSEGV) on these, or the model does not load
        (TRAINED.format(0, "Infinity"), {"quantize": "qat"}, "'y' .* is not finite"),
        (TRAINED.format("NaN", 6), {"quantize": "qat"}, "'y' .* is not finite"),
        (TRAINED.format(6, 0), {"quantize": "qat"}, "'y' .* is empty"),
        (TRAINED.format(0, 0), {"quantize": "qat"}, "'y' .* is empty"),
        (TRAINED.format(0, 1e-38), {"quantize": "qat"}, "'y' .* is too small"),
        (NET, {"quantize": "dummy", "default_ranges": (6, 0)}, "--default-ranges 6,0"),
        (NET, {"quantize": "dummy", "default_ranges": (0, float("inf"))}, "--default-ranges 0,inf"),
        (NET, {"quantize": "dummy", "default_ranges": (1, 6)}, "does not contain 0"),
        (TRAINED.format(0, 6), {"quantize": "qat", "input_stats": {"x": (128, 0)}}, "above 0"),
        (TRAINED.format(0, 6), {"quantize": "qat", "input_stats": {"x": (128, 1e-40)}}, "above 0"),
        (TRAINED.format(0, 6), {"quantize": "qat", "input_stats": {}}, "range of the input 'x'"),
        (TRAINED.format(0, 6), {"quantize": "qat", "input_stats": {"z": (0, 1)}}, "'z', which is"),
        (
            TRAINED.format(0, 6),
            {"quantize": "qat", "quantized_type": "int8", "input_stats": {"x": (128, 128)}},
            "in int8 is from -128 to 127",
        ),
        # these give a float model, or one that was quantized twice, without a word
        (NET, {"quantize": "qat"}, "no FakeQuant nodes"),
        (NET, {"quantize": "dummy"}, "needs ranges to make up"),
        (NET, {"quantize": "int8"}, "there is none"),
        (NET, {"quantize": "int16x8"}, "there is none"),
        (TRAINED.format(0, 6), {"quantize": "int8"}, "quantization-aware already"),
        (TRAINED.format(0, 6), {"quantize": "int16x8"}, "quantization-aware already"),
        (TRAINED.format(0, 6), {"quantize": "dynamic"}, "quantization-aware already"),
        (TRAINED.format(0, 6), {"quantize": "float16"}, "quantization-aware already"),
        (NET, {"quantize": "none", "input_stats": {"x": (0, 1)}}, "has no effect"),
        (NET, {"quantize": "none", "input_type": "uint8"}, "does not go with --quantize none"),
        (NET, {"quantize": "int16x8", "input_type": "int8"}, "does not go with"),
        (NET.replace("-1.5", "NaN"), {"quantize": "qat", "default_ranges": (0, 6)}, "'w' has NaN"),
        # these give an empty model, or an error that says nothing
        (NET.replace("[1,4]", "[0,4]"), {}, "in which there is no element"),
        (NET.replace("[1,4]", "unknown"), {}, "shape of the input 'x' is not known"),
        (NET.replace("x = Placeholder", "v = VariableV2").replace("(x,", "(v,") + "x = Placeholder "
         "dtype=float shape=[1]", {}, "not frozen: 'v'"),
        (NET + "z = Placeholder dtype=float shape=[1,2]\nu = AddV2(y, z) T=float", {"out": "u"},
         "need 'z'"),
        ("x = Placeholder dtype=bfloat16 shape=[2]\ny = Identity(x) T=bfloat16", {}, "bfloat16"),
        ("x = Placeholder dtype=qint8 shape=[2]\ny = Identity(x) T=qint8", {}, "qint8"),
        (NET, {"out": "gone"}, "no node 'gone'"),
        (NET, {"out": "y:3"}, "no tensor 'y:3'"),
        (NET.replace("MatMul(x, w)", "MatMul(x, gone)"), {}, "not in the graph"),
    ],
)  # fmt: skip
def test_what_the_converter_takes_badly_is_refused_before(
    refused: Convert, text: str, options: dict[str, Any], message: str
) -> None:
    options = dict(options)
    if options.get("quantize") in ("qat", "dummy") and "input_stats" not in options:
        options["input_stats"] = {"x": (128, 128)}
    with pytest.raises(GraphtoolsError, match=message) as raised:
        refused(text, outputs=options.pop("out", "y"), **options)
    assert raised.value.remedy or "not in the graph" in message
    assert not refused.target.exists()


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", HARD_ERRORS)
def test_what_not_even_tensorflows_kernels_convert_is_named(
    tf: Any, converted: Convert, name: str
) -> None:
    if name == "cast" and tf.__version__.startswith("2.16."):
        pytest.skip("the converter of TensorFlow 2.16 takes it")
    text, inputs = HARD_ERRORS[name]
    with pytest.raises(ConversionBlocked, match="'y'") as raised:
        converted(text, inputs, select_tf_ops=True)
    (blocker,) = [b for b in raised.value.blockers if b.node == "y"]
    assert blocker.reason
    assert blocker.remedy or raised.value.remedy
    assert not converted.target.exists()


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_that_does_not_load_is_a_finding(converted: Convert) -> None:
    found = converted(
        "x = Placeholder dtype=float shape=[1,?,?,4]\n"
        'y = SpaceToDepth(x) T=float block_size=2 data_format="NHWC"'
    )
    assert found.litert.status == "refused"
    assert not found.sound
    assert "SPACE_TO_DEPTH" in found.findings[0]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_random_values_that_do_not_do_for_a_shape_are_no_fault_of_the_model(
    converted: Convert,
) -> None:
    found = converted(
        "x = Placeholder dtype=float shape=[7]\ns = Placeholder dtype=int32 shape=[?]\n"
        "r = Reshape(x, s) T=float Tshape=int32\ny = Relu(r) T=float",
        "x,s",
    )
    assert found.sound
    assert found.litert.status == "skipped"
    assert any("random values do not do for 's'" in n and "--feed" in n for n in found.notes)


@pytest.mark.tensorflow
@pytest.mark.parametrize(("low", "high", "shown"), [(1, 6, "0 to 5"), (-6, -1, "-5 to 0")])
def test_a_range_without_zero_is_told(converted: Convert, low: int, high: int, shown: str) -> None:
    found = converted(TRAINED.format(low, high), quantize="qat", input_stats={"x": (128, 128)})
    assert any(f"compute with {shown}" in note for note in found.notes)
    scale, zero = found.outputs[0].scale, found.outputs[0].zero_point
    assert scale == pytest.approx(5 / 255)
    assert zero == (0 if low > 0 else 255)


@pytest.mark.tensorflow
def test_weights_that_are_not_symmetric_are_refused_for_int8(converted: Convert) -> None:
    text = NET.replace("(x, w)", "(x, q)") + (
        "lo = Const value=float:-2\nhi = Const value=float:1\n"
        "q = FakeQuantWithMinMaxVars(w, lo, hi) num_bits=8 narrow_range=false"
    )
    options: dict[str, Any] = {"quantize": "qat", "default_ranges": (-6, 6)}
    options["input_stats"] = {"x": (0, 128)}
    with pytest.raises(InvalidGraph, match="not symmetric, which int8 needs") as raised:
        converted(text, quantized_type="int8", **options)
    assert "uint8" in raised.value.remedy
    assert converted(text, **options).outputs[0].dtype == "uint8"
    symmetric = text.replace("float:1\n", "float:2\n")
    assert converted(symmetric, quantized_type="int8", **options).outputs[0].dtype == "int8"


@pytest.mark.tensorflow
def test_statistics_of_an_input_with_a_range_are_told_to_do_nothing(converted: Convert) -> None:
    quant = load(FIXTURES / "quant/frozen.pb")
    bare = converted(quant, "input", "logits", quantize="qat")
    told = converted(quant, "input", "logits", quantize="qat", input_stats={"input": (0, 255)})
    assert bare.sound
    assert any("--input-stats input=0,255 has no effect" in n for n in told.notes)
    assert bare.inputs == told.inputs


@pytest.mark.tensorflow
def test_a_type_that_the_converter_ignores_is_a_finding(converted: Convert) -> None:
    quant = load(FIXTURES / "quant/frozen.pb")
    found = converted(quant, "input", "logits", quantize="qat", output_type="float32")
    assert not found.sound
    assert "ignores --output-type" in found.findings[0]
    assert converted(quant, "input", "logits", quantize="qat", input_type="float32").sound


@pytest.mark.tensorflow
@pytest.mark.parametrize("mode", ["none", "dynamic", "float16"])
def test_nan_and_infinities_in_weights_are_told(converted: Convert, mode: str) -> None:
    for value, what in (("NaN", "NaN"), ("Infinity", "infinity")):
        found = converted(NET.replace("-1.5", value), quantize=mode)
        assert any(f"'w' has {what} (1 of 8 values)" in n for n in found.notes)


@pytest.mark.tensorflow
@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_nan_and_infinities_in_weights_are_refused_where_ranges_are_measured(
    converted: Convert, tmp_path: Path, value: str
) -> None:
    net = graph(NET.replace("-1.5", value))
    with pytest.raises(InvalidGraph, match="'w' has"):
        converted(net, quantize="int8", calibration=samples(tmp_path, net, real_numbers(2, 4)))


@pytest.mark.parametrize(
    "values",
    [
        np.full((2, 4), np.nan, np.float32),
        np.zeros((0, 4), np.float32),
        np.zeros((2, 5), np.float32),
    ],
    ids=["nan", "empty", "shape"],
)
def test_bad_calibration_data_is_refused(tmp_path: Path, values: np.ndarray[Any, Any]) -> None:
    with pytest.raises(GraphtoolsError):
        samples(tmp_path, graph(NET), values)


@pytest.mark.tensorflow
def test_constant_data_does_not_end_in_silence(converted: Convert, tmp_path: Path) -> None:
    net = graph(NET)
    data = samples(tmp_path, net, np.zeros((2, 4), np.float32))
    found = converted(net, quantize="int8", calibration=data)
    assert not found.sound
    assert any("calibration data is constant (x=0)" in f for f in found.findings)
    assert any("in the calibration data are 0" in note for note in data.notes)


@pytest.mark.tensorflow
def test_data_for_another_input_is_refused(converted: Convert, tmp_path: Path) -> None:
    other = graph(NET.replace("x", "z"))
    with pytest.raises(InvalidValue, match="no values for the input 'x'"):
        converted(
            NET, quantize="int8", calibration=samples(tmp_path, other, real_numbers(2, 4), "z")
        )


def test_a_mode_that_litert_computes_wrongly_is_refused(refused: Convert) -> None:
    """With one scale a tensor, its depthwise kernel gives other values in each run."""
    with pytest.raises(InvalidGraph, match="--per-tensor does not go with --quantize dynamic"):
        refused(DEPTHWISE, quantize="dynamic", per_tensor=True)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_softmax_that_vanishes_is_told(converted: Convert, tmp_path: Path) -> None:
    net = graph(SOFTMAX)
    data = samples(tmp_path, net, real_numbers(4, 1, 1001) / 100)
    found = converted(net, quantize="int8", calibration=data)
    assert found.errors[0].vanished
    (text,) = [n for n in found.findings if "all values of the output 'y' are 0" in n]
    assert text.endswith("take the tensor before it as the output: --outputs l")


@pytest.mark.tensorflow
def test_batch_norms_of_version_2_convert(converted: Convert) -> None:
    found = converted(BATCH_NORM.replace("V3", "V2"))
    assert found.sound, found.findings
    assert not found.flex_ops
    assert any("FusedBatchNormV2 became V3" in n for n in found.notes)


@pytest.mark.tensorflow
def test_what_is_too_small_to_be_quantized_is_a_finding(converted: Convert) -> None:
    assert "no weights were quantized" in converted(NET, quantize="dynamic").findings[0]


@pytest.mark.tensorflow
def test_a_model_without_operators_is_a_finding(converted: Convert) -> None:
    assert "its outputs are its inputs" in converted(NET, outputs="x").findings[0]
    assert "do not depend on its inputs" in converted(NET, outputs="w").findings[0]
    same = "x = Placeholder dtype=float shape=[4]\ny = Bitcast(x) T=float type=float"
    assert "its outputs are its inputs" in converted(same).findings[0]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_operators_that_stay_float_are_told(converted: Convert, tmp_path: Path) -> None:
    net = graph(NET.replace("y =", "m =") + "c = Ceil(m) T=float\ny = FloorMod(c, m) T=float")
    data = samples(tmp_path, net, real_numbers(8, 4))
    mixed = converted(net, quantize="int8", calibration=data)
    assert mixed.sound, mixed.findings
    assert any("stay float (CEIL, FLOOR_MOD)" in n for n in mixed.notes)
    full = converted(net, quantize="int8", input_type="int8", calibration=data)
    assert any("stay float (CEIL, FLOOR_MOD)" in f for f in full.findings)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_the_end_of_a_loop_can_be_an_output(converted: Convert) -> None:
    found = converted(LOOP, outputs="exit", input_shapes={"x:0": Shape(())})
    assert found.sound, found.findings
    assert any("an Identity was put behind 'exit'" in n for n in found.notes)
    assert [p.name for p in found.outputs] == ["exit"]
    run = converted.converter.litert.run(converted.target, [np.array(3, np.int32)])
    assert run.outputs[0].real == 10


@pytest.mark.tensorflow
@pytest.mark.parametrize("mode", ["none", "float16", "dynamic"])
def test_a_model_that_draws_random_numbers_is_a_finding(converted: Convert, mode: str) -> None:
    found = converted(
        "x = Placeholder dtype=float shape=[4]\ns = Const value=int32:[4]\n"
        "r = RandomUniform(s) T=int32 dtype=float seed=3 seed2=4\ny = Mul(x, r) T=float",
        quantize=mode,
    )
    assert not found.sound
    assert any("draws random numbers (RANDOM_UNIFORM)" in text for text in found.findings)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_random_indices_of_any_type_do_for_what_they_look_up(converted: Convert) -> None:
    found = converted(
        "x = Placeholder dtype=uint8 shape=[1,4]\nc = Cast(x) SrcT=uint8 DstT=int32\n"
        "t = Const value=float:[[1,2],[3,4],[5,6]]\nz = Const value=int32:0\n"
        "y = GatherV2(t, c, z) Taxis=int32 Tindices=int32 Tparams=float"
    )
    assert found.litert.status == "ran"
    assert found.sound
    assert found.errors[0].max_abs == 0
