"""How fast `graphtools lint` is: a frozen detector against the attempt to convert it, a thousand
small graphs in one call, and chains of 1,000 to 100,000 nodes.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from graphtools import save
from tests.benchmarks.generate import frozen_chain
from tests.benchmarks.inference import ssd
from tests.benchmarks.measure import graphtools, medians, tensorflow_version
from tests.support import FIXTURES

BARE = Path(__file__).with_name("bare_conversion.py")
_ENDS = (
    "image_tensor",
    "detection_boxes,detection_scores,detection_classes,num_detections",
    '{"image_tensor": [1, 300, 300, 3]}',
)
_SMALL_GRAPHS = 1_000


def lint(*arguments: str) -> list[str]:
    """The command line that lints, with 0 as exit code whatever is found."""
    return graphtools("lint", "--isolated", "--exit-zero", *arguments)


def attempt(python: str, file: Path, target: Path, rounds: int) -> float:
    """Median seconds of a process that tries to convert a graph, which may fail."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(
            [python, str(BARE), str(file), str(target), *_ENDS], capture_output=True, check=False
        )
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])[rounds // 2]


def against_the_converter(folder: Path, python: str, rounds: int) -> None:
    """Time of linting a detector beside that of finding out by converting it."""
    file = ssd()
    seconds = medians({"lint": lint(str(file))}, rounds)["lint"]
    line = f"lint of the SSD, the whole process: {seconds * 1e3:.0f} ms"
    version = tensorflow_version(python)
    if version:
        theirs = attempt(python, file, folder / "out.tflite", rounds)
        line += f"; the attempt to convert it, TensorFlow {version}: {theirs * 1e3:.0f} ms"
        line += f", {theirs / seconds:.1f} times"
    print(line)


def many_graphs(folder: Path, rounds: int) -> None:
    """Time per graph of a thousand small graphs in one call."""
    content = (FIXTURES / "classifier/frozen.pb").read_bytes()
    graphs = folder / "graphs"
    graphs.mkdir()
    for number in range(_SMALL_GRAPHS):
        (graphs / f"{number}.pb").write_bytes(content)
    commands = {f"--jobs {jobs}": lint(str(graphs), "--jobs", jobs) for jobs in ("1", "0")}
    for name, seconds in medians(commands, rounds).items():
        each = seconds / _SMALL_GRAPHS * 1e3
        print(f"lint of {_SMALL_GRAPHS:,} graphs of 53 nodes, {name}: {each:.1f} ms a graph")


def many_nodes(folder: Path, rounds: int) -> None:
    """Time per node of graphs with 1,000 to 100,000 nodes."""
    files = {}
    for count in (1_000, 10_000, 100_000):
        files[count] = folder / f"chain{count}.pb"
        save(frozen_chain(count), files[count])
    found = medians({str(n): lint(str(f)) for n, f in files.items()}, rounds)
    for count in files:
        seconds = found[str(count)]
        print(f"lint of {count:,} nodes: {seconds:.2f} s, {seconds / count * 1e6:.0f} us a node")


def run(folder: Path, pythons: list[str], rounds: int) -> None:
    """Print the figures; pythons are interpreters that have TensorFlow."""
    for python in pythons:
        against_the_converter(folder, python, rounds)
    many_nodes(folder, max(1, rounds // 3))
    many_graphs(folder, max(1, rounds // 3))
