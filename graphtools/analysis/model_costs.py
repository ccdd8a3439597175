"""Where a model's parameters, bytes and multiply-accumulates are: by op, scope or node."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence

from graphtools.analysis.inputs_outputs import (
    Candidate,
    InputsOutputs,
    rank_inputs_outputs,
    with_input_shapes,
)
from graphtools.analysis.shape_list import all_findings
from graphtools.analysis.sizes import scope_of
from graphtools.analysis.weights import LAYER_KINDS, NO_WEIGHTS, every_node, weights_by_reader
from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.variables import (
    VARIABLE_OPS,
    is_optimizer_slot,
)
from graphtools.idioms.moving_average import is_moving_average
from graphtools.idioms.variables import frozen_variables
from graphtools.ops.cost import MAC_OPS, RUN_FUNCTIONS, activation_bytes, peak_memory, work_of
from graphtools.ops.dims import is_known
from graphtools.ops.inference import Inference, ShapeDefect, infer_shapes
from graphtools.rewrite.prune import needed_nodes

GROUPINGS = ("op", "scope", "node")
#: So deep scopes are looked into for a place where they part.
_DEEPEST = 5


@dataclasses.dataclass(frozen=True)
class CostRow:
    """What a part of a model costs.

    Attributes:
        name: The op, scope or node; empty for the whole.
        nodes: Number of nodes that have any of these costs.
        parameters: Number of elements of its weights.
        parameter_bytes: Bytes of these.
        macs: Multiply-accumulates of one run.
        flops: Floating point operations of one run, as TensorFlow's profiler counts them.
        activation_bytes: Bytes of all tensors that are computed, those of constants left out.
    """

    name: str = ""
    nodes: int = 0
    parameters: int = 0
    parameter_bytes: int = 0
    macs: int = 0
    flops: int = 0
    activation_bytes: int = 0

    def __add__(self, other: CostRow) -> CostRow:
        return CostRow(
            self.name,
            self.nodes + other.nodes,
            self.parameters + other.parameters,
            self.parameter_bytes + other.parameter_bytes,
            self.macs + other.macs,
            self.flops + other.flops,
            self.activation_bytes + other.activation_bytes,
        )


@dataclasses.dataclass(frozen=True)
class Concentration:
    """Where most of the parameters, or of the multiply-accumulates, are.

    Attributes:
        what: `parameters` or `multiply-accumulates`.
        share: Part of the whole, 0 to 1.
        layers: Number of layers.
        kind: What they are: `convolution`, `fully-connected`.
    """

    what: str
    share: float
    layers: int
    kind: str


@dataclasses.dataclass(frozen=True)
class ModelCosts(Displayed):
    """Where a model's parameters, bytes and multiply-accumulates are.

    Attributes:
        by: What the rows stand for: `op`, `scope` or `node`.
        rows: The parts, those with the most multiply-accumulates and parameters first.
        total: The whole.
        concentrations: Where most of it is.
        peak_activation_bytes: The most that tensors take at one time, nodes run one by one in the
            order of the graph; a lower bound where shapes are unknown.
        peak_node: The node while whose run that is.
        peak_unknown: Number of nodes whose tensors' sizes are not known, and not in the peak.
        input_shapes: The shapes for which this holds.
        assumed: Names of the inputs of whose batches of 1 were assumed.
        open_inputs: Shapes of the likely inputs that are not wholly known.
        unknown: Nodes whose multiply-accumulates depend on shapes that are not known; what is not
            known is not in the sums.
        findings: Contradictory shapes.
    """

    by: str
    rows: tuple[CostRow, ...]
    total: CostRow
    concentrations: tuple[Concentration, ...]
    peak_activation_bytes: int
    peak_node: str
    peak_unknown: int
    input_shapes: dict[str, list[int | None] | None]
    assumed: tuple[str, ...]
    open_inputs: dict[str, list[int | None] | None]
    unknown: tuple[str, ...]
    findings: tuple[ShapeDefect, ...]


@dataclasses.dataclass(frozen=True)
class Macs:
    """Multiply-accumulates of one run.

    Attributes:
        macs: Their number.
        batch_assumed: Whether a batch of 1 was taken, since the graph leaves it open.
    """

    macs: int
    batch_assumed: bool


def with_batches_of_one(
    inputs: Sequence[Candidate], given: Mapping[str, Shape]
) -> tuple[dict[str, Shape], tuple[str, ...]]:
    """Shapes of inputs with a first dimension of 1 where just that is unknown.

    Returns:
        Shapes by input, and the names of those for which a batch of 1 was assumed.
    """
    shapes = dict(given)
    named = {str(Ref.from_user(name)) for name in given}
    assumed = []
    for candidate in inputs:
        dims = candidate.shape
        if candidate.name in named or not dims or len(dims) < 2:
            continue
        if dims[0] is None and None not in dims[1:]:
            shapes[candidate.name] = Shape([1, *dims[1:]])
            assumed.append(candidate.name)
    return shapes, tuple(assumed)


def model_costs(
    graph: Graph,
    input_shapes: Mapping[str, Shape] | None = None,
    *,
    by: str = "scope",
    depth: int | None = None,
    io: InputsOutputs | None = None,
    variables: Collection[str] = (),
    inference: Inference | None = None,
) -> ModelCosts:
    """Say where a model's parameters, bytes and multiply-accumulates are.

    What the likely outputs do not need is left out, as what trains the model. The weights that an
    op computes with count for that op, also where they reach it by way of reads, casts and
    quantization. In a loop one round is counted, of alternatives all.

    Args:
        graph: The graph.
        input_shapes: Shapes of inputs. Where only the batch of an input is unknown, 1 is taken.
        by: What the rows stand for: `op`, `scope` or `node`.
        depth: How many scopes deep, for `scope`; by default so deep that there are several.
        io: Its ranked inputs and outputs; the likely ones if None.
        variables: Names of the constants that were variables, where that is known: the parameters
            are these then. Else names and readers tell which they are.
        inference: The inferred shapes of the whole graph with `input_shapes`, where they are there
            already.

    Raises:
        InvalidValue: `by` is none of these.
        UnknownName: `input_shapes` names no node.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> graphtools.model_costs(graph).total.macs
        68256
    """
    if by not in GROUPINGS:
        raise InvalidValue(f"{by!r} is no grouping", f"there are {', '.join(GROUPINGS)}")
    io = io or with_input_shapes(graph, rank_inputs_outputs(graph))
    shapes, assumed = with_batches_of_one(io.likely_inputs, input_shapes or {})
    if inference is None or assumed:
        inference = infer_shapes(graph, shapes)
    ends = [producer(c.name) for c in io.likely_outputs if producer(c.name) in graph]
    needed = needed_nodes(graph, ends) if ends else {node.name for node in graph}
    order = [node for node in runnable_order(graph)[0] if node.name in needed]
    made = {node.name: activation_bytes(inference, node) for node in order}
    costs, ops, unknown = _node_costs(
        inference, needed, _owners(inference, needed, variables), made
    )
    peak = peak_memory(inference, order, made)
    rows = cost_rows(costs, ops, by, depth)
    return ModelCosts(
        by,
        tuple(rows),
        sum(rows, CostRow()),
        tuple(concentrations(costs, ops)),
        peak.bytes,
        peak.node,
        peak.unknown,
        {name: shape.to_json() for name, shape in shapes.items()},
        assumed,
        _open(inference, io.likely_inputs),
        tuple(unknown),
        all_findings(inference),
    )


def _node_costs(
    inference: Inference,
    needed: Collection[str],
    owners: Mapping[str, Sequence[int]],
    made: Mapping[str, int | None],
) -> tuple[dict[str, list[int]], dict[str, str], list[str]]:
    """What each node costs, those in functions among them, as far as it costs anything.

    Args:
        inference: The inferred shapes.
        needed: Names of the nodes that count.
        owners: Parameters and their bytes by the node that computes with them.
        made: The bytes that the nodes of the graph itself make anew.

    Returns:
        Costs by node, their numbers in the order of `CostRow`; the op of every node; and the nodes
        whose work depends on what is not known.
    """
    graph = inference.graph
    costs: dict[str, list[int]] = {}
    ops: dict[str, str] = {}
    unknown = []
    for frame, node, opened in every_node(inference, needed):
        name = frame.prefix + node.name
        # nodes of two branches may have one name
        parameters, parameter_bytes = owners.get(name, (0, 0)) if name not in ops else (0, 0)
        ops[name] = node.op
        macs = flops = size = 0
        if not opened:
            work = work_of(frame.inference, node)
            if work is not None:
                macs, flops = work
            elif node.op in MAC_OPS or _calls(graph, node):
                unknown.append(name)
            own = frame.inference is inference and node.name in made
            size = (made[node.name] if own else activation_bytes(frame.inference, node)) or 0
        if parameters or parameter_bytes or macs or flops or size:
            add_costs(costs, name, (1, parameters, parameter_bytes, macs, flops, size))
    return costs, ops, unknown


def add_costs(sums: dict[str, list[int]], key: str, numbers: Sequence[int]) -> None:
    """Add numbers to the sums of a key."""
    known = sums.get(key)
    sums[key] = list(numbers) if known is None else list(map(operator.add, known, numbers))


def cost_rows(
    costs: Mapping[str, Sequence[int]], ops: Mapping[str, str], by: str, depth: int | None
) -> list[CostRow]:
    """The costs by op, node or scope: by default so deep that there are several scopes."""
    deepest = 1
    rows = _grouped(costs, ops, by, depth or 1)
    while by == "scope" and depth is None and _in_one_place(rows) and deepest < _DEEPEST:
        deepest += 1
        rows = _grouped(costs, ops, by, deepest)
    return rows


def total_macs(
    graph: Graph, inputs: Sequence[Candidate], inference: Inference | None = None
) -> Macs | None:
    """The multiply-accumulates of one run.

    Args:
        graph: The graph.
        inputs: Its likely inputs; where only the batch of one is unknown, 1 is taken.
        inference: The inferred shapes of the whole graph, where they are there already.

    Returns:
        None where the graph has no layers, or their shapes are not known.
    """
    layers = [n.name for n in graph if n.op in MAC_OPS]
    if graph.functions:
        layers += [n.name for n in graph if _calls(graph, n)]
    if not layers:
        return None
    there = [c for c in inputs if Ref.parse(c.name).node in graph]
    shapes, assumed = with_batches_of_one(there, {})
    if any(c.shape is None or None in c.shape for c in there if c.name not in assumed):
        return None  # the size of an image is open
    if inference is None or shapes:
        inference = infer_shapes(graph, shapes, targets=layers)
    macs = 0
    for name in layers:
        work = work_of(inference, graph[name])
        if work is None:
            return None
        macs += work.macs
    return Macs(macs, bool(assumed)) if macs else None


def _calls(graph: Graph, node: Node) -> bool:
    return node.op in RUN_FUNCTIONS or node.op in graph.functions


def _open(inference: Inference, inputs: Sequence[Candidate]) -> dict[str, list[int | None] | None]:
    """The shapes of inputs that are not wholly known."""
    found = {}
    for candidate in inputs:
        ref = Ref.parse(candidate.name)
        dims = inference.dims(ref.node, ref.index)
        if ref.node in inference.graph and not is_known(dims):
            found[candidate.name] = Shape(dims).to_json()
    return found


def _owners(
    inference: Inference, needed: Collection[str], variables: Collection[str]
) -> dict[str, list[int]]:
    """Parameters and their bytes, by the node that computes with them; by their own without one."""
    frozen = frozen_variables(inference.graph)
    trained = set(variables) or {n for v in frozen for n in (v.parts or (v.name,))}
    found: dict[str, list[int]] = {}
    taken: set[str] = set()
    for weight in weights_by_reader(inference, needed):
        source = weight.node
        if not ((variables and source.name not in trained) or source.name in taken):
            taken.add(source.name)
            add_costs(found, weight.reader, _parameters(source, variables))
    for _, node, _ in every_node(inference, needed):
        if (node.op in VARIABLE_OPS or node.name in trained) and node.name not in taken:
            add_costs(found, node.name, _parameters(node, variables))
    return found


def _parameters(node: Node, variables: Collection[str]) -> tuple[int, int]:
    """Elements and bytes of a constant or variable; none for what is no weight.

    What is known to be a variable counts whatever its type, as Keras counts it.
    """
    if node.op == "Const":
        tensor = node.tensor
        kind, shape = (tensor.dtype, tensor.shape) if tensor else (None, Shape(None))
    else:
        attrs = node.attrs
        stated, found = attrs.get("dtype"), attrs.get("shape")
        kind = stated if isinstance(stated, DType) else None
        shape = found if isinstance(found, Shape) else Shape(None)
    if kind is None or is_optimizer_slot(node.name) or is_moving_average(node.name):
        return 0, 0
    is_weight = kind.name not in NO_WEIGHTS or node.name in variables
    if kind.is_handle or not is_weight:
        return 0, 0
    count = shape.elements or 0
    return count, count * kind.size


def _grouped(
    costs: Mapping[str, Sequence[int]], ops: Mapping[str, str], by: str, depth: int
) -> list[CostRow]:
    groups: dict[str, list[int]] = {}
    for name, numbers in costs.items():
        key = ops.get(name, "") if by == "op" else name
        if by == "scope":
            key = scope_of(name, depth)
        add_costs(groups, key, numbers)
    found = [CostRow(key, *numbers) for key, numbers in groups.items()]
    parameters = sum(row.parameters for row in found) or 1
    macs = sum(row.macs for row in found) or 1
    return sorted(
        found,
        key=lambda r: (-max(r.macs / macs, r.parameters / parameters), -r.activation_bytes, r.name),
    )


def _in_one_place(rows: Sequence[CostRow]) -> bool:
    """Whether a single row has all parameters and multiply-accumulates."""
    return sum(bool(row.parameters or row.macs) for row in rows) < 2


def concentrations(
    costs: Mapping[str, Sequence[int]], ops: Mapping[str, str]
) -> Iterator[Concentration]:
    """The kind of layer that has the most, and in how many of them most of that is."""
    for what, place in (("parameters", 1), ("multiply-accumulates", 3)):
        sizes = {name: numbers[place] for name, numbers in costs.items() if numbers[place]}
        whole = sum(sizes.values())
        kinds: dict[str, list[int]] = {}
        for name, size in sizes.items():
            if ops[name] in LAYER_KINDS:
                kinds.setdefault(LAYER_KINDS[ops[name]], []).append(size)
        if not kinds:
            continue
        kind = max(kinds, key=lambda k: sum(kinds[k]))
        largest = sorted(kinds[kind], reverse=True)
        # as few layers as hold nearly all that this kind has
        layers, held, most = 0, 0, 0.95 * sum(largest)
        while held < most:
            held += largest[layers]
            layers += 1
        yield Concentration(what, round(held / whole, 4), layers, kind)
