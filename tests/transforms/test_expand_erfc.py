"""Erfc as 1 - Erf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import random, run

NET = """
x = Placeholder dtype=float shape=[2,3]
y = Erfc(x) T=float
z = Identity(y) T=float
"""


def test_it_becomes_a_difference() -> None:
    done = apply(NET, "expand_erfc", ["x"], ["z"])
    assert same(
        done.graph,
        """
        x = Placeholder dtype=float shape=[2,3]
        y/one = Const value=float:1
        y/erf = Erf(x) T=float
        y = Sub(y/one, y/erf) T=float
        z = Identity(y) T=float
        """,
    )


def test_a_type_that_numpy_lacks_stays() -> None:
    done = apply(NET.replace("float", "bfloat16"), "expand_erfc", ["x"], ["z"])
    assert skips(done)
    assert done.graph["y"].op == "Erfc"


@pytest.mark.tensorflow
def test_tensorflow_computes_the_same(tf: Any) -> None:
    x = random(2, 3) * 3
    done = apply(NET, "expand_erfc", ["x"], ["z"]).graph
    (found,) = run(tf, done, {"x:0": x}, ["z:0"])
    (wanted,) = run(tf, graph(NET), {"x:0": x}, ["z:0"])
    np.testing.assert_allclose(found, wanted, atol=3e-7)
