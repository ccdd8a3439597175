"""GT500-GT519: what makes a model larger or slower than it needs to be."""

from __future__ import annotations

import numpy as np

from graphtools.graph import Graph
from tests.lint.graphs import Case
from tests.transforms.graphs import const, graph
from tests.transforms.numerics import CONV, STATISTICS, random, with_constants

X = "x = Placeholder dtype=float shape=[1,8,8,3]\n"
GOOD = X + "y = Relu(x) T=float\n"
NORM = (
    X
    + STATISTICS
    + f"""
    conv = Conv2D(x, w) {CONV}
    y = FusedBatchNormV3(conv, scale, offset, mean, variance) T=float U=float is_training=false
"""
)
PRODUCT = (
    X
    + f"""
    conv = Conv2D(x, w) {CONV}
    s = Const value=float:[2,3]
    y = Mul(conv, s) T=float
"""
)
COMPUTED = PRODUCT.replace("y = Mul(conv, s)", "t = Neg(s) T=float\n    y = Mul(conv, t)")
ATROUS = """
    x = Placeholder dtype=float shape=[1,8,8,3]
    block = Const value=int32:[2,2]
    pads = Const value=int32:[[2,2],[2,2]]
    crops = Const value=int32:[[0,0],[0,0]]
    space = SpaceToBatchND(x, block, pads) T=float Tblock_shape=int32 Tpaddings=int32
    conv = Conv2D(space, w) T=float data_format="NHWC" padding="VALID" strides={1, 1, 1, 1}
    y = BatchToSpaceND(conv, block, crops) T=float Tblock_shape=int32 Tcrops=int32
"""
POOL = """
    x = Placeholder dtype=float shape=[1,3,8,8]
    y = MaxPool(x) T=float data_format="NCHW" padding="SAME" ksize={1, 1, 2, 2} strides={1, 1, 2, 2}
"""
W = random(3, 3, 3, 2)


def _weighted(text: str) -> Graph:
    return with_constants(text, {"w": W})


def _dense(rows: int) -> Graph:
    return with_constants(
        "x = Placeholder dtype=float shape=[1,%d]\ny = MatMul(x, w) T=float" % rows,  # noqa: UP031
        {"w": np.zeros((rows, 1200), np.float32) + 1e-3 * np.arange(1200, dtype=np.float32)},
    )


def _twice(second: float) -> Graph:
    values = random(60, 60)
    return Graph(
        [
            const("a", values),
            const("b", values * second),
            *graph(
                "x = Placeholder dtype=float shape=[1,60]\np = MatMul(x, a) T=float\n"
                "y = MatMul(p, b) T=float"
            ),
        ]
    )


def _doubles(kind: str) -> Graph:
    return Graph(
        [
            const("w", np.arange(900.0).astype(kind)),
            *graph(f"x = Placeholder dtype={kind} shape=[900]\ny = Mul(x, w) T={kind}"),
        ]
    )


CASES = [
    Case("GT501", _dense(1000), _dense(100), "y", says="1.2 of 1.2 million"),
    Case("GT502", _weighted(NORM), GOOD, "y", says="1 batch norm", cured=True),
    Case(
        "GT502",
        _weighted(NORM),
        _weighted(NORM.replace("is_training=false", "is_training=true")),
        "y",
        cured=True,
    ),
    Case("GT502", _weighted(PRODUCT), _weighted(PRODUCT + "z = Relu(conv) T=float"), "y",
         says="1 product", cured=True),
    Case("GT502", _weighted(COMPUTED), _weighted(COMPUTED.replace("(conv,", "(x,")), "y",
         cured=True),
    Case("GT502", _weighted(NORM + "n = NoOp(^w)\nz = Identity(y, ^n) T=float"), GOOD, "y",
         outputs=("z",), says="1 batch norm", cured=True),
    Case("GT502", _weighted(NORM.replace("(conv,", "(biased,") + "b = Const value=float:[1,2]\n"
         "biased = AddV2(b, conv) T=float"), GOOD, "y", says="1 batch norm", cured=True),
    Case("GT502", _weighted(NORM), _weighted(PRODUCT.replace("(conv, s)", "(x, s)")), "y",
         cured=True),
    Case("GT503", _weighted(ATROUS), _weighted(ATROUS.replace("strides={1, 1, 1, 1}",
         "strides={1, 2, 2, 1}")), "y", cured=True),
    Case("GT504", _twice(1), _twice(2), "b", says="there already: 14.", cured=True),
    Case("GT505", _doubles("float64"), _doubles("float32"), "w", says="7.2 kB"),
    Case("GT506", POOL, POOL.replace("NCHW", "NHWC"), "y", says="1 MaxPool in NCHW", cured=True),
    Case("GT506", X.replace("1,8", "1,2,8") + 'y = AvgPool3D(x) T=float data_format="NCDHW" '
         'padding="SAME" ksize={1, 1, 1, 1, 1} strides={1, 1, 1, 1, 1}', GOOD, "y"),
    Case("GT507", X + "a = Identity(x) T=float\nb = Identity(a) T=float\ny = Relu(b) T=float",
         X + "a = Identity(x) T=float\ny = Identity(a) T=float", "b",
         outputs=("y", "a"), cured=True),
    Case("GT508", "x = Placeholder dtype=float shape=[1]\ny = FakeQuantWithMinMaxArgs(x)", GOOD,
         "y"),
    Case("GT509", X + 'y = Relu(x) T=float device="/device:GPU:0"', GOOD, "y",
         says="/device:GPU:0", cured=True),
]  # fmt: skip
