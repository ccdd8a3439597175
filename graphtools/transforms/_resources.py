"""Lets the readers of resource variables read constants instead; see `freeze`.

First the tensors are found that were resources and are values now, by following them through
control flow and functions; then each node that reads one is rewritten once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.front_end import step
from graphtools.graph.attributes import Attr, FunctionRef, encode_attr
from graphtools.graph.dtypes import BOOL, INT32, DType
from graphtools.graph.functions import LOOPS
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import UNKNOWN_SHAPE, Shape
from graphtools.graph.tensor import Tensor
from graphtools.idioms.kept_state import FOR_TFLITE, is_read_back
from graphtools.ops.bodies import body_of
from graphtools.schema import Message, message_class


class HeldValue(NamedTuple):
    """What a tensor holds that was a resource.

    Attributes:
        dtype: Element type of the variable.
        shape: Its shape; unknown where the tensor is one of several variables.
    """

    dtype: DType
    shape: Shape


#: A tensor by its node and number, and what it holds now.
Values = dict[tuple[str, int], HeldValue]
#: Ops that hand their first input on, and how many outputs are it.
_HANDS_ON = {
    "Identity": 1, "Enter": 1, "Exit": 1, "NextIteration": 1, "StopGradient": 1, "Switch": 2,
    "Merge": 1, "RefEnter": 1,
}  # fmt: skip
#: By op that calls functions: the attributes that name them, the number of inputs before the
#: arguments, and the attributes with the dtypes of arguments and results.
_CALLS: dict[str, tuple[tuple[str, ...], int, str, str]] = {
    "PartitionedCall": (("f",), 0, "Tin", "Tout"),
    "StatefulPartitionedCall": (("f",), 0, "Tin", "Tout"),
    "If": (("then_branch", "else_branch"), 1, "Tin", "Tout"),
    "StatelessIf": (("then_branch", "else_branch"), 1, "Tin", "Tout"),
    "Case": (("branches",), 1, "Tin", "Tout"),
    "StatelessCase": (("branches",), 1, "Tin", "Tout"),
    "While": (("cond", "body"), 0, "T", "T"),
    "StatelessWhile": (("cond", "body"), 0, "T", "T"),
}
#: Names of output arguments whose first tensor is not the first output.
_SECOND_OUTPUTS = {"output_true": 1}
#: The output argument of what a read becomes.
_OUTPUT = "output"
#: Attributes that say which inputs or arguments are resources, or what these hold.
_OF_RESOURCES = ("_read_only_resource_inputs", "_handle_dtypes", "_handle_shapes")


def advice_on_writes(variable: str, *, inference: bool, is_state: bool) -> str:
    """What to do about a node that writes to a variable which is to become a constant.

    Args:
        variable: The name of the variable, as it is told.
        inference: Whether the graph is frozen in its form for inference already.
        is_state: Whether the outputs read what is written.
    """
    keep = step("freeze", "GRAPH", output="OUT", keep=[variable])
    if is_state:
        return f"the outputs read what it writes, so that it stays a variable: {keep}; {FOR_TFLITE}"
    first = "export the graph as it was built for inference"
    if not inference:
        leave = step("freeze", "GRAPH", output="OUT", inference=True)
        first = f"leave out what trains: {leave}"
    return f"{first}; or keep the variable: {keep}"


def freeze_resources(
    graph: Graph, resources: Mapping[str, HeldValue], *, inference: bool = False
) -> None:
    """Let everything read constants that has read resources.

    Args:
        graph: The graph, in which the variables are constants already.
        resources: What those hold that were resources.
        inference: Whether the graph is frozen in its form for inference; for what is advised.

    Raises:
        InvalidGraph: Something reads a resource that cannot read a constant.
    """
    if resources:
        values = {(name, 0): value for name, value in resources.items()}
        work = _Rewriting(graph, inference)
        _follow(graph, values, work)
        for node in list(graph):
            before = node.inputs
            for extra in work.rewrite(node, values, _number_of):
                graph.add(extra, before=node)
            # the graph is to know of every change of inputs
            after = node.inputs
            node.change(inputs=before)
            graph.set_inputs(node, after)


class _Rewriting:
    """Rewrites nodes, and functions each once for each set of arguments that are values."""

    def __init__(self, graph: Graph, inference: bool) -> None:
        self._graph, self._inference = graph, inference
        self._done: dict[tuple[str, tuple[tuple[int, HeldValue], ...]], _Frozen] = {}
        self._taken = set(graph.functions)

    def is_function(self, op: str) -> bool:
        """Whether nodes of an op call a function of the library."""
        return op in self._graph.functions

    def function(self, name: str, arguments: Mapping[int, HeldValue]) -> _Frozen:
        """The function that takes values where another takes resources."""
        key = (name, tuple(sorted(arguments.items())))
        found = self._done.get(key)
        if found is None:
            # a function that calls itself gets the name before it is written
            found = self._done[key] = _Frozen(self._free_name(f"{name}_frozen"), {})
            self._rewrite_function(self._graph.functions[name], arguments, found)
        return found

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 0
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name

    def _rewrite_function(
        self, function: Function, arguments: Mapping[int, HeldValue], target: _Frozen
    ) -> None:
        if any(i >= len(function.inputs) for i in arguments):
            raise InvalidGraph(
                f"the function {function.name!r} is called with more than its "
                f"{len(function.inputs)} arguments"
            )
        nodes = [node.copy() for node in function.nodes]
        values: Values = {(function.inputs[i], 0): value for i, value in arguments.items()}
        _follow(nodes, values, self)
        reads = {n.name for n in nodes if n.op in ("ReadVariableOp", "VarIsInitializedOp")}
        new: list[Node] = []
        for node in nodes:
            try:
                new += [*self.rewrite(node, values, _number_in_body), node]
            except InvalidGraph as error:
                raise InvalidGraph(
                    f"in the function {function.name!r}: {error.message}", error.remedy
                ) from None
        renamed = {n.name for n in nodes if n.name in reads and n.op in ("Identity", "Const")}
        message = message_class("FunctionDef").FromString(function.encoded)
        message.signature.name = target.name
        _give_arguments(message, arguments)
        for position, argument in enumerate(message.signature.output_arg):
            text = message.ret.get(argument.name, "")
            if not text:
                raise InvalidGraph(
                    f"the function {function.name!r} does not tell what it returns as "
                    f"{argument.name!r}"
                )
            returned = values.get(_key(text, _number_in_body))
            if returned is not None:
                argument.type = returned.dtype.number
                argument.ClearField("handle_data")
                target.results[position] = returned
            message.ret[argument.name] = _renamed(text, renamed)
        del message.node_def[:]
        for node in new:
            node.change(inputs=tuple(_renamed(text, renamed) for text in node.inputs))
            message.node_def.add().ParseFromString(node.to_bytes())
        encoded = message.SerializeToString(deterministic=True)
        self._graph.set_function(Function.from_bytes(encoded))

    def results(self, node: Node, positions: Mapping[int, HeldValue]) -> dict[int, HeldValue]:
        """Which outputs of a node that calls functions are values, when some inputs are."""
        if node.op in self._graph.functions:
            return self.function(node.op, positions).results
        functions, skipped, _, _ = _CALLS[node.op]
        arguments = {p - skipped: value for p, value in positions.items()}
        if node.op in LOOPS:
            return dict(arguments)
        found: dict[int, HeldValue] = {}
        for reference in _functions(node, functions):
            for index, value in self._called(reference, arguments).results.items():
                found[index] = _one_of([value, found.get(index, value)])
        return found

    def rewrite(self, node: Node, values: Values, number: Callable[[Ref], int]) -> Iterable[Node]:
        """Rewrite a node that reads values where it has read resources.

        Returns:
            Nodes that it needs besides.

        Raises:
            InvalidGraph: It cannot.
        """
        positions = _positions(node, values, number)
        if not positions:
            return []
        kind = next(iter(positions.values())).dtype
        if node.op in self._graph.functions:
            node.change(op=self.function(node.op, positions).name)
        elif node.op in _CALLS:
            self._rewrite_call(node, positions)
        elif node.op in _HANDS_ON:
            node.set_encoded_attr("T", encode_attr(kind))
            node.set_encoded_attr("_output_shapes", None)
        elif node.op in _READS:
            return _READS[node.op](node, kind, number is _number_in_body)
        else:
            advice = "choose outputs that do not depend on it, or keep the variable: " + step(
                "freeze", "GRAPH", output="OUT", keep=["NAME"]
            )
            if "Assign" in node.op or node.op.startswith("ResourceApply"):
                advice = advice_on_writes(
                    "NAME", inference=self._inference, is_state=self._is_state(node)
                )
            raise InvalidGraph(
                f"{node.name!r} ({node.op}) needs the variable itself, not only its value, so that "
                "the variable cannot become a constant",
                advice,
            )
        return []

    def _is_state(self, update: Node) -> bool:
        """Whether a node, of the graph or a body, changes what is read again."""
        if self._graph.get(update.name) is update:
            return is_read_back(self._graph, update)
        for function in self._graph.functions.values():
            body = body_of(function, self._graph.functions, {})
            node = body.graph.get(update.name) if body is not None else None
            if body is not None and node is not None and node.op == update.op:
                return is_read_back(body.graph, node, body.results)
        return False

    def _rewrite_call(self, node: Node, positions: Mapping[int, HeldValue]) -> None:
        functions, skipped, inputs, outputs = _CALLS[node.op]
        arguments = {p - skipped: value for p, value in positions.items()}
        results = self.results(node, positions)
        for name in functions:
            value = node.attr(name)
            if isinstance(value, list):
                new: Attr = [self._reference(v, arguments) for v in value]
            else:
                new = self._reference(value, arguments)
            node.set_encoded_attr(name, encode_attr(new))
        for name, values in ((inputs, arguments), (outputs, results)):
            _put(node, name, {i: v.dtype for i, v in values.items()})
        for name in ("_output_shapes", "output_shapes"):
            _put(node, name, {i: v.shape for i, v in results.items()})
        for name in _OF_RESOURCES:
            node.set_encoded_attr(name, None)

    def _reference(self, value: object, arguments: Mapping[int, HeldValue]) -> FunctionRef:
        attrs = value.attrs if isinstance(value, FunctionRef) else {}
        return FunctionRef(self._called(value, arguments).name, attrs)

    def _called(self, value: object, arguments: Mapping[int, HeldValue]) -> _Frozen:
        name = value.name if isinstance(value, FunctionRef) else ""
        if name not in self._graph.functions:
            raise InvalidGraph(f"the function {name!r} is called and is not in the library")
        return self.function(name, arguments)


@dataclasses.dataclass
class _Frozen:
    """A function that takes values: its name, and which of its results are values."""

    name: str
    results: dict[int, HeldValue]


def _give_arguments(function: Message, arguments: Mapping[int, HeldValue]) -> None:
    """Let a FunctionDef take values, and state nothing any more of the resources it has taken."""
    for index, value in arguments.items():
        argument = function.signature.input_arg[index]
        argument.type = value.dtype.number
        argument.ClearField("handle_data")
        for stated in (function.arg_attr, function.resource_arg_unique_id):
            if index in stated:
                del stated[index]
        if "_input_shapes" in function.attr:
            shapes = function.attr["_input_shapes"].list.shape
            if index < len(shapes):
                shapes[index].Clear()
                value.shape.to_proto(shapes[index])
    for name in _OF_RESOURCES:
        if name in function.attr:
            del function.attr[name]


def _put(node: Node, name: str, items: Mapping[int, DType] | Mapping[int, Shape]) -> None:
    """Put other items into an attribute that is a list, where a node has it."""
    found = node.attr(name) if items else None
    if isinstance(found, list):
        new: Attr = [items.get(i, item) for i, item in enumerate(found)]
        node.set_encoded_attr(name, encode_attr(new))


def _one_of(values: Iterable[HeldValue]) -> HeldValue:
    """What a tensor holds that is one of several values, which are of one dtype."""
    first, *others = dict.fromkeys(values)
    return first._replace(shape=UNKNOWN_SHAPE) if others else first


def _functions(node: Node, names: Iterable[str]) -> Iterable[FunctionRef]:
    for name in names:
        value = node.attr(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, FunctionRef):
                yield item


def _number_of(ref: Ref) -> int:
    return ref.index


def _number_in_body(ref: Ref) -> int:
    """The number of an output that a function names by its argument."""
    return _SECOND_OUTPUTS.get(ref.output, ref.index)


def _key(text: str, number: Callable[[Ref], int]) -> tuple[str, int]:
    ref = Ref.parse(text)
    return ref.node, number(ref)


def _renamed(text: str, reads: Iterable[str]) -> str:
    """A tensor in a function, whose node may have another output argument now."""
    ref = Ref.parse(text)
    if ref.output and ref.node in reads and not ref.is_control:
        return str(ref._replace(output=_OUTPUT))
    return text


def _follow(nodes: Iterable[Node], values: Values, work: _Rewriting) -> None:
    """Add to the tensors that are values those that they are handed on as."""
    number = _number_of if isinstance(nodes, Graph) else _number_in_body
    readers: dict[str, list[Node]] = {}
    for node in nodes:
        for text in node.data_inputs:
            readers.setdefault(Ref.parse(text).node, []).append(node)
    # what calls functions comes last, when all its inputs are known; each set of inputs costs
    handing: dict[Node, None] = {}
    calling: dict[Node, None] = {}

    def changed(name: str) -> None:
        for reader in readers.get(name, ()):
            (handing if reader.op in _HANDS_ON else calling)[reader] = None

    for name, _ in values:
        changed(name)
    while handing or calling:
        node, _ = (handing or calling).popitem()
        positions = _positions(node, values, number)
        results: dict[int, HeldValue] = {}
        if node.op in _HANDS_ON and positions:
            handed = _one_of(positions.values())
            results = dict.fromkeys(range(_HANDS_ON[node.op]), handed)
        elif positions and (node.op in _CALLS or work.is_function(node.op)):
            results = work.results(node, positions)
        new = {(node.name, index): value for index, value in results.items()}
        if any(values.get(key) != value for key, value in new.items()):
            values.update(new)
            changed(node.name)


def _positions(node: Node, values: Values, number: Callable[[Ref], int]) -> dict[int, HeldValue]:
    """The inputs of a node that are values."""
    found = {}
    for position, text in enumerate(node.data_inputs):
        value = values.get(_key(text, number))
        if value is not None:
            found[position] = value
    return found


def _become(node: Node, op: str, attrs: Mapping[str, Attr], gone: Iterable[str]) -> None:
    node.change(op=op)
    for name in gone:
        node.set_encoded_attr(name, None)
    for name, value in attrs.items():
        node.set_encoded_attr(name, encode_attr(value))


def _read(node: Node, kind: DType, _in_body: bool) -> Iterable[Node]:
    _become(node, "Identity", {"T": kind}, ["dtype"])
    return []


def _gather(node: Node, kind: DType, in_body: bool) -> Iterable[Node]:
    batch = node.attr("batch_dims")
    batch = batch if isinstance(batch, int) else 0
    import numpy as np

    axis = Tensor.from_array(np.array(batch, "int32"))
    constant = Node(f"{node.name}/axis", "Const", (), {"dtype": INT32, "value": axis}, node.device)
    # an argument is named as a node is, so that the other inputs do not tell
    reference = f"{constant.name}:{_OUTPUT}:0" if in_body else constant.name
    data, control = node.data_inputs, node.inputs[len(node.data_inputs) :]
    node.change(inputs=(*data, reference, *control))
    attrs: dict[str, Attr] = {"Tparams": kind, "Taxis": INT32, "batch_dims": batch}
    _become(node, "GatherV2", attrs, ["dtype", "validate_indices"])
    return [constant]


def _gather_nd(node: Node, kind: DType, _in_body: bool) -> Iterable[Node]:
    _become(node, "GatherNd", {"Tparams": kind}, ["dtype"])
    return []


def _shape(node: Node, kind: DType, _in_body: bool) -> Iterable[Node]:
    _become(node, "Shape", {"T": kind}, [])
    return []


def _is_initialized(node: Node, kind: DType, in_body: bool) -> Iterable[Node]:
    message = message_class("TensorProto")(dtype=BOOL.number, bool_val=[True])
    Shape(()).to_proto(message.tensor_shape)
    _wait(node, kind, in_body)
    _become(node, "Const", {"dtype": BOOL, "value": Tensor(message)}, [])
    return []


def _wait(node: Node, _kind: DType, in_body: bool) -> Iterable[Node]:
    """What does nothing to a constant only waits for it; arguments of a body are always there."""
    inputs = (
        f"^{Ref.parse(i).node}" for i in node.inputs if not in_body or i[:1] == "^" or ":" in i
    )
    node.change(inputs=tuple(dict.fromkeys(inputs)))
    _become(node, "NoOp", {}, [])
    return []


_READS: dict[str, Callable[[Node, DType, bool], Iterable[Node]]] = {
    "ReadVariableOp": _read,
    "ResourceGather": _gather,
    "ResourceGatherNd": _gather_nd,
    "VariableShape": _shape,
    "VarIsInitializedOp": _is_initialized,
    "DisableCopyOnRead": _wait,
}
