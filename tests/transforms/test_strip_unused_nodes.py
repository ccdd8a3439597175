from __future__ import annotations

import pytest

from graphtools.errors import InvalidGraph, InvalidValue, UnknownName
from graphtools.graph.order import find_cycle
from graphtools.transforms.strip_unused_nodes import cut_outputs, stripping_step, types_by_number
from tests.transforms.graphs import apply, graph, same

SPEC = "strip_unused_nodes"
BEFORE = """
    x = Placeholder dtype=float shape=[?,3]
    w = Const value=float:[[1,2],[3,4],[5,6]]
    mm = MatMul(x, w) T=float transpose_a=false transpose_b=false
    y = Relu(mm, ^init) T=float
    init = NoOp
    other = Tanh(mm) T=float
    ids = ArgMax(other, axis) T=float Tidx=int32 output_type=int64
    axis = Const value=int32:1
"""


def notes(done: object) -> list[str]:
    return [n for step in done.report.steps for n in step.notes]  # type: ignore[attr-defined]


def test_only_what_the_outputs_need_stays() -> None:
    after = """
        x = Placeholder dtype=float shape=[?,3]
        w = Const value=float:[[1,2],[3,4],[5,6]]
        mm = MatMul(x, w) T=float transpose_a=false transpose_b=false
        y = Relu(mm, ^init) T=float
        init = NoOp
    """
    done = apply(BEFORE, SPEC, ["x"], ["y:0"])
    assert same(done.graph, after)
    assert not notes(done)


def test_an_input_within_the_graph_becomes_a_placeholder_of_its_type_and_shape() -> None:
    done = apply(BEFORE, SPEC, ["mm"], ["y"])
    after = """
        mm = Placeholder dtype=float shape=[?,2]
        y = Relu(mm, ^init) T=float
        init = NoOp
    """
    assert same(done.graph, after)


def test_an_input_keeps_its_default() -> None:
    before = """
        one = Const value=float:1
        x = PlaceholderWithDefault(one) dtype=float shape=[]
        y = Relu(x) T=float
    """
    assert same(apply(before, SPEC, ["x"], ["y"]).graph, before)


def test_types_are_inferred_also_where_they_are_no_float() -> None:
    before = BEFORE + "\nlast = Cast(ids) SrcT=int64 DstT=float"
    done = apply(before, SPEC, ["ids"], ["last"])
    after = "ids = Placeholder dtype=int64 shape=[?]\n last = Cast(ids) SrcT=int64 DstT=float"
    assert same(done.graph, after)


@pytest.mark.parametrize(
    ("spec", "placeholder"),
    [
        ('strip_unused_nodes(type=half, shape="1,2")', "dtype=half shape=[1,2]"),
        ("strip_unused_nodes(type=half)", "dtype=half shape=[?,2]"),
        ('strip_unused_nodes(shape="")', "dtype=float shape=[]"),
        (
            'strip_unused_nodes(name=mm, type_for_name=half, shape_for_name="4,?")',
            "dtype=half shape=[4,?]",
        ),
        (
            "strip_unused_nodes(type=int32, name=mm, type_for_name=half)",
            "dtype=half shape=[?,2]",
        ),
    ],
)
def test_types_and_shapes_may_be_given(spec: str, placeholder: str) -> None:
    done = apply(BEFORE, spec, ["mm"], ["y"])
    source = "mm"
    after = f"mm = Placeholder {placeholder}\n"
    if "half" in placeholder:
        source = "mm/to_float32"
        after += f"{source} = Cast(mm) SrcT=half DstT=float Truncate=false\n"
    assert same(done.graph, f"{after} y = Relu({source}, ^init) T=float\n init = NoOp")


