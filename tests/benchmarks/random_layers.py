"""Layers of networks for random graphs, and what surrounds a network that was trained."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.random_maker import Made, Maker, Value
from tests.benchmarks.random_ops import FAMILIES, family

ACTIVATIONS = [
    "Relu",
    "Relu6",
    "Elu",
    "Tanh",
    "Sigmoid",
    "LeakyRelu",
    "Selu",
    "Softplus",
    "Softmax",
]
IMAGE_OPS = """
ResizeBilinear ResizeBilinear ResizeNearestNeighbor ResizeNearestNeighbor ResizeBicubic
ResizeArea CropAndResize AdjustContrastv2 RGBToHSV ExtractImagePatches NonMaxSuppressionV3
NonMaxSuppressionV5 NonMaxSuppressionV2 NonMaxSuppressionV4 DecodeJpeg
""".split()
FAKE_QUANTS = """
FakeQuantWithMinMaxVars FakeQuantWithMinMaxVars FakeQuantWithMinMaxArgs
FakeQuantWithMinMaxVarsPerChannel QuantizeAndDequantizeV2 QuantizeAndDequantizeV3
""".split()


def image(make: Maker) -> Value:
    """A tensor of rank 4, mostly of float32."""
    return make.pick(("float32",) * 6 + ("float16", "float64"), (4,))


@family(4)
def convolution(make: Maker) -> Any:
    """A convolution of any kind."""
    x = image(make)
    depth = (x.dims or (None,))[-1] or 3
    op = make.choice(
        "Conv2D Conv2D Conv2D DepthwiseConv2dNative Conv2DBackpropInput Conv3D Dilation2D".split()
    )
    stride = make.choice([1, 1, 2])
    padding = make.choice(["SAME", "SAME", "VALID"])
    window = {"strides": [1, stride, stride, 1], "padding": padding}
    if op == "Conv3D":
        cube = make.input("float32", [1, 4, 4, 4, 3])
        return make.add(op, [cube, make.weights(2, 2, 2, 3, 2)], strides=[1] * 5, padding=padding)
    if op == "Dilation2D":
        return make.add(op, [x, make.weights(2, 2, depth, kind=x.dtype)], rates=[1] * 4, **window)
    if op == "Conv2DBackpropInput":
        sizes = make.operand([1, 8, 8, depth])
        kernel = make.weights(3, 3, depth, 2, kind=x.dtype)
        grown = make.input(x.dtype, [1, 8 // stride, 8 // stride, 2])
        return make.add(op, [sizes, kernel, grown], strides=window["strides"], padding="SAME")
    layout = "NHWC"
    if make.chance(0.12):
        layout, depth = "NCHW", (x.dims or (1, 3))[1] or 3
        window["strides"] = [1, 1, stride, stride]
    if op[0] == "C" and make.chance(0.15):
        spread = [1, 2, 2, 1] if layout == "NHWC" else [1, 1, 2, 2]
        window.update(dilations=spread, strides=[1] * 4)
    shape = (1 if make.chance(0.3) else 3,) * 2
    groups = 1
    if op == "Conv2D" and depth % 2 == 0 and make.chance(0.1):
        groups = 2
    outs = make.choice([1, 2]) if op[0] == "D" else 4
    if make.chance(0.12):
        kernel = make.input(x.dtype, [*shape, depth // groups, outs])
    else:
        kernel = make.weights(*shape, depth // groups, outs, kind=x.dtype)
    return make.add(op, [x, kernel], data_format=layout, **window)


@family(3)
def pooling(make: Maker) -> Any:
    """A pool."""
    op = make.choice(
        "MaxPool AvgPool MaxPool AvgPool MaxPoolV2 MaxPoolWithArgmax MaxPool3D AvgPool3D".split()
    )
    x = image(make)
    if op.endswith("3D"):
        x = make.input("float32", [1, 4, 4, 4, 3])
        return make.add(op, [x], ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME")
    size, stride = make.choice([2, 3]), make.choice([1, 2])
    if op == "MaxPoolV2":
        sizes = [make.operand([1, size, size, 1]), make.const([1, stride, stride, 1])]
        return make.add(op, [x, *sizes],
                        padding="SAME")  # fmt: skip
    deep = make.chance(0.1)
    layout = {} if op == "MaxPoolWithArgmax" or make.chance(0.88) else {"data_format": "NCHW"}
    ksize, strides = [1, size, size, 1], [1, stride, stride, 1]
    if layout:
        ksize, strides = [1, 1, size, size], [1, 1, stride, stride]
    elif deep:
        ksize = [1, 1, 1, 2]
    return make.add(
        op, [x], ksize=ksize, strides=strides, padding=make.choice(["SAME", "VALID"]), **layout
    )


@family(3)
def normalization(make: Maker) -> Any:
    """Batch norm, bias."""
    x = image(make)
    op = make.choice("FusedBatchNormV3 FusedBatchNorm FusedBatchNormV2 BiasAdd BiasAdd".split())
    layout = {"data_format": "NCHW"} if make.chance(0.1) else {}
    depth = (x.dims or (1,) * 4)[1 if layout else -1] or 3
    if op == "BiasAdd":
        return make.add(op, [x, make.weights(depth, kind=x.dtype)], **layout)
    parts = [make.weights(depth) for _ in range(4)]
    training = make.chance(0.15)
    if training:
        parts = [*parts[:2], make.weights(0), make.weights(0)]
    return make.add(op, [x, *parts], is_training=training, epsilon=0.001, **layout)


@family(4)
def products(make: Maker) -> Any:
    """MatMul, BatchMatMul, Einsum."""
    op = make.choice(
        "MatMul MatMul BatchMatMul BatchMatMulV2 BatchMatMulV2 BatchMatMulV3 Einsum Einsum".split()
    )
    kind = make.choice(["float32"] * 5 + ["float64", "int32", "float16", "complex64"])
    if op == "MatMul":
        x = make.pick((kind,), (2,))
        inner = (x.dims or (1, 3))[-1] or 3
        other = (
            make.weights(inner, 4, kind=kind) if make.chance(0.7) else make.input(kind, [inner, 4])
        )
        if make.chance(0.2):
            return make.add(op, [x, make.weights(4, inner, kind=kind)], transpose_b=True)
        return make.add(op, [x, other])
    rank = make.choice([3, 3, 4, 2, 5])
    left = make.input(kind, [*[2] * (rank - 2), 3, 4])
    if op == "Einsum":
        equation, shape = make.choice([
            ("abc,cd->abd", (4, 5)), ("abc,acd->abd", (2, 4, 5)), ("abc,abd->acd", (2, 3, 5)),
            ("abc,cde->abde", (4, 2, 2)), ("abc,dc->abd", (5, 4)), ("abc->acb", None),
            ("abc->ab", None), ("abc,abc->ab", (2, 3, 4)), ("...c,cd->...d", (4, 5)),
            ("abc,abc->", (2, 3, 4)),
        ])  # fmt: skip
        left = make.input(kind, [2, 3, 4])
        right = (
            []
            if shape is None
            else [make.weights(*shape, kind=kind) if make.chance(0.5) else make.input(kind, shape)]
        )
        return make.add(op, [left, *right], equation=equation)
    dims = [*[2] * (rank - 2), 4, 5]
    right_value = make.weights(*dims, kind=kind) if make.chance(0.4) else make.input(kind, dims)
    extra = {"Tout": kind} if op.endswith("V3") else {}
    if make.chance(0.2):
        swapped = make.input(kind, [*[2] * (rank - 2), 5, 4])
        return make.add(op, [left, swapped], adj_y=True, **extra)
    return make.add(op, [left, right_value], **extra)


@family(3)
def images(make: Maker) -> Any:
    """Resizing, cropping, colours."""
    op = make.choice(IMAGE_OPS)
    if op == "DecodeJpeg":
        return make.add(op, [make.input("string", [])], channels=3)
    if op.startswith("NonMax"):
        boxes = make.input("float32", [6, 4])
        scores = make.input("float32", [6])
        limits = [make.operand(0.5, "float32") for _ in range(3 if op.endswith("5") else 2)]
        if op.endswith("2"):
            limits = limits[:1]
        return make.add(op, [boxes, scores, make.operand(3), *limits])
    x = make.pick(("float32", "float32", "uint8", "float64"), (4,))
    if op.startswith("Resize"):
        flags: dict[str, Any] = {"align_corners": make.chance(0.3)}
        if op != "ResizeArea" and not flags["align_corners"]:
            flags["half_pixel_centers"] = make.chance(0.4)
        return make.add(op, [x, make.operand([8, 8])], **flags)
    if op == "CropAndResize":
        boxes = make.weights(2, 4)
        return make.add(op, [x, boxes, make.const([0, 0]), make.const([4, 4])])
    if op == "AdjustContrastv2":
        return make.add(op, [x, make.const(0.5, "float32")])
    if op == "ExtractImagePatches":
        return make.add(
            op, [x], ksizes=[1, 2, 2, 1], strides=[1, 2, 2, 1], rates=[1] * 4, padding="VALID"
        )
    return make.add(op, [make.input("float32", [1, 4, 4, 3])])


@family(3)
def quantization(make: Maker) -> Any:
    """FakeQuant and its kin."""
    op = make.choice(FAKE_QUANTS)
    x = make.pick(("float32",), (2, 4)) if make.chance(0.8) else make.weights(3, 3, 3, 4)
    if op == "FakeQuantWithMinMaxArgs":
        return make.add(op, [x], min=-1.0, max=1.0, num_bits=make.choice([8, 8, 4]))
    if op.endswith("PerChannel"):
        depth = (x.dims or (3,))[-1] or 3
        return make.add(
            op, [x, make.const([-1.0] * depth, "float32"), make.const([1.0] * depth, "float32")]
        )
    limits = [make.operand(-1.0, "float32"), make.operand(1.0, "float32")]
    if op.endswith("V3"):
        return make.add(op, [x, *limits, make.const(8)])
    return make.add(op, [x, *limits], num_bits=8)


def stack(make: Maker, x: Value, depth: int) -> Value:
    """Layers one behind the other."""
    for _ in range(depth):
        make.pool = [x]
        found = make.choice([convolution, convolution, normalization, pooling, _activation,
                             _activation,
                             quantization, _residual, images])(make)  # fmt: skip
        if found and found[0].rank == 4:
            x = found[0]
    return x


def _activation(make: Maker) -> Any:
    return make.add(make.choice(ACTIVATIONS), [make.pool[-1]])


def _residual(make: Maker) -> Any:
    x = make.pool[-1]
    found = make.add("Relu6", [x])
    return make.add(make.choice(["Add", "AddV2", "Mul"]), [x, found[0]]) if found else []


def attention(make: Maker) -> None:
    """Scores of queries and keys, and the values they weigh."""
    kind = make.choice(["float32"] * 4 + ["float16", "float64"])
    q, k, v = (make.input(kind, [1, 2, 4, 8]) for _ in range(3))
    op = make.choice(["BatchMatMulV2", "BatchMatMul", "Einsum"])
    if op == "Einsum":
        scores = make.add(op, [q, k], equation="bnqd,bnkd->bnqk")
    else:
        scores = make.add(op, [q, k], adj_y=True)
    scaled = make.add("Mul", [scores[0], make.weights(kind=kind)])
    weights = make.add("Softmax", [scaled[0]])
    make.keep(make.add("BatchMatMulV2", [weights[0], v]))


def cell(make: Maker) -> None:
    """Two steps of an LSTM."""
    state = make.input("float32", [1, 4])
    memory = make.input("float32", [1, 4])
    kernel, bias = make.weights(8, 16), make.weights(16)
    for _ in range(2):
        x = make.input("float32", [1, 4])
        joined = make.add("ConcatV2", [x, state, make.const(1)])[0]
        gates = make.add("BiasAdd", [make.add("MatMul", [joined, kernel])[0], bias])[0]
        i, j, f, o = make.add("Split", [make.const(1), gates], num_split=4)
        forget = make.add("Sigmoid", [make.add("AddV2", [f, make.const(1.0, "float32")])[0]])[0]
        fresh = make.add("Mul", [make.add("Sigmoid", [i])[0], make.add("Tanh", [j])[0]])[0]
        memory = make.add("AddV2", [make.add("Mul", [memory, forget])[0], fresh])[0]
        state = make.add("Mul", [make.add("Tanh", [memory])[0], make.add("Sigmoid", [o])[0]])[0]
    make.pool += [state, memory]


def layers(make: Maker) -> Made:
    """A network: images through layers, attention, or cells, and a few ops behind."""
    how = make.choice(["stack", "stack", "stack", "attention", "cell", "preprocessed"])
    if how == "attention":
        attention(make)
    elif how == "cell":
        cell(make)
    else:
        x = make.input(make.choice(["float32"] * 5 + ["float16"]), [1, 8, 8, 3])
        if how == "preprocessed":
            raw = make.input("uint8", [1, 8, 8, 3])
            scaled = make.add(
                "Mul", [make.add("Cast", [raw], DstT="float32")[0], make.const(1 / 255, "float32")]
            )
            x = make.add("Sub", [scaled[0], make.weights(3)])[0]
        x = stack(make, x, make.choice([2, 4, 6, 8]))
        make.pool = [x]
        if make.chance(0.5):
            make.keep(make.add("Mean", [x, make.const([1, 2])], keep_dims=make.chance(0.5)))
    for _ in range(make.choice([0, 1, 2])):
        make.keep(make.choice(FAMILIES)(make))
    return make.finish("layers", how)


def leftovers(make: Maker) -> Made:
    """A graph with what training leaves: asserts, prints, summaries, constant and dead subtrees."""
    x = make.pick(("float32",), (2, 4))
    for _ in range(make.choice([1, 2, 3])):
        found = make.keep(make.choice(FAMILIES)(make))
        x = found or x
    first = ""
    how = make.choice(
        ["assert", "print", "noop", "constant", "dead", "summary", "old print", "random"]
    )
    if how == "assert":
        condition = make.add("Less", [make.const(0.0, "float32"), make.input("float32", [])])[0]
        first = _name(make.add("Assert", [condition, make.const(b"low", "string")])) or _last(make)
    elif how == "print":
        text = make.add("StringFormat", [x], template="{}", placeholder="{}")
        make.add("PrintV2", [text[0]] if text else [make.const(b"x", "string")])
        first = _last(make)
    elif how == "noop":
        make.add("NoOp", [])
        first = _last(make)
    elif how == "summary":
        summary = [make.const(b"tag", "string"), make.input("float32", [])]
        first = _name(make.add("ScalarSummary", summary))
    elif how == "random":
        first = _name(make.add("RandomShuffle", [make.const([1, 2, 3])]))
    elif how == "old print":
        x = make.add("Print", [x, x], message="x")[0]
    elif how == "constant":
        inner = make.weights(2, 2)
        for op in make.random.sample(
            ["Erf", "Erfc", "Exp", "MatrixInverse", "Lgamma", "Rint", "Sinh", "Cholesky"], 3
        ):
            inner = next(iter(make.add(op, [inner])), inner)
        scalar = make.add("Sum", [inner, make.const([0, 1])])[0]
        joined = make.add("Mul", [x, scalar]) if x.dtype == "float32" else []
        x = joined[0] if joined else scalar
    if how == "dead":
        make.add(make.choice(["Erf", "ResizeArea", "Svd", "Erfc"]), [make.pick(("float32",), (4,))])
    end = make.add("Identity", [x], after=first)
    make.keep(end)
    for _ in range(make.choice([0, 1, 2])):
        make.keep(make.choice(FAMILIES)(make))
    return make.finish("leftovers", how)


def _name(values: Any) -> str:
    return str(values[0].ref.partition(":")[0]) if values else ""


def _last(make: Maker) -> str:
    return make.graph.nodes[-1].name
