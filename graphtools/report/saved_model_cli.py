"""The lines that the original saved_model_cli printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from graphtools.formats.metagraph import MetaGraph, Signature, TensorInfo
from graphtools.wording import printable


def tag_set_lines(metas: Iterable[MetaGraph]) -> Iterator[str]:
    """The tags of each meta graph."""
    yield "The given SavedModel contains the following tag-sets:"
    for tags in sorted(list(meta.tags) for meta in metas):
        yield printable(", ".join(sorted(tags)))


def key_lines(meta: MetaGraph) -> Iterator[str]:
    """The names of a meta graph's signatures."""
    yield "The given SavedModel MetaGraphDef contains SignatureDefs with the following keys:"
    for key in sorted(meta.signatures):
        yield f'SignatureDef key: "{printable(key)}"'


def signature_lines(signature: Signature, indent: str = "") -> Iterator[str]:
    """The inputs and outputs of a signature."""
    for what, tensors in (("input", signature.inputs), ("output", signature.outputs)):
        yield f"{indent}The given SavedModel SignatureDef contains the following {what}(s):"
        for tensor in tensors:
            yield f"{indent}  {what}s['{printable(tensor.key)}'] tensor_info:"
            yield from (f"{indent}      {line}" for line in _tensor_lines(tensor))
    yield f"{indent}Method name is: {printable(signature.method)}"


def _tensor_lines(tensor: TensorInfo) -> Iterator[str]:
    dims = tensor.shape.dims
    shown = "unknown_rank" if dims is None else ", ".join(str(-1 if d is None else d) for d in dims)
    yield f"dtype: {tensor.dtype.proto_name if tensor.dtype.number else 'DT_INVALID'}"
    yield f"shape: {shown if dims is None else f'({shown})'}"
    yield f"name: {printable(tensor.name)}"


def all_lines(metas: Iterable[MetaGraph]) -> Iterator[str]:
    """All signatures of all meta graphs."""
    for meta in sorted(metas, key=lambda meta: list(meta.tags)):
        tags = printable(", ".join(meta.tags))
        yield f"\nMetaGraphDef with tag-set: '{tags}' contains the following SignatureDefs:"
        for key in sorted(meta.signatures):
            yield f"\nsignature_def['{printable(key)}']:"
            yield from signature_lines(meta.signatures[key], "  ")


def scan_lines(found: Iterable[tuple[MetaGraph, Collection[str]]]) -> Iterator[str]:
    """The ops of each meta graph that touch files or print."""
    for meta, ops in found:
        if ops:
            yield (
                f"MetaGraph with tag set {list(meta.tags)} contains the following blacklisted ops: "
                f"{{{', '.join(map(repr, sorted(ops)))}}}"
            )
        else:
            yield f"MetaGraph with tag set {list(meta.tags)} does not contain blacklisted ops."
