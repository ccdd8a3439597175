"""The same option has the same name everywhere, and takes the same everywhere."""

from __future__ import annotations

from collections import defaultdict

import click
import pytest

from graphtools.cli import COMMANDS
from tests.commands.running import FROZEN, refusal, run

MODERN = {name: command for name, command in COMMANDS.all().items() if not command.legacy}
#: Commands that take flags of old programs beside their own options.
_TAKE_FLAGS = {"restore-plan"}
#: Options that are a switch in one command and take a value in another: none.
OPTIONS = [
    (name, option)
    for name, command in MODERN.items()
    for option in command.params
    if isinstance(option, click.Option)
]


def test_an_option_has_one_long_name() -> None:
    twice = {
        (name, *option.opts)
        for name, option in OPTIONS
        if len([o for o in option.opts if o.startswith("--")]) > 1 and name not in _TAKE_FLAGS
    }
    # a configuration of the Object Detection API is a pipeline elsewhere, and a config to people
    assert twice <= {("explain", "--config", "--pipeline")}


def test_a_name_takes_a_value_everywhere_or_nowhere() -> None:
    kinds: dict[str, dict[bool, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, option in OPTIONS:
        kinds[option.opts[-1]][option.is_flag].append(name)
    assert not {option: dict(found) for option, found in kinds.items() if len(found) > 1}


@pytest.mark.parametrize(
    ("option", "short"), [("--output", "-o"), ("--json", ""), ("--time-limit", "")]
)
def test_what_commands_share_is_called_alike(option: str, short: str) -> None:
    """By parameter: where a command writes, JSON, and seconds until it is given up."""
    named = [found.opts for _, found in OPTIONS if option in found.opts]
    assert len(named) > 5
    assert all(names == ([short, option] if short else [option]) for names in named)


def test_json_has_one_name() -> None:
    for name in ("lint", "report", "rule"):
        assert refusal(run(name, FROZEN, "--format", "json"))


def test_a_time_limit_has_one_name() -> None:
    named = {o for _, found in OPTIONS for o in found.opts if found.metavar == "SECONDS"}
    assert named == {"--time-limit"}
