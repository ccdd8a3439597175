"""GT100-GT109: what TensorFlow refuses in the structure of a graph."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, WARNING
from graphtools.findings.rule import Found
from graphtools.graph.ref import producer
from graphtools.lint.rules._capped import capped
from graphtools.lint.rules._guarded import has_broken_names
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.rules._wording import together
from graphtools.lint.subject import Subject
from graphtools.lint.tables import rule

#: What takes a part away that the outputs do not need.
STRIP = "strip_unused_nodes"


@per_subject
def _kinds(subject: Subject) -> frozenset[str]:
    """The kinds of defects that there are."""
    return frozenset(defect.kind for defect in subject.defects)


def found_defects(subject: Subject, *kinds: str) -> Iterator[Found]:
    """The findings for the defects of some kinds; what is not refused is a warning."""
    if _kinds(subject).isdisjoint(kinds):
        return
    live = _outlives(subject)
    for defect in subject.defects:
        if defect.kind in kinds:
            cure = (
                STRIP if live is not None and not (defect.function or defect.node in live) else ""
            )
            severity = "" if defect.is_fatal else WARNING
            message = defect.reason or defect.message
            yield Found(defect.place, message, severity=severity, cure=cure, op=defect.op)


def cure_of_dead(subject: Subject, name: str) -> str:
    """The cure of what is wrong with a node: taking it away, if the outputs do not need it."""
    live = _outlives(subject)
    return STRIP if live is not None and name not in live else ""


def _outlives(subject: Subject) -> frozenset[str] | None:
    """Names of the nodes that stay when what outputs do not need goes; None where nothing does."""
    if has_broken_names(subject) or not subject.output_nodes:
        return None
    return subject.live


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
    yield from found_defects(subject, "dangling-input")


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
    for found in found_defects(subject, "duplicate-name"):
        yield found._replace(cure="")  # which of the two is meant is not known


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
    yield from found_defects(subject, "cycle")


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
    yield from found_defects(subject, "bad-name", "no-op", "bad-input")


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
    yield from found_defects(subject, "function-result")


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


@rule("GT107", "lost-colocation", ERROR, cure="drop_lost_colocations")
def lost_colocation(subject: Subject) -> Iterator[Found]:
    """Nodes ask to be placed with a node that is not there.

    Why:
        TensorFlow refuses the graph: "Node '...' expects to be colocated with unknown node '...'".
        In functions it does not look. The conversion drops such entries by itself.

    Example:
        A graph whose variables became constants or were stripped, while the attribute `_class` of
        other nodes still says `loc:@conv/weights`.

    Remedy:
        Drop the entries, which say nothing of what is computed, with drop_lost_colocations, or with
        any other transform: all of them drop such entries.
    """
    found = [d for d in subject.defects if d.kind == "colocation"]
    for group in ([d for d in found if d.is_fatal], [d for d in found if not d.is_fatal]):
        if group:
            first = group[0]
            message = first.message + together([d.place for d in group])
            severity = "" if first.is_fatal else WARNING
            yield Found(first.place, message, severity=severity, op=first.op)
