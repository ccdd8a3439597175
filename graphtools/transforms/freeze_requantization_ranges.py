"""freeze_requantization_ranges."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from graphtools.errors import InvalidGraph, InvalidValue, unknown_name
from graphtools.formats.source import open_source
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.idioms.control_flow import find_places
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Parameter, Transform

_OP = "RequantizationRange"
#: What insert_logging makes TensorFlow print with show_name and this message.
_LINE = re.compile(r"([^;]*)__print__;__requant_min_max:\[([^][]*)\]\[([^][]*)\][^][]*$")


def run(graph: Graph, job: Job) -> None:
    """Put constants in the place of ranges that were seen in a log."""
    check_names(graph)
    shares = [job.number(f"{end}_percentile") / 100 for end in ("min", "max")]
    if not all(0 <= share <= 1 for share in shares):
        raise InvalidValue("min_percentile and max_percentile must be between 0 and 100")
    path = job.text("min_max_log_file")
    seen: dict[str, tuple[list[float], list[float]]] = {}
    for name, low, high in read_log(open_source(path).text()):
        lows, highs = seen.setdefault(name, ([], []))
        lows.append(low)
        highs.append(high)
    if not seen:
        raise InvalidValue(
            f"no ranges were found in {path}",
            f"log them: insert_logging(op={_OP}, show_name=true, message=__requant_min_max:)",
        )
    for name in seen:
        if name not in graph:
            raise unknown_name("node", name, (n.name for n in graph if n.op == _OP), "the graph")
        if graph[name].op != _OP:
            raise InvalidGraph(f"{path} has a range of {name!r}, which is no {_OP}")
    places = find_places(graph)
    for name, (lows, highs) in seen.items():
        if job.is_kept(name):
            job.skip(name, "it is an input or output")
            continue
        low = sorted(lows)[min(_round(len(lows) * shares[0]), len(lows) - 1)]
        high = sorted(highs)[min(_round(len(highs) * (1 - shares[1])), len(highs) - 1)]
        _freeze(graph, graph[name], low, high, bound=name in places)
    for node in graph:
        if node.op == _OP and not job.is_kept(node.name):
            job.skip(node.name, "the log has no range for it")


def read_log(text: str) -> Iterator[tuple[str, float, float]]:
    """The ranges in a log: name of the node, minimum and maximum; other lines do not count."""
    for line in text.splitlines():
        found = _LINE.search(line)
        if found is None:
            continue
        try:
            low, high = float(found[2]), float(found[3])
        except ValueError:
            continue  # a line that was torn apart when several were printed at once
        if math.isfinite(low) and math.isfinite(high):
            yield found[1], low, high


def _round(number: float) -> int:
    """The nearest integer; of two the larger one."""
    return math.floor(number + 0.5)


def _freeze(graph: Graph, node: Node, low: float, high: float, *, bound: bool) -> None:
    control = tuple(i for i in node.inputs if i[:1] == "^")
    if bound and not control:
        control = (f"^{Ref.parse(node.inputs[0]).node}",)
    for index, (end, value) in enumerate((("min", low), ("max", high))):
        name = graph.free_name(f"{node.name}/frozen_{end}")
        tensor = Tensor.from_array(np.array(value, np.float32))
        attrs: dict[str, Attr] = {"dtype": FLOAT32, "value": tensor}
        graph.add(Node(name, "Const", control, attrs, node.device), before=node)
        graph.redirect(Ref(node.name, index), Ref(name))
        if not index:
            graph.redirect(f"^{node.name}", f"^{name}")
    graph.remove(node.name)


TRANSFORM = Transform(
    "freeze_requantization_ranges",
    run,
    """Put constants in the place of RequantizationRange, read from a log of typical runs.

    The log is what TensorFlow printed when the graph ran after the step
    insert_logging(op=RequantizationRange, show_name=true, message=__requant_min_max:); lines of
    other kinds do not count. Of all values seen for a node the given shares at both ends are left
    out, as they may be outliers. A node that the log does not name stays as it is.
    """,
    "freeze_requantization_ranges(min_max_log_file=ranges.log, min_percentile=5)",
    (
        Parameter("min_max_log_file", "text", "path of the log", required=True),
        Parameter("min_percentile", "number", "percent of the minima that are left out", "5"),
        Parameter("max_percentile", "number", "percent of the maxima that are left out", "5"),
    ),
    keeps_meaning=False,
)
