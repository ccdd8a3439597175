"""add_default_attributes, remove_attribute, rename_attribute, rename_op."""

from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from tests.transforms.graphs import apply, function, graph, same, skips, text_of

CONV = "c = Conv2D(x, w) T=float strides={1, 1, 1, 1} padding=%s"


def test_missing_attributes_get_their_defaults() -> None:
    before = """
        x = Placeholder dtype=float
        y = LeakyRelu(x) alpha=0.5
    """
    after = """
        x = Placeholder dtype=float shape=unknown
        y = LeakyRelu(x) T=float alpha=0.5
    """
    assert same(apply(before, "add_default_attributes").graph, after)


def test_an_op_that_is_not_known_is_left_as_it_is() -> None:
    done = apply("a = NoSuchOp", "add_default_attributes")
    assert same(done.graph, "a = NoSuchOp")
    assert "not known" in skips(done)["a"]


def test_an_attribute_is_removed_from_all_nodes_or_those_of_an_op() -> None:
    before = """
        x = Placeholder dtype=float _output_shapes={[1]}
        y = Relu(x) T=float _output_shapes={[1]}
    """
    everywhere = """
        x = Placeholder dtype=float
        y = Relu(x) T=float
    """
    of_relu = """
        x = Placeholder dtype=float _output_shapes={[1]}
        y = Relu(x) T=float
    """
    spec = "remove_attribute(attribute_name=_output_shapes{})"
    assert same(apply(before, spec.format("")).graph, everywhere)
    assert same(apply(before, spec.format(', op_name="*"')).graph, everywhere)
    assert same(apply(before, spec.format(", op_name=Relu")).graph, of_relu)


def test_a_remark_says_that_an_op_needs_the_attribute() -> None:
    before = "x = Placeholder dtype=float shape=[2]"
    (step,) = apply(before, "remove_attribute(attribute_name=dtype)").report.steps
    assert step.notes == (
        "Placeholder needs dtype: TensorFlow refuses the 1 nodes that have lost it",
    )
    (step,) = apply("y = Custom foo=3", "remove_attribute(attribute_name=foo)").report.steps
    assert not step.notes


RESIZES = """
    x = Placeholder dtype=float
    s = Const value=int32:[4,4]
    a = ResizeBilinear(x, s) T=float align_corners=false half_pixel_centers=false
    b = ResizeBilinear(x, s) T=float align_corners=false half_pixel_centers=true
    c = ResizeNearestNeighbor(x, s) T=float half_pixel_centers=false
    d = NoSuchOp half_pixel_centers=false
"""
_LEFT_AT_B = RESIZES.replace("half_pixel_centers=false", "", 3).replace("NoSuchOp", "NoSuchOp {}")


def test_at_its_default_an_attribute_of_any_op_goes_and_elsewhere_it_stays() -> None:
    done = apply(RESIZES, "remove_attribute(attribute_name=half_pixel_centers, at_default=true)")
    assert same(done.graph, _LEFT_AT_B.format("half_pixel_centers=false"))
    assert skips(done) == {
        "b": "half_pixel_centers is True; without it False, it would do something else",
        "d": "no default of half_pixel_centers is known for its op",
    }


def test_all_attributes_at_their_defaults_go() -> None:
    done = apply(RESIZES, 'remove_attribute(attribute_name="*")')
    left = _LEFT_AT_B.replace("align_corners=false", "").format("half_pixel_centers=false")
    assert same(done.graph, left)
    assert not skips(done)


def test_what_the_loss_of_a_value_changes_is_told() -> None:
    (step,) = apply(RESIZES, "remove_attribute(attribute_name=half_pixel_centers)").report.steps
    assert step.notes == (
        "ResizeBilinear has half_pixel_centers=False by default, "
        "and so have the 1 nodes that have lost it",
    )


def test_nodes_of_functions_lose_it_too() -> None:
    body = RESIZES.replace("x = Placeholder dtype=float", "").replace("s)", "s:output:0)")
    library = [function("resize", "x float", "y float = b:resized_images:0", body)]
    spec = "remove_attribute(attribute_name=half_pixel_centers, at_default=true)"
    done = apply(graph("a = NoOp", library), spec)
    left = text_of(done.graph.functions["resize"].nodes)
    assert left.count("half_pixel_centers") == 2
    assert "half_pixel_centers=true" in left
    assert set(skips(done)) == {"b", "d"}


def test_an_attribute_is_renamed() -> None:
    before = """
        a = Custom foo=3
        b = Other foo=4
        c = Custom foo=5 bar=6
        d = Custom
    """
    after = """
        a = Custom bar=3
        b = Other foo=4
        c = Custom foo=5 bar=6
        d = Custom
    """
    spec = "rename_attribute(old_attribute_name=foo, new_attribute_name=bar, op_name=Custom)"
    done = apply(before, spec)
    assert same(done.graph, after)
    assert skips(done) == {"c": "it has an attribute 'bar' already"}


def test_an_attribute_that_is_renamed_to_itself_stays() -> None:
    before = "a = Custom foo=3"
    spec = "rename_attribute(old_attribute_name=foo, new_attribute_name=foo)"
    assert same(apply(before, spec).graph, before)


def test_an_op_is_renamed() -> None:
    before = """
        x = Placeholder dtype=float
        y = Mul(x, x) T=float
        z = Relu(y) T=float
    """
    after = """
        x = Placeholder dtype=float
        y = Multiply(x, x) T=float
        z = Relu(y) T=float
    """
    done = apply(before, "rename_op(old_op_name=Mul, new_op_name=Multiply)")
    assert same(done.graph, after)
    assert not done.report.steps[0].notes


def test_that_no_node_has_the_op_is_told() -> None:
    done = apply("a = NoOp", "rename_op(old_op_name=Mul, new_op_name=Multiply)")
    assert done.report.steps[0].notes == ("no node has the op 'Mul'",)


@pytest.mark.parametrize(
    "spec",
    [
        "remove_attribute",
        "remove_attribute(op_name=Mul)",
        "rename_attribute(old_attribute_name=foo)",
        "rename_op(old_op_name=Mul)",
        "rename_op(old_op_name=Mul, old_op_name=Add, new_op_name=Sub)",
        "add_default_attributes(op=Mul)",
    ],
)
def test_wrong_parameters_are_refused(spec: str) -> None:
    with pytest.raises(GraphtoolsError):
        apply(graph("a = NoOp"), spec)
