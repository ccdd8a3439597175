"""What messages and manuals tell people to type exists, and is an option of who says so.

Texts are those of the whole source: messages, remedies, notes and manuals; what is filled in when
they are told stands as `X` here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pytest

from graphtools import save
from graphtools.cli import COMMANDS as TABLE
from graphtools.cli import main
from graphtools.front_end import CommandLine, Python
from graphtools.transforms.pipeline import checked_steps
from tests.commands.running import run
from tests.formats.bundle_writer import write_bundle
from tests.source_texts import PACKAGE, source_texts
from tests.transforms.graphs import graph

#: Words behind `graphtools` that make it the subject of a sentence.
_LINE = re.compile(r"\bgraphtools ([a-z][a-z_-]*)((?: +[^\s`]+)*)")
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[^\s'\"]+")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9_-]*")
_TYPED = re.compile(r"-o|--[\w-]+|[A-Z][A-Z_.]*|'.*'|(\{\w+(:([^{}]|\{\w+\})*)?\})+|[\w.]+\.\w+")
_END = ".,;:)"
#: Commands that begin with a graph as the others do.
_GRAPHS = "bisect compat convert freeze io lint optimize report shapes size strip transform verify"
#: Texts about the options of other programs, and those that are rendered in others' words.
_OF_OTHERS = ("cli.py", "explain/", "front_end.py", "legacy/", "report/viewing.py", "schema/")
#: By room or file, the commands whose people read its messages; where none is named, all of them.
_TOLD_BY = {
    "analysis/graph_view.py": "draw",
    "analysis/summary.py": "summary",
    "analysis/values.py": "node variables",
    "analysis/variable_diff.py": "diff",
    "compat/": "convert",
    "convert/": "convert",
    "convert/editing/": "edit-tflite",
    "run/bench.py": "bench",
    "probe/": "probe-converter",
    "run/probed_converter.py": "probe-converter",
    "transforms/_ssd/": "export-ssd",
    "transforms/export_ssd.py": "export-ssd",
    "samples/": "convert run",
    "verify/": "verify",
    "verify/class_names.py": "run",
    "verify/model_run.py": "run",
    "verify/sample_feeds.py": "run",
    "verify/feeds.py": "verify bisect optimize transform strip",
    "verify/verify_rewrite.py": "optimize transform strip",
    "formats/": "diff freeze node report variables",
    "lint/": "lint",
    "lint/configuration.py": "check-config",
    "lint/rules/": "lint report",
    "model/": _GRAPHS,
    "model/saved_model_export.py": "saved-model",
    "model/signature_edits.py": "saved-model",
    "ops/": _GRAPHS,
    "report/": "report",
    "report/drawing/": "draw",
    "report/lint_formats/": "lint",
    "report/lint_rules.py": "lint",
    "report/netron_view.py": "view",
    "report/restore_plans.py": "restore-plan",
    "report/sizes.py": "size",
    "report/ssd_export.py": "convert",
    "report/transforms.py": "transform",
    "restore/": "restore-plan",
    "restore/checkpoint_editor.py": "edit-checkpoint",
    "restore/edit_list.py": "edit-checkpoint",
    "restore/edited_values.py": "edit-checkpoint",
    "restore/from_graph.py": "edit-checkpoint",
    "restore/name_changes.py": "edit-checkpoint",
    "restore/object_graph.py": "edit-checkpoint",
    "rewrite/": _GRAPHS,
    "transforms/": _GRAPHS,
    "transforms/join.py": "join",
}


class Text(NamedTuple):
    """A text of the source, and where it stands."""

    file: str
    line: int
    words: str
    is_manual: bool


COMMANDS = TABLE.all()


def options_of(name: str) -> set[str]:
    return {option for p in COMMANDS[name].params for option in (*p.opts, *p.secondary_opts)}


def takes_value(name: str) -> set[str]:
    """The options of a command that want a value behind them."""
    if name not in COMMANDS:
        return set()
    return {
        option
        for p in COMMANDS[name].params
        if isinstance(p, click.Option) and not (p.is_flag or p.count)
        for option in p.opts
    }


def texts() -> Iterator[Text]:
    """All texts of the source, as the command line renders them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "commands":
            continue  # examples and usage, of which tests of their own are held
        for found in source_texts(path, CommandLine()):
            if "graphtools " in found.words or "--" in found.words:
                words = " ".join(found.words.split())
                yield Text(found.file, found.line, words, "\n" in found.words)


TEXTS = tuple(texts())
DILATED = """
    x = Placeholder dtype=float shape=[1,2,8,8]
    b = Const value=int32:[1,2,2]
    p = Const value=int32:[[0,0],[2,2],[2,2]]
    c = Const value=int32:[[0,0],[0,0],[0,0]]
    w = Const value=float:zeros[3,3,2,2]
    to = SpaceToBatchND(x, b, p) T=float Tblock_shape=int32 Tpaddings=int32
    conv = Conv2D(to, w) T=float strides={1, 1, 1, 1} padding="VALID" data_format="NCHW"
    y = BatchToSpaceND(conv, b, c) T=float Tblock_shape=int32 Tcrops=int32
"""


def lines_in(words: str) -> Iterator[tuple[str, list[str]]]:
    """The commands that a text names, with what is to be typed behind them."""
    for found in _LINE.finditer(words):
        typed: list[str] = []
        for token in _TOKEN.findall(found[2]):
            bare = token.rstrip(_END)
            is_value = bool(typed) and typed[-1] in takes_value(found[1])
            if not (is_value or re.fullmatch(_TYPED, bare)):
                break
            typed.append(bare.strip("'\""))
            if bare != token:
                break
        yield found[1].rstrip(_END), typed


