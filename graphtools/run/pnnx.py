"""Runs pnnx, which makes ncnn models of ONNX ones; its exit code says little of what it made."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from graphtools.run.child import Died
from graphtools.run.runtime_runner import RuntimeProblem

#: Seconds that it may take.
TIME_LIMIT = 120.0
_NAME = "pnnx.exe" if os.name == "nt" else "pnnx"
#: How it tells which axis of a blob is the batch: in Python, by what it writes beside the model.
_FED = re.compile(r'ex\.input\("(\w+)", ncnn\.Mat\([^\n]*?(?:batch_index=(\d+))?\)\.clone\(\)\)')
_TAKEN = re.compile(r"\b(out\d+)\.numpy\((?:batch_index=(\d+))?\)")
#: No axis is the batch: all are fed.
NO_BATCH = 233


class PnnxResult(NamedTuple):
    """What pnnx made.

    Attributes:
        param: The file of the layers.
        weights: The file of the weights.
        inputs: By input blob, the axis that is the batch.
        outputs: By output blob, likewise.
    """

    param: str
    weights: str
    inputs: dict[str, int]
    outputs: dict[str, int]


def find_pnnx(program: str = "") -> str:
    """The program: the one that is named, that of the installed package, or of PATH.

    The package's Python wants torch, which the program does not. Empty if there is none.
    """
    if program:
        found = shutil.which(program)
        return os.path.abspath(found) if found is not None else ""
    spec = importlib.util.find_spec("pnnx")
    for folder in spec.submodule_search_locations or () if spec is not None else ():
        path = os.path.join(folder, _NAME)
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(_NAME)
    if found is not None:
        with open(found, "rb") as file:
            if file.read(2) != b"#!":  # the package's Python
                return found
    return ""


def run_pnnx(
    program: str,
    model: str,
    shapes: Sequence[Sequence[int]],
    *,
    half: bool,
    time_limit: float = TIME_LIMIT,
) -> PnnxResult:
    """Convert an ONNX model; what is made lies beside it.

    Args:
        program: The program.
        model: The model, alone in its folder.
        shapes: Of the inputs, all of float32, in their order.
        half: Whether weights have half the precision.
        time_limit: Seconds that it may take.

    Raises:
        RuntimeProblem: It crashes, hangs, or makes no model.
    """
    sizes = ",".join(f"[{','.join(map(str, dims))}]f32" for dims in shapes)
    line = [program, os.path.basename(model), f"inputshape={sizes}", f"fp16={int(half)}"]
    folder = os.path.dirname(model)
    try:
        done = subprocess.run(
            line, cwd=folder, capture_output=True, timeout=time_limit, check=False,
            stdin=subprocess.DEVNULL, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RuntimeProblem(
            "hung", f"pnnx did not end within {time_limit:g} seconds", "allow it more time"
        ) from None
    except OSError as problem:
        raise RuntimeProblem("failed", f"{program} cannot be run: {problem.strerror}") from None
    stem = model.removesuffix(".onnx")
    made = (f"{stem}.ncnn.param", f"{stem}.ncnn.bin", f"{stem}_ncnn.py")
    if done.returncode:
        death = Died(done.returncode, done.stderr or done.stdout)
        kind = "crashed" if done.returncode < 0 else "refused"
        raise RuntimeProblem(
            kind,
            f"pnnx does not convert the model ({death.how})",
        )
    if not all(map(os.path.exists, made)):
        raise RuntimeProblem("refused", "pnnx made no ncnn model, and said nothing")
    with open(made[2], encoding="utf-8") as file:
        text = file.read()
    return PnnxResult(
        made[0],
        made[1],
        {blob: int(axis or NO_BATCH) for blob, axis in _FED.findall(text)},
        {blob: int(axis or NO_BATCH) for blob, axis in _TAKEN.findall(text)},
    )
