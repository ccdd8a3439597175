"""remove_device, set_device."""

from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from tests.transforms.graphs import apply, same

BEFORE = """
    a = Placeholder dtype=float
    b = Relu(a) T=float device="/job:worker/task:3"
"""


def test_devices_are_removed() -> None:
    after = """
        a = Placeholder dtype=float
        b = Relu(a) T=float
    """
    assert same(apply(BEFORE, "remove_device").graph, after)
    assert same(apply(BEFORE, "set_device").graph, after)


def test_all_nodes_are_placed() -> None:
    after = """
        a = Placeholder dtype=float device="/gpu:0"
        b = Relu(a) T=float device="/gpu:0"
    """
    assert same(apply(BEFORE, 'set_device(device="/gpu:0")').graph, after)


def test_nodes_that_are_placed_stay_where_they_are() -> None:
    after = """
        a = Placeholder dtype=float device="/gpu:0"
        b = Relu(a) T=float device="/job:worker/task:3"
    """
    assert same(apply(BEFORE, 'set_device(device="/gpu:0", if_default=true)').graph, after)


@pytest.mark.parametrize("spec", ["set_device(if_default=perhaps)", "remove_device(op=Relu)"])
def test_wrong_parameters_are_refused(spec: str) -> None:
    with pytest.raises(GraphtoolsError):
        apply(BEFORE, spec)
