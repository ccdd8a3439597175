from __future__ import annotations

import pytest

from tests.commands.running import FROZEN, fixture, refusal, run, run_json


def test_the_lines_are_those_of_the_original() -> None:
    assert run("summarize_graph", f"--in_graph={FROZEN}").lines[:-1] == [
        "Found 1 possible inputs: (name=input, type=float(1), shape=[?,32,32,3])",
        "No variables spotted.",
        "Found 1 possible outputs: (name=MobilenetV1/Predictions/Reshape_1, op=Reshape)",
        "Found 716 (716) const parameters, 0 (0) variable parameters, and 0 control_edges",
        "Op types used: 18 Const, 17 Identity, 3 Conv2D, 3 FusedBatchNormV3, 3 Relu6, 2 Reshape, "
        "1 Placeholder, 1 DepthwiseConv2dNative, 1 AvgPool, 1 BiasAdd, 1 Squeeze, 1 Shape, "
        "1 Softmax",
    ]


def test_large_numbers_have_a_short_form_and_devices_are_named() -> None:
    text = run("summarize_graph", "--in_graph", fixture("classifier/train.pb")).out
    assert "2667 (2.67k) variable parameters" in text
    assert "3 nodes assigned to device '/device:CPU:0'" in text
    assert "Found 53 variables." in text


@pytest.mark.parametrize(
    ("flags", "printed"),
    [
        ([], False),
        (["--print_structure"], True),
        (["--print_structure=true"], True),
        (["--print_structure=True"], True),
        (["--print_structure=1"], True),
        (["--print_structure=false"], False),
        (["--print_structure=0"], False),
    ],
)
def test_the_structure_is_printed_if_wanted(flags: list[str], printed: bool) -> None:
    lines = run("summarize_graph", f"--in_graph={FROZEN}", *flags).lines
    structure = "MobilenetV1/Conv2d_0/weights/read (Identity): [MobilenetV1/Conv2d_0/weights]"
    assert (structure in lines) is printed


def test_a_flag_takes_no_nonsense() -> None:
    done = run("summarize_graph", f"--in_graph={FROZEN}", "--print_structure=maybe")
    assert done.code == 2
    assert "'maybe' is neither true nor false" in done.err


def test_the_graph_is_required() -> None:
    assert "--in_graph" in run("summarize_graph").err
    assert "does not exist" in refusal(run("summarize_graph", "--in_graph=nowhere.pb"))


def test_json_is_the_summary() -> None:
    assert run_json("summarize_graph", f"--in_graph={FROZEN}")["nodes"] == 53
