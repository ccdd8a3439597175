from __future__ import annotations

import pytest

from graphtools.idioms.scope_moves import Move, companion_suffix, find_moves

NET = ["conv1/weights", "conv1/biases", "conv2/weights", "conv2/biases", "fc/weights"]


def moves(a: list[str], b: list[str], shapes: dict[str, int] | None = None) -> list[Move]:
    known = shapes or {}
    found, _ = find_moves(a, b, lambda x, y: known.get(x, 0) == known.get(y, 0))
    return found


@pytest.mark.parametrize(
    ("a", "b", "from_", "to"),
    [
        ("FeatureExtractor/MobilenetV1/", "MobilenetV1/", "FeatureExtractor/MobilenetV1", None),
        ("", "model/", "", "model"),
        ("net/", "other/", "net", "other"),
        ("a/net/", "a/b/net/", "a", "a/b"),
    ],
)
def test_a_scope_that_moved_is_found(a: str, b: str, from_: str, to: str | None) -> None:
    (move,) = moves([a + n for n in NET], [b + n for n in NET])
    assert move.variables == tuple(sorted((a + n, b + n) for n in NET))
    assert move.kind == "scope"
    assert (move.from_ + "/").startswith(from_)
    assert to is None or (move.to + "/").startswith(to)


def test_the_scope_that_moved_is_named() -> None:
    a = [f"FeatureExtractor/MobilenetV1/{n}" for n in NET]
    (move,) = moves(a, [f"MobilenetV1/{n}" for n in NET])
    assert (move.from_, move.to) == ("FeatureExtractor/MobilenetV1", "MobilenetV1")


SUFFIXES = ("/ExponentialMovingAverage", "/Adam", "/Adam_1", "/Momentum", "/RMSProp")


@pytest.mark.parametrize("suffix", [*SUFFIXES, ":0", "/.ATTRIBUTES/VARIABLE_VALUE"])
def test_a_suffix_is_found_on_either_side(suffix: str) -> None:
    (move,) = moves([n + suffix for n in NET], NET)
    assert (move.from_, move.to, move.kind) == (f"*{suffix}", "*", "suffix")
    (move,) = moves(NET, [n + suffix for n in NET])
    assert (move.from_, move.to) == ("*", f"*{suffix}")


def test_scope_and_suffix_together() -> None:
    (move,) = moves([f"s/{n}/ExponentialMovingAverage" for n in NET], [f"t/{n}:0" for n in NET])
    assert move.kind == "scope and suffix"
    assert len(move.variables) == len(NET)


def test_slots_move_with_their_variables() -> None:
    a = [f"x/{n}{s}" for n in NET for s in ("", "/Adam", "/Adam_1")]
    (move,) = moves(a, [n.replace("x/", "y/", 1) for n in a])
    assert len(move.variables) == len(a)
    # where the other side has none, they are not taken for the variables
    (move,) = moves(a, [f"y/{n}" for n in NET])
    assert move.variables == tuple(sorted((f"x/{n}", f"y/{n}") for n in NET))


def test_things_of_other_shapes_make_no_move() -> None:
    assert not moves(["a/w"], ["b/w"], {"a/w": 1, "b/w": 2})


def test_a_certain_move_takes_what_has_another_shape_along() -> None:
    shapes = {"x/fc/weights": 21, "fc/weights": 3}
    (move,) = moves([f"x/{n}" for n in NET], NET, shapes)
    assert ("x/fc/weights", "fc/weights") in move.variables


def test_rules_that_explain_the_same_are_not_taken() -> None:
    found, unclear = find_moves(
        [f"net/{n}" for n in NET],
        [f"tower_{i}/{n}" for n in NET for i in (0, 1)],
        lambda _x, _y: True,
    )
    assert not found
    assert len(unclear) == 1
    assert "tower_0" in unclear[0]
    assert "tower_1" in unclear[0]


def test_a_single_variable_needs_more_than_its_last_part() -> None:
    assert not moves(["a/weights"], ["b/weights"])
    assert moves(["a/conv/weights"], ["b/conv/weights"])
    assert moves(["weights"], ["b/weights"])


def test_names_that_are_recorded_for_objects_are_used() -> None:
    keys = [f"model/layer-{i}/v/.ATTRIBUTES/VARIABLE_VALUE" for i in range(len(NET))]
    found, _ = find_moves(
        keys, NET, lambda _x, _y: True, full_names=(dict(zip(keys, NET, strict=True)), {})
    )
    assert [m.kind for m in found] == ["object"]
    assert found[0].variables == tuple(sorted(zip(keys, NET, strict=True)))


def test_large_sets_of_unrelated_names_take_linear_time() -> None:
    a = [f"a{i}/unit/weights" for i in range(20_000)]
    b = [f"b{i}/unit/weights" for i in range(20_000)]
    assert not moves(a, b)
    (move,) = moves([f"x/{n}" for n in a], a)
    assert len(move.variables) == len(a)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("w/Adam", "/Adam"),
        ("w/Adam_1:0", "/Adam_1"),
        ("w/.OPTIMIZER_SLOT/opt/m/.ATTRIBUTES/VARIABLE_VALUE", "/.OPTIMIZER_SLOT/opt/m"),
        ("other/Adam", ""),
        ("w", ""),
    ],
)
def test_slots_of_variables_that_are_there(name: str, suffix: str) -> None:
    assert companion_suffix(name, {"w"}.__contains__) == suffix
