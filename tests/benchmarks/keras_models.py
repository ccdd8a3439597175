"""Nets of Keras with random weights: those of `keras.applications`, and small ones of all layers.

Needs Keras 3 with TensorFlow. `built` makes one by its name, always with the same weights: what
training would have moved from 0 and 1 (moving averages, scales, offsets) is moved, so that a batch
norm does something.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

L = keras.layers
A = keras.applications
BN = L.BatchNormalization
Make = Callable[[], Any]

_SMALLEST: dict[str, Any] = {"weights": None, "classes": 10, "input_shape": (32, 32, 3)}
_IMAGE_71, _IMAGE_75 = (_SMALLEST | {"input_shape": (n, n, 3)} for n in (71, 75))
APPLICATIONS: dict[str, Make] = {
    "mobilenet": lambda: A.MobileNet(alpha=0.25, **_SMALLEST),
    "mobilenet_v2": lambda: A.MobileNetV2(alpha=0.35, **_SMALLEST),
    "mobilenet_v3_small": lambda: A.MobileNetV3Small(alpha=0.75, **_SMALLEST),
    "mobilenet_v3_large_minimalistic": lambda: A.MobileNetV3Large(
        alpha=0.75, minimalistic=True, **_SMALLEST
    ),
    "efficientnet_b0": lambda: A.EfficientNetB0(**_SMALLEST),
    "efficientnet_v2_b0": lambda: A.EfficientNetV2B0(**_SMALLEST),
    "nasnet_mobile": lambda: A.NASNetMobile(**_SMALLEST),
    "densenet121": lambda: A.DenseNet121(**_SMALLEST),
    "vgg16": lambda: A.VGG16(
        input_shape=(32, 32, 3), include_top=False, pooling="avg", weights=None
    ),
    "resnet50_v2": lambda: A.ResNet50V2(**_SMALLEST),
    "resnet50": lambda: A.ResNet50(**_SMALLEST),
    "xception": lambda: A.Xception(**_IMAGE_71),
    "inception_v3": lambda: A.InceptionV3(**_IMAGE_75),
    "convnext_tiny": lambda: A.ConvNeXtTiny(**_SMALLEST),
    "resnet101": lambda: A.ResNet101(**_SMALLEST),
    "inception_resnet_v2": lambda: A.InceptionResNetV2(**_IMAGE_75),
}
SMALL: dict[str, Make] = {}


def built(name: str) -> Any:
    """The net of a name."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = (APPLICATIONS | SMALL)[name]()
    _move(model)
    return model


def _move(model: Any) -> None:
    """Give plausible values to what starts as 0 or 1 throughout."""
    random = np.random.default_rng(3)
    for weight in model.weights:
        value = weight.numpy()
        if value.dtype.kind != "f" or value.ndim != 1:
            continue
        if "moving_variance" in weight.path:
            weight.assign(random.uniform(0.5, 2, value.shape).astype(value.dtype))
        elif "gamma" in weight.path and "layer_scale" not in weight.path:
            weight.assign(random.uniform(0.6, 1.4, value.shape).astype(value.dtype))
        elif not value.any():
            weight.assign(random.normal(0, 0.1, value.shape).astype(value.dtype))


def _small(make: Make) -> Make:
    SMALL[make.__name__.strip("_")] = make
    return make


def _row(shape: tuple[int, ...], *layers: Any) -> Any:
    start = value = L.Input(shape)
    for layer in layers:
        value = layer(value)
    return keras.Model(start, value)


@_small
def _conv1d() -> Any:
    return _row(
        (16, 3), L.Conv1D(6, 3, use_bias=False), BN(), L.ReLU(),
        L.SeparableConv1D(8, 3, padding="same"), BN(), L.LeakyReLU(), L.MaxPooling1D(2),
        L.Conv1DTranspose(4, 3, strides=2), BN(), L.GlobalMaxPooling1D(), L.Dense(3),
    )  # fmt: skip


