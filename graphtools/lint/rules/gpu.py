"""GT700-GT709: what the GPU delegate leaves to the CPU."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.compat import gpu_delegate
from graphtools.compat.step import GraphStep
from graphtools.findings.finding import INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.graph.node import Node
from graphtools.lint.rules._computing import by_op, inputs_of_unknown_size
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._quantized import fake_quants
from graphtools.lint.subject import Subject
from graphtools.wording import counted

_GPU = ("gpu",)


@rule("GT701", "gpu-op", WARNING, targets=_GPU)
def gpu_op(subject: Subject) -> Iterator[Found]:
    """An op that the GPU delegate does not run.

    Why:
        It runs on the CPU. Results are copied between GPU and CPU each time, which often takes
        longer than the whole model on the CPU.

    Example:
        SpaceToBatchND around a dilated convolution, or TopKV2 behind the last layer.

    Remedy:
        Replace the op, or name outputs before it and compute the rest in the application.
    """

    def reason(node: Node) -> str:
        known = node.op in gpu_delegate.ON_CPU or gpu_delegate.is_supported(node.op)
        return "" if known else f"the GPU delegate has no {node.op}"

    yield from by_op(subject, reason, "with ops that the GPU delegate does not have")


@rule("GT702", "gpu-limit", WARNING, targets=_GPU)
def gpu_limit(subject: Subject) -> Iterator[Found]:
    """An op that the GPU delegate knows, but not with these attributes, dtypes or shapes.

    Why:
        It runs on the CPU, as an op that is not known at all.

    Example:
        `x[:, 0]`, a StridedSlice with shrink_axis_mask, or a Pad of a matrix.

    Remedy:
        Change the node as the message says, or name outputs before it.
    """

    def reason(node: Node) -> str:
        if not gpu_delegate.is_supported(node.op):
            return ""
        return gpu_delegate.limit(GraphStep(subject.inference, node))

    yield from by_op(subject, reason, "that the GPU delegate does not take so")


@rule("GT703", "gpu-dynamic-shape", WARNING, targets=_GPU)
def gpu_dynamic_shape(subject: Subject) -> Iterator[Found]:
    """An input whose size is not known before the model runs.

    Why:
        The delegate takes no part of a model with tensors of unknown size: "Attempting to use a
        delegate that only supports static-sized tensors with a graph that has dynamic-sized
        tensors". All of it runs on the CPU.

    Example:
        `input` of shape [?,224,224,3], as it was trained.

    Remedy:
        Fix it when you convert, and here: --input-shape NAME=1,224,224,3
    """
    yield from inputs_of_unknown_size(subject)


@rule("GT704", "gpu-fake-quant", INFO, targets=_GPU)
def gpu_fake_quant(subject: Subject) -> Iterator[Found]:
    """A graph that was trained for quantization is to run on a GPU.

    Why:
        The delegate computes in float: it takes eight-bit models, unpacks them, and is no faster
        for it. The rounding costs accuracy for nothing but a smaller file.

    Example:
        A quantization-aware SSD on a phone's GPU.

    Remedy:
        Convert to float16 in place of uint8, from the graph without FakeQuants: graphtools
        transform FILE -o OUT --transforms drop_fake_quant, then graphtools convert FILE -o OUT
        --quantize float16
    """
    found = fake_quants(subject)
    if found:
        message = f"{counted(len(found), 'FakeQuant')}, and the GPU delegate computes in float"
        yield Found(found[0].node, message)
