"""Whole processes, measured side by side."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

if sys.platform != "win32":
    import resource

#: Run in a fresh interpreter: a graphtools command that reports its private memory at its end.
_WITH_MEMORY = """
import atexit, re, sys
def report():
    status = open("/proc/self/status").read()
    sys.stderr.write(re.search(r"RssAnon:.*", status)[0] + "\\n")
atexit.register(report)
from graphtools.cli import run
sys.argv[0] = "graphtools"
run()
"""


def graphtools(*arguments: str) -> list[str]:
    """The command line that runs graphtools in this interpreter."""
    return [sys.executable, "-m", "graphtools", *arguments]


def medians(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Median wall-clock seconds of each command; each round runs all of them in turn.

    Byte code is cached, as in any installation.
    """
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(
                command,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_with_byte_code(),
            )
            if number:  # the first round fills the caches
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def cpu_seconds(command: Sequence[str]) -> float:
    """CPU seconds of a process, which may say that it has found something; byte code is cached."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, check=False, env=_with_byte_code())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode > 1:
        raise subprocess.CalledProcessError(done.returncode, command, stderr=done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _with_byte_code() -> dict[str, str]:
    """The environment of a process that keeps byte code, as any installation does."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def private_memory(*arguments: str) -> int:
    """Bytes of private memory (RssAnon) of a graphtools command at its end; 0 without Linux."""
    if not os.path.exists("/proc/self/status"):
        return 0
    result = subprocess.run(
        [sys.executable, "-c", _WITH_MEMORY, *arguments],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode > 1:  # 1 says that something was found
        raise subprocess.CalledProcessError(result.returncode, result.args, stderr=result.stderr)
    found = re.search(r"RssAnon:\s*(\d+) kB", result.stderr)
    return int(found[1]) * 1024 if found else 0


def tensorflow_version(python: str) -> str:
    """The version of TensorFlow that an interpreter has, empty where it has none."""
    code = "import tensorflow; print(tensorflow.__version__)"
    result = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""
