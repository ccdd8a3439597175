"""GT120-GT129: what a graph takes and gives, what nothing needs, and what wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.analysis.producers import describe_producer
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.front_end import param
from graphtools.graph.ref import producer
from graphtools.graph.shape import Shape
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._wording import listed
from graphtools.lint.rules.structure import STRIP, found_defects
from graphtools.lint.subject import Subject
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.prune import lost_table_fillers
from graphtools.wording import counted

#: Newest GraphDef version that TensorFlow 2.21 understands as a least consumer.
_NEWEST_CONSUMER = 12
#: Ops that Python has written since a GraphDef version and not before.
_SINCE = {
    "FusedBatchNormV3": 27,
    "BatchMatMulV2": 27,
    "SelectV2": 30,
    "NonMaxSuppressionV5": 30,
    "MatrixDiagV3": 30,
    "Einsum": 30,
    "BatchMatMulV3": 30,
}
#: More likely outputs than this are too many to be meant.
_MOST_OUTPUTS = 12


@rule("GT120", "no-sure-inputs", WARNING)
def no_sure_inputs(subject: Subject) -> Iterator[Found]:
    """Nothing in the graph is likely to be its input.

    Why:
        A converter has to be told what is fed; what is taken by mistake gives a model that computes
        a constant, or "Invalid tensors '...' were found".

    Example:
        A graph whose placeholder was replaced by an input pipeline, or folded into a constant.

    Remedy:
        Name the inputs: --inputs NAME. `graphtools io FILE` ranks the candidates.
    """
    if subject.has_given_inputs or subject.inputs or not len(subject.graph):
        return
    candidates = [c.name for c in subject.ends.inputs]
    message = "no input is likely: the graph has no placeholder that leads to an output"
    if candidates:
        message = f"no input is likely; the best candidates are {listed(candidates)}"
    yield Found(None, message)


@rule("GT121", "no-sure-outputs", WARNING)
def no_sure_outputs(subject: Subject) -> Iterator[Found]:
    """Nothing in the graph is likely to be its output, or too much is.

    Why:
        All other rules look at what the outputs need. Where these are not sure, a training graph's
        leftovers count as part of the model, or parts of the model as leftovers.

    Example:
        A training graph with a hundred nodes that nothing reads, none of them named.

    Remedy:
        Name the outputs: --outputs NAME,NAME. `graphtools io FILE` ranks the candidates.
    """
    if subject.has_given_outputs:
        return
    if not len(subject.graph):
        yield Found(None, "the graph has no nodes", "Look whether the right file was written")
    elif not subject.outputs:
        candidates = [c.name for c in subject.ends.outputs]
        best = f"; the best candidates are {listed(candidates)}" if candidates else ""
        yield Found(None, f"no output is likely{best}")
    elif len(subject.outputs) > _MOST_OUTPUTS:
        message = f"{len(subject.outputs)} tensors may be outputs: {listed(subject.outputs)}"
        yield Found(None, message)


@rule("GT122", "unused-nodes", INFO, cure=STRIP)
def unused_nodes(subject: Subject) -> Iterator[Found]:
    """Nodes that the outputs do not need.

    Why:
        They make the file larger, TensorFlow checks them when the graph is loaded, and one of them
        can make that fail. The converter leaves them out.

    Example:
        A saver, summaries and the losses in a graph that was frozen with all of its nodes.

    Remedy:
        Take them away with strip_unused_nodes, if the outputs are the right ones.
    """
    if not subject.output_nodes:
        return
    dead = [n.name for n in subject.graph if not _is_needed(subject, n.name)]
    if not dead:
        return
    message = f"{counted(len(dead), 'node')} of {len(subject.graph):,} are not needed for"
    message = f"{message} {listed(subject.outputs, 2)}: {listed(dead)}"
    if lost_table_fillers(subject.graph, set(subject.live)):
        remedy = "Name the nodes that fill look-up tables among the outputs, then strip the rest"
        yield Found(dead[0], message, remedy, cure="")
    else:
        yield Found(dead[0], message)


def _is_needed(subject: Subject, name: str) -> bool:
    return name in subject.live or name in subject.input_nodes


@rule("GT123", "op-too-old-for-producer", ERROR)
def op_too_old_for_producer(subject: Subject) -> Iterator[Found]:
    """The graph says that it is of a version in which an op of it was removed already.

    Why:
        TensorFlow goes by the version in the file and refuses the graph: "Op ... is not available
        in GraphDef version N. It has been removed in version M." Mostly parts of graphs of
        several versions were joined, or a tool has set the version anew.

    Example:
        A BatchNormWithGlobalNormalization (removed in version 9) in a graph of version 134.

    Remedy:
        Replace the op by what the message advises, or give the graph back its own version:
        Graph.set_versions in Python.

        For BatchNormWithGlobalNormalization, fold_old_batch_norms does it.
    """
    version = subject.graph.versions.producer
    by_op: dict[str, list[str]] = {}
    for node in subject.graph:
        definition = op_definition(node.op)
        if definition is not None and 0 < definition.deprecated_since <= version:
            by_op.setdefault(node.op, []).append(node.name)
    for op, names in by_op.items():
        definition = op_definition(op)
        assert definition is not None
        message = (
            f"{op} was removed in GraphDef version {definition.deprecated_since}, and the graph "
            f"is of version {version} ({counted(len(names), 'node')}): {definition.deprecation}"
        )
        yield Found(names[0], message.rstrip(": "))


@rule("GT124", "mixed-versions", INFO)
def mixed_versions(subject: Subject) -> Iterator[Found]:
    """What the graph says of the TensorFlow that wrote it cannot be, or changes its meaning.

    Why:
        TensorFlow goes by this version when it decides what an op does and which ops there are. A
        graph without one, as TensorFlow 1.x freezes it, is treated as one of the first TensorFlow:
        a placeholder of shape [] then is one of unknown shape.

    Example:
        FusedBatchNormV3 in a graph with the version of a TensorFlow that did not have it, or a
        scalar `keep_prob` in a graph of version 0.

    Remedy:
        Write the graph again with the tool that made it; graphtools keeps the version through all
        transforms.
    """
    versions = subject.graph.versions
    if versions.min_consumer > _NEWEST_CONSUMER:
        message = f"it asks for a TensorFlow of GraphDef version {versions.min_consumer} at least"
        yield Found(None, message, "Use the TensorFlow that wrote it", ERROR)
    if not len(subject.graph):
        return
    if not versions.producer:
        yield from _scalars_without_version(subject)
        return
    newer = [n for op, since in _SINCE.items() if versions.producer < since
             for n in subject.nodes_of(op, live=False)]  # fmt: skip
    if newer:
        told = describe_producer(versions.producer)
        message = (
            f"GraphDef version {versions.producer} ({told}) did not have {newer[0].op}: graphs of "
            "several versions were joined"
        )
        yield Found(newer[0], message)


@rule("GT126", "above-2gb", ERROR)
def above_2gb(subject: Subject) -> Iterator[Found]:
    """The graph has more bytes than protobuf reads in a message.

    Why:
        TensorFlow does not read the file: "Error parsing message", or "GraphDef cannot be larger
        than 2GB". A converter gets the weights as constants of the graph and meets the same limit.

    Example:
        A frozen graph with an embedding of 600 million floats.

    Remedy:
        Keep the weights in a checkpoint or SavedModel, from which TensorFlow runs the model, or
        make them smaller: graphtools transform FILE -o OUT --transforms quantize_weights
    """
    for found in found_defects(subject, "too-large"):
        yield found._replace(node=None, cure="")


def _scalars_without_version(subject: Subject) -> Iterator[Found]:
    """Placeholders for scalars, in a graph that does not say what wrote it."""
    scalars = [
        n for n in subject.nodes_of("Placeholder")
        if isinstance(shape := n.attr("shape"), Shape)
        and shape.dims == ()
        and not any(producer(name) == n.name for name in subject.input_shapes)
    ]  # fmt: skip
    if scalars:
        message = (
            "the graph does not say which TensorFlow wrote it, so that the shape [] of "
            f"{listed(n.name for n in scalars)} counts as unknown"
        )
        stated = param(input_shapes={scalars[0].name: list[int]()})
        remedy = f"State the shape of the input: {stated}"
        yield Found(scalars[0], message, remedy)