def test_a_placeholder_gets_the_type_that_is_given_for_it_by_name() -> None:
    before = """
        x = Placeholder dtype=float shape=[?,3]
        float = Cast(x) SrcT=uint8 DstT=float
        more = Relu(x) T=float
        y = AddV2(more, float) T=float
    """
    spec = "strip_unused_nodes(name=x, type_for_name=uint8)"
    done = apply(before, spec, ["x"], ["y"])
    after = """
        x = Placeholder dtype=uint8 shape=[?,3]
        float = Cast(x) SrcT=uint8 DstT=float
        x/to_float32 = Cast(x) SrcT=uint8 DstT=float Truncate=false
        more = Relu(x/to_float32) T=float
        y = AddV2(more, float) T=float
    """
    assert same(done.graph, after)
    assert notes(done) == ["'x' is uint8 now, and a Cast makes it float32"]
    same_type = "strip_unused_nodes(name=x, type_for_name=float)"
    assert not notes(apply(BEFORE, same_type, ["x"], ["y"]))


@pytest.mark.parametrize(
    ("reader", "kind", "says"),
    [
        ("Custom(x)", "uint8", "it is not known which type 'y' .Custom. reads"),
        ("Relu(x) T=float", "string", "reads float32, and no Cast makes that of string"),
        ('StringLength(x) unit="BYTE"', "float", "reads string, and no Cast makes that of float"),
    ],
)
def test_a_type_that_a_reader_cannot_get_is_refused(reader: str, kind: str, says: str) -> None:
    stated = "string" if "String" in reader else "float"
    before = f"x = Placeholder dtype={stated} shape=[3]\n y = {reader}"
    with pytest.raises(InvalidGraph, match=says):
        apply(before, f"strip_unused_nodes(name=x, type_for_name={kind})", ["x"], ["y"])
    apply(before, f"strip_unused_nodes(name=x, type_for_name={stated})", ["x"], ["y"])


def test_a_placeholder_gets_the_shape_that_is_given_for_it_by_name() -> None:
    spec = 'strip_unused_nodes(name=x, type_for_name=float, shape_for_name="1,3")'
    done = apply(BEFORE, spec, ["x"], ["y"])
    assert str(done.graph["x"].attr("shape")) == "[1,3]"
    assert not any("_output_shapes" in node.attrs for node in done.graph)
    for_all = apply(BEFORE, 'strip_unused_nodes(shape="1,3")', ["x"], ["y"])
    assert str(for_all.graph["x"].attr("shape")) == "[?,3]"


def test_a_name_that_is_no_input_is_told() -> None:
    spec = "strip_unused_nodes(name=mm, type_for_name=half)"
    done = apply(BEFORE, spec, ["x"], ["y"])
    assert notes(done) == ["type and shape of 'mm' are not used: it is none of the inputs"]


def test_an_input_that_does_not_lead_to_the_outputs_stays_and_is_told() -> None:
    done = apply(BEFORE, SPEC, ["x", "other"], ["y"])
    assert "other" in done.graph
    assert done.graph["other"].op == "Placeholder"
    assert notes(done) == ["input 'other' does not lead to the outputs"]


def test_an_input_behind_another_is_no_mistake() -> None:
    assert not notes(apply(BEFORE, SPEC, ["x", "mm"], ["y"]))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("strip_unused_nodes(name=mm)", ""),
        ("strip_unused_nodes(name=mm, name=y, type_for_name=half)", "has 2 name and 1 type_for"),
        ('strip_unused_nodes(name=mm, shape_for_name="1", shape_for_name="2")', "1 name and 2"),
        ('strip_unused_nodes(shape_for_name="1")', "has 0 name and 1 shape_for_name"),
        ("strip_unused_nodes(type=flot)", "type='flot' must be an element type"),
        ('strip_unused_nodes(shape="a,b")', "shape='a,b' must be a shape"),
    ],
)
def test_lists_have_to_be_of_one_length(spec: str, says: str) -> None:
    if not says:
        apply(BEFORE, spec, ["mm"], ["y"])
        return
    with pytest.raises(InvalidValue) as raised:
        apply(BEFORE, spec, ["mm"], ["y"])
    assert says in raised.value.message


def test_without_outputs_nothing_is_known_to_be_needed() -> None:
    with pytest.raises(InvalidValue, match="does not know what to keep"):
        apply(BEFORE, SPEC, ["x"])


