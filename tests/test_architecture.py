"""The floors of the house, what may be imported where, and that everything says what it is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from graphtools.graph.functions import CALLS, CASES, CONDITIONALS, LOOPS
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.dropout import UNIFORM
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.idioms.loss import LOSS_OPS
from graphtools.idioms.side_effects import WRITING_OPS
from graphtools.ops.control_flow import CONTROL_FLOW, LOOP_PARTS
from graphtools.ops.handing_on import SAME_TENSOR
from tests.support import FIXTURES, ROOT

PACKAGE = ROOT / "graphtools"
#: A module imports lower floors only; rooms of one floor do not import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("declared", "display", "errors", "front_end", "registry", "schema", "wording"),
    ("findings", "graph"),
    ("formats", "ops"),
    ("explain", "rewrite"),
    ("idioms",),
    ("analysis", "compat", "restore", "transforms"),
    ("model",),
    ("lint", "run"),
    ("samples",),
    ("verify",),
    ("convert",),
    ("report",),
    ("legacy", "probe"),
    ("commands",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
#: Modules beside the rooms, and the room they belong to.
ROOM_OF = {"cli": "commands", "__main__": "commands", "contrib_quantize": "legacy"}
#: What every room may import, its own floor's too: the errors it raises.
ANYWHERE = {"errors"}
RUNTIMES = {
    "tensorflow", "ai_edge_litert", "tflite_runtime", "keras", "tf2onnx", "onnx", "onnxruntime",
    "ncnn",
}  # fmt: skip

MODULES = sorted(PACKAGE.rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    top = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return ROOM_OF.get(top, top)


def imports(node: ast.AST) -> Iterator[str]:
    """Full names of the modules that are imported anywhere below a node."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            yield from (alias.name for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom):
            assert not inner.level, "relative imports hide where things come from"
            assert inner.module
            yield inner.module
            yield from (f"{inner.module}.{alias.name}" for alias in inner.names)


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(tree(path)))
    tops = {parts[1] for parts in names if parts[0] == "graphtools" and len(parts) > 1}
    return {r for r in (ROOM_OF.get(top, top) for top in tops) if r in FLOOR}


def test_every_module_stands_in_a_room_of_the_table() -> None:
    assert {room(path) for path in MODULES} - {"__init__"} <= set(FLOOR)


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name != "__init__.py" or p.parent != PACKAGE], ids=named
)
def test_a_module_imports_lower_floors_only(path: Path) -> None:
    own = room(path)
    wrong = {
        other for other in rooms_imported(path) - {own} - ANYWHERE if FLOOR[other] >= FLOOR[own]
    }
    assert not wrong, f"{named(path)} (floor {FLOOR[own]}) imports {wrong}"


#: What ranks a graph's inputs and outputs, and who may ask there: the room of models, and
#: what says of a graph all that there is to say. Everybody else starts from a model.
RANKING = {
    "graphtools.analysis.inputs_outputs.inputs_and_outputs",
    "graphtools.analysis.inputs_outputs.rank_inputs_outputs",
}
RANKS = {
    "__init__.py",  # it is public
    "analysis/graph_summary.py",  # every meta graph of a file is summarised, without a choice
    "analysis/model_costs.py",  # of a graph alone, where no model is given
}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_room_of_models_turns_a_graph_into_endpoints(path: Path) -> None:
    if room(path) != "model" and named(path) not in RANKS:
        assert not RANKING & set(imports(tree(path)))


def test_signatures_and_checkpoints_beside_a_file_are_looked_for_in_the_room_of_models() -> None:
    asks = {"graphtools.formats.signatures_of"}
    found = {named(p) for p in MODULES if asks & set(imports(tree(p)))}
    assert found == {"model/loading.py"}


def test_files_import_each_other_in_no_circle() -> None:
    """Also where an import stands in a function, or is for type checkers only."""
    TopologicalSorter({name: set(imported(path)) for name, path in BY_NAME.items()}).prepare()


def test_a_room_s_packages_and_files_import_each_other_in_no_circle() -> None:
    """A package in a room is one piece, so that its files are above what it imports, or below."""
    pieces: dict[str, set[str]] = {}
    for name, path in BY_NAME.items():
        own = piece(name)
        pieces.setdefault(own, set()).update(map(piece, imported(path)))
        pieces[own].discard(own)
    TopologicalSorter(pieces).prepare()


def test_known_errors_know_no_graph() -> None:
    for path in (PACKAGE / "explain").rglob("*.py"):
        assert rooms_imported(path) <= {"errors", "explain", "formats", "ops", "registry"}, named(
            path
        )
        graphs = {n for n in imports(tree(path)) if n.startswith("graphtools.formats.")}
        assert all(n.startswith("graphtools.formats.source") for n in graphs), named(path)


