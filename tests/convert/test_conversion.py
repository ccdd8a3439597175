"""Conversions by TensorFlow's converter itself; one process converts them all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.convert.calibrating import calibration_for
from graphtools.convert.conversion import Conversion, Converter, convert
from graphtools.convert.conversion_errors import ConversionBlocked
from graphtools.convert.conversion_options import ConversionOptions
from graphtools.convert.messages import TensorFlowProblem
from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue, MissingExtra
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from tests.support import FIXTURES, shared_models
from tests.transforms.graphs import graph

NET = """
x = Placeholder dtype=float shape=[1,4]
w = Const value=float:[[1,2],[0.5,-1],[-1.5,1],[1,1]]
y = MatMul(x, w) T=float transpose_a=false transpose_b=false
"""
#: Weights of 1,024 values and more are quantized by `dynamic`.
LARGE_NET = """
x = Placeholder dtype=float shape=[1,64]
w = Const value=float:zeros[64,32]
y = MatMul(x, w) T=float transpose_a=false transpose_b=false
"""
TRAINED = """
x = Placeholder dtype=float shape=[1,4]
r = Relu(x) T=float
lo = Const value=float:{0}
hi = Const value=float:{1}
y = FakeQuantWithMinMaxVars(r, lo, hi) num_bits=8 narrow_range=false
"""
LOOP = """
x = Placeholder dtype=int32 shape=[]
enter = Enter(x) T=int32 frame_name="loop" is_constant=false parallel_iterations=1
merge = Merge(enter, next) T=int32 N=2
limit = Const(^merge) value=int32:10
less = Less(merge, limit) T=int32
condition = LoopCond(less)
switch = Switch(merge, condition) T=int32
inside = Identity(switch:1) T=int32
one = Const(^inside) value=int32:1
add = AddV2(inside, one) T=int32
next = NextIteration(add) T=int32
exit = Exit(switch) T=int32
"""
DETECTIONS = ["TFLite_Detection_PostProcess"] + [
    f"TFLite_Detection_PostProcess:{i}" for i in (1, 2, 3)
]


@pytest.fixture(scope="module")
def converter(tf: Any) -> Iterator[Converter]:
    """Converts all graphs of this module in one process."""
    with Converter(time_limit=60) as found:
        yield found


class Convert:
    """Converts graphs given as text to a file, with a process that is there already."""

    def __init__(self, converter: Converter, folder: Path) -> None:
        self.converter = converter
        self.target = folder / "model.tflite"

    def __call__(
        self, text: str | Graph, inputs: str = "x", outputs: str = "y", **options: Any
    ) -> Conversion:
        own = {k: options.pop(k) for k in ("input_shapes", "calibration") if k in options}
        return self.converter.convert(
            graph(text) if isinstance(text, str) else text,
            inputs.split(","),
            outputs.split(","),
            ConversionOptions(**options),
            target=self.target,
            **own,
        )

    def model(self) -> TFLiteModel:
        found = open_model(self.target)
        assert isinstance(found, TFLiteModel)
        return found


@pytest.fixture
def converted(converter: Converter, tmp_path: Path) -> Convert:
    return Convert(converter, tmp_path)


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Convert]:
    """Converts nothing: for what is refused before TensorFlow is asked."""
    converter = Converter()
    yield Convert(converter, tmp_path)
    converter.__exit__(None, None, None)


def samples(folder: Path, of: Graph, values: np.ndarray[Any, Any], name: str = "x") -> Any:
    np.savez(folder / "samples.npz", **{name: values})  # type: ignore[arg-type]  # an array
    return calibration_for(of, [name], folder / "samples.npz")


def real_numbers(count: int = 8, *shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).normal(size=(count, *shape)).astype(np.float32)


@pytest.mark.tensorflow
@pytest.mark.litert
def test_a_float_graph_becomes_a_model_that_runs(converted: Convert, litert: Any) -> None:
    found = converted(NET)
    assert found.sound, found.findings
    assert [(p.name, p.tensor, p.dtype, p.shape) for p in (*found.inputs, *found.outputs)] == [
        ("x", "x", "float32", (1, 4)),
        ("y", "y", "float32", (1, 2)),
    ]
    assert [(o.op, o.count) for o in found.operators] == [("FULLY_CONNECTED", 1)]
    assert found.litert.status == "ran"
    assert not found.errors
    assert found.size == converted.target.stat().st_size
    run = converted.converter.litert.run(converted.target, [np.ones((1, 4), np.float32)])
    assert run.outputs[0].real.tolist() == [[1, 3]]


@pytest.mark.tensorflow
def test_a_second_conversion_imports_nothing_again(converted: Convert) -> None:
    converted(NET)
    process = converted.converter.worker.process
    converted(LARGE_NET)
    assert converted.converter.worker.process is process


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(
    ("options", "types", "error"),
    [
        ({"quantize": "dynamic"}, ("float32", "float32"), 0.05),
        ({"quantize": "float16"}, ("float32", "float32"), 0.01),
        ({"quantize": "int8"}, ("float32", "float32"), 0.2),
        ({"quantize": "int8", "per_tensor": True}, ("float32", "float32"), 0.2),
        ({"quantize": "int8", "input_type": "int8"}, ("int8", "float32"), 0.2),
        (
            {"quantize": "int8", "input_type": "uint8", "output_type": "int8"},
            ("uint8", "int8"),
            0.2,
        ),
        ({"quantize": "int16x8"}, ("float32", "float32"), 0.1),
        (
            {"quantize": "int16x8", "input_type": "int16", "output_type": "int16"},
            ("int16", "int16"),
            0.1,
        ),
        (
            {"quantize": "dummy", "default_ranges": (-6, 6), "input_stats": {"x": (128, 32)}},
            ("uint8", "uint8"),
            6,
        ),
        (
            {
                "quantize": "dummy",
                "quantized_type": "int8",
                "default_ranges": (-6, 6),
                "input_stats": {"x": (0, 32)},
            },
            ("int8", "int8"),
            6,
        ),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_every_way_of_quantizing_works_and_tells_its_error(
    converted: Convert,
    tmp_path: Path,
    litert: Any,
    options: dict[str, Any],
    types: tuple[str, str],
    error: float,
) -> None:
    net = graph(LARGE_NET)
    weights = real_numbers(64, 32) / 8
    net.set_attr(net["w"], "value", type(net["w"].tensor).from_array(weights))  # type: ignore[union-attr]
    data = samples(tmp_path, net, real_numbers(8, 64))
    found = converted(net, calibration=data, **options)
    assert found.sound, found.findings
    assert (found.inputs[0].dtype, found.outputs[0].dtype) == types
    assert found.litert.status == "ran"
    measured = found.errors[0]
    assert (measured.name, measured.samples) == ("y", 8)
    assert measured.max_abs is not None
    assert 0 < measured.max_abs < error
    assert "samples.npz" in found.error_data
    assert found.size < 0.7 * found.source_size


@pytest.mark.tensorflow
@pytest.mark.litert
def test_without_data_the_error_is_measured_on_random_values(
    converted: Convert, litert: Any
) -> None:
    found = converted(LARGE_NET, quantize="dynamic")
    assert "random" in found.error_data
    assert found.errors[0].max_abs == 0  # its weights are 0


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


CRASHES = {
    "div": "a = Const value=int32:4\nb = Const value=int32:0\nd = Div(a, b) T=int32\n"
    "i = Placeholder dtype=int32 shape=[2]\ny = AddV2(i, d) T=int32",
    "realdiv": "a = Const value=int64:[4,2]\nb = Const value=int64:[1,0]\n"
    "d = RealDiv(a, b) T=int64\ni = Placeholder dtype=int64 shape=[2]\ny = AddV2(i, d) T=int64",
    "truncatediv": "a = Const value=int32:4\nb = Const value=int32:0\n"
    "d = TruncateDiv(a, b) T=int32\ni = Placeholder dtype=int32 shape=[2]\n"
    "y = AddV2(i, d) T=int32",
    "sigmoidgrad": "i = Placeholder dtype=double shape=[2]\ny = SigmoidGrad(i, i) T=double",
    "batchnorm": "i = Placeholder dtype=half shape=[1,2,2,3]\nm = Const value=half:[0,0,0]\n"
    "y = BatchNormWithGlobalNormalization(i, m, m, m, m) T=half variance_epsilon=0.001 "
    "scale_after_normalization=true",
    "fused": "i = Placeholder dtype=bfloat16 shape=[1,2,2,3]\nc = Cast(j) SrcT=float "
    "DstT=bfloat16\nj = Placeholder dtype=float shape=[1,2,2,3]\nm = Const value=bfloat16:[1,1,1]\n"
    "y = FusedBatchNormV3(c, m, m, m, m) T=bfloat16 U=bfloat16 epsilon=0.001 is_training=false "
    'data_format="NHWC"',
    "matrixdiag": "i = Placeholder dtype=string shape=[2]\ny = MatrixDiag(i) T=string",
    "nextiteration": "i = Placeholder dtype=float shape=[2]\ny = NextIteration(i) T=float",
    "splitv": "i = Placeholder dtype=float shape=[4]\ns = Const value=int32:[[2,2]]\n"
    "a = Const value=int32:0\ny = SplitV(i, s, a) T=float num_split=2 Tlen=int32",
}


@pytest.mark.parametrize("name", CRASHES)
def test_what_the_converter_crashes_on_is_named(refused: Convert, name: str) -> None:
    text = CRASHES[name]
    inputs = "j" if "j = " in text else "i"
    with pytest.raises(ConversionBlocked, match="would crash at node") as raised:
        refused(text, inputs=inputs)
    (blocker,) = raised.value.blockers
    assert blocker.kind == "crash"
    assert blocker.remedy


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", ["div", "sigmoidgrad", "matrixdiag"])
def test_a_crash_of_the_converter_is_an_outcome(
    tf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The recipes do crash it, and the next graph converts all the same."""
    monkeypatch.setattr("graphtools.convert.converter_input.find_crashes", lambda graph: ())
    with Converter(time_limit=60) as converter:
        convert = Convert(converter, tmp_path)
        with pytest.raises(TensorFlowProblem, match="converter crashed") as raised:
            convert(CRASHES[name], inputs="i")
        assert raised.value.kind == "crashed"
        assert raised.value.remedy
        assert convert(NET).sound


