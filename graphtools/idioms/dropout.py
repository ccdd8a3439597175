"""What a dropout is: elements are zeroed by chance, and the rest is scaled so that the mean stays.

    to 0.9         x * inv(keep) * floor(keep + random)
    to 1.12        (x / keep) * floor(keep + random)
    1.13 to 2.x    (x * scale) * cast(random >= rate)
    from 2.12      where(random >= rate, x * scale, 0)

The mask is told by its numbers: it is worked out with which share of the random numbers it is one.
The scale is the factor that makes up for that share, before or after the mask and on either side,
and nothing else is: other factors are branches of the model. A number that is fed or computed is
taken for one of its own, so that `1 / keep` makes up for `floor(keep + random)` whatever `keep` is.

Looks at one graph; that of a function's body is made by `graphtools.ops.bodies`. `alpha_dropout`
puts another value in place of zero and is none.

Source: nn_ops.py of TensorFlow 0.6 to 2.21 (`dropout`, `dropout_v2`, `stateless_dropout`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.dtypes import DType
from graphtools.graph.following import follow, reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.readers import data_readers, sole_reader
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.idioms.fake_quant import FAKE_QUANT_PER_CHANNEL, FAKE_QUANTS
from graphtools.ops.arithmetic import QUOTIENTS, SUMS
from graphtools.ops.bodies import body_of
from graphtools.ops.handing_on import (
    CONVERTED,
    INTO_BRANCHES,
    INTO_FRAMES,
    SAME_TENSOR,
    handed_on,
    source_node,
    source_of,
    way_to_source,
)
from graphtools.ops.inference import Inference, infer_shapes

#: Ops that draw numbers from 0 to 1, each equally likely.
UNIFORM = frozenset(
    {"RandomUniform", "StatelessRandomUniform", "StatelessRandomUniformV2", "StatefulUniform"}
)
#: Ops in which a mask and what it masks meet.
ENDS = frozenset({"Mul", "Select", "SelectV2"})
_INVERSES = frozenset({"Reciprocal", "Inv"})
#: By op that compares: 1 where the left side is to be greater, -1 where the right one is.
_COMPARISONS = {"GreaterEqual": 1, "Greater": 1, "LessEqual": -1, "Less": -1}
#: Quantization stands between the factors of a dropout in graphs that contrib_quantize prepared.
_QUANTIZED = FAKE_QUANTS - {FAKE_QUANT_PER_CHANNEL}
_SAME = SAME_TENSOR | INTO_FRAMES | INTO_BRANCHES
_NUMBERS = _SAME | CONVERTED
_MASKS = _NUMBERS | _QUANTIZED
_FACTORS = _SAME | CONVERTED | _QUANTIZED
#: So deep a number is followed, and so many factors of a product are looked at.
_DEEPEST = 24
_MOST_FACTORS = 16
#: So far a factor may be from making up for the mask, by the precision of its dtype.
_CLOSE = 1e-3
_CLOSE_IN_HALF = 2e-2


class Dropout(NamedTuple):
    """A dropout.

    Attributes:
        node: The node in which the mask and what it masks meet.
        kept: Number of the input that it is without the mask.
        scale: The product or quotient that makes up for what is dropped, before or after `node`;
            None where nothing does.
        unscaled: Number of the input that it is without the scale.
        between: Nodes from `scale` to `node` in the order of the data, neither included.
        is_scaled_after: Whether `scale` reads `node`, and not the other way round.
    """

    node: Node
    kept: int
    scale: Node | None = None
    unscaled: int = 0
    between: tuple[Node, ...] = ()
    is_scaled_after: bool = False

    @property
    def end(self) -> Node:
        """The last node of the dropout, which has its result."""
        return self.scale if self.scale is not None and self.is_scaled_after else self.node

    def in_copy(self, graph: Graph) -> Dropout:
        """The same dropout in a copy of the graph that it was found in."""
        return self._replace(
            node=graph[self.node.name],
            scale=None if self.scale is None else graph[self.scale.name],
            between=tuple(graph[step.name] for step in self.between),
        )


class _Linear(NamedTuple):
    """A number `slope * u + start`, where `u` is drawn from 0 to 1.

    `is_number` tells that it is surely one number, and not a tensor taken for one.
    """

    slope: float
    start: float
    is_number: bool = True


class _Mask(NamedTuple):
    """A tensor that is `height` for a share of its elements, by chance, and else zero.

    `is_usual` tells that it is made of one number as TensorFlow's dropout makes it.
    """

    share: float
    height: float = 1
    is_usual: bool = False


def find(graph: Graph, inference: Inference | None = None) -> list[Dropout]:
    """The dropouts of a graph, in the order of its nodes.

    Args:
        graph: The graph.
        inference: The shapes of its tensors, if they are known already.

    Example:
        >>> [dropout.end.name for dropout in find(graph)]
        ['dropout/mul_1']
    """
    if not any(node.op in UNIFORM for node in graph):
        return []
    found = _found_with(graph, 0, (node for node in graph if node.op in ENDS))
    # a factor may make up for a mask by chance, but not with other values of what is fed, too
    other = set(_found_with(graph, 1, [d.node for d in found]))
    return _of_one_shape(graph, [d for d in found if d in other], inference)


def find_in_functions(graph: Graph) -> Iterator[tuple[str, Dropout]]:
    """The dropouts in the bodies of a graph's functions, each with the name of the function."""
    for function in graph.functions.values():
        if any(node.op in UNIFORM for node in function.nodes):
            body = body_of(function, graph.functions, {}, graph.versions)
            for found in find(body.graph) if body is not None else ():
                yield function.name, found