def test_probing_is_a_tool_of_its_command_only() -> None:
    users = {named(p) for p in MODULES if "probe" in rooms_imported(p) and room(p) != "probe"}
    assert users == {"commands/probe_converter.py"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


BY_NAME = {module_name(path): path for path in MODULES}


def piece(module: str) -> str:
    """The file of a room, or the whole package in it, that a module belongs to."""
    parts = module.split(".")
    return ".".join(parts[:3])


def imported(path: Path) -> Iterator[str]:
    """The modules of this tree that a module imports, wherever and for whomever."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            full = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (n if n in BY_NAME else str(node.module) for n in full)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in BY_NAME)


def test_a_command_imports_no_other_command() -> None:
    for path in (PACKAGE / "commands").glob("[!_]*.py"):
        inner = {n for n in imports(tree(path)) if n.startswith("graphtools.commands.")}
        assert all(n.startswith("graphtools.commands._") for n in inner), path.name


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_room_of_child_processes_imports_tensorflow(path: Path) -> None:
    if room(path) == "run":
        return
    assert not [n for n in imports(tree(path)) if n.split(".")[0] in RUNTIMES]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_everything_public_has_a_docstring(path: Path) -> None:
    module = tree(path)
    missing = [] if ast.get_docstring(module) else ["the module"]
    owners: list[ast.Module | ast.ClassDef] = [module]
    owners += [n for n in module.body if isinstance(n, ast.ClassDef) and n.name[0] != "_"]
    for owner in owners:
        for item in owner.body:
            if not isinstance(item, ast.FunctionDef | ast.ClassDef) or item.name[0] == "_":
                continue
            stub = (
                isinstance(item.body[-1], ast.Expr)
                and isinstance(item.body[-1].value, ast.Constant)
                and item.body[-1].value.value is ...
            )
            if not stub and not ast.get_docstring(item):
                missing.append(item.name)
    assert not missing


def test_no_module_is_called_utils() -> None:
    parts = {p.lower().removesuffix(".py") for m in MODULES for p in m.relative_to(ROOT).parts}
    assert not parts & {"utils", "util", "helpers", "misc", "common"}


def modules_after(code: str) -> set[str]:
    """Names of all top-level modules that a fresh interpreter has after running some code."""
    script = (
        "import sys, io, json\n"
        "out, sys.stdout = sys.stdout, io.StringIO()\n"
        f"try:\n    exec({code!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "out.write(json.dumps(sorted({m.split('.')[0] for m in sys.modules}\n"
        "    | ({'google.protobuf'} & set(sys.modules)))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(json.loads(done.stdout))


def running(*args: str) -> str:
    return f"from graphtools.cli import main; main({list(args)!r}, prog_name='graphtools')"


HEAVY = {"numpy", "tensorflow", "google.protobuf", "tabulate", "graphviz", "jinja2", "netron"}


@pytest.mark.parametrize(
    "code",
    ["import graphtools", running("--help"), running("summary", "--help"), running("--version")],
    ids=["import", "help", "command-help", "version"],
)
def test_import_and_help_load_nothing_heavy(code: str) -> None:
    assert not modules_after(code) & HEAVY


GRAPH = str(FIXTURES / "classifier" / "frozen.pb")


@pytest.mark.parametrize(
    "args",
    [
        ("nodes", GRAPH),
        ("nodes", GRAPH, "--long"),
        ("ops", GRAPH),
        ("summary", GRAPH),
        ("summary", str(FIXTURES / "saved_model" / "v2")),
        ("io", GRAPH, "--json"),
        ("variables", str(FIXTURES / "checkpoints" / "v2")),
        ("summary", str(FIXTURES / "checkpoints" / "v2")),
    ],
    ids=lambda args: " ".join(Path(a).name for a in args),
)
def test_what_reads_no_values_needs_no_numpy(args: tuple[str, ...]) -> None:
    assert not modules_after(running(*args)) & {"numpy", "tensorflow", "tabulate"}


def test_every_public_name_can_be_imported() -> None:
    import graphtools

    for name in graphtools.__all__:
        assert getattr(graphtools, name) is not None
    assert set(graphtools.__all__) <= set(dir(graphtools))
    assert graphtools.__version__
    with pytest.raises(AttributeError, match="nonsense"):
        graphtools.nonsense  # noqa: B018


def test_type_checkers_see_the_same_public_names() -> None:
    import graphtools

    block = next(n for n in tree(PACKAGE / "__init__.py").body if isinstance(n, ast.If))
    aliases = [alias for n in block.body if isinstance(n, ast.ImportFrom) for alias in n.names]
    # an import is exported under its own name only
    exported = {alias.asname for alias in aliases if alias.asname == alias.name}
    assigned = {ast.unparse(n.targets[0]) for n in block.body if isinstance(n, ast.Assign)}
    assert exported | assigned == set(graphtools.__all__)


def test_a_class_name_occurs_once() -> None:
    """One word has one meaning in the whole package."""
    names: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                names.setdefault(node.name, []).append(f"{named(path)}:{node.lineno}")
    assert {name: places for name, places in names.items() if len(places) > 1} == {}


#: Most lines of a function: from `def` to its end, without docstring, comments and empty lines.
LONGEST_FUNCTION = 50


def code_lines(function: ast.FunctionDef, lines: list[str]) -> int:
    """How many lines of code a function has."""
    told = range(0)
    if ast.get_docstring(function):
        told = range(function.body[0].lineno, (function.body[0].end_lineno or 0) + 1)
    numbers = range(function.lineno, (function.end_lineno or 0) + 1)
    code = (lines[n - 1].strip() for n in numbers if n not in told)
    return sum(bool(line) and line[0] != "#" for line in code)


def test_a_long_function_says_why_it_is_long() -> None:
    """By a comment `# long: ...` above it; ruff holds how complex they are."""
    wrong = []
    for path in (
        p for top in ("graphtools", "tests", "fixtures") for p in (ROOT / top).rglob("*.py")
    ):
        lines = path.read_text(encoding="utf-8").splitlines()
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef):
                length = code_lines(function, lines)
                first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
                above = {lines[n - 2] for n in (first, function.lineno) if n > 1}
                if any("# long: " in line for line in above) != (length > LONGEST_FUNCTION):
                    wrong.append(f"{path}:{function.lineno} {function.name}: {length} lines")
    assert not wrong, "\n".join(wrong)


#: By idiom, where its ops are named, and the ops. Nobody else names two of them together.
IDIOMS = {
    "what is handed on": ("ops/handing_on.py", SAME_TENSOR),
    "v1 control flow": ("ops/control_flow.py graph/order.py", CONTROL_FLOW | LOOP_PARTS),
    "functions": ("graph/functions.py", CALLS | CASES | CONDITIONALS | LOOPS),
    "placeholders": ("graph/placeholders.py", PLACEHOLDERS),
    "variables": ("graph/variables.py", VARIABLE_OPS),
    "uniform random numbers": ("idioms/dropout.py", UNIFORM),
    "batch norms": ("idioms/batch_norm.py", BATCH_NORMS),
    "FakeQuants": ("idioms/fake_quant.py", FAKE_QUANTS),
    "losses": ("idioms/loss.py", LOSS_OPS),
    "what writes files": ("idioms/side_effects.py", frozenset(WRITING_OPS)),
}
#: What tells of each op by itself how it is computed, measured or shown.
OP_BY_OP = (
    "ops/families/", "compat/rules/", "compat/lowering.py", "probe/", "analysis/op_families.py",
)  # fmt: skip
#: Tables in which some ops of an idiom stand among others, and why they are others'.
NAMED_ELSEWHERE = {
    ("analysis/inference_view.py", "v1 control flow"),  # gives no outputs of a graph: some of them
    ("analysis/inference_view.py", "what writes files"),  # what a Saver is made of
    ("analysis/op_manual.py", "v1 control flow"),  # ops without a shape function
    ("samples/preprocessing.py", "what is handed on"),  # crops and resizes, too
    ("idioms/training_switch.py", "v1 control flow"),  # by op, which input decides
    ("idioms/training_switch.py", "functions"),
    ("ops/defects/shapes.py", "v1 control flow"),  # TensorFlow's own list of what it forgives
    ("transforms/_resources.py", "v1 control flow"),  # by op, how many outputs are handles
    ("transforms/_resources.py", "what is handed on"),
    ("transforms/_resources.py", "functions"),  # by op, where its functions and arguments are
    ("transforms/_inference_form.py", "functions"),  # by conditional, the call of one branch
    ("transforms/freeze.py", "v1 control flow"),  # by op, the one without references
    ("transforms/to_nhwc.py", "what is handed on"),  # computes element by element
}


def op_names(module: ast.Module) -> Iterator[tuple[int, set[str]]]:
    """The texts that stand together in a set, list, table, call or split text, by line."""
    for node in ast.walk(module):
        items: list[ast.expr | None] = []
        if isinstance(node, ast.Set | ast.Tuple | ast.List):
            items = list(node.elts)
        elif isinstance(node, ast.Dict):
            items = list(node.keys)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            items = list(node.args)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            text = node.func.value
            items = list(node.args)
            if node.func.attr == "split" and isinstance(text, ast.Constant):
                yield node.lineno, set(str(text.value).split())
        texts = {i.value for i in items if isinstance(i, ast.Constant)}
        yield getattr(node, "lineno", 0), {text for text in texts if isinstance(text, str)}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_the_ops_of_an_idiom_are_named_in_its_file_only(path: Path) -> None:
    if named(path).startswith(OP_BY_OP):
        return
    found = [
        f"line {line}: {', '.join(sorted(texts & ops))} are {idiom}, see {home}"
        for line, texts in op_names(tree(path))
        for idiom, (home, ops) in IDIOMS.items()
        if len(texts & ops) > 1
        and named(path) not in home.split()
        and (named(path), idiom) not in NAMED_ELSEWHERE
    ]
    assert not found


def test_no_exception_has_become_idle() -> None:
    for name, idiom in NAMED_ELSEWHERE:
        ops = IDIOMS[idiom][1]
        assert any(len(texts & ops) > 1 for _, texts in op_names(tree(PACKAGE / name))), name
