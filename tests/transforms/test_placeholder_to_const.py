from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from tests.transforms.graphs import apply, same

BEFORE = """
    phase_train = Placeholder(^init) dtype=bool shape=[] device="/cpu:0"
    rate = PlaceholderWithDefault(half) dtype=float shape=[]
    half = Const value=float:0.5
    name = Placeholder dtype=string
    count = Placeholder dtype=int64
    init = NoOp
"""


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("phase_train=False", 'phase_train = Const(^init) value=bool:false device="/cpu:0"'),
        ("phase_train=1", 'phase_train = Const(^init) value=bool:true device="/cpu:0"'),
        ("phase_train:0=false", 'phase_train = Const(^init) value=bool:false device="/cpu:0"'),
        ("rate=0.25", "rate = Const value=float:0.25"),
        ("name=plum", 'name = Const value=string:"plum"'),
        ("count=-3", "count = Const value=int64:-3"),
    ],
)
def test_a_placeholder_becomes_a_scalar(given: str, line: str) -> None:
    name = line.split(" ")[0]
    after = [line if row.strip().startswith(f"{name} =") else row for row in BEFORE.splitlines()]
    done = apply(BEFORE, f'placeholder_to_const(value="{given}")')
    assert same(done.graph, "\n".join(after))


def test_several_become_scalars() -> None:
    spec = 'placeholder_to_const(value="phase_train=False", value="rate=1")'
    done = apply(BEFORE, spec)
    assert [n.name for n in done.graph if n.op == "Const"] == ["phase_train", "rate", "half"]


@pytest.mark.parametrize(
    ("given", "says", "remedy"),
    [
        ("phase_train", "'phase_train' gives no value", "write phase_train=False"),
        ("phase_trian=False", "no node 'phase_trian'", "did you mean 'phase_train'?"),
        ("half=1", "'half' is a Const, no placeholder", ""),
        ("phase_train=maybe", "'maybe' is no value of 'phase_train', which is bool", ""),
        ("count=1.5", "'1.5' is no value of 'count', which is int64", ""),
        ("rate=high", "'high' is no value of 'rate', which is float32", ""),
    ],
)
def test_what_cannot_be_is_refused(given: str, says: str, remedy: str) -> None:
    with pytest.raises(GraphtoolsError) as raised:
        apply(BEFORE, f'placeholder_to_const(value="{given}")')
    assert says in raised.value.message
    assert remedy in raised.value.remedy


def test_a_value_is_needed() -> None:
    with pytest.raises(GraphtoolsError, match="placeholder_to_const needs value"):
        apply("x = Placeholder dtype=bool", "placeholder_to_const")
