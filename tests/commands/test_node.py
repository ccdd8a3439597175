from __future__ import annotations

import pytest

from tests.commands.running import FROZEN, fixture, refusal, run, run_json

WEIGHTS = "MobilenetV1/Conv2d_0/weights"


def test_a_constant_is_shown_with_its_values_and_statistics() -> None:
    text = run("node", FROZEN, WEIGHTS).out
    assert text.startswith(f"{WEIGHTS}\n  op      Const\n  dtype   float32\n  shape   [3,3,3,8]\n")
    assert "(208 more)]" in text
    assert "statistics    min -0.85" in text
    document = run_json("node", FROZEN, WEIGHTS)
    assert document["value_bytes"] == 864
    assert document["statistics"]["count"] == 216
    assert document["attrs"]["dtype"] == "float32"


def test_inputs_have_their_producers_and_consumers_their_place() -> None:
    document = run_json("node", FROZEN, "MobilenetV1/MobilenetV1/Conv2d_0/Conv2D")
    assert [(e["node"], e["op"]) for e in document["inputs"]] == [
        ("input", "Placeholder"),
        (f"{WEIGHTS}/read", "Identity"),
    ]
    assert document["consumers"][0]["op"] == "FusedBatchNormV3"
    assert document["attrs"]["strides"] == [1, 2, 2, 1]


@pytest.mark.parametrize("name", ["input", "input:0", "'input'", ' "input:0" '])
def test_names_are_taken_as_people_type_them(name: str) -> None:
    assert run_json("node", FROZEN, name)["name"] == "input"


def test_an_unknown_name_is_answered_with_similar_ones() -> None:
    message = refusal(run("node", FROZEN, "MobilenetV1/Conv2d_0/weigths"))
    assert "no node 'MobilenetV1/Conv2d_0/weigths'" in message
    assert f"did you mean '{WEIGHTS}'" in message


def test_every_constant_of_every_dtype_can_be_shown() -> None:
    file = fixture("const_dtypes/graph.pb")
    for node in run_json("nodes", file, "--op", "Const")["nodes"]:
        done = run("node", file, node["name"])
        assert done.code == 0, (node["name"], done.err)
        assert run_json("node", file, node["name"])["dtype"] == node["dtype"]


def test_many_consumers_are_counted() -> None:
    file = fixture("classifier/train.pb")
    text = run("node", file, "save/SaveV2").out
    assert "Inputs" in text
    assert " more" in text
