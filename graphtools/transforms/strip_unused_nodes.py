"""strip_unused_nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.front_end import param
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.grammar import Step
from graphtools.rewrite.prune import lost_fillers_note, needed_nodes, remove_except
from graphtools.rewrite.transform import Job, Parameter, Transform, loose_ends, read_dtype
from graphtools.transforms._input_types import give_type
from graphtools.transforms.input_shapes import give_shapes, own_functions


def run(graph: Graph, job: Job) -> None:
    """Keep what the outputs need, cut at the inputs."""
    if not job.outputs:
        raise InvalidValue(
            "strip_unused_nodes does not know what to keep", f"name the outputs: {param('outputs')}"
        )
    types = _listed(job, "type_for_name")
    shapes = _listed(job, "shape_for_name")
    inputs = [r.node for r in job.inputs]
    outputs = [r.node for r in job.outputs]
    for remark in [*loose_ends(graph, inputs, outputs), *_unused(graph, inputs, types, shapes)]:
        job.note(remark)
    cut = nodes_to_cut(graph, inputs)
    is_shaped = bool(shapes or (cut and job.given("shape")))
    if is_shaped:
        own_functions(graph)
    before = infer_shapes(graph.copy()) if is_shaped else None
    inference = before
    if cut and before is None:
        inference = infer_shapes(graph, targets=[n.name for n in cut])
    ends = [name for name in inputs if graph.find(name).op != "PlaceholderWithDefault"]
    needed = needed_nodes(graph, [*outputs, *inputs], ends)  # a default stays with its placeholder
    check_cut(graph, cut, needed)
    job.note(lost_fillers_note(graph, needed))
    for node in cut:
        graph.replace(node, [placeholder_for(node, inference)])
    remove_except(graph, needed)
    made = {node.name for node in cut}
    for name in dict.fromkeys(inputs):
        kind = types.get(name) or (job.text("type") if name in made else "")
        if kind:
            job.note(give_type(graph, graph.find(name), read_dtype(kind).base))
    if before is not None:
        given = {n: shapes.get(n) or job.text("shape") for n in inputs if n in shapes or n in made}
        own = {n: Shape.parse(s) for n, s in given.items() if n in shapes or job.given("shape")}
        for note in give_shapes(graph, own, before):
            job.note(note)


def nodes_to_cut(graph: Graph, inputs: Iterable[str]) -> list[Node]:
    """The inputs that are no placeholders yet."""
    return [n for n in map(graph.find, dict.fromkeys(inputs)) if n.op not in PLACEHOLDERS]


def cut_outputs(graph: Graph, inputs: Sequence[str]) -> tuple[Graph, list[str], list[str]]:
    """Make a placeholder of each input that is a further output of a node.

    A node of which further outputs are fed gives them no more; so does its first output where that
    is fed, too. What else it gives it goes on to compute.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.

    Returns:
        The graph with placeholders, the names of the inputs in it, and remarks.
    """
    refs = [Ref.from_user(name) for name in inputs]
    several = {ref.node for ref in refs if ref.index and ref.node in graph}
    if not several:
        return graph, list(inputs), []
    inference = infer_shapes(graph, targets=several)
    graph = graph.copy()
    names, remarks = {}, []
    for ref in dict.fromkeys(r for r in refs if r.node in several):
        attrs: dict[str, Attr] = {
            "dtype": (inference.dtype(ref.node, ref.index) or FLOAT32).base,
            "shape": inference.shape(ref.node, ref.index),
        }
        name = graph.free_name(f"{ref.node}_{ref.index}")
        graph.add(Node(name, "Placeholder", attrs=attrs), before=graph[ref.node])
        graph.redirect(ref, Ref(name))
        names[ref] = name
    for node in several:
        first = names.get(Ref(node))
        if first is not None and not graph.consumers(node):
            graph.remove(node)
            graph.rename(first, node)
            names[Ref(node)] = node
    for ref, name in names.items():
        if str(ref) != name:
            remarks.append(f"the input {str(ref)!r} is the placeholder {name!r} now")
    return graph, [names.get(r, n) for r, n in zip(refs, inputs, strict=True)], remarks


def put_placeholders(graph: Graph, names: Sequence[str], ends: Sequence[str]) -> Inference:
    """Cut a graph at nodes, and keep only what some ends need.

    Args:
        graph: The graph, which is changed.
        names: Names of the nodes that become placeholders.
        ends: Names of all inputs and outputs.

    Returns:
        The inferred shapes of the graph as it was.

    Raises:
        InvalidGraph: What stays reads a further output of one of the nodes.
    """
    own_functions(graph)
    before = infer_shapes(graph.copy())
    needed = needed_nodes(graph, ends, names)
    cut = [graph[name] for name in names]
    check_cut(graph, cut, needed)
    for node in cut:
        graph.replace(node, [placeholder_for(node, before)])
    remove_except(graph, needed)
    return before


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
                    f"{reader.name!r} reads {node.name}:{max(numbers)}, which is no input",
                    "name it as well, as "
                    + param(inputs=[node.name, f"{node.name}:{max(numbers)}"]),
                )


def _unused(
    graph: Graph, inputs: Collection[str], types: Mapping[str, str], shapes: Mapping[str, str]
) -> Iterator[str]:
    """Remarks on types and shapes that were given and change nothing."""
    for name in {**types, **shapes}:
        node = graph.get(name)
        if node is None or name not in inputs:
            yield f"type and shape of {name!r} are not used: it is none of the inputs"


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


TRANSFORM = Transform(
    "strip_unused_nodes",
    run,
    """Keep only what the outputs need, and cut the graph at the inputs.

    An input that is no placeholder becomes one. Its type and shape are those that are given for it
    by name, or for all inputs; where none is given, those that the node had, as far as they can be
    inferred. (The original made it a float scalar then.) A placeholder is left as it is, but for a
    type or shape that is given for it by name; the original left that, too. What reads another
    type gets a Cast. Constants that are proven to hold a dimension that becomes another follow it;
    where something else contradicts the new shape, nothing is done, and it is named.
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


def stripping_step(graph: Graph, types: Sequence[str]) -> str:
    """The step of a pipeline that strips with element types of single inputs.

    Args:
        graph: The graph.
        types: Element types as `name=float`.

    Raises:
        InvalidValue: An entry is written otherwise.
        UnknownName: There is no such node.
    """
    named: dict[str, str] = {}
    for text in types:
        name, equals, kind = text.rpartition("=")
        if not equals:
            raise InvalidValue(f"{text!r} does not say of which input", f"write NAME={text}")
        named[graph.find(name).name] = kind
    if not named:
        return TRANSFORM.name
    return str(Step(TRANSFORM.name, {"name": list(named), "type_for_name": list(named.values())}))


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
