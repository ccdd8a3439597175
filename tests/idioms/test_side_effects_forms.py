"""A write is found wherever it hides: in which file, under which call, with which name."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphtools
from graphtools.formats import open_model
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.metagraph_writing import metagraph_with
from graphtools.formats.source import write_file
from graphtools.graph.graph import Function, Graph
from graphtools.model.loading import load_model
from graphtools.model.options import ModelOptions
from graphtools.schema import message_class
from tests.support import FIXTURES, ROOT
from tests.transforms.graphs import function, graph

TEXT = 'text = Const value=string:"../a.txt"\n'
WRITE = "w = WriteFile(text, text)\n"
BODY = TEXT + "w = WriteFile(text:output:0, text:output:0)\n"
X = "x = Placeholder dtype=float\n"
DEFAULT = "n = PlaceholderWithDefault(text) dtype=string\n"
OUTPUT = "y = Relu(x, ^w) T=float"


def body(name: str, more: str = "y = Relu(x) T=float", result: str = "y:activations:0") -> Function:
    return function(name, "x float", f"z float = {result}", BODY + more)


def plain(name: str, more: str = "") -> Function:
    return function(name, "x float", "z float = y:activations:0", more + "y = Relu(x) T=float")


CALL = "StatefulPartitionedCall(x) f=@{} Tin={{float}} Tout={{float}}"
FORMS = {
    "an output waits for it": graph(X + TEXT + WRITE + OUTPUT),
    "its value is read": graph(
        X
        + TEXT
        + "r = ReadFile(text)\nw = WriteFile(text, r)\nn = NoOp(^w)\ny = Relu(x, ^n) T=float"
    ),
    "a function": graph(X + "y = " + CALL.format("f"), [body("f")]),
    "a function in a function": graph(
        X + "y = " + CALL.format("g"),
        [function("g", "x float", "z float = c:output:0", "c = " + CALL.format("f")), body("f")],
    ),
    "an op that is a function": graph(X + "y = f(x)", [body("f")]),
    "a branch": graph(
        X + "b = Const value=bool:true\n"
        "y = If(b, x) then_branch=@f else_branch=@g Tin={float} Tout={float} Tcond=bool",
        [plain("f"), body("g")],
    ),
    "a loop": graph(
        X + "y = While(x) cond=@c body=@f T={float}",
        [
            function("c", "x float", "z bool = t:output:0", "t = Const value=bool:false"),
            body("f"),
        ],
    ),
    "a map of a dataset": graph(
        X + "d = TensorDataset(x) Toutput_types={float}\nm = MapDataset(d) f=@f\n"
        "y = DatasetToSingleElement(m) output_types={float}",
        [body("f")],
    ),
    "a name that is computed": graph(
        X + TEXT + "n = StringJoin(text, text)\nw = WriteFile(n, text)\n" + OUTPUT
    ),
    "a name that nothing is fed for": graph(
        X
        + TEXT
        + "n = PlaceholderWithDefault(text) dtype=string\nw = WriteFile(n, text)\n"
        + OUTPUT
    ),
    "a saver that an output waits for": graph(
        X + TEXT + DEFAULT + "w = SaveV2(n, text, text, text) dtypes={string}\n" + OUTPUT
    ),
    "what is printed": graph(
        X + TEXT + 'w = PrintV2(text) output_stream="file://../a.txt"\n' + OUTPUT
    ),
}


def writes(path: Path) -> list[str]:
    model = load_model(path, ModelOptions(outputs=["y"]))
    return [e.when for e in model.effects if e.kind == "writes"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["x.pb", "x.pbtxt", "x.meta", "saved_model.pb"])
def test_a_write_is_found(form: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    save(FORMS[form], path)
    assert writes(path) == ["run"]


def test_what_writes_nothing_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "x.pb"
    graphtools.save(graph(X + TEXT + "y = Relu(x) T=float", [plain("f")]), path)
    assert not writes(path)


def test_the_page_on_security_tells_of_all_forms() -> None:
    text = (ROOT / "docs/security.md").read_text("utf-8").partition("| where a write hides")[2]
    assert [line.split(" | ")[0][2:] for line in text.splitlines()[2:]] == list(FORMS)


def save(source: Graph, path: Path) -> None:
    """Write a graph; a .meta with what stands beside a graph of the fixtures."""
    if path.name == "saved_model.pb":
        model = message_class("SavedModel")()
        meta = model.meta_graphs.add()
        meta.meta_info_def.tags.append("serve")
        meta.graph_def.MergeFromString(b"".join(source.pieces()))
        write_file(path, [model.SerializeToString()])
        return
    if path.suffix != ".meta":
        graphtools.save(source, path)
        return
    like = open_model(FIXTURES / "classifier/model.ckpt.meta")
    assert isinstance(like, MetaGraph)
    write_file(path, [metagraph_with(like, source, as_text=False)[0]])
