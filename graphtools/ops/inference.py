"""Shapes of all tensors of a graph: `infer_shapes`.

Nodes are visited in the order in which they can run. Values of small integer tensors are followed
where a shape depends on them, also when they are known in part only. A loop starts with the shapes
that enter it; what its end gives back is joined to them until nothing changes any more. The body of
a function is inferred for each way in which it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import DType
from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import LOOP_ENDS, LOOP_STARTS, find_cycle, runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.ops.bodies import Body, body_of
from graphtools.ops.call import (
    MOST_INTEGERS,
    Call,
    FunctionResult,
    Handle,
    Integers,
    KnownArgument,
    integer_function,
    shape_function,
)
from graphtools.ops.constness import FROM_SHAPES, Constness
from graphtools.ops.definitions import output_dtypes
from graphtools.ops.dims import Contradiction, Dims, elements, is_known, merge, relax, show
from graphtools.ops.handing_on import source_of
from graphtools.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rounds in which the shapes of loops are joined before those that still change are given up.
_ROUNDS = 8
#: Functions are followed so deep; what is called deeper is unknown.
_DEPTH = 24
#: Functions are inferred for so many different calls; what comes then is unknown.
_MOST_RUNS = 5_000
_NO_BODIES: Mapping[str, Inference] = {}


class ShapeDefect(NamedTuple):
    """Something that keeps a node from being what it should be.

    Attributes:
        node: Name of the node.
        op: Its op.
        message: What is wrong, with the shapes of its inputs.
    """

    node: str
    op: str
    message: str


class _Untold(NamedTuple):
    """What keeps a node from being what it should be, to be put into words when somebody asks."""

    node: str
    op: str
    problem: str
    inputs: Sequence[str]
    shapes: Sequence[Dims]

    def defect(self) -> ShapeDefect:
        """The problem with the shapes of the inputs."""
        known = zip(self.inputs, self.shapes, strict=True)
        shapes = ", ".join(f"{text} {show(dims)}" for text, dims in known)
        message = f"{self.problem}; inputs: {shapes}" if shapes else self.problem
        return ShapeDefect(self.node, self.op, message)


def infer_shapes(
    graph: Graph,
    input_shapes: Mapping[str, Shape] | None = None,
    targets: Iterable[str] | None = None,
) -> Inference:
    """Infer the shapes of a graph's tensors.

    Args:
        graph: The graph.
        input_shapes: By tensor, shapes that take the place of the inferred ones. Shapes that the
            graph's nodes have stored for their outputs are then not used.
        targets: Names of nodes; only what they depend on is looked at. All nodes if None.

    Raises:
        UnknownName: `input_shapes` or `targets` name no node.
        InvalidValue: `input_shapes` names an output that the node does not have.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> shapes = graphtools.infer_shapes(graph, {"input": graphtools.Shape([8, 32, 32, 3])})
        >>> shapes.shape("MobilenetV1/Predictions/Softmax")
        Shape([8,10])
    """
    overrides = {}
    for name, shape in (input_shapes or {}).items():
        ref = Ref.from_user(name)
        dtypes = output_dtypes(graph.find(name))
        if dtypes is not None and ref.index >= len(dtypes):
            outputs = counted(len(dtypes), "output")
            raise InvalidValue(f"{ref.node!r} has {outputs}, so there is no {name!r}")
        overrides[ref.node, ref.index] = shape.dims
    return Inference(graph, overrides, targets)


class Inference:
    """The inferred shapes of a graph, and what else inference has found out.

    Attributes:
        graph: The graph.
        trusts_attributes: Whether shapes that are stored in attributes of nodes hold.
        constness: Tells which nodes have a constant value.
    """

    def __init__(
        self,
        graph: Graph,
        overrides: Mapping[tuple[str, int], Dims] | None = None,
        targets: Iterable[str] | None = None,
        arguments: Mapping[str, KnownArgument] | None = None,
        caller: Inference | None = None,
        function: str = "",
    ) -> None:
        """Infer; see `infer_shapes`.

        Args:
            graph: The graph.
            overrides: Shapes by node and output number.
            targets: Names of nodes; only what they depend on is looked at.
            arguments: By node, what is known of the arguments of a function, whose body the graph
                is.
            caller: The inference of the graph that calls the function.
            function: Name of the function.
        """
        self.graph = graph
        self._overrides = overrides or {}
        self._overridden = frozenset(name for name, _ in self._overrides)
        self.trusts_attributes: bool = not self._overrides and (
            caller is None or caller.trusts_attributes
        )
        #: Names of the functions in which this is, the outermost first.
        self.within: tuple[str, ...] = (*caller.within, function) if caller else ()
        self._shapes: dict[str, list[Dims]] = {}
        self._handles: dict[tuple[str, int], Handle] = {}
        self._integers: dict[str, list[Integers | None]] = {}
        self._dtypes: dict[str, list[DType | None]] = {}
        self._alike: dict[tuple[str, int], tuple[list[DType | None], object]] = {}
        self._findings: dict[str, _Untold] = {}
        self._loops: dict[str, Dims] = {}
        self.all_bodies: dict[tuple[str, str], Body | None] = caller.all_bodies if caller else {}
        self.all_runs: dict[object, Inference] = caller.all_runs if caller else {}
        self._callees: dict[str, dict[str, Inference]] = {}
        self._evaluator: Any = None
        self.constness = Constness(self)
        for name, argument in (arguments or {}).items():
            self._shapes[name] = [argument.shape]
            self._integers[name] = [argument.integers]
            if argument.handle:
                self._handles[name, 0] = argument.handle
        order, blocked = runnable_order(graph)
        if targets is not None:
            needed = self._ancestors(targets)
            order = [n for n in order if n.name in needed]
        if blocked:
            self._note_cycle()
        for node in order:
            self._infer(node)
        self._settle_loops(order)

    # Results

    @property
    def findings(self) -> tuple[ShapeDefect, ...]:
        """What contradicts itself, in the order of the nodes of the graph."""
        found = self._findings
        return tuple(found[n.name].defect() for n in self.graph if n.name in found) if found else ()

    def shape(self, name: str, index: int = 0) -> Shape:
        """The shape of a node's output; unknown where nothing is known of it."""
        return Shape(self.dims(name, index))

    def dims(self, name: str, index: int = 0) -> Dims:
        """The shape of a node's output as a tuple."""
        outputs = self._shapes.get(name)
        return outputs[index] if outputs is not None and index < len(outputs) else None

    def shapes(self, name: str) -> list[Dims]:
        """The shapes of all outputs of a node; empty where even their number is unknown."""
        return self._shapes.get(name, [])

    def dtype(self, name: str, index: int = 0) -> DType | None:
        """The dtype of a node's output, None where the node does not tell."""
        outputs = self.dtypes(name)
        return outputs[index] if index < len(outputs) else None

    def dtypes(self, name: str) -> list[DType | None]:
        """The dtypes of all outputs of a node; empty where even their number is unknown."""
        found = self._dtypes.get(name)
        if found is None:
            node = self.graph.get(name)
            found = self._dtypes[name] = self._dtypes_of(node) if node is not None else []
        return found

    def _dtypes_of(self, node: Node) -> list[DType | None]:
        """The dtypes of all outputs of a node; of nodes that are alike, found out once."""
        shared = node.shared_attributes()
        if shared is None:
            return node_output_dtypes(self.graph, node)
        key = node.op, id(shared)
        if key not in self._alike:
            # held, so that its id stays its own
            self._alike[key] = node_output_dtypes(self.graph, node), shared
        return self._alike[key][0]

    def handle(self, name: str, index: int = 0) -> Handle | None:
        """What an output that is a resource or variant holds, None where it is not known."""
        return self._handles.get((name, index))

    def is_overridden(self, name: str) -> bool:
        """Whether the shape of one of a node's outputs was given."""
        return name in self._overridden

    def set_handle(self, name: str, index: int, handle: Handle | None) -> None:
        """State what an output holds. For use by shape functions."""
        if handle is None:
            self._handles.pop((name, index), None)
        else:
            self._handles[name, index] = handle

    # Values

    def integers(self, name: str, index: int = 0) -> Integers | None:
        """The values of a small integer tensor as far as they are known, None where none is."""
        outputs = self._integers.get(name)
        if outputs is None:
            self._follow_integers(name)
            outputs = self._integers[name]
        found = outputs[index] if index < len(outputs) else None
        if found is not None and None not in found.items:
            return found
        return self._evaluated_integers(name, index) or found

    def _follow_integers(self, target: str) -> None:
        """Find the values of a node's outputs, after those of the nodes it reads."""
        stack = [target]
        opened: set[str] = set()
        while stack:
            name = stack[-1]
            if name in self._integers:
                stack.pop()
                continue
            node = self.graph.get(name)
            function = integer_function.get(node.op) if node else None
            if node is None or function is None or name in self._loops:
                self._integers[name] = []
                continue
            if name not in opened:
                opened.add(name)
                if node.op not in FROM_SHAPES:
                    pending = [
                        source
                        for source in map(producer, node.data_inputs)
                        if source not in self._integers and source not in opened
                    ]
                    if pending:
                        stack += pending
                        continue
            self._integers[name] = []  # what it reads of itself, on a cycle that is no loop
            self._integers[name] = self._integers_of(node, function)

    def _integers_of(self, node: Node, function: Any) -> list[Integers | None]:
        try:
            found = function(self.call(node))
        except Contradiction as problem:
            self._report(node, str(problem), self.call(node).inputs)
            return []
        found = found if type(found) is list else [found]
        return [None if f is not None and len(f.items) > MOST_INTEGERS else f for f in found]

    def _evaluated_integers(self, name: str, index: int) -> Integers | None:
        """The values of a small integer tensor that is constant, though not followed by parts."""
        kind = self.dtype(name, index)
        dims = self.dims(name, index)
        if kind is None or kind.base.name not in ("int32", "int64") or name in self._loops:
            return None
        if dims is None or not is_known(dims):
            return None
        if (elements(dims) or 0) > MOST_INTEGERS:
            return None
        array = None if self.constness.obstacle(name) else self.value(name, index)
        if array is None or array.dtype.kind not in "iu":
            return None  # in a damaged graph a constant is of another type than its node states
        return Integers(array.shape, tuple(int(v) for v in array.ravel().tolist()))

    def value(self, name: str, index: int = 0) -> NDArray[Any] | None:
        """The value of a tensor that is constant, None for any other; see `Evaluator`."""
        from graphtools.ops.evaluation import Evaluator

        if self._evaluator is None:
            self._evaluator = Evaluator(self)
        found: NDArray[Any] | None = self._evaluator.value(name, index)
        return found

    # Functions

    def bodies(self, name: str) -> Mapping[str, Inference]:
        """The inferred bodies of the functions that a node calls, by their names."""
        return self._callees.get(name, _NO_BODIES)

    def run_function(
        self, caller: str, function: FunctionRef, arguments: Sequence[KnownArgument]
    ) -> FunctionResult | None:
        """What a function of the library gives for some arguments.

        Args:
            caller: Name of the node that calls it.
            function: The function, with its attributes.
            arguments: What is known of its arguments.

        Returns:
            None where the function is unknown, takes another number of arguments, or calls itself.
        """
        body = self._body(function)
        if body is None or len(body.arguments) != len(arguments):
            return None
        if function.name in self.within or len(self.within) >= _DEPTH:
            return None
        key = (function.name, repr(function.attrs), tuple(arguments))
        inner = self.all_runs.get(key)
        if inner is None and len(self.all_runs) >= _MOST_RUNS:
            return None
        if inner is None:
            inner = self.all_runs[key] = Inference(
                body.graph,
                arguments=dict(zip(body.arguments, arguments, strict=True)),
                caller=self,
                function=function.name,
            )
        self._callees.setdefault(caller, {})[function.name] = inner
        refs = [Ref.parse(r) for r in body.results]
        return FunctionResult(
            [inner.dims(r.node, r.index) for r in refs],
            [inner.handle(r.node, r.index) for r in refs],
            [inner.integers(r.node, r.index) for r in refs],
        )

    def passed_through(self, function: FunctionRef) -> dict[int, int]:
        """By result, the argument that a function of the library gives unchanged as this result."""
        body = self._body(function)
        found: dict[int, int] = {}
        if body is None:
            return found
        for result, text in enumerate(body.results):
            name = source_of(body.graph, text).node
            if name in body.arguments:
                found[result] = body.arguments.index(name)
        return found

    def _body(self, function: FunctionRef) -> Body | None:
        key = (function.name, repr(function.attrs))
        if key not in self.all_bodies:
            library = self.graph.functions
            found = library.get(function.name)
            self.all_bodies[key] = (
                body_of(found, library, function.attrs, self.graph.versions) if found else None
            )
        return self.all_bodies[key]

    # Inference

    def _ancestors(self, targets: Iterable[str]) -> set[str]:
        """The nodes that some nodes depend on, and these."""
        return ancestors_of(self.graph, [self.graph.find(t).name for t in targets])

    def _note_cycle(self) -> None:
        cycle = find_cycle(self.graph)
        node = self.graph[cycle[0]]
        way = " -> ".join([*cycle, cycle[0]])
        problem = f"stands on a cycle that is not a loop: {way}"
        self._findings[node.name] = _Untold(node.name, node.op, problem, (), ())

    def call(self, node: Node) -> Call:
        """A node with what is known of its inputs."""
        inputs: list[Dims] = []
        sources = []
        for text in node.inputs:
            if text[:1] == "^":
                continue
            name, index = text, 0
            if ":" in text:
                name, _, number = text.partition(":")
                index = int(number) if number.isdigit() else 0
            outputs = self._shapes.get(name)
            inputs.append(outputs[index] if outputs is not None and index < len(outputs) else None)
            sources.append((name, index))
        return Call(self, node, inputs, sources)

    def _infer(self, node: Node) -> None:
        name, op = node.name, node.op
        if op == "_Arg" and name in self._shapes:
            return
        if op == "Const":
            tensor = node.tensor
            shapes = [tensor.shape.dims if tensor else None]
        elif op in LOOP_STARTS:
            shapes = self._merge(node)
        else:
            shapes = self._shapes_of(node)
        if self.trusts_attributes and not (shapes and all(map(is_known, shapes))):
            shapes = self._with_stored(node, shapes)
        self._shapes[name] = shapes
        for key in [k for k in self._overrides if k[0] == name] if name in self._overridden else ():
            while len(shapes) <= key[1]:
                shapes.append(None)
            shapes[key[1]] = self._overrides[key]

    def _shapes_of(self, node: Node) -> list[Dims]:
        function = shape_function.get(node.op) if self.graph.is_tensorflow else None
        if function is None:
            if node.op in self.graph.functions:
                return self._called(node)
            return [None] * len(self.dtypes(node.name))
        call = self.call(node)
        try:
            found = function(call)
        except Contradiction as problem:
            self._report(node, str(problem), call.inputs)
            return [None] * len(self.dtypes(node.name))
        return found if type(found) is list else [found]  # type: ignore[list-item]

    def _called(self, node: Node) -> list[Dims]:
        """The outputs of a node whose op is a function of the library."""
        call = self.call(node)
        attrs = dict(node.attrs)
        outcome = call.run(FunctionRef(node.op, attrs), range(len(call.inputs)))
        if outcome is None:
            return [None] * len(self.graph.functions[node.op].outputs)
        for index, handle in enumerate(outcome.handles):
            call.give_handle(index, handle)
        return list(outcome.shapes)

    def _report(self, node: Node, problem: str, inputs: Sequence[Dims]) -> None:
        self._findings[node.name] = _Untold(node.name, node.op, problem, node.data_inputs, inputs)

    def _with_stored(self, node: Node, shapes: list[Dims]) -> list[Dims]:
        """Shapes, with what the node has stored of them in its attribute `_output_shapes`."""
        stored = node.attr("_output_shapes")
        if not isinstance(stored, list):
            return shapes
        found = [s.dims for s in stored if isinstance(s, Shape)]
        if shapes and len(found) != len(shapes):
            return shapes
        try:
            return [merge(a, b) for a, b in zip(shapes or found, found, strict=True)]
        except Contradiction as problem:
            message = f"{problem}, by inference and by its attribute _output_shapes"
            self._report(node, message, self.call(node).inputs)
            return shapes

    def _merge(self, node: Node) -> list[Dims]:
        """The outputs of a Merge: what either of its inputs is, and the number of that input."""
        found: list[Dims] = []
        handles: list[Handle | None] = []
        closes_loop = False
        for text in node.data_inputs:
            ref = Ref.parse(text)
            source = self.graph.get(ref.node)
            if source is not None and source.op in LOOP_ENDS:
                closes_loop = True
                continue
            found.append(self.dims(ref.node, ref.index))
            handles.append(self.handle(ref.node, ref.index))
        alike = bool(handles) and all(handle == handles[0] for handle in handles)
        self.set_handle(node.name, 0, handles[0] if alike else None)
        dims = found[0] if found else None
        for other in found[1:]:
            dims = relax(dims, other)
        if closes_loop:
            dims = relax(dims, self._loops.setdefault(node.name, dims))
        return [dims, ()]

    def _settle_loops(self, order: Sequence[Node]) -> None:
        """Join what comes back at the ends of loops to what enters them, until nothing changes."""
        loops = [name for name in self._loops if not self.is_overridden(name)]
        # what is kept of a loop only gets less: known, partly known, and in the end unknown
        for rounds in range(_ROUNDS + len(loops) + 1 if loops else 0):
            changed = []
            for name in loops:
                joined = self._loops[name]
                for text in self.graph[name].data_inputs:
                    ref = Ref.parse(text)
                    joined = relax(joined, self.dims(ref.node, ref.index))
                if joined != self._loops[name]:
                    self._loops[name] = joined if rounds < _ROUNDS else None
                    changed.append(name)
            if not changed:
                return
            self._infer_again(changed, order)

    def _infer_again(self, changed: Sequence[str], order: Sequence[Node]) -> None:
        """Infer nodes, and all that depend on them, once more."""
        affected = set(reach(changed, lambda name: [r.name for r in self.graph.consumers(name)]))
        again = [n for n in order if n.name in affected]
        for node in again:
            self._integers.pop(node.name, None)
            self._findings.pop(node.name, None)
        self._evaluator = None
        self.constness = Constness(self)
        for node in again:
            self._infer(node)


def node_output_dtypes(graph: Graph, node: Node) -> list[DType | None]:
    """The dtypes of a node's outputs; empty where not even their number is known.

    An op that no TensorFlow has may tell them in an attribute, as TFLite's custom ops do.
    """
    if node.op == "_Arg":
        kind = node.attr("T")
        return [kind if isinstance(kind, DType) else None]
    found = output_dtypes(node) if graph.is_tensorflow else None
    if found is not None:
        return found
    function = graph.functions.get(node.op)
    if function is not None:
        body = body_of(function, graph.functions, dict(node.attrs))
        if body is not None:
            attrs = node.attrs
            return [
                a.dtype or (v if isinstance(v := attrs.get(a.type_attr), DType) else None)
                for a in body.signature.outputs
            ]
        return [None] * len(function.outputs)
    stated = node.attr("_output_types")
    return [t for t in stated if isinstance(t, DType)] if isinstance(stated, list) else []
