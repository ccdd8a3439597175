"""Writes what TFLite's runtimes have of each operator: `python -m tests.builders.tflite_kernels`.

Arguments are the sources, of which facts are taken: LiteRT's `tools/versioning/runtime_version.cc`
(by operator and version, the first runtime that has it), its `core/kernels/register.cc` (the
versions of its kernels), and `micro_mutable_op_resolver.h` of TFLite Micro.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from graphtools.formats.tflite.runtimes import FILE


def text(runtimes: str, register: str, micro: str) -> str:
    """The content of the file, made from the three sources."""
    first: dict[str, dict[int, str]] = {}
    entry = r"\{\{BuiltinOperator_(\w+),\s*(\d+)\},\s*\"([\d.]+)\"\}"
    for op, version, runtime in re.findall(entry, runtimes):
        first.setdefault(op, {})[int(version)] = ".".join(runtime.split(".")[:2])
    newest = {}
    for call in re.findall(r"AddBuiltin\(\s*BuiltinOperator_(\w+),(.*?)\);", register, re.DOTALL):
        most = re.search(r"max_version\s*=?\s*\*/\s*(\d+)", call[1])
        newest[call[0]] = int(most[1]) if most else 1
    small = set(re.findall(r"AddBuiltin\(\s*(?:tflite::)?BuiltinOperator_(\w+)", micro))
    lines = ["# by python -m tests.builders.tflite_kernels: operator, newest version in LiteRT,"]
    lines.append("# whether TFLite Micro has it, and for each version the first runtime with it")
    for op in sorted({*first, *newest, *small}):
        versions = first.get(op, {})
        listed = (versions.get(v, "-") for v in range(1, max(versions, default=0) + 1))
        mark = "micro" if op in small else "-"
        lines.append(" ".join([op, str(newest.get(op, "-")), mark, *listed]))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the file from the three that are named."""
    sources = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:4])
    FILE.write_text(text(*sources), "ascii")


if __name__ == "__main__":
    main()
