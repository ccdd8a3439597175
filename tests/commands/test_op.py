from __future__ import annotations

import pytest

from tests.commands.running import refusal, run, run_json


def test_an_op() -> None:
    done = run("op", "Conv2D")
    assert done.code == 0
    assert done.lines[0] == "Conv2D"
    for heading in ("Inputs", "Outputs", "Attributes"):
        assert heading in done.lines
    attributes = {line.split()[0]: line.split() for line in done.lines if "required" in line}
    assert set(attributes) == {"T", "strides", "padding"}
    assert attributes["padding"][3:] == ["SAME,", "VALID,", "EXPLICIT"]


def test_json() -> None:
    found = run_json("op", "AddN")
    assert (found["name"], found["aggregate"], found["stateful"]) == ("AddN", True, False)
    assert found["inputs"] == [{"name": "inputs", "type": "N * T", "reference": False}]
    assert {a["name"]: a["minimum"] for a in found["attributes"]} == {"N": 1, "T": None}


@pytest.mark.parametrize("name", ["conv2d", "CONV2D", " Conv2D "])
def test_case_does_not_matter(name: str) -> None:
    assert run("op", name).lines[0] == "Conv2D"


@pytest.mark.parametrize(
    ("name", "meant"), [("Conv22D", "Conv2D"), ("MatMull", "MatMul"), ("BiassAdd", "BiasAdd")]
)
def test_a_typo_is_answered_with_what_was_meant(name: str, meant: str) -> None:
    message = refusal(run("op", name))
    assert message.startswith(f"no op '{name}' in TensorFlow")
    assert f"did you mean '{meant}'" in message


@pytest.mark.parametrize("name", ["", "no such op", "Conv2D 0"])
def test_what_is_no_op_is_refused(name: str) -> None:
    assert "no op" in refusal(run("op", name))


def test_an_op_that_is_gone_and_one_that_is_deprecated() -> None:
    assert (
        "last seen in TensorFlow 1.15; newer versions do not have it" in run("op", "Resampler").out
    )
    done = run("op", "BatchNormWithGlobalNormalization")
    assert "since GraphDef version 9: Use tf.nn.batch_normalization()" in done.out


def test_ops_without_inputs_outputs_or_attributes() -> None:
    assert run("op", "NoOp").lines[-1].split()[:2] == ["evaluated", "if"]
