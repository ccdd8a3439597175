"""From a path to a graph with endpoints, with the values of its variables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats import save
from graphtools.graph import Shape
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.model.loading import LoadedModel, ModelGraph, load_model
from graphtools.model.options import ModelOptions
from tests.support import FIXTURES
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

V1, V2 = (FIXTURES / "saved_model" / name for name in ("v1", "v2"))
CLASSIFIER = FIXTURES / "classifier"
META = CLASSIFIER / "model.ckpt.meta"


def runnable(path: Path, **options: object) -> ModelGraph:
    return load_model(path, ModelOptions(**options)).runnable  # type: ignore[arg-type]


def test_of_several_signatures_the_default_is_taken_and_the_others_are_named() -> None:
    found = runnable(V1)
    assert found.inputs == ("features",)
    assert set(found.outputs) == {"logits", "scores"}
    assert [s.key for s in found.signatures] == ["serving_default"]
    assert found.notes[0].startswith("signature of ")
    assert found.notes[0].endswith(": serving_default; embed_words with --signature")
    assert found.notes[0] == found.signature_note


def test_what_is_named_is_taken_instead() -> None:
    assert runnable(V1, signature="embed_words").outputs == ("embedded/Identity",)
    named = runnable(V1, outputs=["scores"])
    assert (named.inputs, named.outputs) == (("features",), ("scores",))
    assert not any(note.startswith("signature") for note in named.notes)
    of_another = runnable(V1, outputs=["embedded/Identity"])
    assert of_another.inputs == ("words",)  # of the signature that has the output


def test_the_file_and_the_frozen_graph_have_the_same_endpoints() -> None:
    model = load_model(V2)
    stored, frozen = model.stored, model.runnable
    assert (stored.inputs, stored.outputs) == (frozen.inputs, frozen.outputs)
    assert stored.graph is model.source
    assert any(n.op in VARIABLE_OPS for n in stored.graph)
    assert not any(n.op in VARIABLE_OPS for n in frozen.graph)
    assert frozen.variables
    assert model.examined is frozen
    assert model.runnable is frozen  # nothing is done twice


def test_a_tensor_is_told_with_its_name_in_the_signature() -> None:
    told = "\n".join(runnable(V2).notes)
    assert "serving_default_features (features)" in told
    assert "StatefulPartitionedCall (scores)" in told
    assert "signature of" not in told  # there is but one


def test_an_unknown_signature_is_answered_with_all_that_there_are() -> None:
    with pytest.raises(UnknownName, match="no signature 'gone'") as raised:
        runnable(V1, signature="gone")
    assert raised.value.remedy == "it has embed_words, serving_default"


def test_internal_signatures_are_never_taken() -> None:
    with pytest.raises(UnknownName, match="__saved_model_init_op"):
        runnable(V2, signature="__saved_model_init_op")


def test_the_values_of_a_meta_file_lie_beside_it() -> None:
    found = runnable(META)
    assert found.checkpoint == str(CLASSIFIER / "model.ckpt")
    assert not any(n.op in VARIABLE_OPS for n in found.graph)


def test_a_graph_takes_the_values_of_the_checkpoint_that_is_named() -> None:
    path = CLASSIFIER / "graph.pb"
    assert any(n.op in VARIABLE_OPS for n in load_model(path).examined.graph)
    found = runnable(path, checkpoint=CLASSIFIER / "model.ckpt")
    assert not any(n.op in VARIABLE_OPS for n in found.graph)


def test_without_values_there_is_a_graph_to_look_at_but_none_to_run(tmp_path: Path) -> None:
    shutil.copy(META, tmp_path / "alone.meta")
    model = load_model(tmp_path / "alone.meta")
    assert model.examined is model.stored
    with pytest.raises(InvalidValue, match="no checkpoint was given"):
        assert model.runnable


def test_what_cannot_be_frozen_is_looked_at_as_it_stands_and_says_why() -> None:
    other = FIXTURES / "checkpoints/v2/model.ckpt"
    model = load_model(META, ModelOptions(checkpoint=other))
    found = model.examined
    assert found.graph is model.source
    assert "were not put in" in found.unfrozen
    assert found.unfrozen in found.notes
    with pytest.raises(UnknownName):
        assert model.runnable


def test_a_checkpoint_for_a_graph_without_variables_does_nothing() -> None:
    found = runnable(CLASSIFIER / "frozen.pb", checkpoint=CLASSIFIER / "model.ckpt")
    assert found.checkpoint == ""
    assert any(n.startswith("--checkpoint has no effect") for n in found.notes)


NET = "a = Placeholder dtype=float\nb = Placeholder dtype=float\ny = Add(a, b) T=float\n"


@pytest.fixture
def two_inputs(tmp_path: Path) -> LoadedModel:
    save(graph(NET), tmp_path / "net.pb")
    return load_model(tmp_path / "net.pb")


def with_shapes(model: LoadedModel, **shapes: Shape) -> ModelGraph:
    options = ModelOptions(input_shapes={k.removeprefix("_"): s for k, s in shapes.items()})
    return load_model(model.path, options).stored


def test_a_shape_is_that_of_a_tensor_a_key_or_the_only_input(two_inputs: LoadedModel) -> None:
    shape = Shape((1, 4))
    assert with_shapes(two_inputs, a=shape).input_shapes == {"a": shape}
    with pytest.raises(InvalidValue, match="'1,4' does not say whose shape it is"):
        assert with_shapes(two_inputs, _=shape)
    with pytest.raises(UnknownName):
        assert with_shapes(two_inputs, gone=shape)
    saved = load_model(V2)
    for name in ("features", "serving_default_features", "_"):
        assert with_shapes(saved, **{name: shape}).input_shapes == {
            "serving_default_features": shape
        }


def test_what_is_named_comes_before_what_is_likely(two_inputs: LoadedModel) -> None:
    found = load_model(two_inputs.path, ModelOptions(inputs=["a"])).stored.candidates
    assert [c.name for c in found.likely_inputs] == ["a"]
    assert [c.name for c in found.inputs] == ["a", "b"]
    both = load_model(two_inputs.path).stored.candidates
    assert [c.name for c in both.likely_inputs] == ["a", "b"]
    inner = load_model(two_inputs.path, ModelOptions(outputs=["b:0"])).stored
    assert [c.name for c in inner.candidates.likely_outputs] == ["b"]
    assert inner.inputs == ("b",)  # what the output does not need is no input


def test_names_that_are_not_there_are_refused(two_inputs: LoadedModel) -> None:
    for options in (ModelOptions(inputs=["gone"]), ModelOptions(outputs=["gone"])):
        with pytest.raises(UnknownName, match="gone"):
            assert load_model(two_inputs.path, options).stored


def test_a_graph_without_likely_outputs_can_be_looked_at(tmp_path: Path) -> None:
    save(graph("x = Placeholder dtype=float\n"), tmp_path / "net.pb")
    model = load_model(tmp_path / "net.pb")
    assert model.examined.outputs == ()
    with pytest.raises(InvalidValue, match="none are likely"):
        assert model.runnable


@pytest.mark.parametrize("name", ["TFLite_Detection_PostProcess:1", "raw_outputs/box_encodings"])
def test_a_name_of_an_exported_ssd_tells_how_to_export_one(name: str) -> None:
    with pytest.raises(UnknownName) as raised:
        runnable(FIXTURES / "classifier/frozen.pb", outputs=[name])
    assert "graphtools export-ssd" in raised.value.remedy
    with pytest.raises(UnknownName) as raised:
        runnable(FIXTURES / "classifier/frozen.pb", outputs=["logitz"])
    assert "export-ssd" not in raised.value.remedy


def test_given_shapes_reach_the_constants_that_hold_them(tmp_path: Path) -> None:
    text = """
        x = Placeholder dtype=float shape=[8,2]
        shape = Const value=int32:[8,1,2]
        y = Reshape(x, shape) T=float Tshape=int32
    """
    save(graph(text), tmp_path / "g.pb")
    found = runnable(tmp_path / "g.pb", input_shapes={"x": Shape((3, 2))})
    assert found.graph["x"].attr("shape") == Shape((3, 2))
    assert any("holds [3, 1, 2] now, not [8, 1, 2]" in text for text in found.notes)


def test_an_output_that_is_fed_becomes_an_input_of_its_own(tmp_path: Path) -> None:
    text = """
        x = Placeholder dtype=float shape=[4]
        axis = Const value=int32:0
        s = Split(axis, x) T=float num_split=2
        y = Sub(s, s:1) T=float
    """
    save(graph(text), tmp_path / "g.pb")
    found = runnable(tmp_path / "g.pb", inputs=["s", "s:1"], outputs=["y"])
    assert found.inputs == ("s", "s_1")
    assert found.graph["y"].inputs == ("s", "s_1")
