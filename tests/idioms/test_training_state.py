"""What training leaves in a checkpoint is told by names and shapes together."""

from __future__ import annotations

import pytest

from graphtools.graph.shape import Shape
from graphtools.idioms.training_state import companions, training_state

W, SCALAR = Shape([3, 2]), Shape(())


def _kinds(*names: str, scalars: tuple[str, ...] = ()) -> dict[str, str]:
    shapes = dict.fromkeys(names, W) | dict.fromkeys(scalars, SCALAR)
    return {name: state.kind for name, state in training_state(shapes).items()}


@pytest.mark.parametrize(
    "slot",
    [
        "Adam", "Adam_1", "Adam_2", "AdamW", "AdaMax_1", "Momentum", "RMSProp_2", "Adagrad",
        "Adadelta_1", "Ftrl_1", "ProximalAdagrad", "AdagradDA_1", "PowerSignOptimizer", "adam_v",
    ],
)  # fmt: skip
def test_a_slot_is_one_only_behind_its_variable(slot: str) -> None:
    assert _kinds("net/w", f"net/w/{slot}") == {f"net/w/{slot}": "optimizer slot"}
    assert not _kinds(f"net/w/{slot}")
    assert not _kinds(f"net/{slot}/w", "net/w")
    assert not training_state({"w": W, f"w/{slot}": Shape([3])})


def test_counters_are_scalars_of_these_names() -> None:
    counters = ("global_step", "beta1_power", "train/beta2_power_1", "good_steps")
    assert set(_kinds(scalars=counters)) == set(counters)
    assert not _kinds("train/beta1_power", "global_step_embedding", "good_steps")


def test_averages_know_their_variables() -> None:
    names = ["w", "w/ExponentialMovingAverage", "mul/ExponentialMovingAverage"]
    found = training_state(dict.fromkeys(names, W))
    assert found[names[1]].owner == "w"
    assert found[names[2]].owner == ""
    assert "bn/moving_mean" not in _kinds("bn/moving_mean", "bn/gamma")


def test_what_zero_debias_adds_belongs_to_the_average_that_may_stand_in_its_scope_twice() -> None:
    names = {"bn/moving_mean": W, "bn/bn/moving_mean/biased": W}
    names["bn/bn/moving_mean/local_step"] = SCALAR
    found = training_state(names)
    assert companions(found) == {"bn/moving_mean": sorted(found)}
    assert sorted(found) == sorted(names)[:2]
    del names["bn/bn/moving_mean/local_step"]
    assert not training_state(names)


def test_what_belongs_to_an_average_goes_where_its_variable_goes() -> None:
    average = "w/ExponentialMovingAverage"
    names = {"w": W, average: W, f"{average}/biased": W, f"{average}/local_step": SCALAR}
    assert companions(training_state(names))["w"] == sorted(names)[1:]
