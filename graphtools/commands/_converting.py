"""What the commands share that convert graphs to TFLite."""

from __future__ import annotations

import os.path
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

import click

from graphtools.commands._models import told
from graphtools.commands._shared import (
    CANNOT,
    DONE,
    FOUND,
    complain,
    emit,
    emit_json,
    note,
    progress,
    though_written,
)
from graphtools.errors import FileProblem, GraphtoolsError, InvalidValue

if TYPE_CHECKING:
    from graphtools.convert.calibration.calibration import Calibration
    from graphtools.convert.conversion.converter import Conversion, Converter
    from graphtools.convert.conversion.options import ConversionOptions
    from graphtools.convert.conversion.report import ConversionFailure
    from graphtools.graph.graph import Graph
    from graphtools.model.options import ModelOptions
    from graphtools.report.document import Document

EXIT_CODES = (
    "0 converted, 1 converted, but the model is not what was asked for or does not load, "
    "2 cannot convert it (the message on stderr says why)"
)


class Sound(Protocol):
    """What came of a conversion: whether it is what was asked for."""

    @property
    def sound(self) -> bool:
        """Whether it is."""
        ...


_Done = TypeVar("_Done", bound=Sound)

#: Reads the data for a graph, its inputs, and by tensor their shapes and keys in a signature.
Calibrate = Callable[["Graph", Sequence[str], Any, Any], "Calibration | None"]
#: Changes a graph before the conversion: gives it with its inputs, outputs and remarks.
Prepare = Callable[
    ["Graph", Sequence[str], Sequence[str]],
    "tuple[Graph, Sequence[str], Sequence[str], Sequence[str]]",
]


def convert_files(
    files: Sequence[str],
    target: str,
    options: ConversionOptions,
    *,
    model_options: ModelOptions,
    calibrate: Calibrate | None = None,
    prepare: Prepare | None = None,
    time_limit: float = 300.0,
    trust: bool = False,
    report: str | None = None,
    as_json: bool = False,
) -> None:
    """Convert models one after the other, say what came out, and exit.

    Args:
        files: Graphs, .meta files or SavedModels.
        target: Where the model goes; for several a folder, or a name with `{name}` in it.
        options: What is asked for.
        model_options: How the models are read.
        calibrate: Reads the data.
        prepare: Changes the graphs before.
        time_limit: Seconds that one conversion may take.
        trust: Whether graphs may run that write or read files, or use the network.
        report: Where a page on the conversions goes; None for nowhere.
        as_json: Whether to print JSON.
    """
    from graphtools.convert.conversion.converter import Converter
    from graphtools.convert.conversion.options import check_options
    from graphtools.convert.conversion.report import Conversions
    from graphtools.report.conversion import conversion_document

    check_options(options)
    targets = targets_of(files, target)
    if report is not None:
        _check_folder(report)
    with Converter(time_limit, trust=trust) as converter:
        one_by_one(
            files,
            targets,
            lambda file, place: _convert(
                converter, file, place, options, model_options, calibrate, prepare
            ),
            conversion_document,
            Conversions,
            lambda results, failures: _write_report(report, results, failures),
            as_json=as_json,
        )


def one_by_one(
    files: Sequence[str],
    targets: Sequence[str],
    convert: Callable[[str, str], _Done],
    document: Callable[[_Done], Document],
    several: Callable[[tuple[_Done, ...], tuple[ConversionFailure, ...]], object],
    write_report: Callable[[Sequence[tuple[str, _Done]], Sequence[ConversionFailure]], None],
    *,
    as_json: bool,
) -> NoReturn:
    """Convert models one after the other, say what came out, and exit; where one fails, go on.

    Args:
        files: The models.
        targets: Where each goes.
        convert: Converts one, from a file to a target.
        document: What came of one, to be shown.
        several: What came of several, to be printed as JSON.
        write_report: Writes a page, where one was asked for.
        as_json: Whether to print JSON.
    """
    worst = DONE
    results: list[tuple[str, _Done]] = []
    failures: list[ConversionFailure] = []
    written: list[str] = []
    for number, (file, place) in enumerate(zip(files, targets, strict=True)):
        counted = f" ({number + 1} of {len(files)})" if len(files) > 1 else ""
        if counted:
            click.echo(f"{file} -> {place}{counted}", err=True)
        try:
            with progress(f"converting {file}{counted}"):
                found = convert(file, place)
        except GraphtoolsError as problem:
            failures.append(_failed(file, problem, is_shown=not as_json))
            if len(files) == 1:
                write_report(results, failures)
                if failures[0].blockers and as_json:
                    emit_json(failures[0])
                raise
            complain(f"{file}: {problem.message}", problem.remedy)
            worst = CANNOT
            continue
        results.append((file, found))
        worst = max(worst, DONE if found.sound else FOUND)
        written.append(place)
        if not as_json and place != "-":
            emit(document(found))
    with though_written(*written):
        write_report(results, failures)
    if as_json:
        models = tuple(found for _, found in results)
        emit_json(models[0] if len(files) == 1 else several(models, tuple(failures)))
    click.get_current_context().exit(worst)


