"""Proves by running them that a rewritten graph computes what the original does, or tells who lies.

Both graphs are run in TensorFlow with the same feeds, and their outputs compared.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Collection, Sequence

from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.rewrite.transform import check_ends
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.worker import TIME_LIMIT, Worker, require_tensorflow
from graphtools.transforms.pipeline import checked_steps, transform
from graphtools.verify.comparison import (
    ATOL,
    RTOL,
    TensorComparison,
    check_tolerances,
)
from graphtools.verify.feeds import FedInput, Feeds, describe_feeds, random_feeds
from graphtools.verify.first_difference import first_difference
from graphtools.verify.runs import Runs


@dataclasses.dataclass(frozen=True)
class Verification(Displayed):
    """Whether a rewritten graph computes the same as the original.

    Attributes:
        equal: Whether all outputs agree within the tolerance.
        inputs: What was fed.
        source: Where its values come from.
        outputs: The outputs; none if TensorFlow does not run the rewritten graph.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        problem: Why TensorFlow does not run the rewritten graph; empty if it does.
        node: The node that it speaks of; empty if of none.
        remarks: What is to be known of the original's outputs.
    """

    equal: bool
    inputs: tuple[FedInput, ...]
    source: str
    outputs: tuple[TensorComparison, ...]
    rtol: float
    atol: float
    problem: str = ""
    node: str = ""
    remarks: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class VerifiedStep:
    """A transform of a pipeline, and the outputs after it.

    Attributes:
        step: The transform, as it would be written.
        equal: Whether all outputs agree with the original's within the tolerance.
        edits: Number of its edits of the graph; without any, nothing is run.
        outputs: The outputs, compared with the original's; none if TensorFlow does not run the
            graph.
        problem: Why it does not; empty if it does.
        seconds: Time that it took, the run included.
    """

    step: str
    equal: bool
    edits: int
    outputs: tuple[TensorComparison, ...]
    problem: str
    seconds: float


@dataclasses.dataclass(frozen=True)
class Culprit:
    """The transform that changes the outputs, and where it does.

    Attributes:
        step: The transform.
        node: Name of the first node whose value differs, or of which TensorFlow speaks; empty where
            there is none to tell.
        op_before: Its op before the transform; empty if it was not there.
        op_after: Its op after it; empty if it is not there any more.
        inputs_before: Its inputs before.
        inputs_after: Its inputs after.
        comparison: Its values; None where there are none.
        compared: Number of tensors that were compared.
        differing: Number of those that differ by more than the tolerance.
        rewritten: Names of nodes before it that have no values to compare, as those in a loop, and
            that the transform has added or changed.
        problem: Why TensorFlow does not run the graph; empty if it does.
    """

    step: str
    node: str = ""
    op_before: str = ""
    op_after: str = ""
    inputs_before: tuple[str, ...] = ()
    inputs_after: tuple[str, ...] = ()
    comparison: TensorComparison | None = None
    compared: int = 0
    differing: int = 0
    rewritten: tuple[str, ...] = ()
    problem: str = ""


@dataclasses.dataclass(frozen=True)
class Bisection(Displayed):
    """Which transform of a pipeline changes the outputs.

    Attributes:
        equal: Whether none does.
        inputs: What was fed.
        source: Where its values come from.
        steps: The transforms that were tried, in their order.
        untried: Those behind the culprit.
        culprit: The first that changes the outputs; None if none does.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        remarks: What is to be known of the original's outputs.
    """

    equal: bool
    inputs: tuple[FedInput, ...]
    source: str
    steps: tuple[VerifiedStep, ...]
    untried: tuple[str, ...]
    culprit: Culprit | None
    rtol: float
    atol: float
    remarks: tuple[str, ...] = ()


def verify(
    before: Graph,
    after: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    feeds: Feeds | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    *,
    time_limit: float = TIME_LIMIT,
    trust: bool = False,
    own_files: Collection[str] = (),
) -> Verification:
    """Run a graph before and after a rewrite, and compare the outputs.

    Args:
        before: The original.
        after: The rewritten graph.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        feeds: What the inputs are fed with; random values by default.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        time_limit: Seconds that one run may take.
        trust: Whether graphs may run that write or read files, or use the network.
        own_files: Paths of asset files of the model, which may be read all the same.

    Raises:
        MissingExtra: TensorFlow is not installed.
        TensorFlowProblem: TensorFlow does not run the original, or it would write files.
        UnknownName, InvalidValue: An input, an output or the feeds are wrong.
        InvalidGraph: The original's outputs are random.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> ends = ["input"], ["MobilenetV1/Predictions/Reshape_1"]
        >>> done = graphtools.optimize(graph, ends[1])
        >>> graphtools.verify_rewrite(graph, done.graph, *ends).equal
        True
    """
    feeds = _checked_feeds(before, inputs, outputs, feeds, rtol, atol)
    check_ends(after, (), outputs)
    problem: TensorFlowProblem | None = None
    compared: tuple[TensorComparison, ...] = ()
    with Worker(time_limit, trust=trust) as worker:
        worker.own_files |= set(own_files)
        runs = Runs(worker, feeds, outputs, rtol, atol)
        runs.run_original(before)
        try:
            compared = runs.compare_outputs(after)
        except TensorFlowProblem as found:
            problem = found
    return Verification(
        equal=problem is None and all(c.equal for c in compared),
        inputs=describe_feeds(feeds),
        source=feeds.source,
        outputs=compared,
        rtol=rtol,
        atol=atol,
        problem=problem.message if problem else "",
        node=problem.node if problem else "",
        remarks=runs.remarks(),
    )


# long: its parameters and the fields of what it gives back are half of it
def bisect(
    graph: Graph,
    spec: str | Sequence[str],
    inputs: Sequence[str],
    outputs: Sequence[str],
    feeds: Feeds | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    *,
    time_limit: float = TIME_LIMIT,
    trust: bool = False,
    own_files: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Bisection:
    """Find the first transform of a pipeline after which the outputs differ, and the node.

    After each transform the graph is run, and its outputs are compared with the original's, so that
    small errors that add up count, too.

    Args:
        graph: The original; it is not changed.
        spec: The pipeline, or a list of its parts.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        feeds: What the inputs are fed with; random values by default.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        time_limit: Seconds that one run may take.
        trust: Whether graphs may run that write or read files, or use the network.
        own_files: Paths of asset files of the model, which may be read all the same.
        progress: Called with the number of transforms that are done, and of all.

    Raises:
        GraphtoolsError: See `verify`, and what a transform raises that cannot be applied.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> ends = ["input"], ["MobilenetV1/Predictions/Reshape_1"]
        >>> found = graphtools.bisect_rewrite(graph, "fold_constants fold_old_batch_norms", *ends)
        >>> found.equal
        True
    """
    steps = [str(step) for step, _ in checked_steps(spec)]
    feeds = _checked_feeds(graph, inputs, outputs, feeds, rtol, atol)
    verified: list[VerifiedStep] = []
    culprit: Culprit | None = None
    with Worker(time_limit, trust=trust) as worker:
        worker.own_files |= set(own_files)
        runs = Runs(worker, feeds, outputs, rtol, atol)
        runs.run_original(graph)
        current = graph
        compared: tuple[TensorComparison, ...] = ()
        for number, step in enumerate(steps):
            start = time.perf_counter()
            done = transform(current, step, inputs, outputs)
            edits = sum(report.edits for report in done.report.steps)
            problem: TensorFlowProblem | None = None
            if edits or not compared:
                try:
                    compared = runs.compare_outputs(done.graph)
                except TensorFlowProblem as found:
                    problem, compared = found, ()
            same = problem is None and all(c.equal for c in compared)
            seconds = time.perf_counter() - start
            message = problem.message if problem else ""
            verified.append(VerifiedStep(step, same, edits, compared, message, seconds))
            if not same:
                culprit = _culprit(runs, step, current, done.graph, problem)
                break
            current = done.graph
            if progress:
                progress(number + 1, len(steps))
    return Bisection(
        equal=culprit is None,
        inputs=describe_feeds(feeds),
        source=feeds.source,
        steps=tuple(verified),
        untried=tuple(steps[len(verified) :]),
        culprit=culprit,
        rtol=rtol,
        atol=atol,
        remarks=runs.remarks(),
    )


def _checked_feeds(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    feeds: Feeds | None,
    rtol: float,
    atol: float,
) -> Feeds:
    """The feeds, after all has been checked that can be without TensorFlow."""
    check_tolerances(rtol, atol)
    check_ends(graph, inputs, outputs)
    if not outputs:
        raise InvalidValue(
            "there are no outputs to compare", f"name some: {param(outputs=['NAME', 'NAME'])}"
        )
    found = feeds if feeds is not None else random_feeds(graph, inputs)
    given = {Ref.from_user(name).tensor: array for name, array in found.arrays.items()}
    for name in inputs:
        if Ref.from_user(name).tensor not in given:
            raise InvalidValue(
                f"there are no values to feed the input {name!r} with",
                f"there are some for {', '.join(given) or 'none'}",
            )
    require_tensorflow()
    return Feeds(given, found.source)


def _culprit(
    runs: Runs, step: str, before: Graph, after: Graph, problem: TensorFlowProblem | None
) -> Culprit:
    if problem is not None:
        old, new = (graph.get(problem.node) for graph in (before, after))
        return Culprit(
            step,
            problem.node,
            old.op if old else "",
            new.op if new else "",
            old.inputs if old else (),
            new.inputs if new else (),
            problem=problem.message,
        )
    first = first_difference(runs, before, after)
    if first is None:  # the errors of several steps add up, or a single one cannot be told
        return Culprit(step)
    return Culprit(
        step,
        first.node.name,
        first.before.op,
        first.node.op,
        first.before.inputs,
        first.node.inputs,
        first.comparison,
        first.compared,
        first.differing,
        first.rewritten,
    )
