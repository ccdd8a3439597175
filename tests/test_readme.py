"""The README is executed: each command prints what stands below it.

`python -m tests.test_readme` writes the output into the README anew.
"""

from __future__ import annotations

import atexit
import doctest
import functools
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.support import ROOT

README = ROOT / "README.md"
#: A block may say which package it needs: `<!-- needs tensorflow -->` in the line above.
_BLOCK = re.compile(r"(?:<!-- needs (?P<needs>[\w ]+) -->\n)?```(console|pycon)\n(.*?)```", re.S)
#: A table that is made from the code: `<!-- made from: lint rules -->`.
_TABLE = re.compile(
    r"(?<=<!-- made from: )(?P<source>[\w ]+)( -->\n\n)(?P<table>.*?)(?=\n<!-- end)", re.S
)


def blocks(text: str) -> list[tuple[str, str, str]]:
    """What the blocks that are executed need, their kind and content."""
    return _BLOCK.findall(text)


def is_here(needs: str) -> bool:
    """Whether the packages are installed that a block needs."""
    return all(importlib.util.find_spec(package) for package in needs.split())


def run_console(block: str) -> str:
    """A block of shell commands with what they print, stderr among it."""
    out = []
    for line in block.splitlines():
        if line.startswith("$ "):
            out += [line, *_shell(line[2:])]
    return "\n".join(out) + "\n"


@functools.cache
def playground() -> Path:
    """A folder in which commands may write, with the fixtures in it."""
    folder = Path(tempfile.mkdtemp())
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _shell(command: str) -> list[str]:
    bin_folder = Path(sys.executable).parent
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=playground(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"},
    )
    return [line.rstrip() for line in result.stdout.rstrip().splitlines()]


def run_python(block: str) -> str:
    """A block of Python examples with what they print."""
    out = []
    names: dict[str, object] = {}
    for example in doctest.DocTestParser().get_examples(block):
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(example.source, "README.md", "single"), names)
        out += [f">>> {example.source.rstrip()}", *printed.getvalue().splitlines()]
    return "\n".join(out) + "\n"


def executed(kind: str, block: str) -> str:
    """A block as it is when executed."""
    return run_console(block) if kind == "console" else run_python(block)


@pytest.mark.parametrize(("needs", "kind", "block"), blocks(README.read_text("utf-8")))
def test_the_readme_prints_what_it_says(
    needs: str, kind: str, block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_here(needs):
        pytest.skip(f"needs {needs}")
    monkeypatch.chdir(ROOT)
    assert executed(kind, block) == block


def test_the_readme_lists_every_command() -> None:
    from graphtools.cli import COMMANDS

    listed = set(re.findall(r"^\| `([a-z-]+)", README.read_text("utf-8"), re.M))
    offered = COMMANDS.all()
    assert listed == {name for name, command in offered.items() if not command.legacy}


def lint_rules() -> str:
    """The table of the linter's rules, in Markdown."""
    from graphtools.lint.tables import all_rules

    rows = ["| code | name | severity | finds | cure |", "|---|---|---|---|---|"]
    for rule in all_rules().values():
        what = " ".join(rule.manual.what.partition("\n\n")[0].split())
        safety = "" if rule.is_safe_cure else ", unsafe"
        cure = f"`{rule.cure}`{safety}" if rule.cure else ""
        cells = (rule.code, rule.name, rule.severity, what, cure)
        rows.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "".join(f"{row}\n" for row in rows)


#: What makes each table, by its name in the README.
TABLES = {"lint rules": lint_rules}


def test_the_tables_of_the_readme_are_those_of_the_code() -> None:
    tables = {
        found["source"]: found["table"] for found in _TABLE.finditer(README.read_text("utf-8"))
    }
    assert tables == {source: make() for source, make in TABLES.items()}


def main() -> None:
    """Write the output, and the tables that are made from the code, into the README anew."""
    os.chdir(ROOT)
    text = README.read_text("utf-8")
    text = _TABLE.sub(lambda found: found["source"] + found[2] + TABLES[found["source"]](), text)

    def renewed(found: re.Match[str]) -> str:
        needs, kind, block = found.groups()
        if not is_here(needs or ""):
            return found[0]
        head = f"<!-- needs {needs} -->\n" if needs else ""
        return f"{head}```{kind}\n{executed(kind, block)}```"

    README.write_text(_BLOCK.sub(renewed, text), "utf-8")


if __name__ == "__main__":
    main()
