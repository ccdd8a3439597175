"""Runs all reading commands over public model files, and holds `.tflite` to LiteRT.

    python -m tests.benchmarks.public_files [COMMAND ...]

Counts exit codes, and says each traceback, each run above the limit, and each file that `summary`
refuses: right where TensorFlow and LiteRT refuse it, too. With LiteRT installed, each `.tflite` is
compared with it in names, shapes, dtypes, scales and zero points. The files are found beside the
project; nothing is done without them.
"""

from __future__ import annotations

import collections
import io
import json
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from graphtools.cli import main as graphtools
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from tests.support import public_files, shared_or_none

#: Seconds after which a run counts as one that does not end.
LIMIT = 10
COMMANDS = (
    "summary",
    "io",
    "nodes",
    "ops",
    "shapes",
    "size",
    "variables",
    "signatures",
    "lint",
    "compat",
    "draw",
    "report",
)
#: Where a command's result goes, which is not looked at.
_OUTPUT = {"draw": ("-o", "-"), "report": ("-o", "/dev/null")}


class Run(NamedTuple):
    """One run of a command.

    Attributes:
        code: Its exit code; -1 if an exception left it, -2 if it did not end.
        seconds: How long it took.
        said: The last line on stderr, or of the traceback.
    """

    code: int
    seconds: float
    said: str


class _Endless(BaseException):
    """The limit is reached; nothing but the runner catches it."""


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise _Endless


def run(command: str, path: Path) -> Run:
    """Run a command in this process."""
    # a picture is written as bytes, below the text
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    code, start = 0, time.perf_counter()
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(LIMIT)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            graphtools([command, str(path), *_OUTPUT.get(command, ())], prog_name="graphtools")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except _Endless:
        code = -2
    except Exception:
        code = -1
        err.write(traceback.format_exc())
    finally:
        signal.alarm(0)
    lines = [line for line in err.getvalue().splitlines() if not line.startswith("note:")]
    return Run(code, time.perf_counter() - start, lines[0 if code == 2 else -1] if lines else "")


def files(corpus: Path) -> Iterator[tuple[str, Path]]:
    """The files with their kinds."""
    folder = public_files(corpus)
    for entry in json.loads((corpus / "files.json").read_text()):
        yield entry["kind"], folder / entry["file"]


def differences(path: Path) -> list[str]:
    """In what a `.tflite` is read differently from LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    model = open_model(path)
    assert isinstance(model, TFLiteModel)
    try:
        details = Interpreter(str(path)).get_tensor_details()
    except ValueError as refusal:
        return [f"LiteRT refuses it: {refusal}"]
    ours = {t.index: t for t in model.subgraphs[0].tensors}
    found = []
    for theirs in details:
        tensor = ours.get(theirs["index"])
        if tensor is not None and _differs(tensor, theirs):
            found.append(f"tensor {tensor.index}: {tensor} is {theirs}")
    return found


def _differs(tensor: Any, theirs: dict[str, Any]) -> bool:
    quantization = theirs["quantization_parameters"]
    scales = tensor.quantization.scale if tensor.quantization else ()
    zero_points = tensor.quantization.zero_point if tensor.quantization else ()
    shape = theirs["shape"].tolist()
    name = theirs["dtype"].__name__.rstrip("_")
    return bool(
        tensor.name != theirs["name"]
        or list(tensor.shape.dims or ()) != shape
        or tensor.dtype not in (name, {"bytes": "string", "object": "resource"}.get(name))
        or list(quantization["scales"]) != list(scales)
        or list(quantization["zero_points"]) != list(zero_points)
    )


def main(commands: list[str]) -> None:
    """Print what does not end, what ends in a traceback, and what is refused."""
    corpus = shared_or_none("corpus")
    if corpus is None:
        print("needs the public files beside the project")
        return
    counts: dict[str, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    slowest = (0.0, "")
    for kind, path in files(corpus):
        for command in commands or COMMANDS:
            done = run(command, path)
            counts[command][done.code] += 1
            what = f"{command} {path.parent.name}/{path.name} ({kind})"
            slowest = max(slowest, (done.seconds, what))
            if done.code < 0 or (done.code == 2 and command == "summary"):
                print(f"{done.code:3} {what}: {done.said}")
    for command, codes in counts.items():
        print(command, ", ".join(f"exit {code}: {n}" for code, n in sorted(codes.items())))
    print(f"slowest: {slowest[0]:.1f} s, {slowest[1]}")
    models = [path for kind, path in files(corpus) if kind == "tflite"]
    differing = {path: found for path in models if (found := differences(path))}
    for path, found in differing.items():
        print(f"{path.parent.name}/{path.name}: {found[0]}")
    print(f"{len(models) - len(differing)} of {len(models)} .tflite are read as LiteRT reads them")


if __name__ == "__main__":
    main(sys.argv[1:])
