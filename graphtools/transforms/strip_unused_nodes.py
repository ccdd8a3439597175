"""strip_unused_nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node, as_set
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.grammar import Step
from graphtools.rewrite.prune import lost_fillers_note, needed_nodes, remove_except
from graphtools.rewrite.transform import Job, Parameter, Transform, loose_ends, read_dtype


def run(graph: Graph, job: Job) -> None:
    """Keep what the outputs need, cut at the inputs."""
    if not job.outputs:
        raise InvalidValue(
            "strip_unused_nodes does not know what to keep", "name the outputs: --outputs"
        )
    types = _listed(job, "type_for_name")
    shapes = _listed(job, "shape_for_name")
    inputs = [r.node for r in job.inputs]
    outputs = [r.node for r in job.outputs]
    for remark in [*loose_ends(graph, inputs, outputs), *_unused(graph, inputs, types, shapes)]:
        job.note(remark)
    cut = nodes_to_cut(graph, inputs)
    inference = infer_shapes(graph, targets=[n.name for n in cut]) if cut else None
    ends = [name for name in inputs if graph.find(name).op != "PlaceholderWithDefault"]
    needed = needed_nodes(graph, [*outputs, *inputs], ends)  # a default stays with its placeholder
    check_cut(graph, cut, needed)
    job.note(lost_fillers_note(graph, needed))
    for node in cut:
        _make_placeholder(graph, node, job, types, shapes, inference)
    _reshape_placeholders(graph, inputs, shapes)
    remove_except(graph, needed)


def _reshape_placeholders(graph: Graph, inputs: Collection[str], shapes: Mapping[str, str]) -> None:
    """Give inputs that are placeholders the shapes that were given for them by name.

    Shapes that nodes have stored for their outputs may be others then, and are removed.
    """
    changed = False
    for name, text in shapes.items():
        node = graph.get(name)
        if node is not None and name in inputs and node.attr("shape") != Shape.parse(text):
            graph.set_attr(node, "shape", Shape.parse(text))
            changed = True
    for node in graph if changed else ():
        graph.remove_attr(node, "_output_shapes")


def nodes_to_cut(graph: Graph, inputs: Iterable[str]) -> list[Node]:
    """The inputs that are no placeholders yet."""
    return [n for n in map(graph.find, dict.fromkeys(inputs)) if n.op not in PLACEHOLDERS]


def check_cut(graph: Graph, cut: Iterable[Node], needed: Collection[str]) -> None:
    """Check that a graph can be cut at nodes.

    Raises:
        InvalidGraph: A node that stays reads a further output of one of them, which a placeholder
            does not have.
    """
    for node in cut:
        for reader in graph.consumers(node.name):
            numbers = [r.index for r in map(Ref.parse, reader.data_inputs) if r.node == node.name]
            if reader.name in needed and any(numbers):
                raise InvalidGraph(
                    f"the graph cannot be cut at {node.name!r}, a {node.op} with several outputs: "
                    f"{reader.name!r} reads {node.name}:{max(numbers)}, and a placeholder has one "
                    "output",
                    f"cut it behind this node, as at --inputs {reader.name}",
                )


def _unused(
    graph: Graph, inputs: Collection[str], types: Mapping[str, str], shapes: Mapping[str, str]
) -> Iterator[str]:
    """Remarks on types and shapes that were given and change nothing."""
    for name in {**types, **shapes}:
        node = graph.get(name)
        if node is None or name not in inputs:
            yield f"type and shape of {name!r} are not used: it is none of the inputs"
        elif node.op in PLACEHOLDERS and name in types:
            kind = node.attr("dtype")
            if read_dtype(types[name]) is not kind:
                yield f"{name!r} is a placeholder already and stays {kind!r}"


def placeholder_for(node: Node, inference: Inference | None) -> Node:
    """A placeholder with the type and shape that a node has, as far as they can be inferred."""
    kind = inference.dtype(node.name) if inference is not None else None
    shape = inference.shape(node.name) if inference is not None else Shape(None)
    attrs: dict[str, Attr] = {"dtype": (kind or FLOAT32).base, "shape": shape}
    return Node(node.name, "Placeholder", attrs=attrs)


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
    made = placeholder_for(node, inference)
    if node.name in types:
        made.set_encoded_attr("dtype", as_set(read_dtype(types[node.name]).base))
    elif job.given("type"):
        made.set_encoded_attr("dtype", as_set(job.dtype("type").base))
    if node.name in shapes:
        made.set_encoded_attr("shape", as_set(Shape.parse(shapes[node.name])))
    elif job.given("shape"):
        made.set_encoded_attr("shape", as_set(job.shape("shape")))
    graph.replace(node, [made])


TRANSFORM = Transform(
    "strip_unused_nodes",
    run,
    """Keep only what the outputs need, and cut the graph at the inputs.

    An input that is no placeholder becomes one. Its type and shape are those that are given for it
    by name, or for all inputs; where none is given, those that the node had, as far as they can be
    inferred. (The original made it a float scalar then.) A placeholder is left as it is, but for a
    shape that is given for it by name, as to fix its batch; the original left that, too.
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


def stripping_step(graph: Graph, types: Sequence[str], shapes: Sequence[str]) -> str:
    """The step of a pipeline that strips with types and shapes of single inputs.

    Args:
        graph: The graph.
        types: Element types as `name=float`.
        shapes: Shapes as `name=1,299,299,3`.

    Raises:
        InvalidValue: An entry is written otherwise.
        UnknownName: There is no such node.
    """
    named: dict[str, list[str]] = {}
    for position, texts in enumerate((types, shapes)):
        for text in texts:
            name, equals, value = text.rpartition("=")
            if not equals:
                raise InvalidValue(f"{text!r} does not say of which input", f"write NAME={text}")
            named.setdefault(graph.find(name).name, ["", ""])[position] = value
    if not named:
        return TRANSFORM.name
    inference = infer_shapes(graph, targets=list(named))
    parameters: dict[str, list[str]] = {"name": [], "type_for_name": [], "shape_for_name": []}
    for name, (kind, shape) in named.items():
        inferred = inference.dtype(name)
        parameters["name"].append(name)
        parameters["type_for_name"].append(kind or (inferred.base.name if inferred else "float"))
        parameters["shape_for_name"].append(shape or _as_parameter(inference.shape(name)))
    return str(Step(TRANSFORM.name, parameters))


def _as_parameter(shape: Shape) -> str:
    if shape.dims is None:
        return "unknown"
    return ",".join("?" if d is None else str(d) for d in shape.dims)


def types_by_number(inputs: Sequence[str], types: Sequence[str]) -> list[str]:
    """Element types of inputs as old scripts give them, as `name=float32` each.

    Args:
        inputs: Names of the inputs.
        types: Numbers of TensorFlow's `DataType`, or names; one for all inputs or one for each.

    Raises:
        InvalidValue: There are neither one nor as many as inputs, or one is no type.
    """
    if len(types) not in (0, 1, len(inputs)):
        raise InvalidValue(
            f"{len(types)} types are neither one for all nor one for each of {len(inputs)} inputs"
        )
    given = list(types) * len(inputs) if len(types) == 1 else types
    kinds = [dtype(int(t) if t.isdigit() else t) for t in given]
    for kind, text in zip(kinds, given, strict=True):
        if kind.name.startswith("unknown"):
            raise InvalidValue(f"{text} is the number of no element type", "float is 1, int32 3")
    return [f"{name}={kind.name}" for name, kind in zip(inputs, kinds, strict=False)]
