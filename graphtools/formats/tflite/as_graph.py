"""A TFLite model as a graph of ops and tensors, so that what looks at graphs looks at it, too.

An operator is a node with TFLite's name for its op; it is called by its first output. Constants are
`Const` nodes, inputs `Placeholder` nodes, tensors that keep their values from run to run `Variable`
nodes. Other subgraphs are functions. TensorFlow does not run such a graph: it is to be looked at.

Of each node the attributes tell what the file says: its options, `version`, and of its output
`dtype`, `shape`, `scale`, `zero_point` and `quantized_dimension`; of an operator's second output
these are called `scale_1` and so on. `_tensors` are the indices of its tensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from graphtools.errors import GraphtoolsError, InvalidValue
from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteModel, TFLiteTensor
from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.schema import message_class

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Attributes that name another subgraph, which is a function here, and what they are called then.
_CALLS = "_subgraph_index"


class TFLiteGraph(Graph):
    """The graph of a TFLite model; a node is found by the name or index of a tensor, too."""

    is_tensorflow = False

    def __init__(
        self, nodes: Iterable[Node], functions: Iterable[Function], names: dict[str, str]
    ) -> None:
        """A graph.

        Args:
            nodes: The nodes.
            functions: The subgraphs behind the first.
            names: By name or index of a tensor of the first subgraph, the node's name.
        """
        super().__init__(nodes, functions=functions)
        self._tensors = names

    def find(self, text: str) -> Node:
        """The node that a user means by its name, or by the name or index of one of its tensors."""
        name = self._tensors.get(text.strip())
        return self[name] if name is not None and text not in self else super().find(text)


class _Stored(Tensor):
    """A constant whose values are stored in a way of TFLite's own: strings, int4, sparse ones."""

    __slots__ = ("_model", "_stored")

    def __init__(self, model: TFLiteModel, tensor: TFLiteTensor, kind: DType) -> None:
        message = message_class("TensorProto")(dtype=kind.number)
        tensor.shape.to_proto(message.tensor_shape)
        super().__init__(message)
        self._model, self._stored = model, tensor

    @property
    def nbytes(self) -> int:
        return self._stored.buffer_bytes

    def array(self) -> NDArray[Any]:
        return self._model.tensor_data(self._stored)

    def pieces(self) -> list[bytes | memoryview]:
        try:
            return Tensor.from_array(self.array(), self.dtype).pieces()
        except GraphtoolsError:  # the values are not decoded here, but they are told apart
            return [*super().pieces(), self._model.buffer_data(self._stored.buffer)]

    # what looks at small values without numpy does without these

    def integers(self, most: int) -> None:  # noqa: ARG002
        return None

    def floats(self, most: int) -> None:  # noqa: ARG002
        return None

    def strings(self, most: int) -> None:  # noqa: ARG002
        return None

    def sample(self) -> bytes:
        return b""


def graph_of_tflite(model: TFLiteModel) -> TFLiteGraph:
    """The graph of a model; values of constants stay in the file.

    Example:
        >>> graph_of_tflite(open_model("fixtures/quant/model.tflite")).find("0").op
        'Placeholder'

    Raises:
        InvalidValue: The model has no subgraph.
    """
    if not model.subgraphs:
        raise InvalidValue(f"{model.path} has no subgraph, so that there is nothing to look at")
    functions = _function_names(model)
    parts = [_SubgraphNodes(model, subgraph, functions) for subgraph in model.subgraphs]
    inner = zip(functions, parts[1:], strict=True)
    return TFLiteGraph(
        parts[0].nodes, (part.function(name) for name, part in inner), parts[0].tensor_names()
    )


def _function_names(model: TFLiteModel) -> list[str]:
    """Names of the subgraphs behind the first; no two are the same."""
    found: dict[str, None] = {}
    for index, subgraph in enumerate(model.subgraphs[1:], 1):
        name = _plain(subgraph.name) or f"subgraph_{index}"
        found[name if name not in found else f"{name}_{index}"] = None
    return list(found)


def _plain(name: str) -> str:
    """A tensor's name as a node's: without `:0`, and with no other sign that edges have."""
    return name.strip().removesuffix(":0").replace(":", "_").lstrip("^")


