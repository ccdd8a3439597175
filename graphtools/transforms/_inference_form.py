"""Makes a graph for inference of one that was built for training: `for_inference`.

1. Placeholders that switch training on become constants that switch it off.
2. Dropout hands its input on.
3. Where the condition of a cond is constant then, the branch that is taken stays alone.
4. Control dependencies on what updates variables are removed.

5. Batch norms for training read their moving averages instead of computing those of the batch.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Container, Sequence

from graphtools.front_end import param
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import BOOL, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import UPDATES, VARIABLE_OPS
from graphtools.idioms import dropout, kept_state, training_batch_norm, training_switch
from graphtools.ops.bodies import body_of, function_of
from graphtools.ops.control_flow import MERGES, NEXT_ITERATIONS, SWITCHES
from graphtools.ops.handing_on import INTO_BRANCHES, RESHAPED, SAME_TENSOR, source_node
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.prune import needed_nodes, remove_except
from graphtools.rewrite.transform import Job
from graphtools.schema import message_class
from graphtools.transforms import inline_partitionedcall
from graphtools.transforms._inference_norms import functions_of, some, use_averages
from graphtools.transforms.remove_dropout import take_out
from graphtools.transforms.strip_unused_nodes import nodes_to_cut, placeholder_for

_LONGEST_WAY = 12
_HANDED_ON = SAME_TENSOR | INTO_BRANCHES | RESHAPED
#: What conditions are computed with, and by op the value of one side that decides alone.
_COMPUTED: dict[str, Callable[..., float]] = {
    "LogicalNot": operator.not_,
    "Equal": operator.eq,
    "NotEqual": operator.ne,
    "Greater": operator.gt,
    "GreaterEqual": operator.ge,
    "Less": operator.lt,
    "LessEqual": operator.le,
}
_ABSORBED = {"LogicalAnd": False, "LogicalOr": True}
#: By op that calls one of two functions, the op that calls one.
_CALLS = {"If": "StatefulPartitionedCall", "StatelessIf": "PartitionedCall"}


def training_signs(graph: Graph) -> list[str]:
    """Remarks on what tells that a graph was built for training."""
    norms = [n.node.name for n in training_batch_norm.find(graph)]
    norms += [f"{n.node.name}@{name}" for name, n in training_batch_norm.find_in_functions(graph)]
    dropouts = [d.end.name for d in dropout.find(graph)]
    dropouts += [f"{d.end.name}@{name}" for name, d in dropout.find_in_functions(graph)]
    switches = [s.node.name for s in training_switch.find(graph) if not s.stands_off]
    found = []
    if norms:
        found.append(
            f"{some(norms)}: built for training, normalises with the statistics of each batch"
        )
    if dropouts:
        found.append(f"{some(dropouts)}: dropout, which freeze {param(inference=True)} removes")
    if switches:
        found.append(
            f"{some(switches)}: switches training on, which freeze {param(inference=True)} turns "
            "off"
        )
    return found


def left_of_training(graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> list[str]:
    """Remarks on what outputs need that belongs to training, its variables among it.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
    """
    part, fed = graph.copy(), [producer(name) for name in inputs]
    needed = needed_nodes(part, [producer(name) for name in outputs], fed)
    variables = [node.name for node in part if node.op in VARIABLE_OPS and node.name in needed]
    found = [f"{some(variables)}: variables, which are not frozen"] if variables else []
    for node in nodes_to_cut(part, fed):
        part.replace(node, [placeholder_for(node, None)])
    remove_except(part, needed | set(fed))
    return found + training_signs(part)


def for_inference(
    graph: Graph,
    outputs: Sequence[str],
    inputs: Sequence[str] = (),
    stored: Container[str] = (),
) -> list[str]:
    """Bring a graph into the form that inference wants.

    Args:
        graph: The graph; it is changed.
        outputs: Names of the nodes that are fetched.
        inputs: Names of nodes at which the graph is cut.
        stored: Names of the variables of a checkpoint; the graph may lack moving averages.

    Returns:
        What was done, a line each.

    Raises:
        InvalidGraph: The moving averages of a needed batch norm for training are not known.
    """
    needed = needed_nodes(graph, outputs, inputs)
    notes: list[str] = []
    notes += _turn_training_off(graph, needed)
    resolved = resolve_conds(graph) + _resolve_calls(graph) + _resolve_selects(graph)
    if resolved:
        notes.append(f"conds of which one branch is left: {resolved:,}")
    job = Job(inputs, outputs)
    called = functions_of(graph, needed_nodes(graph, outputs, inputs))
    if any(name in called for name, _ in training_batch_norm.find_in_functions(graph)):
        # a body sees arguments where its caller has the variables with the moving averages
        inline_partitionedcall.run(graph, Job(inputs, outputs))
    needed = needed_nodes(graph, outputs, inputs)
    dropouts = [name for name in take_out(graph, job) if name in needed or "@" in name]
    if dropouts:
        notes.append(f"dropout removed: {', '.join(dropouts)}")
    notes += [f"dropout {name!r} stays: {reason}" for name, reason in job.skipped]
    updates = _drop_update_dependencies(graph, needed, outputs)
    updates += _drop_updates_in_functions(graph, functions_of(graph, needed))
    if updates:
        notes.append(f"control dependencies on updates of variables removed: {updates:,}")
    norms = use_averages(graph, needed_nodes(graph, outputs, inputs), stored)
    if norms:
        notes.append(f"batch norms that use their moving averages: {norms:,}")
    needed = needed_nodes(graph, outputs, inputs)
    rest = [n.name for n in graph if n.name in needed and n.op in dropout.UNIFORM]
    if rest:
        notes.append(f"random numbers are still drawn, by {some(rest)}")
    return notes


def _turn_training_off(graph: Graph, needed: set[str]) -> list[str]:
    """Put constants in the place of training switches.

    Returns:
        What was set, by value.
    """
    found: dict[str, list[str]] = {}
    for node, off, _ in training_switch.find(graph):
        kind = node.attr("dtype")
        if node.name in needed and isinstance(kind, DType):
            attrs: dict[str, Attr] = {"dtype": kind, "value": _single(node, kind, off)}
            graph.replace(node, [Node(node.name, "Const", (), attrs, node.device)])
            value = str(bool(off)).lower() if kind is BOOL else str(off)
            found.setdefault(value, []).append(node.name)
    return [f"set to {value}: {', '.join(names)}" for value, names in found.items()]


def _single(placeholder: Node, kind: DType, value: int) -> Tensor:
    """The value of a placeholder that is to be a constant."""
    import numpy as np

    shape = placeholder.attr("shape")
    dims = shape.dims if isinstance(shape, Shape) else None
    return Tensor.from_array(np.full([d or 1 for d in dims or ()], value), kind)


def resolve_conds(graph: Graph) -> int:
    """Leave the branch that is taken alone where the condition of a cond is constant.

    Returns:
        The number of nodes that join branches and were removed.
    """
    order, _ = runnable_order(graph)
    dead: set[tuple[str, int]] = set()
    resolved = 0
    for node in order:
        data = node.data_inputs
        keys = [_key(text) for text in data]
        gone = any(("^" + name, -1) in dead for name in node.control_inputs)
        if node.op in MERGES and not gone:
            # what closes a loop comes only where the loop is entered
            entering = [text for text in data if not _closes_loop(graph, text)]
            alive = [text for text in entering if _key(text) not in dead]
            if len(alive) == 1 and len(entering) == len(data) > 1:
                _take(graph, node, alive[0], data.index(alive[0]))
                resolved += 1
                continue
            gone = not alive
        elif node.op in SWITCHES and len(data) > 1 and keys[0] not in dead:
            taken = _constant_condition(graph, data[1])
            if taken is not None and not gone:
                dead.add((node.name, 0 if taken else 1))
                graph.redirect(Ref(node.name, 1 if taken else 0), Ref.parse(data[0]))
                # the pivots of branches are switches of which only control edges are read
                _redirect_control(graph, node, data[0])
                continue
            gone = gone or keys[1] in dead
        else:
            gone = gone or any(key in dead for key in keys)
        if gone:
            dead.add(("^" + node.name, -1))
            dead.update((node.name, index) for index in range(_MOST_OUTPUTS))
    return resolved


def _resolve_selects(graph: Graph) -> int:
    """Leave what is taken alone where the condition of a Select is one constant.

    Returns:
        The number of Selects that hand one input on now.
    """
    taken = {}
    for node in graph:
        data = node.data_inputs
        if node.op in ("Select", "SelectV2") and len(data) == 3:
            condition = _constant_condition(graph, data[0])
            if condition is not None:
                taken[node.name] = data[1 if condition else 2]
    shapes = infer_shapes(graph, targets=list(taken)) if taken else None
    resolved = 0
    for name, text in taken.items():
        ref = Ref.parse(text)
        whole = shapes.dims(name) if shapes else None
        part = shapes.dims(ref.node, ref.index) if shapes else None
        node = graph[name]
        if node.op == "SelectV2" and (whole is None or whole != part):
            continue  # what is taken may have to be repeated
        control = tuple(f"^{i}" for i in node.control_inputs)
        attrs = {"T": node.attr("T")}
        graph.replace(node, [Node(name, "Identity", (text, *control), attrs, node.device)])
        resolved += 1
    return resolved


def _resolve_calls(graph: Graph) -> int:
    """Call the branch that is taken where the condition of an If is constant.

    Returns:
        The number of Ifs that were replaced.
    """
    resolved = 0
    for node in list(graph):
        data = node.data_inputs
        calls = _CALLS.get(node.op)
        taken = _constant_condition(graph, data[0]) if calls and data else None
        if calls is None or taken is None:
            continue
        attrs: dict[str, Attr] = {
            "f": node.attr("then_branch" if taken else "else_branch"),
            "Tin": node.attr("Tin"),
            "Tout": node.attr("Tout"),
        }
        control = tuple(f"^{name}" for name in node.control_inputs)
        graph.replace(node, [Node(node.name, calls, (*data[1:], *control), attrs, node.device)])
        resolved += 1
    return resolved


#: So many outputs a dead node is taken to have.
_MOST_OUTPUTS = 16


def _key(text: str) -> tuple[str, int]:
    ref = Ref.parse(text)
    return ref.node, ref.index


def _closes_loop(graph: Graph, text: str) -> bool:
    source = graph.get(producer(text))
    return source is not None and source.op in NEXT_ITERATIONS


def _constant_condition(graph: Graph, text: str) -> bool | None:
    """The value of a condition that is constant, None of any other."""
    value = _constant_number(graph, text, _LONGEST_WAY)
    return None if value is None else bool(value)


def _constant_number(graph: Graph, text: str, deep: int) -> float | None:
    """The value of a flag or number that is constant, or computed from such."""
    node = source_node(graph, text, _HANDED_ON)
    if node is None or not deep:
        return None
    if node.op == "Const":
        tensor = node.tensor
        values = (tensor.integers(1) or tensor.floats(1)) if tensor else None
        return values[0] if values else None
    if node.op == "Cast" and node.data_inputs:
        value = _constant_number(graph, node.data_inputs[0], deep - 1)
        kind = str(node.attr("DstT"))
        if value is None or kind.startswith("float"):
            return value
        return bool(value) if kind == "bool" else int(value)
    if node.op not in _COMPUTED.keys() | _ABSORBED.keys():
        return None
    given = [_constant_number(graph, i, deep - 1) for i in node.data_inputs]
    known = [v for v in given if v is not None]
    decisive = _ABSORBED.get(node.op)
    if decisive is not None and decisive in map(bool, known):
        return decisive
    if len(known) < len(given):
        return None
    return not decisive if decisive is not None else _COMPUTED[node.op](*known)


def _take(graph: Graph, node: Node, source: str, index: int) -> None:
    """Put the input that comes in the place of a Merge, and its number in that of the second."""
    kind = node.attr("T")
    message = message_class("TensorProto")(dtype=3, int_val=[index])
    Shape(()).to_proto(message.tensor_shape)
    attrs: dict[str, Attr] = {"dtype": Tensor(message).dtype, "value": Tensor(message)}
    number = Node(graph.free_name(f"{node.name}/value_index"), "Const", (), attrs)
    if graph.redirect(Ref(node.name, 1), Ref(number.name)):
        graph.add(number, before=node)
    control = tuple(i for i in node.inputs if i[:1] == "^")
    base = kind.base if isinstance(kind, DType) else kind
    graph.replace(node, [Node(node.name, "Identity", (source, *control), {"T": base}, node.device)])


def _redirect_control(graph: Graph, node: Node, source: str) -> None:
    """Let nodes that wait for a Switch wait for what it switches; constants need not wait."""
    target = f"^{producer(source)}"
    for reader in graph.consumers(node.name):
        if f"^{node.name}" in reader.inputs:
            inputs = dict.fromkeys(target if i == f"^{node.name}" else i for i in reader.inputs)
            graph.set_inputs(reader, inputs)


def _drop_update_dependencies(graph: Graph, needed: set[str], outputs: Sequence[str]) -> int:
    """Remove control dependencies that have updates of variables run, but of kept state."""
    dropped = 0
    updates: dict[str, bool] = {}

    def updates_variables(name: str) -> bool:
        if name not in updates:
            updates[name] = False  # until it is known, so that cycles end
            node = graph.get(name)
            if node is not None:
                updates[name] = (
                    node.op.startswith(UPDATES)
                    and not kept_state.is_read_back(graph, node, outputs, needed)
                ) or (node.op == "NoOp" and any(map(updates_variables, node.control_inputs)))
        return updates[name]

    # decided for all before any is changed: a NoOp is told by its own dependencies
    decided = [
        (node, [i for i in node.inputs if i[:1] != "^" or not updates_variables(i[1:])])
        for node in graph
        if node.name in needed and node.control_inputs
    ]
    for node, kept in decided:
        dropped += len(node.inputs) - len(kept)
        graph.set_inputs(node, kept)
    return dropped


def _drop_updates_in_functions(graph: Graph, names: Collection[str]) -> int:
    """Remove updates of variables from some functions, where nothing reads their results.

    Returns:
        The number of updates.
    """
    dropped = 0
    for function in [f for f in graph.functions.values() if f.name in names]:
        updates = [n.name for n in function.nodes if n.op.startswith(UPDATES)]
        body = body_of(function, graph.functions, {}, graph.versions) if updates else None
        if body is None:
            continue
        inner = body.graph
        results = {producer(text) for text in body.results}
        read = {n for n in updates if kept_state.is_read_back(inner, inner[n], results)}
        idle = {*updates} - read
        for node in inner:
            inputs = [i for i in node.inputs if i[:1] != "^" or i[1:] not in idle]
            inner.set_inputs(node, inputs)
        kept = (*results, *body.arguments, *set(function.control_outputs.values()) - idle)
        remove_unread(inner, sorted(idle), Job((), kept))
        if idle:
            graph.set_function(function_of(function, body))
        dropped += len(idle)
    return dropped
