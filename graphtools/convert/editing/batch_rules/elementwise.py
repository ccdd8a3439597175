"""Operators that make of each number, or each sample, another."""

from __future__ import annotations

from graphtools.convert.editing.batch import BatchAxis, BatchStep, Unfollowed, batch_rule


@batch_rule(
    *("ABS", "CAST", "CEIL", "COS", "DEQUANTIZE", "ELU", "EXP", "FAKE_QUANT", "FLOOR", "GELU"),
    *("HARD_SWISH", "LEAKY_RELU", "LOG", "LOGICAL_NOT", "LOGISTIC", "NEG", "QUANTIZE", "RELU"),
    *("RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE"),
    *("TANH", "ZEROS_LIKE"),
)
def each_number(step: BatchStep) -> None:
    """Each number by itself."""
    found = step.axis(0)
    if found is not None:
        step.give(found)


@batch_rule("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION")
def over_the_last_dimension(step: BatchStep) -> None:
    """Numbers along the last dimension together."""
    found = step.axis(0)
    if found is not None:
        if found.axis == len(step.dims(step.inputs[0])) - 1:
            raise Unfollowed("it works along the batch")
        step.give(found)


@batch_rule(
    *("ADD", "ADD_N", "ATAN2", "BITWISE_XOR", "DIV", "EQUAL", "FLOOR_DIV", "FLOOR_MOD", "GREATER"),
    *("GREATER_EQUAL", "LESS", "LESS_EQUAL", "LOGICAL_AND", "LOGICAL_OR", "MAXIMUM", "MINIMUM"),
    *("MUL", "NOT_EQUAL", "POW", "PRELU", "SELECT", "SELECT_V2", "SQUARED_DIFFERENCE", "SUB"),
)
def broadcast(step: BatchStep) -> None:
    """Numbers at the same place, as far as one of the inputs has only one of them."""
    rank = len(step.dims(step.outputs[0]))
    found: BatchAxis | None = None
    for place, index in enumerate(step.inputs):
        own = step.axis(place)
        if own is None:
            continue
        moved = own._replace(axis=own.axis + rank - len(step.dims(index)))
        if found not in (None, moved):
            raise Unfollowed("its inputs have the batch in different dimensions")
        found = moved
    if found is None:
        raise Unfollowed("it computes with the number of samples")
    for place, index in enumerate(step.inputs):
        dims = step.dims(index)
        at = found.axis - rank + len(dims)
        if step.axis(place) is None and at >= 0 and dims[at] != 1:
            raise Unfollowed(
                f"its input {step.editor.name(index)!r} has {dims[at]} in the place of the batch"
            )
    step.give(found)
