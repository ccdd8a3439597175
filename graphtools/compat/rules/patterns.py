"""Ops that the converter takes together with their neighbours."""

from __future__ import annotations

from graphtools.compat.judgement import BUILTIN, Failure, Judgement
from graphtools.compat.site import Site, rule
from graphtools.front_end import param
from graphtools.graph.following import follow
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.arithmetic import QUOTIENTS, SUMS

#: The square root of a half.
_ROOT = 0.7071067811865476
#: By which the constants of GELU may differ: the rounding of float32.
_ROUNDING = 1.2e-7


@rule("Erf", "Erfc")
def error_function(site: Site) -> Judgement:
    """TFLite has neither; in the formula of the exact GELU they become part of GELU.

    That is (x * 0.5) * (erf(x * sqrt(0.5)) + 1), or (x * 0.5) * erfc(-x * sqrt(0.5)), with the
    factors in this order; divisions by constants are products, too.
    """
    return BUILTIN if _is_of_gelu(site) else None


def _is_of_gelu(site: Site) -> bool:
    """Whether an Erf or Erfc stands in the formula of GELU."""
    argument = _scaled(site.source(), _ROOT)
    if argument is None or site.type_attr("T") != "float32":
        return False
    if site.node.op == "Erf":
        last = _only_user(site)
        if last is None or last.node.op not in SUMS or not _has_constant(last, 1):
            return False
    else:
        last, negated = site, site.scope.graph.get(argument.node)
        if negated is None or negated.op != "Neg":
            return False
        argument = site.of(negated).origin()
    product = _only_user(last)
    if product is None or product.node.op != "Mul":
        return False
    half = product.source(0)
    return half is not None and _scaled(half, 0.5) == argument and _only_user(half) is not None


def _only_user(site: Site) -> Site | None:
    """The node that reads a node, where it is the only one."""
    users = site.users()
    alone = len(users) == 1 and site.node.name not in site.scope.outputs
    return site.of(users[0][0]) if alone else None


def _scaled(site: Site | None, factor: float) -> Ref | None:
    """The tensor that a node multiplies by a constant factor, None for any other node."""
    if site is None or len(site.sources) != 2:
        return None
    if site.node.op in QUOTIENTS:
        return site.origin(0) if _is_constant(site, 1, 1 / factor) else None
    for position in (0, 1):
        if site.node.op == "Mul" and _is_constant(site, position, factor):
            return site.origin(1 - position)
    return None


def _has_constant(site: Site, value: float) -> bool:
    return any(_is_constant(site, position, value) for position in (0, 1))


def _is_constant(site: Site, position: int, value: float) -> bool:
    """Whether an input is a constant all elements of which are a value, but for its rounding."""
    values = site.constant_values(position)
    if not values:
        return False
    return all(abs(element - value) <= _ROUNDING * max(1, value) for element in values)


@rule("FFT")
def fourier_transform(site: Site) -> Judgement:
    """Of a Cast of real numbers it is made of an RFFT, which TFLite has for float32.

    At other types than float32 and float64 the converter fails; the last dimension must be known.
    """
    cast, dims = site.source(), site.dims_of(0)
    if cast is None or cast.node.op != "Cast" or not dims or dims[-1] is None:
        return None
    kind = cast.type_attr("SrcT")
    if kind == "float32":
        return BUILTIN
    if kind == "float64" or kind.startswith("complex"):
        return None
    return Failure("error", f"it is of {kind} that is cast: the converter fails", "cast to float32")


#: Ops of one tensor that newer converters move in front of a Transpose.
_MOVED = frozenset("Exp Floor Neg Relu Relu6 Sigmoid Sqrt Square Tanh".split())
#: Ops of two tensors that they move, too, where one is a constant that needs no new shape.
_MOVED_WITH_CONSTANT = frozenset("Add AddV2 Div Maximum Minimum Mul RealDiv Sub".split())
#: The last TensorFlow of which it is known that it moves no Transpose behind a Squeeze.
_MOVES_NOTHING = (2, 16)


@rule("Squeeze")
def squeeze(site: Site) -> Judgement:
    """Where two dimensions of its result are not known, the converter fails at one of a Transpose.

    It moves the Transpose behind it, and writes the dimensions in the wrong type. What is known
    better becomes a RESHAPE.
    """
    dims = site.output_shape
    if dims is None and not site.ints_attr("squeeze_dims"):
        dims = site.dims_of(0)
    if site.known.number <= _MOVES_NOTHING or dims is None or dims.count(None) < 2:
        return None

    def onward(node: Node, _: Ref) -> str | None:
        source = site.of(node)
        moved = None if node.name in site.scope.fed else _moved_input(source)
        return None if moved is None else str(source.origin(moved))

    *_, (_, node) = (None, None), *follow(site.scope.graph, str(site.origin()), onward)
    if node is None or node.op != "Transpose" or not site.types_fit():
        return None
    order = site.of(node).constant_values(1)
    if order is None or list(order) == list(range(len(order))):
        return None
    reason = f"the converter moves {node.name!r} behind it and fails"
    return Failure("error", reason, f"state the shape of the input: {param('input_shapes')}")


def _moved_input(site: Site) -> int | None:
    """Which input of a node is the one behind which a Transpose is moved; None of any other."""
    if site.node.op in _MOVED:
        return 0
    if site.node.op in _MOVED_WITH_CONSTANT:
        for position in (0, 1):
            ranks = (0, site.rank(1 - position))
            if site.is_constant(position) and site.rank(position) in ranks:
                return 1 - position
    return None