def share_kept(graph: Graph, node: Node) -> bool | None:
    """Whether a number is the share of elements that dropouts keep, or the one that they drop.

    Returns:
        True or False; None where no dropout depends on the number.
    """
    if not any(other.op in UNIFORM for other in graph):
        return None  # as in most graphs, of which who reads what need not be found out then
    search = _DropoutSearch(graph)
    own = search.number(node.name)

    def computed(name: str) -> list[str]:
        readers = [r.node.name for r in data_readers(graph, name)]
        return [r for r in readers if search.is_number(r)]

    for name in reach([node.name], computed):
        for reader in data_readers(graph, name):
            mask = search.mask(reader.node.name)
            if mask is None or own is None:
                continue
            if abs(mask.share - own.start) < _CLOSE:
                return True
            if abs(mask.share - 1 + own.start) < _CLOSE:
                return False
    return None


def _found_with(graph: Graph, salt: int, ends: Iterable[Node]) -> list[Dropout]:
    search = _DropoutSearch(graph, salt)
    return [d for node in ends for d in search.at(node)]


def _of_one_shape(graph: Graph, found: list[Dropout], inference: Inference | None) -> list[Dropout]:
    """Those whose mask does not make what it masks larger."""
    if not found:
        return found
    shapes = inference or infer_shapes(graph, targets=[d.end.name for d in found])

    def shape(text: str) -> Shape:
        ref = Ref.parse(text)
        return shapes.shape(ref.node, ref.index)

    def keeps_shape(node: Node, position: int) -> bool:
        whole, part = shape(node.name), shape(node.data_inputs[position])
        if whole.dims is None or part.dims is None:
            return True
        return len(whole.dims) == len(part.dims) and all(
            a == b or None in (a, b) for a, b in zip(whole.dims, part.dims, strict=True)
        )

    return [
        d
        for d in found
        if keeps_shape(d.node, d.kept) and (d.scale is None or keeps_shape(d.scale, d.unscaled))
    ]


