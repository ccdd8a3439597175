from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphtools.errors import GraphtoolsError
from graphtools.formats import open_model
from graphtools.graph import Graph, Node, Shape, dtype
from graphtools.run.probed_converter import Outcome, ProbedConverter
from graphtools.schema import message_class

#: A child that needs no TensorFlow; what it does is said by the output that is asked for.
PROGRAM = """
import sys, os, time
sys.path[:] = __import__("json").loads(sys.argv[1])
place = {place!r}
from graphtools.run.answers import Complaint, Converted, NotConverted, Ready
from graphtools.run.child import open_answers, serve
from graphtools.run.requests import TryConversion
def reply(request):
    wanted = request.outputs[0] if isinstance(request, TryConversion) else "crash"
    if wanted == "crash":
        os.kill(os.getpid(), 11)
    if wanted == "hang":
        time.sleep(60)
    if wanted == "error":
        entry = Complaint("ERROR_NEEDS_FLEX_OPS", "tf.Erf", "CONVERT_GRAPHDEF", ("a",), "no")
        return NotConverted("ConverterError", "no", (entry,))
    return Converted("")
serve(Ready("2.99.0"), reply, open_answers())
"""


def small(op: str = "Relu") -> Graph:
    attrs: dict[str, Any] = {"dtype": dtype("float32"), "shape": Shape((2, 3))}
    nodes = [
        Node("x", "Placeholder", (), attrs),
        Node("y", op, ("x",), {"T": dtype("float32")}),
    ]
    return Graph(nodes)


def test_every_end_of_a_conversion_is_an_outcome() -> None:
    with ProbedConverter(time_limit=10.0, program=PROGRAM) as converter:
        assert converter.convert(small(), ["x"], ["y"]) == Outcome("ok", allocated="")
        found = converter.convert(small(), ["x"], ["error"])
        assert (found.status, found.kind, found.message) == ("error", "ConverterError", "no")
        assert found.complaints[0].nodes == ("a",)
        assert found.complaints[0].stage == "CONVERT_GRAPHDEF"
        assert converter.convert(small(), ["x"], ["crash"]) == Outcome("crash", "signal 11")
        assert converter.convert(small(), ["x"], ["y"]).status == "ok"  # by a new child
        converter.time_limit = 0.3
        assert converter.convert(small(), ["x"], ["hang"]) == Outcome("hang")
        assert converter.version == "2.99.0"
        with pytest.raises(GraphtoolsError, match="does not tell which ops it has"):
            converter.registered_ops()


def test_a_child_that_does_not_start() -> None:
    with (
        ProbedConverter(program="import sys; sys.exit('no such thing')") as converter,
        pytest.raises(GraphtoolsError, match="TensorFlow cannot be started: no such thing"),
    ):
        converter.convert(small(), ["x"], ["y"])


# With the real converter


@pytest.mark.tensorflow
def test_builtin_flex_and_neither(probed: ProbedConverter, tmp_path: Path) -> None:
    model = tmp_path / "m.tflite"
    outcome = probed.convert(small(), ["x"], ["y"], allocate=True, model=str(model))
    assert outcome == Outcome("ok", allocated="")
    assert open_model(model).kind == "TFLite model"
    outcome = probed.convert(small("Erf"), ["x"], ["y"])
    assert [(c.code, c.op, c.nodes) for c in outcome.complaints] == [
        ("ERROR_NEEDS_FLEX_OPS", "tf.Erf", ("y",))
    ]
    assert probed.convert(small("Erf"), ["x"], ["y"], select=True).status == "ok"
    outcome = probed.convert(small("Erfc"), ["x"], ["y"], select=True)
    assert outcome.complaints[0].code == "ERROR_NEEDS_CUSTOM_OPS"


@pytest.mark.tensorflow
def test_a_refused_graph_is_an_error_of_another_class(probed: ProbedConverter) -> None:
    assert probed.convert(small(), ["x"], ["z"]).kind == "ValueError"


@pytest.mark.tensorflow
def test_what_select_admits(probed: ProbedConverter) -> None:
    names = ["Erf", "Erfc", "PyFunc", "StatelessRandomUniformFullIntV2", "NoSuchOp"]
    assert probed.allowed_in_select(names) == [True, False, False, True, False]


@pytest.mark.tensorflow
def test_the_ops_that_tensorflow_has(probed: ProbedConverter, tf: Any) -> None:
    names = {o.name for o in message_class("OpList").FromString(probed.registered_ops()).op}
    assert {"Conv2D", "Erf", "StatelessWhile"} <= names
    assert probed.version == tf.__version__
