"""sparsify_gather."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphtools.errors import InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, INT32, INT64
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.idioms.control_flow import find_places
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.names import check_names
from graphtools.rewrite.pattern import ANY, Match, Op, constant, match
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._sparse_weights import StoredWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WEIGHTS = Op("Const|Variable|VariableV2", name="weights", leaf=True)
_READ = Op("Identity", _WEIGHTS, name="read", leaf=True)
_PATTERNS = (
    Op("Gather", _READ, ANY, name="gather"),
    Op("GatherV2", _READ, ANY, constant("axis"), name="gather"),
)
_LEAST = 1e-5


def run(graph: Graph, job: Job) -> None:
    """Look up weights that are mostly zero in tables."""
    check_names(graph)
    found = []
    for node in graph.nodes:
        if node.op in ("Gather", "GatherV2"):
            for pattern in _PATTERNS:
                place = match(graph, pattern, node)
                if place is not None:
                    found.append(place)
    group_name = job.text("group_init_node")
    group = graph.get(group_name)
    if found and group is not None and group.op != "NoOp":
        raise InvalidValue(
            f"group_init_node={group_name!r} is a {group.op}", "name a NoOp, or a new node"
        )
    places = find_places(graph) if found else {}
    replaced = {m.root for m in found}
    weights = StoredWeights(graph, job.text("input_checkpoint"))
    tables: dict[str, str] = {}
    initializers: list[str] = []
    for place in found:
        weight = place["weights"]
        reason = _obstacle(graph, place, replaced, job)
        if place.root.name in places:
            reason = "it is in a loop or on a branch, where a table cannot be"
        if not reason and weight.name not in tables:
            values = weights.values(weight)
            if isinstance(values, str):
                reason = values
            else:
                tables[weight.name], initializer = _table(graph, weight, values)
                initializers.append(f"^{initializer}")
        if reason:
            job.skip(place.root.name, reason)
        else:
            _look_up(graph, place, tables[weight.name], job)
    if initializers:
        if group is None:
            graph.add(Node(group_name, "NoOp", tuple(initializers)))
        else:
            graph.set_inputs(group, (*group.inputs, *initializers))
        job.note(f"run {group_name!r} once before the graph: it fills the tables")


def _obstacle(graph: Graph, place: Match, replaced: set[Node], job: Job) -> str:
    """Why a Gather cannot read from a table; empty if it can."""
    weight, read, gather = place["weights"], place["read"], place.root
    axis = place.get("axis")
    if axis is not None:
        value = axis.tensor
        if value is None or value.array().ravel().tolist() != [0]:
            return "its axis is not 0"
        if attribute_value(gather, "batch_dims"):
            return "it has batch dimensions"
    if weight.attr("dtype") is not FLOAT32:
        return f"{weight.name!r} is not of float32"
    if job.is_kept(weight.name) or job.is_kept(read.name):
        return "its weights are an input or output"
    others = [r for r in graph.consumers(read.name) if r not in replaced]
    if weight.op == "Const":
        others += [r for r in graph.consumers(weight.name) if r is not read]
    if others:
        return f"its weights are used by {others[0].name!r}, too, and have to stay"
    return ""


def _constant(name: str, values: NDArray[Any]) -> Node:
    tensor = Tensor.from_array(values)
    return Node(name, "Const", (), {"dtype": tensor.dtype, "value": tensor})


def _table(graph: Graph, weight: Node, values: NDArray[Any]) -> tuple[str, str]:
    """Add a table of the values that are not zero; gives its name and that of what fills it."""
    flat = values.ravel()
    (keys,) = np.nonzero(np.abs(flat) >= _LEAST)
    if not keys.size:
        keys = np.zeros(1, np.int64)  # an empty table cannot be initialized
        flat = np.zeros(1, np.float32)
    name = weight.name
    table: dict[str, Attr] = {"key_dtype": INT64, "value_dtype": FLOAT32}
    types: dict[str, Attr] = {"Tkey": INT64, "Tval": FLOAT32}
    parts = tuple(graph.free_name(f"{name}/{part}") for part in ("HashTable", "indices", "values"))
    initializer = graph.free_name(f"{name}/InitializeTable")
    for node in (
        _constant(parts[1], keys.astype(np.int64)),
        _constant(parts[2], flat[keys].astype(np.float32)),
        Node(parts[0], "HashTable", (), table),
        Node(initializer, "InitializeTable", parts, types),
    ):
        graph.add(node, before=weight)
    return parts[0], initializer


def _look_up(graph: Graph, place: Match, table: str, job: Job) -> None:
    """Put a look-up in the place of a Gather."""
    gather = place.root
    name, ids = gather.name, gather.inputs[1]
    control = tuple(i for i in gather.inputs if i[:1] == "^")
    new = []
    if attribute_value(gather, "Tindices") is not INT64:
        wide = graph.free_name(f"{name}/ids")
        new.append(Node(wide, "Cast", (ids,), {"SrcT": INT32, "DstT": INT64}))
        ids = wide
    default, find = graph.free_name(f"{name}/Const"), graph.free_name(f"{name}/LookupTableFind")
    dim = graph.free_name(f"{name}/ExpandDims/Const")
    new += [
        _constant(default, np.array(0, np.float32)),
        Node(find, "LookupTableFind", (table, ids, default), {"Tin": INT64, "Tout": FLOAT32}),
        _constant(dim, np.array(-1, np.int32)),
    ]
    attrs: dict[str, Attr] = {"T": FLOAT32, "Tdim": INT32}
    shapes = gather.attr("_output_shapes")
    if shapes is not None:
        attrs["_output_shapes"] = shapes
    new.append(Node(name, "ExpandDims", (find, dim, *control), attrs, gather.device))
    graph.replace(gather, new)
    remove_unread(graph, [Ref.parse(i).node for i in gather.inputs if i != gather.inputs[1]], job)


TRANSFORM = Transform(
    "sparsify_gather",
    run,
    """Look up rows of a sparse [N,1] weight in a hash table, which holds only what is not zero.

    It is for linear models over many features. A Gather of rows from a float32 constant, or a
    variable whose values are read from the checkpoint, becomes a LookupTableFind; values below
    1e-5 count as zero. The tables have to be filled before the graph runs: by group_init_node, a
    NoOp that is added where it is not there. Constants go if nothing else needs them; variables
    stay with what saves and assigns them: remove these with strip_unused_nodes.

    Other than the original: ids of 32 bits are widened (its result did not load), weights of
    another shape or type are left as they are (it gave up), and nothing is added where nothing was
    found. A row that does not exist reads as zero, where Gather is an error.
    """,
    "sparsify_gather(input_checkpoint=model.ckpt, group_init_node=group_deps)",
    (
        Parameter("input_checkpoint", "text", "checkpoint with the values of variables"),
        Parameter("group_init_node", "text", "node that fills the tables", "group_deps"),
    ),
    keeps_meaning=False,
)
