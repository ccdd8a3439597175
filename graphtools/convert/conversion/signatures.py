"""The signatures of a SavedModel in the TFLite model that it is converted to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphtools.convert.conversion.converted_model import CheckedModel
from graphtools.convert.conversion.report import ConvertedPort
from graphtools.formats.metagraph import Signature, TensorInfo
from graphtools.formats.source import write_file
from graphtools.formats.tflite import model as tflite
from graphtools.formats.tflite.signing import head_with_signatures
from graphtools.graph.ref import Ref


def sign(
    path: str,
    model: tflite.TFLiteModel,
    checked: CheckedModel,
    signatures: Sequence[Signature],
) -> None:
    """Give a converted model the signatures that `TFLiteConverter.from_saved_model` gives it.

    That converts functions of a SavedModel, and knows their names; a frozen graph has none.

    Args:
        path: Where the model is.
        model: What it holds.
        checked: Its inputs and outputs by their names in the graph.
        signatures: Those of the graph; one of other inputs, or of an output that the model does
            not have, is left out.
    """
    found = list(_signatures(model.subgraphs[0], checked, signatures)) if model.subgraphs else []
    if found:
        with open(path, "rb") as file:
            content = file.read()
        write_file(path, [head_with_signatures(content, found), content])


def _signatures(
    main: tflite.Subgraph, checked: CheckedModel, signatures: Sequence[Signature]
) -> Iterator[tflite.TFLiteSignature]:
    for signature in signatures:
        inputs = _indices(signature.inputs, checked.inputs, main.inputs)
        outputs = _indices(signature.outputs, checked.outputs, main.outputs)
        if outputs and inputs is not None and set(inputs.values()) == set(main.inputs):
            yield tflite.TFLiteSignature(signature.key, inputs, outputs, 0)


def _indices(
    infos: Sequence[TensorInfo], ports: Sequence[ConvertedPort], indices: Sequence[int]
) -> dict[str, int] | None:
    """By key the tensor in the model; None if one is missing."""
    known = {port.name: index for port, index in zip(ports, indices, strict=True)}
    names = {info.key: str(Ref.from_user(info.name)) if info.name else "" for info in infos}
    if not set(names.values()) <= known.keys():
        return None
    return {key: known[name] for key, name in names.items()}
