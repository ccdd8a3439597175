"""What graphtools makes of nets of Keras: `python -m tests.benchmarks.keras_nets [NET ...]`.

Sixteen nets of `keras.applications` and twenty small ones of all kinds of layers, with random
weights, as SavedModels and frozen by graphtools and by TensorFlow. Steps, all by default:

    freeze      what it gives is what TensorFlow gives, within 1e-6 of the largest value
    optimize    what it gives stays, within 1e-5; no batch norm or scale is left behind a
                convolution (`left`: of the graph that graphtools froze / that TensorFlow froze)
    compat      says of all three what TensorFlow's converter does
    costs       parameters are those of Keras, multiply-accumulates those of TensorFlow's profiler
    none, dynamic, float16, int8, int16x8
                `convert` does it, the model runs, and `verify` says that it is the graph

A row a net; `!` marks what is not as it is to be. With `--folder` nets and rows are kept there, and
a run goes on where an earlier one was stopped. Needs TensorFlow, Keras 3 and LiteRT.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import functools
import importlib.util
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STEPS = ("freeze", "optimize", "compat", "costs")
MODES = ("none", "dynamic", "float16", "int8", "int16x8")
_NEEDED = ("tensorflow", "keras", "ai_edge_litert")
Row = dict[str, Any]


def judge(name: str, folder: Path, steps: Sequence[str], limit: float) -> None:
    """Do the steps that the row of a net lacks; each is written as it is done."""
    from graphtools import GraphtoolsError
    from tests.benchmarks import keras_judging as judging

    row = read_row(folder)
    net = judging.Net(name, folder)
    functions: dict[str, Callable[[], judging.Judgement]] = {
        "freeze": lambda: judging.freezing(net),
        "optimize": lambda: judging.optimizing(net),
        "compat": lambda: judging.verdicts(net),
        "costs": lambda: judging.costs(net),
    }
    with contextlib.ExitStack() as stack:
        if set(steps) & set(MODES) - row.keys():
            modes = stack.enter_context(judging.Modes(net, limit))
            functions |= {mode: functools.partial(modes.judge, mode) for mode in MODES}
        for step in steps:
            if step in row:
                continue
            start = time.perf_counter()
            try:
                found = functions[step]()
            except (GraphtoolsError, RuntimeError, ValueError) as error:
                found = judging.Judgement(False, "fails", f"{type(error).__name__}: {error}")
            row[step] = {**found._asdict(), "seconds": round(time.perf_counter() - start, 1)}
            (folder / "row.json").write_text(json.dumps(row, indent=1))


def read_row(folder: Path) -> Row:
    """What is known of a net."""
    file = folder / "row.json"
    found: Row = json.loads(file.read_text()) if file.exists() else {}
    return found


def line(name: str, row: Row, steps: Sequence[str]) -> str:
    """A row of the table."""
    cells = [f"{name:32}"]
    for step in steps:
        found = row.get(step, {"good": False, "said": "not done"})
        cells.append(f"{step} {'' if found['good'] else '! '}{found['said']}")
    return " | ".join(cells)


def main() -> int:
    """Judge the nets that are named, all by default."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("nets", nargs="*", default=["*"], metavar="NET", help="patterns of names")
    parser.add_argument("--steps", default=",".join(STEPS + MODES), help="separated by commas")
    parser.add_argument("--folder", type=Path, help="where nets and rows are kept")
    parser.add_argument("--time-limit", type=float, default=600, help="seconds of one conversion")
    parser.add_argument("--list", action="store_true", help="only print the names")
    options = parser.parse_args()
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped: needs {', '.join(missing)}")
        return 0
    steps = options.steps.split(",")
    unknown = set(steps) - {*STEPS, *MODES}
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tests.benchmarks.keras_models import APPLICATIONS, SMALL

    names = [n for n in (*SMALL, *APPLICATIONS) if any(fnmatch.fnmatch(n, p) for p in options.nets)]
    if options.list or not names:
        print("\n".join(names or ("no such net",)))
        return 0 if names else 2
    bad = 0
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            folder = (options.folder or Path(temporary)) / name
            if set(steps) - read_row(folder).keys():
                # each in a process of its own: what TensorFlow holds is gone with it
                arguments = (name, folder, steps, options.time_limit)
                child = multiprocessing.get_context("spawn").Process(target=judge, args=arguments)
                child.start()
                child.join()
            row = read_row(folder)
            print(line(name, row, steps), flush=True)
            bad += any(not row.get(step, {}).get("good") for step in steps)
            if options.folder is None:
                shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(names) - bad} of {len(names)} nets are as they are to be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
