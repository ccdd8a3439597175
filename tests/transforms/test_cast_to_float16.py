"""cast_to_float16: what can computes in half, and inputs and outputs stay as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.formats import load
from graphtools.graph import dtype
from tests.support import FIXTURES
from tests.transforms.graphs import apply, graph, skips, text_of

BEFORE = """
    x = Placeholder dtype=float shape=[?,2]
    w = Const value=float:[[1,2],[3,4]]
    m = MatMul(x, w) T=float transpose_a=false transpose_b=false
    r = Reshape(m, s) T=float Tshape=int32
    s = Const value=int32:[-1,2,1,1]
    size = Const value=int32:[2,2]
    big = ResizeBilinear(r, size) T=float
    y = Relu(big) T=float
"""
AFTER = """
    x = Placeholder dtype=float shape=[?,2]
    m = MatMul(x/to_float16, w/to_float16) T=half transpose_a=false transpose_b=false
    r = Reshape(m, s) T=half Tshape=int32
    s = Const value=int32:[-1,2,1,1]
    size = Const value=int32:[2,2]
    big = ResizeBilinear(r/to_float32, size) T=float
    y/half = Relu(big/to_float16) T=half
    y = Cast(y/half) SrcT=half DstT=float
    x/to_float16 = Cast(x) SrcT=float DstT=half
    w/to_float16 = Const value=half:[[1,2],[3,4]]
    r/to_float32 = Cast(r) SrcT=half DstT=float
    big/to_float16 = Cast(big) SrcT=float DstT=half
"""


def test_casts_stand_where_types_part() -> None:
    done = apply(BEFORE, "cast_to_float16", ["x"], ["y"])
    assert text_of(done.graph) == text_of(graph(AFTER))


def test_a_constant_that_half_cannot_hold_keeps_its_reader_float() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[2]
        large = Const value=float:70000
        small = Const value=float:0.00000001
        a = Add(x, large) T=float
        b = Add(a, small) T=float
        y = Mul(b, b) T=float
        """,
        "cast_to_float16",
        ["x"],
        ["y"],
    )
    kept = skips(done)
    assert "beyond 65504" in kept["a"]
    assert "would be 0" in kept["b"]
    assert done.graph["a"].attr("T") is dtype("float32")
    assert done.graph["y/half"].inputs == ("b/to_float16", "b/to_float16")


@pytest.mark.parametrize(
    "line",
    [
        "y = FusedBatchNorm(x, w, w, w, w) T=float",
        "y = Merge(x, x) T=float N=2",
        "y = Mul(x, x) T=double",
        "y = Identity(x) T=float",  # moves what is float
        "y = OddOp(x) T=float",
    ],
)
def test_what_has_no_half_stays(line: str) -> None:
    before = f"x = Placeholder dtype=float\nw = Const value=float:[1]\n{line}"
    done = apply(before, "cast_to_float16", ["x"], ["y"])
    assert text_of(done.graph) == text_of(graph(before))


def test_boxes_are_chosen_in_float() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[4,4]
        w = Const value=float:zeros[4,4]
        m = MatMul(x, w) T=float transpose_a=false transpose_b=false
        boxes = Mul(m, m) T=float
        scores = Const value=float:[1,2,3,4]
        most = Const value=int32:2
        chosen = NonMaxSuppression(boxes, scores, most) iou_threshold=0.5
        axis = Const value=int32:0
        y = GatherV2(boxes, chosen, axis) Tparams=float Tindices=int32 Taxis=int32
        """,
        "cast_to_float16",
        ["x"],
        ["y"],
    )
    assert done.graph["m"].attr("T") is dtype("float16")
    assert done.graph["boxes"].attr("T") is dtype("float32")


@pytest.mark.tensorflow
def test_the_outputs_are_those_of_float_but_for_rounding(tf: Any) -> None:
    model = load(str(FIXTURES / "classifier/frozen.pb"))
    end = "MobilenetV1/Predictions/Reshape_1"
    done = apply(model, "cast_to_float16", ["input"], [end])
    assert done.graph["MobilenetV1/MobilenetV1/Conv2d_0/Conv2D"].attr("T") is dtype("float16")
    image = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    outputs = []
    for made in (model, done.graph):
        definition = tf.compat.v1.GraphDef.FromString(made.to_bytes())
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            tf.import_graph_def(definition, name="")
            outputs.append(session.run(f"{end}:0", {"input:0": image}))
    assert outputs[1].dtype == np.float32
    np.testing.assert_allclose(outputs[0], outputs[1], atol=5e-3)
