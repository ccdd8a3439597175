"""Builds the table of what a TensorFlow's TFLite converter converts, by running it: `probe`.

Many cases stand beside each other in one graph, since the converter names all ops that it cannot
convert at once. A graph that it refuses otherwise is run again without the node that it names; one
that crashes it, or that it names no node of, is cut in halves until the case is found.
"""

from __future__ import annotations

import concurrent.futures
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from graphtools.errors import GraphtoolsError, unknown_name
from graphtools.formats.source import write_file
from graphtools.ops.definitions import OpDefinition, from_proto
from graphtools.probe.cases import further_cases, type_cases
from graphtools.probe.graphs import Case, graph_of, graph_version
from graphtools.probe.journal import Journal, Verdicts
from graphtools.probe.table import op_entry, table_text
from graphtools.run.probed_converter import TIME_LIMIT, Outcome, ProbedConverter
from graphtools.schema import message_class

#: Cases in one graph: more save time, until one of them fails.
TOGETHER = 48
_SCOPE = re.compile(r"\bc(\d+)/")
#: Codes of the errors that the converter gives for all ops at once.
_LISTED = {"ERROR_NEEDS_FLEX_OPS": "flex", "ERROR_NEEDS_CUSTOM_OPS": "custom"}


@dataclass(frozen=True)
class ProbedTable:
    """What a probe has found.

    Attributes:
        tensorflow: The version that was probed, as `2.21.0`.
        target: File of the table; empty if none was written.
        ops: The entries of the table, by op; see `compat.table`.
        builtin: Number of ops that convert to builtin operators with some types.
        flex: Number of ops that a model with ops of TensorFlow may hold.
        cases: Number of cases that the converter was asked about.
        earlier: How many of them an interrupted probe had answered.
        crashes: Cases that crashed the converter.
        hangs: Cases in which it did not end within the time limit.
    """

    tensorflow: str
    target: str
    ops: Mapping[str, Mapping[str, Any]]
    builtin: int
    flex: int
    cases: int
    earlier: int
    crashes: tuple[str, ...]
    hangs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The table as it is written to a file."""
        return table_text(self.tensorflow, self.ops)


def probe(
    target: str | os.PathLike[str] | None = None,
    *,
    interpreter: str = "",
    ops: Iterable[str] | None = None,
    jobs: int = 1,
    time_limit: float = TIME_LIMIT,
    progress: Callable[[int, int], None] | None = None,
) -> ProbedTable:
    """Run a TensorFlow's converter on ops with all types, and make a table of what it converts.

    What is found is kept in a file beside the target while the probe runs, so that one that was
    interrupted goes on where it was.

    Args:
        target: File for the table; none is written if None.
        interpreter: The Python whose TensorFlow is probed; by default the one that runs this.
        ops: Names of the ops to probe; all if None. The table has these ops only.
        jobs: Number of converters at a time.
        time_limit: Seconds that one conversion may take.
        progress: Told how many cases are done, and how many there are.

    Raises:
        MissingExtra: The interpreter has no TensorFlow.
        UnknownName: TensorFlow has no such op.
        FileProblem: The file cannot be written.
        GraphtoolsError: TensorFlow cannot be started, or does not tell which ops are allowed.
    """
    with ExitStack() as stack:
        converters = [
            stack.enter_context(ProbedConverter(interpreter, time_limit)) for _ in range(jobs)
        ]
        definitions = _definitions(converters[0], ops)
        flex = _allowed_in_select(converters[0], list(definitions))
        version = converters[0].version
        journal = stack.enter_context(Journal(target, version))
        earlier = len(journal.verdicts)
        run = _Run(converters, definitions, journal, progress)
        cases = {name: type_cases(d) for name, d in definitions.items()}
        run.settle(case for of_op in cases.values() for case in of_op)
        for name, of_op in cases.items():
            usual = next((c for c in of_op if journal.verdicts[c.key] == "builtin"), None)
            if usual:
                of_op += further_cases(usual, definitions[name])
        run.settle(case for of_op in cases.values() for case in of_op)
        found = {
            name: op_entry(d, flex[name], [(c, journal.verdicts[c.key]) for c in cases[name]])
            for name, d in definitions.items()
        }
        if target is not None:
            write_file(target, [table_text(version, found).encode()])
        journal.finished = True
        asked = {c.key: journal.verdicts[c.key] for of_op in cases.values() for c in of_op}
    return ProbedTable(
        version,
        "" if target is None else os.fspath(target),
        found,
        sum("builtin" in entry for entry in found.values()),
        sum(flex.values()),
        len(asked),
        earlier,
        tuple(key for key, verdict in asked.items() if verdict == "crash"),
        tuple(key for key, verdict in asked.items() if verdict == "hang"),
    )


def _allowed_in_select(converter: ProbedConverter, ops: Sequence[str]) -> dict[str, bool]:
    """By op, whether Select TF admits it.

    Raises:
        GraphtoolsError: This TensorFlow does not tell.
    """
    flags = converter.allowed_in_select(list(ops))
    if flags is None:
        raise GraphtoolsError(
            f"TensorFlow {converter.version} does not tell which ops Select TF admits",
            "probe a build of TensorFlow for Linux, 2.16 or later",
        )
    return dict(zip(ops, flags, strict=True))


def _definitions(converter: ProbedConverter, ops: Iterable[str] | None) -> dict[str, OpDefinition]:
    """The definitions of ops, as the probed TensorFlow has them."""
    registered = message_class("OpList").FromString(converter.registered_ops())
    known = {op.name: op for op in registered.op}
    for name in ops or ():
        if name not in known:
            raise unknown_name("op", name, known, f"TensorFlow {converter.version}")
    return {name: from_proto(known[name]) for name in sorted(known if ops is None else set(ops))}


class _Run:
    """Asks converters about cases."""

    def __init__(
        self,
        converters: Sequence[ProbedConverter],
        definitions: Mapping[str, OpDefinition],
        journal: Journal,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._idle = list(converters)
        self._definitions = definitions
        self._journal = journal
        self._progress = progress or (lambda _done, _total: None)
        self._lock = threading.Lock()

    def settle(self, cases: Iterable[Case]) -> None:
        """Find out what becomes of the cases of which it is not known."""
        wanted = list(cases)
        known = self._journal.verdicts
        groups = list(self._groups([c for c in wanted if c.key not in known]))
        done = len(wanted) - sum(map(len, groups))
        with concurrent.futures.ThreadPoolExecutor(len(self._idle)) as pool:
            futures = [pool.submit(self._verdicts, group) for group in groups]
            try:
                for future in concurrent.futures.as_completed(futures):
                    verdicts = future.result()
                    self._journal.add(verdicts)
                    done += len(verdicts)
                    self._progress(done, len(wanted))
            finally:
                for future in futures:
                    future.cancel()

    def _groups(self, cases: Iterable[Case]) -> Iterator[list[Case]]:
        """Cases that can stand in one graph."""
        by_version: dict[int, list[Case]] = {}
        for case in cases:
            by_version.setdefault(graph_version(self._definitions[case.op]), []).append(case)
        for alike in by_version.values():
            # cases of an op crash alike, and so cost the fewest graphs if they are together
            for start in range(0, len(alike), TOGETHER):
                yield alike[start : start + TOGETHER]

    def _verdicts(self, cases: Sequence[Case]) -> Verdicts:
        with self._lock:
            converter = self._idle.pop()
        try:
            found = settle(converter, cases, self._definitions)
            blocked = [c for c in cases if found[c.key] == "flex"]
            # the list says that these ops are allowed; the conversion can fail for other reasons
            for key, verdict in settle(converter, blocked, self._definitions, select=True).items():
                found[key] = "flex" if verdict == "builtin" else verdict
            return found
        finally:
            with self._lock:
                self._idle.append(converter)


def settle(
    converter: ProbedConverter,
    cases: Sequence[Case],
    definitions: Mapping[str, OpDefinition],
    *,
    select: bool = False,
) -> Verdicts:
    """What becomes of cases that are converted together.

    Args:
        converter: The converter.
        cases: The cases.
        definitions: Definitions of their ops.
        select: Whether ops of TensorFlow are admitted.

    Returns:
        By the key of each case `builtin` (or, if `select`, converted in some way), `flex`,
        `custom`, `error`, `crash`, `hang`, or `invalid`: not even a graph for TensorFlow.
    """
    found: Verdicts = {}
    waiting = [list(cases)] if cases else []
    while waiting:
        group = waiting.pop()
        scopes = [(f"c{number}", case) for number, case in enumerate(group)]
        graph, inputs, outputs = graph_of(scopes, dict(definitions))
        outcome = converter.convert(graph, inputs, outputs, select=select)
        if outcome.status == "ok":
            found.update((case.key, "builtin") for case in group)
            continue
        blamed = _blamed(outcome, len(group))
        if not blamed and len(group) > 1:
            middle = len(group) // 2
            waiting += [group[:middle], group[middle:]]
            continue
        if not blamed:
            blamed = {0: _failure(outcome)}
        for number, verdict in blamed.items():
            if verdict == "error" and len(group) > 1:  # perhaps it is the neighbours' fault
                waiting.append([group[number]])
            else:
                found[group[number].key] = verdict
        rest = [case for number, case in enumerate(group) if number not in blamed]
        if rest:
            waiting.append(rest)
    return found


def _blamed(outcome: Outcome, count: int) -> dict[int, str]:
    """The cases that an outcome names, with the verdict on each."""
    found: dict[int, str] = {}
    for complaint in outcome.complaints:
        verdict = _LISTED.get(complaint.code, "error")
        for node in complaint.nodes:
            for number in _SCOPE.findall(node):
                found.setdefault(int(number), verdict)
    if not found and outcome.status == "error":
        named = _SCOPE.search(outcome.message)
        if named:
            found[int(named[1])] = _failure(outcome)
    return {number: verdict for number, verdict in found.items() if number < count}


def _failure(outcome: Outcome) -> str:
    if outcome.status != "error":
        return outcome.status
    # before the converter itself begins, TensorFlow imports the graph
    imported = outcome.kind == "ConverterError" and "'{{node " not in outcome.message
    return "error" if imported else "invalid"
