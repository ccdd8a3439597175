"""Which operators of a TFLite model run where."""

from __future__ import annotations

import pytest

from graphtools.compat.placement import BEHIND, place_operators
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.runtimes import minimum_runtime, parse_runtime
from tests.benchmarks.edge_tpu import compare
from tests.lint.tflite_models import Op, Spec, model
from tests.support import shared

Q = Spec("int8", [1, 8, 8, 4], [0.1])
F = Spec("float32", [1, 8, 8, 4])


def places(steps: list[Op], tensors: dict[str, Spec], target: str = "edgetpu") -> str:
    """Where each operator runs, by the first letter; `b` for what is behind the first piece."""
    found = place_operators(model(tensors, steps), target)
    return "".join("b" if p.reason == BEHIND else p.runs_on[0] for p in found.operators)


def test_what_feeds_the_first_piece_may_stay_on_the_cpu() -> None:
    steps = [Op("QUANTIZE", ["x"], ["a"]), Op("RELU", ["a"], ["b"]), Op("ELU", ["b"], ["c"]),
             Op("RELU", ["c"], ["y"])]  # fmt: skip
    assert places(steps, {"x": F, "a": Q, "b": Q, "c": Q, "y": Q}) == "cecb"


def test_a_branch_beside_what_is_left_is_of_the_first_piece() -> None:
    steps = [Op("ELU", ["a"], ["b"]), Op("RELU", ["x"], ["a"]), Op("RELU", ["a"], ["c"]),
             Op("ADD", ["b", "c"], ["y"])]  # fmt: skip
    assert places(steps, dict.fromkeys("xabcy", Q)) == "ceeb"


def test_the_gpu_takes_the_largest_piece() -> None:
    ops = ["RELU", "ROUND", "RELU", "RELU"]
    steps = [Op(op, ["xabc"[i]], ["abcy"[i]]) for i, op in enumerate(ops)]
    assert places(steps, dict.fromkeys("xabcy", F), "gpu") == "ccgg"


def test_operators_that_read_what_nothing_gives_are_in_no_piece() -> None:
    steps = [Op("RELU", ["y"], ["a"]), Op("RELU", ["a"], ["y"])]
    found = place_operators(model(dict.fromkeys("xay", Q), steps), "edgetpu")
    assert found.pieces == 0


def test_what_is_compiled_is_mapped() -> None:
    steps = [Op("edgetpu-custom-op", ["x"], ["y"])]
    assert places(steps, {"x": Q, "y": Q}) == "e"


def test_the_newest_operator_tells_the_runtime() -> None:
    made = model({"x": Q, "y": Q}, [Op("RELU6", ["x"], ["y"], version=3), Op("Mine", ["x"], [])])
    assert minimum_runtime(made) == (2, 5)
    assert minimum_runtime(model({"x": Q}, [], outputs=["x"])) is None


@pytest.mark.parametrize("text", ["", "2", "two.five", "2.x"])
def test_a_runtime_is_two_numbers(text: str) -> None:
    assert parse_runtime("2.5.0") == (2, 5)
    with pytest.raises(InvalidValue):
        parse_runtime(text)


def test_it_agrees_with_the_edge_tpu_compiler() -> None:
    found = list(compare(shared("corpus")))
    assert sum(m.agreeing for m in found) >= 0.95 * sum(m.operators for m in found)


def test_an_open_batch_is_the_one_in_the_file() -> None:
    spec = Q._replace(shape=[-1, 8, 8, 4])
    steps = [Op("RELU", ["x"], ["a"]), Op("RELU", ["a"], ["y"])]
    for target in ("edgetpu", "gpu", "micro"):
        assert place_operators(model(dict.fromkeys("xay", spec), steps), target).is_whole
    found = place_operators(model({"x": Q, "a": spec, "y": spec}, steps), "edgetpu")
    assert "no fixed size" in found.operators[0].reason
