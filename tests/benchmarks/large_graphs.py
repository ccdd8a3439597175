"""Graphs of many kinds in any size: nothing that is done with one may be quadratic."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphtools import Graph, Node
from graphtools.graph import Versions
from tests.benchmarks.generate import frozen_chain
from tests.transforms.graphs import function, nodes

_CONV = 'T=float strides={1, 1, 1, 1} padding="SAME" data_format="NHWC" dilations={1, 1, 1, 1}'
_IMAGE = "input = Placeholder dtype=float shape=[1,8,8,2]"
_FRAME = "T=int32 frame_name="


def _made(pieces: Iterator[str], size: int) -> list[Node]:
    """The nodes that pieces of text tell, up to a number."""
    made: list[Node] = []
    while len(made) < size:
        made += nodes(next(pieces))
    return made


def _convolutions() -> Iterator[str]:
    """Convolutions with batch norms whose output is quantized."""
    yield _IMAGE
    before = "input"
    number = 0
    while True:
        at = f"net/block_{number // 16}/layer_{number}"
        parts = "\n".join(
            f"{at}/bn/{part} = Const value=float:[0.5,0.75]"
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        yield f"""
            {at}/weights = Const value=float:[[[[1,2],[3,4]]]]
            {at}/Conv2D = Conv2D({before}, {at}/weights) {_CONV}
            {parts}
            {at}/bn/Norm = FusedBatchNorm({at}/Conv2D, {at}/bn/gamma, {at}/bn/beta, \
{at}/bn/moving_mean, {at}/bn/moving_variance) \
T=float epsilon=0.001 is_training=false data_format="NHWC"
            {at}/Relu6 = Relu6({at}/bn/Norm) T=float
            {at}/min = Const value=float:0
            {at}/max = Const value=float:6
            {at}/quant = FakeQuantWithMinMaxVars({at}/Relu6, {at}/min, {at}/max) \
num_bits=8 narrow_range=false
        """
        before = f"{at}/quant"
        number += 1


def _scopes() -> Iterator[str]:
    """Each node in scopes of its own."""
    yield "input = Placeholder dtype=float shape=[4]"
    before, number = "input", 0
    while True:
        node = f"a_{number % 97}/b_{number % 89}/c_{number}/Relu"
        yield f"{node} = Relu({before}) T=float"
        before, number = node, number + 1


def _identities() -> Iterator[str]:
    """A chain of what hands its input on."""
    yield "input = Placeholder dtype=float shape=[4]"
    before, number = "input", 0
    while True:
        yield f"i{number} = Identity({before}) T=float"
        before, number = f"i{number}", number + 1


def _fan() -> Iterator[str]:
    """One tensor that all read."""
    yield "input = Placeholder dtype=float shape=[4]\nhub = Identity(input) T=float"
    number = 0
    while True:
        yield f"r{number} = Relu(hub) T=float"
        number += 1


def _shared_weight() -> Iterator[str]:
    """One weight that all convolutions read."""
    yield f"""
        {_IMAGE}
        weights = Const value=float:[[[[1,2],[3,4]]]]
        weights/read = Identity(weights) T=float
        bias = Const value=float:[0.5,0.75]
    """
    before, number = "input", 0
    while True:
        yield f"""
            c{number} = Conv2D({before}, weights/read) {_CONV}
            b{number} = BiasAdd(c{number}, bias) T=float data_format="NHWC"
        """
        before, number = f"b{number}", number + 1


def _loops() -> Iterator[str]:
    """v1 loops one behind the other."""
    yield "input = Placeholder dtype=int32 shape=[]"
    before, number = "input", 0
    while True:
        w = f"while_{number}"
        yield f"""
            {w}/Enter = Enter({before}) {_FRAME}"{w}" is_constant=false parallel_iterations=10
            {w}/Merge = Merge({w}/Enter, {w}/NextIteration) T=int32 N=2
            {w}/Less/y = Const(^{w}/Merge) value=int32:10
            {w}/Less = Less({w}/Merge, {w}/Less/y) T=int32
            {w}/LoopCond = LoopCond({w}/Less)
            {w}/Switch = Switch({w}/Merge, {w}/LoopCond) T=int32
            {w}/Identity = Identity({w}/Switch:1) T=int32
            {w}/Add/y = Const(^{w}/Identity) value=int32:1
            {w}/Add = Add({w}/Identity, {w}/Add/y) T=int32
            {w}/NextIteration = NextIteration({w}/Add) T=int32
            {w}/Exit = Exit({w}/Switch) T=int32
        """
        before, number = f"{w}/Exit", number + 1


def _dropouts() -> Iterator[str]:
    """Layers with dropout, one behind the other."""
    yield "input = Placeholder dtype=float shape=[4]\nkeep = Const value=float:0.5"
    before, number = "input", 0
    while True:
        at = f"dropout_{number}/dropout"
        yield f"""
            {at}/Shape = Shape({before}) T=float out_type=int32
            {at}/random_uniform/RandomUniform = RandomUniform({at}/Shape) \
T=int32 dtype=float seed=0 seed2=0
            {at}/add = Add(keep, {at}/random_uniform/RandomUniform) T=float
            {at}/Floor = Floor({at}/add) T=float
            {at}/div = RealDiv({before}, keep) T=float
            {at}/mul = Mul({at}/div, {at}/Floor) T=float
            dropout_{number}/Relu = Relu({at}/mul) T=float
        """
        before, number = f"dropout_{number}/Relu", number + 1


def _variables() -> Iterator[str]:
    """Variables with their first values, and what reads and assigns them."""
    yield "input = Placeholder dtype=float shape=[4]"
    before, number = "input", 0
    while True:
        v = f"layer_{number}/w"
        yield f"""
            {v} = VariableV2 dtype=float shape=[4] container="" shared_name=""
            {v}/first = Const value=float:[1,2,3,4]
            {v}/Assign = Assign({v}, {v}/first) T=float use_locking=true validate_shape=true \
_class={{"loc:@{v}"}}
            {v}/read = Identity({v}) T=float _class={{"loc:@{v}"}}
            layer_{number}/Mul = Mul({before}, {v}/read) T=float
        """
        before, number = f"layer_{number}/Mul", number + 1


def _of(pieces: Callable[[], Iterator[str]]) -> Callable[[int], Graph]:
    return lambda size: Graph(_made(pieces(), size), Versions(134))


def _functions(size: int) -> Graph:
    """Calls of functions of 16 nodes, each of its own."""
    made, library, before = nodes("input = Placeholder dtype=float shape=[4]"), [], "input"
    for number in range(size // 17):
        body, last = [], "x"
        for step in range(16):
            body.append(f"r{step} = Relu({last}) T=float")
            last = f"r{step}:activations:0"
        name = f"f_{number}"
        library.append(function(name, "x float", f"z float = {last}", "\n".join(body)))
        made += nodes(
            f"call_{number} = PartitionedCall({before}) Tin={{float}} Tout={{float}} f=@{name}"
        )
        before = f"call_{number}"
    return Graph(made, Versions(134), library)


#: Graphs by kind: functions of the number of nodes.
KINDS: dict[str, Callable[[int], Graph]] = {
    "chain": frozen_chain,
    "convolutions": _of(_convolutions),
    "scopes": _of(_scopes),
    "identities": _of(_identities),
    "fan": _of(_fan),
    "shared weight": _of(_shared_weight),
    "loops": _of(_loops),
    "dropouts": _of(_dropouts),
    "variables": _of(_variables),
    "functions": _functions,
}
