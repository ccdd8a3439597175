"""insert_logging."""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.control_flow import LOOP_PARTS, SWITCHES
from graphtools.ops.definitions import output_dtypes
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform

_SUFFIX = "__print__"
#: What reads these recognises loops by them, and must go on to read them.


def run(graph: Graph, job: Job) -> None:
    """Put a Print behind nodes."""
    check_names(graph)
    ops, prefixes = set(job.texts("op")), tuple(job.texts("prefix"))
    read = _read_outputs(graph)
    prints: dict[Ref, Node] = {}
    for node in graph:
        if ops and node.op not in ops:
            continue
        if prefixes and not node.name.startswith(prefixes):
            continue
        outputs = sorted(read.get(node.name, ()))
        if node.op in SWITCHES:
            outputs = outputs[:1]  # of the others there is no value when there is one of the first
        if not outputs or outputs[0]:
            if outputs:
                job.skip(node.name, "nobody reads its first output, so that no Print would run")
            continue
        types = _types(node, outputs)
        if isinstance(types, str):
            job.skip(node.name, types)
        else:
            name = graph.free_name(node.name + _SUFFIX)
            prints[Ref(node.name)] = _print(node, name, types, outputs, job)
    for node in list(graph.nodes) if prints else ():
        inputs = tuple(_logged(text, prints) for text in node.inputs)
        if inputs != node.inputs:
            graph.set_inputs(node, inputs)
    for made in prints.values():
        graph.add(made)


def _read_outputs(graph: Graph) -> dict[str, set[int]]:
    """By node, the numbers of its outputs that are read."""
    found: dict[str, set[int]] = {}
    for reader in graph:
        for text in reader.data_inputs:
            ref = Ref.parse(text)
            found.setdefault(ref.node, set()).add(ref.index)
    return found


def _logged(text: str, prints: Mapping[Ref, Node]) -> str:
    if text[:1] == "^":
        return text
    found = prints.get(Ref.parse(text))
    return text if found is None else found.name


def _types(node: Node, outputs: list[int]) -> dict[int, DType] | str:
    """The types of the first output and of those that are read, or why it cannot be logged."""
    if node.op in LOOP_PARTS:
        return "a loop is recognised by what reads it"
    given = output_dtypes(node)
    if given is None or outputs[-1] >= len(given):
        return f"it is not known what {node.op} gives"
    found = {}
    for index in (0, *outputs):
        kind = given[index]
        if kind is None:
            return f"it is not known of which type its output {index} is"
        if kind.is_ref or kind.is_handle:
            return f"its output {index} is {kind}, which cannot be printed"
        found[index] = kind
    return found


def _print(node: Node, name: str, types: dict[int, DType], outputs: list[int], job: Job) -> Node:
    """A Print that gives the first output of a node."""
    message = f";{node.op};" if job.flag("show_op") else ""
    message += f";{name};" if job.flag("show_name") else ""
    attrs: dict[str, Attr] = {
        "T": types[0],
        "U": [types[i] for i in outputs],
        "message": (message + job.text("message")).encode(),
        "first_n": job.integer("first_n"),
        "summarize": job.integer("summarize"),
    }
    inputs = [str(Ref(node.name, i)) for i in (0, *outputs)]
    return Node(name, "Print", tuple(inputs), attrs)


TRANSFORM = Transform(
    "insert_logging",
    run,
    """Print the outputs of nodes when the graph runs.

    Behind each node that has one of the ops and one of the prefixes (any, where none is given) a
    Print is put, named as the node with __print__ behind. It prints those outputs that something
    reads, and runs where the first of them is read. Nodes whose first output nobody reads are not
    logged, as nothing would run the Print; nor are handles of resources, references to variables
    and the parts that a loop is recognised by. (Where a node has several outputs, the original
    made a graph that did not load.)
    """,
    "insert_logging(op=Relu, show_op=true, show_name=true, first_n=10)",
    (
        Parameter("op", "text", "an op whose nodes are logged", repeated=True),
        Parameter("prefix", "text", "a beginning of names of nodes to be logged", repeated=True),
        Parameter("message", "text", "text before the values", ""),
        Parameter("show_op", "flag", "print the op, too", "false"),
        Parameter("show_name", "flag", "print the name, too", "false"),
        Parameter("first_n", "integer", "how often it is printed; -1: each time", "-1"),
        Parameter("summarize", "integer", "how many elements of a tensor are printed", "1024"),
    ),
)
