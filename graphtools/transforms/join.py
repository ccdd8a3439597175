"""Joins two graphs: what one gives is what the other is fed with.

TensorFlow's way, `import_graph_def` twice, fails on two loops of one frame name, demands feeds for
control edges on what was replaced, and shares the state of what has one `shared_name`; here all
names of the second graph that the first has become others. Source: measured with TensorFlow 1.15
and 2.21; tensorflow/tensorflow#22162, #26526, #33752.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.display import Displayed
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.front_end import param, step
from graphtools.graph.colocations import drop_lost_colocations
from graphtools.graph.dtypes import DType
from graphtools.graph.functions import called_by
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import topological_order
from graphtools.graph.placeholders import FED, PLACEHOLDERS
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.definitions import op_definition
from graphtools.ops.inference import Inference, infer_shapes, node_output_dtypes
from graphtools.rewrite.names import check_names
from graphtools.wording import and_others, counted

#: By which loops, and nodes of one state, are told from others.
_FRAME, _SHARED = "frame_name", "shared_name"
#: What the names of the first graph begin with where the second has one of them.
_FIRST = "first/"


@dataclasses.dataclass(frozen=True)
class JoinReport(Displayed):
    """What became of two graphs.

    Attributes:
        connected: The tensors that were joined, as (output of the first, input of the second).
        nodes: Number of nodes.
        inputs: Names of what is to be fed now.
        prefixes: What the names of the nodes of each begin with now.
        notes: What has other names, and what is to be known, for the user.
    """

    connected: tuple[tuple[str, str], ...]
    nodes: int
    inputs: tuple[str, ...]
    prefixes: tuple[str, str]
    notes: tuple[str, ...]


class JoinedGraph(NamedTuple):
    """A graph that was joined of two, and what was done.

    Attributes:
        graph: The graph.
        report: What was done.
    """

    graph: Graph
    report: JoinReport

    def save(self, path: str | os.PathLike[str], *, as_text: bool | None = None) -> str:
        """Write the graph; see `graphtools.save`."""
        from graphtools.formats import save

        return save(self.graph, path, as_text=as_text)


def join(
    first: Graph,
    second: Graph,
    connect: Mapping[str, str],
    *,
    prefixes: tuple[str, str] = ("", ""),
    allow_cast: bool = False,
) -> JoinedGraph:
    """Let placeholders of a graph be tensors of another one.

    Args:
        first: The graph that comes first, as preprocessing; it is not changed, nor is the other.
        second: The graph that reads it.
        connect: By tensor of the first, the placeholder of the second that it takes the place of.
        prefixes: What the names of the nodes of each are to begin with, as `pre/`. Where they have
            a name in common and none is given, those of the first begin with `first/`.
        allow_cast: Whether a tensor of another type is cast; it is refused otherwise.

    Raises:
        UnknownName: A tensor or placeholder is not there.
        InvalidValue: Nothing is to be joined, or with what is no placeholder.
        InvalidGraph: Types or shapes do not fit, or names are still the same.

    Example:
        >>> model = graphtools.load("fixtures/classifier/frozen.pb")
        >>> head = Graph([Node("image", "Placeholder", (), {"dtype": "float32"})])
        >>> head.add(Node("half", "Mul", ["image", "image"], {"T": "float32"}))
        Node('half', 'Mul', ['image', 'image'])
        >>> join(head, model, {"half": "input"}).report.inputs
        ('image',)
    """
    if not connect:
        raise InvalidValue("nothing is to be joined", f"say what with {param('connect')}")
    for graph in (first, second):
        check_names(graph)
    halves = first.copy(), second.copy()
    pairs = _pairs(halves, connect)
    notes: list[str] = []
    casts = _check_fit(halves, pairs, allow_cast, notes)
    if not any(prefixes) and {n.name for n in first} & {n.name for n in second}:
        prefixes = (_FIRST, "")
    moved = [_prefixed(g, prefix) for g, prefix in zip(halves, prefixes, strict=True)]
    pairs = [(Ref(moved[0].get(a.node, a.node), a.index), moved[1].get(b, b)) for a, b in pairs]
    casts = {moved[1].get(b, b): kinds for b, kinds in casts.items()}
    _refuse_same_names(*halves)
    notes += _part_frames(*halves, prefixes)
    notes += _part_state(*halves, prefixes)
    notes += _part_functions(*halves)
    graph, other = halves
    graph.absorb(other)
    for ref, name in pairs:
        _put(graph, ref, name, casts.get(name))
    drop_lost_colocations(graph)
    topological_order(graph)  # a cycle would be one that a half has had
    for prefix, side in zip(prefixes, ("first", "second"), strict=True):
        if prefix:
            notes.insert(0, f"the names of the {side} graph begin with {prefix!r} now")
    return JoinedGraph(
        graph,
        JoinReport(
            tuple((str(a), b) for a, b in pairs),
            len(graph),
            tuple(n.name for n in graph if n.op in FED and graph.is_read(n.name)),
            prefixes,
            tuple(notes),
        ),
    )


def _pairs(halves: tuple[Graph, Graph], connect: Mapping[str, str]) -> list[tuple[Ref, str]]:
    """The tensors of the first graph and the placeholders of the second.

    Raises:
        UnknownName, InvalidValue: See `join`.
    """
    found: dict[str, Ref] = {}
    for output, fed in connect.items():
        ref, target = Ref.from_user(output), halves[1].find(fed)
        ref = Ref(halves[0].find(ref.node).name, ref.index)
        kinds = node_output_dtypes(halves[0], halves[0][ref.node])
        if ref.is_control or ref.index >= max(1, len(kinds)):
            raise InvalidValue(f"{halves[0][ref.node].op} {ref.node!r} has no output {ref.index}")
        if target.op not in PLACEHOLDERS:
            raise InvalidValue(
                f"{target.name!r} is {target.op} and no placeholder, which could be replaced",
                "cut the second graph there first: "
                + step("extract", "GRAPH", output="OUT", start=[target.name], end=["OUTPUT"]),
            )
        if target.name in found:
            raise InvalidValue(f"{target.name!r} is to be two tensors")
        found[target.name] = ref
    return [(ref, name) for name, ref in found.items()]


def _check_fit(
    halves: tuple[Graph, Graph],
    pairs: Sequence[tuple[Ref, str]],
    allow_cast: bool,
    notes: list[str],
) -> dict[str, tuple[DType, DType]]:
    """Compare the types and shapes of what is to be joined; gives the casts that are needed.

    Raises:
        InvalidGraph: They do not fit.
    """
    inference = infer_shapes(halves[0], targets={ref.node for ref, _ in pairs})
    casts = {}
    for ref, name in pairs:
        kind, wanted = inference.dtype(ref.node, ref.index), halves[1][name].attr("dtype")
        kind = kind.base if kind else None
        if kind and isinstance(wanted, DType) and kind is not wanted.base:
            numbers = not {kind.name, wanted.base.name} & {"string", "resource", "variant"}
            if not (allow_cast and numbers):
                raise InvalidGraph(
                    f"{str(ref)!r} is {kind} and {name!r} is {wanted.base}",
                    f"{param(allow_cast=True)} puts a Cast between; it does not normalise"
                    * numbers,
                )
            casts[name] = kind, wanted.base
        notes += _check_shapes(inference, ref, halves[1][name])
    return casts


def _check_shapes(inference: Inference, ref: Ref, placeholder: Node) -> Iterable[str]:
    """Compare a tensor's shape with the one that a placeholder states.

    Raises:
        InvalidGraph: They cannot be the same.
    """
    stated = placeholder.attr("shape")
    given, wanted = inference.shape(ref.node, ref.index), stated
    if not isinstance(wanted, Shape) or given.dims is None or wanted.dims is None:
        return
    pairs = list(zip(given.dims, wanted.dims, strict=False))
    if len(given.dims) != len(wanted.dims) or any(a != b and None not in (a, b) for a, b in pairs):
        raise InvalidGraph(
            f"{str(ref)!r} has the shape {given} and {placeholder.name!r} takes {wanted}",
            "give the second graph the shape first: "
            + step("strip", "GRAPH", output="OUT", input_shapes={placeholder.name: given}),
        )
    if any(a is None and b is not None for a, b in pairs):
        yield f"{str(ref)!r} has the shape {given} and has to be {wanted} when the graph is run"


def _prefixed(graph: Graph, prefix: str) -> dict[str, str]:
    """Let all names of nodes begin with a prefix; gives the new ones by the old."""
    names = {node.name: f"{prefix}{node.name}" for node in graph} if prefix else {}
    graph.rename_all(names)
    return names


def _refuse_same_names(first: Graph, second: Graph) -> None:
    same = [node.name for node in second if node.name in first]
    if same:
        raise InvalidGraph(
            f"both graphs have {same[0]!r}{and_others(same)}", f"name other {param('prefixes')}"
        )


def _part_frames(first: Graph, second: Graph, prefixes: tuple[str, str]) -> Iterable[str]:
    """Let no loop of one graph be taken for one of the other."""
    for graph, prefix in zip((first, second), prefixes, strict=True):
        _set_texts(graph, _FRAME, {text: f"{prefix}{text}" for text in _texts(graph, _FRAME)})
    yield from _part(first, second, _FRAME, "the loop {!r} of the second graph is {!r} now")


def _part_state(first: Graph, second: Graph, prefixes: tuple[str, str]) -> Iterable[str]:
    """Let queues, tables and variables of one graph be no other one's."""
    for graph, prefix in zip((first, second), prefixes, strict=True):
        _set_texts(graph, _SHARED, {text: f"{prefix}{text}" for text in _texts(graph, _SHARED)})
    yield from _part(first, second, _SHARED, "the state {!r} of the second graph is {!r} now")


