"""backport_concatv2, backport_tensor_array_v3."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph import Graph, Versions
from tests.transforms.graphs import apply, nodes, same, skips


def test_the_axis_comes_first() -> None:
    before = """
        x = Placeholder dtype=float
        axis = Const value=int32:1
        y = ConcatV2(x, x, axis, ^x, ^axis) N=2 T=float Tidx=int32 _class={"loc:@x"}
    """
    after = """
        x = Placeholder dtype=float
        axis = Const value=int32:1
        y = Concat(axis, x, x, ^x, ^axis) N=2 T=float _class={"loc:@x"}
    """
    assert same(apply(before, "backport_concatv2").graph, after)


def test_an_axis_of_64_bits_is_narrowed() -> None:
    before = """
        x = Placeholder dtype=float
        axis = Const(^x) value=int64:1
        computed = Placeholder dtype=int64
        y = ConcatV2(x, x, axis) N=2 T=float Tidx=int64
        z = ConcatV2(x, x, computed) N=2 T=float Tidx=int64
    """
    after = """
        x = Placeholder dtype=float
        axis = Const(^x) value=int64:1
        computed = Placeholder dtype=int64
        y/axis = Const(^x) value=int32:1
        y = Concat(y/axis, x, x) N=2 T=float
        z/axis = Cast(computed) DstT=int32 SrcT=int64 Truncate=false
        z = Concat(z/axis, x, x) N=2 T=float
    """
    assert same(apply(before, "backport_concatv2").graph, after)


def test_a_concatenation_without_axis_is_left_as_it_is() -> None:
    done = apply("y = ConcatV2", "backport_concatv2")
    assert same(done.graph, "y = ConcatV2")
    assert "no axis" in skips(done)["y"]


ARRAY = """
    size = Const value=int32:3
    value = Const value=float:3
    ta = TensorArrayV3(size) dtype=float identical_element_shapes=true _output_shapes={[2], []}
    write = TensorArrayWriteV3(ta, size, value, ta:1) T=float
    get = TensorArraySizeV3(ta, write)
    grad = TensorArrayGradV3(ta, write) source="g"
    close = TensorArrayCloseV3(grad, ^get)
    flow = Identity(grad:1) T=float
"""


def test_arrays_get_their_older_ops() -> None:
    after = """
        size = Const value=int32:3
        value = Const value=float:3
        ta/replacement_flow_node = Const value=float:1
        ta = TensorArrayV2(size) dtype=float _output_shapes={[2]}
        write = TensorArrayWriteV2(ta, size, value, ta/replacement_flow_node) T=float
        get = TensorArraySizeV2(ta, write)
        grad/replacement_flow_node = Const value=float:1
        grad = TensorArrayGradV2(ta, write) source="g"
        close = TensorArrayCloseV2(grad, ^get)
        flow = Identity(grad/replacement_flow_node) T=float
    """
    done = apply(ARRAY, "backport_tensor_array_v3")
    assert same(done.graph, after)
    assert not done.report.steps[0].notes


def test_handles_change_their_type_on_the_way_into_a_loop() -> None:
    before = (
        ARRAY
        + """
        enter = Enter(ta) T=resource frame_name="f"
        other = Enter(ta:1) T=float frame_name="f"
        read = TensorArrayReadV3(enter, size, other) dtype=float
    """
    )
    made = apply(before, "backport_tensor_array_v3").graph
    assert str(made["enter"].attr("T")) == "string"
    assert str(made["other"].attr("T")) == "float32"
    assert made["read"].op == "TensorArrayReadV2"


def test_the_flow_of_an_array_in_a_loop_stays_in_it() -> None:
    before = """
        x = Placeholder dtype=int32
        size = Enter(x) T=int32 frame_name="f"
        ta = TensorArrayV3(size) dtype=float
    """
    made = apply(before, "backport_tensor_array_v3").graph
    assert made["ta/replacement_flow_node"].inputs == ("^ta",)


def test_nothing_is_done_where_something_else_takes_a_handle() -> None:
    before = ARRAY + "use = Custom(ta)"
    done = apply(before, "backport_tensor_array_v3")
    assert same(done.graph, before)
    assert "'use' (Custom)" in skips(done)["ta"]
    assert "write" in skips(done)


def test_that_newer_programs_refuse_the_result_is_told() -> None:
    made = Graph(nodes(ARRAY), Versions(producer=1000))
    (step,) = apply(made, "backport_tensor_array_v3").report.steps
    assert "version 1000" in step.notes[0]


@pytest.mark.tensorflow
def test_arrays_of_both_versions_hold_the_same(tf: Any) -> None:
    before = """
        size = Const value=int32:2
        ta = TensorArrayV3(size) dtype=float
        i = Const value=int32:0
        j = Const value=int32:1
        v = Const value=float:[1,2]
        a = TensorArrayWriteV3(ta, i, v, ta:1) T=float
        b = TensorArrayWriteV3(ta, j, v, a) T=float
        all = Const value=int32:[1,0]
        y = TensorArrayGatherV3(ta, all, b) dtype=float
    """
    made = apply(before, "backport_tensor_array_v3").graph
    made.set_versions(Versions(producer=20))
    definition = tf.compat.v1.GraphDef.FromString(b"".join(made.pieces()))
    with tf.Graph().as_default() as loaded:
        tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(graph=loaded) as session:
            assert session.run("y:0").tolist() == [[1, 2], [1, 2]]


def test_an_array_whose_flow_is_an_output_stays() -> None:
    before = """
        size = Const value=int32:3
        array = TensorArrayV3(size) dtype=float
    """
    done = apply(before, "backport_tensor_array_v3", [], ["array:1"])
    assert same(done.graph, before)
    assert "'array:1' is an output" in skips(done)["array"]
