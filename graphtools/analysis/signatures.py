"""The signatures of SavedModels, MetaGraphDefs and TFLite models."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from graphtools.display import Displayed
from graphtools.errors import FileProblem, InvalidValue, unknown_name
from graphtools.formats.format import Model
from graphtools.formats.metagraph import MetaGraph, Signature, TensorInfo
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.tflite import FORMAT as TFLITE
from graphtools.front_end import step
from graphtools.graph.dtypes import DType, dtype

#: The signature that TensorFlow Serving and the converter take unless another is asked for.
DEFAULT_SIGNATURE = "serving_default"


@dataclasses.dataclass(frozen=True)
class MetaGraphSignatures:
    """The signatures of one meta graph.

    Attributes:
        tags: Its tags; none for a TFLite model.
        signatures: Its signatures, sorted by key.
    """

    tags: tuple[str, ...]
    signatures: tuple[Signature, ...]


@dataclasses.dataclass(frozen=True)
class SignatureList(Displayed):
    """The signatures of a file, by meta graph."""

    path: str
    meta_graphs: tuple[MetaGraphSignatures, ...]


def serving_signatures(signatures: Iterable[Signature]) -> list[Signature]:
    """The signatures that are taken where none is asked for.

    `serving_default`, which TensorFlow Serving and the converter take; where there is none of this
    name, all but those that stand for an op of the SavedModel's own.
    """
    public = [s for s in signatures if not s.is_internal]
    return [s for s in public if s.key == DEFAULT_SIGNATURE] or public


def list_signatures(
    model: Model, *, tags: Sequence[str] | None = None, key: str = ""
) -> SignatureList:
    """The signatures of a SavedModel, MetaGraphDef or TFLite model.

    Args:
        model: What `open_model` returned.
        tags: Only the meta graph with these tags.
        key: Only the signature of this name.

    Raises:
        FileProblem: The file is of a kind that has no signatures.
        UnknownName: No meta graph has the tags, or no signature the name.

    Example:
        >>> model = graphtools.open_model("fixtures/saved_model/v1")
        >>> serving, training = graphtools.list_signatures(model).meta_graphs
        >>> [signature.key for signature in serving.signatures]
        ['embed_words', 'serving_default']
    """
    if isinstance(model, SavedModel):
        metas = model.meta_graphs if tags is None else (model.meta_graph(tags),)
    elif isinstance(model, MetaGraph):
        metas = (model,)
    elif known := list(_of_tflite(model)):
        found = tuple(s for s in known if not key or s.key == key)
        if not found:
            raise unknown_name("signature", key, [s.key for s in known], model.path)
        return SignatureList(model.path, (MetaGraphSignatures((), found),))
    else:
        raise FileProblem(
            f"{model.path} is a {model.kind}, which has no signatures",
            f"find its inputs and outputs with: {step('io', model.path)}",
        )
    listed = tuple(
        MetaGraphSignatures(
            m.tags, tuple(s for s in m.signatures.values() if not key or s.key == key)
        )
        for m in metas
    )
    if key and not any(m.signatures for m in listed):
        raise unknown_name("signature", key, [k for m in metas for k in m.signatures], model.path)
    return SignatureList(model.path, listed)


def _of_tflite(model: Model) -> Iterator[Signature]:
    """The signatures of a TFLite model, in the form of those of a graph; none of another file."""
    if model.kind != TFLITE.kind:
        return
    # its dataclasses take their time to load, and most files are no TFLite models
    from graphtools.formats.tflite.model import TFLiteModel

    assert isinstance(model, TFLiteModel)
    for signature in sorted(model.signatures, key=lambda s: s.key):
        tensors = model.subgraphs[signature.subgraph].tensors
        inputs, outputs = (
            tuple(
                TensorInfo(
                    key, tensors[i].name, _dtype(tensors[i].dtype), tensors[i].shape_signature
                )
                for key, i in sorted(named.items())
            )
            for named in (signature.inputs, signature.outputs)
        )
        yield Signature(signature.key, "", inputs, outputs)


def _dtype(name: str) -> DType:
    """An element type by its name; a file may have one that is newer than the names known here."""
    try:
        return dtype(name)
    except InvalidValue:
        return dtype(0)
