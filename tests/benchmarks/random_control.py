"""Control flow for random graphs: If, While and calls of functions, cond and loops of v1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphtools.graph import Node, Shape, dtype
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.graph import Function
from graphtools.ops.definitions import op_definition
from graphtools.schema import message_class
from tests.benchmarks.random_maker import Made, Maker, Value
from tests.benchmarks.random_ops import FAMILIES

#: Ops of one float32 input that keep its shape: builtin, Flex, and neither.
STEPS = ["Relu", "Tanh", "Exp", "Neg", "Square", "Sigmoid", "Abs", "Erf", "Tan", "Sinh", "Erfc",
         "Lgamma", "Rint", "Softplus"]  # fmt: skip
PLAIN = STEPS[:7]


def control(make: Maker) -> Made:
    """One piece of control flow between other ops."""
    make.fed = 0.0
    how = make.choice(
        [_branch, _branch, _loop, _loop, _call, _old_branch, _old_loop, _tensor_list, _tensor_array]
    )
    dims = make.choice([[2, 3], [1, 4, 4, 2], [4], []])
    x = make.input("float32", dims)
    if make.chance(0.4):
        x = (make.add(make.choice(STEPS), [x]) or [x])[0]
    found = how(make, x)
    if found:
        end = make.add("Identity", found[:1])
        make.pool = [end[0]]
    for _ in range(make.choice([0, 0, 1, 2])):
        make.keep(make.choice(FAMILIES)(make))
    return make.finish("control", how.__name__.strip("_"))


def _steps(make: Maker) -> list[str]:
    steps = PLAIN if make.chance(0.6) else STEPS
    return [make.choice(steps) for _ in range(make.choice([1, 1, 2, 3]))]


class Body:
    """A function that is being written.

    Attributes:
        message: Its FunctionDef.
    """

    def __init__(self, name: str, arguments: Sequence[tuple[str, str]]) -> None:
        self.message = message_class("FunctionDef")()
        self.message.signature.name = name
        for argument, kind in arguments:
            self.message.signature.input_arg.add(name=argument, type=dtype(kind).number)

    def add(self, name: str, op: str, inputs: Sequence[str], **attrs: Any) -> str:
        """Add a node; the name of its first output within the function."""
        node = Node(name, op, tuple(inputs), attrs)
        self.message.node_def.add().ParseFromString(node.to_bytes())
        definition = op_definition(op)
        assert definition is not None
        return f"{name}:{definition.outputs[0].name}:0" if definition.outputs else name

    def chain(self, source: str, steps: Sequence[str]) -> str:
        """Ops of one input, one behind the other."""
        for number, op in enumerate(steps):
            source = self.add(f"{op.lower()}_{number}", op, [source], T=dtype("float32"))
        return source

    def number(self, name: str, value: int) -> str:
        """A constant of int32."""
        from numpy import int32

        from graphtools.graph import Tensor

        tensor = Tensor.from_array(int32(value))
        return self.add(name, "Const", (), dtype=dtype("int32"), value=tensor)

    def end(self, make: Maker, results: Sequence[tuple[str, str, str]]) -> FunctionRef:
        """Give it results (name, type, tensor), and put it into the graph."""
        for name, kind, tensor in results:
            self.message.signature.output_arg.add(name=name, type=dtype(kind).number)
            self.message.ret[name] = tensor
        make.graph.set_function(Function.from_bytes(self.message.SerializeToString()))
        return FunctionRef(self.message.signature.name, {})


def _chained(make: Maker, name: str, steps: Sequence[str]) -> FunctionRef:
    body = Body(name, [("x", "float32")])
    return body.end(make, [("y", "float32", body.chain("x", steps))])


def _branch(make: Maker, x: Value) -> list[Value]:
    op = make.choice(["If", "StatelessIf"])
    then, other = (_chained(make, f"branch_{n}", _steps(make)) for n in ("then", "else"))
    condition = (
        make.input("bool", []) if make.chance(0.75) else make.const(make.chance(0.5), "bool")
    )
    return make.add(op, [condition, x], Tout=["float32"], then_branch=then, else_branch=other,
                    output_shapes=[Shape(x.dims)] if make.chance(0.8) else [])  # fmt: skip


def _call(make: Maker, x: Value) -> list[Value]:
    op = make.choice(["PartitionedCall", "StatefulPartitionedCall"])
    return make.add(op, [x], Tout=["float32"], f=_chained(make, "called", _steps(make)))


def _loop(make: Maker, x: Value) -> list[Value]:
    op = make.choice(["While", "StatelessWhile"])
    arguments = [("i", "int32"), ("x", "float32")]
    test = Body("loop_cond", arguments)
    less = test.add("less", "Less", ["i", test.number("limit", 3)], T=dtype("int32"))
    condition = test.end(make, [("go", "bool", less)])
    step = Body("loop_body", arguments)
    following = step.add("next", "AddV2", ["i", step.number("one", 1)], T=dtype("int32"))
    changed = step.chain("x", _steps(make))
    body = step.end(make, [("j", "int32", following), ("y", "float32", changed)])
    shapes = [Shape([]), Shape(x.dims)] if make.chance(0.8) else []
    return make.add(op, [make.const(0), x], cond=condition, body=body, output_shapes=shapes)[1:]


def _old_branch(make: Maker, x: Value) -> list[Value]:
    condition = make.input("bool", [])
    no, yes = make.add("Switch", [x, condition])
    ends = []
    for start in (no, yes):
        for op in _steps(make):
            start = make.add(op, [start])[0]
        ends.append(start)
    return make.add("Merge", ends)[:1]


def _old_loop(make: Maker, x: Value) -> list[Value]:
    enter = [make.add("Enter", [v], frame_name="loop")[0] for v in (make.const(0), x)]
    merge = [make.add("Merge", [e, e])[0] for e in enter]
    limit = make.add("Enter", [make.const(3)], frame_name="loop", is_constant=True)[0]
    go = make.add("LoopCond", make.add("Less", [merge[0], limit]))[0]
    switches = [make.add("Switch", [m, go]) for m in merge]
    one = make.const(1)
    graph = make.graph
    body = make.add("Identity", [switches[0][1]])[0]
    for name in [one.ref]:
        node = graph[name]
        while node.op == "Identity":
            node = graph[node.inputs[0]]
        graph.set_inputs(node, (*node.inputs, f"^{body.ref}"))
    changed = switches[1][1]
    for op in _steps(make):
        changed = make.add(op, [changed])[0]
    for m, value in zip(merge, (make.add("AddV2", [body, one])[0], changed), strict=True):
        back = make.add("NextIteration", [value])[0]
        graph.set_inputs(graph[m.ref], (graph[m.ref].inputs[0], back.ref))
    return make.add("Exit", [switches[1][0]])


def _tensor_list(make: Maker, x: Value) -> list[Value]:
    if not x.static:
        return []
    shape = make.const([d or 0 for d in x.dims or ()])
    handle = make.add("TensorListReserve", [shape, make.const(3)], element_dtype="float32")
    for place in range(make.choice([1, 2])):
        handle = make.add("TensorListSetItem", [handle[0], make.const(place), x])
    if make.chance(0.5):
        return make.add(
            "TensorListGetItem", [handle[0], make.const(0), shape], element_dtype="float32"
        )
    return make.add("TensorListStack", [handle[0], shape], element_dtype="float32", num_elements=3)


def _tensor_array(make: Maker, x: Value) -> list[Value]:
    made = make.add("TensorArrayV3", [make.const(2)], dtype="float32")
    flow = made[1]
    for place in range(2):
        flow = make.add("TensorArrayWriteV3", [made[0], make.const(place), x, flow])[0]
    return make.add("TensorArrayReadV3", [made[0], make.const(0), flow], dtype="float32")


MAKERS: list[Callable[[Maker, Value], list[Value]]] = [
    _branch, _call, _loop, _old_branch, _old_loop, _tensor_list, _tensor_array,
]  # fmt: skip
