"""The rules of a graph's own Saver."""

from __future__ import annotations

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from graphtools.restore.model_variables import ModelVariable, ModelVariables, kind_of
from graphtools.restore.plan import RestorePlan
from graphtools.restore.saver_plan import saver_plan

AVERAGED = "w/ExponentialMovingAverage"


def plan_of(stored: dict[str, list[int]], saved: dict[str, str]) -> RestorePlan:
    variables = [
        ModelVariable(name, FLOAT32, Shape([2]), kind_of(name), True)
        for name in ("w", "b", "w/Adam")
    ]
    model = ModelVariables("eval.meta", "graph", tuple(variables), saved=saved)
    return saver_plan({n: (FLOAT32, Shape(s)) for n, s in stored.items()}, model)


def test_keys_of_the_saver_are_looked_for() -> None:
    plan = plan_of({AVERAGED: [2], "b": [2], "w": [2]}, {"w": AVERAGED, "b": "b"})
    assert plan.complete
    assert not plan.failure
    assert plan.tool == "saver"
    keys = {v.name: (v.status, v.checkpoint_key) for v in plan.variables}
    assert keys["w"] == ("restored", AVERAGED)
    assert keys["b"] == ("restored", "b")
    assert keys["w/Adam"][0] == "not_asked"
    assert "1 variable under other names" in plan.in_words
    assert [t.name for t in plan.unused] == ["w"]
    assert not plan.notes


def test_a_key_that_is_not_there_makes_the_restore_fail() -> None:
    plan = plan_of({"w": [2], "b": [2]}, {"w": AVERAGED, "b": "b"})
    assert not plan.complete
    assert plan.failure.startswith(f"Key {AVERAGED} not found in checkpoint (w)")
    assert "by its own name the checkpoint has 1 variable" in plan.notes[0]


def test_a_slot_that_is_not_there_does_too() -> None:
    plan = plan_of({AVERAGED: [2]}, {"w": AVERAGED, "w/Adam": "w/Adam"})
    assert not plan.complete
    assert "w/Adam" in plan.failure


def test_a_shape_that_differs_does_too() -> None:
    plan = plan_of({AVERAGED: [3]}, {"w": AVERAGED})
    assert "lhs shape= [2] rhs shape= [3]" in plan.failure
