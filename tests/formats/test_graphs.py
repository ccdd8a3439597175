"""GraphDef, MetaGraphDef and SavedModel: round trips, and the facts of the manifest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.errors import Damaged, FileProblem, InvalidValue, UnknownName
from graphtools.formats import FORMATS
from graphtools.formats.graphdef import GraphFile, text_of
from graphtools.formats.metagraph import MetaGraph, TensorInfo
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.source import Source, open_source
from graphtools.graph import Graph, Node
from graphtools.schema import message_class, wire
from graphtools.schema.wire import encode_field
from tests.support import (
    BINARY_GRAPHS,
    CHECKPOINTS,
    FIXTURES,
    GRAPHS,
    MANIFEST,
    META_GRAPHS,
    SAVED_MODELS,
    TEXT_GRAPHS,
    public_files,
    shared,
    shared_models,
)

KINDS = {
    **dict.fromkeys(GRAPHS, "GraphDef"),
    **dict.fromkeys(META_GRAPHS, "MetaGraphDef"),
    **dict.fromkeys(SAVED_MODELS, "SavedModel"),
    **{entry["tflite"]: "TFLite model" for entry in MANIFEST["tflite"]},
    **{
        name if entry["format"] == "v1" else f"{name}.index": "checkpoint"
        for name, entry in CHECKPOINTS.items()
        if "?" not in name
    },
    "checkpoints/v1_sharded/model.ckpt-00001-of-00003": "checkpoint",
}


def encoded(graph: Graph) -> bytes:
    return b"".join(graph.pieces())


def graph_message(raw: bytes) -> Any:
    return message_class("GraphDef").FromString(raw)


# Recognition


@pytest.mark.parametrize("name", ["model", "x.bin", "x.pbtxt", "x.tflite", "x.pb"])
@pytest.mark.parametrize("path", KINDS)
@pytest.mark.slow
def test_files_are_recognised_by_content_whatever_their_name(
    tmp_path: Path, path: str, name: str
) -> None:
    copy = tmp_path / name
    shutil.copy(FIXTURES / path, copy)
    model = graphtools.open_model(copy)
    assert model.kind == KINDS[path]
    assert Path(model.path) == copy


@pytest.mark.parametrize("path", KINDS)
def test_exactly_one_format_recognises_a_file(path: str) -> None:
    source = open_source(FIXTURES / path)
    assert len([f for f in FORMATS.all().values() if f.recognises(source)]) == 1


@pytest.mark.parametrize("first", range(0, 256, 4))
def test_a_tflite_model_is_no_graph_wherever_its_root_table_begins(first: int) -> None:
    raw = (FIXTURES / "quant" / "float.tflite").read_bytes()
    for second in (0, 1, 12, 128):
        source = Source("model", bytes([first, second]) + raw[2:])
        assert [f.kind for f in FORMATS.all().values() if f.recognises(source)] == ["TFLite model"]


def test_a_graph_that_begins_with_its_version_is_recognised() -> None:
    node = encode_field(1, encode_field(1, b"x") + encode_field(2, b"NoOp"))
    for raw in (b"\x18\x15", b"\x18\x15" + node, b"\x18\x15" + encode_field(4, b"\x08\x01")):
        source = Source("graph", raw)
        assert [f.kind for f in FORMATS.all().values() if f.recognises(source)] == ["GraphDef"]


def test_at_most_one_format_recognises_a_public_file() -> None:
    folder = public_files(shared("corpus"))
    for path in filter(Path.is_file, folder.rglob("*")):
        if path.stat().st_size:
            source = open_source(path)
            kinds = [f.kind for f in FORMATS.all().values() if f.recognises(source)]
            assert len(kinds) <= 1, path
            assert kinds == ["TFLite model"] or path.suffix != ".tflite", path


def test_exactly_one_format_recognises_a_shared_model() -> None:
    for path in shared_models().rglob("*"):
        if path.suffix in (".pb", ".pbtxt", ".meta", ".index", ".tflite") and "corrupt" not in (
            path.parts
        ):
            source = open_source(path)
            kinds = [f.kind for f in FORMATS.all().values() if f.recognises(source)]
            assert len(kinds) == 1, path


# GraphDef


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_binary_graphs_are_saved_byte_identical(tmp_path: Path, name: str) -> None:
    graphtools.save(graphtools.load(FIXTURES / name), tmp_path / "out.pb")
    assert (tmp_path / "out.pb").read_bytes() == (FIXTURES / name).read_bytes()


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_survive_the_way_through_text(tmp_path: Path, name: str) -> None:
    graph = graphtools.load(FIXTURES / name)
    for target in ("out.pbtxt", "again.pbtxt"):
        graphtools.save(graph, tmp_path / target)
        graph = graphtools.load(tmp_path / target)
    graphtools.save(graph, tmp_path / "out.pb")
    raw = encoded(graphtools.load(FIXTURES / name))
    assert graph_message((tmp_path / "out.pb").read_bytes()) == graph_message(raw)
    assert (tmp_path / "out.pbtxt").read_text() == (tmp_path / "again.pbtxt").read_text()


@pytest.mark.parametrize("name", TEXT_GRAPHS)
def test_text_and_binary_of_one_graph_are_equal(name: str) -> None:
    text, binary = (graphtools.load((FIXTURES / name).with_suffix(s)) for s in (".pbtxt", ".pb"))
    assert graph_message(encoded(text)) == graph_message(encoded(binary))


@pytest.mark.parametrize("entry", MANIFEST["graphs"], ids=lambda e: e["graph"])
def test_graphs_have_the_nodes_of_the_manifest(entry: dict[str, Any]) -> None:
    model = graphtools.open_model(FIXTURES / entry["graph"])
    assert isinstance(model, GraphFile)
    assert model.encoding == ("text" if entry["graph"].endswith("txt") else "binary")
    assert len(model.graph) == entry["nodes"]
    assert model.graph.versions.producer > 1000


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_tensorflow_reads_what_is_written(tf: Any, tmp_path: Path, name: str) -> None:
    theirs = tf.compat.v1.GraphDef.FromString((FIXTURES / name).read_bytes())
    graph = graphtools.load(FIXTURES / name)
    first = graph.nodes[0]
    graph.set_device(first, "/device:CPU:0")
    theirs.node[0].device = "/device:CPU:0"
    graphtools.save(graph, tmp_path / "out.pb")
    assert tf.compat.v1.GraphDef.FromString((tmp_path / "out.pb").read_bytes()) == theirs
    from google.protobuf import text_format

    assert text_format.Parse(text_of(graph), tf.compat.v1.GraphDef()) == theirs


@pytest.mark.parametrize("as_text", [True, False])
def test_the_format_can_be_chosen_against_the_suffix(tmp_path: Path, as_text: bool) -> None:
    path = tmp_path / ("x.pb" if as_text else "x.pbtxt")
    graphtools.save(Graph([Node("a", "A")]), path, as_text=as_text)
    assert (b"node {" in path.read_bytes()) == as_text
    assert graphtools.load(path)["a"].op == "A"


def test_a_graph_too_large_for_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PROTOBUF_LIMIT", 3)
    with pytest.raises(InvalidValue, match="cannot be written as text"):
        text_of(Graph([Node("a", "A")]))


@pytest.mark.parametrize(
    "text",
    [
        'node { name: "a" op: "A" }',
        '# a comment\n\n  node {\n  name: "a"\n op: "A" }',
        '\ufeffnode { name: "a" op: "A" }',
        'node { name: "a" op: "A" attr { key: "t" value { s: "größe" } } }',
        'node: < name: "a" op: "A" >',
        'versions { producer: 21 } node { name: "a" op: "A" }',
        'node { name: "a" op: "A" }\n# ' + "名" * 2000,
        'node { name: "a" op: "A" }\n#  ' + "名" * 2000,
        'node { name: "a" op: "A" }\n#   ' + "名" * 2000,
        "node {\r\n  name: 'a'\r\n  op: 'A'\r\n}\r\n",
    ],
    ids=range(10),
)
def test_text_as_editors_leave_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(text.encode())
    model = graphtools.open_model(path)
    assert isinstance(model, GraphFile)
    assert model.encoding == "text"
    assert [n.name for n in model.graph] == ["a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("node { nam: 1 }", r"1:8 : .*no field named .?nam"),
        ("node {", "not a sound GraphDef in text format"),
        ("node { name: 5 }", "1:14"),
        ('node { name: "\\377" }', "not a sound GraphDef"),
        ("version: 99999999999999", "1:10"),
        ("node { attr { key: 'a' value { func { " * 400, "not a sound GraphDef"),
    ],
    ids=range(6),
)
def test_unsound_text_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.pbtxt"
    path.write_text(text)
    with pytest.raises(Damaged, match=message):
        graphtools.open_model(path)


def test_deeply_nested_text_is_damage(tmp_path: Path) -> None:
    nested = "func { attr { key: 'a' value { "
    path = tmp_path / "x.pbtxt"
    path.write_text("node { attr { key: 'a' value { " + nested * 2000 + "} } } " * 2000 + "} } }")
    with pytest.raises(Damaged, match="not a sound GraphDef"):
        graphtools.open_model(path)


def test_text_that_is_not_utf8_further_on(tmp_path: Path) -> None:
    path = tmp_path / "x.pbtxt"
    path.write_bytes(b"node { }\n" * 1000 + b"# \xff")
    with pytest.raises(Damaged, match="byte 9002 is not UTF-8"):
        graphtools.open_model(path)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x0a\x04\x0a\x00\x12\x00",  # a node without any name
        b"\x22\x00",
        b"\x22\x02\x08\x15",
        b"\x12\x00\x22\x02\x08\x15",
        b"\x18\x05",
        b"\x12\x06\x0a\x04\x0a\x02\x0a\x00\x22\x00",
    ],
    ids=range(6),
)
def test_odd_beginnings_are_seen_or_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(raw)
    try:
        graph = graphtools.load(path)
    except FileProblem:
        return
    graph.edits += 1
    assert graph_message(encoded(graph)) == graph_message(raw)


# MetaGraphDef


@pytest.mark.parametrize("name", META_GRAPHS)
def test_meta_graphs(name: str) -> None:
    meta = graphtools.open_model(FIXTURES / name)
    assert isinstance(meta, MetaGraph)
    prefix = name.removesuffix(".meta")
    variables = {v["name"] for v in CHECKPOINTS[prefix]["variables"]}
    assert {v.removesuffix(":0") for v in meta.variables} >= variables - {"global_step"}
    assert "variables" in meta.collections
    assert meta.saver is not None
    assert meta.saver.version == 2
    assert meta.saver.restore_op in meta.graph
    assert meta.saver.filename_tensor.removesuffix(":0") in meta.graph
    assert meta.tensorflow_version.startswith("2.")


@pytest.mark.parametrize("name", META_GRAPHS)
def test_meta_graphs_as_text(tmp_path: Path, name: str) -> None:
    from google.protobuf import text_format

    binary: Any = graphtools.open_model(FIXTURES / name)
    message = message_class("MetaGraphDef").FromString((FIXTURES / name).read_bytes())
    path = tmp_path / "meta.txt"
    path.write_text(text_format.MessageToString(message))
    text: Any = graphtools.open_model(path)
    assert (text.kind, text.encoding) == ("MetaGraphDef", "text")
    assert graph_message(encoded(text.graph)) == graph_message(encoded(binary.graph))
    beside = {"path": "", "encoding": "", "graph": None}
    assert text._replace(**beside) == binary._replace(**beside)


def from_text(name: str, text: str) -> bytes:
    from google.protobuf import text_format

    encoded: bytes = text_format.Parse(text, message_class(name)()).SerializeToString()
    return encoded


META = """
meta_info_def { tags: "serve" }
graph_def { node { name: "a" op: "A" } }
signature_def { key: "s" value {
  method_name: "m"
  inputs { key: "dense" value { name: "a:0" dtype: DT_FLOAT } }
  inputs { key: "sparse" value { coo_sparse { values_tensor_name: "v:0" } dtype: DT_INT64 } }
  inputs { key: "ragged" value { composite_tensor { components { name: "c:0" } } } }
} }
signature_def { key: "__saved_model_init_op" value {
  outputs { key: "__saved_model_init_op" value { name: "init" } }
} }
asset_file_def { tensor_info { name: "file:0" } filename: "words.txt" }
collection_def { key: "variables" value { bytes_list { value: "\\n\\003w:0" } } }
collection_def { key: "numbers" value { int64_list { value: 1 value: 2 value: 3 } } }
collection_def { key: "nothing" value { } }
"""


def test_signatures_of_every_encoding(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(from_text("MetaGraphDef", META))
    meta: Any = graphtools.open_model(path)
    names = {i.key: (i.name, i.dtype.name) for i in meta.signatures["s"].inputs}
    assert names == {
        "dense": ("a:0", "float32"),
        "ragged": ("c:0", "unknown_0"),
        "sparse": ("v:0", "int64"),
    }
    assert meta.init_op == "init"
    assert meta.assets == {"file:0": "words.txt"}
    assert meta.collections == {"variables": 1, "numbers": 3, "nothing": 0}
    assert meta.variables == {"w:0": ("variables",)}
    assert meta.saver is None


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("variables", r'bytes_list { value: "\n\377" }'),
        ("saved_model_assets", r'any_list { value { value: "\n\377" } }'),
    ],
)
def test_a_damaged_item_of_a_collection_is_damage(tmp_path: Path, name: str, items: str) -> None:
    text = f'{META} collection_def {{ key: "{name}" value {{ {items} }} }}'
    (tmp_path / "x").write_bytes(from_text("MetaGraphDef", text))
    with pytest.raises(Damaged, match=f"collection '{name}' is damaged"):
        graphtools.open_model(tmp_path / "x")


# SavedModel


@pytest.mark.parametrize("entry", MANIFEST["saved_models"], ids=lambda e: e["saved_model"])
def test_saved_models_have_the_facts_of_the_manifest(entry: dict[str, Any]) -> None:
    folder = FIXTURES / entry["saved_model"]
    model = graphtools.open_model(folder)
    assert isinstance(model, SavedModel)
    assert model.variables == str(folder / "variables" / "variables")
    assert list(model.asset_files) == entry["assets"]
    assert len(model.meta_graphs) == len(entry["meta_graphs"])
    for expected in entry["meta_graphs"]:
        meta = model.meta_graph(expected["tags"])
        assert len(meta.graph) == expected["nodes"]
        found = {
            key: {
                "method": s.method,
                "inputs": {i.key: described(i) for i in s.inputs},
                "outputs": {o.key: described(o) for o in s.outputs},
            }
            for key, s in meta.signatures.items()
            if not key.startswith("__")
        }
        assert found == expected["signatures"]


def described(info: TensorInfo) -> dict[str, Any]:
    return {"name": info.name, "shape": info.shape.to_json(), "dtype": info.dtype.name}


@pytest.mark.parametrize("name", ["v1", "v1_text"])
def test_assets_and_init_op_of_a_tensorflow_1_model(name: str) -> None:
    model: Any = graphtools.open_model(FIXTURES / "saved_model" / name)
    meta = model.meta_graph()
    assert meta.tags == ("serve",)
    assert list(meta.assets.values()) == ["vocabulary.txt"]
    assert all(t.removesuffix(":0") in meta.graph for t in meta.assets)
    assert meta.init_op.removesuffix(":0") in meta.graph
    assert not meta.has_objects


def test_objects_and_init_op_of_a_tensorflow_2_model() -> None:
    model: Any = graphtools.open_model(FIXTURES / "saved_model/v2")
    meta = model.meta_graph()
    assert meta.has_objects
    assert meta.init_op == "NoOp"
    assert meta.graph.functions


def test_text_and_binary_of_one_saved_model_are_equal() -> None:
    binary, text = (graphtools.load(FIXTURES / "saved_model" / n) for n in ("v1", "v1_text"))
    assert graph_message(encoded(binary)) == graph_message(encoded(text))


@pytest.mark.parametrize("name", SAVED_MODELS)
def test_a_saved_models_file_alone_is_one(tmp_path: Path, name: str) -> None:
    shutil.copy(FIXTURES / name, tmp_path / "x.bin")
    model = graphtools.open_model(tmp_path / "x.bin")
    assert isinstance(model, SavedModel)
    assert (model.variables, model.asset_files) == ("", ())


def test_the_meta_graph_is_chosen_by_its_tags() -> None:
    model: Any = graphtools.open_model(FIXTURES / "saved_model/v1")
    assert set(model.meta_graph(["train", "serve"]).tags) == {"serve", "train"}
    with pytest.raises(UnknownName, match="no meta graph with the tags gpu") as caught:
        model.meta_graph(["gpu"])
    assert caught.value.remedy == "it has {serve}, {serve,train}"
    with pytest.raises(InvalidValue, match="several meta graphs"):
        model._replace(meta_graphs=model.meta_graphs[1:] * 2).meta_graph()


@pytest.mark.parametrize("name", ["checkpoints/v2_sharded/model.ckpt", "quant/model.tflite"])
def test_a_model_without_a_graph_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(FileProblem, match="holds no TensorFlow graph") as caught:
        graphtools.load(FIXTURES / name)
    assert caught.value.remedy


def test_a_file_that_tensorflow_cannot_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Graph([Node("a", "NoOp")])
    path = tmp_path / "a.pb"
    assert graphtools.save(small, path) == ""
    monkeypatch.setattr(wire, "PROTOBUF_LIMIT", 3)
    remark = graphtools.save(small, path)
    size = path.stat().st_size
    assert remark.startswith(f"{path} has {size} bytes: TensorFlow reads no graph above 2 GB")
