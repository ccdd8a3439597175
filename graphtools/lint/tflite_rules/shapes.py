"""GT920-GT929: shapes of a TFLite model that not every interpreter or delegate takes."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.compat.tflite_step import dims_of
from graphtools.findings.finding import INFO
from graphtools.findings.rule import TFLITE_TARGETS, Found
from graphtools.lint.tables import tflite_rule
from graphtools.lint.tflite_rules._grouping import grouped
from graphtools.lint.tflite_subject import TFLiteSubject
from graphtools.ops.dims import show

_MOST_DIMENSIONS = 4


@tflite_rule("GT921", "dynamic-input", INFO, targets=TFLITE_TARGETS)
def dynamic_input(subject: TFLiteSubject) -> Iterator[Found]:
    """An input whose size may change from run to run.

    Why:
        The size in the file, mostly 1, is taken until the input is resized. The Edge TPU compiler
        and TFLite Micro know that size only, and a delegate has to be applied anew behind it.

    Example:
        `input` with the shape signature [?,224,224,3].

    Remedy:
        Fix the batch when you convert: graphtools convert GRAPH -o OUT --batch 1
    """
    for index in subject.main.inputs:
        tensor = subject.main.tensors[index] if index >= 0 else None
        dims = dims_of(tensor) if tensor is not None else ()
        if tensor is not None and (dims is None or None in dims):
            message = f"the input {tensor.name!r} may change its size: {show(dims)}"
            yield Found(tensor.plain_name, message)


@tflite_rule("GT922", "dynamic-tensor", INFO, targets=TFLITE_TARGETS)
def dynamic_tensor(subject: TFLiteSubject) -> Iterator[Found]:
    """An operator whose output has a size that only the values tell, though all inputs are fixed.

    Why:
        Memory for it is sought in each run, and delegates leave out what has such tensors.

    Example:
        WHERE or NON_MAX_SUPPRESSION_V4, whose output has as many rows as there are hits.

    Remedy:
        Compute what depends on the number of hits in the application, or give the op a fixed
        number, as TFLite_Detection_PostProcess has it.
    """
    fed = (subject.main.tensors[i] for i in subject.main.inputs if i >= 0)
    if any(None in (dims_of(tensor) or (None,)) for tensor in fed):
        return
    yield from grouped(
        (subject.named_step(step), step.op, f"{step.op} gives a size that is not known before")
        for step in subject.steps()
        if not step.operator.is_custom
        and any(dims is not None and None in dims for dims in map(dims_of, step.results))
        and not any(dims is not None and None in dims for dims in step.inputs)
    )


@tflite_rule("GT923", "batch", INFO, targets=("edgetpu", "micro"))
def batch(subject: TFLiteSubject) -> Iterator[Found]:
    """An image input takes more than one image at a time.

    Why:
        The Edge TPU takes a batch of 1 only: tensors have at most three dimensions larger than 1.
        On a microcontroller a batch of several costs memory for nothing.

    Example:
        An input [8,224,224,3].

    Remedy:
        Convert with a batch of 1: graphtools convert GRAPH -o OUT --batch 1
    """
    for index in subject.main.inputs:
        tensor = subject.main.tensors[index] if index >= 0 else None
        dims = dims_of(tensor) if tensor is not None else None
        if tensor is not None and dims and len(dims) == 4 and (dims[0] or 1) > 1:
            yield Found(tensor.plain_name, f"the input {tensor.name!r} has a batch of {dims[0]:,}")


@tflite_rule("GT924", "many-dimensions", INFO, targets=("tflite", "tflite-select", "micro"))
def many_dimensions(subject: TFLiteSubject) -> Iterator[Found]:
    """A tensor that is computed has more than four dimensions.

    Why:
        Delegates take up to four, and some kernels compute in four at most.

    Example:
        A RESHAPE to [1,19,19,6,4] in a detector's box predictor.

    Remedy:
        Put dimensions together in the graph: [1,2166,4].
    """
    yield from grouped(
        (subject.named_step(step), step.op, f"it gives a tensor of {len(dims)} dimensions")
        for step in subject.steps()
        for dims in step.outputs[:1]
        if dims is not None and len(dims) > _MOST_DIMENSIONS and not step.op.startswith("CONV_3D")
    )
