"""What `convert` has for other targets than .tflite: their options, and one conversion each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from graphtools.commands._converting import one_by_one, targets_of
from graphtools.commands._models import told

if TYPE_CHECKING:
    from graphtools.convert.target import TargetConversion, TargetOptions
    from graphtools.model.options import ModelOptions

_OPTIONS = (
    click.option(
        "--inputs-as-nchw", is_flag=True, help="ONNX: images are fed with their channels first."
    ),
    click.option(
        "--outputs-as-nchw", is_flag=True, help="ONNX: outputs of four dimensions, likewise."
    ),
    click.option(
        "--opset", type=int, default=15, show_default=True, help="ONNX: version of its operators."
    ),
    click.option(
        "--fp16/--no-fp16",
        default=False,
        show_default=True,
        help="ncnn: weights of half the size; the error of that is told.",
    ),
    click.option(
        "--pnnx",
        "program",
        metavar="PROGRAM",
        default="",
        help="ncnn: pnnx, where it is neither installed as a package nor in PATH.",
    ),
    click.option(
        "--feed",
        metavar="NPZ",
        default="",
        help="ONNX, ncnn: values of the inputs for the check, in place of random ones.",
    ),
)
#: Their names as parameters.
TARGET_OPTIONS = ("inputs_as_nchw", "outputs_as_nchw", "opset", "fp16", "program", "feed")


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of other targets, for a command that takes them as `for_target`."""

    @functools.wraps(function)
    def with_options(*args: Any, **given: Any) -> Any:
        from graphtools.convert.target import TargetOptions

        options = TargetOptions(**{name: given.pop(name) for name in TARGET_OPTIONS})
        return function(*args, for_target=options, **given)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


def refuse_options(given: Mapping[str, str], names: Collection[str], what_for: str) -> None:
    """Refuse options that say nothing for the format that is wanted.

    Args:
        given: The options that were typed, by parameter.
        names: The parameters that are refused.
        what_for: What they are for.

    Raises:
        UsageError: One was typed.
    """
    for name, option in given.items():
        if name in names:
            raise click.UsageError(f"{option} is {what_for}")


def convert_to_target(
    files: Sequence[str],
    place: str,
    name: str,
    options: TargetOptions,
    model_options: ModelOptions,
    time_limit: float | None,
    *,
    trust: bool,
    as_json: bool,
) -> NoReturn:
    """Convert models to a target one after the other, say what came out, and exit.

    Args:
        files: Graphs, .meta files or SavedModels.
        place: Where the model goes; for several a folder, or a name with `{name}` in it.
        name: Name of the target.
        options: What is asked for.
        model_options: How the models are read.
        time_limit: Seconds that one conversion may take; None for what is usual.
        trust: Whether graphs may run that write or read files, or use the network.
        as_json: Whether to print JSON.
    """
    from graphtools.convert.target import (
        TARGET_TIME_LIMIT,
        TARGETS,
        TargetConversions,
        TargetConverter,
    )
    from graphtools.model.loading import load_model
    from graphtools.report.target_conversion import target_document

    target = TARGETS.all()[name]
    target.require(options)

    def convert(file: str, place: str) -> TargetConversion:
        model = told(load_model(file, model_options).runnable)
        converter.worker.own_files |= model.own_files
        return converter.convert(
            model.graph,
            model.inputs,
            model.outputs,
            options,
            target=place,
            input_shapes=model.input_shapes,
        )

    with TargetConverter(target, time_limit or TARGET_TIME_LIMIT, trust=trust) as converter:
        one_by_one(
            files,
            targets_of(files, place, target.ending),
            convert,
            target_document,
            TargetConversions,
            lambda _done, _failed: None,
            as_json=as_json,
        )
