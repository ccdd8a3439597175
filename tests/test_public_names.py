"""What is public: everything that it takes and gives is public, too, and it is shown by example."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import graphtools
from tests.support import ROOT

#: What runs TensorFlow or LiteRT, and so does its example.
RUNS = {
    "Converter": "tensorflow",
    "bench": "litert",
    "bisect_rewrite": "tensorflow",
    "compare_accuracy": "litert",
    "convert_to_tflite": "tensorflow",
    "run_model": "litert",
    "verify_models": "tensorflow",
    "verify_rewrite": "tensorflow",
}
#: Words of annotations that are Python's or numpy's own.
FOREIGN = {"Any", "Array", "Callable", "Collection", "Executor", "False", "IO", "Iterable"}
FOREIGN |= {"Iterator", "Mapping", "NDArray", "None", "PathLike", "Sequence", "True"}
#: Names for several types, which are public one by one, and what only tests hand in.
SHORT = {"Ignores", "Part", "LiteRT", "Worker"}


def annotated(shown: Any) -> Iterator[str]:
    """The annotations of a function, or of what a class is made of."""
    for parameter in inspect.signature(shown).parameters.values():
        yield str(parameter.annotation)
    if inspect.isfunction(shown):
        yield str(inspect.signature(shown).return_annotation)


def named(annotation: str) -> set[str]:
    """The names of types in an annotation."""
    found = {n.id for n in ast.walk(ast.parse(annotation)) if isinstance(n, ast.Name)}
    found |= {n.attr for n in ast.walk(ast.parse(annotation)) if isinstance(n, ast.Attribute)}
    return {name for name in found if name[:1].isupper()}


FUNCTIONS = [n for n in graphtools.__all__ if inspect.isfunction(getattr(graphtools, n))]
#: Types that are taken by a function, and so are made by who calls it.
TAKEN = {
    word
    for name in FUNCTIONS
    for parameter in inspect.signature(getattr(graphtools, name)).parameters.values()
    for word in named(str(parameter.annotation))
    if inspect.isclass(getattr(graphtools, word, None))
}
#: What other functions give, or are protocols.
GIVEN = {"Checkpoint", "Defect", "HasGraph", "Inference", "InputsOutputs", "MetaGraph", "Model"}
GIVEN |= {
    "Calibration",
    "MetaChanges",
    "ModelVerification",
    "Job",
    "Signature",
    "Step",
    "Transformed",
}
SHOWN = sorted({*FUNCTIONS, *TAKEN, "DType", "Function", "FunctionRef", "Versions"} - GIVEN)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_public_function_takes_and_gives_is_public(name: str) -> None:
    names = {getattr(getattr(graphtools, n), "__name__", n) for n in graphtools.__all__}
    for annotation in annotated(getattr(graphtools, name)):
        assert named(annotation) <= {*names, *graphtools.__all__, *FOREIGN, *SHORT}


def example_of(name: str) -> list[doctest.DocTest]:
    shown = getattr(graphtools, name)
    module = importlib.import_module(shown.__module__)
    return [
        test
        for test in doctest.DocTestFinder(recurse=False).find(
            shown, name, module=False, globs={**vars(module), "graphtools": graphtools}
        )
        if test.examples
    ]


@pytest.mark.parametrize("name", SHOWN)
def test_every_public_name_is_shown_by_example(name: str) -> None:
    assert example_of(name), f"the docstring of graphtools.{name} has no example"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=getattr(pytest.mark, RUNS[n]) if n in RUNS else ())
        for n in graphtools.__all__
        if inspect.isfunction(getattr(graphtools, n)) or inspect.isclass(getattr(graphtools, n))
    ],
)
def test_examples_do_what_they_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if RUNS.get(name) == "tensorflow":
        pytest.importorskip("tensorflow")
    if RUNS.get(name) == "litert":
        pytest.importorskip("ai_edge_litert")
    monkeypatch.chdir(ROOT)
    for test in example_of(name):
        assert not doctest.DocTestRunner().run(test).failed


@pytest.mark.parametrize("owner", [graphtools.Graph, graphtools.Node, graphtools.Tensor])
def test_examples_of_methods_do_what_they_show(
    owner: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    module = importlib.import_module(owner.__module__)
    for test in doctest.DocTestFinder().find(owner, globs={**vars(module), "np": _numpy()}):
        assert not doctest.DocTestRunner().run(test).failed


def _numpy() -> Any:
    import numpy

    return numpy


SCRIPT = '''
import io

import numpy as np

import graphtools
from graphtools import Attr, Graph, Node, Shape, Transformed, dtype


def softened(path: str) -> Transformed:
    """Transforms of one's own, and edits."""
    graph = graphtools.load(path, tags=["serve"])
    node: Node = graph.add(Node("scale", "Const", (), {"dtype": "float32", "value": np.ones(3)}))
    graph.insert_after("input", node.variant(name="by", op="Mul", inputs=["input", "scale"]))
    graph.set_attr("by", "T", dtype(np.float32))
    value: Attr = graph["by"].attr("T")
    print(value, graph.nodes[0].inputs[:1], len(graph.to_bytes()))

    def drop(edited: Graph, job: graphtools.Job) -> None:
        job.note(f"{len(edited)} nodes")

    return graphtools.transform(graph, ["fold_constants", drop], ["input"], outputs=["y"])


