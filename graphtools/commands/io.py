"""`graphtools io`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options
from graphtools.commands._shared import (
    command,
    exit_if_unsound,
    file_argument,
    json_option,
    progress,
    show,
)

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "io",
    group="look",
    example="graphtools io frozen_inference_graph.pb --json",
    also={
        "FILE": "inputs outputs endpoints placeholders input-names output-names"
        " input-nodes output-nodes",
    },
)
@file_argument
@click.option("--all", "everything", is_flag=True, help="List the unlikely ones, too.")
@model_options
@json_option
def COMMAND(file: str, everything: bool, options: ModelOptions, as_json: bool) -> None:
    """Find the inputs and outputs of a graph, ranked, each with its reason.

    A score of 0.5 or more means that it is likely what you want to feed or fetch. Signatures decide
    where there are any. JSON lists all candidates.
    """
    from graphtools.formats import open_model
    from graphtools.model.loading import load_model

    graph = None
    with progress(f"reading {file}"):
        model = open_model(file)
        if model.kind == "TFLite model":
            from graphtools.analysis.tflite_summary import tflite_inputs_outputs
            from graphtools.formats.tflite.model import TFLiteModel

            assert isinstance(model, TFLiteModel)
            found = tflite_inputs_outputs(model)
        else:
            stored = load_model(file, options, file=model).stored
            graph, found = stored.graph, stored.candidates
    show(found, as_json, everything=everything)
    if graph is not None:
        exit_if_unsound(graph, file)
