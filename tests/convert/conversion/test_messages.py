from __future__ import annotations

import pytest

from graphtools.convert.conversion.converter_input import ConverterInput, converter_input
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.conversion.messages import diagnosed, problem_of_answer, unfollowed
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.run.answers import Complaint, NotConverted, NotDone
from graphtools.run.messages import TensorFlowProblem
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

TEXT = """
x = Placeholder dtype=float shape=[1,4]
e = Erf(x) T=float
s = Svd(e) T=float compute_uv=true full_matrices=false
y = Relu(s) T=float
"""


@pytest.fixture
def asked() -> ConverterInput:
    return converter_input(graph(TEXT), ["x"], ["y"])


def entry(code: str, op: str, *nodes: str, message: str = "") -> Complaint:
    return Complaint(code, op, "", nodes, message)


def raised_by_it(message: str = "", *complaints: Complaint) -> NotConverted:
    return NotConverted("ConverterError", message, complaints)


def test_nodes_stand_in_the_order_of_the_graph_with_cures(asked: ConverterInput) -> None:
    errors = [
        entry("ERROR_NEEDS_CUSTOM_OPS", "tf.Svd", "s"),
        entry("ERROR_NEEDS_FLEX_OPS", "tf.Erf", "e"),
        entry("ERROR_NEEDS_FLEX_OPS", "tf.Erf", "e"),
    ]
    found = problem_of_answer(raised_by_it("", *errors), asked, ConversionOptions())
    assert isinstance(found, ConversionBlocked)
    assert [(b.node, b.op) for b in found.blockers] == [("e", "Erf"), ("s", "Svd")]
    assert found.blockers[0].kind == "flex"
    assert "'e' (Erf) and 1 more" in found.message
    assert all(b.reason and b.remedy for b in found.blockers)


def test_a_node_that_is_not_in_the_graph_is_named_all_the_same(asked: ConverterInput) -> None:
    errors = [entry("ERROR_NEEDS_FLEX_OPS", "tf.Erf", "e@body")]
    found = problem_of_answer(raised_by_it("", *errors), asked, ConversionOptions())
    assert isinstance(found, ConversionBlocked)
    assert found.blockers[0].node == "e@body"
    assert found.blockers[0].remedy


def test_advice_that_was_followed_is_not_given_again(asked: ConverterInput) -> None:
    options = ConversionOptions(select_tf_ops=True, allow_custom_ops=True)
    errors = [
        entry("ERROR_NEEDS_CUSTOM_OPS", "tf.Svd", "s"),
        entry("ERROR_NEEDS_FLEX_OPS", "tf.Erf", "e"),
    ]
    found = problem_of_answer(raised_by_it("", *errors), asked, options)
    assert isinstance(found, ConversionBlocked)
    told = [found.remedy, *(b.remedy for b in found.blockers)]
    assert not any("--select-tf-ops" in text or "--allow-custom-ops" in text for text in told)
    assert found.remedy == "each node with its cure is listed"
    for message in ("op Foo is not registered", "cannot be quantized", "a shape is wrong"):
        failed = problem_of_answer(raised_by_it(message), asked, options)
        assert not any(o in failed.remedy for o in ("--allow", "--input-type", "--input-shape"))
        assert failed.remedy


@pytest.mark.parametrize(
    ("remedy", "left"),
    [
        ("convert with --select-tf-ops, or replace the op", "replace the op"),
        ("replace the op, or convert with --select-tf-ops", "replace the op"),
        ("--select-tf-ops keeps it", ""),
        ("--allow-custom-ops, and register it in the app", None),
        ("cut the graph; or: --outputs", None),
    ],
)
def test_of_several_ways_those_that_were_not_gone_are_left(remedy: str, left: str | None) -> None:
    options = ConversionOptions(select_tf_ops=True)
    assert unfollowed(remedy, options) == (remedy if left is None else left)


