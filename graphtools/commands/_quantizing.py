"""What the commands share that put trained ranges into graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphtools.commands._shared import FOUND, complain

if TYPE_CHECKING:
    from graphtools.transforms._quantized_graph import QuantizationOptions, QuantizationReport

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = "0 done, 1 --strict and a layer stays float, 2 cannot do it (stderr says why)"
_BITS = click.IntRange(2, 16)
_OPTIONS = (
    click.option(
        "--weight-bits", type=_BITS, default=8, show_default=True, help="Bits of weights."
    ),
    click.option(
        "--activation-bits",
        type=_BITS,
        default=8,
        show_default=True,
        help="Bits of what layers give.",
    ),
    click.option("--symmetric", is_flag=True, help="Ranges reach as far down as up."),
    click.option(
        "--per-channel",
        is_flag=True,
        help="A range for each output channel of weights, symmetric: for int8.",
    ),
    click.option("--scope", metavar="S", default="", help="Only layers below this name scope."),
    click.option(
        "--exclude", metavar="GLOB", multiple=True, help="Layers that stay float. Repeatable."
    ),
    click.option("--strict", is_flag=True, help="Exit with 1 where a layer stays float."),
)


def quantization_options(function: F) -> F:
    """The options that say how a graph is quantized."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def take_quantization(
    given: dict[str, Any], quant_delay: int = 0, freeze_bn_delay: int | None = None
) -> QuantizationOptions:
    """What the options say; they are taken out."""
    from graphtools.transforms._quantized_graph import QuantizationOptions

    names = ("weight_bits", "activation_bits", "symmetric", "per_channel", "scope", "exclude")
    values = {name: given.pop(name) for name in names}
    return QuantizationOptions(**values, quant_delay=quant_delay, freeze_bn_delay=freeze_bn_delay)


def exit_if_left(ctx: click.Context, report: QuantizationReport, *, strict: bool) -> None:
    """Exit with 1 where a layer stays float and that counts."""
    if strict and report.left:
        first = report.left[0]
        complain(f"{len(report.left)} layers stay float: {first.name!r}: {first.left}")
        ctx.exit(FOUND)
