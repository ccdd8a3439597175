"""What the commands share that freeze graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphtools.commands._shared import choose_ends, emit, emit_json, note, progress

if TYPE_CHECKING:
    from graphtools.formats.checkpoint import Checkpoint
    from graphtools.formats.format import Model


def freeze_file(
    file: str,
    target: str,
    *,
    checkpoint: str | None,
    inputs: list[str] | None,
    outputs: list[str] | None,
    signature: str | None = None,
    tags: list[str] | None = None,
    as_text: bool | None = None,
    as_json: bool = False,
    **options: Any,
) -> None:
    """Read a graph and a checkpoint, freeze the one with the other, write it, say what was done.

    Args:
        file: A graph, .meta file or SavedModel.
        target: Where the frozen graph goes.
        checkpoint: Where the values are; found beside the file if None.
        inputs: Names of nodes at which the graph is cut; it is not cut if None.
        outputs: Names of the outputs; those of the signature, or the likely ones, if None.
        signature: Key of the signature that gives inputs and outputs.
        tags: For a SavedModel.
        as_text: Whether to write text; by the target's name if None.
        as_json: Whether to print JSON.
        options: Of `freeze`.
    """
    from graphtools.errors import unknown_name
    from graphtools.formats import graph_of, open_model, save, signatures_of
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.graph.ref import Ref
    from graphtools.report.transforms import freeze_document
    from graphtools.transforms.freeze import freeze

    with progress(f"reading {file}"):
        model = open_model(file)
        graph = graph_of(model, tags)
        stored = find_checkpoint(checkpoint) if checkpoint else _beside(model)
    if stored is not None:
        note(stored.note)
    signatures = signatures_of(model, tags)
    if signature is not None:
        found = {s.key: s for s in signatures}
        if signature not in found:
            raise unknown_name("signature", signature, found, file)
        chosen = found[signature]
        outputs = outputs or [str(Ref.from_user(o.name)) for o in chosen.outputs]
        inputs = inputs or [str(Ref.from_user(i.name)) for i in chosen.inputs]
    _, outputs = choose_ends(graph, inputs or [], outputs, signatures)
    with progress(f"freezing {file}"):
        frozen = freeze(graph, stored, outputs, inputs=inputs or [], **options)
    with progress(f"writing {target}"):
        save(frozen.graph, target, as_text=as_text)
    if target == "-":
        return
    if as_json:
        emit_json(frozen.report)
    else:
        emit(freeze_document(frozen.report))


def _beside(model: Model) -> Checkpoint | None:
    """The checkpoint that belongs to a file, None where there is none; says it on stderr."""
    from graphtools.convert.frozen_models import checkpoint_beside

    found = checkpoint_beside(model)
    if found is not None:
        note(f"values from {found.path}")
    return found