def test_v1_control_flow_names_its_nodes() -> None:
    text = TEXT.replace("e = Erf(x)", "e = Switch(x, p)") + (
        "p = Const value=bool:true\nm = Merge(e, e:1) T=float N=2\n"
    )
    own = converter_input(graph(text.replace("Svd(e)", "Svd(m)")), ["x"], ["y"])
    errors = [entry("ERROR_UNSUPPORTED_CONTROL_FLOW_V1", "")]
    found = problem_of_answer(
        raised_by_it("Failed to functionalize", *errors), own, ConversionOptions()
    )
    assert isinstance(found, ConversionBlocked)
    assert {b.op for b in found.blockers} == {"Switch", "Merge"}


def test_mlir_becomes_one_line(asked: ConverterInput) -> None:
    message = (
        '<unknown>:0: error: loc(callsite("y" at fused["Relu:", "y"])): \'tfl.relu\' op operand '
        "#0 must be tensor of 32-bit float\n<unknown>:0: note: see current operation: %0 = ..."
    )
    found = problem_of_answer(raised_by_it(message), asked, ConversionOptions())
    assert isinstance(found, TensorFlowProblem)
    assert "relu operand #0 must be tensor" in found.message
    assert "loc(" not in found.message
    assert "\n" not in found.message
    assert found.remedy


def test_a_lack_of_memory_is_an_outcome(asked: ConverterInput) -> None:
    answer = NotDone("memory", "bad_alloc")
    assert getattr(problem_of_answer(answer, asked, ConversionOptions()), "kind", "") == "memory"


@pytest.mark.parametrize(
    ("kind", "message", "says", "remedy"),
    [
        ("hung", "TensorFlow did not end within 3 seconds", "converter did not end",
         "--time-limit"),
        ("crashed", "TensorFlow crashed (SIGSEGV): scale out of expressed type range",
         "converter crashed", "range or a standard deviation"),
        ("crashed", "TensorFlow crashed (SIGSEGV)", "converter crashed", "--inputs"),
        ("memory", "the process was ended", "the process was ended", ""),
    ],
)  # fmt: skip
def test_a_death_has_a_diagnosis(
    asked: ConverterInput, kind: str, message: str, says: str, remedy: str
) -> None:
    found = diagnosed(TensorFlowProblem(kind, message), asked, ConversionOptions())
    assert found.kind == kind
    assert says in found.message
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("mode", "loop", "remedy"),
    [
        ("int8", "While(x) T={float} body=@body cond=@body", "--quantize dynamic"),
        ("int16x8", "NextIteration(x) T=float", "--quantize dynamic"),
        ("none", "NextIteration(x) T=float", "--inputs"),
        ("int8", "Relu(x) T=float", "--inputs"),
    ],
)
def test_a_crash_of_quantizing_a_loop(
    asked: ConverterInput, mode: str, loop: str, remedy: str
) -> None:
    looping = graph(f"x = Placeholder dtype=float shape=[1]\n y = {loop}")
    found = diagnosed(
        TensorFlowProblem("crashed", "TensorFlow crashed (SIGSEGV)"),
        asked._replace(graph=looping),
        ConversionOptions(quantize=mode),
    )
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("tensor", "mode", "remedy"),
    [
        ("i", "int16x8", "take --quantize int8"),
        ("x:0", "int16x8", "--calibrate"),
        ("i", "int8", "--calibrate"),
        ("elsewhere", "int16x8", "--calibrate"),
    ],
)
def test_integers_that_int16x8_wants_ranges_of(tensor: str, mode: str, remedy: str) -> None:
    """As Keras 3 computes the indices of every Embedding: those below 0 count from the end."""
    asked = converter_input(
        graph(
            """
            i = Placeholder dtype=int32 shape=[1]
            x = Placeholder dtype=float shape=[1]
            n = Cast(i) SrcT=int32 DstT=float
            y = AddV2(n, x) T=float
            """
        ),
        ["i", "x"],
        ["y"],
    )
    said = (
        "Max and min for dynamic tensors should be recorded during calibration: "
        f"Failed for tensor {tensor}\nEmpty min/max for tensor {tensor}\n"
    )
    options = ConversionOptions(quantize=mode)
    assert remedy in problem_of_answer(raised_by_it(said), asked, options).remedy
