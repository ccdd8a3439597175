"""quantize_training, and the same on a .meta file with its checkpoint."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.errors import FileProblem, InvalidValue
from graphtools.formats import save
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.metagraph_writing import MetaChanges, VariableEntry
from graphtools.front_end import step
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.idioms import training_switch
from graphtools.idioms.loss import likely_losses
from graphtools.idioms.variables import graph_variables
from graphtools.ops.inference import infer_shapes
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms._quantized_graph import (
    QuantizationOptions,
    QuantizationReport,
    QuantizedGraph,
)
from graphtools.transforms._quantizing import quantize
from graphtools.transforms._training_part import without_training
from graphtools.wording import and_more

if TYPE_CHECKING:
    from graphtools.formats.tensor_bundle_writing import NewTensor

_UPDATES = "update_ops"
#: How many samples the lines of Python feed at once where the graph leaves it open.
_BATCH = 8


@dataclasses.dataclass(frozen=True)
class TrainingReport:
    """A .meta file with which a model is trained for few bits.

    Attributes:
        source: The file that it was made of.
        target: The file.
        checkpoint: Prefix of the checkpoint that was written beside; empty if none was.
        quantization: What was quantized.
        losses: Tensors that are likely to be the loss.
        nodes_before: Number of nodes of the graph that was given.
        nodes_after: Number of nodes of the written one.
        python: Lines of Python that train it.
        notes: Further remarks.
    """

    source: str
    target: str
    checkpoint: str
    quantization: QuantizationReport
    losses: tuple[str, ...]
    nodes_before: int
    nodes_after: int
    python: tuple[str, ...]
    notes: tuple[str, ...] = ()


def quantize_training(
    meta: MetaGraph,
    target: str | os.PathLike[str],
    options: QuantizationOptions | None = None,
    checkpoint: Checkpoint | None = None,
    *,
    as_text: bool | None = None,
) -> TrainingReport:
    """Write a .meta file with which a model goes on being trained, for few bits.

    Args:
        meta: The model with its loss. What trains it is taken off.
        target: The file, which ends in `.meta`.
        options: How it is quantized.
        checkpoint: Values of its variables. A checkpoint with these and with first values of the
            new variables is then written beside the file, under its name without `.meta`.
        as_text: Whether in text format.

    Raises:
        FileProblem: The target is no .meta file, or cannot be written.
        InvalidGraph: Nothing can be quantized.
        InvalidValue: A variable is not in the checkpoint, or of another shape there.

    Example:
        >>> import tempfile
        >>> meta = graphtools.open_model("fixtures/classifier/model.ckpt.meta")
        >>> report = quantize_training(meta, tempfile.mkdtemp() + "/qat.meta")
        >>> report.quantization.layers[0].weights
        'MobilenetV1/MobilenetV1/Conv2d_0/weights_quant'
    """
    path = os.fspath(target)
    if not path.endswith(".meta"):
        raise FileProblem(f"{path} does not end in .meta", "a graph to be trained is a .meta file")
    bare = without_training(meta.graph)
    notes = []
    if bare.optimizer:
        notes.append(
            f"the training part was taken off first: {bare.optimizer:,} nodes of gradients and "
            "optimizer; the loss stays"
        )
    losses = likely_losses(meta.graph) if bare.optimizer else likely_losses(bare.graph)
    done = quantize(bare.graph, options or QuantizationOptions(), (), training=True)
    tensors = _values(done, checkpoint, _saved(meta)) if checkpoint is not None else []
    entries = [VariableEntry(v.name, v.initializer, v.read, v.is_resource) for v in done.variables]
    changes = MetaChanges(variables=entries, without_saver=True)
    remark = save(done.graph, path, as_text=as_text, like=meta, changes=changes)
    notes += [text for text in remark.split("; ") if text and not bare.optimizer]
    prefix = ""
    if checkpoint is not None:
        from graphtools.formats.tensor_bundle_writing import write_bundle

        prefix = path.removesuffix(".meta")
        write_bundle(prefix, tensors)
    return TrainingReport(
        meta.path,
        path,
        prefix,
        done.report,
        tuple(f"{name}:0" for name in losses),
        len(meta.graph),
        len(done.graph),
        tuple(_python(done.graph, path, prefix, losses, _UPDATES in meta.collections)),
        tuple(notes),
    )


def _saved(meta: MetaGraph) -> set[str]:
    """Names of the nodes that are variables which a Saver saves; counters of metrics are not."""
    return {
        name.removesuffix(":0") for name, where in meta.variables.items() if "variables" in where
    }


def _values(done: QuantizedGraph, checkpoint: Checkpoint, saved: set[str]) -> list[NewTensor]:
    """The values of all variables: those of a checkpoint, and the first ones of the new.

    Raises:
        InvalidValue: A variable is not in the checkpoint, or of another type or shape.
    """
    from graphtools.formats.tensor_bundle_writing import NewTensor

    new = {v.name: v for v in done.variables}
    old = [
        v
        for v in graph_variables(done.graph)
        if v.name not in new and (not saved or saved.intersection((v.name, *v.parts)))
    ]
    lost = [v.name for v in old if v.name not in checkpoint]
    if lost:
        raise InvalidValue(
            f"{checkpoint.path} lacks the variable {lost[0]!r}{and_more(len(lost) - 1)}: it is of "
            "another model, or of a part of it",
            f"see what it holds with: {step('variables', checkpoint.path)}",
        )
    for variable in old:
        stored = checkpoint[variable.name]
        differs = None not in (variable.shape.dims or (None,)) and stored.shape != variable.shape
        if differs or (variable.dtype is not None and stored.dtype is not variable.dtype):
            raise InvalidValue(
                f"{variable.name!r} is {stored.dtype} {stored.shape} in {checkpoint.path}, and "
                f"{variable.dtype} {variable.shape} in the graph"
            )
    found = [NewTensor.of_stored(checkpoint[v.name]) for v in old]
    return found + [NewTensor.of_array(v.name, v.value(), v.dtype) for v in new.values()]


def _python(
    graph: Graph, path: str, prefix: str, losses: Sequence[str], has_updates: bool
) -> Iterator[str]:
    """Lines that train a graph in TensorFlow 2."""
    loss = losses[0] if losses else "LOSS"
    yield "import numpy as np, tensorflow as tf"
    yield "v1 = tf.compat.v1; v1.disable_eager_execution()"
    yield f"v1.train.import_meta_graph({path!r})"
    yield f"loss = v1.get_default_graph().get_tensor_by_name('{loss}:0')"
    yield "saver = v1.train.Saver()  # of all but what the optimizer adds"
    optimizer = "v1.train.MomentumOptimizer(0.001, 0.9)"
    if has_updates:
        yield "with tf.control_dependencies(v1.get_collection('update_ops')):"
        yield f"    train = {optimizer}.minimize(loss)"
    else:
        yield f"train = {optimizer}.minimize(loss)"
    feeds = ", ".join(f"'{name}:0': {value}" for name, value in _feeds(graph, losses).items())
    yield f"batches = [{{{feeds}}}]  # yours"
    yield "with v1.Session() as session:"
    yield "    session.run(v1.global_variables_initializer())"
    if prefix:
        yield f"    saver.restore(session, {prefix!r})"
    yield "    for batch in batches:"
    yield "        session.run(train, batch)"
    yield f"    saver.save(session, {path.removesuffix('.meta') + '-trained'!r})"


def _feeds(graph: Graph, losses: Sequence[str]) -> Mapping[str, str]:
    """For each placeholder that the loss needs, an array of its type and shape, in Python."""
    from graphtools.graph.following import ancestors_of

    needed = ancestors_of(graph, losses)
    switches = {switch.node.name: 1 - switch.off for switch in training_switch.find(graph)}
    nodes = [
        n
        for n in graph
        if n.op in PLACEHOLDERS and (n.op != "PlaceholderWithDefault" or n.name in switches)
    ]
    nodes = [n for n in nodes if not losses or n.name in needed]
    shapes = infer_shapes(graph, targets=[n.name for n in nodes])
    found = {}
    for node in nodes:
        kind, dims = node.attr("dtype"), shapes.dims(node.name)
        name = kind.base.name if isinstance(kind, DType) else "float32"
        size = [_BATCH if i == 0 and d is None else 1 if d is None else d
                for i, d in enumerate(dims or ())]  # fmt: skip
        on = switches.get(node.name)
        found[node.name] = f"np.zeros({size}, '{name}')"
        if on is not None:
            found[node.name] = f"np.full({size}, {on}, '{name}')"
    return found


#: What all rewrites of this kind take.
PARAMETERS = (
    Parameter("weight_bits", "integer", "bits of weights", "8"),
    Parameter("activation_bits", "integer", "bits of what layers give", "8"),
    Parameter("symmetric", "flag", "whether ranges reach as far down as up", "false"),
    Parameter("per_channel", "flag", "whether each channel of weights has a range", "false"),
    Parameter("scope", "text", "only what is below this scope", ""),
    Parameter("exclude", "text", "a pattern of the names of layers that stay", repeated=True),
)


def options_of(job: Job) -> QuantizationOptions:
    """How a graph is quantized, by the parameters of a transform."""
    return QuantizationOptions(
        job.integer("weight_bits"),
        job.integer("activation_bits"),
        job.flag("symmetric"),
        job.flag("per_channel"),
        job.integer("quant_delay") if job.given("quant_delay") else 0,
        job.integer("freeze_bn_delay") if job.given("freeze_bn_delay") else None,
        job.text("scope"),
        tuple(job.texts("exclude")),
    )


def tell(job: Job, done: QuantizedGraph) -> None:
    """Note what was left, and what else is to be known."""
    for layer in done.report.left:
        job.skip(layer.name, layer.left)
    for text in done.report.notes:
        job.note(text)
    for output, tensor in done.report.outputs.items():
        job.note(f"{output!r} is given in few bits by {tensor!r}")
    if done.variables:
        job.note(f"{len(done.variables)} new variables hold ranges")


def run(graph: Graph, job: Job) -> None:
    """Put FakeQuants with trained ranges into a graph."""
    outputs = [ref.tensor for ref in job.outputs]
    tell(job, quantize(graph, options_of(job), outputs, training=True))


TRANSFORM = Transform(
    "quantize_training",
    run,
    """Put FakeQuants with trained ranges into a training graph, as tf.contrib.quantize did.

    Batch norms are folded into the weights of their layers; weights and what layers give get
    FakeQuants whose ranges follow the values, in variables with the names that contrib.quantize
    gave them. Apply it to a graph with its loss, before gradients are made.

    Where contrib.quantize was wrong this is right: dilated and biased layers with batch norms,
    transposed convolutions, layers without bias, activations other than Relu, dropouts, batch
    norms with updates in place, gradients of the folded statistics in TensorFlow 2.

    The variables are new: a .meta file wants them in its collection, which the command
    quantize-training sees to.
    """,
    "quantize_training(quant_delay=2000)",
    (
        *PARAMETERS,
        Parameter("quant_delay", "integer", "runs in which ranges are only gathered"),
        Parameter("freeze_bn_delay", "integer", "run from which moving averages are used"),
    ),
    keeps_meaning=False,
)
