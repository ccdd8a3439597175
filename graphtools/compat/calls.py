"""The functions that a node calls, as far as the converter looks into them.

Calls are replaced by the bodies, and so is a conditional whose predicate is constant; of a loop,
what neither its condition nor its used results need is dropped, and constants that it does not
change are known in it. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from graphtools.graph.attributes import FunctionRef
from graphtools.graph.following import ancestors_of
from graphtools.graph.functions import CALLS, CASES, CONDITIONALS, LOOPS
from graphtools.graph.ref import Ref, producer
from graphtools.ops.definitions import argument_starts, op_definition

if TYPE_CHECKING:
    from graphtools.compat.site import Site
    from graphtools.graph.graph import Function, Graph
    from graphtools.ops.inference import Inference


class Callee(NamedTuple):
    """A function that a node calls.

    Attributes:
        function: Its name.
        inference: Its body with inferred shapes.
        outputs: The tensors of the body that give its results, those that are needed.
        arguments: Names of its arguments.
        constant_arguments: Names of those that are constant.
        caller: The node whose inputs its arguments are, and the first of these, where its body
            takes the place of the call.
    """

    function: str
    inference: Inference
    outputs: Sequence[str]
    arguments: Sequence[str]
    constant_arguments: Sequence[str]
    caller: tuple[Site, int] | None = None


def callees(site: Site) -> list[Callee] | None:
    """The functions that a node calls, None for a node that calls none."""
    op = site.node.op
    library = site.scope.graph.functions
    if op in library:
        return (
            [_callee(site, op, 0, True)]
            if op in site.scope.inference.bodies(site.node.name)
            else []
        )
    if op in CALLS:
        return _all(site, [_named(site, "f")], 0, inlined=True)
    if op in CONDITIONALS:
        branches = [_named(site, "then_branch"), _named(site, "else_branch")]
        decided = site.scope.predicate(site.sources[0][0]) if site.sources else None
        if decided is not None:
            return _all(site, [branches[0 if decided else 1]], 1, inlined=True)
        return _all(site, branches, 1, inlined=False)
    if op in CASES:
        listed = site.attr("branches")
        refs = [r for r in listed if isinstance(r, FunctionRef)] if isinstance(listed, list) else []
        names = [ref.name for ref in refs]
        taken = _index(site)
        if taken is not None and names:
            last = len(names) - 1
            return _all(site, [names[taken if 0 <= taken <= last else last]], 1, inlined=True)
        return _all(site, names, 1, inlined=False)
    if op in LOOPS:
        return _loop(site)
    return None


def is_case(site: Site) -> bool:
    """Whether a node chooses among functions by a number that is not known: TFLite cannot."""
    return site.node.op in CASES and _index(site) is None


def _named(site: Site, attribute: str) -> str:
    ref = site.attr(attribute)
    return ref.name if isinstance(ref, FunctionRef) else ""


def _index(site: Site) -> int | None:
    """The value of the first input, if it is a constant single number."""
    values = site.constant_values(0)
    return int(values[0]) if values is not None and len(values) == 1 else None


def _all(site: Site, names: Sequence[str], first: int, *, inlined: bool) -> list[Callee]:
    bodies = site.scope.inference.bodies(site.node.name)
    known = [name for name in names if name in bodies and name in site.scope.graph.functions]
    return [_callee(site, name, first, inlined) for name in known]


def _callee(site: Site, name: str, first: int, inlined: bool) -> Callee:
    """A function that is called with the inputs from one on."""
    function = site.scope.graph.functions[name]
    constant: list[str] = []
    outputs = list(function.outputs.values())
    if inlined:
        constant = [a for i, a in enumerate(function.inputs) if site.is_constant(first + i)]
        outputs = [text for i, text in enumerate(outputs) if site.reads_output(i)]
    made = _made(site, function, outputs, constant)
    return made._replace(caller=(site, first)) if inlined else made


def _made(
    site: Site, function: Function, outputs: Sequence[str], constant: Sequence[str]
) -> Callee:
    inner = site.scope.inference.bodies(site.node.name)[function.name]
    return Callee(
        function.name,
        inner,
        [_in_graph(inner.graph, text) for text in outputs if text],
        [a for a in function.inputs if a not in constant],
        constant,
    )


def _in_graph(graph: Graph, text: str) -> str:
    """The name of a result in the graph of a body: by its position among the node's outputs."""
    ref = Ref.parse(text)
    node = graph.get(ref.node)
    definition = op_definition(node.op) if node is not None else None
    starts = None
    if ref.output and node is not None and definition is not None:
        starts = argument_starts(node, definition.outputs)
    return str(Ref(ref.node, ref.index + (starts or {}).get(ref.output, 0)))


def _loop(site: Site) -> list[Callee]:
    """The condition and the body of a loop."""
    library = site.scope.graph.functions
    bodies = site.scope.inference.bodies(site.node.name)
    names = [_named(site, "cond"), _named(site, "body")]
    if not all(name in library and name in bodies for name in names):
        return _all(site, names, 0, inlined=False)
    condition, body = library[names[0]], library[names[1]]
    ref = site.attr("body")
    through = site.scope.inference.passed_through(ref) if isinstance(ref, FunctionRef) else {}
    fixed = {r for r, a in through.items() if r == a and site.is_constant(r)}
    results = list(body.outputs.values())
    needs = {
        i: _arguments_needed(bodies[body.name], body, [text]) for i, text in enumerate(results)
    }
    live = _arguments_needed(bodies[condition.name], condition, list(condition.outputs.values()))
    live |= {i for i in range(len(results)) if site.reads_output(i)}
    while True:
        more = {a for i in live if i in needs for a in needs[i]} - live
        if not more:
            break
        live |= more
    return [
        _made(
            site,
            condition,
            list(condition.outputs.values()),
            [a for i, a in enumerate(condition.inputs) if i in fixed],
        ),
        _made(
            site,
            body,
            [text for i, text in enumerate(results) if i in live],
            [a for i, a in enumerate(body.inputs) if i in fixed],
        ),
    ]


def _arguments_needed(inner: Inference, function: Function, outputs: Sequence[str]) -> set[int]:
    """The positions of the arguments that some results of a function depend on."""
    seen = ancestors_of(inner.graph, map(producer, outputs))
    return {i for i, name in enumerate(function.inputs) if name in seen}
