"""What converts to TFLite and is then refused by an interpreter."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.compat.allocation import allocation_problems
from graphtools.ops.inference import infer_shapes
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

OPEN = "x = Placeholder dtype=float shape={}\n"
BLOCK = "y = SpaceToDepth(x) T=float block_size=2"
STACK = "a = Const value=int32:0\ny = ConcatV2(x, x, a) T=float Tidx=int32 N=2"
SIZES = "s = Const value=int32:[4,2]\ny = Reshape(x, s) T=float Tshape=int32"
WEIGHTS = "s = Const value=int32:[1,8,8,3]\nw = Const value=float:zeros[3,3,3,2]\n"
TRANSPOSED = (
    WEIGHTS + 'y = Conv2DBackpropInput(s, w, x) T=float strides={1, 1, 1, 1} padding="SAME"'
)
PADS = "[[0,0],[0,0]]"
BLOCKS = (
    f"b = Const value=int32:[2,2]\np = Const value=int32:{PADS}\n"
    "y = SpaceToBatchND(x, b, p) T=float Tblock_shape=int32 Tpaddings=int32"
)
DILATED = (
    "z = Const value=int32:[[0,0],[0,0]]\n"
    + BLOCKS.replace("y =", "s =")
    + (
        "\nw = Const value=float:zeros[3,3,2,4]\n"
        'k = Conv2D(s, w) T=float strides={1, 1, 1, 1} padding="VALID"\n'
        "d = BatchToSpaceND(k, b, p) T=float Tblock_shape=int32 Tcrops=int32\ny = Relu(d) T=float"
    )
)
SLICE = (
    "b = Const value=int32:[0,0]\ne = Const value=int32:[2,2]\ns = Const value=int32:[1,1]\n"
    "y = StridedSlice(x, b, e, s) T=float Index=int32 shrink_axis_mask=0"
)
BESIDE = (
    "a = Const value=int32:1\nc = Const value=float:zeros[2,4]\n"
    "y = ConcatV2(x, c, a) T=float Tidx=int32 N=2"
)
WINDOW = (
    "w = Const value=float:zeros[3,3,2,4]\n"
    'y = Conv2D(x, w) T=float strides={1, 1, 1, 1} padding="VALID"'
)
PRODUCT = "w = Const value=float:zeros[3,5]\ny = MatMul(x, w) T=float"
POOL = 'y = MaxPool(x) T=float ksize={1, 2, 2, 1} strides={1, 1, 1, 1} padding="VALID"'
PADDED = (
    "i = Const value=int32:1\nn = Shape(x) T=float\n"
    "m = Reshape(n, half) T=int32 Tshape=int32\nhalf = Const value=int32:[1,2]\n"
    "p = ConcatV2(m, row, axis) T=int32 Tidx=int32 N=2\nrow = Const value=int32:[[0,0]]\n"
    "axis = Const value=int32:0\nq = Pad(x, p) T=float Tpaddings=int32\n"
    "c = Const value=float:zeros[7,4]\ny = ConcatV2(q, c, i) T=float Tidx=int32 N=2"
)
PARTS = (
    "b = Const value=int32:[0]\ne = Const value=int32:[1]\n"
    "d = StridedSlice(n, b, e, e) T=int32 Index=int32 shrink_axis_mask=1\n"
    "k = Pack(d, d) T=int32 N=2 axis=0\nm = Reshape(k,"
)
TWICE = (
    "f = Const value=int32:[-1,2]\nr = Reshape(x, f) T=float Tshape=int32\n"
    "s = Const value=int32:[4,4]\ny = Reshape(r, s) T=float Tshape=int32"
)
CASES = [
    ("[1,?,8,2]", WINDOW, "size of its image"),
    ("[1,?,8,2]", WINDOW.replace("VALID", "SAME"), ""),
    ("[?,8,8,2]", WINDOW, ""),
    ("[1,?,?,2]", WINDOW.replace("[3,3,2,4]", "[1,1,2,4]"), ""),
    ("[1,?,8,2]", WINDOW.replace("Conv2D", "DepthwiseConv2dNative"), "size of its image"),
    ("[1,?,8,2]", TRANSPOSED, "size of its image"),
    ("[1,8,8,2]", TRANSPOSED.replace("SAME", "VALID").replace("[1,8,8,3]", "[1,10,10,3]"), ""),
    ("[1,?,1,2]", TRANSPOSED.replace("SAME", "VALID").replace("[1,8,8,3]", "[1,2,3,3]"), "window"),
    ("[?,?]", PRODUCT, "taken for 1"),
    ("[?,3]", PRODUCT, ""),
    ("[3,?]", PRODUCT, ""),
    ("[4,?]", PRODUCT, "taken for 1"),
    ("unknown", POOL, "not known"),
    ("unknown", POOL.replace("2, 2", "1, 1"), ""),
    ("unknown", POOL.replace("MaxPool", "AvgPool"), "not known"),
    ("[?,4]", PADDED, "taken for 1"),
    ("[?,4]", PADDED.replace("m = Reshape(n,", "d = Mul(n, n) T=int32\nm = Reshape(d,"),
     "taken for 1"),
    ("[?,4]", PADDED.replace("m = Reshape(n,", PARTS), ""),
    ("[?,4]", TWICE, "of a constant one"),
    ("[1,1,1,1,1,2,3]", "y = Softmax(x) T=float", "rank 7"),
    ("[1,1,1,1,2,3]", "y = Softmax(x) T=float", ""),
    ("unknown", "y = Softmax(x) T=float", "not known"),
    ("unknown", "y = Relu(x) T=float", ""),
    ("[1,1,1,1,1,2,3]", STACK, "rank 7"),
    ("[?,8,8,1]", BLOCK, ""),
    ("[1,?,?,1]", BLOCK, "taken for 1"),
    ("[?,4]", SIZES, "of a constant one"),
    ("[2,4]", SIZES, ""),
    ("[?,4]", SIZES.replace("[4,2]", "[-1,2]"), ""),
    ("[2,?]", "y = Unpack(x) T=float num=4 axis=1", "it unpacks"),
    ("[?,4]", "y = Unpack(x) T=float num=4 axis=1", ""),
    ("[1,4]", "y = FakeQuantWithMinMaxArgs(x) num_bits=9", "num_bits=9"),
    ("[1,4]", "y = FakeQuantWithMinMaxArgs(x) num_bits=7", ""),
    ("[1,4]", "y = FakeQuantWithMinMaxArgs(x)", ""),
    ("[1,8,8,?]", TRANSPOSED, "channels"),
    ("[1,8,8,2]", TRANSPOSED, ""),
    ("[?,8,8,2]", DILATED, ""),
    ("[?,?,8,2]", DILATED, "taken for 1"),
    ("[1,4,8,8]", BLOCKS.replace("[2,2]", "[1,2,2]").replace(PADS, "[[0,0],[0,0],[0,0]]"),
     "3 entries for 2 spatial"),
    ("[1,?,8,4]", BLOCKS, "taken for 1"),
    ("[1,?,8,4]", BLOCKS.replace(PADS, "[[0,1],[0,0]]"), ""),
    ("[1,?,8,4]", BLOCKS.replace("[2,2]", "[1,2]"), ""),
    ("[4,?,4]", BLOCKS.replace("[2,2]", "[2]").replace(PADS, "[[0,0]]"), "taken for 1"),
    ("unknown", SLICE, "not known"),
    ("unknown", SLICE.replace("shrink_axis_mask=0", "shrink_axis_mask=1"), ""),
    ("unknown", "a = Const value=int32:[1]\ny = Mean(x, a) T=float Tidx=int32", "not known"),
    ("unknown", "a = Const value=int32:[0]\ny = Mean(x, a) T=float Tidx=int32", ""),
    ("[?,4]", BESIDE, "taken for 1"),
    ("[?,4]", BESIDE.replace("zeros[2,4]", "zeros[1,4]"), ""),
    ("[?,4]", BESIDE.replace("a = Const value=int32:1", "a = Const value=int32:0"), ""),
    ("[?,4]", "c = Const value=float:zeros[2,4]\ny = Pack(x, c) T=float N=2 axis=0", "taken for 1"),
    ("[?,4]", "c = Const value=float:zeros[1,4]\ny = Pack(x, c) T=float N=2 axis=0", ""),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "node", "part"), CASES)
def test_problems(shape: str, node: str, part: str) -> None:
    made = graph(OPEN.format(shape) + node)
    found = list(allocation_problems(infer_shapes(made), made.nodes))
    assert bool(found) == bool(part)
    assert all(f.remedy for f in found)
    assert not part or part in found[0].reason


def test_a_shape_that_is_stated_is_not_asked_for_again() -> None:
    for shape, is_asked_for in (("[1,?,8,2]", True), ("[1,4,8,2]", False)):
        made = graph(OPEN.format(shape) + TRANSPOSED)
        (found,) = allocation_problems(infer_shapes(made), made.nodes)
        assert "size of its image" in found.reason
        assert ("--input-shape" in found.remedy) is is_asked_for


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(("shape", "node", "part"), CASES)
def test_an_interpreter_says_the_same(
    shape: str, node: str, part: str, tf: Any, litert: Any
) -> None:
    made = graph(OPEN.format(shape) + node)
    message = tf.compat.v1.GraphDef.FromString(b"".join(map(bytes, made.pieces())))
    message.versions.producer = 2474
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(message, name="")
        with tf.compat.v1.Session(graph=imported) as session:
            ends = [imported.get_tensor_by_name(name) for name in ("x:0", "y:0")]
            converter = tf.compat.v1.lite.TFLiteConverter.from_session(session, ends[:1], ends[1:])
            content = converter.convert()
    if part:
        with pytest.raises(RuntimeError):
            litert.Interpreter(model_content=content).allocate_tensors()
    else:
        litert.Interpreter(model_content=content).allocate_tensors()
