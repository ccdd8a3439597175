"""What holds for every command: help, an example that parses, exit codes, --json and a test."""

from __future__ import annotations

import importlib
import shlex
from pathlib import Path

import click
import pytest

from graphtools import registry
from graphtools.cli import main
from graphtools.commands._shared import Command
from tests.commands.running import run

NAMES = registry.modules("graphtools.commands")


def command(name: str) -> Command:
    found: Command = importlib.import_module(f"graphtools.commands.{name}").COMMAND
    return found


def test_every_module_is_listed_as_a_command() -> None:
    context = click.Context(main)
    assert sorted(n.replace("-", "_") for n in main.list_commands(context)) == list(NAMES)
    listed = run("--help").out
    assert all(f"  {command(name).name}  " in listed for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_command_has_the_name_of_its_module(name: str) -> None:
    assert str(command(name).name).replace("-", "_") == name


@pytest.mark.parametrize("name", NAMES)
def test_help_has_a_text_an_example_and_the_exit_codes(name: str) -> None:
    done = run(str(command(name).name), "--help")
    assert done.code == 0
    assert command(name).help
    assert "Example:" in done.out
    for line in command(name).example.splitlines():
        assert f"  {line}\n" in done.out
    assert "Exit codes:\n  0 " in done.out
    assert "2 " in command(name).exit_codes


@pytest.mark.parametrize("name", NAMES)
def test_every_option_has_a_help_text(name: str) -> None:
    for parameter in command(name).params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


@pytest.mark.parametrize("name", NAMES)
def test_the_example_parses(name: str) -> None:
    for line in command(name).example.replace("\\\n", "").splitlines():
        program, called, *args = shlex.split(line)
        assert (program, called) == ("graphtools", command(name).name)
        context = command(name).make_context(called, args)
        assert not context.args


@pytest.mark.parametrize("name", NAMES)
def test_a_command_prints_json_on_demand(name: str) -> None:
    assert "--json" in {o for p in command(name).params for o in p.opts}


@pytest.mark.parametrize("name", NAMES)
def test_a_command_has_a_test(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
