"""GT900-GT909: what does not run where a TFLite model is meant to run.

What an accelerator takes stands in `compat`: the same limits hold for the rules GT6 and GT7, which
look at a graph before it is converted.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.compat import edge_tpu
from graphtools.compat.placement import BEHIND, OUTSIDE, Placement
from graphtools.compat.tflite_step import is_quantized
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import TFLITE_TARGETS, Found
from graphtools.formats.tflite.model import Operator
from graphtools.formats.tflite.runtimes import first_runtime, missing_kernel
from graphtools.lint.tables import tflite_rule
from graphtools.lint.tflite_rules._grouping import grouped
from graphtools.lint.tflite_subject import TFLiteSubject
from graphtools.wording import counted

_NAMES = {"edgetpu": "the Edge TPU", "gpu": "the GPU"}


@tflite_rule("GT901", "left-to-cpu", WARNING, targets=("edgetpu", "gpu"))
def left_to_cpu(subject: TFLiteSubject) -> Iterator[Found]:
    """An operator that the Edge TPU compiler, or the GPU delegate, does not take.

    Why:
        It runs on the CPU. The values are copied there, and what is behind it often has to stay
        there, too.

    Example:
        RESIZE_BILINEAR from 1 to 33 in a DeepLab for an Edge TPU; an operator whose input is still
        float32.

    Remedy:
        Convert a graph without the operator, or end the model before it and compute the rest in the
        application; graphtools compat FILE --target TARGET lists all of them.

        TFLite_Detection_PostProcess at the end is meant to run on the CPU and is not reported.
    """
    placement = subject.placement
    if placement is None:
        return
    yield from grouped(
        (place.tensor, place.op, place.reason)
        for place in placement.operators
        if place.reason not in ("", BEHIND, OUTSIDE) and place.op not in edge_tpu.ON_CPU
    )


@tflite_rule("GT902", "first-piece-ends", WARNING, targets=("edgetpu", "gpu"))
def first_piece_ends(subject: TFLiteSubject) -> Iterator[Found]:
    """Operators that could run on the accelerator are behind one that cannot.

    Why:
        The Edge TPU compiler maps one piece of the model, the first; of the rest it says "More than
        one subgraph is not supported". The GPU delegate takes the largest piece.

    Example:
        A segmentation net whose first half is mapped, as a RESIZE_BILINEAR stands in its middle.

    Remedy:
        See what is said of the operator where the piece ends; of two outputs the one that is not
        mapped may be moved behind the other.
    """
    placement = subject.placement
    if placement is None or placement.first_left < 0:
        return
    behind = [p for p in placement.operators if p.reason in (BEHIND, OUTSIDE)]
    if not behind:
        return
    end = placement.operators[placement.first_left]
    message = (
        f"the piece that {_NAMES[subject.target]} runs ends here; "
        f"{counted(len(behind), 'operator')} that it has stay on the CPU, too"
    )
    yield Found(end.tensor, message, op=end.op)


@tflite_rule("GT903", "share-on-cpu", INFO, targets=("edgetpu", "gpu"))
def share_on_cpu(subject: TFLiteSubject) -> Iterator[Found]:
    """How much of the model stays on the CPU.

    Why:
        It decides what an accelerator gains: operators without products cost little, a convolution
        that stays behind costs more than all the rest.

    Example:
        90 of 100 million multiply-accumulates are computed on the CPU.

    Remedy:
        Look at the operators that GT901 names.
    """
    placement = subject.placement
    if placement is not None and not placement.is_whole:
        yield Found(None, f"{_NAMES[subject.target]} runs {_share(placement)}")


def _share(placement: Placement) -> str:
    total, left = placement.macs, placement.left_macs
    count = len(placement.operators)
    done = f"{count - placement.left:,} of {count:,} operators"
    if not total:
        return done
    return f"{done} and {100 * (total - left) / total:.1f} % of the multiply-accumulates"


@tflite_rule("GT904", "no-kernel", ERROR, targets=("micro",))
def no_kernel(subject: TFLiteSubject) -> Iterator[Found]:
    """An operator that TFLite Micro does not run.

    Why:
        Its interpreter refuses the model when it is allocated: "Didn't find op for builtin opcode".

    Example:
        NON_MAX_SUPPRESSION_V5, or a fully connected layer with int8 weights and float inputs, as
        dynamic range quantization leaves it.

    Remedy:
        Quantize to full integer, with fixed shapes, and leave the operator out; graphtools compat
        FILE --target micro lists all of them.
    """
    placement = subject.placement
    if placement is not None:
        yield from grouped((p.tensor, p.op, p.reason) for p in placement.operators if p.reason)


@tflite_rule("GT905", "foreign-operator", WARNING, targets=TFLITE_TARGETS - {"micro"})
def foreign_operator(subject: TFLiteSubject) -> Iterator[Found]:
    """An operator for which LiteRT itself has no kernel: a Flex operator, or a custom one.

    Why:
        The interpreter refuses the model ("Encountered unresolved custom op"), unless the
        application links a delegate or registers a kernel.

    Example:
        FlexErf, or a custom operator of MediaPipe's in another application.

    Remedy:
        Link the Flex delegate (tensorflow-lite-select-tf-ops), or register the kernel; or convert
        a graph without it.
    """
    yield from grouped(
        (subject.named_step(step), step.op, f"{step.op}: {missing_kernel(step.operator)}")
        for step in subject.steps()
        if step.operator.is_custom
        and missing_kernel(step.operator)
        and not (step.operator.is_flex and subject.target == "tflite-select")
    )


@tflite_rule("GT906", "too-new", ERROR, targets=TFLITE_TARGETS - {"micro"})
def too_new(subject: TFLiteSubject) -> Iterator[Found]:
    """An operator's version is newer than the runtime that is meant, or than any that is known.

    Why:
        The interpreter refuses the model: "Didn't find op for builtin opcode 'FULLY_CONNECTED'
        version '12'. An older version of this builtin might be supported."

    Example:
        A model of today's converter on a device with TensorFlow Lite 2.5: --runtime 2.5

    Remedy:
        Convert with a TensorFlow that is no newer than the runtime, or update the runtime.
    """
    yield from grouped(
        (subject.named_step(step), step.op, reason)
        for step in subject.steps()
        if (reason := _too_new(subject, step.operator))
    )


def _too_new(subject: TFLiteSubject, operator: Operator) -> str:
    since = first_runtime(operator)
    if subject.runtime is not None and since is not None and since > subject.runtime:
        wanted, meant = (".".join(map(str, v)) for v in (since, subject.runtime))
        return f"{operator.op} version {operator.version} needs runtime {wanted}, not {meant}"
    reason = "" if operator.is_custom else missing_kernel(operator)
    return f"{operator.op}: {reason}" if reason else ""


@tflite_rule("GT907", "edge-tpu-parameters", INFO, targets=("edgetpu",))
def edge_tpu_parameters(subject: TFLiteSubject) -> Iterator[Found]:
    """The parameters of the part that is mapped are larger than the memory on the chip.

    Why:
        About 8 MB of parameters are kept on the Edge TPU. The rest is fetched over USB or PCIe in
        each run, which takes longer than computing with it.

    Example:
        A ResNet-50 with 25 million parameters.

    Remedy:
        Use a smaller network, or compile it in segments for several Edge TPUs.
    """
    placement = subject.placement
    if placement is None:
        return
    mapped = {place.index for place in placement.operators if not place.reason}
    buffers = {
        tensor.buffer: tensor.buffer_bytes
        for operator in subject.operators
        if operator.index in mapped
        for index in operator.inputs
        if index >= 0 and is_quantized(tensor := subject.main.tensors[index])
    }
    total = sum(buffers.values())
    if total > edge_tpu.ON_CHIP:
        size = edge_tpu.ON_CHIP / 1e6
        yield Found(
            None, f"{total / 1e6:,.1f} MB of parameters are mapped, about {size:.0f} MB fit"
        )
