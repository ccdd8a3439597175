"""What is state that a model keeps, and what is only updated."""

from __future__ import annotations

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.idioms.kept_state import is_read_back, kept_state
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

COUNTER = """
    x = Placeholder dtype=float shape=[2]
    one = Const value=float:1.0
    count = VarHandleOp dtype=float shape=[]
    add = AssignAddVariableOp(count, one) dtype=float
    {0}
"""


@pytest.mark.parametrize(
    ("rest", "is_state"),
    [
        ("now = ReadVariableOp(count, ^add) dtype=float\n y = Add(x, now) T=float", True),
        (
            "go = NoOp(^add)\n now = ReadVariableOp(count, ^go) dtype=float\n y = Identity(now)",
            True,
        ),
        ("y = ReadVariableOp(count, ^add) dtype=float", True),
        # read before it, or by nobody, or another variable, or what only waits
        ("now = ReadVariableOp(count) dtype=float\n y = Add(x, now, ^add) T=float", False),
        ("now = ReadVariableOp(count, ^add) dtype=float\n y = Identity(x, ^now) T=float", False),
        (
            "w = VarHandleOp dtype=float shape=[]\n now = ReadVariableOp(w, ^add) dtype=float\n"
            " y = Add(x, now) T=float",
            False,
        ),
        ("y = Identity(x, ^add) T=float", False),
    ],
)
def test_state_is_what_is_read_after_it_was_changed(rest: str, is_state: bool) -> None:
    source = graph(COUNTER.format(rest))
    assert is_read_back(source, source["add"], ["y"]) is is_state
    assert list(kept_state(source)) == ["count"]


def test_a_reference_that_an_update_gives_is_read_back() -> None:
    text = """
        x = Placeholder dtype=float shape=[2]
        v = VariableV2 dtype=float shape=[2]
        a = AssignAdd(v, x) T=float
    """
    source = graph(text + "y = Identity(a) T=float")
    assert is_read_back(source, source["a"])
    source = graph(text + "y = Identity(x, ^a) T=float")
    assert not is_read_back(source, source["a"])


def test_what_a_cycle_of_waiting_nodes_hides_is_found_in_the_end() -> None:
    rest = "a = NoOp(^add, ^b)\n b = NoOp(^a)\n y = ReadVariableOp(count, ^b) dtype=float"
    source = graph(COUNTER.format(rest))
    assert is_read_back(source, source["add"], ["y"])
    assert not is_read_back(source, source["y"])


@pytest.mark.parametrize(
    ("rest", "cures"),
    [
        (
            "now = ReadVariableOp(count, ^add) dtype=float\n y = Add(v, now) T=float",
            {"TFLiteConverter.from_saved_model", "--keep-variables count"},
        ),
        ("y = Add(v, x, ^add) T=float", {"--inference", "--keep-variables count"}),
    ],
)
def test_a_verdict_tells_what_becomes_of_state(rest: str, cures: set[str]) -> None:
    weights = "w = VarHandleOp dtype=float shape=[2]\n v = ReadVariableOp(w) dtype=float\n "
    verdict = predict_conversion(graph(COUNTER.format(weights + rest)), ["x"], ["y"])
    remedies = {b.remedy for b in verdict.blockers if b.kind == "unsupported"}
    assert all(any(cure in remedy for remedy in remedies) for cure in cures)
    assert len(remedies) == 2
