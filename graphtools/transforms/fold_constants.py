"""fold_constants."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.tensor import Tensor
from graphtools.ops.constness import FROM_SHAPES, Constness
from graphtools.ops.dims import elements
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.prune import lost_fillers_note, needed_nodes, remove_except
from graphtools.rewrite.transform import Job, Parameter, Transform

_OUTPUT_SHAPES = "_output_shapes"


def run(graph: Graph, job: Job) -> None:
    """Compute what depends on constants only, and remove what is not needed then."""
    if job.outputs:
        keep = needed_nodes(graph, (r.node for r in job.outputs)) | set(job.kept)
        job.note(lost_fillers_note(graph, keep))
        remove_except(graph, keep)
    if job.flag("clear_output_shapes"):
        for node in graph:
            graph.remove_attr(node, _OUTPUT_SHAPES)
    inference = infer_shapes(graph)
    constness = Constness(inference, excluded=_excluded(graph, job))
    folded = _fold(graph, job, inference, constness)
    if folded and job.outputs:
        remove_except(graph, needed_nodes(graph, (r.node for r in job.outputs)) | set(job.kept))


def _excluded(graph: Graph, job: Job) -> Callable[[Node], bool]:
    """What is not to be folded, though it may be constant."""
    ops, names = set(job.texts("exclude_op")), set(job.texts("exclude_node"))
    if not job.flag("fold_shapes"):
        ops |= FROM_SHAPES
    fed = {r.node for r in job.inputs}
    for node in graph:
        if _is_packed(graph, node):
            names.add(node.name)
            job.skip(node.name, "the codes it reads are smaller than the floats they stand for")
    return lambda node: node.op in ops or node.name in names or node.name in fed


def _is_packed(graph: Graph, node: Node) -> bool:
    """Whether a node makes floats of constant codes, as quantize_weights leaves them."""
    if node.op != "Dequantize" or not node.data_inputs:
        return False
    codes = find_constant(graph, node.data_inputs[0])
    if codes is None or codes.tensor.shape.elements is None:
        return False
    return codes.tensor.dtype.size < FLOAT32.size and codes.tensor.shape.elements > 1


def _fold(graph: Graph, job: Job, inference: Inference, constness: Constness) -> int:
    """Put constants in the place of nodes whose readers are not constant themselves."""
    from graphtools.ops.evaluation import MOST_BYTES, Evaluator, NotConstant

    most = job.integer("max_constant_size_in_bytes")
    # what is passed on the way may be larger than what is kept
    evaluator = Evaluator(inference, max(most, MOST_BYTES), constness)
    wanted = [n.name for n in graph if n.op != "Const" and _is_read(graph, n, job, constness)]
    values: dict[str, list[Tensor]] = {}

    def onward(name: str) -> list[str]:
        """What a node reads that is not folded itself."""
        node = graph[name]
        is_refused = name not in values and node.op != "Const" and constness.is_constant(name)
        return [producer(text) for text in node.data_inputs] if is_refused else []

    for node in map(graph.__getitem__, reach(wanted, onward)):
        if node.op == "Const" or not constness.is_constant(node.name):
            continue
        try:
            _require_first_output_only(node, job)
            stated = zip(inference.shapes(node.name), inference.dtypes(node.name), strict=False)
            _check_size(((elements(d) or 0) * (k.size if k else 0) for d, k in stated), node, most)
            found = [
                Tensor.from_array(evaluator.evaluate(node.name, index), kind)
                for index, kind in enumerate(inference.dtypes(node.name))
            ]
            _check_size((t.nbytes for t in found), node, most)
        except NotConstant as refusal:
            job.skip(node.name, refusal.message)
            continue
        values[node.name] = found
    for name, tensors in values.items():
        _replace(graph, graph[name], tensors)
    return len(values)


def _require_first_output_only(node: Node, job: Job) -> None:
    """State that no further output of a node is an output of the graph: a constant has one.

    Raises:
        NotConstant: One is.
    """
    from graphtools.ops.evaluation import NotConstant

    for ref in job.outputs:
        if ref.node == node.name and ref.index:
            raise NotConstant(f"{str(ref)!r} is an output of the graph, and a constant has one")


def _check_size(sizes: Iterable[int], node: Node, most: int) -> None:
    """Refuse a node one of whose outputs is too large; before it is computed, where that is told.

    Raises:
        NotConstant: It is.
    """
    from graphtools.ops.evaluation import NotConstant

    size = max(sizes, default=0)
    if size > most:
        raise NotConstant(f"{node.name!r} would be a constant of {size:,} bytes")


def _is_read(graph: Graph, node: Node, job: Job, constness: Constness) -> bool:
    """Whether a constant node is read by one that is not constant, or is an output."""
    if not constness.is_constant(node.name):
        return False
    if job.is_kept(node.name):
        return True
    return any(not constness.is_constant(r.name) for r in graph.consumers(node.name))


def _replace(graph: Graph, node: Node, tensors: list[Tensor]) -> None:
    """Put constants in the place of a node, one for each output that is read.

    The first has the node's name. What had to run before the node, or before what it was computed
    from, still has to run before.
    """
    control = tuple(f"^{name}" for name in _control_inputs(graph, node))
    new = []
    for index, tensor in enumerate(tensors):
        name = node.name if not index else graph.free_name(f"{node.name}/output_{index}")
        if index and not graph.redirect(Ref(node.name, index), Ref(name)):
            continue
        attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
        new.append(Node(name, "Const", control, attrs, node.device))
    graph.replace(node, new)


def _control_inputs(graph: Graph, node: Node) -> Iterable[str]:
    """The nodes that must run before a constant node, or before one that it is computed from."""
    found: dict[str, None] = {}
    stack, seen = [node], {node.name}
    while stack:
        current = stack.pop()
        for name in current.control_inputs:
            found.setdefault(name)
        for source in map(producer, current.data_inputs):
            if source not in seen and source in graph:
                seen.add(source)
                stack.append(graph[source])
    return found


TRANSFORM = Transform(
    "fold_constants",
    run,
    """Compute what depends on constants only, once and for all, and keep its results as constants.

    Nodes that no output needs are removed. A folded node keeps its name; the original gave it one
    like `name/_0__cf__0`. Stateful and random ops, and what has no evaluation here, are left as
    they are, with the reason; so is what would be larger than the limit, and a Dequantize of
    constants, which quantize_weights leaves to keep them small. Inputs are never folded, whatever
    they are.
    """,
    "fold_constants(ignore_errors=true)",
    (
        Parameter("clear_output_shapes", "flag", "remove the attribute _output_shapes", "true"),
        Parameter("exclude_op", "text", "an op that is not folded", repeated=True),
        Parameter("exclude_node", "text", "a node that is not folded", repeated=True),
        Parameter(
            "max_constant_size_in_bytes", "integer", "largest constant that is made", "10485760"
        ),
        Parameter("fold_shapes", "flag", "fold what reads shapes that are known, too", "false"),
    ),
)