def _failed(file: str, problem: GraphtoolsError, *, is_shown: bool) -> ConversionFailure:
    """A conversion that failed; the nodes that do not convert are shown, where they are known."""
    from graphtools.convert.conversion.errors import ConversionBlocked
    from graphtools.convert.conversion.report import ConversionFailure
    from graphtools.report.conversion import blocked_document

    blockers = problem.blockers if isinstance(problem, ConversionBlocked) else ()
    if blockers and is_shown:
        emit(blocked_document(blockers))
        sys.stdout.flush()  # before the message that follows on stderr
    return ConversionFailure(file, problem.message, problem.remedy, blockers)


def _convert(
    converter: Converter,
    file: str,
    target: str,
    options: ConversionOptions,
    model_options: ModelOptions,
    calibrate: Calibrate | None,
    prepare: Prepare | None,
) -> Conversion:
    from graphtools.model.loading import load_model

    model = told(load_model(file, model_options).runnable)
    converter.worker.own_files |= model.own_files
    graph, shapes = model.graph, model.input_shapes
    fed: Sequence[str] = model.inputs
    wanted: Sequence[str] = model.outputs
    if prepare is not None:
        graph, fed, wanted, remarks = prepare(graph, fed, wanted)
        for line in remarks:
            note(line)
    data = calibrate(graph, fed, shapes, model.keys) if calibrate is not None else None
    for line in data.notes if data is not None else ():
        note(line)
    return converter.convert(
        graph,
        fed,
        wanted,
        options,
        target=target,
        input_shapes=shapes,
        calibration=data,
        signatures=model.signatures,
    )


def _write_report(
    path: str | None,
    results: Sequence[tuple[str, Conversion]],
    failures: Sequence[ConversionFailure],
) -> None:
    if path is None:
        return
    from graphtools.formats.source import write_file
    from graphtools.report.reporting import conversion_report

    with progress(f"writing {path}"):
        write_file(path, [conversion_report(results, failures).encode()])
    note(f"written {path}")


def targets_of(files: Sequence[str], target: str, ending: str = ".tflite") -> list[str]:
    """Where each model goes; in a folder, under its own name with an ending.

    Raises:
        InvalidValue: Two would go to the same place.
        FileProblem: The folder is not there.
    """
    names = _names(files)
    if "{name}" in target:
        found = [target.replace("{name}", name) for name in names]
    elif os.path.isdir(target) or target.endswith((os.sep, "/")):
        found = [os.path.join(target, name + ending) for name in names]
    else:
        found = [target] * len(files)
    twice = next((t for t in found if found.count(t) > 1), None)
    if twice is not None:
        raise InvalidValue(
            f"several models would go to {twice}",
            f"name a folder that is there: -o models/, or a pattern: -o 'models/{{name}}{ending}'",
        )
    for place in found:
        _check_folder(place)
    return found


def _check_folder(place: str) -> None:
    """Check that a file can be written: that is to be said before the minutes of a conversion.

    Raises:
        FileProblem: Its folder is not there, or nothing can be written to it.
    """
    folder = os.path.dirname(place) or os.curdir
    if not os.path.isdir(folder):
        raise FileProblem(
            f"{place} cannot be written: there is no folder {folder}",
            "make it first, or choose another target",
        )
    # a file that is there may be a pipe or device, which needs no new file beside it
    if place != "-" and not os.path.exists(place) and not os.access(folder, os.W_OK):
        raise FileProblem(
            f"{place} cannot be written: the folder {folder} is not yours to write to",
            "choose another target",
        )


def _names(files: Sequence[str]) -> list[str]:
    """A name for each model: its own, with its folder or a number where another has the same."""
    short = [_name(file) for file in files]
    long = [
        f"{_folder(f)}_{n}" if short.count(n) > 1 else n for f, n in zip(files, short, strict=True)
    ]
    return [f"{n}_{long[: i + 1].count(n)}" if long.count(n) > 1 else n for i, n in enumerate(long)]


def _name(file: str) -> str:
    """A name for the model of a file: its own, or that of its folder where its own says nothing."""
    path = os.path.abspath(file)
    base = os.path.basename(path)
    stem = base if os.path.isdir(path) else base.partition(".")[0]
    return stem or _folder(file)


def _folder(file: str) -> str:
    return os.path.basename(os.path.dirname(os.path.abspath(file)))
