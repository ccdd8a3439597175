from __future__ import annotations

import pytest

from graphtools.analysis.integer_range import integer_range
from graphtools.ops.inference import infer_shapes
from graphtools.verify.feeds import random_feeds
from tests.transforms.graphs import function, graph

TABLE = """
table = Const value=float:zeros[9,3]
zero = Const value=int32:0
one = Const value=int32:1
depth = Const value=int32:7
shape = Const value=int32:[2,2]
x = Placeholder dtype=int32 shape=[2,2]
u = Placeholder dtype=uint8 shape=[2,2]
"""
GATHER = "Taxis=int32 Tindices=int32 Tparams=float batch_dims=0"


@pytest.mark.parametrize(
    ("text", "name", "size", "is_known"),
    [
        (f"y = GatherV2(table, x, zero) {GATHER}", "x", 9, True),
        (f"y = GatherV2(table, x, one) {GATHER}", "x", 3, True),
        ("y = Gather(table, u) Tparams=float Tindices=uint8", "u", 9, True),
        (
            f"c = Cast(u) SrcT=uint8 DstT=int32\nr = Reshape(c, shape) T=int32 Tshape=int32\n"
            f"i = Identity(r) T=int32\ny = GatherV2(table, i, zero) {GATHER}",
            "u",
            9,
            True,
        ),
        ("y = GatherNd(table, x) Tparams=float Tindices=int32", "x", 3, True),
        (
            "y = OneHot(x, depth, f, f) T=float TI=int32 axis=-1\nf = Const value=float:1",
            "x",
            7,
            True,
        ),
        (
            f"p = Pack(x, x) N=2 T=int32 axis=0\ny = GatherV2(table, p, zero) {GATHER}\n"
            "h = OneHot(p, depth, f, f) T=float TI=int32 axis=-1\nf = Const value=float:1",
            "x",
            7,
            True,
        ),
        # any number does: it becomes a float, or is compared
        ("c = Cast(u) SrcT=uint8 DstT=float\ny = Mul(c, c) T=float", "u", None, True),
        ("y = Equal(x, one) T=int32", "x", None, True),
        # not known what the number may be
        (f"a = AddV2(x, one) T=int32\ny = GatherV2(table, a, zero) {GATHER}", "x", None, False),
        ("y = Reshape(table, x) T=float Tshape=int32", "x", None, False),
        ("y = Unheard(x) T=int32", "x", None, False),
        (f"y = GatherV2(table, one, x) {GATHER}", "x", None, False),
        (
            f"o = Placeholder dtype=float shape=[?,3]\ny = GatherV2(o, x, zero) {GATHER}",
            "x",
            None,
            False,
        ),
        (
            "y = SparseToDense(x, shape, f, f) T=float Tindices=int32\nf = Const value=float:1",
            "x",
            2,
            False,
        ),
        ("y = ConcatV2(table, table, x) N=2 T=float Tidx=int32", "x", None, False),
    ],
)
def test_what_an_integer_may_be_is_told_by_its_readers(
    text: str, name: str, size: int | None, is_known: bool
) -> None:
    inference = infer_shapes(graph(TABLE + text))
    assert integer_range(inference, name) == (size, is_known)


def test_functions_are_followed() -> None:
    body = f"zero = Const value=int32:0\ny = GatherV2(table, ids, zero:output:0) {GATHER}"
    own = graph(
        TABLE + "y = StatefulPartitionedCall(table, x) Tin={float, int32} Tout={float} f=@look_up",
        [function("look_up", "table float, ids int32", "r float = y:output:0", body)],
    )
    assert integer_range(infer_shapes(own), "x") == (9, True)


def test_a_cycle_ends() -> None:
    own = graph(TABLE + "a = Maximum(x, b) T=int32\nb = Identity(a) T=int32")
    assert integer_range(infer_shapes(own), "x") == (None, True)


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int32", "int64"])
def test_random_indices_are_all_that_are_there(kind: str) -> None:
    own = graph(
        f"table = Const value=float:zeros[9,3]\nx = Placeholder dtype={kind} shape=[400]\n"
        f"c = Cast(x) SrcT={kind} DstT=int32\nzero = Const value=int32:0\n"
        f"y = GatherV2(table, c, zero) {GATHER}"
    )
    (found,) = random_feeds(own, ["x"]).arrays.values()
    assert set(found.tolist()) == set(range(9))
