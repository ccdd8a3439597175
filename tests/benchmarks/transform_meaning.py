"""Whether transforms keep what graphs compute: `python -m tests.benchmarks.transform_meaning`.

Run by an interpreter with TensorFlow 2. Every transform that is to keep the meaning is applied to
every graph of the shared models, or of the fixtures, that has recorded inputs; both graphs run in
TensorFlow, and the largest difference of an output, relative to its largest value, is compared
with 0, or with 1e-5 where batch norms are folded. Exit 1 if one is larger.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from graphtools import Graph, GraphtoolsError, load, save
from graphtools.transforms import TRANSFORMS
from graphtools.transforms.optimize import optimizing_pipeline
from graphtools.transforms.pipeline import transform
from tests.support import shared_models_or_none

#: Transforms that do arithmetic on weights.
_FOLDS = (
    "fold_batch_norms",
    "fold_old_batch_norms",
    "fold_constants",
    "optimize",
    "flatten",
    "fuse",
)
#: Steps for transforms whose own example needs a device, prints much, or names a node.
_STEPS = {
    "set_device": 'set_device(device="/cpu:0")',
    "insert_logging": "insert_logging(op=Relu6, first_n=1, summarize=1)",
}
_NAMES_A_NODE = ("rename_node", "placeholder_to_const")
Arrays = dict[str, Any]


def cases(models: Path) -> Iterator[tuple[Path, Path]]:
    """Graphs with the files of their inputs and outputs."""
    for file in sorted((models / "mini").glob("*.pb")):
        yield file, models / "mini" / f"{file.stem}_io.npz"
    for folder in sorted((models / "misc").iterdir()):
        yield folder / "frozen.pb", folder / "io.npz"
    for folder in sorted((models / "od").iterdir()):
        yield folder / "frozen_inference_graph.pb", folder / "io.npz"
        yield folder / "tflite_graph_nopostproc.pb", folder / "tflite_graph_io.npz"
    for folder in sorted((models / "slim").iterdir()):
        yield folder / "frozen.pb", folder / "io.npz"
        yield folder / "frozen_fbnv1.pb", folder / "io.npz"
        yield folder / "frozen_unfused.pb", folder / "io_unfused.npz"
    yield models / "quantize" / "smallnet" / "frozen_eval.pb", models / "quantize/smallnet/io.npz"


def recorded(file: Path) -> tuple[Arrays, list[str]]:
    """Inputs, and the names of the outputs."""
    with np.load(file) as arrays:
        inputs = {k[3:].replace("|", "/"): arrays[k] for k in arrays.files if k[:3] == "in|"}
        outputs = [k[4:].replace("|", "/") for k in arrays.files if k[:4] == "out|"]
    return inputs, [name if ":" in name else f"{name}:0" for name in outputs]


def run(graph: Graph, inputs: Arrays, outputs: list[str], folder: Path) -> list[Any]:
    """The outputs of a graph in TensorFlow."""
    save(graph, folder / "graph.pb")
    message = tf.compat.v1.GraphDef.FromString((folder / "graph.pb").read_bytes())
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")
        with tf.compat.v1.Session() as session:
            found: list[Any] = session.run(outputs, inputs)
    return found


def difference(before: list[Any], after: list[Any]) -> float:
    """The largest difference relative to the largest value; infinite for other shapes or NaN."""
    worst = 0.0
    for a, b in zip(before, after, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or a.dtype != b.dtype:
            return float("inf")
        if a.dtype.kind not in "fiub":
            worst = max(worst, 0.0 if np.array_equal(a, b) else float("inf"))
        elif a.size and not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            gap = np.max(np.abs(a.astype("f8") - b.astype("f8")))
            worst = max(worst, float(gap / (np.max(np.abs(a.astype("f8"))) or 1)))
    return worst if np.isfinite(worst) else float("inf")


def main() -> int:
    """Compare all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transforms", nargs="*", default=["*"], help="patterns of names")
    options = parser.parse_args()
    models = shared_models_or_none()
    if models is None:
        print("needs the shared models")
        return 2
    specs = {"optimize": ""}
    for found in TRANSFORMS.all().values():
        if found.keeps_meaning and found.name not in _NAMES_A_NODE:
            specs[found.name] = _STEPS.get(found.name, found.example)
    chosen = options.transforms
    specs = {n: s for n, s in specs.items() if any(fnmatch.fnmatch(n, p) for p in chosen)}
    counts = dict.fromkeys(("equal", "close", "differ", "not applicable"), 0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for file, io in cases(models):
            if not file.is_file() or not io.is_file():
                continue
            graph = load(file)
            inputs, outputs = recorded(io)
            try:
                before = run(graph, inputs, outputs, folder)
            except (ValueError, tf.errors.OpError) as error:
                print(f"{file.relative_to(models)}: TensorFlow refuses it: {str(error)[:100]}")
                continue
            for name, spec in specs.items():
                try:
                    done = transform(
                        graph, spec or optimizing_pipeline(graph), list(inputs), outputs
                    )
                except GraphtoolsError as error:
                    counts["not applicable"] += 1
                    if "is gone" not in error.message:
                        print(f"{file.relative_to(models)} {name}: {error.message[:150]}")
                    continue
                try:
                    gap = difference(before, run(done.graph, inputs, outputs, folder))
                except (ValueError, tf.errors.OpError) as error:
                    gap = float("inf")
                    print(f"{file.relative_to(models)} {name}: {str(error)[:300]}")
                allowed = 1e-5 if name.startswith(_FOLDS) else 0.0
                outcome = "equal" if gap == 0 else "close" if gap <= allowed else "differ"
                counts[outcome] += 1
                if outcome == "differ":
                    print(f"{file.relative_to(models)} {name}: differs by {gap:.2g}")
    print(", ".join(f"{n:,} {what}" for what, n in counts.items()))
    return 1 if counts["differ"] else 0


if __name__ == "__main__":
    sys.exit(main())
