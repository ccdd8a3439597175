from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import (
    FileProblem,
    GraphtoolsError,
    InvalidValue,
    MissingExtra,
    NothingFound,
    UnknownName,
)
from graphtools.run import litert as module
from graphtools.run.answers import CannotImport, NoRoom, NotDone, Ready
from graphtools.run.bench import bench
from graphtools.run.litert import LiteRT
from graphtools.run.litert_messages import LiteRTProblem
from graphtools.run.litert_tensors import LiteRTTensor, dequantize
from graphtools.run.passing import encode
from tests.support import FIXTURES, shared_models

QUANT = FIXTURES / "quant" / "model.tflite"
FLOAT = FIXTURES / "quant" / "float.tflite"
DETECTOR = FIXTURES / "ssd" / "detect.tflite"
READY = f"import sys, os, time, signal\nprint({encode(Ready('1'))!r}, flush=True)\ninput()\n"


@pytest.fixture(scope="module")
def runner() -> Iterator[LiteRT]:
    with LiteRT(60) as found:
        yield found


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., LiteRTProblem]:
    """Inspects a model in a child that runs some code in LiteRT's place; what goes wrong."""
    monkeypatch.setattr(module, "require_litert", lambda: None)

    def run(program: str, time_limit: float = 20) -> LiteRTProblem:
        with LiteRT(time_limit, program=program) as child, pytest.raises(LiteRTProblem) as raised:
            child.inspect(QUANT)
        return raised.value

    return run


def test_without_litert_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with LiteRT() as child, pytest.raises(MissingExtra, match="pip install 'ai-edge-litert"):
        child.inspect(QUANT)


def test_a_litert_that_cannot_be_imported_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_litert", lambda: None)
    program = f"print({encode(CannotImport('no libLiteRt'))!r}, flush=True)"
    with LiteRT(20, program=program) as child, pytest.raises(GraphtoolsError, match="no libLiteRt"):
        child.inspect(QUANT)


def test_there_is_one_thread_at_least() -> None:
    with pytest.raises(InvalidValue, match="0 threads"):
        LiteRT(threads=0)


def test_a_crash_is_an_outcome(pretended: Callable[..., LiteRTProblem]) -> None:
    problem = pretended(READY + "os.kill(os.getpid(), signal.SIGSEGV)")
    assert problem.kind == "crashed"
    assert "LiteRT crashed (SIGSEGV)" in problem.message
    assert str(QUANT) in problem.message


def test_lack_of_memory_is_an_outcome(pretended: Callable[..., LiteRTProblem]) -> None:
    assert pretended(READY + "os.kill(os.getpid(), signal.SIGKILL)").kind == "memory"


def test_a_folder_that_is_full_for_the_child_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_litert", lambda: None)
    answer = encode(NoRoom("values.npz", "No space left on device"))
    program = READY + f"print({answer!r}, flush=True)"
    with LiteRT(20, program=program) as child, pytest.raises(FileProblem, match="values") as raised:
        child.inspect(QUANT)
    assert "TMPDIR" in raised.value.remedy


def test_a_hang_is_an_outcome(pretended: Callable[..., LiteRTProblem]) -> None:
    problem = pretended(READY + "time.sleep(60)", time_limit=1)
    assert problem.kind == "hung"
    assert "within 1 seconds" in problem.message


