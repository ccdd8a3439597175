from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import InvalidValue
from graphtools.rewrite.grammar import Step, parse_pipeline

pytestmark = pytest.mark.usefixtures("command_line")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        (" \n\t ", []),
        ("a", [("a", {})]),
        ("a b", [("a", {}), ("b", {})]),
        ("a()b", [("a", {}), ("b", {})]),
        ("a(x=1)", [("a", {"x": ["1"]})]),
        ("a(x=1,y=2)", [("a", {"x": ["1"], "y": ["2"]})]),
        ("a(x=1 y=2)", [("a", {"x": ["1"], "y": ["2"]})]),
        ("a(x=1,)", [("a", {"x": ["1"]})]),
        ("a ( x = 1 , y = 2 )", [("a", {"x": ["1"], "y": ["2"]})]),
        ("a(op=Identity, op=CheckNumerics)", [("a", {"op": ["Identity", "CheckNumerics"]})]),
        ('a(s="1,299,299,3")', [("a", {"s": ["1,299,299,3"]})]),
        ("a(s='1,2')", [("a", {"s": ["1,2"]})]),
        (r'a(s="say \"hi\" \\")', [("a", {"s": ['say "hi" \\']})]),
        ('a(s="")', [("a", {"s": [""]})]),
        ("a(x=-1.5e-3, n=scope/x:0)", [("a", {"x": ["-1.5e-3"], "n": ["scope/x:0"]})]),
        ("a(x=1)\\\n  b \\\r\n c\\", [("a", {"x": ["1"]}), ("b", {}), ("c", {})]),
        ("'a b(x=\"1,2\")'", [("a", {}), ("b", {"x": ["1,2"]})]),
        ('"a b"', [("a", {}), ("b", {})]),
        ("a(s=\u201c1,2\u201d, t=\u2018x\u2019)", [("a", {"s": ["1,2"], "t": ["x"]})]),
        ("\u2018a b\u2019", [("a", {}), ("b", {})]),
        (
            "a(type=float, shape=1,299,-1,3, x=1) b",
            [
                ("a", {"type": ["float"], "shape": ["1,299,-1,3"], "x": ["1"]}),
                ("b", {}),
            ],
        ),
        ("a(shape=1, 2=3)", [("a", {"shape": ["1"], "2": ["3"]})]),
    ],
)
def test_pipelines(text: str, steps: list[tuple[str, dict[str, list[str]]]]) -> None:
    assert parse_pipeline(text) == [Step(*step) for step in steps]


def test_the_pipeline_of_the_manual() -> None:
    text = """
        strip_unused_nodes(type=float, shape="1,299,299,3")
        remove_nodes(op=Identity, op=CheckNumerics)
        fold_constants(ignore_errors=true)
        fold_batch_norms
        fold_old_batch_norms
        quantize_weights"""
    steps = parse_pipeline(text)
    assert [s.name for s in steps][:2] == ["strip_unused_nodes", "remove_nodes"]
    assert steps[0].parameters == {"type": ["float"], "shape": ["1,299,299,3"]}
    assert len(steps) == 6


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a(", "the parenthesis behind 'a' is not closed"),
        ("b a(x=1", "the parenthesis behind 'a' is not closed"),
        ("a(x)", "`=` behind 'x' was expected behind `a(x`, not ')'"),
        ("a(x=)", "the value of 'x' was expected behind `a(x=`, not ')'"),
        ("a(x=", "the value of 'x' was expected behind `a(x=`, not the end"),
        ("a(=1)", "the name of a parameter was expected behind `a(`, not '='"),
        (")", "the name of a transform was expected, not ')'"),
        ("a, b", "the name of a transform was expected behind `a`, not ','"),
        ("a-b", "the name of a transform was expected, not 'a-b'"),
        ("a; b", "a transform was expected behind `a`, not ';'"),
        ('a(x="1', "was expected behind `a(x=`, not '\"'"),
        ("--transforms=a", "the name of a transform was expected"),
    ],
)
def test_what_is_no_pipeline_is_shown_where(text: str, says: str) -> None:
    with pytest.raises(InvalidValue) as error:
        parse_pipeline(text)
    assert says in error.value.message
    assert "a pipeline is written as" in error.value.remedy


NAMES = st.from_regex(r"[A-Za-z0-9_]+", fullmatch=True)
STEPS = st.builds(Step, NAMES, st.dictionaries(NAMES, st.lists(st.text(), min_size=1)))


@given(st.lists(STEPS))
@pytest.mark.slow
def test_what_is_printed_is_read_back(steps: list[Step]) -> None:
    assert parse_pipeline(" ".join(map(str, steps))) == steps


@given(st.text(alphabet="ab(),=\"'\\ \n;x"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_pipeline(text)
    except InvalidValue as error:
        assert "\n" not in error.message