class _SubgraphNodes:
    """The nodes of a subgraph, as they are made one by one."""

    def __init__(self, model: TFLiteModel, subgraph: Subgraph, functions: list[str]) -> None:
        self.model = model
        self.subgraph = subgraph
        self.functions = functions
        self.taken: set[str] = set()
        #: By index of a tensor: what an edge that carries it is called.
        self.edges: dict[int, str] = {}
        self.nodes = list(self.made())

    def made(self) -> Iterator[Node]:
        produced = {i for operator in self.subgraph.operators for i in operator.outputs}
        read = {i for operator in self.subgraph.operators for i in operator.inputs}
        wanted = {*self.subgraph.inputs, *self.subgraph.outputs, *read}
        for index in self.subgraph.inputs:
            if index >= 0 and index not in self.edges:
                yield self.source(self.subgraph.tensors[index], "Placeholder")
        for operator in self.subgraph.operators:
            for index in operator.inputs:
                if index >= 0 and index not in self.edges and index not in produced:
                    yield self.stored(self.subgraph.tensors[index])
            yield self.computed(operator)
        for tensor in self.subgraph.tensors:
            unseen = tensor.index not in self.edges and tensor.index not in produced
            if unseen and (tensor.is_constant or tensor.index in wanted):
                yield self.stored(tensor)

    def name(self, wanted: str) -> str:
        name, number = wanted, 0
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def stored(self, tensor: TFLiteTensor) -> Node:
        """A constant, a variable, or a tensor that nothing gives a value."""
        is_empty = tensor.shape.elements == 0 and not tensor.is_variable
        if tensor.is_constant or is_empty:
            return self.source(tensor, "Const", value=_tensor_of(self.model, tensor))
        return self.source(tensor, "Variable" if tensor.is_variable else "Unwritten")

    def source(self, tensor: TFLiteTensor, op: str, **attrs: Attr) -> Node:
        name = self.name(_plain(tensor.name) or f"tensor_{tensor.index}")
        self.edges[tensor.index] = name
        return Node(name, op, (), {**_outputs([tensor]), **attrs})

    def computed(self, operator: Operator) -> Node:
        tensors = [self.subgraph.tensors[i] for i in operator.outputs if i >= 0]
        first = _plain(tensors[0].name) or f"tensor_{tensors[0].index}" if tensors else ""
        name = self.name(first or f"{operator.op}_{operator.index}")
        for number, tensor in enumerate(tensors):
            self.edges.setdefault(tensor.index, f"{name}:{number}" if number else name)
        attrs: dict[str, Attr] = {"version": operator.version}
        for key, value in self.model.options(operator).items():
            attrs |= self.option(key, value)
        absent = [place for place, index in enumerate(operator.inputs) if index < 0]
        if absent:
            attrs["absent_inputs"] = list(absent)
        inputs = (self.edges.get(i, f"tensor_{i}") for i in operator.inputs if i >= 0)
        return Node(name, operator.op, tuple(inputs), {**attrs, **_outputs(tensors)})

    def option(self, key: str, value: Any) -> dict[str, Attr]:
        """An option as an attribute; that of a subgraph is the function that it is."""
        if key.endswith(_CALLS) or key == "subgraph":
            called = value - 1
            if 0 <= called < len(self.functions):
                return {key.removesuffix(_CALLS): FunctionRef(self.functions[called], {})}
        if isinstance(value, dict) or (isinstance(value, list) and not _is_plain(value)):
            return {key: repr(value).encode()}
        return {key: value.encode() if isinstance(value, str) else value}

    def tensor_names(self) -> dict[str, str]:
        """By name or index of a tensor, the name of its node."""
        found = {}
        for index, edge in self.edges.items():
            node = edge.partition(":")[0]
            found[str(index)] = node
            found.setdefault(self.subgraph.tensors[index].name, node)
        return found

    def function(self, name: str) -> Function:
        """The subgraph as a function."""
        message = message_class("FunctionDef")()
        message.signature.name = name
        tensors = self.subgraph.tensors
        inputs = [self.edges[i] for i in self.subgraph.inputs if i >= 0]
        for index in self.subgraph.inputs:
            if index >= 0:
                argument = message.signature.input_arg.add(name=self.edges[index])
                argument.type = _dtype(tensors[index]).number
        outputs: dict[str, str] = {}
        for place, index in enumerate(self.subgraph.outputs):
            result = f"output_{place}"
            message.signature.output_arg.add(name=result).type = _dtype(tensors[index]).number
            outputs[result] = message.ret[result] = self.edges.get(index, f"tensor_{index}")
        nodes = tuple(node for node in self.nodes if node.name not in inputs)
        encoded = message.SerializeToString(deterministic=True)
        return Function(name, tuple(inputs), outputs, nodes, {}, encoded)


def _is_plain(values: list[Any]) -> bool:
    kinds = {type(value) for value in values}
    return len(kinds) <= 1 and kinds <= {int, float, bool, bytes}


def _dtype(tensor: TFLiteTensor) -> DType:
    return dtype(0) if tensor.dtype.startswith("unknown") else dtype(tensor.dtype)


def _outputs(tensors: list[TFLiteTensor]) -> dict[str, Attr]:
    """What the file says of tensors: types, shapes, quantization, indices."""
    found: dict[str, Attr] = {
        "_output_types": [_dtype(t) for t in tensors],
        "_output_shapes": [t.shape_signature for t in tensors],
        "_tensors": [t.index for t in tensors],
    }
    for number, tensor in enumerate(tensors):
        quantization, suffix = tensor.quantization, f"_{number}" if number else ""
        found["dtype" + suffix], found["shape" + suffix] = _dtype(tensor), tensor.shape_signature
        if quantization is None:
            continue
        lists = {"scale": quantization.scale, "zero_point": quantization.zero_point}
        lists |= {"min": quantization.min, "max": quantization.max}
        found |= {key + suffix: list(values) for key, values in lists.items() if values}
        if len(quantization.scale) > 1:
            found[f"quantized_dimension{suffix}"] = quantization.quantized_dimension
        if quantization.blockwise:
            found[f"block_size{suffix}"] = quantization.blockwise.block_size
    return found


def _tensor_of(model: TFLiteModel, tensor: TFLiteTensor) -> Tensor:
    """The values of a constant, which stay in the file."""
    kind = _dtype(tensor)
    content = b"" if tensor.external_file else model.buffer_data(tensor.buffer)
    bytes_in_memory = (tensor.shape.elements or 0) * kind.size
    if kind.size and not tensor.is_sparse and len(content) == bytes_in_memory:
        return Tensor.from_content(kind, tensor.shape, memoryview(content))
    return _Stored(model, tensor, kind)
