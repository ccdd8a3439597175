"""What a batch norm for training is, and which variables are its moving averages."""

from __future__ import annotations

import pytest

from graphtools.idioms import training_batch_norm
from tests.transforms.graphs import graph

#: As tf.layers writes it behind a dense layer.
DENSE = """
    x = Placeholder dtype=float shape=[?,4]
    axes = Const value=int32:{axes}
    bn/mean = Mean(x, axes) T=float Tidx=int32 keep_dims=true
    bn/stop = StopGradient(bn/mean) T=float
    bn/diff = SquaredDifference(x, bn/stop) T=float
    bn/variance = Mean(bn/diff, axes) T=float Tidx=int32 keep_dims=true
    bn/mean_1 = Squeeze(bn/mean) T=float squeeze_dims={{0}}
    bn/variance_1 = Squeeze(bn/variance) T=float squeeze_dims={{0}}
    eps = Const value=float:0.001
    bn/gamma = VariableV2 dtype=float shape=[4]
    bn/gamma/read = Identity(bn/gamma) T=float
    bn/beta = VariableV2 dtype=float shape=[4]
    bn/beta/read = Identity(bn/beta) T=float
    bn/add = AddV2(bn/variance_1, eps) T=float
    bn/rsqrt = Rsqrt(bn/add) T=float
    bn/mul = Mul(bn/rsqrt, bn/gamma/read) T=float
    bn/mul_1 = Mul(x, bn/mul) T=float
    bn/mul_2 = Mul(bn/mean_1, bn/mul) T=float
    bn/sub = Sub(bn/beta/read, bn/mul_2) T=float
    y = AddV2(bn/mul_1, bn/sub) T=float
"""
UPDATES = """
    {0} = VariableV2 dtype=float shape=[4]
    {0}/read = Identity({0}) T=float
    decay = Const value=float:0.01
    up/sub = Sub({0}/read, {2}) T=float
    up/mul = Mul(up/sub, decay) T=float
    up = AssignSub({0}, up/mul) T=float
    {1} = VariableV2 dtype=float shape=[4]
    {1}/read = Identity({1}) T=float
    up_1/sub = Sub({1}/read, {3}) T=float
    up_1/mul = Mul(up_1/sub, decay) T=float
    up_1 = AssignSub({1}, up_1/mul) T=float
"""
FUSED = """
    x = Placeholder dtype=float shape=[?,2,2,4]
    none = Const value=float:[]
    bn/gamma = VariableV2 dtype=float shape=[4]
    bn/gamma/read = Identity(bn/gamma) T=float
    y = FusedBatchNormV3({}, bn/gamma/read, bn/gamma/read, none, none) T=float U=float
"""


@pytest.mark.parametrize("axes", ["[0]", "[-2]"])
def test_a_mean_over_the_batch_is_for_training(axes: str) -> None:
    found = training_batch_norm.find(graph(DENSE.format(axes=axes)))
    assert [(n.node.name, n.mean, n.variance) for n in found] == [
        ("y", "bn/mean_1", "bn/variance_1")
    ]


@pytest.mark.parametrize("axes", ["[1]", "[-1]", "[0,1]"])
def test_others_are_for_inference_too(axes: str) -> None:
    assert not training_batch_norm.find(graph(DENSE.format(axes=axes)))


def test_a_mean_of_squares_is_a_variance() -> None:
    text = (
        DENSE.format(axes="[0]")
        .replace(
            "bn/variance = Mean(bn/diff, axes) T=float Tidx=int32 keep_dims=true",
            "bn/square = Square(x) T=float\n"
            "bn/squares = Mean(bn/square, axes) T=float Tidx=int32 keep_dims=true\n"
            "bn/of_mean = Square(bn/mean) T=float\n"
            "bn/variance = Sub(bn/squares, bn/of_mean) T=float",
        )
        .replace("\n", "\n")
    )
    assert [n.node.name for n in training_batch_norm.find(graph(text))] == ["y"]


def test_moving_statistics_are_those_of_inference() -> None:
    text = DENSE.format(axes="[0]").replace("AddV2(bn/variance_1", "AddV2(moving")
    text = text.replace("Mul(bn/mean_1", "Mul(moving") + "moving = VariableV2 dtype=float shape=[4]"
    assert not training_batch_norm.find(graph(text))


def test_fused_ones_tell_it_but_for_a_reshaped_single_image() -> None:
    assert training_batch_norm.find(graph(FUSED.format("x")))
    dims = "dims = Const value=int32:[1,-1,2,4]\nrow = Reshape(x, dims) T=float Tshape=int32\n"
    assert not training_batch_norm.find(graph(dims + FUSED.format("row")))
    source = graph(FUSED.format("x"))
    source.set_attr(source["y"], "is_training", False)
    assert not training_batch_norm.find(source)


@pytest.mark.parametrize("text", [DENSE.format(axes="[0]"), FUSED.format("x")])
@pytest.mark.parametrize("names", [("bn/moving_mean", "bn/moving_variance"), ("ema/a", "ema/b")])
def test_what_is_updated_from_the_statistics_are_the_averages(
    text: str, names: tuple[str, str]
) -> None:
    statistics = ("bn/mean_1", "bn/variance_1") if "Mean(" in text else ("y:1", "y:2")
    source = graph(text + UPDATES.format(*names, *statistics))
    (norm,) = training_batch_norm.find(source)
    assert training_batch_norm.averages(source, norm) == names


def test_without_updates_names_tell_it() -> None:
    source = graph(DENSE.format(axes="[0]"))
    (norm,) = training_batch_norm.find(source)
    assert training_batch_norm.averages(source, norm) is None
    stored = {"bn/moving_mean", "bn/moving_variance"}
    assert training_batch_norm.averages(source, norm, stored) == (
        "bn/moving_mean",
        "bn/moving_variance",
    )
    assert training_batch_norm.averages(source, norm, {"bn/moving_mean"}) is None