def prepared(path: str) -> None:
    frozen = graphtools.freeze(
        graphtools.load(path), graphtools.open_checkpoint("model.ckpt"), ["y"]
    )
    done = graphtools.optimize(frozen.graph, ["y"])
    done.save("out.pb")
    graphtools.save(graphtools.strip(done.graph, ["y"], input_shapes={"x": [1, None]}), "o.pbtxt")
    graphtools.load(io.BytesIO(done.graph.to_bytes()))
    report: graphtools.FileReport = graphtools.lint_graph(done.graph, target="tflite")
    print([finding.name for finding in report.findings], frozen.report.variables)
    options = graphtools.ConversionOptions(quantize="int8", input_stats={"x": (127.5, 127.5)})
    with graphtools.calibration_for(done.graph, ["x"], "photos", steps=10) as calibration:
        graphtools.convert_to_tflite(
            done.graph, ["x"], ["y"], options, target="m.tflite", calibration=calibration,
            input_shapes={"x": Shape([1, 224, 224, 3])},
        )
    picture = graphtools.draw(done.graph, "svg", graphtools.PicturePart(depth=2))
    print(len(picture.content), graphtools.explain_text("error").found)
    settings = graphtools.LintSettings(target="gpu", select=("GT1",))
    for file in graphtools.lint_files([path], settings).files:
        print(file.path)
    export = graphtools.ExportOptions(max_detections=20)
    graphtools.export_ssd(done.graph, graphtools.DetectorSettings(classes=3), export).save("s.pb")
    slim = graphtools.SlimSettings(exclude_scopes="logits")
    plan, note = graphtools.plan_for_slim("model.ckpt", None, slim)
    print(plan.complete, note, [rule.code for rule in graphtools.all_rules().values()])
    diff = graphtools.diff_graphs(frozen.graph, done.graph)
    print([change.op for change in diff.nodes.changed], graphtools.to_json(diff)["same"])
    try:
        graphtools.open_model(b"")
    except graphtools.Damaged as error:
        print(error.message, error.remedy)


print(softened("a.pb").report.steps[0].seconds)
'''
#: What a user's type checker is to find, since it is refused when it runs.
WRONG = """
import graphtools

graph = graphtools.Graph()
node = graphtools.Node("x", "Relu")
node.op = "Relu6"
node.attrs["T"] = graphtools.dtype("float32")
graph.nodes.append(node)
"""


def checked(tmp_path: Path, script: str, *command: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "script.py"
    path.write_text(script)
    return subprocess.run(
        [sys.executable, "-m", *command, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": "", "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
    )


def test_a_user_s_script_is_clean_for_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    done = checked(tmp_path, SCRIPT, "mypy", "--strict", "--follow-imports=silent")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_refused_when_it_runs_is_refused_by_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    done = checked(tmp_path, WRONG, "mypy", "--strict", "--follow-imports=silent")
    lines = [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line]
    assert lines == ["6", "7", "8"], done.stdout
