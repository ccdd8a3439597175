"""What `--help` says of the commands, read from the text of their modules.

Importing all of them takes longer than a graph of some thousand nodes does to be read.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Sequence
from typing import NamedTuple

import click

from graphtools.commands._shared import GROUPS, OLD, Command
from graphtools.registry import Registry, modules, plugins

#: How a module declares its command: the name, what else is said of it, and the docstring.
_GROUP = re.compile(r'^    group="([^"]+)"', re.M)
_DECLARATION = re.compile(
    r'^@command\(\s*"([^"]+)"(.*?)^def COMMAND\(.*?\) -> None:\n    """(.*?)"""', re.S | re.M
)


class Listed(NamedTuple):
    """A command in the list of all.

    Attributes:
        name: Its name.
        help: What it does, in a line.
        group: The title under which it is listed.
    """

    name: str
    help: str
    group: str


def list_commands(commands: Registry[Command], package: str) -> list[Listed]:
    """All commands, sorted by name.

    Args:
        commands: Imports those that cannot be read, as plug-ins bring them.
        package: Full name of the package that the others are modules of.
    """
    found: list[Listed] | None = None if plugins() else read_listed(package)
    if found is None:
        found = [Listed(c.name or "", _short(c), _title(c.group)) for c in commands.all().values()]
    return sorted(found)


def read_listed(package: str) -> list[Listed] | None:
    """What the modules of a package declare, None where one does not do it as all others do."""
    folder = importlib.import_module(package).__path__[0]
    found = []
    for module in modules(package):
        try:
            with open(os.path.join(folder, f"{module}.py"), encoding="utf-8") as file:
                declared = _DECLARATION.search(file.read())
        except OSError:  # installed without the text
            return None
        if declared is None:
            return None
        name, more, text = declared.groups()
        group = OLD if "legacy=True" in more else _title("".join(_GROUP.findall(more)))
        found.append(Listed(name, _short(click.Command(name, help=text)), group))
    return found


def by_group(listed: Sequence[Listed]) -> dict[str, list[Listed]]:
    """Commands under the titles of their groups: those of `GROUPS`, of plug-ins, and old ones."""
    groups: dict[str, list[Listed]] = {title: [] for title in GROUPS.values()}
    for command in listed:
        groups.setdefault(command.group, []).append(command)
    old = groups.pop(OLD, [])
    return {title: found for title, found in (*groups.items(), (OLD, old)) if found}


def _title(group: str) -> str:
    return GROUPS.get(group, group or "More")


def _short(command: click.Command) -> str:
    return command.get_short_help_str(100)
