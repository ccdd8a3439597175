"""Runs the check that an explained error names, on the files that are at hand."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import click

from graphtools.errors import GraphtoolsError
from graphtools.explain.explain import Check, Explanation

#: What stands in a command for a file, by the option that names the file.
PLACEHOLDERS = {
    "graph": (
        *("GRAPH", "FROZEN.PB", "SAVED_MODEL", "MODEL.tflite", "MODEL.TFLITE", "FILE", "FOLDER"),
        *("BEFORE", "frozen_inference_graph.pb", "MODEL.CKPT.META"),
    ),
    "checkpoint": ("CHECKPOINT", "TRAIN_DIR"),
    "config": ("PIPELINE.CONFIG",),
}
_MOST_TOLD = 5
#: Entries that say that nothing at all is restored.
_NOTHING_RESTORED = ("no-variables-to-save", "no-variables-to-restore")


def with_files(found: Explanation, files: Mapping[str, str]) -> Explanation:
    """An explanation whose commands name the files that are at hand.

    Args:
        found: The explanation.
        files: Files by the keys of `PLACEHOLDERS`.
    """
    names = {p: shlex.quote(files[k]) for k, ps in PLACEHOLDERS.items() if k in files for p in ps}
    commands = []
    for command in found.commands:
        words = command.split(" ")
        commands.append(" ".join(names.get(word, word) for word in words))
    return dataclasses.replace(found, commands=tuple(commands))


def with_check(found: Explanation, ctx: click.Context) -> Explanation:
    """An explanation with what its first command says that only reads and lacks no file."""
    for command in found.commands:
        _, name, *args = shlex.split(command)
        judge, args = _JUDGES.get(name), _without_open(args)
        if judge is None or any(_is_open(arg) for arg in args):
            continue
        line = shlex.join(["graphtools", name, *args])
        return dataclasses.replace(found, check=_checked(line, name, args, judge, found, ctx))
    return found


def _without_open(args: list[str]) -> list[str]:
    """Arguments without the options whose values are still to be filled in."""
    kept: list[str] = []
    for arg in args:
        if _is_open(arg) and kept and kept[-1].startswith("--"):
            kept.pop()
        else:
            kept.append(arg)
    return kept


def _is_open(argument: str) -> bool:
    """Whether an argument is still to be filled in."""
    return argument.isupper() and argument.replace("_", "").replace(".", "").isalpha()


def _checked(
    command: str,
    name: str,
    args: list[str],
    judge: Callable[[dict[str, Any], Explanation], tuple[str, list[str]]],
    found: Explanation,
    ctx: click.Context,
) -> Check:
    """What a command says."""
    group = ctx.find_root().command
    called = group.get_command(ctx, name) if isinstance(group, click.Group) else None
    if called is None:
        return Check(command, "", ())
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.suppress(click.exceptions.Exit):
            inner = called.make_context(name, [*args, "--json"], parent=ctx.find_root())
            with inner:
                called.invoke(inner)
    except (GraphtoolsError, click.ClickException) as problem:
        return Check(command, "", (str(problem).partition("\n")[0],))
    if not printed.getvalue():  # it has said on stderr why it cannot
        return Check(command, "", ("it cannot be decided: see the message above",))
    verdict, told = judge(json.loads(printed.getvalue()), found)
    if len(told) > _MOST_TOLD:
        told = [*told[:_MOST_TOLD], f"... and {len(told) - _MOST_TOLD} more"]
    return Check(command, verdict, tuple(told) or ("nothing",))


def _of_plan(plan: dict[str, Any], found: Explanation) -> tuple[str, list[str]]:
    """Whether a plan shows what the message says: a clash, a missing key, nothing restored."""
    variables = plan["variables"]
    clashes = [
        f"{v['name']!r} has {_shape(v['shape'])} here and {_shape(v['checkpoint_shape'])} there"
        for v in variables
        if v["status"] == "shape_differs"
    ]
    missing = [
        f"{v['checkpoint_key'] or v['name']!r} is not in the checkpoint"
        for v in variables
        if v["status"] == "missing"
    ]
    if found.name in _NOTHING_RESTORED:
        count = plan["counts"]["restored"]
        if count:
            return "no", [f"{count} of {len(variables)} variables are restored", *clashes, *missing]
        return "yes", ["no variable is restored", *clashes, *missing]
    told = clashes if "shape" in found.name else missing or clashes
    if not told:
        return "no", ["every variable that is asked for is in the checkpoint, with its shape"]
    if told is clashes:
        named = _shapes_in(found.excerpt)
        meant = [t for t in told if named and all(shape in t.split() for shape in named)]
    else:
        named = [word.strip("'\".,:") for word in found.excerpt.split()]
        meant = [t for t in told if t.split("'")[1] in named]
    if named and not meant:
        return "", told
    return "yes", sorted(told, key=lambda t: t not in meant)


def _shapes_in(text: str) -> list[str]:
    """The shapes that a message names."""
    parts = text.replace(" ", "").split("[")[1:]
    return [f"[{part.partition(']')[0]}]" for part in parts if "]" in part]


def _shape(shape: list[int | None] | None) -> str:
    if shape is None:
        return "an unknown shape"
    return "[" + ",".join("?" if d is None else str(d) for d in shape) + "]"


def _of_findings(result: dict[str, Any], found: Explanation) -> tuple[str, list[str]]:
    """What a linter has found; where it looked for one kind, whether that is it."""
    told = [f"{f['code']} {f['message']}" for f in _findings(result) if f.get("severity") != "info"]
    if not told:
        return "no", ["nothing of that kind is in the file"]
    return ("yes" if "--select" in found.commands[0] else ""), told


def _findings(result: object) -> list[dict[str, Any]]:
    """All findings in a document, however deep."""
    if isinstance(result, dict):
        if "code" in result and "message" in result:
            return [result]
        return [f for value in result.values() for f in _findings(value)]
    if isinstance(result, list):
        return [f for value in result for f in _findings(value)]
    return []


def _of_endpoints(result: dict[str, Any], _found: Explanation) -> tuple[str, list[str]]:
    """The likely inputs and outputs."""
    return "", [
        f"{kind[:-1]} {one['name']!r}: {one['dtype']} {_shape(one['shape'])}"
        for kind in ("inputs", "outputs")
        for one in result[kind]
        if one.get("score", 1.0) >= 0.5
    ]


_JUDGES: dict[str, Callable[[dict[str, Any], Explanation], tuple[str, list[str]]]] = {
    "restore-plan": _of_plan,
    "lint": _of_findings,
    "check-config": _of_findings,
    "io": _of_endpoints,
}
