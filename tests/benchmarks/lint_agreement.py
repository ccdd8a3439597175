"""How often `predict_conversion` agrees with what the real converter did.

    python -m tests.benchmarks.lint_agreement TRUTH.jsonl.gz GRAPHS_FOLDER [--half 0|1]

The truth is one line of JSON a graph: id, inputs, outputs, tf_run, verdict and the outcome with
builtin operators only and with Select TF ops. Prints the agreement, and the disagreements grouped
by the op that is at fault.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from graphtools.compat.prediction import predict_conversion
from graphtools.compat.verdict import Verdict
from graphtools.formats import graph_of, open_model

#: Graphs that TensorFlow itself refuses to run are not counted.
_COUNTED = ("ok", "not run", None)


class Case(NamedTuple):
    """A graph with what the converter did, and what was predicted.

    Attributes:
        truth: The line of the truth.
        verdict: What was predicted, None where the prediction failed.
        error: Why it failed.
    """

    truth: dict[str, Any]
    verdict: Verdict | None
    error: str


class Score(NamedTuple):
    """The agreement.

    Attributes:
        graphs: Number of graphs.
        builtins: Share of graphs of which it was told rightly whether they convert with builtins.
        select: The same with Select TF ops.
        precision: Share of the blockers told that are blockers.
        recall: Share of the blockers that were told.
        failures: Number of graphs for which the prediction failed.
    """

    graphs: int
    builtins: float
    select: float
    precision: float
    recall: float
    failures: int


def read_truth(path: Path) -> list[dict[str, Any]]:
    """The lines of a truth that count."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    found = [json.loads(line) for line in text.splitlines()]
    return [t for t in found if t.get("tf_run") in _COUNTED]


def predict(truth: list[dict[str, Any]], folder: Path) -> Iterator[Case]:
    """Predict each graph."""
    for entry in truth:
        name = entry["id"]
        try:
            graph = graph_of(open_model(str(folder / f"{name}.pb")))
            verdict = predict_conversion(
                graph, [i["name"] for i in entry["inputs"]], [o["name"] for o in entry["outputs"]]
            )
        except Exception as error:  # what is measured is whether there is one
            yield Case(entry, None, f"{type(error).__name__}: {error}")
            continue
        yield Case(entry, verdict, "")


def converted(truth: dict[str, Any], mode: str) -> bool:
    """Whether the converter took the graph."""
    return bool(truth[f"outcome_{mode}"]["status"] == "ok")


def blockers_of(truth: dict[str, Any]) -> set[str]:
    """The nodes that the converter named."""
    found = truth["outcome_builtins"].get("blockers", [])
    return {b["loc"][0] for b in found if b.get("loc")}


def has_blockers(truth: dict[str, Any]) -> bool:
    """Whether the converter's list of bad nodes is to be compared."""
    return truth.get("verdict") in ("flex", "neither")


def score(cases: list[Case]) -> Score:
    """Compare predictions with the truth."""
    right = dict.fromkeys(("builtins", "select"), 0)
    hits = told = there = 0
    for truth, verdict, _ in cases:
        if verdict is None:
            continue
        for mode in right:
            right[mode] += getattr(verdict, mode) == converted(truth, mode)
        if has_blockers(truth):
            want = blockers_of(truth)
            got = {b.node for b in verdict.blockers}
            hits, told, there = hits + len(want & got), told + len(got), there + len(want)
    count = max(1, len(cases))
    return Score(
        len(cases),
        right["builtins"] / count,
        right["select"] / count,
        hits / max(1, told),
        hits / max(1, there),
        sum(c.verdict is None for c in cases),
    )


def disagreements(cases: list[Case]) -> dict[str, list[str]]:
    """What disagrees, by the op that is tested or the kind of graph."""
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for truth, verdict, error in cases:
        group = truth.get("op_under_test") or truth.get("source") or ""
        head = f"{truth['id']} {truth.get('variant') or ''}"
        if verdict is None:
            groups[group].append(f"{head}: {error}")
            continue
        want, got = blockers_of(truth), {b.node for b in verdict.blockers}
        reasons = "; ".join(f"{b.node} {b.op} {b.kind} {b.reason}" for b in verdict.blockers)
        modes = [m for m in ("builtins", "select") if getattr(verdict, m) != converted(truth, m)]
        if modes or (has_blockers(truth) and want != got):
            message = " | ".join(truth["outcome_builtins"].get("msg", []))[:160]
            groups[group].append(
                f"{head}: {' '.join(modes) or 'blockers'}; truth {truth.get('verdict')}"
                f" {sorted(want)}; told {reasons or 'converts'}; {message}"
            )
    return groups


def main() -> None:
    """Print the agreement and what disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("graphs", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="only this half, by hash of id")
    args = parser.parse_args()
    truth = read_truth(args.truth)
    if args.half is not None:
        truth = [t for t in truth if zlib.crc32(t["id"].encode()) % 2 == args.half]
    start = time.perf_counter()
    cases = list(predict(truth, args.graphs))
    seconds = time.perf_counter() - start
    for group, lines in sorted(disagreements(cases).items()):
        print(f"{group} ({len(lines)})")
        for line in lines:
            print(f"  {line}")
    found = score(cases)
    print(
        f"{found.graphs} graphs, {1000 * seconds / max(1, found.graphs):.1f} ms each: builtins"
        f" {found.builtins:.4f}, select {found.select:.4f}, blockers precision"
        f" {found.precision:.4f} recall {found.recall:.4f}, {found.failures} failures"
    )


if __name__ == "__main__":
    main()
