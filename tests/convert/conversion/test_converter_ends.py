"""What the converter crashes on, or hangs on: nothing of it ends the program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphtools import load
from graphtools.convert.conversion.converter import Conversion, Converter
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.run.child import program_of
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.worker import Worker
from tests.convert.small_graphs import CRASHES, DETECTIONS, NET, Convert
from tests.support import FIXTURES

pytestmark = pytest.mark.usefixtures("command_line")

#: What a child runs that gives the converter the default ranges by itself.
_LEFT_TO_THE_CONVERTER = """
from graphtools.run import conversion_process as converter_process

own = converter_process._set_quantization
def set_all(tf, converter, request):
    own(tf, converter, request)
    if request.quantize == "dummy":
        converter.default_ranges_stats = (0, 6)
converter_process._set_quantization = set_all
"""


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
    converted: Convert, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The recipes do crash it, and the next graph converts all the same."""
    monkeypatch.setattr(
        "graphtools.convert.conversion.converter_input._refuse_crashes", lambda *_given: None
    )
    with pytest.raises(TensorFlowProblem, match="converter crashed") as raised:
        converted(CRASHES[name], inputs="i")
    assert raised.value.kind == "crashed"
    assert raised.value.remedy
    assert converted(NET).sound


@pytest.fixture
def unmended(
    tf: Any,  # noqa: ARG001 - skips where it is not installed
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Convert, Worker]]:
    """Leaves default ranges to TensorFlow's converter, as scripts of 2019 do."""
    monkeypatch.setattr(
        "graphtools.convert.conversion.job.with_default_ranges", lambda graph, *_, **__: (graph, ())
    )
    start, _, end = program_of("graphtools.run.worker_process").partition("from graphtools")
    program = f"{start}{_LEFT_TO_THE_CONVERTER}from graphtools{end}"
    with Converter(time_limit=60) as converter:
        converter.worker = Worker(60, program)
        with converter.worker as worker:
            yield Convert(converter, tmp_path), worker


@pytest.mark.tensorflow
def test_a_converter_that_hangs_is_ended_and_replaced(unmended: tuple[Convert, Worker]) -> None:
    """The converter itself, on the recipe on which that of 2.21 does not end."""
    convert, worker = unmended
    assert convert(NET).sound
    before = worker.process
    assert before is not None
    worker.time_limit = 3
    start = time.monotonic()
    try:
        _convert_detector(convert, (0.0, 6.0))
    except TensorFlowProblem as problem:
        assert 3 <= time.monotonic() - start < 20
        assert problem.kind == "hung"
        assert problem.message == "TensorFlow's converter did not end within 3 seconds"
        assert problem.remedy.startswith("leave out --default-ranges: with 'TFLite_Detection_Post")
    else:
        pytest.skip("the converter of this TensorFlow ends on it")
    assert before.poll() is not None
    worker.time_limit = 60
    assert convert(NET).sound
    assert worker.process is not before


def _convert_detector(convert: Convert, ranges: tuple[float, float] | None) -> Conversion:
    """Convert a detector whose last node has `_output_quantized`."""
    ssd = load(FIXTURES / "ssd/tflite_graph.pb")
    ssd.set_attr(ssd["TFLite_Detection_PostProcess"], "_output_quantized", True)
    return convert(
        ssd,
        "normalized_input_image_tensor",
        ",".join(DETECTIONS),
        quantize="dummy" if ranges else "none",
        default_ranges=ranges,
        input_stats={"": (128, 128)} if ranges else {},
        allow_custom_ops=True,
    )


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize("ranges", [None, (0.0, 6.0)])
@pytest.mark.usefixtures("litert")
def test_the_recipe_that_hangs_works(
    converted: Convert, ranges: tuple[float, float] | None
) -> None:
    """A node with _output_quantized together with default ranges."""
    found = _convert_detector(converted, ranges)
    assert found.sound, found.findings
    assert found.custom_ops == ("TFLite_Detection_PostProcess",)
    assert found.litert.status == "ran"
    assert found.inputs[0].dtype == ("uint8" if ranges else "float32")
