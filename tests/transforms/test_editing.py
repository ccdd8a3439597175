"""set_input, rename_scope, insert_identity, strip_default_attributes."""

from __future__ import annotations

import pytest

from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue, UnknownName
from graphtools.graph import Shape
from tests.transforms.graphs import apply, function, graph, text_of

MODEL = """
    x = Placeholder dtype=float shape=[2,4]
    shape = Const value=int32:[2,2,2]
    scope/r = Reshape(x, shape) T=float Tshape=int32
    scope/y = Relu(scope/r) T=float _class={"loc:@scope/r"}
"""


def test_an_input_gets_a_type_and_a_batch_that_is_followed() -> None:
    done = apply(MODEL, 'set_input(name=x, type=uint8, shape="4,4")', ["x"], ["scope/y"]).graph
    assert done["x"].attr("shape") == Shape([4, 4])
    assert done[done["scope/r"].inputs[0]].op == "Cast"
    value = done["shape"].tensor
    assert value is not None
    assert value.array().tolist() == [4, 2, 2]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("set_input(name=x)", InvalidValue),
        ("set_input(name=scope/y, type=uint8)", InvalidGraph),
        ("set_input(name=nope, type=uint8)", UnknownName),
        ("set_input(name=x, type=string)", InvalidGraph),
        ("rename_scope(old_scope=nope, new_scope=a)", UnknownName),
        ("insert_identity(name=x:3)", InvalidValue),
        ("insert_identity(name=x, new_name=shape)", InvalidGraph),
        ("strip_default_attributes(for_version=new)", InvalidValue),
    ],
)
def test_what_cannot_be_done_is_refused(step: str, error: type[GraphtoolsError]) -> None:
    with pytest.raises(error):
        apply(MODEL, step)


def test_a_scope_gets_another_name_and_all_that_names_it_follows() -> None:
    done = apply(MODEL, "rename_scope(old_scope=scope, new_scope=a/b)").graph
    assert [n.name for n in done] == ["x", "shape", "a/b/r", "a/b/y"]
    assert done["a/b/y"].attr("_class") == [b"loc:@a/b/r"]
    assert "y" in apply(MODEL, 'rename_scope(old_scope=scope, new_scope="")').graph
    assert "z/x" in apply(MODEL, 'rename_scope(old_scope="", new_scope=z)').graph
    taken = "a/x = Placeholder dtype=float\nx = Placeholder dtype=float"
    with pytest.raises(InvalidGraph):
        apply(taken, 'rename_scope(old_scope=a, new_scope="")')


def test_an_identity_is_read_in_the_place_of_a_tensor() -> None:
    done = apply(MODEL, "insert_identity(name=scope/r, new_name=out)").graph
    assert done["out"].inputs == ("scope/r",)
    assert done["scope/y"].inputs == ("out",)


NEWER = """
    x = Placeholder dtype=float shape=[1,4,4,1]
    p = MaxPool(x) T=float ksize={1,2,2,1} strides={1,2,2,1} padding="VALID" explicit_paddings={} data_format="NHWC" _mine=3
    m = ResizeBilinear(p, s) T=float align_corners=false half_pixel_centers=false
    s = Const value=int32:[2,2]
    c = PartitionedCall(m) Tin={float} Tout={float} f=@body config=""
"""  # noqa: E501
BODY = "r = MatMul(a, a) T=float transpose_a=false transpose_b=false grad_a=false grad_b=false"


def test_attributes_at_their_defaults_leave_functions_too() -> None:
    body = function("body", "a float", "b float = r:product:0", BODY)
    done = apply(graph(NEWER, [body]), "strip_default_attributes(for_version=1.15)").graph
    assert set(done["p"].attrs) == {"ksize", "strides", "padding", "_mine"}
    assert set(done["m"].attrs) == {"T"}
    assert set(done["x"].attrs) == {"dtype", "shape"}
    assert set(done.functions["body"].nodes[0].attrs) == {"T"}


def test_what_is_not_at_its_default_is_refused_by_name() -> None:
    before = NEWER.replace("half_pixel_centers=false", "half_pixel_centers=true")
    body = function("body", "a float", "b float = r:product:0", BODY)
    with pytest.raises(InvalidGraph, match=r"half_pixel_centers=True of 'm'.* is of 1\.1"):
        apply(graph(before, [body]), "strip_default_attributes(for_version=1.12)")
    kept = apply(graph(before, [body]), "strip_default_attributes").graph
    assert kept["m"].attr("half_pixel_centers") is True
    assert text_of(kept).count("half_pixel") == 1