@pytest.mark.tensorflow
def test_a_hang_ends_at_the_time_limit(tf: Any, converted: Convert) -> None:
    converter = converted.converter
    converted(NET)
    converter.worker.time_limit = 0.001
    try:
        with pytest.raises(TensorFlowProblem, match=r"converter did not end within 0\.001") as hung:
            converted(NET)
    finally:
        converter.worker.time_limit = 60
    assert hung.value.kind == "hung"
    assert "--timeout" in hung.value.remedy
    assert converted(NET).sound


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize("ranges", [None, (0.0, 6.0)])
def test_the_recipe_that_hangs_works(
    converted: Convert, litert: Any, ranges: tuple[float, float] | None
) -> None:
    """A node with _output_quantized together with default ranges."""
    ssd = load(FIXTURES / "ssd/tflite_graph.pb")
    ssd.set_attr(ssd["TFLite_Detection_PostProcess"], "_output_quantized", True)
    found = converted(
        ssd,
        "normalized_input_image_tensor",
        ",".join(DETECTIONS),
        quantize="dummy" if ranges else "none",
        default_ranges=ranges,
        input_stats={"": (128, 128)} if ranges else {},
        allow_custom_ops=True,
    )
    assert found.sound, found.findings
    assert found.custom_ops == ("TFLite_Detection_PostProcess",)
    assert found.litert.status == "ran"
    assert found.inputs[0].dtype == ("uint8" if ranges else "float32")


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
    assert found.notes or found.findings or found.errors