def _part(first: Graph, second: Graph, attribute: str, said: str) -> Iterable[str]:
    """Give texts of an attribute that both graphs have others in the second."""
    taken, own = _texts(first, attribute), _texts(second, attribute)
    if attribute == _SHARED:  # what has none shares by its name
        taken |= {node.name for node in first if _shares_by_name(node)}
        own |= {node.name for node in second if _shares_by_name(node)}
    names = {}
    for text in sorted(taken & _texts(second, attribute)):
        number = 1
        while (new := f"{text}_{number}") in taken | own:
            number += 1
        names[text] = new
        own.add(new)
        yield said.format(text, new)
    _set_texts(second, attribute, names)
    if attribute == _SHARED:
        explicit = _texts(first, attribute)
        for node in second:
            if node.name in explicit and _shares_by_name(node):
                second.set_attr(node, attribute, f"{node.name}_1".encode())
                yield said.format(node.name, f"{node.name}_1")


def _shares_by_name(node: Node) -> bool:
    """Whether a node shares its state by its own name: it may, and is told no other."""
    definition = op_definition(node.op)
    declared = definition.attributes if definition else ()
    return any(a.name == _SHARED for a in declared) and not node.attr(_SHARED)


def _texts(graph: Graph, attribute: str) -> set[str]:
    """The texts that an attribute has in a graph and its functions, but for empty ones."""
    bodies = (node for f in graph.functions.values() for node in f.nodes)
    found = (n.attr(attribute) for n in (*graph, *bodies) if n.has_attr(attribute))
    return {text.decode("utf-8", "replace") for text in found if isinstance(text, bytes) and text}


