"""Puts constants in the place of variables: `freeze`.

A reference variable becomes a constant of its name, so that the nodes that read it stay as they
are. What reads a resource reads the constant then:

    ReadVariableOp(v)        Identity(v)
    ResourceGather(v, i)     GatherV2(v, i, axis), with the same batch dimensions
    ResourceGatherNd(v, i)   GatherNd(v, i)
    VariableShape(v)         Shape(v)

also where the resource reaches it by way of control flow or as an argument of a function; such a
function is rewritten under a new name. The rules are those of TensorFlow's
`convert_to_constants`. What writes to a variable that is to be a constant is refused: to leave it
out could change the results.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.errors import InvalidGraph, InvalidValue, unknown_name
from graphtools.formats.checkpoint import Checkpoint, StoredTensor
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import topological_order
from graphtools.graph.ref import Ref, producer
from graphtools.graph.saved_keys import SavedAs, saved_keys
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import VARIABLE_OPS, graph_variables
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.colocations import drop_lost_colocations
from graphtools.rewrite.names import check_names
from graphtools.rewrite.prune import (
    called_functions,
    lost_table_fillers,
    needed_nodes,
    remove_except,
)
from graphtools.rewrite.transform import check_ends, loose_ends
from graphtools.transforms._inference_form import for_inference, training_signs
from graphtools.transforms._resources import Value, freeze_resources
from graphtools.transforms.pipeline import absent_inputs, check_inputs
from graphtools.transforms.strip_unused_nodes import check_cut, nodes_to_cut, placeholder_for

_EMA = "/ExponentialMovingAverage"
#: By an op on references, the one on values that does the same.
_WITHOUT_REFERENCE = {
    "RefSwitch": "Switch",
    "RefMerge": "Merge",
    "RefEnter": "Enter",
    "RefExit": "Exit",
    "RefNextIteration": "NextIteration",
    "RefIdentity": "Identity",
}
#: Ops by which reference variables are written to.
_WRITES = (
    "Assign",
    "Scatter",
    "Apply",
    "SparseApply",
    "CountUpTo",
    "ResourceScatter",
    "ResourceApply",
)
#: Ops that hand a variable on to what writes to it.
_HANDS_ON = frozenset({"Identity", "Enter", "Switch", "Merge", *_WITHOUT_REFERENCE})
_LONGEST_WAY = 20
_MOST_NAMES = 5


@dataclasses.dataclass(frozen=True)
class FreezeReport:
    """What freezing did.

    Attributes:
        nodes_before: Number of nodes of the graph that was given.
        nodes_after: Number of nodes of the frozen one.
        variables: Number of variables that became constants.
        elements: Number of their elements.
        bytes: Bytes of their values.
        kept: Names of the variables that stayed variables.
        notes: Remarks for the user.
    """

    nodes_before: int
    nodes_after: int
    variables: int
    elements: int
    bytes: int
    kept: tuple[str, ...]
    notes: tuple[str, ...]


class Frozen(NamedTuple):
    """A frozen graph, and what was done.

    Attributes:
        graph: The graph.
        report: What was done.
    """

    graph: Graph
    report: FreezeReport


def freeze(
    graph: Graph,
    checkpoint: Checkpoint | None,
    outputs: Sequence[str],
    *,
    inputs: Sequence[str] = (),
    only: Sequence[str] = (),
    keep: Sequence[str] = (),
    initializers: Sequence[str] = (),
    clear_devices: bool = False,
    averages: bool = False,
    inference: bool = False,
) -> Frozen:
    """Put the values of a checkpoint as constants in the place of a graph's variables.

    Args:
        graph: The graph; it is not changed.
        checkpoint: Where the values are; may be None for a graph without variables.
        outputs: Names of the outputs; what they do not need is left out.
        inputs: Names of nodes at which the graph is cut, those of the inputs; those that are no
            placeholders become some.
        only: Patterns of names; other variables stay variables.
        keep: Patterns of names of variables that stay variables.
        initializers: Names of nodes that are kept, too, such as those that fill look-up tables.
        clear_devices: Whether no node is placed on a device any more.
        averages: Whether to take a variable's moving average where there is one.
        inference: Whether to make a graph for training one for inference; see `for_inference`.

    Raises:
        UnknownName: An output or input is not there, or a variable is not in the checkpoint.
        InvalidGraph: A needed node writes to a variable, or TensorFlow would refuse the graph.
        InvalidValue: There is nothing to keep, or a variable has another shape in the checkpoint.
    """
    if not outputs:
        raise InvalidValue(
            "freezing needs the names of the outputs", "find them with: graphtools io"
        )
    check_names(graph)
    check_ends(graph, inputs, [*outputs, *initializers])
    names = [Ref.from_user(o).node for o in (*outputs, *initializers)]
    ends = [Ref.from_user(i).node for i in inputs]
    frozen = graph.copy()
    notes = loose_ends(frozen, ends, names)
    if inference:
        notes += for_inference(frozen, names, ends)
    known = _saved_slices(frozen, checkpoint) | saved_keys(frozen)
    notes += _keep_part(frozen, names, ends)
    topological_order(frozen)
    if not inference:
        notes += training_signs(frozen)
    variables = [n for n in frozen if n.op in VARIABLE_OPS]
    chosen = [n for n in variables if _is_chosen(n.name, only, keep)]
    kept = tuple(n.name for n in variables if not _is_chosen(n.name, only, keep))
    notes += _idle_patterns([n.name for n in variables], (*only, *keep))
    if not variables:
        notes.append("the outputs need no variables: nothing was to be frozen")
    _refuse_writes(frozen, {n.name for n in chosen}, inference)
    values = _values(chosen, checkpoint, known, averages, notes)
    for node in chosen:
        _check(node, values[node.name], checkpoint)
    resources = {
        n.name: Value(values[n.name].dtype, values[n.name].shape)
        for n in chosen
        if n.op == "VarHandleOp"
    }
    for node in chosen:
        frozen.replace(node, [_constant(node, values[node.name])])
    freeze_resources(frozen, resources)
    for node in list(frozen):
        if node.op in _WITHOUT_REFERENCE:
            frozen.set_op(node, _WITHOUT_REFERENCE[node.op])
        if clear_devices:
            frozen.set_device(node, "")
    frozen.keep_functions(called_functions(frozen))
    drop_lost_colocations(frozen)
    return Frozen(
        frozen,
        FreezeReport(
            len(graph),
            len(frozen),
            len(chosen),
            sum(v.shape.elements or 0 for v in values.values()),
            sum(v.nbytes for v in values.values()),
            kept,
            tuple(notes),
        ),
    )


def _keep_part(graph: Graph, outputs: Sequence[str], inputs: Sequence[str]) -> list[str]:
    """Keep what the outputs need; inputs that are no placeholders become some.

    Returns:
        Remarks on look-up tables that are not filled any more.

    Raises:
        InvalidGraph: A node that is needed reads one that is not there.
    """
    cut = nodes_to_cut(graph, inputs)
    needed = needed_nodes(graph, outputs, inputs) | set(inputs)
    check_cut(graph, cut, needed)
    inference = infer_shapes(graph, targets=[n.name for n in cut]) if cut else None
    for node in cut:
        graph.replace(node, [placeholder_for(node, inference)])
    fillers = lost_table_fillers(graph, needed)
    remove_except(graph, needed)
    check_inputs(graph, "freezing", absent_inputs(graph))
    return [f"{name!r} fills a look-up table: keep it with --initializers" for name in fillers]


def _idle_patterns(variables: Sequence[str], patterns: Iterable[str]) -> list[str]:
    """Remarks on patterns that no variable fits."""
    idle = [p for p in patterns if not fnmatch.filter(variables, p)]
    return [f"no variable that the outputs need fits {p!r}" for p in idle]


def _is_chosen(name: str, only: Sequence[str], keep: Sequence[str]) -> bool:
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in keep):
        return False
    return not only or any(fnmatch.fnmatchcase(name, pattern) for pattern in only)


def _refuse_writes(graph: Graph, variables: Collection[str], inference: bool) -> None:
    """Refuse a graph in which a variable that is to be a constant is written to.

    Raises:
        InvalidGraph: There is such a node.
    """
    writers = [n for n in graph if n.op.startswith(_WRITES) and n.data_inputs]
    for node in writers:
        name = producer(node.data_inputs[0])
        for _ in range(_LONGEST_WAY):
            source = graph.get(name)
            if source is None or source.op not in _HANDS_ON or not source.data_inputs:
                break
            name = producer(source.data_inputs[0])
        if name in variables:
            advice = "export a graph that was built for inference; or keep the variable"
            if not inference:
                advice = f"freeze with --inference, which leaves out what trains; or {advice}"
            raise InvalidGraph(
                f"{node.name!r} ({node.op}) writes to {name!r}, which the outputs need: frozen, it "
                "would give other results without a word",
                f"{advice}: --keep-variables",
            )


def _saved_slices(graph: Graph, checkpoint: Checkpoint | None) -> dict[str, SavedAs]:
    """Where the slices of partitioned variables stand, as far as their names tell: `w/part_0`."""
    found: dict[str, SavedAs] = {}
    for variable in graph_variables(graph) if checkpoint is not None else ():
        stored = checkpoint.get(variable.name) if variable.parts and checkpoint else None
        shapes = [_stated_shape(graph[part]) for part in variable.parts]
        if stored is None or not stored.shape.dims:
            continue
        if any(s.rank != stored.shape.rank for s in shapes):
            continue
        first = shapes[0].dims or ()
        axes = [i for i, size in enumerate(stored.shape.dims) if size != first[i]]
        axis, start = axes[0] if axes else 0, 0
        for part, shape in zip(variable.parts, shapes, strict=True):
            dims = shape.dims or ()
            length = dims[axis] or 0
            places = [f"0,{d}" for d in dims]
            places[axis] = f"{start},{length}"
            whole = " ".join(map(str, stored.shape.dims))
            found[part] = SavedAs(variable.name, f"{whole} {':'.join(places)}")
            start += length
    return found


def _stated_shape(node: Node) -> Shape:
    shape = node.attr("shape")
    return shape if isinstance(shape, Shape) else Shape(None)


def _values(
    variables: Iterable[Node],
    checkpoint: Checkpoint | None,
    known: Mapping[str, SavedAs],
    averages: bool,
    notes: list[str],
) -> dict[str, Tensor]:
    """The values of variables.

    Raises:
        UnknownName: The checkpoint does not have them all.
    """
    found: dict[str, Tensor] = {}
    missing: list[str] = []
    averaged = 0
    for node in variables:
        if checkpoint is None:
            raise InvalidValue(
                f"the graph has variables, {node.name!r} among them, and no checkpoint was given",
                "give it with --checkpoint (--input_checkpoint of freeze_graph)",
            )
        saved = known.get(node.name, SavedAs(node.name, ""))
        stored = _stored(node, saved, checkpoint)
        if averages and saved.key + _EMA in checkpoint:
            stored = checkpoint[saved.key + _EMA]
            averaged += 1
        if stored is None:
            missing.append(node.name)
        elif not missing:
            found[node.name] = _part(stored, saved.part) if saved.part else stored.tensor()
    if missing and checkpoint is not None:
        error = unknown_name(
            "variable", missing[0], checkpoint, f"the checkpoint {checkpoint.path}"
        )
        if len(missing) > 1:
            more = ", ".join(missing[1:_MOST_NAMES])
            error = type(error)(
                f"{error.message}, nor {len(missing) - 1:,} more: {more}", error.remedy
            )
        raise error
    if averages:
        notes.append(f"{averaged:,} of {len(found):,} variables have their moving averages")
    return found


def _stored(node: Node, saved: SavedAs, checkpoint: Checkpoint) -> StoredTensor | None:
    """The tensor of a checkpoint that holds a variable."""
    shared = node.attr("shared_name")
    names = [saved.key, node.name]
    if isinstance(shared, bytes) and shared:
        names.append(shared.decode("utf-8", "replace"))
    for name in names:
        if name in checkpoint:
            return checkpoint[name]
    for variable in checkpoint.objects:
        if variable.full_name in names and variable.key in checkpoint:
            return checkpoint[variable.key]
    return None


def _part(stored: StoredTensor, part: str) -> Tensor:
    """A slice of a tensor, that of a partitioned variable."""
    places = []
    for entry in part.rpartition(" ")[2].split(":"):
        start, comma, length = entry.partition(",")
        places.append(slice(int(start), int(start) + int(length)) if comma else slice(None))
    return Tensor.from_array(stored.array()[tuple(places)], stored.dtype)


def _dtype_of(node: Node) -> DType:
    kind = node.attr("dtype")
    return kind.base if isinstance(kind, DType) else dtype(0)


def _check(node: Node, value: Tensor, checkpoint: Checkpoint | None) -> None:
    """Check that a value is one that a variable can have.

    Raises:
        InvalidValue: It has another shape or dtype.
    """
    dims, kind = _stated_shape(node).dims, _dtype_of(node)
    where = f"the checkpoint {checkpoint.path}" if checkpoint else "the checkpoint"
    remedy = "the checkpoint is of another model; compare them with: graphtools diff"
    if kind.number and value.dtype is not kind:
        raise InvalidValue(
            f"variable {node.name!r} is {kind} in the graph and {value.dtype} in {where}", remedy
        )
    if dims is None or value.shape.dims is None or (not dims and node.op == "Variable"):
        return  # a scalar stands for an unknown shape in old graphs
    fits = len(dims) == len(value.shape.dims) and all(
        a is None or a == b for a, b in zip(dims, value.shape.dims, strict=True)
    )
    if not fits:
        raise InvalidValue(
            f"variable {node.name!r} has the shape {Shape(dims)} in the graph and {value.shape} in "
            f"{where}",
            remedy,
        )


def _constant(node: Node, value: Tensor) -> Node:
    attrs: dict[str, Attr] = {"dtype": value.dtype, "value": value}
    control = tuple(f"^{name}" for name in node.control_inputs)
    return Node(node.name, "Const", control, attrs, node.device)
