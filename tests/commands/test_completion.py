"""What shells offer for a word that is not typed to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.running import FROZEN, fixture
from tests.support import ROOT

PREDICTIONS = "MobilenetV1/Predictions/"


def offered(*words: str, shell: str = "bash") -> list[str]:
    """What is offered for the last of some words."""
    variables = {
        "_GRAPHTOOLS_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "\n".join(("graphtools", *words)),
        "COMP_CWORD": str(len(words)),
    }
    command = [sys.executable, "-m", "graphtools"]
    done = subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
        cwd=ROOT,
    )  # fmt: skip
    assert not done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (("fre",), ["freeze", "freeze_graph"]),
        (("lint", "--ta"), ["--target", "--tag-set"]),
        (("help", "fre"), ["freeze", "freeze_graph"]),
        (("rule", "GT10"), ["GT101", "GT102"]),
        (("lint", FROZEN, "--select", "GT101,GT30"), ["GT101,GT301"]),
        (("lint", FROZEN, "--select", "=", "GT10"), ["GT101"]),
        (("lint", "--target", "tf"), ["tflite", "tflite-select"]),
        (("lint", "--format", "s"), ["sarif"]),
        (("transforms", "fold_b"), ["fold_batch_norms"]),
        (("transform", FROZEN, "--transforms", "'fold_constants merge_d"),
         ["fold_constants merge_duplicate_nodes"]),
        (("op", "Conv2D"), ["Conv2D", "Conv2DBackpropInput"]),
        (("nodes", FROZEN, "--op", "Co"), ["Conv2D", "Const"]),
        (("node", FROZEN, "Mob"), ["MobilenetV1/Conv2d_0/", PREDICTIONS]),
        (("node", FROZEN, PREDICTIONS), [f"{PREDICTIONS}Softmax"]),
        (("path", FROZEN, "input", PREDICTIONS), [f"{PREDICTIONS}Softmax"]),
        (("strip", FROZEN, "--outputs", f"a,{PREDICTIONS}So"), [f"a,{PREDICTIONS}Softmax"]),
        (("convert", FROZEN, "--quantize", "int"), ["int8", "int16x8"]),
        (("nodes", "fix"), ["fix"]),
        (("tensorboard", FROZEN, "log"), ["log"]),
    ],
)  # fmt: skip
def test_what_is_offered(words: tuple[str, ...], some: list[str]) -> None:
    found = offered(*words)
    assert set(some) <= set(found)
    assert all(text.startswith(words[-1].strip("'")) for text in found)


def test_ops_are_those_of_the_file() -> None:
    assert offered("nodes", FROZEN, "--op", "Conv") == ["Conv2D"]


@pytest.mark.parametrize(
    "words",
    [
        ("bogus", "x"),
        ("node", "nowhere.pb", "x"),
        ("node", fixture("quant/float.tflite"), "x"),
        ("node", __file__, "x"),
        ("nodes", FROZEN, "--depth", "1"),
    ],
)
def test_what_is_not_known_is_not_offered(words: tuple[str, ...]) -> None:
    assert offered(*words) in ([], [words[-1]])


def program(folder: Path) -> dict[str, str]:
    """The environment of a shell that finds graphtools."""
    script = folder / "graphtools"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m graphtools "$@"\n')
    script.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


#: In each shell, how its completion is put in force and asked for `node FILE Mobi`.
SCRIPTS = {
    "bash": """
        eval "$(_GRAPHTOOLS_COMPLETE=bash_source graphtools)"
        complete -p graphtools
        COMP_WORDS=(graphtools node "$1" Mobi) COMP_CWORD=3
        _graphtools_completion graphtools
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        autoload -U compinit; compinit -D
        eval "$(_GRAPHTOOLS_COMPLETE=zsh_source graphtools)"
        print -r -- "$_comps[graphtools] MobilenetV1/Logits/"
    """,
    "fish": """
        env _GRAPHTOOLS_COMPLETE=fish_source graphtools | source
        complete -C "graphtools node $argv[1] Mobi"
    """,
}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_itself_completes(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not there")
    before = {"bash": ["-c", SCRIPTS[shell], "bash"], "zsh": ["-fc", SCRIPTS[shell], "zsh"]}
    args = before.get(shell, ["--no-config", "-c", SCRIPTS[shell]])
    done = subprocess.run(
        [shell, *args, FROZEN], env=program(tmp_path), capture_output=True, text=True, check=False
    )
    assert not done.stderr
    assert "MobilenetV1/Logits/" in done.stdout
    assert shell == "fish" or "_graphtools_completion" in done.stdout