@pytest.mark.tensorflow
def test_data_for_another_input_is_refused(converted: Convert, tmp_path: Path) -> None:
    other = graph(NET.replace("x", "z"))
    with pytest.raises(InvalidValue, match="no values for the input 'x'"):
        converted(
            NET, quantize="int8", calibration=samples(tmp_path, other, real_numbers(2, 4), "z")
        )


@pytest.mark.tensorflow
def test_what_is_too_small_to_be_quantized_is_a_finding(converted: Convert) -> None:
    assert "no weights were quantized" in converted(NET, quantize="dynamic").findings[0]


@pytest.mark.tensorflow
def test_a_model_without_operators_is_a_finding(converted: Convert) -> None:
    assert "its outputs are its inputs" in converted(NET, outputs="x").findings[0]
    assert "do not depend on its inputs" in converted(NET, outputs="w").findings[0]


@pytest.mark.tensorflow
@pytest.mark.litert
def test_operators_that_stay_float_are_told(
    converted: Convert, tmp_path: Path, litert: Any
) -> None:
    net = graph(NET.replace("y =", "m =") + "c = Ceil(m) T=float\ny = FloorMod(c, m) T=float")
    data = samples(tmp_path, net, real_numbers(8, 4))
    mixed = converted(net, quantize="int8", calibration=data)
    assert mixed.sound, mixed.findings
    assert any("stay float (CEIL, FLOOR_MOD)" in n for n in mixed.notes)
    full = converted(net, quantize="int8", input_type="int8", calibration=data)
    assert any("stay float (CEIL, FLOOR_MOD)" in f for f in full.findings)


@pytest.mark.tensorflow
@pytest.mark.litert
def test_the_end_of_a_loop_can_be_an_output(converted: Convert, litert: Any) -> None:
    found = converted(LOOP, outputs="exit", input_shapes={"x:0": Shape(())})
    assert found.sound, found.findings
    assert any("an Identity was put behind 'exit'" in n for n in found.notes)
    assert [p.name for p in found.outputs] == ["exit"]
    run = converted.converter.litert.run(converted.target, [np.array(3, np.int32)])
    assert run.outputs[0].real == 10


