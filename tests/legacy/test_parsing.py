"""Command lines as old programs read them."""

from __future__ import annotations

import argparse

import pytest

from graphtools.errors import InvalidValue
from graphtools.legacy import flags
from graphtools.legacy.flags import FLAG, INTEGER, MANY, TEXT, flag
from graphtools.legacy.parsing import (
    ABSL,
    ARGPARSE,
    ARGPARSE_STRICT,
    TENSORFLOW_FLAGS,
    TOCO,
    Rules,
    ignored_note,
    read_line,
)

TABLE = (
    flag("input", TEXT, "A file."),
    flag("input_names", TEXT, "Names."),
    flag("output", TEXT, "A file."),
    flag("binary", FLAG, "Whether it is binary."),
    flag("print_options", MANY, "How to print."),
    flag("most", INTEGER, "A number."),
    flag("old", TEXT, "No effect.", "it is told by the file"),
)
ALL = (ARGPARSE, ARGPARSE_STRICT, ABSL, TENSORFLOW_FLAGS, TOCO)


def args(rules: Rules, *typed: str) -> list[str]:
    return read_line(typed, TABLE, rules, {"--json", "--limit"}).args


@pytest.mark.parametrize("rules", ALL)
def test_values_stand_behind_an_equals_sign_or_a_blank(rules: Rules) -> None:
    line = ("--input=a b", "--output", "c=d", "--most", "-6", "--input_names=")
    assert args(rules, *line) == ["--input=a b", "--output=c=d", "--most=-6", "--input_names="]


@pytest.mark.parametrize("rules", [ARGPARSE, ARGPARSE_STRICT, TOCO])
def test_argparse_takes_beginnings_of_names(rules: Rules) -> None:
    assert args(rules, "--input_n=a", "--input=b", "--ou=c") == [
        "--input_names=a", "--input=b", "--output=c",
    ]  # fmt: skip
    with pytest.raises(InvalidValue, match="--in may be --input, --input_names"):
        args(rules, "--in=a")


def test_others_do_not() -> None:
    assert args(TENSORFLOW_FLAGS, "--input_n=a") == ["--input_n=a"]
    assert read_line(["--input_n=a"], TABLE, ABSL).ignored == ["--input_n=a"]


def parser() -> argparse.ArgumentParser:
    """A parser as TensorFlow's tools made them."""
    made = argparse.ArgumentParser()
    made.register("type", "bool", lambda text: text.lower() == "true")
    for name in ("--input", "--input_names", "--output", "--old"):
        made.add_argument(name, default="")
    made.add_argument("--binary", nargs="?", const=True, type="bool", default=False)
    made.add_argument("--most", type=int, default=0)
    made.add_argument("--print_options", nargs="*")
    return made


@pytest.mark.parametrize(
    "typed",
    [
        ["--binary", "true", "--input=x"],
        ["--binary", "--input=x"],
        ["--binary=TRUE", "--bin=1"],
        ["--binary", "1"],
        ["--binary", "False", "stray"],
        ["--bi=yes", "--input_na", "x"],
        ["stray", "--what", "ever", "--input", "x", "--logtostderr=1"],
        ["--input=x", "--", "--output=y"],
        ["-input=x", "-binary"],
        ["--print_options", "a=1", "b=2", "--input=x"],
        ["--print_options=a=1"],
        ["--input=a", "--input=b", "--out=c=d"],
        ["--most", "-3"],
    ],
)
def test_what_argparse_reads_is_read(typed: list[str]) -> None:
    wanted, unknown = parser().parse_known_args(typed)
    line = read_line(typed, TABLE, ARGPARSE)
    found, left = parser().parse_known_args(line.args)
    assert not left
    if isinstance(found.print_options, list):
        found.print_options = [p for text in found.print_options for p in text.split(",")]
    assert found == wanted
    assert line.ignored == [text for text in unknown if text != "--"]


def test_what_is_neither_true_nor_false_is_false_for_argparse() -> None:
    assert read_line(["--binary=1"], TABLE, ARGPARSE).notes == [
        "--binary=1 is false: only `true` is true there"
    ]
    assert args(TOCO, "--binary=1", "--binary", "FALSE") == ["--binary=true", "--binary=false"]


def test_absl_takes_one_dash_and_no() -> None:
    assert args(ABSL, "-input", "x", "--nobinary", "-binary") == [
        "--input=x", "--binary=false", "--binary=true",
    ]  # fmt: skip
    line = read_line(["--binary", "false", "--input_type", "image", "--most=1"], TABLE, ABSL)
    assert line.args == ["--binary=true", "--most=1"]
    assert line.ignored == ["false", "--input_type", "image"]


def test_what_is_not_ignored_is_left_to_be_refused() -> None:
    for rules in (TENSORFLOW_FLAGS, ARGPARSE_STRICT):
        assert args(rules, "--what=1", "stray") == ["--what=1", "stray"]
    assert args(TOCO, "--inptu=x") == ["--inptu=x"]
    assert read_line(["--what=1"], TABLE, TOCO).ignored == ["--what=1"]


def test_options_of_today_are_left_alone() -> None:
    for rules in ALL:
        assert args(rules, "--json", "--limit", "3", "--most=2") == [
            "--json", "--limit", "3", "--most=2",
        ]  # fmt: skip


@pytest.mark.parametrize("rules", ALL)
def test_what_pages_and_shells_do_to_a_line(rules: Rules) -> None:
    line = (
        "--", "\\", " --input=x", "\u2013output=y", "\u2013-most=2", "^",
        "\u2014input_names=\u2018a", "b\u2019", "--old='fold_constants(a=b)", "fold_batch_norms'",
    )  # fmt: skip
    assert args(rules, *line) == [
        "--input=x", "--output=y", "--most=2", "--input_names=\u2018a b\u2019",
        "--old='fold_constants(a=b) fold_batch_norms'",
    ]  # fmt: skip


def test_a_quote_that_is_never_closed_stays() -> None:
    assert args(ARGPARSE, "--input='x", "--output=y") == ["--input='x", "--output=y"]


def test_a_value_that_is_missing_is_told() -> None:
    for line in (["--input"], ["--input", "--output=x"]):
        with pytest.raises(InvalidValue, match="--input needs a value"):
            args(TENSORFLOW_FLAGS, *line)


def test_what_has_no_effect_is_told() -> None:
    assert read_line(["--old=1"], TABLE, TOCO).notes == [
        "--old has no effect: it is told by the file"
    ]
    assert not read_line(["--old="], TABLE, TOCO).notes
    said = ignored_note("freeze_graph", ["--inptu=x", "stray"], TABLE)
    assert said == (
        "freeze_graph knows no '--inptu=x', 'stray', which has no effect; did you mean --input?"
    )
    assert not ignored_note("freeze_graph", [], TABLE)


@pytest.mark.parametrize("entry", [f for f in flags.FLAGS if f.why], ids=lambda f: f.key)
def test_a_flag_of_toco_without_effect_says_so_in_a_line(entry: flags.LegacyFlag) -> None:
    value = "true" if entry.kind == FLAG else "1"
    (note,) = read_line([f"--{entry.names[-1]}={value}"], flags.FLAGS, TOCO).notes
    assert note.startswith(f"--{entry.names[0]} has no effect: ")
    assert "\n" not in note
