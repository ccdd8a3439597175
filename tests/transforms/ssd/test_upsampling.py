from __future__ import annotations

import numpy as np
import pytest

from graphtools.graph import Graph, Shape
from graphtools.ops.inference import infer_shapes
from graphtools.transforms._ssd.settings import ExportOptions
from graphtools.transforms._ssd.upsampling import replace_upsamplings
from graphtools.transforms.export_ssd import export_ssd
from tests.transforms.graphs import graph
from tests.transforms.numerics import run
from tests.transforms.ssd.variants import IMAGE, POST, RAW, frozen, image

PRODUCT = """
    x = Placeholder dtype=float shape=[1,2,3,4]
    apart = Const value=int32:[1,2,1,3,1,4]
    spread = Reshape(x, apart) T=float Tshape=int32
    one = Const value=float:[[[[[[1]],[[1]]]]]]
    shape = Const value=int32:[1,1,2,1,2,1]
    zero = Const value=float:1
    ones = Fill(shape, zero) T=float index_type=int32
    product = Mul(spread, ones) T=float
    together = Const value=int32:[1,4,6,4]
    up = Reshape(product, together) T=float Tshape=int32
    out = Relu(up) T=float
"""
STACKED = """
    x = Placeholder dtype=float shape=[1,2,3,4]
    wide = Pack(x, x) T=float N=2 axis=3
    high = Pack(wide, wide, wide) T=float N=3 axis=2
    together = Const value=int32:[1,6,6,4]
    up = Reshape(high, together) T=float Tshape=int32
    out = Relu(up) T=float
"""
QUANTIZED = PRODUCT.replace(
    "    up = Reshape(product,",
    "    low = Const value=float:-1\n    top = Const value=float:1\n"
    "    quant = FakeQuantWithMinMaxVars(product, low, top) num_bits=8 narrow_range=false\n"
    "    up = Reshape(quant,",
)


@pytest.mark.parametrize(
    ("text", "size"), [(PRODUCT, [4, 6]), (QUANTIZED, [4, 6]), (STACKED, [6, 6])]
)
def test_upsampling_becomes_resize_nearest_neighbor(text: str, size: list[int]) -> None:
    before = graph(text)
    names = {n.name for n in before}
    assert replace_upsamplings(before, names, infer_shapes(before)) == ["up"]
    node = before["up"]
    assert (node.op, node.inputs[0], node.attr("align_corners")) == (
        "ResizeNearestNeighbor",
        "x",
        False,
    )
    tensor = before[node.inputs[1]].tensor
    assert tensor is not None
    assert tensor.array().tolist() == size
    assert before["out"].inputs == ("up",)


@pytest.mark.parametrize(
    "text",
    [
        PRODUCT.replace("zero = Const value=float:1", "zero = Const value=float:2"),
        PRODUCT.replace("int32:[1,4,6,4]", "int32:[1,4,3,8]"),
        PRODUCT.replace("int32:[1,2,1,3,1,4]", "int32:[1,1,2,1,3,4]"),
        STACKED.replace("axis=3", "axis=2"),
        STACKED.replace("Pack(wide, wide, wide)", "Pack(wide, wide, other)")
        + "other = Pack(x, x) T=float N=2 axis=3",
        STACKED.replace("[1,6,6,4]", "[6,1,6,4]"),
    ],
    ids=["twos", "other shape", "other axes", "one axis", "two sources", "transposed"],
)
def test_what_is_no_upsampling_stays(text: str) -> None:
    before = graph(text)
    assert not replace_upsamplings(before, {n.name for n in before}, infer_shapes(before))


@pytest.mark.tensorflow
@pytest.mark.parametrize("text", [PRODUCT, STACKED])
def test_upsampling_is_the_same_in_tensorflow(text: str) -> None:
    tf = pytest.importorskip("tensorflow")
    before, after = graph(text), graph(text)
    replace_upsamplings(after, {n.name for n in after}, infer_shapes(after))
    feeds = {"x:0": np.random.default_rng(1).normal(size=(1, 2, 3, 4)).astype(np.float32)}
    (expected,), (found,) = (run(tf, g, feeds, ["out:0"]) for g in (before, after))
    np.testing.assert_array_equal(found, expected)


def pyramid() -> Graph:
    """The fixture with its smaller feature map upsampled and added to the larger one."""
    other = frozen()
    by_size = {n.name: n for n in other if n.op == "Relu6"}
    shapes = infer_shapes(other, {"Preprocessor/sub": Shape((1, 32, 32, 3))})
    large, small = (
        [n for n in by_size if shapes.dims(n) == dims][-1]
        for dims in ((1, 8, 8, 16), (1, 4, 4, 16))
    )
    texts = f"""
        fpn/shape = Shape({small}) T=float out_type=int32
        fpn/zero = Const value=int32:[0]
        fpn/one = Const value=int32:[1]
        fpn/batch = StridedSlice(fpn/shape, fpn/zero, fpn/one, fpn/one) T=int32 Index=int32 \
shrink_axis_mask=1 begin_mask=0 end_mask=0 new_axis_mask=0 ellipsis_mask=0
        fpn/single = Const value=int32:1
        fpn/four = Const value=int32:4
        fpn/eight = Const value=int32:8
        fpn/depth = Const value=int32:16
        fpn/apart = Pack(fpn/batch, fpn/four, fpn/single, fpn/four, fpn/single, fpn/depth) \
T=int32 N=6 axis=0
        fpn/spread = Reshape({small}, fpn/apart) T=float Tshape=int32
        fpn/sizes = Const value=int32:[1,1,2,1,2,1]
        fpn/number = Const value=float:1
        fpn/ones = Fill(fpn/sizes, fpn/number) T=float index_type=int32
        fpn/product = Mul(fpn/spread, fpn/ones) T=float
        fpn/together = Pack(fpn/batch, fpn/eight, fpn/eight, fpn/depth) T=int32 N=4 axis=0
        fpn/up = Reshape(fpn/product, fpn/together) T=float Tshape=int32
        fpn/sum = AddV2(fpn/up, {large}) T=float
    """
    for node in graph(texts):
        other.add(node)
    for reader in other.consumers(large):
        if reader.name.startswith("BoxPredictor_0"):
            other.set_inputs(reader, ("fpn/sum" if i == large else i for i in reader.inputs))
    return other


def test_the_network_of_a_feature_pyramid() -> None:
    exported = export_ssd(pyramid())
    assert exported.report.upsamplings == ("fpn/up",)
    assert not {"fpn/spread", "fpn/product", "fpn/ones", "fpn/shape"} & {
        n.name for n in exported.graph
    }


@pytest.mark.tensorflow
def test_the_feature_pyramid_is_the_same_in_tensorflow() -> None:
    tf = pytest.importorskip("tensorflow")
    before = pyramid()
    exported = export_ssd(before, options=ExportOptions(postprocessing_op=False))
    found = run(tf, exported.graph, {f"{IMAGE}:0": image()}, [f"{n}:0" for n in RAW[:2]])
    wanted = ["Squeeze:0", f"{POST}/convert_scores:0"]
    expected = run(tf, before, {"Preprocessor/sub:0": image()}, wanted)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-6)
