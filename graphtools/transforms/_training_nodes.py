"""Makes the nodes of a graph that is to be trained: constants, computations, and variables.

Variables are of the kind that the graph has: references (`VariableV2`), or resources.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, INT32, INT64, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.inference import infer_shapes

if TYPE_CHECKING:
    from graphtools.ops.dims import Dims

#: Attributes that ops have beside the type of what they read.
_MORE: dict[str, dict[str, Attr]] = {
    **{op: {"Tidx": INT32, "keep_dims": False} for op in ("Min", "Max", "Mean")},
    "Reshape": {"Tshape": INT32},
}


class NewVariable(NamedTuple):
    """A variable that was made.

    Attributes:
        name: Its name.
        dtype: Its element type.
        shape: Its shape.
        initial: The value that all its elements have at first.
        is_resource: Whether it is a resource.
        initializer: The node that initialises it.
        read: The tensor of its value.
    """

    name: str
    dtype: DType
    shape: tuple[int, ...]
    initial: float
    is_resource: bool
    initializer: str
    read: str

    def value(self) -> Any:
        """The array that it holds at first."""
        import numpy as np

        return np.full(self.shape, self.initial, self.dtype.numpy())


class TrainingNodes:
    """Adds nodes to a graph.

    Attributes:
        graph: The graph.
        variables: The variables that were made, in order.
        names: Names of all nodes that were made.
    """

    def __init__(self, graph: Graph) -> None:
        """Find out of which kind the variables of a graph are."""
        self.graph = graph
        self.variables: list[NewVariable] = []
        self.names: set[str] = set()
        self._inference = infer_shapes(graph)
        self._dims: dict[str, Dims] = {}
        ops = [node.op for node in graph]
        self._resources = ops.count("VarHandleOp") > ops.count("VariableV2")
        self._prefixes: set[str] = set()

    def dims(self, tensor: str) -> Dims:
        """The shape of a tensor, None where it is not known."""
        ref = Ref.parse(tensor)
        known = self._dims.get(ref.node)
        return known if known is not None else self._inference.dims(ref.node, ref.index)

    def set_dims(self, name: str, dims: Dims) -> None:
        """Tell the shape of the first output of a node that was made."""
        self._dims[name] = dims

    def free_prefix(self, wanted: str) -> str:
        """A scope that nothing stands in: the wanted one, or with a number."""
        name, number = wanted, 0
        while name in self._prefixes:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def take_prefix(self, name: str) -> None:
        """Note that something stands in a scope."""
        self._prefixes.add(name)

    def add(self, name: str, op: str, *inputs: str, **attrs: Attr) -> str:
        """A node; its type is float32 where nothing else is given.

        Returns:
            Its name, which is the wanted one or has a number.
        """
        free = self.graph.free_name(name)
        known = {"T": FLOAT32, **_MORE.get(op, {}), **attrs}
        self.graph.add(Node(free, op, inputs, {k: v for k, v in known.items() if v is not None}))
        self.names.add(free)
        return free

    def clone(self, node: Node, name: str, inputs: Sequence[str]) -> str:
        """A copy of a node, with all its attributes but the shapes that it was stored with."""
        free = self.graph.free_name(name)
        self.graph.add(node.variant(name=free, inputs=tuple(inputs)))
        self.names.add(free)
        return free

    def constant(self, name: str, value: Any, kind: str = "float32") -> str:
        """A constant."""
        import numpy as np

        tensor = Tensor.from_array(np.asarray(value, kind))
        return self.add(name, "Const", T=None, dtype=tensor.dtype, value=tensor)

    def variable(
        self, name: str, initial: float, shape: tuple[int, ...] = (), kind: DType = FLOAT32,
        *, initializer: str = "zeros",
    ) -> NewVariable:  # fmt: skip
        """A variable that is not trained, with its initialiser and what reads it.

        Args:
            name: Its name.
            initial: The value of all its elements at first.
            shape: Its shape.
            kind: Its element type.
            initializer: Last part of the name of the constant that it is initialised with.
        """
        import numpy as np

        start = self.constant(
            f"{name}/Initializer/{initializer}", np.full(shape, initial), kind.name
        )
        attrs: dict[str, Attr] = {"dtype": kind, "shape": Shape(shape), "container": b"", "T": None}
        if self._resources:
            shared = name.encode()
            self.add(name, "VarHandleOp", **attrs, shared_name=shared)
            assign = self.add(f"{name}/Assign", "AssignVariableOp", name, start, dtype=kind, T=None)
            read = self._read(f"{name}/Read/ReadVariableOp", name, kind)
        else:
            place: dict[str, Attr] = {"_class": [f"loc:@{name}".encode()], "T": kind}
            self.add(name, "VariableV2", **attrs, shared_name=b"")
            assign = self.add(
                f"{name}/Assign", "Assign", name, start, **place,
                validate_shape=True, use_locking=True,
            )  # fmt: skip
            read = self.add(f"{name}/read", "Identity", name, **place)
        made = NewVariable(name, kind, shape, initial, self._resources, assign, read)
        self.variables.append(made)
        return made

    def _read(self, name: str, variable: str, kind: DType, *after: str) -> str:
        waits = tuple(f"^{text}" for text in after)
        return self.add(name, "ReadVariableOp", variable, *waits, dtype=kind, T=None)

    def current(self, variable: NewVariable, name: str) -> str:
        """The value of a variable before this run changes it."""
        if not variable.is_resource:
            return variable.read
        return self._read(f"{name}/ReadVariableOp", variable.name, variable.dtype)

    def changed(self, variable: NewVariable, name: str, how: str, value: str) -> str:
        """A variable's value after it has been changed.

        Args:
            variable: The variable.
            name: Name of the node that changes it.
            how: `Assign`, `AssignAdd` or `AssignSub`.
            value: The tensor that it is assigned, or changed by.
        """
        if variable.is_resource:
            made = self.add(
                name, f"{how}VariableOp", variable.name, value, dtype=variable.dtype, T=None
            )
            return self._read(f"{name}/ReadVariableOp", variable.name, variable.dtype, made)
        attrs: dict[str, Attr] = {"use_locking": how == "Assign", "T": variable.dtype}
        if how == "Assign":
            attrs["validate_shape"] = True
        attrs["_class"] = [f"loc:@{variable.name}".encode()]
        return self.add(name, how, variable.name, value, **attrs)

    def step(self) -> str:
        """The number of this run, from a variable that each run adds one to; made once."""
        name = "fake_quantization_step"
        read = f"{name}/Identity"
        if read not in self.graph:
            variable = self.variable(name, 0, (), INT64)
            one = self.constant(f"{name}/AssignAdd/value", 1, "int64")
            now = self.changed(variable, f"{name}/AssignAdd", "AssignAdd", one)
            self.add(read, "Identity", now, T=INT64)
        return read

    def reached(self, name: str, runs: int) -> str:
        """Whether so many runs have begun, this one among them."""
        threshold = self.constant(f"{name}/y", runs, "int64")
        return self.add(name, "GreaterEqual", self.step(), threshold, T=INT64)
