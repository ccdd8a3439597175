"""strip_unused_nodes."""

from __future__ import annotations

from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import FLOAT32, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.prune import needed_nodes, remove_except
from graphtools.rewrite.transform import Job, Parameter, Transform, read_dtype

_PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})


def run(graph: Graph, job: Job) -> None:
    """Keep what the outputs need, cut at the inputs."""
    if not job.outputs:
        raise InvalidValue(
            "strip_unused_nodes does not know what to keep", "name the outputs: --outputs"
        )
    types = _listed(job, "type_for_name")
    shapes = _listed(job, "shape_for_name")
    inputs = [r.node for r in job.inputs]
    cut = [n for n in map(graph.find, inputs) if n.op not in _PLACEHOLDERS]
    inference = infer_shapes(graph, targets=[n.name for n in cut]) if cut else None
    needed = needed_nodes(graph, (r.node for r in job.outputs), inputs) | set(inputs)
    for node in cut:
        _make_placeholder(graph, node, job, types, shapes, inference)
    remove_except(graph, needed)


def _listed(job: Job, parameter: str) -> dict[str, str]:
    """What a parameter gives for each `name`.

    Raises:
        InvalidValue: It is not given for each of them.
    """
    names, values = job.texts("name"), job.texts(parameter)
    if values and len(values) != len(names):
        raise InvalidValue(
            f"strip_unused_nodes has {len(names)} name and {len(values)} {parameter}",
            'give one for each: name=foo, type_for_name=float, shape_for_name="2,2"',
        )
    return dict(zip(names, values, strict=False))


def _make_placeholder(
    graph: Graph,
    node: Node,
    job: Job,
    types: dict[str, str],
    shapes: dict[str, str],
    inference: Inference | None,
) -> None:
    """Put a placeholder in the place of a node at which the graph is cut."""
    kind: DType | None = None
    if node.name in types:
        kind = read_dtype(types[node.name])
    elif job.given("type"):
        kind = job.dtype("type")
    elif inference is not None:
        kind = inference.dtype(node.name)
    if node.name in shapes:
        shape = Shape.parse(shapes[node.name])
    elif job.given("shape"):
        shape = job.shape("shape")
    else:
        shape = inference.shape(node.name) if inference is not None else Shape(None)
    attrs = {"dtype": (kind or FLOAT32).base, "shape": shape}
    graph.replace(node, [Node(node.name, "Placeholder", attrs=attrs)])


TRANSFORM = Transform(
    "strip_unused_nodes",
    run,
    """Keep only what the outputs need, and cut the graph at the inputs.

    An input that is no placeholder becomes one. Its type and shape are those that are given for it
    by name, or for all inputs; where none is given, those that the node had, as far as they can be
    inferred. (The original made it a float scalar then.) Placeholders are left as they are.
    """,
    'strip_unused_nodes(type=float, shape="1,299,299,3")',
    (
        Parameter("type", "dtype", "element type of inputs that become placeholders"),
        Parameter("shape", "shape", "shape of inputs that become placeholders"),
        Parameter("name", "text", "an input that has a type or shape of its own", repeated=True),
        Parameter("type_for_name", "dtype", "its element type, one for each name", repeated=True),
        Parameter("shape_for_name", "shape", "its shape, one for each name", repeated=True),
    ),
)
