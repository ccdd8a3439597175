"""How well inferred shapes agree with TensorFlow: `python -m tests.benchmarks.shape_agreement`.

For every graph, each output's shape is compared with that of TensorFlow's own inference. Printed
are the contradictions (of which there must be none), the share of the dimensions known to
TensorFlow that are known here, and both per op for the ops that fall short. Graphs are the
fixtures, the shared models, and any further .pb files in folders that are named.

Exit 1 if there is a contradiction.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphtools import GraphtoolsError, load, save
from graphtools.ops.inference import Inference, infer_shapes
from tests.support import FIXTURES, shared_models_or_none

TASK = Path(__file__).with_name("tensorflow_shapes.py")


class Tally:
    """Dimensions counted by op.

    A shape of known rank counts one for its rank and one for each known dimension.
    """

    def __init__(self) -> None:
        self.known: collections.Counter[str] = collections.Counter()
        self.found: collections.Counter[str] = collections.Counter()
        self.more: collections.Counter[str] = collections.Counter()
        self.contradictions: list[str] = []
        self.dtypes: list[str] = []
        self.graphs = self.refused = 0

    def compare(self, path: str, inference: Inference, tensors: dict[str, Any]) -> None:
        """Count one graph."""
        self.graphs += 1
        for name, outputs in tensors.items():
            node = inference.graph[name]
            if name in {f.node for f in inference.findings}:
                self.contradictions.append(
                    f"{path}: {name}: "
                    + next(f.message for f in inference.findings if f.node == name)
                )
            for index, (dtype, theirs) in enumerate(outputs):
                ours = inference.dims(name, index)
                our_dtype = inference.dtype(name, index)
                if our_dtype is None or our_dtype.base.name != dtype:
                    self.dtypes.append(
                        f"{path}: {name}:{index} ({node.op}): {our_dtype}, not {dtype}"
                    )
                if contradicts(ours, theirs):
                    self.contradictions.append(
                        f"{path}: {name}:{index} ({node.op}): {ours}, TensorFlow {theirs}"
                    )
                self.known[node.op] += weight(theirs)
                self.found[node.op] += common(ours, theirs)
                self.more[node.op] += weight(ours) - common(ours, theirs)

    def report(self, title: str, rows: int) -> None:
        """Print what was counted."""
        known, found = sum(self.known.values()), sum(self.found.values())
        print(f"# {title}: {self.graphs} graphs, {self.refused} that TensorFlow refuses")
        print(f"contradictions: {len(self.contradictions)}; other dtypes: {len(self.dtypes)}")
        for line in self.contradictions[:rows] + self.dtypes[:rows]:
            print("  " + line)
        whole = sum(self.found[op] == self.known[op] for op in self.known)
        print(
            f"known to TensorFlow {known:,}, here {found:,} of them: {found / max(known, 1):.4%}; "
            f"known here only {sum(self.more.values()):,}; {whole} of {len(self.known)} ops wholly"
        )
        gaps = sorted(self.known, key=lambda op: self.found[op] - self.known[op])
        for op in gaps[:rows]:
            if self.found[op] < self.known[op]:
                print(f"  {op:40} {self.found[op]:7,} of {self.known[op]:7,}")


def weight(dims: Any) -> int:
    """How much a shape states."""
    return 0 if dims is None else 1 + sum(d is not None for d in dims)


def contradicts(ours: Any, theirs: Any) -> bool:
    """Whether two shapes cannot both be true."""
    if ours is None or theirs is None:
        return False
    if len(ours) != len(theirs):
        return True
    return any(
        a is not None and b is not None and a != b for a, b in zip(ours, theirs, strict=True)
    )


def common(ours: Any, theirs: Any) -> int:
    """How much of what the second shape states the first states, too."""
    if ours is None or theirs is None or len(ours) != len(theirs):
        return 0
    return 1 + sum(bool(a is not None and a == b) for a, b in zip(ours, theirs, strict=True))


def binary_graphs(root: Path, folder: Path) -> Iterator[Path]:
    """Every graph below a folder as a binary GraphDef, in another folder where it is none."""
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".pb", ".pbtxt", ".meta") or "corrupt" in path.parts:
            continue
        target = folder / ("__".join(path.relative_to(root).parts) + ".pb")
        try:
            model = path.parent if path.stem == "saved_model" else path
            save(load(str(model)), str(target))
        except GraphtoolsError:
            continue
        yield target


def answers(python: str, paths: list[Path], cache: Path | None) -> Iterator[dict[str, Any]]:
    """What TensorFlow says of graphs, one after the other."""
    if cache is not None and cache.exists():
        lines = cache.read_text().splitlines()
    else:
        done = subprocess.run(
            [python, str(TASK)],
            input="".join(f"{p}\n" for p in paths),
            capture_output=True,
            text=True,
            check=True,
        )
        lines = done.stdout.splitlines()
        if cache is not None:
            cache.write_text(done.stdout)
    for line in lines:
        yield json.loads(line)


def main() -> int:
    """Compare all graphs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="further folders of .pb files")
    parser.add_argument("--tensorflow", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--rows", type=int, default=25, help="lines of each list")
    parser.add_argument("--work", type=Path, help="keep converted graphs and answers here")
    options = parser.parse_args()
    contradictions = 0
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        shared = shared_models_or_none()
        roots = {"fixtures": FIXTURES, **({"models": shared} if shared else {})}
        roots |= {str(folder): folder for folder in options.folders}
        for title, root in roots.items():
            place = work / title.strip("/").replace("/", "_")
            place.mkdir(parents=True, exist_ok=True)
            cache = place.with_suffix(".jsonl")
            paths = sorted(place.glob("*.pb")) or list(binary_graphs(root, place))
            tally = Tally()
            for answer in answers(options.tensorflow, paths, cache):
                if "error" in answer:
                    tally.refused += 1
                    continue
                inference = infer_shapes(load(answer["path"]))
                tally.compare(Path(answer["path"]).name, inference, answer["tensors"])
            tally.report(title, options.rows)
            contradictions += len(tally.contradictions)
    return 1 if contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
