"""One graph or function body as the converter sees it: what is folded, what is left to convert.

The converter computes what depends on constants and known shapes only, drops what no output needs,
and keeps nodes with effects that an output waits for. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.compat.control_flow import VANISHES, ControlFlow
from graphtools.compat.refusals import QUANTIZED
from graphtools.graph.dtypes import DType
from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.placeholders import FED
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.arithmetic import QUOTIENTS, SUMS
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.control_flow import ENTERS
from graphtools.ops.definitions import op_definition
from graphtools.ops.dims import elements, is_known
from graphtools.ops.handing_on import source_node

if TYPE_CHECKING:
    from graphtools.ops.call import Call
    from graphtools.ops.inference import Inference

#: Stateful ops that are dropped where only control dependencies need them.
_WITHOUT_EFFECT = FED | {"Assert", "_Arg"}
#: Beginnings of the names of ops that TensorFlow computes in NCHW on a processor, too.
_ANY_LAYOUT = ("BiasAdd", "FusedBatchNorm")
#: Ops that TensorFlow counts as stateful, and that are computed nevertheless.
_FOLDED_THOUGH_STATEFUL = frozenset({"Empty"})
#: Ops that are computed whatever the size of their results.
_ANY_SIZE = (
    SUMS
    | QUOTIENTS
    | {"Fill", "Range", "ZerosLike", "OnesLike", "Sub", "Mul"}
    | {"Maximum", "Minimum", "Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"}
)
#: Divisions that TensorFlow refuses to compute where an integer is divided by 0.
_DIVISIONS = QUOTIENTS | {"Mod", "TruncateDiv", "TruncateMod"}
#: Ops without a kernel for one node alone.
_WITHOUT_KERNEL = frozenset({"AccumulateNV2", "XlaEinsum", "XlaKeyValueSort"})
#: Ops that are not computed in advance, whatever they read.
_NEVER_FOLDED = (VANISHES - ENTERS) | FED | {"_Arg", "NoOp", "ControlTrigger"} | _WITHOUT_KERNEL
#: Ops without inputs whose value is there before the graph runs.
_GIVEN = frozenset({"Const", "HostConst"})
#: A constant above so many bytes is only computed if it is at most twice as large as what it is
#: computed from.
_LARGE = 1 << 13
#: What decides by others that decide.
_LOGICAL: Mapping[str, Callable[[Sequence[bool | None]], bool]] = {
    **dict.fromkeys(("Identity", "PlaceholderWithDefault", "LogicalOr"), any),
    "LogicalAnd": all,
    "LogicalNot": lambda inputs: not inputs[0],
}
#: Through so many of them a value is followed.
_DEEPEST = 100
#: Constants up to so many bytes are compared by their values.
_SMALL = 1 << 10


class CompatBody:
    """One graph or function body with what the converter makes of its nodes.

    Attributes:
        inference: Its inferred shapes.
        graph: Its nodes.
        function: Name of the function, empty for the graph itself.
        fed: Names of the nodes that are inputs.
        live: The nodes that are left to convert, in the order in which they can run.
        outputs: Names of the nodes that give its outputs.
        needed: Names of the live nodes.
        read_outputs: The outputs of nodes that something reads, by node and output number.
        control_flow: Its v1 loops and conditionals.
        caller: The node in whose place the function's body comes, and the first of its inputs that
            is handed to it; None for others.
    """

    def __init__(
        self,
        inference: Inference,
        outputs: Iterable[str],
        fed: Collection[str] = (),
        function: str = "",
        constant_arguments: Collection[str] = (),
        caller: tuple[Call, int] | None = None,
    ) -> None:
        """Find out what is folded and what is live.

        Args:
            inference: The inferred shapes of the graph.
            outputs: Names of its outputs, nodes or tensors.
            fed: Names of the nodes that are inputs.
            function: Name of the function, empty for the graph itself.
            constant_arguments: Names of arguments of the function that are constant.
            caller: See the attributes.
        """
        self.inference = inference
        self.graph = inference.graph
        self.function = function
        self.fed = frozenset(fed)
        self.caller = caller
        self._constant_arguments = frozenset(constant_arguments)
        results = [Ref.parse(text) for text in outputs]
        self._results = [r for r in results if r.node in self.graph]
        self.outputs = list(dict.fromkeys(r.node for r in self._results))
        reached = self._reached()
        order, blocked = runnable_order(self.graph)
        self._folded: set[str] = set()
        # of these alone it matters how often they are read
        quantizes = any(node.op in FAKE_QUANTS for node in order)
        self._uses = self._count_uses(reached) if quantizes else Counter()
        for node in order:
            if node.name in reached and self._folds(node):
                self._folded.add(node.name)
        self.control_flow = ControlFlow(self.graph, order, reached)
        if self.control_flow.is_there:
            self.control_flow.prune(self.predicate)
        needed = self._needed(reached) - self.control_flow.dead
        self.live: list[Node] = [n for n in order if n.name in needed]
        self.live += [self.graph[name] for name in blocked if name in needed]
        self.needed = needed
        self._originals: dict[str, str] | None = None
        self.read_outputs = self._read()

    def labels(self, name: str) -> list[str]:
        """A node's name as the converter's messages have it: in functions, `name@function`."""
        if self.control_flow.is_there:
            inner = self.control_flow.functions(name)
            if inner:
                return [f"{name}@{function}" for function in inner]
        return [f"{name}@{self.function}" if self.function else name]

    def is_result(self, name: str, index: int) -> bool:
        """Whether an output of a node is given as a result."""
        return any(r.node == name and r.index == index for r in self._results)

    def is_constant(self, name: str) -> bool:
        """Whether the converter knows the value of a node."""
        return name in self._folded

    @property
    def folded(self) -> Sequence[Node]:
        """The nodes that are computed in advance, in the order of the graph."""
        return [n for n in self.graph if n.name in self._folded and n.op != "Const"]

    def _reached(self) -> set[str]:
        """Names of the nodes that the outputs need by any edge; what inputs read is not."""
        return ancestors_of(self.graph, self.outputs, ends=self.fed)

    def _folds(self, node: Node) -> bool:
        """Whether the converter computes a node in advance; called in the order of the graph."""
        if node.name in self.fed:
            return False
        op = node.op
        if op in _GIVEN or node.name in self._constant_arguments:
            return True
        # quantization of constants stays to be seen in the model where it is read once
        if op in _NEVER_FOLDED or (op in FAKE_QUANTS and self._uses[node.name] == 1):
            return False
        if self._is_empty(node):
            return True
        if op in FROM_SHAPES:
            return self._shapes_are_known(node)
        if op in ENTERS and node.attr("is_constant") is not True:
            return False
        if op == "PlaceholderWithDefault":
            return producer(node.inputs[0]) in self._folded if node.inputs else False
        definition = op_definition(op)
        if definition is None:
            return False
        if definition.is_stateful and op not in _FOLDED_THOUGH_STATEFUL:
            return False
        if definition.deprecated_since:
            return False  # TensorFlow does not run it outside of its graph
        if op.startswith("Stateless") and any(a.name == "seed" for a in definition.inputs):
            return False  # random ops with a key (V2) are computed, those with a seed are not
        sources = node.data_inputs
        if not sources or not all(producer(text) in self._folded for text in sources):
            return False
        if op in _DIVISIONS and self._divides_by_zero(node):
            return False
        if not op.startswith(_ANY_LAYOUT) and node.attr("data_format") in (b"NCHW", b"NCDHW"):
            return False  # TensorFlow has no kernel for it on a processor
        return op in _ANY_SIZE or self._is_worth_it(node)

    def _divides_by_zero(self, node: Node) -> bool:
        """Whether a division of integers by a constant has a 0 in it, which is not computed."""
        kind = node.attr("T")
        if not isinstance(kind, DType) or kind.is_floating or len(node.data_inputs) < 2:
            return False
        divisor = Ref.parse(node.data_inputs[1])
        values = self.inference.value(divisor.node, divisor.index)
        return values is not None and not values.all()

    def _count_uses(self, reached: set[str]) -> Counter[str]:
        """How often each node is read by those that are reached, or given as a result."""
        uses = Counter(result.node for result in self._results)
        readers = (self.graph[name] for name in reached if name not in self.fed)
        uses.update(producer(text) for reader in readers for text in reader.data_inputs)
        return uses

    def _is_empty(self, node: Node) -> bool:
        """Whether a node gives tensors without elements only, which need not be computed."""
        shapes = self.inference.shapes(node.name)
        if not shapes or any(elements(dims) != 0 or not is_known(dims) for dims in shapes):
            return False
        definition = op_definition(node.op)
        return definition is not None and not definition.is_stateful

    def predicate(self, name: str, depth: int = 0) -> bool | None:
        """What a node that decides is, where the converter knows it: also by the defaults of inputs
        that are not fed.

        Args:
            name: Name of the node.
            depth: How many nodes have been gone through to it.
        """
        if name not in self._folded or depth > _DEEPEST:
            return None
        node = self.graph[name]
        if node.op in _LOGICAL:
            inputs = [self.predicate(producer(text), depth + 1) for text in node.data_inputs]
            return None if None in inputs else _LOGICAL[node.op](inputs)
        value = self.inference.value(name)
        return bool(value) if value is not None and value.size == 1 else None

    def _shapes_are_known(self, node: Node) -> bool:
        for text in node.data_inputs:
            ref = Ref.parse(text)
            dims = self.inference.dims(ref.node, ref.index)
            if dims is None or (node.op != "Rank" and not is_known(dims)):
                return False
        return True

    def _is_worth_it(self, node: Node) -> bool:
        """Whether the results are not much larger than what they come from.

        Strings, and results whose shape is not known, have no size.
        """
        size = 0
        outputs = self.inference.dtypes(node.name)
        for index, kind in enumerate(outputs):
            if kind is None or kind.is_handle or kind.name in QUANTIZED:
                return False
            if node.op == "Empty" and kind.name in ("string", "complex128"):
                return False
            size += (elements(self.inference.dims(node.name, index)) or 0) * kind.size
        if size <= _LARGE:
            return bool(outputs)
        read = 0
        for text in node.data_inputs:
            ref = Ref.parse(text)
            kind = self.inference.dtype(ref.node, ref.index)
            read += (elements(self.inference.dims(ref.node, ref.index)) or 0) * (
                kind.size if kind else 0
            )
        return size <= 2 * read

    def _needed(self, reached: set[str]) -> set[str]:
        """Names of the nodes that are left: those that outputs and nodes with effects read.

        Of an IdentityN each output needs its input only.
        """
        starts = list(map(str, self._results))
        starts += [n for n in reached if n not in self.fed and has_effect(self.graph[n])]
        if not any(self.graph[name].op == "IdentityN" for name in reached):
            names = map(producer, starts)
            ends = self.fed | self._folded
            return ancestors_of(self.graph, names, control=False, ends=ends) - self._folded
        found: set[str] = set()

        def sources(text: str) -> Sequence[str]:
            node = self.graph.get(producer(text))
            if node is None or node.name in self._folded:
                return ()
            known = node.name in found
            found.add(node.name)
            if node.name in self.fed:
                return ()
            if node.op == "IdentityN":
                index = Ref.parse(text).index
                return node.data_inputs[index : index + 1]
            return () if known else node.data_inputs

        for _ in reach(starts, sources):
            pass
        return found

    def has_twin_before(self, name: str) -> bool:
        """Whether an earlier node computes the same from the same, so that the two are merged."""
        if self._originals is None:
            self._originals = {}
            self._find_twins(self._originals)
        return name in self._originals

    def _find_twins(self, originals: dict[str, str]) -> None:
        seen: dict[object, str] = {}
        counts = Counter(node.op for node in self.live)
        for node in self.live:
            if counts[node.op] < 2 or node.name in self.fed or not node.data_inputs:
                continue
            definition = op_definition(node.op)
            if definition is not None and not definition.is_stateful:
                twin = seen.setdefault(self._identity(node, originals), node.name)
                if twin != node.name:
                    originals[node.name] = twin

    def _identity(self, node: Node, originals: Mapping[str, str]) -> object:
        """What tells a node from others: its op, what it reads, its attributes."""
        sources = []
        for text in node.data_inputs:
            ref = Ref.parse(text)
            name = originals.get(ref.node, ref.node)
            sources.append((self._constant_key(name), ref.index))
        attrs = node.attrs
        own = tuple((k, repr(attrs[k])) for k in attrs if not k.startswith("_"))
        return node.op, tuple(sources), own

    def _constant_key(self, name: str) -> object:
        """A node's name, or for a small constant its value."""
        if name not in self._folded:
            return name
        source = source_node(self.graph, name)
        tensor = source.tensor if source is not None else None
        if tensor is None or tensor.nbytes > _SMALL:
            return name
        return tensor.dtype.name, tensor.shape.dims, tensor.to_bytes()

    def _read(self) -> set[tuple[str, int]]:
        """The outputs of nodes that something reads, by node and output number."""
        found = {(result.node, result.index) for result in self._results}
        for node in self.live:
            if node.name in self.fed:
                continue
            for text in node.data_inputs:
                ref = Ref.parse(text)
                found.add((ref.node, ref.index))
        return found


def has_effect(node: Node) -> bool:
    """Whether a node is kept though no output reads it."""
    if node.op in _WITHOUT_EFFECT:
        return False
    definition = op_definition(node.op)
    return definition is not None and definition.is_stateful
