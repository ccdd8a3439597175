"""GT200-GT219: what is left of training in a graph that is meant for inference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphtools.errors import GraphtoolsError
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.front_end import step
from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import producer
from graphtools.graph.variables import OPTIMIZER_UPDATES, VARIABLE_OPS, is_optimizer_slot
from graphtools.idioms import training_batch_norm
from graphtools.idioms.dropout import find as find_dropouts
from graphtools.idioms.dropout import find_in_functions
from graphtools.idioms.training_switch import is_training_switch, keep_probability
from graphtools.idioms.training_switch import training_switch as training_switch_of
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._wording import listed
from graphtools.lint.rules.structure import STRIP
from graphtools.lint.subject import Subject
from graphtools.rewrite.grammar import Step
from graphtools.rewrite.transform import Job
from graphtools.transforms.remove_dropout import take_out
from graphtools.wording import counted

_PIPELINE = re.compile(
    r"Iterator(V2|GetNext.*|FromStringHandle.*|ToStringHandle)?|OneShotIterator|MakeIterator"
    r"|\w*Dataset(V\d)?|(FIFO|PaddingFIFO|RandomShuffle|Priority)?Queue(V2)?"
    r"|Queue(Dequeue|Enqueue|Size|Close|IsClosed)\w*|\w+Reader(V2)?|Reader\w+(V2)?|Barrier\w*"
    r"|RecordInput|Stage|Unstage"
)
_SUMMARY = re.compile(r"(Scalar|Histogram|Image|Audio|Tensor|Merge)Summary(V2)?|Write\w*Summary")
_SAVER = re.compile(r"(Save|Restore)(V2|Slice|Slices)?|MergeV2Checkpoints|ShardedFile(name|spec)")
_PRINTS = ("Print", "PrintV2")


def _matching(subject: Subject, pattern: re.Pattern[str]) -> list[Node]:
    """The nodes whose op fits a pattern, needed or not, in file order."""
    ops = {op for op in subject.ops if pattern.fullmatch(op)}
    return [n for n in subject.graph if n.op in ops] if ops else []


def _leftover(subject: Subject, nodes: Sequence[Node], what: str) -> Iterator[Found]:
    """One finding for nodes of one purpose: a remark if nothing needs them, else a warning."""
    if not nodes:
        return
    live = [n for n in nodes if n.name in subject.live]
    dead = subject.output_nodes and not live
    number = f"{counted(len(nodes), 'node')} ({listed(n.name for n in nodes)})"
    if dead:
        yield Found(nodes[0], f"{what}: {number}, not needed for the outputs", cure=STRIP)
        return
    message = f"{what}: {number}; the outputs depend on {live[0].name!r}"
    yield Found(live[0], message, severity=WARNING, cure="")


@rule("GT201", "unfrozen-variable", ERROR)
def unfrozen_variable(subject: Subject) -> Iterator[Found]:
    """The outputs depend on variables, whose values are not in the graph.

    Why:
        Without its checkpoint such a graph computes nothing: "Attempting to use uninitialized
        value", or the converter says "Please freeze the graph". For TensorFlow itself it is a
        remark only: a checkpoint may be restored.

    Example:
        `graph.pbtxt`, as tf.train.write_graph writes it beside the checkpoints.

    Remedy:
        Put the values of a checkpoint into the graph:
        graphtools freeze GRAPH -o OUT --checkpoint PREFIX
    """
    nodes = list(subject.nodes_of(*sorted(VARIABLE_OPS)))
    if nodes:
        names = listed(n.name for n in nodes)
        message = f"the outputs depend on {counted(len(nodes), 'variable')}: {names}"
        severity = INFO if subject.target == "tensorflow-cpu" else ""
        yield Found(nodes[0], message, subject.unfrozen, severity)
    elif subject.target != "tensorflow-cpu":
        unused = list(subject.nodes_of(*sorted(VARIABLE_OPS), live=False))
        if unused:
            names = listed(n.name for n in unused)
            message = f"{counted(len(unused), 'variable')} that no output needs: {names}"
            remedy = "Strip them (strip_unused_nodes): TensorFlow's converter refuses the graph"
            yield Found(unused[0], message, remedy, WARNING, "strip_unused_nodes")


@rule("GT202", "optimizer", INFO)
def optimizer(subject: Subject) -> Iterator[Found]:
    """An optimizer's slots and updates.

    Why:
        The slots of Adam are twice as large as the weights. If outputs depend on an update, running
        the model changes its weights.

    Example:
        `conv/weights/Adam`, `conv/weights/Adam_1` and ApplyAdam nodes in a graph frozen whole.

    Remedy:
        Strip what the outputs do not need (strip_unused_nodes), or choose outputs before the loss.
    """
    ops = sorted(op for op in subject.ops if op.startswith(OPTIMIZER_UPDATES))
    nodes = list(subject.nodes_of(*ops, live=False))
    nodes += [
        n for n in subject.nodes_of(*sorted(VARIABLE_OPS), "Const", live=False)
        if is_optimizer_slot(n.name)
    ]  # fmt: skip
    yield from _leftover(subject, nodes, "an optimizer")


@rule("GT203", "batch-norm-training", WARNING)
def batch_norm_training(subject: Subject) -> Iterator[Found]:
    """A batch norm that the outputs depend on computes mean and variance of its input.

    Why:
        With is_training=true it normalizes each batch by itself and ignores the moving averages:
        results depend on what else is in the batch, and are poor for a single image. It cannot be
        folded into a convolution. (It is right in nets for style transfer, as instance norm.)

    Example:
        A training graph was frozen: FusedBatchNormV3 with is_training=true, or without the
        attribute, whose default is true; behind a dense layer, a mean and a variance over the
        batch.

    Remedy:
        Build the graph with is_training=False, and freeze that with the same checkpoint.

        graphtools freeze GRAPH -o OUT --inference does that with the training graph and its
        checkpoint: it puts in the moving averages, and takes the branch for inference where a
        placeholder decides. A graph that is frozen already does not have the averages.
    """
    graph = subject.graph
    live = _live_functions(subject)
    names = [n.node.name for n in training_batch_norm.find(graph) if n.node.name in subject.live]
    inner = training_batch_norm.find_in_functions(graph)
    names += [f"{norm.node.name}@{name}" for name, norm in inner if name in live]
    if not names:
        return
    norms = counted(len(names), "batch norm")
    message = f"{norms} for training ({listed(names)}): each batch is normalized by itself"
    placeholders = subject.nodes_of(*sorted(PLACEHOLDERS))
    switches = [n.name for n in placeholders if is_training_switch(graph, n)]
    remedy = ""
    if switches:
        remedy = f"{switches[0]!r} decides about training; to take the branch for inference: "
        remedy += step("freeze", "GRAPH", output="OUT", inference=True)
    elif subject.is_filled:
        remedy = "let it use its moving averages: "
        remedy += step("freeze", "GRAPH", output="OUT", inference=True)
    elif next(iter(subject.nodes_of(*sorted(VARIABLE_OPS))), None) is not None:
        remedy = "freeze it with its moving averages: "
        remedy += step("freeze", "GRAPH", output="OUT", inference=True, checkpoint="PREFIX")
    yield Found(names[0], message, remedy)


@rule("GT204", "dropout", WARNING, cure="remove_dropout", is_safe_cure=False)
def dropout(subject: Subject) -> Iterator[Found]:
    """The outputs depend on dropout.

    Why:
        Results are random, and differ from run to run. Its RandomUniform is slow, and hinders all
        that folds constants.

    Example:
        `dropout/mul = Mul(dropout/div, dropout/Floor)` in a classifier that was frozen from its
        training graph.

    Remedy:
        Freeze the graph for inference (graphtools freeze GRAPH -o OUT --inference), or take
        dropout out of a frozen one: graphtools transform FILE -o OUT --transforms remove_dropout

        The results change by that, as they were random before.
    """
    live = _live_functions(subject)
    found = find_dropouts(subject.graph, None if subject.input_shapes else subject.inference)
    ends = [d.end.name for d in found if d.end.name in subject.live]
    inner = ((d, name) for name, d in find_in_functions(subject.graph) if name in live)
    ends += [f"{d.end.name}@{name}" for d, name in inner]
    if ends:
        message = f"{counted(len(ends), 'dropout')} is active: {listed(ends)}"

        def take(graph: Graph, job: Job) -> None:
            take_out(graph, job, [d.in_copy(graph) for d in found])

        try:
            edits = subject.transformed("remove_dropout", take).report.steps[0].edits
        except GraphtoolsError:  # a graph that no transform takes has other findings
            edits = 0
        yield Found(ends[0], message, cure=None if edits else "")


def _live_functions(subject: Subject) -> set[str]:
    """Names of the functions that the outputs need."""
    library = subject.graph.functions
    if not library:
        return set()
    return called_functions(Graph(subject.live_nodes, functions=library.values()))


@rule("GT205", "input-pipeline", INFO)
def input_pipeline(subject: Subject) -> Iterator[Found]:
    """Queues, readers, iterators and data sets.

    Why:
        A graph that reads its own data cannot be fed; run without its queue runners it waits for
        ever, and the converter has no operator for any of it.

    Example:
        `batch = QueueDequeueManyV2(...)` in front of the first convolution of a training graph.

    Remedy:
        Cut the graph behind the pipeline: name what it delivers as --inputs, and strip_unused_nodes
        makes a placeholder of it.
    """
    nodes = _matching(subject, _PIPELINE)
    fed = [n for n in nodes if n.name in subject.input_nodes]
    if not fed:
        yield from _leftover(subject, nodes, "an input pipeline")
        return
    if {n.name for n in nodes if n.name in subject.live} == {n.name for n in fed}:
        message = (
            f"{fed[0].name!r}, from which the model is fed, is what an input pipeline delivers"
        )
        cure = STRIP if _has_one_output(subject, fed) else ""
        yield Found(fed[0], message, severity=WARNING, cure=cure)


def _has_one_output(subject: Subject, nodes: Sequence[Node]) -> bool:
    return all(len(subject.inference.dtypes(n.name)) == 1 for n in nodes)


@rule("GT206", "summaries", INFO)
def summaries(subject: Subject) -> Iterator[Found]:
    """Nodes that write summaries for TensorBoard.

    Why:
        They cost time and have no operator in TFLite.

    Example:
        `losses/total_loss` with its ScalarSummary in a graph that was frozen whole.

    Remedy:
        Strip what the outputs do not need: strip_unused_nodes.
    """
    yield from _leftover(subject, _matching(subject, _SUMMARY), "summaries")


@rule("GT207", "duplicate-summary-tag", WARNING)
def duplicate_summary_tag(subject: Subject) -> Iterator[Found]:
    """Summaries that are merged have the same tag.

    Why:
        MergeSummary fails when it runs: "Duplicate tag ... found in summary inputs". The training
        stops at its first summary.

    Example:
        Two towers of a multi-GPU graph that both have a ScalarSummary with the tag `loss`.

    Remedy:
        Make the tags differ: put the summaries under different name scopes, or write one of them.
    """
    for merge in subject.nodes_of("MergeSummary", live=False):
        tags: dict[bytes, str] = {}
        for text in merge.data_inputs:
            node = subject.graph.get(producer(text))
            tag_node = subject.source(node, 0) if node is not None and node.op in _TAGGED else None
            tensor = tag_node.tensor if tag_node is not None else None
            values = tensor.strings(64) if tensor is not None else None
            for tag in values or ():
                if node is not None and tags.setdefault(tag, node.name) != node.name:
                    shown = tag.decode("utf-8", "backslashreplace")
                    message = (
                        f"{tags[tag]!r} has the tag {shown!r}, too; {merge.name!r} merges them"
                    )
                    yield Found(node, message)


_TAGGED = frozenset(
    {"ScalarSummary", "HistogramSummary", "ImageSummary", "AudioSummary", "AudioSummaryV2",
     "TensorSummaryV2"}
)  # fmt: skip


@rule("GT208", "assertion", INFO, cure="remove_assertions", is_safe_cure=False)
def assertion(subject: Subject) -> Iterator[Found]:
    """The outputs wait for assertions.

    Why:
        An Assert checks its condition in every run. The converter drops those that only a control
        dependency needs, so that the model computes something where the graph would have failed.

    Example:
        `assert_equal/Assert/Assert`, for which the first layer waits.

    Remedy:
        Take them out, where what they check is known to hold: graphtools transform FILE -o OUT
        --transforms remove_assertions
    """
    nodes = list(subject.nodes_of("Assert"))
    if nodes:
        names = listed(n.name for n in nodes)
        yield Found(nodes[0], f"the outputs wait for {counted(len(nodes), 'assertion')}: {names}")


@rule("GT209", "print", WARNING)
def print_(subject: Subject) -> Iterator[Found]:
    """The outputs depend on nodes that print, or wait for them.

    Why:
        They print in every run. TFLite has no operator for them: not even Select TF ops may be
        what a phone should be sent for that.

    Example:
        `logits = Print(fc/BiasAdd, [fc/BiasAdd])`, left over from a debugging session.

    Remedy:
        Take them out: remove_nodes(op=Print, max_inputs=9), for PrintV2
        remove_assertions(op=PrintV2)
    """
    nodes = list(subject.nodes_of(*_PRINTS))
    if not nodes:
        return
    most = max((len(n.data_inputs) for n in nodes if n.op == "Print"), default=0)
    steps = []
    if most:
        steps.append(Step("remove_nodes", {"op": ["Print"], "max_inputs": [str(most)]}))
    if any(n.op == "PrintV2" for n in nodes):
        steps.append(Step("remove_assertions", {"op": ["PrintV2"]}))
    blocked = any(n.name in subject.output_nodes for n in nodes)
    names = listed(n.name for n in nodes)
    message = f"{counted(len(nodes), 'node')} that print on the way to the outputs: {names}"
    yield Found(nodes[0], message, cure="" if blocked else " ".join(map(str, steps)))


@rule("GT210", "saver", INFO)
def saver(subject: Subject) -> Iterator[Found]:
    """Nodes that save and restore variables.

    Why:
        In a frozen graph there is nothing to save, and the saver's nodes look like inputs and
        outputs.

    Example:
        `save/SaveV2`, `save/RestoreV2` and the placeholder `save/Const`.

    Remedy:
        Strip what the outputs do not need: strip_unused_nodes.
    """
    yield from _leftover(subject, _matching(subject, _SAVER), "a saver")


@rule("GT211", "numeric-check", INFO, cure="remove_nodes(op=CheckNumerics)")
def numeric_check(subject: Subject) -> Iterator[Found]:
    """The outputs depend on nodes that look for NaN and infinity.

    Why:
        CheckNumerics looks at every element in every run and fails where it finds one; the
        converter drops it.

    Example:
        `CheckNumerics(logits)` from tf.add_check_numerics_ops or
        tf.debugging.enable_check_numerics.

    Remedy:
        Take them out: remove_nodes(op=CheckNumerics)
    """
    nodes = [n for n in subject.nodes_of("CheckNumerics") if n.name not in subject.output_nodes]
    if nodes:
        names = listed(n.name for n in nodes)
        yield Found(nodes[0], f"{counted(len(nodes), 'node')} check for NaN and infinity: {names}")


@rule("GT212", "training-switch", WARNING, is_safe_cure=False)
def training_switch(subject: Subject) -> Iterator[Found]:
    """The outputs depend on a placeholder that tells whether the model is trained.

    Why:
        It has to be fed in each run, and fed wrongly the results are those of training. In TFLite
        it is one more input, with batch norms and dropouts for both cases behind it.

    Example:
        `phase_train` (bool) or `keep_prob` (float) in a FaceNet or a VGG.

    Remedy:
        Make it a constant with the transform placeholder_to_const, which takes its name and the
        value for inference.
    """
    for node in subject.nodes_of(*sorted(PLACEHOLDERS)):
        switch = training_switch_of(subject.graph, node) or keep_probability(subject.graph, node)
        if switch is None or switch.stands_off or node.name in subject.output_nodes:
            continue
        kind = subject.dtype(node.name)
        name = kind.base.name if kind is not None else ""
        value = str(bool(switch.off)) if name == "bool" else str(switch.off)
        named = subject.has_given_inputs and node.name in subject.input_nodes
        cure = ""
        if subject.dims(node.name) in (None, ()) and not named:
            cure = str(Step("placeholder_to_const", {"value": [f"{node.name}={value}"]}))
        remedy = "make it a constant: " + step("transform", "FILE", output="OUT", spec=cure)
        message = f"the model has the input {node.name!r} ({name})"
        yield Found(node, message, remedy if cure else "", cure=cure)
