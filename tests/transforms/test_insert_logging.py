from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from tests.transforms.graphs import apply, same, skips

BEFORE = """
    x = Placeholder dtype=float
    a/r = Relu(x) T=float
    b/r = Relu(a/r:0) T=float
    b/s = Split(a/r, x, ^b/r) T=float num_split=3
    y = Add(b/s, b/s:2, ^a/r) T=float
    z = Add(b/r, y) T=float
"""


def test_what_is_read_is_printed() -> None:
    after = """
        x = Placeholder dtype=float
        a/r = Relu(x) T=float
        b/r = Relu(a/r) T=float
        b/s = Split(a/r, x, ^b/r) T=float num_split=3
        y = Add(b/s__print__, b/s:2, ^a/r) T=float
        z = Add(b/r, y) T=float
        b/s__print__ = Print(b/s, b/s, b/s:2) T=float U={float, float} first_n=-1 message="" summarize=1024
    """  # noqa: E501
    done = apply(BEFORE, "insert_logging(op=Split)")
    assert same(done.graph, after.replace("Relu(a/r)", "Relu(a/r:0)"))


def test_ops_and_prefixes_are_both_looked_at() -> None:
    spec = (
        "insert_logging(op=Relu, op=Add, prefix=b, prefix=z, show_op=true, show_name=1,"
        ' message="m:", first_n=2, summarize=3)'
    )
    made = apply(BEFORE, spec).graph
    (printed,) = (n for n in made if n.op == "Print")
    assert printed.name == "b/r__print__"
    attrs = dict(printed.attrs)
    assert attrs["message"] == b";Relu;;b/r__print__;m:"
    assert (attrs["first_n"], attrs["summarize"]) == (2, 3)
    assert made["z"].inputs == ("b/r__print__", "y")


def test_everything_that_is_read_is_printed_where_nothing_is_named() -> None:
    made = apply(BEFORE, "insert_logging").graph
    assert sum(n.op == "Print" for n in made) == 5


def test_of_a_switch_one_output_only_is_printed() -> None:
    before = """
        p = Placeholder dtype=bool
        s = Switch(p, p) T=bool
        m = Merge(s, s:1) N=2 T=bool
    """
    made = apply(before, "insert_logging(op=Switch)").graph
    assert made["s__print__"].inputs == ("s", "s")
    assert made["m"].inputs == ("s__print__", "s:1")


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("a = VariableV2 dtype=float shape=[]\ny = Relu(a)", "float32_ref"),
        ("a = VarHandleOp dtype=float shape=[]\ny = ReadVariableOp(a)", "resource"),
        ("a = NoSuchOp\ny = Relu(a)", "not known what NoSuchOp gives"),
        ("a = Relu(x)\nx = Placeholder dtype=float\ny = Relu(a)", "of which type"),
        ("a = Split num_split=2 T=float\ny = Relu(a:1)", "reads its first output"),
        ("a = Relu T=float\ny = Add(a, a:7)", "not known what Relu gives"),
        ("a = NextIteration(y) T=float\ny = Merge(a, a) T=float N=2", "a loop"),
    ],
)
def test_what_cannot_be_printed_is_left_as_it_is(before: str, reason: str) -> None:
    done = apply(before, "insert_logging(prefix=a)")
    assert same(done.graph, before)
    assert reason in skips(done)["a"]


@pytest.mark.parametrize("spec", ["insert_logging(first_n=x)", "insert_logging(ops=Relu)"])
def test_wrong_parameters_are_refused(spec: str) -> None:
    with pytest.raises(GraphtoolsError):
        apply(BEFORE, spec)