@pytest.mark.tensorflow
def test_blocking_nodes_are_listed_all_at_once(converted: Convert) -> None:
    text = (
        "x = Placeholder dtype=float shape=[1,4]\na/erf = Erf(x) T=float\n"
        "c = Erfc(a/erf) T=float\ny = Tan(c) T=float"
    )
    with pytest.raises(ConversionBlocked) as raised:
        converted(text)
    found = {b.node: (b.op, b.kind) for b in raised.value.blockers}
    assert found["a/erf"] == ("Erf", "flex")
    assert found["y"] == ("Tan", "flex")
    assert list(found) == [n for n in ("a/erf", "c", "y") if n in found]
    assert all(b.reason and b.remedy for b in raised.value.blockers)
    assert "loc(" not in str(raised.value)


@pytest.mark.tensorflow
def test_a_model_with_tensorflows_kernels_says_that_it_runs_nowhere(converted: Convert) -> None:
    found = converted("x = Placeholder dtype=float shape=[1,4]\ny = Erf(x) T=float",
                      select_tf_ops=True)  # fmt: skip
    assert found.flex_ops == ("FlexErf",)
    assert found.litert.status == "skipped"
    assert any("neither LiteRT nor tf.lite" in n for n in found.notes)


@pytest.mark.tensorflow
def test_a_custom_op_gets_a_definition(converted: Convert) -> None:
    text = (
        "x = Placeholder dtype=float shape=[1,4]\nt = Placeholder dtype=int32 shape=[2]\n"
        'c = MyDetector(x, t) threshold=0.5 T=float count=3 mode="fast"\n'
        "y = Relu(c:1) T=float"
    )
    with pytest.raises(ConversionBlocked, match="'c' is a custom op, MyDetector") as raised:
        converted(text, "x,t")
    assert raised.value.remedy == "--allow-custom-ops"
    found = converted(text, "x,t", allow_custom_ops=True)
    assert found.custom_ops == ("MyDetector",)
    assert any("has to register" in n for n in found.notes)
    assert found.litert.status == "skipped"


@pytest.mark.tensorflow
def test_what_another_op_gives_can_be_an_input(converted: Convert) -> None:
    found = converted(NET.replace("y =", "m =") + "y = Relu(m) T=float", inputs="m")
    assert [(p.name, p.shape) for p in found.inputs] == [("m", (1, 2))]
    assert [o.op for o in found.operators] == ["RELU"]


@pytest.mark.tensorflow
def test_a_given_shape_takes_the_place_of_the_graphs(converted: Convert) -> None:
    text = NET.replace("shape=[1,4]", "shape=unknown")
    found = converted(text, input_shapes={"x:0": Shape((3, 4))})
    assert found.inputs[0].shape == (3, 4)
    assert found.outputs[0].shape == (3, 2)


@pytest.mark.tensorflow
@pytest.mark.litert
def test_a_trained_detector_equals_what_toco_made(
    converted: Convert, tmp_path: Path, litert: Any
) -> None:
    """Also under the flags of 2019 with default ranges, for which 2.21 does not end."""
    folder = shared_models()
    results = json.loads((folder / "tflite/results.json").read_text())
    assert results
    reference = next((folder / "tflite").glob("ssd_quant_small_seed_stddev*.tflite"))
    ssd = load(folder / "od/ssd_mobilenet_v1_quantized_small/tflite_graph.pb")
    image = np.random.default_rng(1).integers(0, 256, (1, 300, 300, 3), np.uint8)
    runs = []
    shutil.copy(reference, tmp_path / "toco.tflite")
    litert_process = converted.converter.litert
    wanted = litert_process.run(tmp_path / "toco.tflite", [image])
    for ranges in (None, (0.0, 6.0)):
        found = converted(
            ssd,
            "normalized_input_image_tensor",
            ",".join(DETECTIONS),
            quantize="qat",
            input_stats={"": (128, 128)},
            default_ranges=ranges,
            allow_custom_ops=True,
        )
        assert found.sound, found.findings
        runs.append(litert_process.run(converted.target, [image]))
    for run in runs:
        for ours, theirs in zip(run.outputs, wanted.outputs, strict=True):
            np.testing.assert_allclose(ours.real, theirs.real, atol=1e-5)


@pytest.mark.tensorflow
def test_mobilenet_converts_in_every_mode(converted: Convert, tmp_path: Path) -> None:
    net = load(shared_models() / "slim/mobilenet_v1_0.25_128/frozen.pb")
    out = "MobilenetV1/Predictions/Reshape_1"
    images = np.random.default_rng(0).uniform(-1, 1, (4, 128, 128, 3)).astype(np.float32)
    data = samples(tmp_path, net, images, "input")
    for mode in ("none", "dynamic", "float16", "int8", "int16x8"):
        found = converted(net, "input", out, quantize=mode, calibration=data)
        assert found.sound, (mode, found.findings)


def test_without_tensorflow_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    with pytest.raises(MissingExtra, match="converting a graph needs a package"):
        convert(graph(NET), ["x"], ["y"], target=tmp_path / "m.tflite")
