from __future__ import annotations

import pytest

from graphtools.errors import GraphtoolsError, InvalidValue, UnknownName
from graphtools.graph import Shape, dtype
from graphtools.rewrite.transform import (
    Job,
    Parameter,
    Transform,
    check_ends,
    check_parameters,
    loose_ends,
)
from tests.transforms.graphs import graph

DECLARED = (
    Parameter("name", "text", "a name", required=True),
    Parameter("op", "text", "an op", repeated=True),
    Parameter("size", "integer", "a size", "10"),
    Parameter("rate", "number", "a rate", "0.5"),
    Parameter("quiet", "flag", "say nothing", "false"),
    Parameter("type", "dtype", "a type"),
    Parameter("shape", "shape", "a shape"),
)
SAMPLE = Transform("sample", lambda _graph, _job: None, "Does nothing.", "sample(name=x)", DECLARED)


def job(**values: list[str]) -> Job:
    return Job(["x:0"], ["y", "'z:1'"], values, DECLARED)


def test_values_are_read_by_their_kinds() -> None:
    given = job(
        name=["a"], op=["B", "C"], size=["-3"], rate=["1e-3"], quiet=["TRUE"],
        type=["int32"], shape=["1,?,3"],
    )  # fmt: skip
    assert (given.text("name"), given.texts("op")) == ("a", ["B", "C"])
    assert (given.integer("size"), given.number("rate"), given.flag("quiet")) == (-3, 0.001, True)
    assert given.dtype("type") is dtype("int32")
    assert given.shape("shape") == Shape([1, None, 3])
    assert given.given("name")


def test_defaults_stand_for_what_is_not_given() -> None:
    given = job()
    assert (given.text("name"), given.texts("op")) == ("", [])
    assert (given.integer("size"), given.number("rate"), given.flag("quiet")) == (10, 0.5, False)
    assert not given.given("size")


def test_inputs_and_outputs_are_kept() -> None:
    given = job()
    assert given.kept == {"x", "y", "z"}
    assert given.is_kept("z")
    assert not given.is_kept("w")
    given.skip("n", "why")
    given.skip("n", "why")
    given.skip("n", "also")
    assert len(given.skipped) == 2


def test_good_parameters_pass() -> None:
    check_parameters(SAMPLE, {"name": ["a"], "op": ["B", "C"], "ignore_errors": ["true"]})


@pytest.mark.parametrize(
    ("given", "error", "says", "remedy"),
    [
        ({"nam": ["x"]}, UnknownName, "sample has no parameter 'nam'", "did you mean 'name'?"),
        ({"foo": ["x"]}, UnknownName, "sample has no parameter 'foo'", "its parameters: name, op"),
        ({}, InvalidValue, "sample needs name: a name", "for example: sample(name=x)"),
        ({"name": ["a", "b"]}, InvalidValue, "sample takes one name, not 2", "its manual"),
        ({"size": ["1.5"]}, InvalidValue, "size='1.5' must be an integer", "a size"),
        ({"rate": ["x"]}, InvalidValue, "rate='x' must be a number", "a rate"),
        ({"quiet": ["maybe"]}, InvalidValue, "quiet='maybe' must be true or false", "say nothing"),
        ({"type": ["flot"]}, InvalidValue, "type='flot' must be an element type", "a type"),
        ({"shape": ["1;2"]}, InvalidValue, "shape='1;2' must be a shape", "a shape"),
        (
            {"ignore_errors": ["maybe"]},
            InvalidValue,
            "ignore_errors='maybe' must be true or false",
            "leaves the transform out",
        ),
    ],
)
def test_wrong_parameters_are_refused(
    given: dict[str, list[str]], error: type[GraphtoolsError], says: str, remedy: str
) -> None:
    with pytest.raises(error) as raised:
        check_parameters(SAMPLE, given)
    assert says in raised.value.message
    assert remedy in raised.value.remedy


def test_a_transform_without_parameters_says_so() -> None:
    bare = SAMPLE._replace(parameters=())
    with pytest.raises(UnknownName) as raised:
        check_parameters(bare, {"foo": ["1"]})
    assert raised.value.remedy == "its parameters: none"


GRAPH = """
    x = Placeholder dtype=float
    y = Relu(x) T=float
    z = Relu(y) T=float
    side = Placeholder dtype=float
"""


def test_inputs_and_outputs_have_to_be_there() -> None:
    source = graph(GRAPH)
    check_ends(source, ["x:0", '"y"'], ["'z:0'", "^z"])
    with pytest.raises(UnknownName, match="no node 'zz'") as raised:
        check_ends(source, ["x"], ["zz"])
    assert raised.value.remedy == "did you mean 'z'?"


def test_inputs_that_lead_nowhere_are_told() -> None:
    source = graph(GRAPH)
    assert loose_ends(source, ["x", "y"], ["z"]) == []
    assert loose_ends(source, ["x", "side", "side"], ["z"]) == [
        "input 'side' does not lead to the outputs"
    ]
    assert loose_ends(source, ["z"], ["y"]) == ["input 'z' does not lead to the outputs"]
