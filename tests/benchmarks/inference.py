"""How fast shapes are inferred: against TensorFlow's import of the same graph, and by size."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path

from graphtools import load, save
from graphtools.graph.graph import Graph
from graphtools.ops.inference import infer_shapes
from tests.benchmarks.generate import frozen_chain
from tests.benchmarks.measure import graphtools, medians, tensorflow_version
from tests.support import FIXTURES, shared_models_or_none

IMPORTS = Path(__file__).with_name("tensorflow_shapes.py")
_SIZES = (1_000, 10_000, 100_000)


def ssd() -> Path:
    """The frozen detector: a real one where there is any, else the fixture."""
    shared = shared_models_or_none()
    if shared is None:
        return FIXTURES / "ssd/frozen_inference_graph.pb"
    return shared / "od/ssd_mobilenet_v1_small/frozen_inference_graph.pb"


def seconds_here(graph: Graph, rounds: int) -> float:
    """Median seconds of inference in this process; the first round fills the caches."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        infer_shapes(graph)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def seconds_in_tensorflow(python: str, file: Path, rounds: int) -> float:
    """Median seconds of `import_graph_def`, which infers shapes; the first is left out."""
    done = subprocess.run(
        [python, str(IMPORTS)],
        input=f"{file}\n" * (rounds + 1),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line)["seconds"] for line in done.stdout.splitlines()]
    return float(statistics.median(answers[1:]))


def in_process(pythons: list[str], rounds: int) -> None:
    """Inference alone, the graph being read."""
    file = ssd()
    graph = load(file)
    ours = seconds_here(graph, rounds)
    line = f"infer_shapes, {len(graph):,} nodes of the SSD: {ours * 1e3:.0f} ms"
    for python in pythons:
        theirs = seconds_in_tensorflow(python, file, rounds)
        line += (
            f"; import_graph_def of TensorFlow {tensorflow_version(python)} "
            f"{theirs * 1e3:.0f} ms: {theirs / ours:.2f} times"
        )
    print(line)


def whole_processes(pythons: list[str], rounds: int) -> None:
    """`graphtools shapes` beside a process that imports TensorFlow and the graph."""
    file = str(ssd())
    commands = {"graphtools": graphtools("shapes", file)}
    feed = 'echo "$2" | "$0" "$1"'
    commands |= {p: ["/bin/sh", "-c", feed, p, str(IMPORTS), file] for p in pythons}
    found = medians(commands, rounds)
    ours = found["graphtools"]
    ratios = ", ".join(
        f"TensorFlow {tensorflow_version(p)} {found[p] * 1e3:.0f} ms: {found[p] / ours:.1f} times"
        for p in pythons
    )
    print(f"shapes, the whole process: {ours * 1e3:.0f} ms  {ratios}")


def many_nodes(folder: Path, rounds: int) -> None:
    """Time per node of graphs with 1,000 to 100,000 nodes."""
    each = {}
    for count in _SIZES:
        file = folder / f"chain{count}.pb"
        save(frozen_chain(count), file)
        each[count] = seconds_here(load(file), rounds) / count * 1e6
    figures = ", ".join(f"{count:,} nodes: {each[count]:.1f} us a node" for count in _SIZES)
    print(f"infer_shapes, {figures}; ratio {each[_SIZES[-1]] / each[_SIZES[0]]:.2f}")


def run(folder: Path, pythons: list[str], rounds: int) -> None:
    """All that is measured here."""
    pythons = [p for p in pythons if tensorflow_version(p)]
    in_process(pythons, rounds)
    whole_processes(pythons, rounds)
    many_nodes(folder, max(1, rounds // 2))
