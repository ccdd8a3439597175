"""`graphtools saved_model_cli`, for scripts that called the program of this name."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

import click

from graphtools.commands._legacy import flags
from graphtools.commands._shared import (
    command,
    emit_json,
    emit_lines,
    json_option,
    note,
    progress,
    trust_option,
)
from graphtools.legacy.flags import FLAG, TEXT, flag, gone
from graphtools.legacy.parsing import ARGPARSE_STRICT
from graphtools.legacy.values import GivenFlags

if TYPE_CHECKING:
    from graphtools.formats.saved_model import SavedModel

_NO_SESSION = "models run in a process of their own, on the CPU"
FLAGS = (
    flag("dir", TEXT, "The SavedModel.", required=True),
    flag("tag_set", TEXT, "Tags of the graph in it, separated by commas."),
    flag("signature_def", TEXT, "The name of a signature."),
    flag("all", FLAG, "show: everything."),
    flag("inputs", TEXT, "run: values, as x=a.npy;y=b.npz[name]."),
    flag("input_exprs", TEXT, "run: values, as x=np.ones((1,3)); nothing else is evaluated."),
    flag("input_examples", TEXT, "run: tf.Examples, as x=[{'age': [3]}]."),
    flag("outdir", TEXT, "run: the folder where outputs go, as .npy files."),
    flag("overwrite", FLAG, "run: replace such files."),
    gone("tf_debug", FLAG, "graphtools run --outputs takes any tensor"),
    gone("worker", TEXT, _NO_SESSION),
    gone("init_tpu", FLAG, _NO_SESSION),
)


@flags(FLAGS, ARGPARSE_STRICT)
@command(
    "saved_model_cli",
    example=(
        "graphtools saved_model_cli show --dir export --all\n"
        "graphtools saved_model_cli run --dir export --tag_set serve \\\n"
        "    --signature_def serving_default --inputs x=data.npy --outdir out\n"
        "graphtools saved_model_cli scan --dir export"
    ),
    legacy=True,
)
@click.argument("action", type=click.Choice(["show", "run", "scan"]))
@trust_option
@json_option
def COMMAND(action: str, trust: bool, as_json: bool, **values: Any) -> None:
    """Do what saved_model_cli did: show, run or scan a SavedModel.

    It prints what the original printed; see graphtools signatures, run, and lint --target
    untrusted. What is defined beside the signatures is not shown. run needs TensorFlow.
    """
    from graphtools.errors import FileProblem
    from graphtools.formats import open_model
    from graphtools.formats.saved_model import SavedModel

    given = GivenFlags(values)
    model = open_model(given.text("dir"))
    if not isinstance(model, SavedModel):
        raise FileProblem(f"{model.path} is a {model.kind}, no SavedModel")
    if action == "run":
        _run(model, given, trust=trust, as_json=as_json)
    elif action == "scan":
        _scan(model, given, as_json=as_json)
    else:
        _show(model, given, as_json=as_json)


def _show(model: SavedModel, given: GivenFlags, *, as_json: bool) -> None:
    from graphtools.analysis.signatures import list_signatures
    from graphtools.report import saved_model_cli as lines

    tags, key = given.parts("tag_set") or None, given.text("signature_def")
    if as_json:
        emit_json(list_signatures(model, tags=tags, key=key))
    elif given.is_set("all"):
        emit_lines(lines.all_lines(model.meta_graphs))
    elif tags is None:
        emit_lines(lines.tag_set_lines(model.meta_graphs))
    elif not key:
        emit_lines(lines.key_lines(model.meta_graph(tags)))
    else:
        (meta,) = list_signatures(model, tags=tags, key=key).meta_graphs
        emit_lines(lines.signature_lines(meta.signatures[0]))


def _scan(model: SavedModel, given: GivenFlags, *, as_json: bool) -> None:
    from graphtools.formats import graph_of
    from graphtools.idioms.side_effects import SCANNED_OPS
    from graphtools.report.saved_model_cli import scan_lines

    tags = given.parts("tag_set")
    found = []
    for meta in [model.meta_graph(tags)] if tags else model.meta_graphs:
        graph = graph_of(meta)
        bodies = (node for function in graph.functions.values() for node in function.nodes)
        found.append((meta, SCANNED_OPS & {node.op for node in (*graph, *bodies)}))
    if as_json:
        rows = [{"tags": meta.tags, "ops": sorted(ops)} for meta, ops in found]
        emit_json({"meta_graphs": rows})
    else:
        emit_lines(scan_lines(found))


def _run(model: SavedModel, given: GivenFlags, *, trust: bool, as_json: bool) -> None:
    from graphtools.errors import InvalidValue
    from graphtools.legacy.feeds import read_feeds
    from graphtools.model.options import ModelOptions
    from graphtools.samples.options import SampleOptions
    from graphtools.verify.model_run import run_model

    tags, key = given.parts("tag_set"), given.text("signature_def")
    if not tags or not key:
        raise InvalidValue("run needs tags and a signature", "give --tag_set and --signature_def")
    texts = [str(given.get(f) or "") for f in ("inputs", "input_exprs", "input_examples")]
    if not any(texts):
        raise InvalidValue(
            "no values were given", "give --inputs, --input_exprs or --input_examples"
        )
    feeds = read_feeds(*texts)
    _check_keys(model, tags, key, feeds)
    folder = given.text("outdir")
    with progress(f"running {model.path}"):
        options = ModelOptions(signature=key, tags=tags)
        whole = SampleOptions(limit=1 << 31)
        found = run_model(model.path, feeds, options=options, samples=whole, trust=trust)
    for text in found.notes:
        note(text)
    if folder and not given.is_set("overwrite"):
        for name in found.arrays:
            if os.path.exists(os.path.join(folder, f"{name}.npy")):
                raise InvalidValue(f"{folder}/{name}.npy is there already", "give --overwrite")
    for name, array in sorted(found.arrays.items()):
        if not as_json:
            emit_lines([f"Result for output key {name}:", str(array)])
        if folder:
            path = os.path.join(folder, f"{name}.npy")
            _save(path, name, array)
            (note if as_json else print)(f"Output {name} is saved to {path}")
    if as_json:
        emit_json(found)


def _save(path: str, name: str, array: Any) -> None:
    """Write an array; its folder is made where it is not there."""
    import io

    import numpy as np

    from graphtools.analysis.values import storable
    from graphtools.formats.source import make_folder, write_file

    raw = io.BytesIO()
    np.save(raw, storable(array, name), allow_pickle=False)
    make_folder(os.path.dirname(path))
    write_file(path, [raw.getvalue()])


def _check_keys(model: SavedModel, tags: list[str], key: str, feeds: dict[str, Any]) -> None:
    """Check that a signature has the inputs for which there are values.

    Raises:
        UnknownName: There is no such signature, or it has no such input.
    """
    from graphtools.analysis.signatures import list_signatures
    from graphtools.errors import unknown_name

    (meta,) = list_signatures(model, tags=tags, key=key).meta_graphs
    known = [tensor.key for tensor in meta.signatures[0].inputs]
    for name in feeds:
        if name not in known:
            raise unknown_name("input", name, known, f"the signature {key!r}")
