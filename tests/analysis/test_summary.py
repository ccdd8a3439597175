from __future__ import annotations

import shlex
from typing import Any

import pytest

import graphtools
from graphtools.analysis.signatures import list_signatures
from graphtools.analysis.summary import Summary, summarize
from graphtools.analysis.tflite_summary import summarize_tflite, tflite_inputs_outputs
from graphtools.errors import FileProblem, UnknownName
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from tests.support import CHECKPOINTS, FIXTURES, GRAPHS, MANIFEST, META_GRAPHS, SAVED_MODELS

pytestmark = pytest.mark.usefixtures("command_line")

TFLITE = {e["tflite"]: e for e in MANIFEST["tflite"]}


def summary(name: str) -> Summary:
    return summarize(open_model(str(FIXTURES / name)))


@pytest.mark.parametrize("entry", MANIFEST["graphs"], ids=lambda e: e["graph"])
def test_a_graph_is_summed_up(entry: dict[str, int]) -> None:
    found = summary(str(entry["graph"]))
    assert found.kind == "GraphDef"
    assert found.graph is not None
    assert found.graph.nodes == entry["nodes"] == sum(found.graph.ops.values())
    assert found.graph.nodes == sum(found.graph.devices.values())
    assert found.problems == ()
    assert found.bytes == (FIXTURES / str(entry["graph"])).stat().st_size
    assert found.graph.written_by.startswith("TensorFlow of 202")


@pytest.mark.parametrize("name", [*GRAPHS, *META_GRAPHS, *SAVED_MODELS, *CHECKPOINTS, *TFLITE])
def test_the_next_commands_can_be_pasted(name: str) -> None:
    from click.testing import CliRunner

    from graphtools.cli import main

    steps = summary(name).next
    assert steps
    for step in steps:
        program, *args = shlex.split(step)
        assert program == "graphtools"
        assert CliRunner().invoke(main, args).exit_code == 0, step


@pytest.mark.parametrize("name", META_GRAPHS)
def test_a_meta_graph_says_its_version_and_its_collections(name: str) -> None:
    (meta,) = summary(name).meta_graphs
    assert meta.tensorflow_version == "2.21.0"
    assert meta.collections["variables"] == meta.graph.variables.count


@pytest.mark.parametrize("entry", MANIFEST["saved_models"], ids=lambda e: e["saved_model"])
def test_a_saved_model_has_its_tags_and_signatures(
    entry: dict[str, Any],
) -> None:
    name = str(entry["saved_model"])
    metas = summary(name).meta_graphs
    assert [list(m.tags) for m in metas] == [m["tags"] for m in entry["meta_graphs"]]
    listed = list_signatures(open_model(str(FIXTURES / name))).meta_graphs
    for meta, one in zip(entry["meta_graphs"], listed, strict=True):
        keys = {s.key for s in one.signatures if not s.key.startswith("__")}
        assert keys == {k for k in meta["signatures"] if not k.startswith("__")}
        for signature in one.signatures:
            if signature.key in meta["signatures"]:
                truth = meta["signatures"][signature.key]
                assert {i.key: i.name for i in signature.inputs} == {
                    key: info["name"] for key, info in truth["inputs"].items()
                }


def test_one_signature_can_be_asked_for() -> None:
    model = open_model(str(FIXTURES / "saved_model/v1"))
    (meta,) = list_signatures(model, tags=["serve"], key="embed_words").meta_graphs
    assert [s.key for s in meta.signatures] == ["embed_words"]
    with pytest.raises(UnknownName, match="no signature 'serving_defaul'") as caught:
        list_signatures(model, key="serving_defaul")
    assert "serving_default" in caught.value.remedy
    with pytest.raises(UnknownName):
        list_signatures(model, tags=["gpu"])
    with pytest.raises(FileProblem, match="has no signatures"):
        list_signatures(open_model(str(FIXTURES / "classifier/frozen.pb")))


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_a_checkpoint_is_summed_up(name: str) -> None:
    found = summary(name).checkpoint
    assert found is not None
    truth = CHECKPOINTS[name]
    assert truth["format"].startswith("object" if found.object_based else found.version.lower())
    assert found.tensors == len(truth["variables"])
    assert found.size.count == sum(s.count for s in found.by_dtype.values())
    assert found.size.bytes == sum(s.bytes for s in found.by_scope.values())
    assert (found.missing, found.problems) == ((), ())


@pytest.mark.parametrize(
    ("name", "slots", "averages"),
    [
        ("classifier/train/model.ckpt-2000", 24, 11),
        ("classifier/model.ckpt", 0, 0),
        ("checkpoints/object_based/ckpt-1", 14, 0),
    ],
)
def test_what_belongs_to_training_is_counted(name: str, slots: int, averages: int) -> None:
    found = summary(name).checkpoint
    assert found is not None
    assert (found.optimizer_slots, found.moving_averages) == (slots, averages)


@pytest.mark.parametrize("entry", TFLITE.values(), ids=lambda e: e["tflite"])
def test_a_tflite_model_is_summed_up(entry: dict[str, list[dict[str, object]]]) -> None:
    model = open_model(str(FIXTURES / str(entry["tflite"])))
    assert isinstance(model, TFLiteModel)
    found = summarize_tflite(model)
    main = found.subgraphs[0]
    assert [p.name for p in main.inputs] == [t["name"] for t in entry["inputs"]]
    assert [p.dtype for p in main.outputs] == [t["dtype"] for t in entry["outputs"]]
    io = tflite_inputs_outputs(model)
    assert [c.shape for c in io.inputs] == [t["shape"] for t in entry["inputs"]]
    assert [c.score for c in io.outputs] == [1.0] * len(main.outputs)
    assert sum(o.count for o in found.operators) == sum(s.operators for s in found.subgraphs)


def test_tensors_are_not_read_for_a_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphtools.graph.tensor import Tensor

    def refuse(_self: Tensor) -> None:
        raise AssertionError("a tensor was read")

    monkeypatch.setattr(Tensor, "array", refuse)
    graph = graphtools.summarize_graph(graphtools.load(FIXTURES / "classifier/frozen.pb"))
    assert graph.constants.bytes > 0
