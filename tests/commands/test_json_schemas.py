"""The schemas of what commands print with --json are those of the types, and of what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import click
import jsonschema
import pytest

from graphtools.cli import main
from tests.builders import json_schemas
from tests.commands.running import FROZEN, V2, fixture, run
from tests.json_documents import check_document

OUTPUT = "MobilenetV1/Predictions/Reshape_1"
SSD = fixture("ssd/frozen_inference_graph.pb")
PIPELINE = fixture("ssd/pipeline.config")
#: Lines of every command that runs no model; @ is a new file. Those that do are held against their
#: schemas by their own tests, as all that these read.
LINES = [
    ["check-config", PIPELINE],
    ["compat", FROZEN],
    ["compat", fixture("lstm/frozen.pb")],
    ["compat", "--op", "Conv2D"],
    ["convert", FROZEN, "-o", "@.pbtxt"],
    ["diff", fixture("lstm/graph.pb"), fixture("lstm/frozen.pb")],
    ["diff", fixture("checkpoints/v1/model.ckpt"), V2],
    ["diff", FROZEN, fixture("classifier/graph.pb")],
    ["draw", FROZEN, "-o", "@.svg"],
    ["edit-checkpoint", V2, "-o", "@.ckpt", "--merge-slices", "--rename", "*=new/*"],
    ["explain", "No variables to save"],
    ["explain", "it does not work"],
    ["explain", "--list"],
    ["export-ssd", SSD, "-o", "@.pb"],
    ["extract", FROZEN, "-o", "@.pb", "--from", "input", "--to", OUTPUT],
    ["freeze", fixture("lstm/graph.pb"), "--checkpoint", fixture("lstm"), "-o", "@.pb"],
    ["help", "quantize"],
    ["inspect_checkpoint", f"--file_name={V2}"],
    ["io", FROZEN],
    ["join", FROZEN, "-o", "@.pb", "--preprocess", "uint8,scale=1/127.5"],
    ["lint", FROZEN, fixture("lstm/frozen.pb"), SSD],
    ["lint", FROZEN, "--statistics"],
    ["lint", FROZEN, "--show-settings"],
    ["node", FROZEN, OUTPUT],
    ["nodes", FROZEN],
    ["nodes", FROZEN, "--depth", "2"],
    ["op", "Conv2D"],
    ["ops", fixture("saved_model/v2")],
    ["optimize", FROZEN, "-o", "@.pb"],
    ["optimize_for_inference", f"--input={FROZEN}", "--output=@.pb", "--input_names=input",
     f"--output_names={OUTPUT}"],
    ["path", FROZEN, "input", OUTPUT],
    ["path", FROZEN, "input", "--descendants"],
    ["report", FROZEN, fixture("quant/model.tflite"), V2],
    ["report", "--diff", FROZEN, fixture("classifier/graph.pb")],
    ["restore-plan", fixture("ssd"), "--pipeline", PIPELINE],
    ["restore-plan", fixture("classifier"), "--model", fixture("classifier/graph.pb")],
    ["rule", "GT101"],
    ["rule", "--all"],
    ["saved-model", FROZEN, "-o", "@"],
    ["saved_model_cli", "show", "--dir", fixture("saved_model/v1"), "--all"],
    ["saved_model_cli", "scan", "--dir", fixture("saved_model/v2")],
    ["shapes", FROZEN],
    ["shapes", fixture("lstm/frozen.pb")],
    ["signatures", fixture("saved_model/v1")],
    ["signatures", fixture("signatures/two")],
    ["size", FROZEN],
    ["size", fixture("quant/model.tflite")],
    ["size", V2],
    ["strip", FROZEN, "-o", "@.pb"],
    ["strip_unused", f"--input_graph={FROZEN}", "--output_graph=@.pb", "--input_binary",
     "--output_binary", "--input_node_names=input", f"--output_node_names={OUTPUT}"],
    ["summarize_graph", f"--in_graph={FROZEN}"],
    ["summary", FROZEN, V2, fixture("quant/model.tflite"), fixture("saved_model/v2"),
     fixture("ssd/model.ckpt.meta"), fixture("signatures/two")],
    ["tensorboard", FROZEN, "@"],
    ["transform", FROZEN, "--transforms", "fold_constants quantize_weights", "-o", "@.pb"],
    ["transform_graph", f"--in_graph={FROZEN}", "--out_graph=@.pb", "--inputs=input",
     f"--outputs={OUTPUT}", "--transforms=fold_constants"],
    ["transforms"],
    ["transforms", "fold_batch_norms"],
    ["variables", V2],
    ["variables", V2, "--stats"],
    ["variables", fixture("saved_model/v2")],
    ["variables", fixture("lstm"), "--value", "rnn/basic_lstm_cell/bias"],
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(Path(p).name for p in line))
def test_what_is_printed_is_what_the_schema_says(line: list[str], tmp_path: Path) -> None:
    done = run(*(part.replace("@", str(tmp_path / "out")) for part in line), "--json")
    assert done.code in (0, 1), done.err
    check_document(line[0], json.loads(done.out))


def test_every_command_has_a_schema() -> None:
    """In tests.builders.json_schemas stands what a command prints."""
    assert list(json_schemas.DOCUMENTS) == sorted(main.list_commands(click.Context(main)))


def test_the_schemas_are_those_of_the_types() -> None:
    """python -m tests.builders.json_schemas writes them."""
    there = {path.name: path.read_text() for path in json_schemas.FOLDER.glob("*.json")}
    assert there == json_schemas.texts()
    for text in there.values():
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_another_document_is_none() -> None:
    document = json.loads(run("io", FROZEN, "--json").out)
    for wrong in (
        {**document, "more": 1},
        {k: v for k, v in document.items() if k != "inputs"},
        {**document, "outputs": 3},
    ):
        with pytest.raises(jsonschema.ValidationError):
            check_document("io", wrong)