def test_what_the_child_prints_does_not_disturb(pretended: Callable[..., LiteRTProblem]) -> None:
    answer = encode(NotDone("failed", "a.cc:12 bad shape"))
    said = f"print({answer!r}, flush=True)\ninput()"
    assert pretended(READY + said).kind == "failed"


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_is_run_as_it_was_recorded(runner: LiteRT) -> None:
    with np.load(FIXTURES / "quant" / "io.npz") as arrays:
        image = arrays["in|input:0"]
    found = runner.run(QUANT, {"input": image})
    assert found.inputs[0].raw.dtype == np.uint8
    (logits,) = found.outputs
    assert logits.tensor.name == "logits"
    assert logits.tensor.is_quantized
    assert logits.real.dtype == np.float32
    np.testing.assert_array_equal(logits.real, dequantize(logits.raw, logits.tensor))
    again = runner.run(QUANT, [found.inputs[0].raw])  # by order, as integers
    np.testing.assert_array_equal(again.outputs[0].raw, logits.raw)
    assert not found.tensors


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_every_tensor_comes_in_the_order_of_execution(runner: LiteRT) -> None:
    found = runner.run(FLOAT, every_tensor=True)
    names = [v.tensor.name.split(";")[0].rsplit("/", 1)[-1] for v in found.tensors]
    assert names[0] == "Relu6"
    assert names[-1] == "Reshape_1"
    plain = runner.run(FLOAT)
    np.testing.assert_array_equal(plain.outputs[0].raw, found.outputs[0].raw)
    np.testing.assert_array_equal(found.tensors[-1].raw, found.outputs[0].raw)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_random_inputs_are_the_same_each_time(runner: LiteRT) -> None:
    first, second, other = (runner.run(FLOAT, seed=s).inputs[0].raw for s in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_times_are_told(runner: LiteRT) -> None:
    found = runner.time(FLOAT, runs=3, warmup=1, seconds=60)
    assert len(found.seconds) == 3
    assert min(found.loading, found.first, *found.seconds) > 0
    assert len(runner.time(FLOAT, runs=10_000_000, warmup=0, seconds=1e-9).seconds) == 1


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_reference_kernels_give_nearly_the_same(runner: LiteRT) -> None:
    with LiteRT(60, reference=True) as reference:
        found = reference.run(QUANT).outputs[0].raw.astype(int)
    assert np.abs(found - runner.run(QUANT).outputs[0].raw).max() <= 1


@pytest.mark.litert
@pytest.mark.parametrize(
    ("feeds", "error", "message"),
    [
        ({"nonsense": np.zeros(1)}, UnknownName, "no input 'nonsense'"),
        ([], InvalidValue, "has 1 inputs, and 0 are fed"),
        ([np.zeros((1, 5), np.float32)], InvalidValue, "its values have"),
        ([np.full((1, 16, 16, 3), np.nan, np.float32)], InvalidValue, "not all finite"),
        ([np.full((1, 16, 16, 3), 256, np.int64)], InvalidValue, "its values are int64"),
        ([np.full((1, 16, 16, 3), b"x", object)], InvalidValue, "its values are object"),
    ],
)
@pytest.mark.usefixtures("litert")
def test_feeds_that_do_not_fit_are_said(
    runner: LiteRT, feeds: Any, error: type[GraphtoolsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        runner.run(QUANT, feeds)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_what_is_no_model_is_refused(runner: LiteRT, tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        runner.inspect(tmp_path / "nothing.tflite")
    text = tmp_path / "with a blank.tflite"
    text.write_text("no model")
    with pytest.raises(LiteRTProblem) as raised:
        runner.inspect(text)
    assert raised.value.kind == "refused"
    assert "not a valid Flatbuffer" in raised.value.message


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_damage_never_ends_the_program(tmp_path: Path) -> None:
    """Flipped bits: the model is refused, or runs, or crashes in the child."""
    raw = QUANT.read_bytes()
    outcomes: dict[str, int] = {}
    numbers = np.random.default_rng(0)
    path = tmp_path / "damaged.tflite"
    with LiteRT(20) as child:
        for _ in range(60):
            damaged = bytearray(raw)
            damaged[numbers.integers(len(raw))] ^= 1 << int(numbers.integers(8))
            path.write_bytes(damaged)
            try:
                child.run(path, every_tensor=bool(numbers.integers(2)))
                kind = "ran"
            except GraphtoolsError as problem:
                assert "\n" not in problem.message
                kind = getattr(problem, "kind", type(problem).__name__)
            outcomes[kind] = outcomes.get(kind, 0) + 1
        path.write_bytes(raw)
        child.run(path)  # whatever came before
    assert outcomes["ran"]
    assert outcomes.get("refused")


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_that_changes_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    with LiteRT(20) as child:
        shutil.copy(QUANT, path)
        assert child.inspect(path).outputs[0].name == "logits"
        shutil.copy(FLOAT, path)
        assert child.inspect(path).outputs[0].name != "logits"


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_toco_recorded_the_same() -> None:
    folder = shared_models() / "tflite"
    exact = ("quant_smallnet_ranges", "mobilenet_0.25_quant_dummy", "ssd_quant_small_nopost")
    near = ("atrous_float", "mobilenet_0.25_posttrainq", "smallnet_floatgraph_float")
    with LiteRT(60, reference=True) as child:
        for name in (*exact, *near):
            with np.load(folder / f"{name}_io.npz") as arrays:
                values = {key: arrays[key] for key in arrays.files}
            feeds = [v for k, v in values.items() if k.startswith("in|")]
            for output in child.run(folder / f"{name}.tflite", feeds).outputs:
                wanted = values[f"out|{output.tensor.name}"]
                if name in exact:
                    np.testing.assert_array_equal(output.raw, wanted)
                else:
                    np.testing.assert_allclose(output.raw, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_ops_that_litert_does_not_have_are_named(tf: Any, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, (1, 4), name="x")
        y = tf.identity(tf.math.erf(x), name="y")
        converter = v1.lite.TFLiteConverter.from_session(v1.Session(graph=graph), [x], [y])
    flex, custom = tmp_path / "flex.tflite", tmp_path / "custom.tflite"
    converter.allow_custom_ops = True
    custom.write_bytes(converter.convert())
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS,
        tf.lite.OpsSet.SELECT_TF_OPS,
    ]
    flex.write_bytes(converter.convert())
    with LiteRT(60) as child:
        for path, kind, op in ((flex, "flex", "FlexErf"), (custom, "custom", "Erf")):
            with pytest.raises(LiteRTProblem) as raised:
                child.inspect(path)
            assert (raised.value.kind, raised.value.op) == (kind, op)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_unknown_dimensions_take_those_of_the_values(tf: Any, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, (None, 4), name="x")
        y = tf.nn.relu(x, name="y")
        converter = v1.lite.TFLiteConverter.from_session(v1.Session(graph=graph), [x], [y])
    path = tmp_path / "any.tflite"
    path.write_bytes(converter.convert())
    with LiteRT(60) as child:
        assert child.inspect(path).inputs[0].signature == (None, 4)
        for rows in (3, 1, 2):
            given = np.arange(-4, 4 * rows - 4, dtype=np.float32).reshape(rows, 4)
            (found,) = child.run(path, [given]).outputs
            np.testing.assert_array_equal(found.raw, np.maximum(given, 0))
            assert found.tensor.shape == (rows, 4)


def test_a_tensor_has_scales_for_slices() -> None:
    tensor = LiteRTTensor(0, "w", "int8", (2, 2), (2, 2), (0.5, 2.0), (0, 1), 1)
    real = dequantize(np.array([[1, 2], [3, 4]], np.int8), tensor)
    np.testing.assert_array_equal(real, [[0.5, 2.0], [1.5, 6.0]])


def flex(path: Path, op: str) -> Path:
    """The detector with a kernel of TensorFlow in the place of its custom operator."""
    name, code = b"TFLite_Detection_PostProcess", f"Flex{op}".encode()
    old, new = (len(text).to_bytes(4, "little") + text for text in (name, code))
    raw = DETECTOR.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new.ljust(len(old), b"\0")))
    return path


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_kernels_that_reach_out_are_refused_unless_they_are_trusted(tmp_path: Path) -> None:
    writing = flex(tmp_path / "writing.tflite", "WriteFile")
    for act in (LiteRT.run, LiteRT.inspect):
        with LiteRT(60) as child, pytest.raises(LiteRTProblem, match="WriteFile") as raised:
            act(child, writing)
        assert raised.value.kind == "refused"
        assert "writes a file" in raised.value.message
    with pytest.raises(LiteRTProblem, match="does more than compute"):
        bench(writing, runs=1)
    # LiteRT from PyPI lacks these kernels, which is another matter
    with LiteRT(60, trust=True) as child, pytest.raises(LiteRTProblem) as raised:
        child.run(writing)
    assert "more than compute" not in raised.value.message
    harmless = flex(tmp_path / "harmless.tflite", "Erf")
    with LiteRT(60) as child, pytest.raises(LiteRTProblem) as raised:
        child.run(harmless)
    assert "more than compute" not in raised.value.message
