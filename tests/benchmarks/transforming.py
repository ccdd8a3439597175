"""Transforms against the C++ tool of TensorFlow 1.15, freezing against TensorFlow.

Run by `python -m tests.benchmarks.transforming --oracle PYTHON --tensorflow PYTHON`: interpreters
with TensorFlow 1.15, which has the Graph Transform Tool, and with a current one. Medians of whole
processes and of the calls in them, as ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from graphtools import Graph, load, save
from graphtools.transforms.pipeline import transform
from tests.benchmarks.generate import frozen_chain
from tests.benchmarks.measure import graphtools, medians, tensorflow_version
from tests.benchmarks.networks import inception, ssd_mobilenet
from tests.support import shared_models_or_none

TRANSFORM_TASK = Path(__file__).with_name("graph_transform_task.py")
FREEZE_TASK = Path(__file__).with_name("freeze_graph_task.py")
_STRIP = 'strip_unused_nodes(type=float, shape="1,299,299,3")'
_FOLD = ["fold_constants(ignore_errors=true)", "fold_batch_norms", "fold_old_batch_norms"]
#: The chains of the original's README.
CHAINS = {
    "deploy": [_STRIP, "remove_nodes(op=Identity, op=CheckNumerics)", *_FOLD],
    "shrink": [_STRIP, *_FOLD, "quantize_weights"],
    "eight-bit": [
        "add_default_attributes",
        _STRIP,
        "remove_nodes(op=Identity, op=CheckNumerics)",
        *_FOLD,
        "quantize_weights",
        "quantize_nodes",
        "strip_unused_nodes",
        "sort_by_execution_order",
    ],
}


def networks() -> dict[str, tuple[Graph, str]]:
    """Graphs by name, with their outputs."""
    return {
        "SSD MobileNet": (ssd_mobilenet(), "boxes,scores"),
        "Inception": (inception(), "logits/BiasAdd"),
    }


def against_the_original(python: str, folder: Path, rounds: int) -> None:
    """Time of each chain as a ratio to the C++ tool's: whole processes, and the calls in them."""
    for name, (graph, outputs) in networks().items():
        source = folder / "source.pb"
        save(graph, source)
        loaded = load(source)
        size = source.stat().st_size / 1e6
        for chain, steps in CHAINS.items():
            arguments = [str(source), str(folder / "out.pb"), "input", outputs, *steps]
            original = [python, str(TRANSFORM_TASK), *arguments]
            ours = graphtools(
                *("transform", str(source), "-o", str(folder / "own.pb"), "--inputs", "input"),
                *("--outputs", outputs, "--transforms", " ".join(steps)),
            )
            whole = medians({"ours": ours, "original": original}, rounds)
            calls: dict[str, list[float]] = {"ours": [], "original": []}
            for _ in range(rounds):
                start = time.perf_counter()
                transform(loaded, steps, ["input"], outputs.split(","))
                calls["ours"].append(time.perf_counter() - start)
                done = subprocess.run(original, capture_output=True, text=True, check=True)
                calls["original"].append(float(done.stdout))
            inside = {key: statistics.median(values) for key, values in calls.items()}
            print(
                f"{name} {size:.0f} MB, {chain:9}: process {whole['ours']:.2f} s, "
                f"{whole['original'] / whole['ours']:.1f} times faster; "
                f"call {inside['ours']:.2f} s, {inside['original'] / inside['ours']:.1f} times"
            )


def peak_of(command: Sequence[str]) -> float:
    """Megabytes that a process has needed at most."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
    )
    return float(done.stdout) / 1e3


def freezing(python: str, folder: Path, rounds: int) -> None:
    """Time and memory of freezing as a ratio to TensorFlow's freeze_graph."""
    models = shared_models_or_none()
    if models is None:
        print("freezing is measured with the shared models")
        return
    model = models / "od" / "ssd_mobilenet_v1_small"
    outputs = "detection_boxes,detection_scores,detection_classes,num_detections"
    meta, checkpoint = str(model / "model.ckpt.meta"), str(model / "model.ckpt")
    commands = {
        "ours": graphtools("freeze", meta, "-o", str(folder / "own.pb"), "--outputs", outputs),
        "TensorFlow": [python, str(FREEZE_TASK), meta, checkpoint, outputs, str(folder / "tf.pb")],
    }
    seconds = medians(commands, rounds)
    memory = {name: peak_of(command) for name, command in commands.items()}
    faster = seconds["TensorFlow"] / seconds["ours"]
    share = memory["ours"] / memory["TensorFlow"]
    print(
        f"freeze SSD: {seconds['ours']:.2f} s, {faster:.1f} times faster; "
        f"{memory['ours']:.0f} MB, {share:.2f} of its memory"
    )


def linear() -> None:
    """Time per node of the deploy chain on graphs of 2,000 to 200,000 nodes."""
    for count in (2_000, 20_000, 200_000):
        graph = frozen_chain(count)
        output = graph.nodes[-1].name
        start = time.perf_counter()
        transform(graph, CHAINS["deploy"], ["input"], [output])
        seconds = time.perf_counter() - start
        print(f"deploy chain, {count:,} nodes: {seconds / count * 1e6:.0f} us a node")


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--oracle", metavar="PYTHON", help="an interpreter with TensorFlow 1.15")
    parser.add_argument("--tensorflow", metavar="PYTHON", default=sys.executable)
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        linear()
        if options.oracle:
            against_the_original(options.oracle, folder, options.rounds)
        if tensorflow_version(options.tensorflow):
            freezing(options.tensorflow, folder, options.rounds)


if __name__ == "__main__":
    main()
