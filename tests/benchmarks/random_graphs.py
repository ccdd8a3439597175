"""Random graphs of several ops, valid for TensorFlow: what a converter may be given.

`random_graphs` makes graphs of five kinds: ops drawn from all families and connected at random
(`dag`), one op with its operands, types and attributes varied (`single`), layers as networks have
them (`layers`), control flow with functions and without (`control`), and what surrounds a model
that was trained (`leftovers`). Everything depends on the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.benchmarks import random_movement  # noqa: F401  # declares families of ops
from tests.benchmarks.random_control import control
from tests.benchmarks.random_layers import layers, leftovers
from tests.benchmarks.random_maker import Made, Maker
from tests.benchmarks.random_ops import dag, single

#: The kinds of graphs, the frequent ones often.
KINDS: list[Callable[[Maker], Made]] = [
    dag, dag, dag, single, single, layers, control, leftovers,
]  # fmt: skip


def random_graphs(seed: int, count: int) -> Iterator[Made]:
    """Random graphs, always the same ones for a seed.

    Args:
        seed: Where the choices come from.
        count: How many.
    """
    for number in range(count):
        yield KINDS[number % len(KINDS)](Maker(seed * 1_000_003 + number))
