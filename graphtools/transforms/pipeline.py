"""Runs transforms one after the other, and reports what each did."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Union

from graphtools import front_end
from graphtools.display import Displayed
from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue, UnknownName
from graphtools.front_end import param
from graphtools.graph.colocations import drop_lost_colocations
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.ops.defects.structure import dangling_in_functions
from graphtools.ops.definitions import output_dtypes
from graphtools.rewrite.grammar import Step, parse_pipeline
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import (
    IGNORE_ERRORS,
    Job,
    Skipped,
    Transform,
    check_ends,
    check_parameters,
    read_flag,
)
from graphtools.transforms import TRANSFORMS
from graphtools.wording import did_you_mean


@dataclasses.dataclass(frozen=True)
class StepReport:
    """What one transform did.

    Attributes:
        step: The step, as it would be written.
        nodes_before: Number of nodes before.
        nodes_after: Number of nodes after.
        bytes_before: Bytes of the nodes before.
        bytes_after: Bytes of these after.
        edits: Number of edits of the graph.
        seconds: Time it took.
        skipped: What it did not do, with reasons.
        notes: Its remarks.
        warning: What should have been done before; empty if nothing.
        error: Why it failed and was left out, where errors are ignored; else empty.
    """

    step: str
    nodes_before: int
    nodes_after: int
    bytes_before: int
    bytes_after: int
    edits: int
    seconds: float
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    warning: str = ""
    error: str = ""


@dataclasses.dataclass(frozen=True)
class PipelineReport(Displayed):
    """What the transforms of a pipeline did.

    Attributes:
        steps: One entry a transform.
    """

    steps: tuple[StepReport, ...]


class Transformed(NamedTuple):
    """A transformed graph, and what was done.

    Attributes:
        graph: The graph.
        report: What each transform did.
    """

    graph: Graph
    report: PipelineReport

    def save(self, path: str | os.PathLike[str], *, as_text: bool | None = None) -> str:
        """Write the graph; see `graphtools.save`."""
        from graphtools.formats import save

        return save(self.graph, path, as_text=as_text)


def find_transform(name: str) -> Transform:
    """A transform by its name or another that it is known by.

    Raises:
        UnknownName: There is none; similar names are suggested.
    """
    found = TRANSFORMS.get(name)
    if found is not None:
        return found
    known = TRANSFORMS.all()
    for transform in known.values():
        if name in transform.aliases:
            return transform
    remedy = did_you_mean(name, known, f"list them with: {front_end.step('transforms')}")
    raise UnknownName(f"there is no transform {name!r}", remedy)


def all_transforms() -> Mapping[str, Transform]:
    """All transforms by name, those of installed plug-ins among them.

    A transform has its `manual` and its `parameters`.

    Example:
        >>> transform = graphtools.all_transforms()["fold_constants"]
        >>> [parameter.name for parameter in transform.parameters][:2]
        ['clear_output_shapes', 'exclude_op']
    """
    return TRANSFORMS.all()


#: What stands for transforms: a pipeline, or a function that edits a graph.
Part = Union[str, Callable[[Graph, Job], None]]


def checked_steps(spec: Part | Sequence[Part]) -> list[tuple[Step, Transform]]:
    """The steps of a pipeline with their transforms, all checked before anything runs.

    Args:
        spec: A pipeline, or several; a function in a list is a step of its own.

    Raises:
        InvalidValue, UnknownName: It is no pipeline, or names what is not there.
    """
    parts = [spec] if isinstance(spec, str) or callable(spec) else spec
    found = []
    for part in parts:
        if callable(part):
            name = getattr(part, "__name__", type(part).__name__)
            found.append((Step(name, {}), Transform(name, part, part.__doc__ or "", name)))
            continue
        for step in parse_pipeline(part):
            transform = find_transform(step.name)
            check_parameters(transform, step.parameters)
            found.append((step, transform))
    if not found:
        raise InvalidValue(
            "no transforms were given", f"list them with: {front_end.step('transforms')}"
        )
    return found


def without_unknown_parameters(spec: str) -> tuple[str, list[str]]:
    """A pipeline without the parameters that its transforms do not have, and a remark on each.

    The Graph Transform Tool ignored them.
    """
    remarks, steps = [], parse_pipeline(spec)
    for step in steps:
        found = find_transform(step.name)
        known = [IGNORE_ERRORS, *(p.name for p in found.parameters)]
        for name in [name for name in step.parameters if name not in known]:
            del step.parameters[name]
            remedy = did_you_mean(name, known, f"its parameters: {', '.join(known)}")
            remarks.append(f"{step.name} has no parameter {name!r}, which has no effect; {remedy}")
    return " ".join(map(str, steps)), remarks


# long: one loop, each line of it a part of the report on a step
def transform(
    graph: Graph,
    spec: Part | Sequence[Part],
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    *,
    watch: Callable[[Step, Graph], None] | None = None,
    is_trial: bool = False,
) -> Transformed:
    """Apply the transforms of a pipeline to a copy of a graph.

    Args:
        graph: The graph; it is not changed.
        spec: The pipeline in the Graph Transform Tool's grammar, or a list of its parts; a
            function of a graph and a `Job` that edits the graph is a part, too.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        watch: Called after each transform.
        is_trial: Whether what becomes of the nodes is wanted; see `Job`.

    Raises:
        InvalidValue, UnknownName: The pipeline, an input or an output is wrong.
        InvalidGraph: The graph has two nodes of one name, or a transform cannot be applied, or
            left the graph invalid.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> done = graphtools.transform(
        ...     graph,
        ...     ["fold_constants", "fold_old_batch_norms"],
        ...     ["input"],
        ...     ["MobilenetV1/Predictions/Reshape_1"],
        ... )
        >>> [(step.step, step.nodes_after) for step in done.report.steps]
        [('fold_constants', 36), ('fold_old_batch_norms', 27)]
    """
    steps = checked_steps(spec)
    check_names(graph)
    check_ends(graph, inputs, outputs)
    current = graph.copy()
    absent = current.absent_inputs()
    reports = []
    size = written_size(current)
    for step, found in steps:
        job = Job(inputs, outputs, step.parameters, found.parameters, is_trial=is_trial)
        ignores = read_flag((step.parameters.get(IGNORE_ERRORS) or ["false"])[-1])
        nodes = len(current)
        warning = found.warns(current, job) if found.warns else ""
        backup = current.copy() if ignores else None
        edits, start, error = current.edits, time.perf_counter(), ""
        try:
            found.run(current, job)
            drop_lost_colocations(current)
            check_inputs(current, step.name, absent)
            check_outputs(graph, current, step.name, job)
        except GraphtoolsError as problem:
            if backup is None:
                raise
            current, edits, error = backup, backup.edits, problem.message
        seconds = time.perf_counter() - start
        before, size = size, written_size(current) if current.edits > edits else size
        reports.append(
            StepReport(
                str(step),
                nodes,
                len(current),
                before,
                size,
                current.edits - edits,
                seconds,
                tuple(job.skipped),
                tuple(job.notes),
                warning,
                error,
            )
        )
        if watch:
            watch(step, current)
    return Transformed(current, PipelineReport(tuple(reports)))


def check_outputs(before: Graph, after: Graph, done: str, job: Job) -> None:
    """Check that a node which gave several outputs still gives those that are asked for.

    Raises:
        InvalidGraph: One does not, after a transform.
    """
    for ref in job.outputs:
        if ref.index and ref.node in before and ref.node in after:
            had, has = (output_dtypes(g[ref.node]) for g in (before, after))
            if had is not None and has is not None and len(has) <= ref.index < len(had):
                raise InvalidGraph(f"{done} would lose the output {str(ref)!r}")


def written_size(graph: Graph) -> int:
    """Bytes of a graph's nodes as they would be written, near enough."""
    return sum(node.written_size for node in graph)


