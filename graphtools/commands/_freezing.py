"""What the commands share that freeze graphs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphtools.commands._models import read_model, told
from graphtools.commands._shared import note, progress, show

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions
    from graphtools.transforms.freeze import Frozen


def freeze_file(
    file: str,
    target: str,
    model_options: ModelOptions,
    *,
    as_text: bool | None = None,
    as_json: bool = False,
    inline: bool = False,
    **options: Any,
) -> None:
    """Read a graph and a checkpoint, freeze the one with the other, write it, say what was done.

    Args:
        file: A graph, .meta file or SavedModel.
        target: Where the frozen graph goes.
        model_options: How it is read; at the inputs that are named it is cut.
        as_text: Whether to write text; by the target's name if None.
        as_json: Whether to print JSON.
        inline: Whether functions that are called are put in the place of the calls.
        options: Of `freeze`.
    """
    from graphtools.formats import save
    from graphtools.model.endpoints import no_outputs
    from graphtools.model.loading import shaped, with_part
    from graphtools.transforms.freeze import freeze

    # what is only likely is no place to cut
    cuts = bool(model_options.signature or model_options.inputs)
    if not cuts and model_options.batch is None and "" not in model_options.input_shapes:
        model_options = dataclasses.replace(model_options, inputs=())
    model = read_model(file, model_options)
    stored, checkpoint = told(model.stored), model.checkpoint
    if checkpoint is not None:
        note(checkpoint.note)
        if not model_options.checkpoint:
            note(f"values of {file} from {checkpoint.path}")
    if not stored.outputs and model_options.outputs is None:
        raise no_outputs(file)
    with progress(f"freezing {file}"):
        options = {"inputs": stored.inputs if cuts else (), "assets": model.assets, **options}
        frozen = freeze(stored.graph, checkpoint, stored.outputs, **options)
    if inline:
        frozen = _flat(frozen, stored.inputs, (*stored.outputs, *options.get("initializers", ())))
    unnoted = dataclasses.replace(stored, notes=())
    given = told(shaped(with_part(unnoted, frozen.graph)))
    with progress(f"writing {target}"):
        remark = save(given.graph, target, as_text=as_text, like=model.file)
    note(remark)
    if target == "-":
        return
    show(frozen.report, as_json)


def _flat(frozen: Frozen, inputs: Sequence[str], outputs: Sequence[str]) -> Frozen:
    """A frozen graph without calls: programs that read graphs mostly know no functions."""
    from graphtools.transforms.pipeline import transform

    if not frozen.graph.functions:
        return frozen
    graph = transform(frozen.graph, ["inline_partitionedcall"], inputs, outputs).graph
    return frozen._replace(
        graph=graph, report=dataclasses.replace(frozen.report, nodes_after=len(graph))
    )
