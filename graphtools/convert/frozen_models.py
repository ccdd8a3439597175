"""The graph of a model with the values of its variables in it, ready to be run or converted."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphtools.analysis.inputs_outputs import inputs_and_outputs
from graphtools.errors import InvalidValue, unknown_name
from graphtools.formats import graph_of, open_model, signatures_of
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.checkpoint_path import find_checkpoint, look_for_checkpoint
from graphtools.formats.format import Model
from graphtools.formats.metagraph import Signature
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.variables import graph_variables
from graphtools.rewrite.prune import lost_table_fillers, needed_nodes
from graphtools.transforms.freeze import freeze

#: The signature that TensorFlow Serving and the converter take unless another is asked for.
_DEFAULT = "serving_default"
#: Signatures that stand for nothing but an op of the SavedModel's own.
_OWN = frozenset({"__saved_model_init_op", "__saved_model_train_op"})


class FrozenModel(NamedTuple):
    """A graph without variables, and its ends.

    Attributes:
        path: The model.
        graph: The graph.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        keys: By name of an input or output, what it is called in the signature that was taken.
        checkpoint: Where the values of its variables come from; empty if it had none.
        notes: What was chosen, for the user.
    """

    path: str
    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    keys: dict[str, str]
    checkpoint: str
    notes: tuple[str, ...]


def frozen_model(
    path: str | os.PathLike[str],
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    *,
    signature: str | None = None,
    tags: Sequence[str] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    model: Model | None = None,
) -> FrozenModel:
    """Read a graph, and put the values of its checkpoint into it where it has variables.

    Args:
        path: A graph, a .meta file or a SavedModel.
        inputs: Names of the inputs; those of the signature, or the likely ones, if None.
        outputs: Names of the outputs, likewise.
        signature: Key of the signature to take; `serving_default` if None and there are several.
        tags: Tags of the meta graph of a SavedModel.
        checkpoint: Where the values are; found beside a .meta file and in a SavedModel if None.
        model: The model, where it has been opened already.

    Raises:
        UnknownName: There is no such signature, or input.
        InvalidValue: No outputs are given, and none are likely.
        GraphtoolsError: The model cannot be read or frozen.
    """
    name = os.fspath(path)
    opened = open_model(name) if model is None else model
    graph = graph_of(opened, tags)
    signatures = signatures_of(opened, tags)
    notes: list[str] = []
    if signature is None and inputs is None and outputs is None:
        signature, others = _default_signature(signatures)
        if signature is not None:
            more = f"; {', '.join(others)} with --signature" if others else ""
            notes.append(f"signature of {name}: {signature}{more}")
    if signature is not None:
        signatures = (_signature(signature, signatures, name),)
    found = inputs_and_outputs(graph, signatures)
    keys = {
        str(Ref.from_user(info.name)): info.key
        for s in signatures
        for info in (*s.inputs, *s.outputs)
    }
    if inputs is None:
        inputs = [c.name for c in found.likely_inputs]
        notes.append(f"inputs of {name}: {_listed(inputs, keys)}")
    if outputs is None:
        outputs = [c.name for c in found.likely_outputs]
        if not outputs:
            raise InvalidValue(
                f"no outputs of {name} were given, and none are likely", "name them: --outputs"
            )
        notes.append(f"outputs of {name}: {_listed(outputs, keys)}")
    values_from = ""
    if graph_variables(graph):
        stored = find_checkpoint(checkpoint) if checkpoint else checkpoint_beside(opened)
        if stored is not None:
            values_from = stored.path
            notes.append(f"values of {name} from {values_from}")
        for text in inputs:
            graph.find(Ref.from_user(text).node)
        needed = needed_nodes(graph, [Ref.from_user(text).node for text in outputs])
        fillers = lost_table_fillers(graph, needed)
        graph = freeze(graph, stored, outputs, initializers=fillers).graph
        # an input that nothing needs is gone
        inputs = [n for n in inputs if Ref.from_user(n).node in graph]
    elif checkpoint:
        notes.append(f"--checkpoint has no effect: {name} has no variables")
    return FrozenModel(name, graph, tuple(inputs), tuple(outputs), keys, values_from, tuple(notes))


def _default_signature(signatures: Sequence[Signature]) -> tuple[str | None, list[str]]:
    """The signature that is taken unless another is asked for, and the others.

    Where there is none of the usual name, or no other, all count.
    """
    others = [s.key for s in signatures if s.key != _DEFAULT and s.key not in _OWN]
    has_default = any(s.key == _DEFAULT for s in signatures)
    return (_DEFAULT, others) if has_default and others else (None, others)


def _signature(key: str, signatures: Sequence[Signature], where: str) -> Signature:
    """The signature of a key.

    Raises:
        UnknownName: There is none.
    """
    known = {s.key: s for s in signatures if s.key not in _OWN}
    if key in known:
        return known[key]
    problem = unknown_name("signature", key, known, where)
    if known and not problem.remedy.startswith("did you mean"):
        problem.remedy = f"it has {', '.join(known)}"
    raise problem


def _listed(names: Sequence[str], keys: Mapping[str, str]) -> str:
    """Names, with what a signature calls them where that is something else."""
    shown = []
    for name in names:
        key = keys.get(str(Ref.from_user(name)), "")
        shown.append(f"{name} ({key})" if key and key != name else name)
    return ", ".join(shown) or "none"


def checkpoint_beside(model: Model) -> Checkpoint | None:
    """The checkpoint that belongs to a .meta file or SavedModel, None where there is none."""
    path = model.path
    if model.kind == "SavedModel":
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        return look_for_checkpoint(os.path.join(folder, "variables", "variables"))
    if path.endswith(".meta"):
        return look_for_checkpoint(path.removesuffix(".meta"))
    return None