class _DropoutSearch:
    """Looks for dropouts in a graph, and remembers what numbers tensors are."""

    def __init__(self, graph: Graph, salt: int = 0) -> None:
        self._graph = graph
        self._salt = salt
        self._numbers: dict[str, _Linear | None] = {}

    def at(self, node: Node) -> Iterator[Dropout]:
        """The dropout whose mask and input meet in a node, if they do."""
        close = _CLOSE_IN_HALF if str(node.attr("T")) in ("float16", "bfloat16") else _CLOSE
        for kept, mask in self._sides(node):
            if self._is_scale(node.data_inputs[kept], mask, close):
                return  # a mask with its scale, which is to meet something yet
            if mask.height != 1:
                if abs(mask.share * mask.height - 1) <= close:
                    yield Dropout(node, kept)
                    return
                continue
            found = self._scaled_before(node, kept, mask, close, 1)
            found = found or self._scaled_after(node, kept, mask, close)
            found = found or self._scaled_before(node, kept, mask, close, _MOST_FACTORS)
            found = found or self._without_proof(node, kept, mask)
            if found is not None:
                yield found
                return

    def _sides(self, node: Node) -> Iterator[tuple[int, _Mask]]:
        """The numbers of inputs that a mask may leave, each with the mask."""
        data = node.data_inputs
        if node.op == "Mul" and len(data) == 2:
            for kept in (0, 1):
                mask = self.mask(data[1 - kept])
                if mask is not None:
                    yield kept, mask
        elif node.op != "Mul" and len(data) == 3:
            mask = self.mask(data[0])
            for kept, other in ((1, 2), (2, 1)) if mask is not None else ():
                if mask is not None and self._is_zero(data[other]):
                    share = mask.share if kept == 1 else 1 - mask.share
                    yield kept, mask._replace(share=share)

    # The scale

    def _is_scale(self, text: str, mask: _Mask, close: float) -> bool:
        number = self.number(text)
        return (
            number is not None
            and not number.slope
            and abs(number.start * mask.share * mask.height - 1) <= close
        )

    def _scales(self, node: Node, mask: _Mask, close: float) -> Iterator[int]:
        """The numbers of inputs that a node scales to make up for a mask."""
        data = node.data_inputs
        if len(data) != 2:
            return
        if node.op == "Mul":
            for position in (0, 1):
                if self._is_scale(data[1 - position], mask, close):
                    yield position
        elif node.op in QUOTIENTS:
            divisor = self.number(data[1])
            if divisor is None or divisor.slope or not divisor.start:
                return
            if abs(mask.share * mask.height / divisor.start - 1) <= close:
                yield 0

    def _scaled_before(
        self, node: Node, kept: int, mask: _Mask, close: float, most: int
    ) -> Dropout | None:
        """The scale among the factors of what is masked."""
        text = node.data_inputs[kept]
        ways: dict[str, tuple[Node, ...]] = {text: ()}
        products = 0

        def factors(text: str) -> tuple[str, ...]:
            source = self._graph.get(producer(text))
            if source is None or (text != source.name and source.op not in INTO_BRANCHES):
                return ()
            is_product = source.op == "Mul"
            if not is_product and source.op not in _FACTORS | QUOTIENTS:
                return ()
            found = source.data_inputs if is_product else source.data_inputs[:1]
            for factor in found:
                ways.setdefault(factor, (source, *ways[text]))
            return found

        for factor in reach([text], factors):
            source = self._graph.get(producer(factor))
            if source is None or not (source.op == "Mul" or source.op in QUOTIENTS):
                continue
            for position in self._scales(source, mask, close):
                return Dropout(node, kept, source, position, ways[factor])
            products += 1
            if products >= most:
                break
        return None

    def _scaled_after(self, node: Node, kept: int, mask: _Mask, close: float) -> Dropout | None:
        """The scale behind the mask, where nothing else reads what is masked."""

        def onward(current: Node) -> list[Node]:
            reader = sole_reader(self._graph, current.name)
            passes = current is node or current.op in SAME_TENSOR | _QUANTIZED
            return [reader.node] if reader is not None and passes else []

        way: list[Node] = []
        for current in reach([node], onward):
            if current is node:
                continue
            before = way[-1].name if way else node.name
            for position in self._scales(current, mask, close):
                if producer(current.data_inputs[position]) == before:
                    return Dropout(node, kept, current, position, tuple(way), True)
            way.append(current)
        return None

    def _without_proof(self, node: Node, kept: int, mask: _Mask) -> Dropout | None:
        """A dropout of TensorFlow's form in which no factor makes up for the mask.

        A number that is a factor of what is masked is taken for the scale; the scale may also have
        become part of one of two tensors that are multiplied. A mask alone may be wanted; and one
        of which more is made is that of an `alpha_dropout`.
        """
        source = source_node(self._graph, node.data_inputs[kept], _FACTORS)
        data = source.data_inputs if source is not None else ()
        if source is None or not mask.is_usual or len(set(data)) != 2:
            return None
        position = 0 if node.op != "Mul" else 1 - kept
        way = way_to_source(self._graph, node.data_inputs[position], _MASKS)
        if any(sole_reader(self._graph, step.name) is None for _, step in way):
            return None
        numbers = [self.is_number(text) for text in data]
        direct = producer(node.data_inputs[kept]) == source.name
        if direct and numbers == [False, True] and source.op in QUOTIENTS | {"Mul"}:
            return Dropout(node, kept, source, 0)
        if direct and numbers == [True, False] and source.op == "Mul":
            return Dropout(node, kept, source, 1)
        is_gate = source.op == "Mul" or (source.op in QUOTIENTS and not numbers[0])
        return Dropout(node, kept) if is_gate else None

    # Masks and numbers

    def mask(self, text: str) -> _Mask | None:
        """The mask that a tensor is, None if it is none."""
        ref = source_of(self._graph, text, _MASKS)
        node = self._graph.get(ref.node)
        data = node.data_inputs if node is not None else ()
        if node is None or ref.index:
            return None
        if node.op == "LogicalNot" and data:
            other = self.mask_of_comparison(data[0])
            return None if other is None else other._replace(share=1 - other.share)
        if (node.op == "Mul" or node.op in QUOTIENTS) and len(data) == 2:
            return self._scaled_mask(node)
        if node.op == "Floor" and data:
            number = self.number(data[0])
            is_mask = number is not None and abs(number.slope - 1) < _CLOSE
            if number is not None and is_mask and 0 < number.start <= 1:
                return _Mask(number.start, is_usual=number.is_number)
            return None
        return self.mask_of_comparison(text)

    def _scaled_mask(self, node: Node) -> _Mask | None:
        """A mask that is scaled before it meets what it masks."""
        data = node.data_inputs
        for position in (0, 1) if node.op == "Mul" else (0,):
            ref = source_of(self._graph, data[position], _MASKS)
            source = self._graph.get(ref.node)
            if source is None or source.op not in _COMPARISONS.keys() | {"Floor"}:
                continue
            mask = self.mask(data[position])
            number = self.number(data[1 - position])
            if mask is None or number is None or number.slope or not number.start:
                continue
            height = number.start if node.op == "Mul" else 1 / number.start
            return _Mask(mask.share, height)
        return None

    def mask_of_comparison(self, text: str) -> _Mask | None:
        """The mask that is true where a random number is above or below another."""
        node = self._graph.get(source_of(self._graph, text, _MASKS).node)
        data = node.data_inputs if node is not None else ()
        if node is None or node.op not in _COMPARISONS or len(data) != 2:
            return None
        sign = _COMPARISONS[node.op]
        left, right = self.number(data[0]), self.number(data[1])
        if left is None or right is None:
            return None
        slope, start = sign * (left.slope - right.slope), sign * (left.start - right.start)
        if not slope:
            return None
        edge = min(max(-start / slope, 0.0), 1.0)
        share = 1 - edge if slope > 0 else edge
        is_usual = node.op == "GreaterEqual" and bool(left.slope)
        is_usual = is_usual and left.is_number and right.is_number
        return _Mask(share, is_usual=is_usual) if share else None

    def is_number(self, text: str) -> bool:
        """Whether a tensor is surely one number, perhaps a drawn one."""
        number = self.number(text)
        return number is not None and number.is_number

    def number(self, text: str, deep: int = 0) -> _Linear | None:
        """What number a tensor is; None of a constant that is a tensor, and of what is cyclic."""
        if text in self._numbers:
            return self._numbers[text]
        way = list(follow(self._graph, text, _same_number))
        ref = way[-1][0] if way else Ref.parse(text)
        key = str(ref)
        if key not in self._numbers and deep <= _DEEPEST:
            self._numbers[key] = None  # until it is known, so that cycles end
            self._numbers[key] = self._number(ref, deep)
        return self._numbers.get(key)

    def _number(self, ref: Ref, deep: int) -> _Linear | None:
        node = self._graph.get(ref.node)
        if node is None:
            return None
        if node.op in UNIFORM:
            return _Linear(1, 0)
        if node.op == "Const":
            value = _scalar(node)
            return None if value is None else _Linear(0, value)
        data = node.data_inputs
        if node.op in _INVERSES and data:
            return _quotient(_Linear(0, 1), self.number(data[0], deep + 1))
        if node.op in SUMS | QUOTIENTS | {"Sub", "Mul"} and len(data) == 2:
            left, right = self.number(data[0], deep + 1), self.number(data[1], deep + 1)
            found = _combined(node.op, left, right)
            if found is not None:
                return found
        shape = node.attr("shape") if node.op in PLACEHOLDERS else None
        fed = node.op in PLACEHOLDERS and not (isinstance(shape, Shape) and shape.dims)
        return _Linear(0, 0.2 + zlib.crc32(str(ref).encode(), self._salt) / 2**32 * 0.6, fed)

    def _is_zero(self, text: str) -> bool:
        """Whether a tensor is zero everywhere."""
        node = self._graph.get(source_of(self._graph, text, _MASKS).node)
        if node is None or node.op == "ZerosLike":
            return node is not None
        if node.op == "Fill" and len(node.data_inputs) == 2:
            node = self._graph.get(source_of(self._graph, node.data_inputs[1], _NUMBERS).node)
        tensor = node.tensor if node is not None else None
        try:
            return tensor is not None and not tensor.array().any()
        except (Damaged, InvalidValue):
            return False