LINES = sorted(
    {
        (text.file, name, *typed)
        for text in TEXTS
        for name, typed in lines_in(text.words)
        if name in COMMANDS and typed
    }
)


def test_many_are_found() -> None:
    assert len(LINES) > 100
    assert len({line[1] for line in LINES}) > 20


def test_what_is_to_be_typed_is_a_command() -> None:
    for text in TEXTS:
        for name, typed in lines_in(text.words):
            assert name in COMMANDS or not typed, text


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_command_line_in_a_text_parses(line: tuple[str, ...]) -> None:
    _, name, *typed = line
    if typed == ["--help"]:
        return
    context = COMMANDS[name].make_context(name, typed, parent=click.Context(main))
    assert not context.args
    if "--transforms" in typed and "X" not in typed[typed.index("--transforms") + 1]:
        assert checked_steps(typed[typed.index("--transforms") + 1])


def told_by(file: str) -> list[str]:
    """The commands that tell what stands in a file."""
    known = [place for place in _TOLD_BY if file.startswith(place)]
    return _TOLD_BY[max(known, key=len)].split() if known else list(COMMANDS)


def test_an_option_in_a_message_is_one_of_who_says_it() -> None:
    lacking = []
    for text in TEXTS:
        if text.is_manual or text.file.startswith(_OF_OTHERS) or "pip install" in text.words:
            continue
        for found in _OPTION.finditer(text.words):
            before = re.findall(r"(?<![\w-])[a-z][a-z_-]+", text.words[: found.start()].lower())
            after = re.findall(r"^ of (\w+)", text.words[found.end() :])
            named = [word for word in (*before, *after) if word in COMMANDS][-1:]
            if found[0] == text.words or (named and found[0] in options_of(named[0])):
                continue
            lacking += [
                (text.file, text.line, name, found[0], text.words)
                for name in told_by(text.file)
                if found[0] not in options_of(name)
            ]
    assert not lacking, "\n".join(map(str, lacking))


#: What speaks to people at a terminal, or of flags of old programs: the commands themselves, what
#: explains errors, the manuals of rules and transforms, pages and tables that commands print.
_AT_A_TERMINAL = (
    "cli.py",
    "commands/",
    "explain/",
    "front_end.py",
    "legacy/",
    "report/",
    "schema/",
)


def test_the_library_does_not_speak_command_line() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for text in source_texts(path, Python()):
            is_typed = _OPTION.search(text.words) or re.match(r"graphtools [a-z]", text.words)
            is_other = "pip install" in text.words or text.words == "--force-reinstall"
            is_other = is_other or text.is_doc or "\n" in text.words
            if is_typed and not is_other and not text.file.startswith(_AT_A_TERMINAL):
                found.append(text)
    assert not found


STALE = """
    x = Placeholder dtype=float shape=[4]
    m = Relu(x) T=float _output_shapes={[5]}
    y = Relu(m) T=float
"""
UNFED = """
    x = Placeholder dtype=float shape=[4]
    rate = Placeholder dtype=float shape=[]
    y = Mul(x, rate) T=float
"""
COUNTED = """
    x = Placeholder dtype=float shape=[2]
    one = Const value=float:1.0
    w = VarHandleOp dtype=float shape=[2]
    count = VarHandleOp dtype=float shape=[]
    add = AssignAddVariableOp(count, one) dtype=float
    {}
    v = ReadVariableOp(w) dtype=float
    sum = Add(v, x) T=float
    y = Mul(sum, now{}) T=float
"""
READ_AFTER = COUNTED.format("now = ReadVariableOp(count, ^add) dtype=float", "")
READ_BEFORE = COUNTED.format("now = ReadVariableOp(count) dtype=float", ", ^add")
#: A graph, part of the command that is advised for it, and of the reason that is gone then.
FOLLOWED = [
    (DILATED, "flatten_atrous_conv", "block_shape"),
    (STALE, "remove_attribute", "_output_shapes"),
    (UNFED, 'placeholder_to_const(value="rate=VALUE', "no input of the model"),
    (READ_AFTER, "--keep-variables count", "not frozen"),
    (READ_BEFORE, "--inference", "not frozen"),
]


def blockers(file: Path, *ends: str) -> list[dict[str, str]]:
    found = json.loads(run("compat", file, *ends, "--json").out)
    return [*found["blockers"], *found["allocation"]]


@pytest.mark.parametrize(("text", "advised", "reason"), FOLLOWED, ids=[f[1] for f in FOLLOWED])
def test_what_a_verdict_advises_takes_its_reason_away(
    text: str, advised: str, reason: str, tmp_path: Path
) -> None:
    source, cured = tmp_path / "graph.pb", tmp_path / "out.pb"
    values = write_bundle(tmp_path / "m", {"w": np.ones(2, "f"), "count": np.zeros((), "f")})
    paths = {"FILE": source, "GRAPH": source, "OUT": cured, "PREFIX": values}
    save(graph(text), source)
    ends = ("--inputs", "x", "--outputs", "y")
    told = blockers(source, *ends)
    assert any(reason in b["reason"] + b["node"] + b["op"] for b in told), told
    lines = {(n, *t) for b in told for n, t in lines_in(b["remedy"]) if advised in " ".join(t)}
    ((name, *typed),) = lines
    typed = [str(paths.get(word, word)).replace("VALUE", "0.5") for word in typed]
    given = ("--checkpoint", values) if name == "freeze" and "--checkpoint" not in typed else ()
    done = run(name, *typed, *ends, *map(str, given))
    assert done.code == 0, done.err
    assert cured.exists()
    left = blockers(cured, *ends)
    assert not any(reason in b["reason"] + b["node"] + b["op"] for b in left), left
