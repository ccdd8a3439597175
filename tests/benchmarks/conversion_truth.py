"""What the real converter makes of random graphs: `python -m tests.benchmarks.conversion_truth`.

Random graphs (see `random_graphs`), or the graphs of a folder of an earlier run, are run in
TensorFlow and converted twice, with builtin ops only and with ops of TensorFlow admitted. Into the
folder `-o` go `graphs/ID.pb` and `truth.jsonl.gz`, a line a graph:

    id, source, op_under_test, inputs, outputs, graph_ops, tf_run, verdict, folded,
    outcome_builtins, outcome_select

An outcome has `status` (ok, error, crash, hang), `class`, `err_ops` (ops by the kind that the error
names), `blockers` (`code`, `op`, `sub`, `loc`: nodes) and, if it is ok, `ops` and `alloc`. A run
with the same seed goes on where an earlier one was stopped.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from graphtools import Graph, load, save
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.run.child import Died, Hung
from graphtools.run.probed_converter import Outcome, ProbedConverter
from tests.benchmarks.conversion_task import RanOnce, RunOnce
from tests.benchmarks.random_graphs import random_graphs
from tests.benchmarks.single_ops import single_ops

TASK = Path(__file__).with_name("conversion_task.py")
#: graphtools from its own folder, then the task of this benchmark.
PROGRAM = f"""
import importlib.util, runpy, sys
place = {{place!r}}
spec = importlib.util.spec_from_file_location(
    "graphtools", place + "/__init__.py", submodule_search_locations=[place]
)
sys.modules["graphtools"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
runpy.run_path({str(TASK)!r}, run_name="__main__")
"""
_KIND = {"ERROR_NEEDS_FLEX_OPS": "select", "ERROR_NEEDS_CUSTOM_OPS": "custom"}


def truth_of(
    converter: ProbedConverter,
    graph: Graph,
    path: Path,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> dict[str, Any]:
    """What TensorFlow and its converter make of a graph."""
    tables = [n.name for n in graph if n.op.startswith("LookupTableImport")]
    try:
        run = converter.ask(RunOnce(str(path), tuple(inputs), tuple(outputs), tuple(tables)))
    except Hung:
        run = RanOnce("hang")
    except Died as death:
        run = RanOnce(f"crash {death.code}")
    assert isinstance(run, RanOnce)
    found: dict[str, Any] = {
        "inputs": [_end(graph, n) for n in inputs],
        "outputs": run.outputs or [{"name": n} for n in outputs],
        "graph_ops": dict(collections.Counter(n.op for n in graph)),
        "tf_run": run.said,
    }
    model = path.with_suffix(".tflite")
    for mode in ("builtins", "select"):
        outcome = converter.convert(
            graph, inputs, outputs, select=mode == "select", allocate=True, model=str(model)
        )
        found[f"outcome_{mode}"] = _described(outcome, model)
        model.unlink(missing_ok=True)
    found["verdict"] = _verdict(found)
    ops = found["outcome_builtins"].get("ops", {})
    found["folded"] = found["verdict"] == "builtin" and not ops.get("builtin")
    return found


def _end(graph: Graph, name: str) -> dict[str, Any]:
    node = graph[name.partition(":")[0]]
    shape = node.attr("shape")
    return {
        "name": name,
        "shape": shape.to_json() if shape is not None else None,  # type: ignore[union-attr]
        "dtype": str(node.attr("dtype")),
    }


def _described(outcome: Outcome, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"status": outcome.status}
    if outcome.status == "ok":
        model = open_model(str(path))
        assert isinstance(model, TFLiteModel)
        operators = [o for subgraph in model.subgraphs for o in subgraph.operators]
        found["ops"] = {
            "builtin": sorted({o.op for o in operators if not o.is_custom and not o.is_flex}),
            "flex": sorted({o.op for o in operators if o.is_flex}),
            "custom": sorted({o.op for o in operators if o.is_custom and not o.is_flex}),
        }
        found["alloc"] = "ok" if not outcome.allocated else f"err: {outcome.allocated}"
        return found
    found["class"] = outcome.kind
    ops: dict[str, list[str]] = collections.defaultdict(list)
    for complaint in outcome.complaints:
        if complaint.code in _KIND:
            ops[_KIND[complaint.code]].append(complaint.op.removeprefix("tf."))
    found["err_ops"] = {kind: sorted(set(names)) for kind, names in ops.items()}
    found["blockers"] = [
        {"code": c.code, "op": c.op, "sub": c.stage, "loc": list(c.nodes)}
        for c in outcome.complaints
    ]
    found["msg"] = [line[:300] for line in outcome.message.splitlines()[:2]]
    return found


def _verdict(found: dict[str, Any]) -> str:
    builtins, select = found["outcome_builtins"], found["outcome_select"]
    if builtins["status"] == "ok":
        return "builtin"
    if builtins["status"] in ("crash", "hang"):
        return str(builtins["status"])
    if select["status"] == "ok":
        return "flex"
    codes = {b["code"] for b in builtins["blockers"]}
    if "ERROR_NEEDS_CUSTOM_OPS" in codes:
        return "neither"
    return "converter_error" if builtins["class"] == "ConverterError" else "python_error"


def graphs_of(options: argparse.Namespace) -> Iterator[tuple[dict[str, Any], Graph]]:
    """The graphs to convert, with what is known of each: id, source, op_under_test, ends."""
    if options.again:
        for row in _rows(options.again):
            row["ends"] = [[e["name"] for e in row[k]] for k in ("inputs", "outputs")]
            yield row, load(str(options.graphs / f"{row['id']}.pb"))
        return
    make = single_ops if options.single else random_graphs
    for made in make(options.seed, options.count):
        digest = hashlib.sha256(b"".join(bytes(p) for p in made.graph.pieces())).hexdigest()
        row = {
            "id": f"rand_{made.kind}_{digest[:8]}",
            "source": f"random:{made.kind}",
            "op_under_test": made.tested,
            "ends": [list(made.inputs), list(made.outputs)],
        }
        yield row, made.graph


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]


def main() -> None:
    """Convert, and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tensorflow", default="", metavar="PYTHON")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--single", action="store_true", help="graphs of one op, of every op")
    parser.add_argument("-o", dest="folder", type=Path, required=True)
    parser.add_argument("--again", type=Path, help="truth.jsonl.gz whose graphs are converted anew")
    parser.add_argument("--graphs", type=Path, help="folder of these graphs")
    parser.add_argument("--time-limit", type=float, default=30.0)
    options = parser.parse_args()
    (options.folder / "graphs").mkdir(parents=True, exist_ok=True)
    target = options.folder / "truth.jsonl.gz"
    done = set()
    if target.exists():
        done = {row["id"] for row in _rows(target)}
    start, fresh = time.monotonic(), 0
    with ProbedConverter(options.tensorflow, options.time_limit, PROGRAM) as converter:
        for row, graph in graphs_of(options):
            if row["id"] in done:
                continue
            done.add(row["id"])
            fresh += 1
            path = options.folder / "graphs" / f"{row['id']}.pb"
            save(graph, str(path))
            inputs, outputs = row.pop("ends")
            row.update(truth_of(converter, graph, path, inputs, outputs))
            with gzip.open(target, "at") as file:
                file.write(json.dumps(row) + "\n")
            if fresh % 50 == 0:
                pace = (time.monotonic() - start) / fresh
                print(f"{fresh} graphs, {pace:.2f} s each", file=sys.stderr)


if __name__ == "__main__":
    main()
