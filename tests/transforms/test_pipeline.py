from __future__ import annotations

import pytest

from graphtools import Graph
from graphtools.errors import InvalidGraph, InvalidValue, UnknownName
from graphtools.rewrite.transform import Job
from graphtools.transforms import TRANSFORMS
from graphtools.transforms.pipeline import Part, checked_steps, find_transform, transform
from tests.support import BINARY_GRAPHS, FIXTURES
from tests.transforms.graphs import apply, graph, same

pytestmark = pytest.mark.usefixtures("command_line")

BEFORE = """
    x = Placeholder dtype=float
    a = Identity(x) T=float
    y = Relu(a) T=float
    unused = Tanh(x) T=float
"""


def test_transforms_are_applied_one_after_the_other() -> None:
    done = apply(BEFORE, "strip_unused_nodes remove_nodes(op=Identity)", ["x"], ["y"])
    assert same(done.graph, "x = Placeholder dtype=float\n y = Relu(x) T=float")
    first, second = done.report.steps
    assert (first.step, first.nodes_before, first.nodes_after) == ("strip_unused_nodes", 4, 3)
    assert (second.step, second.nodes_before) == ("remove_nodes(op=Identity)", 3)
    assert first.bytes_before > first.bytes_after == second.bytes_before
    assert first.edits == 1
    assert not first.error


def test_the_graph_that_was_given_is_not_changed() -> None:
    source = graph(BEFORE)
    transform(source, "strip_unused_nodes obfuscate_names", ["x"], ["y"])
    assert same(source, BEFORE)
    assert source.edits == 0


def test_a_list_of_parts_is_one_pipeline() -> None:
    steps = checked_steps(["fold_constants remove_device", "sort_by_execution_order"])
    assert [s.name for s, _ in steps] == [
        "fold_constants", "remove_device", "sort_by_execution_order",
    ]  # fmt: skip


def test_a_function_is_a_step() -> None:
    def with_elu(graph: Graph, job: Job) -> None:
        for node in list(graph):
            if node.op == "Relu":
                graph.set_op(node, "Elu")
                job.note(f"{node.name} is an Elu now")

    specs: list[Part | list[Part]] = [with_elu, [with_elu], ["strip_unused_nodes", with_elu]]
    for spec in specs:
        done = transform(graph(BEFORE), spec, ["x"], ["y"])
        assert done.graph["y"].op == "Elu"
        assert done.report.steps[-1].step == "with_elu"
        assert done.report.steps[-1].notes == ("y is an Elu now",)


def test_each_step_is_seen_by_who_watches() -> None:
    seen = []
    transform(
        graph(BEFORE),
        "strip_unused_nodes remove_nodes(op=Identity)",
        ["x"],
        ["y"],
        watch=lambda step, current: seen.append((step.name, len(current))),
    )
    assert seen == [("strip_unused_nodes", 3), ("remove_nodes", 2)]


def test_everything_is_checked_before_anything_runs() -> None:
    seen: list[object] = []
    for spec in ("remove_device nothing", "remove_device rename_node", "remove_device )"):
        with pytest.raises((InvalidValue, UnknownName)):
            transform(graph(BEFORE), spec, [], [], watch=lambda *args: seen.append(args))
    assert not seen


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("fold_batchnorms", "did you mean 'fold_batch_norms'?"),
        ("xyzzy", "list them with: graphtools transforms"),
    ],
)
def test_an_unknown_transform_is_answered(name: str, remedy: str) -> None:
    with pytest.raises(UnknownName, match=f"there is no transform '{name}'") as raised:
        find_transform(name)
    assert raised.value.remedy == remedy


def test_aliases_are_known() -> None:
    for known in TRANSFORMS.all().values():
        assert find_transform(known.name) is known
        for alias in known.aliases:
            assert find_transform(alias) is known
    assert find_transform("obsfucate_names").name == "obfuscate_names"


@pytest.mark.parametrize("spec", ["", "  \n ", []])
def test_no_transforms_are_refused(spec: str | list[str]) -> None:
    with pytest.raises(InvalidValue, match="no transforms were given"):
        transform(graph(BEFORE), spec)


FAILING = "rename_node(old_node_name=nothing, new_node_name=b{})"


def test_an_error_ends_the_run_unless_it_is_ignored() -> None:
    with pytest.raises(UnknownName):
        apply(BEFORE, FAILING.format(""), ["x"], ["y"])
    done = apply(
        BEFORE, FAILING.format(", ignore_errors=true") + " strip_unused_nodes", ["x"], ["y"]
    )
    first, second = done.report.steps
    assert "no node 'nothing'" in first.error
    assert first.nodes_after == 4
    assert second.nodes_after == 3
    with pytest.raises(UnknownName):
        apply(BEFORE, FAILING.format(", ignore_errors=false"), ["x"], ["y"])


def test_half_done_work_is_undone_where_errors_are_ignored() -> None:
    spec = 'placeholder_to_const(value="x=1", value="gone=2", ignore_errors=true)'
    done = apply(BEFORE, spec, [], ["y"])
    assert same(done.graph, BEFORE)
    assert done.report.steps[0].edits == 0
    assert "no node 'gone'" in done.report.steps[0].error


def test_inputs_and_outputs_have_to_be_there() -> None:
    with pytest.raises(UnknownName, match="no node 'xx'"):
        apply(BEFORE, "remove_device", ["xx"], ["y"])


def test_what_tensorflow_would_refuse_is_refused() -> None:
    twice = "x = Placeholder dtype=float\n y = Relu(x)\n y = Tanh(x)"
    with pytest.raises(InvalidGraph, match="two nodes 'y'"):
        apply(twice, "remove_device", ["x"], ["y"])
    incomplete = BEFORE + "\nz = Add(y, gone) T=float"
    with pytest.raises(InvalidGraph, match="'z' reads 'gone', which is not in the graph"):
        apply(incomplete, "remove_device", ["x"], ["z"])
    # a part that is complete can be kept
    done = apply(incomplete, "strip_unused_nodes", ["x"], ["y"])
    assert len(done.graph) == 3


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_every_fixture_goes_through_a_long_pipeline(name: str) -> None:
    from graphtools.formats import load

    source = load(FIXTURES / name)
    spec = (
        "remove_device remove_attribute(attribute_name=_class) merge_duplicate_nodes "
        "fold_constants(ignore_errors=true) round_weights sort_by_execution_order obfuscate_names"
    )
    done = transform(source, spec)
    assert len(done.report.steps) == 7
    assert done.graph.functions.keys() == source.functions.keys()
    assert done.graph.versions == source.versions
