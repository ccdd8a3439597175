from __future__ import annotations

from tests.commands.running import FROZEN, fixture, run, run_json


def test_ops_are_counted_the_most_frequent_first() -> None:
    lines = run("ops", FROZEN).lines
    assert [line.split() for line in lines[2:5]] == [
        ["Const", "18"],
        ["Identity", "17"],
        ["Conv2D", "3"],
    ]
    document = run_json("ops", FROZEN)
    assert document["nodes"] == sum(document["ops"].values()) == 53
    assert next(iter(document["ops"])) == "Const"


def test_functions_are_counted_by_themselves() -> None:
    document = run_json("ops", fixture("control_flow/functional/graph.pb"))
    assert document["ops"]["While"] == 1
    assert document["function_ops"]["MatMul"] == 2
    assert "In functions" in run("ops", fixture("control_flow/functional/graph.pb")).out
