"""How fast checkpoints are compared: against NumPy on the values, against TensorFlow on the index.

Pairs of checkpoints are generated without TensorFlow.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.benchmarks.measure import graphtools, medians, private_memory, tensorflow_version
from tests.formats.bundle_writer import write_bundle, write_index

TASKS = Path(__file__).with_name("tensorflow_tasks.py")
#: What numpy needs for the same bytes, a process of its own: read both files and compare.
_READ_AND_COMPARE = """
import sys
import numpy as np
a, b = (np.fromfile(p, np.float32) for p in sys.argv[1:])
np.array_equal(a, b)
"""
_READ_AND_MEASURE = """
import sys
import numpy as np
a, b = (np.fromfile(p, np.float32) for p in sys.argv[1:])
apart = np.abs(a - b)
print(apart.max(), apart.mean(), np.count_nonzero(apart))
print(np.nanmax(apart / np.maximum(np.abs(a), np.abs(b))))
"""
_TENSORS = 125


def write_pairs(folder: Path, megabytes: int) -> dict[str, tuple[Path, Path]]:
    """Pairs of checkpoints by what differs: nothing, a thousandth of the values, all values."""
    random = np.random.default_rng(0)
    size = megabytes * 250_000 // _TENSORS
    base = {
        f"net/layer_{n:03d}/weights": random.standard_normal(size, np.float32)
        for n in range(_TENSORS)
    }
    some = {name: values.copy() for name, values in base.items()}
    for values in some.values():
        values[::1000] += 1
    every = {name: values * np.float32(1.001) for name, values in base.items()}
    first = write_bundle(folder / "a.ckpt", base)
    return {
        "equal": (first, write_bundle(folder / "equal.ckpt", base)),
        "0.1 % differ": (first, write_bundle(folder / "some.ckpt", some)),
        "all differ": (first, write_bundle(folder / "every.ckpt", every)),
    }


def against_numpy(folder: Path, rounds: int, megabytes: int = 500) -> None:
    """Time of `diff` as a ratio to that of numpy for the same bytes, and private memory."""
    for name, (a, b) in write_pairs(folder, megabytes).items():
        files = [f"{p}.data-00000-of-00001" for p in (a, b)]
        commands = {
            "diff": _whatever_it_finds(graphtools("diff", str(a), str(b), "--summary")),
            "compare": [sys.executable, "-c", _READ_AND_COMPARE, *files],
            "measure": [sys.executable, "-c", _READ_AND_MEASURE, *files],
        }
        found = medians(commands, rounds)
        memory = private_memory("diff", str(a), str(b), "--summary") / 1e6
        ours = found["diff"]
        print(
            f"two of {megabytes} MB, {name:12} {ours * 1e3:6.0f} ms; "
            f"numpy reads and compares in {found['compare'] * 1e3:.0f} ms: "
            f"{ours / found['compare']:.2f} times; with statistics of the difference in "
            f"{found['measure'] * 1e3:.0f} ms: {ours / found['measure']:.2f} times; "
            f"{memory:.0f} MB private"
        )


def against_tensorflow(folder: Path, pythons: list[str], rounds: int) -> None:
    """Time of `variables` and `diff --no-values` as a ratio to `tf.train.load_checkpoint`."""
    pythons = [p for p in pythons if tensorflow_version(p)]
    random = np.random.default_rng(0)
    tensors = {f"net/layer_{n}/weights": random.standard_normal(64) for n in range(500)}
    a, b = (str(write_bundle(folder / f"{n}.ckpt", tensors)) for n in "xy")
    tasks = {
        "variables": (graphtools("variables", a), ("variables", a)),
        "diff --no-values": (graphtools("diff", a, b, "--no-values"), ("diff", a, b)),
    }
    for task, (ours, theirs) in tasks.items():
        commands = {"graphtools": ours} | {p: [p, str(TASKS), *theirs] for p in pythons}
        found = medians(commands, rounds)
        ratios = ", ".join(
            f"TensorFlow {found[p] * 1e3:.0f} ms: {found[p] / found['graphtools']:.1f} times"
            for p in pythons
        )
        print(f"{task:17} {found['graphtools'] * 1e3:6.0f} ms  {ratios}")


def many_variables(folder: Path, rounds: int) -> None:
    """Time per variable of indices of 10,000 and 1,000,000 variables."""
    paths = {n: str(write_index(folder / f"many{n}.ckpt", n)) for n in (10_000, 1_000_000)}
    for task in ("variables", "diff"):
        commands = {
            str(n): graphtools("variables", p)
            if task == "variables"
            else graphtools("diff", p, p, "--no-values", "--summary")
            for n, p in paths.items()
        }
        found = medians(commands, rounds)
        each = {n: found[str(n)] / n * 1e6 for n in paths}
        print(
            f"{task:9} 10,000 variables: {each[10_000]:.1f} us each, 1,000,000: "
            f"{each[1_000_000]:.1f} us, ratio {each[1_000_000] / each[10_000]:.2f}"
        )


def _whatever_it_finds(command: list[str]) -> list[str]:
    """A command that may exit with 1 for differences, as one that succeeds then."""
    return ["/bin/sh", "-c", '"$@" || test $? -eq 1', "sh", *command]


def run(folder: Path, pythons: list[str], rounds: int) -> None:
    """All that is measured here."""
    against_numpy(folder, rounds)
    against_tensorflow(folder, pythons, rounds)
    many_variables(folder, max(1, rounds // 3))
