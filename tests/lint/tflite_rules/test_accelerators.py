"""GT900-GT909: what does not run where a TFLite model is meant to run."""

from __future__ import annotations

from graphtools.formats.tflite.model import TFLiteModel
from tests.lint.tflite_models import Op, Spec, TFLiteCase, model

IMAGE = Spec("int8", [1, 8, 8, 4], [0.1])
FLOAT = Spec("float32", [1, 8, 8, 4])


def chain(*ops: str, spec: Spec = IMAGE) -> TFLiteModel:
    """Operators of one input, one behind the other: x, a, b, ..., y."""
    names = ["x", *("abcdefgh"[: len(ops) - 1]), "y"]
    steps = [Op(op, [names[i]], [names[i + 1]]) for i, op in enumerate(ops)]
    return model(dict.fromkeys(names, spec), steps)


WEIGHTS = Spec("int8", [3_000_000, 4], [0.1], data=bytes(12_000_000))
SMALL = Spec("int8", [4, 4], [0.1], data=bytes(16))
LARGE = {"x": Spec("int8", [1, 4], [0.1]), "y": Spec("int8", [1, 3_000_000], [0.1])}
DENSE = [Op("FULLY_CONNECTED", ["x", "w"], ["y"])]
CASES = [
    TFLiteCase("GT901", chain("ELU"), chain("RELU"), "y", "edgetpu", "the Edge TPU has no ELU"),
    TFLiteCase("GT901", chain("RELU", spec=FLOAT), chain("RELU"), "y", "edgetpu", "are float32"),
    TFLiteCase(
        "GT901", chain("RELU", spec=IMAGE._replace(shape=[2, 8, 8, 4])), chain("RELU"), "y",
        "edgetpu", "more than 3 dimensions: [2,8,8,4]",
    ),
    TFLiteCase(
        "GT901", chain("RELU", spec=IMAGE._replace(scale=())), chain("RELU"), "y", "edgetpu",
        "int8 without a scale",
    ),
    TFLiteCase("GT901", chain("ROUND", spec=FLOAT), chain("ABS", spec=FLOAT), "y", "gpu", "no R"),
    TFLiteCase("GT902", chain("RELU", "ELU", "RELU"), chain("RELU", "RELU", "ELU"), "b", "edgetpu",
               "1 operator that it has"),
    TFLiteCase("GT903", chain("RELU", "ELU"), chain("RELU"), "", "edgetpu", "1 of 2 operators"),
    TFLiteCase("GT904", chain("RFFT2D", spec=FLOAT), chain("RELU"), "y", says="no RFFT2D"),
    TFLiteCase(
        "GT904",
        model({"x": Spec("float32", [1, 4]), "w": SMALL, "y": Spec("float32", [1, 4])}, DENSE),
        model({"x": LARGE["x"], "w": SMALL, "y": LARGE["x"]}, DENSE),
        "y", says="dynamic range",
    ),
    TFLiteCase("GT905", chain("FlexErf", spec=FLOAT), chain("TFLite_Detection_PostProcess"), "y",
               says="the Flex delegate"),
    TFLiteCase("GT905", chain("MyOp"), chain("Mfcc"), "y", says="the application has to bring"),
    TFLiteCase("GT906", model({"x": IMAGE, "y": IMAGE}, [Op("RELU", ["x"], ["y"], version=99)]),
               chain("RELU"), "y", says="it is version 99"),
    TFLiteCase("GT907", model({**LARGE, "w": WEIGHTS}, DENSE), chain("RELU"), "", says="12.0 MB"),
]  # fmt: skip


def test_the_post_processing_of_detections_is_meant_for_the_cpu() -> None:
    made = chain("RELU", "TFLite_Detection_PostProcess")
    assert not TFLiteCase("GT901", made, made, "", "edgetpu").findings(made)


def test_the_runtime_that_is_meant_decides() -> None:
    made = model({"x": IMAGE, "y": IMAGE}, [Op("RELU6", ["x"], ["y"], version=3)])
    case = TFLiteCase("GT906", made, made, "")
    assert not case.findings(made)
    assert not case.findings(made, "2.5")
    (found,) = case.findings(made, "2.4")
    assert found.message == "RELU6 version 3 needs runtime 2.5, not 2.4"


def test_flex_operators_are_meant_where_select_ops_are() -> None:
    made = chain("FlexErf", spec=FLOAT)
    assert not TFLiteCase("GT905", made, made, "", "tflite-select").findings(made)


def test_many_kinds_of_operators_are_told_by_their_names() -> None:
    ops = ["ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "LOG"]
    made = chain(*ops)
    assert len(TFLiteCase("GT901", made, made, "", "edgetpu").findings(made)) == 7
