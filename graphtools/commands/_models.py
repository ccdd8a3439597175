"""What the commands share that start from a model's graph: their options, reading, what is said."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from graphtools.commands._shared import note, progress, split_list, tags_option

if TYPE_CHECKING:
    from graphtools.formats.format import Model
    from graphtools.model.loading import LoadedModel, ModelGraph
    from graphtools.model.options import ModelOptions

F = TypeVar("F", bound=Callable[..., Any])

_NAMES = ("inputs", "outputs", "input_shapes", "batch", "signature", "tags", "checkpoint")


class _Batch(click.ParamType):  # type: ignore[type-arg]
    """The size of a batch, or `?`: -1, as `ModelOptions` has it."""

    name = "batch"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number of samples."""
        if value in ("?", "-1"):
            return -1
        if not str(value).isdecimal() or not int(value):
            self.fail(f"{value!r} is no number of samples, nor ?", param, ctx)
        return int(value)


def _names_option(name: str, help_text: str) -> Callable[[F], F]:
    return click.option(
        name,
        metavar="NAMES",
        callback=lambda _ctx, _param, value: split_list(value),
        help=f"{help_text}, separated by commas; the signature's or the likely ones if not given.",
    )


_OPTIONS = (
    _names_option("--inputs", "Names of the inputs"),
    _names_option("--outputs", "Names of the outputs"),
    click.option(
        "--input-shape",
        "input_shapes",
        metavar="NAME=SHAPE",
        multiple=True,
        help="Shape of an input, as image=1,300,300,3; ? for an unknown dimension. Where a graph is"
        " written it is stated there, and constants follow. Repeatable.",
    ),
    click.option(
        "--batch",
        metavar="N",
        type=_Batch(),
        help="The first dimension of all inputs; ? for an open one.",
    ),
    click.option(
        "--signature",
        metavar="KEY",
        help="Take inputs and outputs of this signature; serving_default if not given.",
    ),
    tags_option,
    click.option(
        "--checkpoint",
        metavar="PATH",
        help="Where the values of variables are; beside a .meta file or in a SavedModel it is"
        " found.",
    ),
)


def model_parameters(function: F) -> F:
    """The options by which a model is read, as parameters of a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def model_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a model is read, for a command that takes them as `options`."""

    @functools.wraps(function)
    def with_options(*args: Any, **given: Any) -> Any:
        return function(*args, options=take_options(given), **given)

    return model_parameters(with_options)


def take_options(given: dict[str, Any]) -> ModelOptions:
    """What the parameters of `model_parameters` say; they are taken out.

    Raises:
        InvalidValue: A shape is none.
    """
    from graphtools.model.options import ModelOptions

    values = {name: given.pop(name) for name in _NAMES}
    if values["input_shapes"]:
        from graphtools.analysis.shape_list import parse_input_shapes

        values["input_shapes"] = parse_input_shapes(values["input_shapes"], [""])
    else:
        values["input_shapes"] = {}
    return ModelOptions(**values)


def refuse_options_of_graphs(ctx: click.Context, what: str, known: Collection[str]) -> None:
    """Refuse the options that were given and say nothing of a kind of file.

    Raises:
        click.UsageError: One that is not known there was given.
    """
    for option in ctx.command.params:
        is_given = ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if is_given and option.name not in known:
            raise click.UsageError(f"{option.opts[-1]} is for graphs, and not for {what}")


def read_model(file: str, options: ModelOptions, opened: Model | None = None) -> LoadedModel:
    """Read a model, with what `model_options` gives; the file may have been opened already."""
    from graphtools.model.loading import load_model

    with progress(f"reading {file}"):
        return load_model(file, options, file=opened)


def told(model: ModelGraph) -> ModelGraph:
    """A graph, of which is said on stderr what was chosen."""
    for text in model.notes:
        note(text)
    return model