def check_functions(graph: Graph) -> None:
    """Check that all that is read in the functions that a graph calls is there.

    Raises:
        InvalidGraph: It is not, and TensorFlow would refuse what is written.
    """
    for defect in dangling_in_functions(graph):
        raise InvalidGraph(
            defect.message,
            "the function is incomplete, and outputs need it: export the graph again, or choose "
            "outputs that do not call it",
        )


def check_inputs(graph: Graph, done: str, absent: Collection[str] = ()) -> None:
    """Check that all inputs of nodes are there.

    Args:
        graph: The graph.
        done: The transform that was applied.
        absent: Names of nodes that were not there before, either.

    Raises:
        InvalidGraph: One is not, after a transform.
    """
    missing = graph.absent_inputs()
    for node in graph if missing else ():
        for text in node.inputs:
            if producer(text) in missing and producer(text) in absent:
                raise InvalidGraph(
                    f"{node.name!r} reads {text!r}, which is not in the graph",
                    f"the graph is incomplete: keep a part that is not, by {param('inputs')} and "
                    f"{param('outputs')} and the transform strip_unused_nodes",
                )
            if producer(text) in missing:
                raise InvalidGraph(
                    f"{done} would leave {node.name!r} without its input {text!r}",
                    "name all inputs and outputs of the part that you want to keep",
                )