@_small
def _conv2d() -> Any:
    return _row(
        (16, 16, 3), L.Conv2D(6, 3, dilation_rate=2), BN(), L.PReLU(shared_axes=[1, 2]),
        L.SeparableConv2D(8, 3), BN(scale=False), L.ELU(), L.Conv2D(8, 3, groups=2),
        BN(center=False), L.AveragePooling2D(2, padding="same"), L.Flatten(),
        L.Dense(4, activation="softmax"),
    )  # fmt: skip


@_small
def _conv2d_transpose() -> Any:
    return _row(
        (6, 6, 2), L.Conv2DTranspose(4, 3, strides=2, padding="same"), BN(), L.ReLU(6.0),
        L.Conv2DTranspose(3, 2, use_bias=False), BN(), L.ZeroPadding2D(1),
        L.Cropping2D(((1, 0), (0, 1))), L.UpSampling2D(2), L.GlobalAveragePooling2D(),
    )  # fmt: skip


@_small
def _conv3d() -> Any:
    return _row(
        (6, 8, 8, 2), L.Conv3D(4, 3, padding="same"), BN(), L.ReLU(), L.MaxPooling3D(2),
        L.Conv3DTranspose(3, 2, strides=2), BN(), L.AveragePooling3D(2), L.Flatten(), L.Dense(2),
    )  # fmt: skip


@_small
def _depthwise2d() -> Any:
    return _row(
        (12, 12, 4), L.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), BN(), L.ReLU(6.0),
        L.DepthwiseConv2D(3, strides=2, padding="same"), BN(), L.Activation("hard_swish"),
        L.Conv2D(4, 1), BN(), L.SpatialDropout2D(0.2), L.GlobalMaxPooling2D(keepdims=True),
        L.Conv2D(2, 1, activation="sigmoid"), L.Flatten(),
    )  # fmt: skip


@_small
def _depthwise1d() -> Any:
    return _row(
        (12, 4), L.DepthwiseConv1D(3, use_bias=False), BN(), L.ReLU(),
        L.Conv1D(6, 3, strides=2, padding="same"), BN(), L.GlobalAveragePooling1D(), L.Dense(2),
    )  # fmt: skip


@_small
def _residual() -> Any:
    start = L.Input((16, 16, 3))
    stem = BN()(L.Conv2D(8, 3, padding="same", use_bias=False)(BN()(start)))
    x = BN()(L.Conv2D(8, 3, padding="same")(L.ReLU()(stem)))
    x = L.ReLU()(BN()(L.Add()([x, stem])))
    x = BN()(L.Concatenate()([L.Conv2D(4, 1)(x), L.Conv2D(4, 3, padding="same")(x)]))
    shared = L.Conv2D(4, 1)
    one, two = BN()(shared(x)), BN()(shared(L.ReLU()(x)))
    head = L.Dense(3)(L.GlobalAveragePooling2D()(one))
    return keras.Model(start, {"head": head, "map": two})


@_small
def _dense() -> Any:
    start = L.Input((12,))
    x = BN()(L.Dense(8, use_bias=False)(start))
    x = L.Dropout(0.3)(L.Activation("swish")(x))
    y = L.AlphaDropout(0.1)(L.Dense(8, activation="selu")(start))
    z = L.Dense(8, activation="mish")(L.GaussianNoise(0.1)(start))
    merged = [
        L.Add()([x, y]), L.Subtract()([x, y]), L.Multiply()([y, z]), L.Average()([x, y, z]),
        L.Maximum()([x, z]), L.Minimum()([x, y]),
    ]  # fmt: skip
    return keras.Model(start, L.Dense(3, activation="sigmoid")(L.Concatenate()(merged)))


@_small
def _dot() -> Any:
    a, b = L.Input((5, 4), name="a"), L.Input((5, 4), name="b")
    found = L.Flatten()(L.Softmax()(L.Dot(axes=2)([a, b])))
    return keras.Model([a, b], L.Dense(2)(found))


