"""All benchmarks: `python -m tests.benchmarks`, or some of its parts: `... lint report`.

Whole processes, medians of several rounds, graphtools and TensorFlow in turn. TensorFlow is that of
this interpreter, or of the ones named by `--tensorflow PYTHON` (repeatable).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from graphtools import save
from tests.benchmarks import (
    checkpoint_editing,
    converting,
    diffing,
    inference,
    linting,
    reporting,
    scaling,
    starting,
)
from tests.benchmarks.generate import frozen_chain, write_large
from tests.benchmarks.measure import graphtools, medians, private_memory, tensorflow_version
from tests.support import FIXTURES, shared_models_or_none

TASKS = Path(__file__).with_name("tensorflow_tasks.py")
#: By what is measured: graph, checkpoint, below the shared models.
_SHARED = {
    "MobileNet": ("slim/mobilenet_v1_0.25_128/frozen.pb", "slim/mobilenet_v1_0.25_128/model.ckpt"),
    "SSD": (
        "od/ssd_mobilenet_v1_small/frozen_inference_graph.pb",
        "od/ssd_mobilenet_v1_small/model.ckpt",
    ),
    "SSD, quantization-aware": (
        "od/ssd_mobilenet_v1_quantized_small/frozen_inference_graph.pb",
        "od/ssd_mobilenet_v1_quantized_small/model.ckpt",
    ),
}


def models() -> dict[str, tuple[Path, Path]]:
    """Graph and checkpoint by what they are: real ones where there are any, else fixtures."""
    shared = shared_models_or_none()
    if shared is None:
        ssd = FIXTURES / "ssd"
        return {"fixture SSD": (ssd / "frozen_inference_graph.pb", ssd / "model.ckpt")}
    return {name: (shared / graph, shared / ckpt) for name, (graph, ckpt) in _SHARED.items()}


def against_tensorflow(pythons: list[str], rounds: int) -> None:
    """Time of the commands as a ratio to TensorFlow's."""
    versions = {python: tensorflow_version(python) for python in pythons}
    pythons = [python for python, version in versions.items() if version]
    if not pythons:
        print("no TensorFlow here: name an interpreter that has one with --tensorflow")
    for name, (graph, checkpoint) in models().items():
        for task in ("nodes", "ops", "summary", "variables"):
            file = str(checkpoint if task == "variables" else graph)
            commands = {"graphtools": graphtools(task, file)}
            commands |= {p: [p, str(TASKS), task, file] for p in pythons}
            found = medians(commands, rounds)
            ours = found["graphtools"]
            ratios = ", ".join(
                f"TensorFlow {versions[p]} {found[p] * 1e3:.0f} ms: {found[p] / ours:.1f} times"
                for p in pythons
            )
            print(f"{task:9} {name:24} {ours * 1e3:6.0f} ms  {ratios}")


def start_up(rounds: int) -> None:
    """Time of --help and of the import beside that of a bare interpreter, and CPU of commands."""
    found = medians(
        {
            "bare interpreter": [sys.executable, "-c", "pass"],
            "import graphtools": [sys.executable, "-c", "import graphtools"],
            "graphtools --help": graphtools("--help"),
        },
        rounds,
    )
    for name, seconds in found.items():
        print(f"{name:20} {seconds * 1e3:6.0f} ms")
    starting.run(rounds)


def large_files(folder: Path, rounds: int) -> None:
    """Time and private memory for large weights: 1 MB, 1 GB and 2.5 GB with as many nodes."""
    sizes = {"1 MB": 4 << 10, "1 GB": 4 << 20, "2.5 GB": 10 << 20}
    files = {name: folder / f"{name.replace(' ', '')}.pb" for name in sizes}
    for name, file in files.items():
        write_large(file, layers=256, weight_bytes=sizes[name])
    for task in ("nodes", "summary"):
        found = medians({n: graphtools(task, str(f)) for n, f in files.items()}, rounds)
        for name, seconds in found.items():
            memory = private_memory(task, str(files[name])) / 1e6
            print(
                f"{task:9} {name:8} {seconds * 1e3:6.0f} ms, {seconds / found['1 MB']:.2f} times "
                f"the 1 MB graph, {memory:.0f} MB private"
            )
    for file in files.values():
        file.unlink()


def many_nodes(folder: Path, rounds: int) -> None:
    """Time per node of graphs with 10,000 and 1,000,000 nodes."""
    files = {}
    for count in (10_000, 1_000_000):
        files[count] = folder / f"{count}.pb"
        save(frozen_chain(count), files[count])
    for task in ("nodes", "summary"):
        found = medians({str(n): graphtools(task, str(f)) for n, f in files.items()}, rounds)
        per_node = {n: found[str(n)] / n * 1e6 for n in files}
        print(
            f"{task:9} 10,000 nodes: {per_node[10_000]:.1f} us a node, "
            f"1,000,000: {per_node[1_000_000]:.1f}, "
            f"ratio {per_node[1_000_000] / per_node[10_000]:.2f}"
        )


def parts(pythons: list[str], rounds: int) -> dict[str, Callable[[Path], None]]:
    """What is measured, by name: functions of a folder for files."""
    few = max(1, rounds // 3)
    return {
        "tensorflow": lambda _folder: against_tensorflow(pythons, rounds),
        "start": lambda _folder: start_up(rounds),
        "weights": lambda folder: large_files(folder, rounds),
        "nodes": lambda folder: many_nodes(folder, few),
        "inference": lambda folder: inference.run(folder, pythons, rounds),
        "diff": lambda folder: diffing.run(folder, pythons, rounds),
        "edit": lambda folder: checkpoint_editing.run(folder, pythons, few),
        "convert": lambda folder: converting.run(folder, pythons, rounds),
        "lint": lambda folder: linting.run(folder, pythons, rounds),
        "report": lambda folder: reporting.run(folder, rounds),
        "scale": lambda folder: scaling.run(folder, few),
    }


def main() -> None:
    """Run all benchmarks, or those that are named."""
    names = list(parts([], 1))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tensorflow", action="append", metavar="PYTHON")
    options = parser.parse_args()
    unknown = set(options.part) - set(names)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    measured = parts(options.tensorflow or [sys.executable], options.rounds)
    for name in options.part or names:
        print(f"# {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            measured[name](Path(folder))


if __name__ == "__main__":
    main()
