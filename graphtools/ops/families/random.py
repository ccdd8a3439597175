"""Shapes of random tensors."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    concatenate,
    with_rank,
    with_rank_at_most,
)
from graphtools.ops.families._outputs import always, like_input, told_by_input

shape_function("RandomUniform", "RandomStandardNormal", "TruncatedNormal",
               "RiscRandomUniform")(told_by_input(0))  # fmt: skip


@shape_function("RandomUniformInt")
def random_uniform_int(call: Call) -> Dims:
    """The first input is the shape; the bounds are scalars."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return call.dims(0)


@shape_function("ParameterizedTruncatedNormal")
def parameterized_truncated_normal(call: Call) -> Dims:
    """The first input is the shape; parameters are scalars or lists."""
    for position in (1, 2, 3, 4):
        with_rank_at_most(call.input(position), 1)
    return call.dims(0)


@shape_function("RandomGamma", "RandomPoisson", "RandomPoissonV2")
def random_of_each(call: Call) -> Dims:
    """A tensor of the shape that the first input says for each element of the second."""
    return concatenate(call.dims(0), call.input(1))


shape_function("RandomShuffle")(like_input(0))


@shape_function("Multinomial")
def multinomial(call: Call) -> Dims:
    """So many samples for each row."""
    rows = with_rank(call.input(0), 2)
    with_rank(call.input(1), 0)
    return (rows[0], _number(call, 1))


def _number(call: Call, position: int) -> int | None:
    count = call.integer(position)
    if count is not None and count < 0:
        raise Contradiction(f"there cannot be {count} samples")
    return count


@shape_function("RandomIndexShuffle")
def random_index_shuffle(call: Call) -> Dims:
    """A place for each index; seed and limit may be one for all, or one for each."""
    indices = call.input(0)
    if indices:
        return with_rank(indices, 1)
    seed, limit = call.input(1), call.input(2)
    if indices is None or limit is None or seed is None or len(seed) != 1:
        return None
    return limit


# Without state


def _seed(call: Call, position: int) -> None:
    (two,) = with_rank(call.input(position), 1)
    if two not in (None, 2):
        raise Contradiction(f"a seed is two numbers, not {two}")


@shape_function("StatelessRandomNormal", "StatelessRandomUniform", "StatelessTruncatedNormal",
                "StatelessRandomUniformFullInt")  # fmt: skip
def stateless(call: Call) -> Dims:
    """The first input is the shape."""
    _seed(call, 1)
    return call.dims(0)


@shape_function("StatelessRandomUniformInt")
def stateless_uniform_int(call: Call) -> Dims:
    """The first input is the shape; the bounds are scalars."""
    _seed(call, 1)
    for position in (2, 3):
        with_rank(call.input(position), 0)
    return call.dims(0)


@shape_function("StatelessRandomNormalV2", "StatelessRandomUniformV2",
                "StatelessTruncatedNormalV2", "StatelessRandomUniformFullIntV2",
                "StatelessRandomUniformIntV2")  # fmt: skip
def stateless_v2(call: Call) -> Dims:
    """The first input is the shape; key and counter follow."""
    _key(call)
    if call.node.op == "StatelessRandomUniformIntV2":
        for position in (4, 5):
            with_rank(call.input(position), 0)
    return call.dims(0)


def _key(call: Call) -> None:
    (one,) = with_rank(call.input(1), 1)
    if one not in (None, 1):
        raise Contradiction(f"a key is one number, not {one}")
    with_rank(call.input(2), 1)
    with_rank(call.input(3), 0)


@shape_function("StatelessMultinomial")
def stateless_multinomial(call: Call) -> Dims:
    """So many samples for each row."""
    rows = with_rank(call.input(0), 2)
    with_rank(call.input(1), 0)
    _seed(call, 2)
    return (rows[0], _number(call, 1))


@shape_function("StatelessParameterizedTruncatedNormal")
def stateless_parameterized_truncated_normal(call: Call) -> Dims:
    """The first input is the shape, to which the parameters broadcast."""
    _seed(call, 1)
    return call.dims(0)


@shape_function("StatelessRandomBinomial", "StatelessRandomPoisson", "StatelessRandomGammaV2")
def stateless_of_each(call: Call) -> Dims:
    """The first input is the shape, the last dimensions of which are those of the parameters."""
    _seed(call, 1)
    return call.dims(0)


@shape_function("StatelessRandomGammaV3")
def stateless_gamma_v3(call: Call) -> Dims:
    """The first input is the shape, to which the parameter broadcasts."""
    _key(call)
    return call.dims(0)


shape_function("StatelessShuffle")(like_input(0))


@shape_function("StatelessRandomGetKeyCounter")
def key_counter(call: Call) -> list[Dims]:
    """Key and counter."""
    _seed(call, 0)
    return [(1,), (2,)]


@shape_function("StatelessRandomGetKeyCounterAlg")
def key_counter_algorithm(call: Call) -> list[Dims]:
    """Key, counter and algorithm."""
    _seed(call, 0)
    return [(1,), (2,), ()]


shape_function("StatelessRandomGetAlg")(always(SCALAR))


# With a generator


@shape_function("StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniformFullInt")
def stateful(call: Call) -> Dims:
    """The third input is the shape, behind generator and algorithm."""
    with_rank(call.input(1), 0)
    return call.dims(2)


@shape_function("StatefulUniform")
def stateful_uniform(call: Call) -> Dims:
    """The third input is the shape."""
    with_rank(call.input(1), 0)
    return call.dims(2)


@shape_function("StatefulUniformInt")
def stateful_uniform_int(call: Call) -> Dims:
    """The third input is the shape; the bounds are scalars."""
    for position in (1, 3, 4):
        with_rank(call.input(position), 0)
    return call.dims(2)


@shape_function("StatefulStandardNormal", "NonDeterministicInts")
def stateful_standard_normal(call: Call) -> Dims:
    """The last input is the shape."""
    return call.dims(1 if call.node.op == "StatefulStandardNormal" else 0)


shape_function("StatefulRandomBinomial")(told_by_input(2))


@shape_function("RngReadAndSkip")
def rng_read_and_skip(call: Call) -> Dims:
    """The state of the generator."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return (None,)


@shape_function("RngSkip")
def rng_skip(call: Call) -> list[Dims]:
    """No outputs."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return []


@shape_function("SobolSample")
def sobol_sample(call: Call) -> Dims:
    """So many samples of so many dimensions."""
    for position in (0, 1, 2):
        with_rank(call.input(position), 0)
    dimension, count = call.integer(0), call.integer(1)
    return (count, dimension)
