"""What a batch norm is, in each form, and what it does to each channel."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools.idioms.batch_norm import BatchNorm, affine, find
from graphtools.rewrite.unfit import Unfit
from tests.arrays import f32
from tests.transforms.graphs import graph
from tests.transforms.numerics import STATISTICS

ONE_OP = {
    "FusedBatchNorm": "bn = {op}(x, scale, offset, mean, variance) epsilon=0.5 is_training=false",
    "FusedBatchNormV2": "bn = {op}(x, scale, offset, mean, variance) epsilon=0.5 is_training=false",
    "FusedBatchNormV3": "bn = {op}(x, scale, offset, mean, variance) epsilon=0.5 is_training=false",
    "BatchNormWithGlobalNormalization": "bn = {op}(x, mean, variance, offset, scale)"
    " variance_epsilon=0.5 scale_after_normalization=true",
}
#: What tf.nn.batch_normalization writes.
UNFUSED = """
    epsilon = Const value=float:0.5
    more = Add(variance, epsilon)
    inverse = Rsqrt(more)
    factor = Mul(inverse, scale)
    product = Mul(x, factor)
    shift = Mul(mean, factor)
    rest = Sub(offset, shift)
    bn = Add(product, rest)
"""
FORMS = [text.format(op=op) for op, text in ONE_OP.items()]
SCALE = f32([2, -1]) / np.sqrt(f32([3.5, 0.75]))


def found(lines: str) -> list[BatchNorm]:
    return list(find(graph(f"x = Placeholder dtype=float\n{STATISTICS}\n{lines}")))


@pytest.mark.parametrize("lines", [*FORMS, UNFUSED], ids=[*ONE_OP, "not fused"])
def test_every_form_has_the_same_parts_and_does_the_same(lines: str) -> None:
    source = graph(f"x = Placeholder dtype=float\n{STATISTICS}\n{lines}")
    (norm,) = find(source)
    assert norm.node.name == "bn"
    assert norm[1:6] == ("x", "scale", "offset", "mean", "variance")
    assert norm.epsilon == (0.5 if norm.node.op != "Add" else "epsilon")
    scale, offset = affine(source, norm).values()
    assert np.allclose(scale, SCALE)
    assert np.allclose(offset, f32([0.5, 3]) - f32([1, -2]) * SCALE)


@pytest.mark.parametrize(
    ("old", "new", "gamma", "beta"),
    [
        ("Add(product, rest)", "AddV2(rest, product)", "scale", "offset"),
        ("Mul(x, factor)", "Mul(factor, x)", "scale", "offset"),
        ("Mul(mean, factor)", "Mul(factor, mean)", "scale", "offset"),
        ("Mul(inverse, scale)", "Mul(scale, inverse)", "scale", "offset"),
        ("Add(variance, epsilon)", "AddV2(epsilon, variance)", "scale", "offset"),
        ("Sub(offset, shift)", "Neg(shift)", "scale", None),
        ("shift = Mul(mean", "minus = Neg(mean)\n rest = Mul(minus", "scale", None),
        ("factor)", "inverse)", None, "offset"),
    ],
)
def test_what_is_not_fused_is_written_in_many_ways(
    old: str, new: str, gamma: str | None, beta: str | None
) -> None:
    lines = UNFUSED.replace("rest = Sub(offset, shift)", "") if "minus" in new else UNFUSED
    assert old in lines
    (norm,) = found(lines.replace(old, new))
    assert (norm.x, norm.gamma, norm.beta, norm.mean) == ("x", gamma, beta, "mean")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Mul(mean, factor)", "Mul(mean, inverse)"),
        ("Sub(offset, shift)", "Sub(shift, offset)"),
        ("Rsqrt(more)", "Sqrt(more)"),
        ("epsilon = Const value=float:0.5", "epsilon = Const value=float:[1,2]"),
    ],
)
def test_what_computes_something_else_is_none(old: str, new: str) -> None:
    assert old in UNFUSED
    assert not found(UNFUSED.replace(old, new))


def test_one_that_trains_has_no_scale_yet() -> None:
    trains = FORMS[0].replace("is_training=false", "")
    source = graph(f"x = Placeholder dtype=float\n{STATISTICS}\n{trains}")
    (norm,) = find(source)
    assert norm.trains
    with pytest.raises(Unfit, match="is_training"):
        affine(source, norm)