def _scalar(node: Node) -> float | None:
    """The value of a constant of one element."""
    tensor = node.tensor
    if tensor is None or tensor.shape.elements != 1 or not tensor.dtype.is_floating:
        return None
    values = tensor.floats(1)
    try:
        return float(values[0] if values else tensor.array().reshape(-1)[0])
    except (Damaged, InvalidValue):
        return None


def _same_number(node: Node, ref: Ref) -> str | None:
    """The input of which an output is the same number, if it is."""
    kind = node.attr("DstT") if node.op in CONVERTED else None
    if kind is not None and not (isinstance(kind, DType) and kind.is_floating):
        return None  # what comes after the point is lost
    return handed_on(node, ref.index, _NUMBERS)


def _combined(op: str, left: _Linear | None, right: _Linear | None) -> _Linear | None:
    """What comes of two numbers, None where it is not linear in the random one."""
    if left is None or right is None:
        return None
    sure = left.is_number and right.is_number
    if left.slope and right.slope:
        return None
    if op in SUMS or op == "Sub":
        sign = -1 if op == "Sub" else 1
        return _Linear(left.slope + sign * right.slope, left.start + sign * right.start, sure)
    if op in QUOTIENTS:
        return _quotient(left, right)
    slope = left.slope * right.start + right.slope * left.start
    return _Linear(slope, left.start * right.start, sure)


def _quotient(left: _Linear, right: _Linear | None) -> _Linear | None:
    if right is None or right.slope or not right.start:
        return None
    sure = left.is_number and right.is_number
    return _Linear(left.slope / right.start, left.start / right.start, sure)