def _set_texts(graph: Graph, attribute: str, names: Mapping[str, str]) -> None:
    """Give texts of an attribute others, in functions, too."""
    changed = {old.encode(): new.encode() for old, new in names.items() if old != new}
    if not changed:
        return
    for node in graph:
        text = node.attr(attribute)
        if isinstance(text, bytes) and text in changed:
            graph.set_attr(node, attribute, changed[text])
    for function in graph.functions.values():
        graph.set_function(function.with_texts(attribute, changed))


def _part_functions(first: Graph, second: Graph) -> Iterable[str]:
    """Let functions of one name and different bodies be two."""
    mine, theirs = first.functions, second.functions
    common = mine.keys() & theirs.keys()
    other = {name for name in common if mine[name].encoded != theirs[name].encoded}
    while True:  # an equal body that calls another one is another one
        more = {n for n in common - other if called_by(theirs[n].nodes) & other}
        if not more:
            break
        other |= more
    names, taken = {}, {*mine, *theirs}
    for name in sorted(other):
        number = 1
        while (new := f"{name}_{number}") in taken:
            number += 1
        names[name] = new
        taken.add(new)
    second.rename_functions(names)
    if names:
        yield f"{counted(len(names), 'function')} of the second graph got other names"


def _put(graph: Graph, ref: Ref, name: str, kinds: tuple[DType, DType] | None) -> None:
    """Let a tensor take the place of a placeholder, also where nodes wait for that."""
    placeholder = graph[name]
    default = [Ref.parse(text).node for text in placeholder.data_inputs]
    source = ref
    if kinds is not None:
        cast = Node(
            graph.free_name(f"{ref.node}/to_{kinds[1].name}"),
            "Cast",
            [str(ref)],
            {"SrcT": kinds[0], "DstT": kinds[1]},
        )
        source = Ref(graph.add(cast, before=placeholder).name)
    graph.redirect(Ref(name), source)
    for reader in graph.consumers(name):
        graph.set_inputs(
            reader, dict.fromkeys(f"^{ref.node}" if i == f"^{name}" else i for i in reader.inputs)
        )
    graph.remove(name)
    for node in default:
        if node in graph and not graph.is_read(node) and graph[node].op == "Const":
            graph.remove(node)


def likely_pairs(outputs: Sequence[str], inputs: Sequence[str]) -> dict[str, str]:
    """What is joined where nobody says: the only output, with the only input.

    Raises:
        InvalidValue: There are several, or none.
    """
    if len(outputs) == len(inputs) == 1:
        return {outputs[0]: inputs[0]}
    raise InvalidValue(
        f"the first graph has the outputs {', '.join(outputs) or 'none'}, and the second takes "
        f"{', '.join(inputs) or 'none'}",
        f"say what is to be joined: {param(connect={'OUTPUT': 'INPUT'})}",
    )
