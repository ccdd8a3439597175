"""That families are loaded when they are needed, and not before."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

FAMILIES = ROOT / "graphtools" / "ops" / "families"
MODULES = sorted(FAMILIES.rglob("*.py"))

#: Prints what modules offer that they do not name in double quotes, so that nobody would find it.
UNNAMED = """
import json, sys
from graphtools.ops.call import integer_function, shape_function
from graphtools.ops.cost import cost_function
from graphtools.ops.evaluation import kernel
from graphtools.registry import Registry

add, unnamed = Registry.add, []

def noting(self, name, thing):
    frame = sys._getframe(1)
    while not frame.f_globals["__name__"].startswith("graphtools.ops.families"):
        frame = frame.f_back
    with open(frame.f_code.co_filename) as file:
        if f'"{name}"' not in file.read():
            unnamed.append(name)
    add(self, name, thing)

Registry.add = noting
counts = [len(r.own()) for r in (shape_function, integer_function, kernel, cost_function)]
print(json.dumps([counts, unnamed]))
"""


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_every_op_is_named_where_its_function_is() -> None:
    counts, unnamed = json.loads(run(UNNAMED))
    assert min(counts) > 50
    assert not unnamed


def test_a_graph_of_one_family_loads_one() -> None:
    code = (
        "import sys\n"
        "from graphtools.ops.call import shape_function\n"
        "assert shape_function.get('LookupTableSize')\n"
        "print(*[m for m in sys.modules if m.startswith('graphtools.ops.families.')])"
    )
    loaded = [m for m in run(code).split() if not m.rpartition(".")[2].startswith("_")]
    assert loaded == ["graphtools.ops.families.tables"]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(FAMILIES)))
def test_only_values_need_numpy(path: Path) -> None:
    if path.name in ("values.py", "_checks.py", "_images.py"):
        return
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            assert "numpy" not in {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.module
            assert not node.module.endswith((".values", "._checks", "._images", ".evaluation"))
            assert {alias.name for alias in node.names} & {"_checks", "_images"} == set()
