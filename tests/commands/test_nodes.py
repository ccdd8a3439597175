from __future__ import annotations

import pytest

from tests.commands.running import FROZEN, fixture, refusal, run, run_json

CONVOLUTIONS = [
    "MobilenetV1/MobilenetV1/Conv2d_0/Conv2D",
    "MobilenetV1/MobilenetV1/Conv2d_1_pointwise/Conv2D",
    "MobilenetV1/Logits/Conv2d_1c_1x1/Conv2D",
]


def test_nodes_are_listed_as_people_print_them_by_hand() -> None:
    done = run("nodes", FROZEN)
    assert done.code == 0
    assert done.lines[:2] == [
        "input ===> Placeholder",
        "MobilenetV1/Conv2d_0/weights ===> Const",
    ]
    assert len(done.lines) == 53


def test_json_has_the_keys_that_are_promised() -> None:
    document = run_json("nodes", FROZEN)
    assert set(document) == {"schema_version", "nodes"}
    for node in document["nodes"]:
        assert {"name", "op", "inputs", "device"} <= set(node)
    first = document["nodes"][0]
    assert (first["name"], first["op"], first["inputs"]) == ("input", "Placeholder", [])
    assert (first["dtype"], first["shape"]) == ("float32", [None, 32, 32, 3])


def test_nodes_of_functions_are_listed_on_demand() -> None:
    model = fixture("saved_model/v2")
    done = run("nodes", model, "--functions", "--op", "MatMul")
    name = done.lines[0].split()[0]
    assert name.startswith("matmul@__inference_")
    shown = run("node", model, name).out
    assert "(argument)" in shown
    assert "did you mean" in refusal(run("node", model, "matmul@__inference_predic"))
    assert not run("nodes", model, "--op", "MatMul").lines


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (["--op", "Conv2D"], CONVOLUTIONS),
        (["--op", "Conv*", "--scope", "MobilenetV1/Logits"], CONVOLUTIONS[2:]),
        (["--name", "*Conv2d_0/Conv2D"], CONVOLUTIONS[:1]),
        (["--regex", "Conv2d_(0|1_pointwise)/Conv2D$"], CONVOLUTIONS[:2]),
        (["--op", "AvgPool", "--op", "Softmax"],
         ["MobilenetV1/Logits/AvgPool_1a", "MobilenetV1/Predictions/Softmax"]),
    ],
)  # fmt: skip
def test_filters(filters: list[str], names: list[str]) -> None:
    assert [n["name"] for n in run_json("nodes", FROZEN, *filters)["nodes"]] == names
    assert [line.split()[0] for line in run("nodes", FROZEN, *filters).lines] == names


def test_depth_counts_nodes_by_scope() -> None:
    assert run("nodes", FROZEN, "--depth", "1").lines == [
        "       1  input",
        "      52  MobilenetV1/",
    ]
    assert run_json("nodes", FROZEN, "--depth", "1")["scopes"] == [
        {"scope": "input", "nodes": 1},
        {"scope": "MobilenetV1/", "nodes": 52},
    ]


def test_an_unknown_scope_is_answered_with_similar_ones() -> None:
    message = refusal(run("nodes", FROZEN, "--scope", "MobilenetV2"))
    assert "no scope 'MobilenetV2'" in message
    assert "did you mean 'MobilenetV1'" in message


def test_long_shows_what_is_known_of_each_node() -> None:
    lines = run("nodes", FROZEN, "--long", "--op", "Const").lines
    assert lines[0].split() == ["name", "op", "dtype", "shape", "bytes", "inputs"]
    assert lines[2].split() == [
        "MobilenetV1/Conv2d_0/weights", "Const", "float32", "[3,3,3,8]", "864", "B"
    ]  # fmt: skip


def test_devices_are_shown_where_there_are_any() -> None:
    lines = run("nodes", fixture("misc/devices/graph.pb"), "--long").lines
    assert lines[0].split()[-1] == "device"
    assert any("device:" in line.lower() for line in lines[2:])


@pytest.mark.parametrize(
    "name",
    ["classifier/frozen.pbtxt", "classifier/model.ckpt.meta", "saved_model/v1", "saved_model/v2",
     "saved_model/v1/saved_model.pb"],
)  # fmt: skip
def test_every_kind_of_file_with_a_graph_is_read(name: str) -> None:
    assert " ===> " in run("nodes", fixture(name)).lines[0]


def test_text_and_binary_say_the_same() -> None:
    text = run("nodes", fixture("classifier/frozen.pbtxt"), "--json").out
    assert text == run("nodes", FROZEN, "--json").out


def test_the_meta_graph_is_chosen_by_its_tags() -> None:
    served = run("nodes", fixture("saved_model/v1"), "--tag-set", "serve")
    trained = run("nodes", fixture("saved_model/v1"), "--tag-set", "train,serve")
    assert served.out == run("nodes", fixture("saved_model/v1")).out
    assert len(trained.lines) == 41 != len(served.lines)
    message = refusal(run("nodes", fixture("saved_model/v1"), "--tag-set", "gpu"))
    assert "it has {serve}, {serve,train}" in message


def test_what_is_no_regular_expression_is_said() -> None:
    assert "'(' is no regular expression" in refusal(run("nodes", FROZEN, "--regex", "("))


def test_the_operators_of_a_tflite() -> None:
    done = run("nodes", fixture("quant/model.tflite"), "--op", "*CONV*", "--long")
    assert done.code == 0
    assert [line.split()[1] for line in done.lines[2:]] == [
        *("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D")
    ]


def test_scales_of_a_tflite_are_in_the_long_list() -> None:
    done = run("nodes", fixture("quant/model.tflite"), "--long", "--op", "Placeholder")
    assert "0.00784314 * (q - 128)" in done.out
    assert "real value" not in run("nodes", FROZEN, "--long", "--op", "Placeholder").out
