"""`graphtools saved-model`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    note,
    progress,
    show,
    split_list,
    tags_option,
)


def _named(value: str | None) -> dict[str, str] | list[str] | None:
    """Tensors as they are typed: with the keys that they get, or without."""
    from graphtools.errors import InvalidValue

    texts = split_list(value)
    if not texts or not any("=" in text for text in texts):
        return texts
    pairs = [text.partition("=") for text in texts]
    wrong = next((key for key, equals, tensor in pairs if not (key and equals and tensor)), "")
    keys = [key for key, _, _ in pairs]
    if wrong or len(set(keys)) < len(keys):
        raise InvalidValue(f"{value!r} does not give each tensor a key", "write KEY=TENSOR,...")
    return {key: tensor for key, _, tensor in pairs}


def _renamed(texts: tuple[str, ...]) -> dict[str, str]:
    from graphtools.errors import InvalidValue

    pairs = [text.partition("=") for text in texts]
    for old, equals, new in pairs:
        if not (old and equals and new):
            raise InvalidValue(f"{old!r} does not say what it becomes", "write OLD=NEW")
    return {old: new for old, _, new in pairs}


def _added(
    key: str, inputs: str | None, outputs: str | None
) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    from graphtools.errors import InvalidValue

    sides = [_named(inputs), _named(outputs)]
    if not key and not any(sides):
        return {}
    found = [side for side in sides if isinstance(side, dict)]
    if not key or len(found) < len(sides):
        raise InvalidValue(
            "a signature that is added needs a key, inputs and outputs",
            "write --signature KEY --inputs KEY=TENSOR --outputs KEY=TENSOR",
        )
    return {key: (found[0], found[1])}


@command(
    "saved-model",
    group="convert",
    example=(
        "graphtools saved-model frozen.pb -o exported --inputs image=input --outputs probs=Softmax"
        "\ngraphtools saved-model model.ckpt.meta -o exported --outputs probs=Softmax"
        "\ngraphtools saved-model exported -o renamed --rename-signature predict=serving_default"
    ),
    also={
        "FILE -o saved_model  # make one of a frozen graph or a .meta": "savedmodel serving"
        " to-saved-model pb-to-saved-model export-saved-model frozen-to-saved-model unfreeze",
    },
)
@file_argument
@click.option("-o", "--output", "folder", metavar="FOLDER", help="The folder to write.")
@click.option("--signature", metavar="KEY", default="", help="Its key; serving_default.")
@click.option(
    "--inputs",
    metavar="KEY=TENSOR,...",
    help="Inputs of the signature; the likely ones, by their names, if not given.",
)
@click.option("--outputs", metavar="KEY=TENSOR,...", help="Its outputs, likewise.")
@click.option(
    "--tags",
    "new_tags",
    metavar="TAGS",
    default="serve",
    show_default=True,
    help="Tags of what is written.",
)
@click.option(
    "--assets",
    metavar="FILE",
    multiple=True,
    help="A file that a look-up table is filled from, as a vocabulary. Repeatable.",
)
@click.option(
    "--checkpoint", metavar="PATH", help="Where the values of variables are; beside a .meta found."
)
@click.option(
    "--unfreeze",
    is_flag=True,
    help="Make variables of a frozen graph's weights, as is done above 2 GB.",
)
@click.option(
    "--rename-signature",
    "renames",
    metavar="OLD=NEW",
    multiple=True,
    help="Of a SavedModel: write it with another key. Repeatable.",
)
@click.option(
    "--remove-signature",
    "removes",
    metavar="KEY",
    multiple=True,
    help="Of a SavedModel: write it without a signature. Repeatable.",
)
@click.option(
    "--add-signature",
    "adds",
    is_flag=True,
    help="Of a SavedModel: write it with --signature, --inputs and --outputs beside the others.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be written.")
@tags_option
@json_option
def COMMAND(
    file: str,
    folder: str | None,
    signature: str,
    inputs: str | None,
    outputs: str | None,
    new_tags: str,
    tags: list[str] | None,
    assets: tuple[str, ...],
    checkpoint: str | None,
    unfreeze: bool,
    renames: tuple[str, ...],
    removes: tuple[str, ...],
    adds: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a SavedModel of a frozen graph or a .meta, or give one other signatures.

    What is written loads in TensorFlow 1 and 2, in the converter and in Serving. The graph is cut
    to what the signature needs; variables keep their values, look-up tables are filled on loading.
    """
    from graphtools.errors import InvalidValue
    from graphtools.model.saved_model_export import export_saved_model
    from graphtools.model.signature_edits import edit_signatures

    if folder is None and not dry_run:
        raise InvalidValue("where shall the SavedModel go?", "say it with -o, or use --dry-run")
    target = None if dry_run else folder
    with progress(f"writing {folder}" if target else f"reading {file}"):
        if renames or removes or adds:
            done = edit_signatures(
                file,
                target,
                add=_added(signature, inputs, outputs),
                rename=_renamed(renames),
                remove=removes,
                tag_set=tags,
            )
        else:
            done = export_saved_model(
                file,
                target,
                signature=signature,
                inputs=_named(inputs),
                outputs=_named(outputs),
                tags=split_list(new_tags) or (),
                assets=assets,
                checkpoint=checkpoint,
                unfrozen=unfreeze,
                tag_set=tags,
            )
    for text in done.notes:
        note(text)
    show(done, as_json)
