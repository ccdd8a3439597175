"""What the commands share that read images, arrays and records as samples."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from graphtools.samples.options import SampleOptions

F = TypeVar("F", bound=Callable[..., Any])

_RESIZES = ("stretch", "crop", "pad")
_OPTIONS = (
    click.option(
        "--samples",
        metavar="N",
        type=click.IntRange(min=1),
        default=100,
        show_default=True,
        help="How many samples are used at most.",
    ),
    click.option(
        "--resize",
        type=click.Choice(_RESIZES),
        default="stretch",
        show_default=True,
        help="How images are made as large as the input.",
    ),
    click.option(
        "--mean",
        metavar="M[,M,M]",
        help="Of pixels: (pixel - mean) / std.",
    ),
    click.option(
        "--std",
        metavar="S[,S,S]",
        help="Of pixels; 127.5 with mean 127.5: -1..1.",
    ),
    click.option(
        "--key",
        "keys",
        metavar="NAME=FEATURE",
        multiple=True,
        help="Feature of TFRecords, or array of an .npz, for an input of another name. Repeatable.",
    ),
)


def sample_parameters(function: F) -> F:
    """The options by which data becomes samples, as parameters of a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def sample_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which data becomes samples, for a command that takes them as `samples`."""

    @functools.wraps(function)
    def with_samples(*args: Any, **given: Any) -> Any:
        return function(*args, samples=_taken(given), **given)

    return sample_parameters(with_samples)


def _taken(given: dict[str, Any]) -> SampleOptions:
    from graphtools.samples.inputs import read_keys
    from graphtools.samples.normalization import channel_values
    from graphtools.samples.options import SampleOptions

    return SampleOptions(
        limit=given.pop("samples"),
        resize=given.pop("resize"),
        mean=tuple(channel_values("mean", given.pop("mean"))),
        std=tuple(channel_values("std", given.pop("std"))),
        keys=read_keys(given.pop("keys")),
    )
