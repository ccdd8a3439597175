"""Makes a graph for inference of one that was built for training: `for_inference`.

1. Placeholders that switch training on (`is_training`, `phase_train`) become the constant false.
2. Dropout becomes the identity: a product of its input, scaled, with what a random number decides.
3. Where the condition of a cond is constant then, the branch that is taken stays alone.
4. Control dependencies on what updates variables are removed.

A batch norm that normalises with the statistics of its batch, fixed in an attribute, cannot be
mended so: its moving averages are no part of the graph that the outputs need.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphtools.errors import InvalidGraph
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import BOOL, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.prune import needed_nodes
from graphtools.schema import message_class

_SWITCH_NAME = re.compile(
    r"(^|/)(is_?train(ing)?|phase_?train|training|train(ing)?_?(mode|phase)|(keras_)?learning_phase)"
    r"(_\d+)?$",
    re.IGNORECASE,
)
_RANDOM = frozenset({"RandomUniform", "StatelessRandomUniform", "StatelessRandomUniformV2"})
_BATCH_NORMS = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
_UPDATES = ("Assign", "Scatter", "Apply", "ResourceApply", "ResourceScatter")
_LONGEST_WAY = 12
#: By op that calls one of two functions, the op that calls one.
_CALLS = {"If": "StatefulPartitionedCall", "StatelessIf": "PartitionedCall"}


def training_signs(graph: Graph) -> list[str]:
    """Remarks on what tells that a graph was built for training."""
    everything = {node.name for node in graph}
    norms = _training_batch_norms(graph, everything)
    dropouts = [n.name for n in graph if _dropped(graph, n) is not None]
    switches = [n.name for n in graph if _is_training_switch(n)]
    found = []
    if norms:
        found.append(
            f"{_some(norms)}: built for training, normalises with the statistics of each batch"
        )
    if dropouts:
        found.append(f"{_some(dropouts)}: dropout, which --inference removes")
    if switches:
        found.append(f"{_some(switches)}: switches training on, which --inference turns off")
    return found


def _some(names: Sequence[str]) -> str:
    more = f" (and {len(names) - 1:,} more)" if len(names) > 1 else ""
    return f"{names[0]!r}{more}"


def for_inference(graph: Graph, outputs: Sequence[str], inputs: Sequence[str] = ()) -> list[str]:
    """Bring a graph into the form that inference wants.

    Args:
        graph: The graph; it is changed.
        outputs: Names of the nodes that are fetched.
        inputs: Names of nodes at which the graph is cut.

    Returns:
        What was done, a line each.

    Raises:
        InvalidGraph: A needed batch norm is fixed to training.
    """
    needed = needed_nodes(graph, outputs, inputs)
    notes = []
    switches = _turn_training_off(graph, needed)
    if switches:
        notes.append(f"set to false: {', '.join(switches)}")
    resolved = resolve_conds(graph) + _resolve_calls(graph)
    if resolved:
        notes.append(f"conds of which one branch is left: {resolved:,}")
    needed = needed_nodes(graph, outputs, inputs)
    dropouts = _remove_dropout(graph, needed)
    if dropouts:
        notes.append(f"dropout removed: {', '.join(dropouts)}")
    updates = _drop_update_dependencies(graph, needed)
    if updates:
        notes.append(f"control dependencies on updates of variables removed: {updates:,}")
    needed = needed_nodes(graph, outputs, inputs)
    _refuse_training_batch_norms(graph, needed)
    rest = [n.name for n in graph if n.name in needed and n.op in _RANDOM]
    if rest:
        notes.append(f"random numbers are still drawn, by {_some(rest)}")
    return notes


def _boolean(value: bool) -> Tensor:
    message = message_class("TensorProto")(dtype=BOOL.number, bool_val=[value])
    Shape(()).to_proto(message.tensor_shape)
    return Tensor(message)


def _turn_training_off(graph: Graph, needed: set[str]) -> list[str]:
    found = []
    for node in list(graph):
        if node.name in needed and _is_training_switch(node):
            attrs: dict[str, Attr] = {"dtype": BOOL, "value": _boolean(False)}
            graph.replace(node, [Node(node.name, "Const", (), attrs, node.device)])
            found.append(node.name)
    return found


def _is_training_switch(node: Node) -> bool:
    return (
        node.op in PLACEHOLDERS
        and bool(_SWITCH_NAME.search(node.name))
        and node.attr("dtype") is BOOL
    )


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
        if node.op in ("Merge", "RefMerge") and not gone:
            # what closes a loop comes only where the loop is entered
            entering = [text for text in data if not _closes_loop(graph, text)]
            alive = [text for text in entering if _key(text) not in dead]
            if len(alive) == 1 and len(entering) == len(data) > 1:
                _take(graph, node, alive[0], data.index(alive[0]))
                resolved += 1
                continue
            gone = not alive
        elif node.op in ("Switch", "RefSwitch") and len(data) > 1 and keys[0] not in dead:
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
    return source is not None and source.op in ("NextIteration", "RefNextIteration")


def _constant_condition(graph: Graph, text: str) -> bool | None:
    """The value of a condition that is constant, None of any other."""
    for _ in range(_LONGEST_WAY):
        node = graph.get(producer(text))
        if node is None:
            return None
        if node.op == "Const":
            tensor = node.tensor
            values = tensor.integers(1) if tensor else None
            return bool(values[0]) if values else None
        if node.op == "LogicalNot" and node.data_inputs:
            inner = _constant_condition(graph, node.data_inputs[0])
            return None if inner is None else not inner
        if node.op not in ("Identity", "Switch") or not node.data_inputs:
            return None
        text = node.data_inputs[0]
    return None


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


def _remove_dropout(graph: Graph, needed: set[str]) -> list[str]:
    """Let dropout hand its input on."""
    found = []
    for node in list(graph):
        if node.name not in needed or node.op not in ("Mul", "SelectV2", "Select"):
            continue
        source = _dropped(graph, node)
        if source is None:
            continue
        control = tuple(i for i in node.inputs if i[:1] == "^")
        kind = node.attr("T")
        new = Node(node.name, "Identity", (source, *control), {"T": kind}, node.device)
        graph.replace(node, [new])
        found.append(node.name)
    return found


def _dropped(graph: Graph, node: Node) -> str | None:
    """The tensor of which a node drops elements by chance, None if it does not."""
    data = node.data_inputs
    if node.op == "Mul":
        pairs = [(data[0], data[1]), (data[1], data[0])] if len(data) == 2 else []
    elif node.op in ("SelectV2", "Select") and len(data) == 3:
        pairs = [(data[1], data[0])] if _is_zero(graph, data[2]) else []
    else:
        pairs = []
    for scaled, mask in pairs:
        source = graph.get(producer(scaled))
        # scaled by 1 / (1 - rate), or divided by the probability to keep
        if source is None or source.op not in ("RealDiv", "Mul") or len(source.data_inputs) != 2:
            continue
        if not _is_mask(graph, mask):
            continue
        first, second = source.data_inputs
        if _is_scalar(graph, second):
            return first
        if source.op == "Mul" and _is_scalar(graph, first):
            return second
    return None


def _is_zero(graph: Graph, text: str) -> bool:
    """Whether a tensor is zero everywhere."""
    node = graph.get(producer(text))
    if node is None or node.op != "Const":
        return node is not None and node.op == "ZerosLike"
    tensor = node.tensor
    return tensor is not None and tensor.shape.elements == 1 and not tensor.array().any()


def _is_mask(graph: Graph, text: str) -> bool:
    """Whether a tensor is 1 or 0 by chance: floor(keep + random), or random >= rate."""
    node = graph.get(producer(text))
    for _ in range(_LONGEST_WAY):
        if node is None or node.op not in ("Cast", "Identity") or not node.data_inputs:
            break
        node = graph.get(producer(node.data_inputs[0]))
    if node is None or node.op not in ("Floor", "GreaterEqual") or not node.data_inputs:
        return False
    return _is_random(graph, node.data_inputs[0], _LONGEST_WAY)


def _is_random(graph: Graph, text: str, steps: int) -> bool:
    """Whether a tensor is a random number, with something added or multiplied."""
    node = graph.get(producer(text))
    if node is None or not steps:
        return False
    if node.op in _RANDOM:
        return True
    if node.op not in ("Add", "AddV2", "Mul", "Sub", "Identity", "Cast"):
        return False
    return any(_is_random(graph, i, steps - 1) for i in node.data_inputs)


def _is_scalar(graph: Graph, text: str, steps: int = _LONGEST_WAY) -> bool:
    """Whether a tensor is a single constant or fed number, or computed from such."""
    node = graph.get(producer(text))
    if node is None or not steps:
        return False
    if node.op == "Const":
        tensor = node.tensor
        return tensor is not None and tensor.shape.elements == 1
    if node.op in ("RealDiv", "Sub", "Identity", "Cast", "Reciprocal"):
        return all(_is_scalar(graph, i, steps - 1) for i in node.data_inputs)
    # a probability is fed by a scalar, in old graphs often by one of unknown shape
    shape = node.attr("shape")
    known = shape.dims if isinstance(shape, Shape) else None
    return node.op in PLACEHOLDERS and not known


def _drop_update_dependencies(graph: Graph, needed: set[str]) -> int:
    """Remove control dependencies that have updates of variables run."""
    dropped = 0
    updates: dict[str, bool] = {}

    def updates_variables(name: str) -> bool:
        if name not in updates:
            updates[name] = False  # until it is known, so that cycles end
            node = graph.get(name)
            if node is not None:
                updates[name] = node.op.startswith(_UPDATES) or (
                    node.op == "NoOp" and any(map(updates_variables, node.control_inputs))
                )
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


def _training_batch_norms(graph: Graph, needed: set[str]) -> list[str]:
    return [
        n.name
        for n in graph
        if n.op in _BATCH_NORMS and n.name in needed and n.attr("is_training") is not False
    ]


def _refuse_training_batch_norms(graph: Graph, needed: set[str]) -> None:
    found = _training_batch_norms(graph, needed)
    if found:
        raise InvalidGraph(
            f"{_some(found)} is a batch norm that was built for training: it normalises with "
            "the statistics of each batch",
            "build the graph with is_training=False and freeze that with the same checkpoint",
        )