@_small
def _norms() -> Any:
    return _row(
        (8, 8, 4), L.Conv2D(8, 3), L.LayerNormalization(), L.GroupNormalization(4),
        L.UnitNormalization(), L.SpectralNormalization(L.Conv2D(4, 1)), L.RMSNormalization(),
        L.GlobalAveragePooling2D(),
    )  # fmt: skip


@_small
def _attention() -> Any:
    q, v = L.Input((6, 8), name="q"), L.Input((5, 8), name="v")
    found = [
        L.MultiHeadAttention(2, 4)(q, v), L.Attention(use_scale=True)([q, v]),
        L.AdditiveAttention()([q, v]), L.GroupQueryAttention(4, 4, 2)(q, v),
    ]  # fmt: skip
    return keras.Model([q, v], L.LayerNormalization()(L.Add()(found)))


@_small
def _einsum() -> Any:
    return _row(
        (5, 6),
        L.EinsumDense("abc,cd->abd", output_shape=(5, 7), bias_axes="d", activation="softplus"),
        L.EinsumDense("abc,cde->abde", output_shape=(5, 2, 3)), L.Activation("hard_sigmoid"),
        L.Flatten(), L.Dense(3, activation="log_softmax"),
    )  # fmt: skip


@_small
def _lstm() -> Any:
    return _row(
        (6, 4), L.Masking(0.0), L.LSTM(5, return_sequences=True),
        L.TimeDistributed(L.Dense(3, activation="tanh")), L.LSTM(4, go_backwards=True), L.Dense(2),

    )  # fmt: skip


@_small
def _gru() -> Any:
    return _row((6, 4), L.GRU(5, return_sequences=True), L.Bidirectional(L.GRU(3)), L.Dense(2))


@_small
def _rnn() -> Any:
    stacked = L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True)
    return _row((5, 4), stacked, L.SimpleRNN(4), L.Dense(2))


@_small
def _conv_lstm() -> Any:
    return _row(
        (3, 6, 6, 2), L.ConvLSTM2D(3, 3, return_sequences=True), L.TimeDistributed(L.Conv2D(2, 3)),
        BN(), L.GlobalAveragePooling3D(),
    )  # fmt: skip


@_small
def _embedding() -> Any:
    words = L.Input((7,), dtype="int32", name="words")
    user = L.Input((1,), dtype="int32", name="user")
    x = L.Conv1D(6, 3, padding="causal", activation="relu")(L.Embedding(30, 8)(words))
    x = L.Concatenate()([L.GlobalAveragePooling1D()(x), L.Flatten()(L.Embedding(10, 4)(user))])
    return keras.Model([words, user], L.Dense(1)(x))


@_small
def _images() -> Any:
    start = L.Input((20, 20, 3), dtype="uint8")
    scaled = L.Normalization(mean=[0.4, 0.5, 0.3], variance=[0.04, 0.05, 0.06])(
        L.Rescaling(1 / 255.0)(start)
    )
    x = L.Conv2D(4, 3, strides=2)(L.Resizing(12, 12)(L.CenterCrop(16, 16)(scaled)))
    return keras.Model(start, L.Dense(2)(L.Flatten()(x)))


@_small
def _categories() -> Any:
    age, kind = L.Input((1,), name="age"), L.Input((1,), dtype="int32", name="kind")
    x = L.CategoryEncoding(num_tokens=5, output_mode="multi_hot")(kind)
    y = L.Flatten()(L.Embedding(4, 3)(L.Discretization(bin_boundaries=[10.0, 20.0, 40.0])(age)))
    return keras.Model([age, kind], L.Dense(2)(L.Concatenate()([x, y])))


@_small
def _shapes() -> Any:
    return _row(
        (4, 6), L.Reshape((6, 4, 1)), L.Permute((2, 1, 3)), L.ZeroPadding2D(1),
        L.Conv2D(3, 3, activation="gelu"), L.Reshape((-1, 3)), L.Cropping1D(1), L.ZeroPadding1D(2),
        L.UpSampling1D(2), L.AveragePooling1D(2), L.Flatten(), L.RepeatVector(3), L.Dense(2),
    )  # fmt: skip
