"""What the commands share that lint: the options that say how graphs are read and judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphtools.commands._models import model_parameters
from graphtools.commands._shared import split_list, tf_version_option

if TYPE_CHECKING:
    from graphtools.lint.settings import LintSettings

F = TypeVar("F", bound=Callable[..., Any])


def _selectors(option: str, help_text: str) -> Callable[[F], F]:
    return click.option(
        option,
        metavar="CODES",
        multiple=True,
        callback=lambda _ctx, _param, values: [s for v in values for s in split_list(v) or ()],
        help=help_text,
    )


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--target",
        metavar="TARGET",
        help="What graphs are for: tflite (default), tflite-select, edgetpu, gpu, micro or"
        " tensorflow-cpu.",
    ),
    click.option(
        "--runtime",
        metavar="VERSION",
        help="The TensorFlow Lite that is to run .tflite files, as 2.5.",
    ),
    model_parameters,
    tf_version_option,
    _selectors("--select", "Rules to apply: codes, their beginnings, names, or ALL."),
    _selectors("--extend-select", "Rules to apply besides."),
    _selectors("--ignore", "Rules not to apply."),
    click.option(
        "--per-file-ignores",
        metavar="PATTERN:CODES",
        multiple=True,
        help="Rules not to apply to some files, as 'old/*.pb:GT2'. Repeatable.",
    ),
    click.option(
        "--ignore-node",
        "ignore_nodes",
        metavar="PATTERN[:CODES]",
        multiple=True,
        help="Nodes not to look at, or not by some rules, as 'Postprocessor/*:GT301'. Repeatable.",
    ),
    click.option(
        "--config", metavar="FILE", help="Settings; by default those of the nearest folder."
    ),
    click.option("--isolated", is_flag=True, help="Read no settings file."),
)


def settings_options(function: F) -> F:
    """The options of the linter's settings, as parameters of a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def take_settings(given: dict[str, Any]) -> LintSettings:
    """The settings of the nearest file, with what the command line says.

    Args:
        given: By parameter of `settings_options`, and by other attributes of the settings.
    """
    from graphtools.lint.selection import parse_ignored_node, parse_per_file
    from graphtools.lint.settings import choose_settings

    config, isolated = given.pop("config"), given.pop("isolated")
    given["per_file_ignores"] = tuple(map(parse_per_file, given["per_file_ignores"]))
    given["ignore_nodes"] = tuple(map(parse_ignored_node, given["ignore_nodes"]))
    return choose_settings(given, config, isolated=isolated)
