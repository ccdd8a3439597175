"""Layers: convolutions, pooling, products, resizing, recurrent ones."""

from __future__ import annotations

from math import prod

from graphtools.convert.editing.batch import BatchAxis, BatchStep, Unfollowed, batch_rule


@batch_rule(
    *("CONV_2D", "CONV_3D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"),
    *("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE"),
)
def each_image(step: BatchStep) -> None:
    """Each sample by itself; samples stand along the first dimension."""
    step.only(0)
    found = step.axis(0)
    if found is None or found.axis != 0:
        raise Unfollowed("the batch is not its first dimension")
    step.give(found)


@batch_rule("TRANSPOSE_CONV", "CONV_3D_TRANSPOSE")
def transposed(step: BatchStep) -> None:
    """As `each_image`; the output's shape is its first input."""
    step.only(2)
    found = step.axis(2)
    if found is None or found.axis != 0:
        raise Unfollowed("the batch is not its first dimension")
    if step.shape_axis(0) != BatchAxis(0, found.times):
        step.change(0, 0, found.times)
    step.give(found)


@batch_rule("FULLY_CONNECTED")
def fully_connected(step: BatchStep) -> None:
    """All numbers of a sample, or the last dimension only where dimensions are kept."""
    step.only(0)
    found, dims = step.axis(0), step.dims(step.inputs[0])
    width = step.dims(step.inputs[1])[-1]
    if found is None or not found.is_outermost:
        raise Unfollowed("samples do not stand one behind the other")
    if step.editor.option(step.operator, "keep_num_dims", False):
        if found.axis == len(dims) - 1:
            raise Unfollowed("it works along the batch")
        step.give(found)
        return
    if prod(dims[: found.axis]) != 1:
        raise Unfollowed("the batch is not its first dimension")
    rows = prod(dims) // width if width else 0
    if rows % step.before:
        raise Unfollowed(f"it makes {rows} rows of the shape {dims}")
    step.give(BatchAxis(0, rows // step.before))


@batch_rule("BATCH_MATMUL")
def product(step: BatchStep) -> None:
    """Matrices one by one, or the rows of the left one."""
    rank = len(step.dims(step.outputs[0]))
    axes = [
        None if found is None else found._replace(axis=found.axis + rank - len(step.dims(index)))
        for place, index in enumerate(step.inputs)
        for found in [step.axis(place)]
    ]
    left, right = axes
    is_rows = left is not None and left.axis == rank - 2
    if left and is_rows and right is None and not step.editor.option(step.operator, "adj_x", False):
        step.give(left)
        return
    found = left or right
    if found is None:
        raise Unfollowed("it computes with the number of samples")
    if found.axis >= rank - 2 or (left and right and left != right):
        raise Unfollowed("it multiplies along the batch")
    for place, index in enumerate(step.inputs):
        dims = step.dims(index)
        at = found.axis - rank + len(dims)
        if axes[place] is None and at >= 0 and dims[at] != 1:
            raise Unfollowed(f"its input {place} has {dims[at]} in the place of the batch")
    step.give(found)


@batch_rule("UNIDIRECTIONAL_SEQUENCE_LSTM", "UNIDIRECTIONAL_SEQUENCE_RNN")
def sequence(step: BatchStep) -> None:
    """Each sample's sequence; what is kept from run to run has the batch first."""
    step.only(0)
    found = step.axis(0)
    is_time_first = bool(step.editor.option(step.operator, "time_major", False))
    if found is None or found.axis != int(is_time_first):
        raise Unfollowed("the batch is not where it has its samples")
    for index in step.inputs[1:]:
        if index >= 0 and step.editor.tensors[index].get("is_variable"):
            step.give(BatchAxis(0), [index])
    step.give(found)


@batch_rule("SPACE_TO_BATCH_ND")
def space_to_batch(step: BatchStep) -> None:
    """Blocks of each image become images; samples are interleaved then."""
    step.only(0)
    found = step.axis(0)
    if found is None or found.axis != 0 or not found.is_outermost:
        raise Unfollowed("the batch is not its first dimension")
    step.give(BatchAxis(0, found.times * prod(step.constant(1)), is_outermost=False))


@batch_rule("BATCH_TO_SPACE_ND")
def batch_to_space(step: BatchStep) -> None:
    """The inverse of `space_to_batch`."""
    step.only(0)
    found, block = step.axis(0), prod(step.constant(1))
    if found is None or found.axis != 0 or not block or found.times % block:
        raise Unfollowed("the batch is not its first dimension")
    step.give(BatchAxis(0, found.times // block))


@batch_rule("TFLite_Detection_PostProcess")
def detections(step: BatchStep) -> None:
    """Detections of an image."""
    raise Unfollowed(f"{step.op} makes detections of one image only")