def test_a_node_with_several_outputs_is_no_place_to_cut() -> None:
    before = """
        x = Placeholder dtype=float shape=[4]
        axis = Const value=int32:0
        s = Split(axis, x) T=float num_split=2
        y = Relu(s:1) T=float
        z = Relu(s) T=float
    """
    with pytest.raises(InvalidGraph, match="'y' reads s:1, which is no input"):
        apply(before, SPEC, ["s"], ["y"])
    # what is not needed does not count
    done = apply(before, SPEC, ["s"], ["z"])
    assert same(done.graph, "s = Placeholder dtype=float shape=[2]\n z = Relu(s) T=float")


SPLIT = """
    x = Placeholder dtype=float shape=[4]
    axis = Const value=int32:0
    s = Split(axis, x) T=float num_split=2
    y = Sub(s, s:1) T=float
"""


def test_each_output_that_is_fed_becomes_a_placeholder() -> None:
    cut, inputs, remarks = cut_outputs(graph(SPLIT), ["s", "s:1"])
    after = """
        s = Placeholder dtype=float shape=[2]
        s_1 = Placeholder dtype=float shape=[2]
        y = Sub(s, s_1) T=float
    """
    assert inputs == ["s", "s_1"]
    assert remarks == ["the input 's:1' is the placeholder 's_1' now"]
    assert same(apply(cut, SPEC, inputs, ["y"]).graph, after)


def test_an_output_that_is_not_fed_goes_on_to_be_computed() -> None:
    cut, inputs, _ = cut_outputs(graph(SPLIT), ["x", "s:1"])
    assert inputs == ["x", "s_1"]
    assert cut["y"].inputs == ("s", "s_1")
    assert cut["s"].op == "Split"


def test_inputs_that_are_first_outputs_change_nothing() -> None:
    source = graph(SPLIT)
    assert cut_outputs(source, ["x", "absent"]) == (source, ["x", "absent"], [])


def test_a_cycle_can_be_cut() -> None:
    before = "x = Placeholder dtype=float\n a = Add(x, b) T=float\n b = Relu(a) T=float"
    done = apply(before, SPEC, ["x", "b"], ["a"])
    assert not find_cycle(done.graph)


def test_functions_and_versions_are_carried_through() -> None:
    from graphtools.formats import load
    from tests.support import FIXTURES

    source = load(FIXTURES / "control_flow/functions/graph.pb")
    done = apply(source, SPEC, ["x"], ["called"])
    assert done.graph.functions.keys() == source.functions.keys()
    assert done.graph.versions == source.versions


# The steps that the commands make


def test_types_of_single_inputs_make_a_step() -> None:
    source = graph(BEFORE)
    assert stripping_step(source, []) == SPEC
    step = stripping_step(source, ["mm:0=half"])
    done = apply(source, step, ["mm", "ids"], ["y"])
    made = done.graph["mm"].attrs, done.graph["ids"].attrs
    wanted = graph(
        "mm = Placeholder dtype=half shape=[?,2]\n ids = Placeholder dtype=int64 shape=[?]"
    )
    assert made == (wanted["mm"].attrs, wanted["ids"].attrs)


def test_a_step_of_what_is_wrong_is_refused() -> None:
    source = graph(BEFORE)
    with pytest.raises(InvalidValue, match="'1,2' does not say of which input"):
        stripping_step(source, ["1,2"])
    with pytest.raises(UnknownName, match="no node 'mmm'"):
        stripping_step(source, ["mmm=half"])


def test_types_by_number() -> None:
    assert types_by_number(["a", "b"], []) == []
    assert types_by_number(["a", "b"], ["1"]) == ["a=float32", "b=float32"]
    assert types_by_number(["a", "b"], ["4", "int32"]) == ["a=uint8", "b=int32"]
    with pytest.raises(InvalidValue, match="3 types are neither one for all nor one for each of 2"):
        types_by_number(["a", "b"], ["1", "1", "1"])
    with pytest.raises(InvalidValue, match="99 is the number of no element type"):
        types_by_number(["a"], ["99"])
    with pytest.raises(InvalidValue, match="'flot' is no element type"):
        types_by_number(["a"], ["flot"])
