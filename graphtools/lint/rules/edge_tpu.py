"""GT600-GT609: what keeps a graph from running on an Edge TPU as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.compat import edge_tpu
from graphtools.compat.step import GraphStep
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.lint.rules._computing import (
    by_op,
    computing_nodes,
    divides_by_constant,
    inputs_of_unknown_size,
)
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._quantized import fake_quants
from graphtools.lint.rules._wording import listed
from graphtools.lint.subject import Subject
from graphtools.ops.dims import show
from graphtools.wording import counted

_EDGE_TPU = ("edgetpu",)


@rule("GT601", "edge-tpu-op", WARNING, targets=_EDGE_TPU)
def edge_tpu_op(subject: Subject) -> Iterator[Found]:
    """An op that the Edge TPU compiler does not map.

    Why:
        The compiler cuts the model at the first such operator: it and everything behind it run on
        the CPU, which can be slower than the whole model on the CPU.

    Example:
        `LeakyRelu` in a YOLO, or ArgMax at the end of a segmentation net.

    Remedy:
        Replace the op by one of the supported ones, or name outputs before it and compute the rest
        in the application.

        TFLite_Detection_PostProcess is meant to run on the CPU and is not reported.
    """

    def reason(node: Node) -> str:
        known = node.op in edge_tpu.ON_CPU or edge_tpu.is_supported(node.op)
        if known or divides_by_constant(subject, node):
            return ""
        return f"the Edge TPU has no {node.op}"

    yield from by_op(subject, reason, "with ops that the Edge TPU does not have")


@rule("GT602", "edge-tpu-limit", WARNING, targets=_EDGE_TPU)
def edge_tpu_limit(subject: Subject) -> Iterator[Found]:
    """An op that the Edge TPU has, beyond the limits that are documented for it.

    Why:
        The compiler says "Operation is otherwise supported, but not mapped due to some unspecified
        limitation", and cuts the model there.

    Example:
        A Softmax of a [1,64,64,21] tensor, or a StridedSlice with strides of 2.

    Remedy:
        Change the node as the message says, or name outputs before it.
    """
    yield from by_op(
        subject,
        lambda node: edge_tpu.limit(GraphStep(subject.inference, node)),
        "beyond the limits of the Edge TPU",
    )


@rule("GT603", "edge-tpu-dynamic-shape", ERROR, targets=_EDGE_TPU)
def edge_tpu_dynamic_shape(subject: Subject) -> Iterator[Found]:
    """An input whose size is not known when the model is compiled.

    Why:
        The compiler takes tensors of constant sizes only, the batch included: "Attempting to use a
        delegate that only supports static-sized tensors with a graph that has dynamic-sized
        tensors".

    Example:
        `input` of shape [?,224,224,3], as it was trained.

    Remedy:
        Fix it when you convert, and here: --input-shape NAME=1,224,224,3
    """
    yield from inputs_of_unknown_size(subject)


@rule("GT604", "edge-tpu-rank", WARNING, targets=_EDGE_TPU)
def edge_tpu_rank(subject: Subject) -> Iterator[Found]:
    """A tensor has more than three dimensions that are larger than 1.

    Why:
        The Edge TPU knows tensors of one to three dimensions. Of more, all but the last three have
        to be 1: a batch of several images is not possible.

    Example:
        A Reshape to [1,19,19,6,4] in the box predictor of a detector, or a batch of 8.

    Remedy:
        Use a batch of 1, and put dimensions together: [1,2166,4] in place of [1,19,19,6,4].
    """
    found = [
        n
        for n in computing_nodes(subject)
        if any(map(edge_tpu.exceeds_dimensions, subject.inference.shapes(n.name)))
    ]
    found += [
        node
        for name in subject.inputs
        if edge_tpu.exceeds_dimensions(subject.dims(name))
        and (node := subject.graph.get(producer(name))) is not None
    ]
    if found:
        shape = show(subject.inference.dims(found[0].name, 0))
        names = listed(n.name for n in found)
        message = f"{counted(len(found), 'tensor')} of more than 3 dimensions, as {shape}: {names}"
        yield Found(found[0], message)


@rule("GT605", "edge-tpu-float", INFO, targets=_EDGE_TPU)
def edge_tpu_float(subject: Subject) -> Iterator[Found]:
    """The graph has no quantization ranges.

    Why:
        The Edge TPU computes in eight bits only. A graph without FakeQuants has to be quantized
        after training, all of it, which takes calibration data and may cost accuracy.

    Example:
        A MobileNet that was trained in float.

    Remedy:
        Convert it to full integer with some hundred typical inputs: graphtools convert FILE -o OUT
        --quantize int8 --calibrate FOLDER
    """
    if computing_nodes(subject) and not any(not f.of_weights for f in fake_quants(subject)):
        yield Found(None, "no FakeQuant gives a range: it has to be calibrated to full integer")


@rule("GT606", "edge-tpu-memory", INFO, targets=_EDGE_TPU)
def edge_tpu_memory(subject: Subject) -> Iterator[Found]:
    """The parameters are larger than the memory on the chip.

    Why:
        About 8 MB of parameters are kept on the Edge TPU. The rest is fetched over USB or PCIe in
        each run, which takes longer than computing with it.

    Example:
        A ResNet-50 with 25 million parameters.

    Remedy:
        Use a smaller network, or compile it in segments for several Edge TPUs.
    """
    total = 0
    for node in subject.nodes_of("Const"):
        tensor = node.tensor if node.written_size >= 1024 else None
        if tensor is not None and tensor.dtype.is_floating:
            total += tensor.shape.elements or 0
    if total > edge_tpu.ON_CHIP:
        size = edge_tpu.ON_CHIP / 1e6
        message = f"{total / 1e6:,.1f} MB of parameters in eight bits, about {size:.0f} MB fit"
        yield Found(None, message)
