"""GT300-GT319: what the TFLite converter says of a graph, from the predicted verdict."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.compat.prediction import Blocker, Verdict
from graphtools.graph import Shape
from graphtools.lint.tables import all_rules
from tests.lint.graphs import Case
from tests.transforms.graphs import graph

X = "x = Placeholder dtype=float shape=[1,4]\n"
GOOD = X + "y = Relu(x) T=float\n"
CONV = """
    x = Placeholder dtype={0} shape={1}
    w = Const value={0}:zeros[3,3,3,2]
    y = Conv2D(x, w) T={0} padding="SAME" strides={{1, 1, 1, 1}} data_format="NHWC"
"""
FLOAT_CONV = CONV.format("float", "[1,8,8,3]")
ARRAY = """
    x = Placeholder dtype=float shape=[3]
    size = Const value=int32:3
    array = TensorArrayV3(size) dtype=float
    first = Const value=int32:0
    written = TensorArrayWriteV3(array, first, x, array:1) T=float
    y = TensorArrayReadV3(array, first, written) dtype=float
"""
CONCAT = X + "{} y = ConcatV2(x, x, a) T=float Tidx=int32 N=2".replace(" y", "\ny")
CUSTOM = X + "y = TFLite_Detection_PostProcess(x, x, x) _output_types={float}"
GRADIENT = """
    x = Placeholder dtype={0} shape=[1,4]
    y = SigmoidGrad(x, x) T={0}
"""
ATAN = X + "z = Placeholder dtype=float shape={}\ny = Atan2(x, z) T=float"
DEEP = "x = Placeholder dtype=float shape=[{}2,3]\ny = Softmax(x) T=float"

NORM = """
    x = Placeholder dtype=float shape=[1,8,8,2]
    s = Const value=float:[1,2]
    y = FusedBatchNormV2(x, s, s, s, s) T=float U=float is_training=false
"""

CASES = [
    Case("GT301", X + "y = Erfc(x) T=float", GOOD, "y"),
    Case("GT301", X + 'y = PyFunc(x) Tin={float} Tout={float} token="f"', GOOD, "y"),
    Case("GT302", X + "y = Erf(x) T=float", GOOD, "y"),
    Case("GT302", X + "y = Erf(x) T=float", GOOD, "y", target="tflite-select", severity="info"),
    Case("GT302", NORM, NORM.replace("NormV2", "NormV3"), "y", cured=True),
    Case("GT302", NORM + "z = Relu(y:1) T=float", GOOD, "y", outputs=("y", "z")),
    Case("GT303", CUSTOM, GOOD, "y", severity="info"),
    Case(
        "GT303",
        "x = Placeholder dtype=float shape=[64,1]\n"
        "y = AudioSpectrogram(x) window_size=16 stride=8",
        GOOD,
        "y",
        severity="info",
    ),
    Case("GT303", CUSTOM.replace("TFLite_Detection_PostProcess", "Mine"), GOOD, "y"),
    Case("GT304", CONV.format("double", "[1,8,8,3]"), FLOAT_CONV, "y", says="float64"),
    Case("GT305", CONV.format("float", "unknown"), FLOAT_CONV, "y"),
    Case("GT306", GOOD.replace("[1,4]", "[1,?]"), GOOD.replace("[1,4]", "[?,4]"), "x",
         says="[1,?]"),
    Case("GT306", GOOD.replace("[1,4]", "unknown"), GOOD, "x", says="not even the rank"),
    Case("GT307", ARRAY, GOOD, "array", says="TensorArrayV3"),
    Case("GT308", CONCAT.format("a = Placeholder dtype=int32 shape=[]"),
         CONCAT.format("a = Const value=int32:0"), "y"),
    Case("GT309", ATAN.format("[2,4]"), ATAN.format("[1,4]"), "y"),
    Case("GT310", GRADIENT.format("double"), GRADIENT.format("float"), "y"),
    Case("GT311", DEEP.format("1,1,1,1,1,"), DEEP.format(""), "y"),
]  # fmt: skip

NO_OP, RANK = "TFLite has no Relu", "rank 7: TFLite's Relu takes up to 5 dimensions"
KIND, OPEN = "T=float64: TFLite's Relu takes T=float32", "the rank of its input is unknown"
FED, FORM = "the axis is not constant", "padding=EXPLICIT: TFLite's Relu has no such form"
KINDS = {
    ("custom", NO_OP): "GT301",
    ("unsupported", NO_OP): "GT301",
    ("flex", NO_OP): "GT302",
    ("flex", FORM): "GT302",
    ("flex", RANK): "GT302",
    ("flex", KIND): "GT304",
    ("custom", KIND): "GT304",
    ("flex", OPEN): "GT305",
    ("flex", "the number of channels of its input is unknown"): "GT305",
    ("flex", FED): "GT308",
    ("error", NO_OP): "GT309",
    ("error", KIND): "GT309",
    ("crash", KIND): "GT310",
}


def _codes(verdict: Verdict, target: str = "tflite", text: str = GOOD) -> dict[str, str]:
    """The severities of what the rules find, by code, if the verdict is this one."""
    case = Case("GT301", text, text, None, target=target)
    subject = case.subject(graph(text))
    subject.__dict__["verdict"] = verdict
    return {
        found.code: found.severity
        for code, rule in all_rules().items()
        if code.startswith("GT3") and target in rule.targets
        for found in rule.run(subject)
    }


def _verdict(*blockers: Blocker, **fields: Any) -> Verdict:
    flex = all(b.kind == "flex" for b in blockers)
    rest: dict[str, Any] = {
        "tf_version": "2.21.0", "builtins": not blockers, "select": flex, "allocates": True,
        "warnings": (), "unknown": (), "nodes": (), "inputs": ("x",), "outputs": ("y",),
    }  # fmt: skip
    return Verdict(blockers=blockers, **(rest | fields))


@pytest.mark.parametrize(("kind", "reason"), KINDS)
def test_each_kind_of_blocker_is_one_rule(kind: str, reason: str) -> None:
    blocker = Blocker("y", "Relu", reason, kind, "what to do")
    assert _codes(_verdict(blocker)) == {KINDS[kind, reason]: "error"}


@pytest.mark.parametrize("reason", [NO_OP, KIND, OPEN, FED])
@pytest.mark.parametrize("op", ["Relu", "TensorArrayV3"])
def test_what_select_can_run_is_a_remark_where_it_is_meant(op: str, reason: str) -> None:
    blocker = Blocker("y", op, reason, "flex", "what to do")
    assert set(_codes(_verdict(blocker), "tflite-select").values()) == {"info"}


def test_variables_are_left_to_their_own_rule() -> None:
    blocker = Blocker("v", "VarHandleOp", "not frozen", "error", "freeze it")
    assert not _codes(_verdict(blocker))


def test_an_exit_that_is_an_output() -> None:
    text = "x = Placeholder dtype=float shape=[1]\ny = Exit(x) T=float"
    blocker = Blocker("y", "Exit", "lost", "error", "")
    assert _codes(_verdict(blocker), text=text) == {"GT307": "error"}


def test_many_nodes_that_are_alike_are_one_finding() -> None:
    blockers = [
        Blocker(f"n{i}", "Erf", "TFLite has no Erf", "flex", "replace it") for i in range(9)
    ]
    case = Case("GT302", GOOD, GOOD, None)
    subject = case.subject(graph(GOOD))
    subject.__dict__["verdict"] = _verdict(*blockers)
    (found,) = all_rules()["GT302"].run(subject)
    assert found.node == "n0"
    assert "9 nodes: 'n0', 'n1', 'n2' and 6 more" in found.message


def test_a_given_shape_counts() -> None:
    case = Case("GT306", GOOD.replace("[1,4]", "[1,?]"), GOOD, None, shapes={"x": Shape([1, 4])})
    assert not case.findings(case.bad_graph())


def test_a_signature_without_its_output_does_not_stop_the_rules() -> None:
    case = Case("GT302", GOOD, GOOD, None, outputs=("gone",))
    assert not case.findings(case.bad_graph())


def test_the_arrays_of_a_detector_are_one_finding_with_the_way_out() -> None:
    ops = ["TensorArrayV3", "TensorArrayReadV3", "TensorArrayWriteV3", "TensorArraySizeV3"]
    blockers = [Blocker(f"n{i}", op, f"TFLite has no {op}", "flex", "") for i, op in enumerate(ops)]
    text = GOOD + "detection_boxes = Identity(y) T=float"
    subject = Case("GT307", text, GOOD, None).subject(graph(text))
    subject.__dict__["verdict"] = _verdict(*blockers)
    (found,) = all_rules()["GT307"].run(subject)
    assert found.message.startswith("TFLite has no TensorArrays, which v1 loops")
    assert "export_ssd" in found.remedy


QUANTIZED = """
    x = Placeholder dtype=float shape=[1,4]
    low = Const value=float:-1
    high = VariableV2 dtype=float shape=[]
    read = Identity(high) T=float
    y = FakeQuantWithMinMaxVars(x, low, read)
