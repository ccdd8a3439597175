"""The lines that the original summarize_graph printed."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.analysis.graph_summary import GraphSummary
from graphtools.analysis.inputs_outputs import Candidate
from graphtools.graph.dtypes import dtype
from graphtools.graph.graph import Graph
from graphtools.report.document import shape
from graphtools.wording import printable

#: C++'s names of the dtypes that differ from Python's.
_C_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


def summarize_graph_lines(summary: GraphSummary, path: str) -> Iterator[str]:
    """Inputs, variables, outputs, parameters and ops, each on a line."""
    yield _found("inputs", [_input(c) for c in summary.io.likely_inputs])
    variables = summary.variables
    if variables.count:
        yield f"Found {variables.count} variables."
    else:
        yield "No variables spotted."
    outputs = [f"(name={c.name}, op={c.op})" for c in summary.io.likely_outputs]
    yield _found("outputs", outputs)
    yield (
        f"Found {_human(summary.constants.elements)} const parameters, "
        f"{_human(variables.elements)} variable parameters, "
        f"and {summary.control_edges} control_edges"
    )
    devices = {d: n for d, n in summary.devices.items() if d}
    if devices:
        yield ", ".join(
            f"{n} nodes assigned to device '{printable(d)}'" for d, n in devices.items()
        )
    for defect in summary.defects:
        yield f"Invalid: {printable(defect.message)}"
    counts = dict(summary.ops)
    for op, number in summary.function_ops.items():
        counts[op] = counts.get(op, 0) + number
    ranked = sorted(counts.items(), key=lambda kv: -kv[1])
    yield "Op types used: " + ", ".join(f"{n} {printable(op)}" for op, n in ranked)
    yield f"To see more: graphtools summary {path}"


def _found(what: str, items: list[str]) -> str:
    if not items:
        return f"No {what} spotted."
    return f"Found {len(items)} possible {what}: " + " ".join(items)


def _input(candidate: Candidate) -> str:
    name = candidate.dtype or "?"
    number = dtype(name).number if candidate.dtype else 0
    dims = "None" if candidate.shape is None else shape(candidate.shape)
    return f"(name={candidate.name}, type={_C_NAMES.get(name, name)}({number}), shape={dims})"


def _human(number: int) -> str:
    """A number as the original wrote it: `4270541 (4.27M)`."""
    short = f"{number}"
    for size, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            short = f"{number / size:.2f}{unit}"
            break
    return f"{number} ({short})"


def structure_lines(graph: Graph) -> Iterator[str]:
    """All nodes with their ops and inputs, one a line."""
    for node in graph:
        yield printable(f"{node.name} ({node.op}): [{', '.join(node.inputs)}]")
