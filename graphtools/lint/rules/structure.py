"""GT100-GT109: what TensorFlow refuses in the structure of a graph."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.analysis.defects import Defect
from graphtools.findings.finding import ERROR
from graphtools.findings.rule import Found
from graphtools.graph.graph import Graph
from graphtools.graph.order import find_cycle
from graphtools.graph.ref import producer
from graphtools.lint.rules._capped import capped
from graphtools.lint.rules._guarded import has_broken_names
from graphtools.lint.rules._wording import listed
from graphtools.lint.subject import Subject
from graphtools.lint.tables import rule

#: What takes a part away that the outputs do not need.
STRIP = "strip_unused_nodes"
#: Nodes of a cycle that are named.
_SHOWN = 5


def defects_of(subject: Subject, *kinds: str) -> Iterator[tuple[Defect, str]]:
    """The defects of some kinds, each with the name of its node as findings have it."""
    for defect in subject.defects:
        if defect.kind in kinds:
            yield defect, f"{defect.node}@{defect.function}" if defect.function else defect.node


def cure_of_dead(subject: Subject, name: str) -> str:
    """The cure of what is wrong with a node: taking it away, if the outputs do not need it."""
    if has_broken_names(subject):
        return ""
    return STRIP if subject.output_nodes and name not in subject.live else ""


@rule("GT101", "dangling-input", ERROR)
@capped
def dangling_input(subject: Subject) -> Iterator[Found]:
    """An input of a node is not in the graph.

    Why:
        TensorFlow refuses the whole graph when it is imported ("Node ... has input ... which
        is not in the graph" or "... unknown input node"), also if nothing needs the node. So do
        the converter and the Graph Transform Tool.

    Example:
        `head = Relu(conv)` in a graph from which `conv` was deleted by hand, or that was cut in the
        middle of a layer.

    Remedy:
        Cut the original again with strip_unused_nodes, which keeps whatever the outputs need, and
        name as --inputs what is to be fed in place of the part that is missing.

        Where the node itself is not needed, strip_unused_nodes removes it.
    """
    for defect, place in defects_of(subject, "dangling-input"):
        cure = "" if defect.function else cure_of_dead(subject, defect.node)
        yield Found(place, defect.message, cure=cure)


@rule("GT102", "duplicate-name", ERROR)
@capped
def duplicate_name(subject: Subject) -> Iterator[Found]:
    """Several nodes have the same name.

    Why:
        A node is known by its name, so that TensorFlow refuses the graph ("Node name ... already
        exists in the Graph"). Which of the nodes is meant by others cannot be told.

    Example:
        Two GraphDefs that were joined by appending one file to the other both have a node `x`.

    Remedy:
        Import the parts under different scopes: tf.import_graph_def(part, name="second").
    """
    for defect, place in defects_of(subject, "duplicate-name"):
        yield Found(place, defect.message)


@rule("GT103", "cycle", ERROR)
def cycle(subject: Subject) -> Iterator[Found]:
    """Nodes need their own result, and it is no loop. Bodies of functions are looked at, too.

    Why:
        Such nodes can never run. TensorFlow says "... is in a cycle" or waits for ever. Only the
        edge from a NextIteration back to a Merge may close a loop.

    Example:
        `a = AddV2(x, b)` and `b = Relu(a)`, after an input was redirected by hand.

    Remedy:
        Look at the nodes of the cycle and give one of them the input that it had before.
    """
    for defect, place in defects_of(subject, "cycle"):
        yield Found(place, defect.message, cure=cure_of_dead(subject, defect.node))
    for function in subject.graph.functions.values():
        names = find_cycle(Graph(node.copy() for node in function.nodes))
        if names:
            shown = [*names[:_SHOWN], "..."] if len(names) > _SHOWN else names
            way = " -> ".join([*shown, names[0]])
            message = f"a cycle that is not a loop, in the function {function.name!r}: {way}"
            yield Found(f"{names[0]}@{function.name}", message)


@rule("GT104", "invalid-node", ERROR)
@capped
def invalid_node(subject: Subject) -> Iterator[Found]:
    """A node has no op, a name that TensorFlow does not allow, or an input that is no name.

    Why:
        TensorFlow refuses the graph when it is imported: "Node '...': Node name contains invalid
        characters", "Malformed inputs", "Control dependencies must come after regular
        dependencies".

    Example:
        A node called `conv 1`, an input `conv:first`, or a control input `^init` that stands before
        a data input.

    Remedy:
        Write the node again with a valid name (letters, digits, . _ / > -) and its inputs as
        name, name:1 and, behind all others, ^name.
    """
    for defect, place in defects_of(subject, "bad-name", "no-op", "bad-input"):
        cure = "" if defect.function else cure_of_dead(subject, defect.node)
        yield Found(place, defect.message, cure=cure)


@rule("GT105", "function-result", ERROR)
def function_result(subject: Subject) -> Iterator[Found]:
    """A function returns a tensor that its body does not have.

    Why:
        TensorFlow refuses the function, and every graph that calls it: "Return ... missing",
        "... does not have a return value".

    Example:
        A function with `ret { key: "y" value: "mul:z:0" }` from whose body `mul` was stripped.

    Remedy:
        Take the function from the original again: its body must not be stripped by itself.
    """
    for function in subject.graph.functions.values():
        names = {node.name for node in function.nodes} | set(function.inputs)
        missing = [
            f"{result}={tensor}" if tensor else result
            for result, tensor in function.outputs.items()
            if not tensor or producer(tensor) not in names
        ]
        missing += [node for node in function.control_outputs.values() if node not in names]
        if missing:
            message = f"the function {function.name!r} returns what is not there: {listed(missing)}"
            yield Found(f"@{function.name}", message)


@rule("GT106", "signature-tensor", ERROR)
def signature_tensor(subject: Subject) -> Iterator[Found]:
    """A signature names a tensor that the graph does not have, or has with another dtype.

    Why:
        Serving, the converter and saved_model_cli feed and fetch by the signature, and fail with
        "The name ... refers to a Tensor which does not exist".

    Example:
        A SavedModel whose graph was optimized afterwards: the output `logits:0` of
        `serving_default` was folded into another node.

    Remedy:
        Write the SavedModel again from the graph that it now holds, or keep the signature's tensors
        when the graph is changed (--outputs names them).
    """
    for signature in subject.signatures:
        for side, infos in (("input", signature.inputs), ("output", signature.outputs)):
            for info in infos:
                problem = _info_problem(subject, info.name, info.dtype.base.name)
                if problem:
                    message = f"{side} {info.key!r} of the signature {signature.key!r} {problem}"
                    yield Found(producer(info.name), message)


def _info_problem(subject: Subject, name: str, stated: str) -> str:
    """What is wrong with a tensor that a signature names; empty if nothing is."""
    if not name:
        return ""  # a composite tensor, or one that stays open
    node = subject.graph.get(producer(name))
    if node is None:
        return f"is {name!r}, which is not in the graph"
    if has_broken_names(subject):
        return ""
    index = name.rpartition(":")[2]
    dtypes = subject.inference.dtypes(node.name)
    number = int(index) if index.isascii() and index.isdigit() and ":" in name else 0
    if not dtypes:
        return ""
    if number >= len(dtypes):
        return f"is {name!r}, and {node.name!r} has {len(dtypes)} outputs only"
    kind = dtypes[number]
    if kind is not None and kind.base.name != stated:
        return f"is said to be {stated}, and {name!r} is {kind.base.name}"
    return ""