"""


def test_what_freezing_makes_constant_is_no_finding_of_its_own() -> None:
    assert not Case("GT308", QUANTIZED, GOOD, None).findings(graph(QUANTIZED))
    direct = QUANTIZED.replace("(x, low, read)", "(x, low, high)")
    assert not Case("GT308", direct, GOOD, None).findings(graph(direct))
    fed = QUANTIZED.replace("VariableV2", "Placeholder")
    (found,) = Case("GT308", fed, GOOD, None).findings(graph(fed))
    assert found.node == "y"
    assert "is not constant" in found.message


def test_what_updates_variables_is_to_be_left_out_by_another_graph() -> None:
    trained = QUANTIZED.replace(
        "read = Identity(high) T=float",
        "highest = Max(x, axes) T=float\naxes = Const value=int32:[0,1]\n"
        "read = Assign(high, highest) T=float",
    )
    for code, node in (("GT308", "y"), ("GT302", "read")):
        (found,) = Case(code, trained, GOOD, None).findings(graph(trained))
        assert found.node == node
        assert "build the graph for inference" in found.remedy


def test_the_statistics_of_a_training_batch_norm_are_of_training() -> None:
    text = """
        x = Placeholder dtype=float shape=[1,2,2,1]
        s = Const value=float:[1]
        norm = FusedBatchNormV3(x, s, s, s, s) T=float U=float is_training=true
        y = Relu(norm:1) T=float
    """
    (found,) = Case("GT302", text, GOOD, None).findings(graph(text))
    assert found.node == "norm"
    assert "is_training=False" in found.remedy


@pytest.mark.parametrize(
    ("shape", "stated"),
    [
        ("[?,?,?,3]", "{'x': [1, HEIGHT, WIDTH, 3]}"),
        ("[?,8,?]", "{'x': [1, 8, N2]}"),
        ("unknown", "{'x': []} for a single number"),
    ],
)
def test_the_remedy_names_the_input_and_what_is_known(shape: str, stated: str) -> None:
    text = GOOD.replace("[1,4]", shape)
    (found,) = Case("GT306", text, GOOD, None).findings(graph(text))
    assert stated in found.remedy
