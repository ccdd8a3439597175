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
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.display import Displayed
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.formats.checkpoint import Checkpoint
from graphtools.front_end import step
from graphtools.graph.attributes import Attr
from graphtools.graph.colocations import drop_lost_colocations
from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import topological_order
from graphtools.graph.ref import Ref, producer
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.kept_state import is_read_back
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.names import check_names
from graphtools.rewrite.prune import (
    lost_table_fillers,
    needed_nodes,
    remove_except,
)
from graphtools.rewrite.transform import check_ends, loose_ends
from graphtools.transforms._inference_form import for_inference, training_signs
from graphtools.transforms._resources import HeldValue, advice_on_writes, freeze_resources
from graphtools.transforms._state import (
    holds_state,
    put_assets,
    put_restored,
    refuse_lost_state,
)
from graphtools.transforms._variable_values import saved_as, variable_values
from graphtools.transforms.pipeline import check_functions, check_inputs
from graphtools.transforms.strip_unused_nodes import check_cut, nodes_to_cut, placeholder_for

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


@dataclasses.dataclass(frozen=True)
class FreezeReport(Displayed):
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

    def save(self, path: str | os.PathLike[str], *, as_text: bool | None = None) -> str:
        """Write the graph; see `graphtools.save`."""
        from graphtools.formats import save

        return save(self.graph, path, as_text=as_text)


def freeze(
    graph: Graph,
    checkpoint: Checkpoint | None,
    outputs: Sequence[str],
    *,
    inputs: Sequence[str] = (),
    only: Sequence[str] = (),
    keep: Sequence[str] = (),
    initializers: Sequence[str] = (),
    assets: Mapping[str, str] | None = None,
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
        assets: The path of an asset file, by the tensor that is to hold it.
        clear_devices: Whether no node is placed on a device any more.
        averages: Whether to take a variable's moving average where there is one.
        inference: Whether to make a graph for training one for inference; see `for_inference`.

    Raises:
        UnknownName: An output or input is not there, or a variable is not in the checkpoint.
        InvalidGraph: A needed node writes to a variable, or TensorFlow would refuse the graph.
        InvalidValue: There is nothing to keep, or a variable has another shape in the checkpoint.

    Example:
        >>> graph = graphtools.load("fixtures/lstm/graph.pb")
        >>> checkpoint = graphtools.open_checkpoint("fixtures/lstm")
        >>> frozen = graphtools.freeze(graph, checkpoint, ["outputs"])
        >>> frozen.report.variables, frozen.graph
        (2, Graph(88 nodes, 0 functions))
    """
    _check(graph, inputs, outputs, initializers)
    names = [Ref.from_user(o).node for o in (*outputs, *initializers)]
    ends = [Ref.from_user(i).node for i in inputs]
    frozen = graph.copy()
    notes = loose_ends(frozen, ends, names)
    if inference:
        notes += for_inference(frozen, names, ends, checkpoint or ())
    known = saved_as(frozen, checkpoint)
    notes += _keep_part(frozen, names, ends, initializers)
    paths, read = put_assets(frozen, assets or {})
    notes += read
    if put_restored(frozen, checkpoint):
        remove_except(frozen, needed_nodes(frozen, names))
    topological_order(frozen)
    if not inference:
        notes += training_signs(frozen)
    variables = [n for n in frozen if n.op in VARIABLE_OPS]
    chosen = [n for n in variables if _is_chosen(n.name, only, keep)]
    kept = tuple(n.name for n in variables if not _is_chosen(n.name, only, keep))
    holders = [n.name for n in frozen if holds_state(n)]
    lost = [name for name in holders if _is_chosen(name, only, keep)]
    refuse_lost_state(graph, frozen, lost, names[: len(outputs)], names[len(outputs) :])
    if not variables and not holders:
        notes.append("the outputs need no variables: nothing was to be frozen")
    notes += _idle_patterns([n.name for n in variables] + holders, (*only, *keep))
    _refuse_writes(frozen, {n.name for n in chosen}, names, inference)
    stored = [n for n in chosen if n.name not in paths]
    values = paths | variable_values(stored, checkpoint, known, averages, notes)
    _put_constants(frozen, chosen, values, inference)
    if clear_devices:
        for node in list(frozen):
            frozen.set_device(node, "")
    elements = sum(v.shape.elements or 0 for v in values.values())
    size = sum(v.nbytes for v in values.values())
    sizes = (len(graph), len(frozen), len(chosen), elements, size)
    return Frozen(frozen, FreezeReport(*sizes, kept, tuple(notes)))


def _check(
    graph: Graph, inputs: Sequence[str], outputs: Sequence[str], initializers: Sequence[str]
) -> None:
    if not outputs:
        raise InvalidValue(
            "freezing needs the names of the outputs", f"find them with: {step('io')}"
        )
    check_names(graph)
    check_ends(graph, inputs, [*outputs, *initializers])


def _put_constants(
    graph: Graph, variables: Sequence[Node], values: Mapping[str, Tensor], inference: bool
) -> None:
    """Put constants in the place of variables, and values where references and resources were."""
    resources = {
        n.name: HeldValue(values[n.name].dtype, values[n.name].shape)
        for n in variables
        if n.op == "VarHandleOp"
    }
    for node in variables:
        graph.replace(node, [_constant(node, values[node.name])])
    freeze_resources(graph, resources, inference=inference)
    for node in list(graph):
        if node.op in _WITHOUT_REFERENCE:
            graph.set_op(node, _WITHOUT_REFERENCE[node.op])
    graph.keep_functions(called_functions(graph))
    check_functions(graph)
    drop_lost_colocations(graph)


def _keep_part(
    graph: Graph, outputs: Sequence[str], inputs: Sequence[str], initializers: Sequence[str]
) -> list[str]:
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
    check_inputs(graph, "freezing", graph.absent_inputs())
    keep = step("freeze", "GRAPH", output="OUT", initializers=[*initializers, *fillers])
    return [f"{name!r} fills a look-up table: keep it with {keep}" for name in fillers[:1]] + [
        f"{name!r} fills a look-up table, too" for name in fillers[1:]
    ]


def _idle_patterns(variables: Sequence[str], patterns: Iterable[str]) -> list[str]:
    """Remarks on patterns that no variable fits."""
    idle = [p for p in patterns if not fnmatch.filter(variables, p)]
    return [f"no variable that the outputs need fits {p!r}" for p in idle]


def _is_chosen(name: str, only: Sequence[str], keep: Sequence[str]) -> bool:
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in keep):
        return False
    return not only or any(fnmatch.fnmatchcase(name, pattern) for pattern in only)


def _refuse_writes(
    graph: Graph, variables: Collection[str], outputs: Sequence[str], inference: bool
) -> None:
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
            raise InvalidGraph(
                f"{node.name!r} ({node.op}) writes to {name!r}, which the outputs need: frozen, it "
                "would give other results without a word",
                advice_on_writes(
                    name, inference=inference, is_state=is_read_back(graph, node, outputs)
                ),
            )


def _constant(node: Node, value: Tensor) -> Node:
    attrs: dict[str, Attr] = {"dtype": value.dtype, "value": value}
    control = tuple(f"^{name}" for name in node.control_inputs)
    return Node(node.name, "Const", control, attrs, node.device)
