"""GT930-GT939: what a TFLite file holds and nothing needs."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import INFO
from graphtools.findings.rule import TFLITE_TARGETS, Found
from graphtools.formats.tflite.model import Subgraph
from graphtools.lint.tables import tflite_rule
from graphtools.lint.tflite_subject import TFLiteSubject
from graphtools.wording import counted

#: Less than so many bytes are not worth a finding.
_LITTLE = 1024


@tflite_rule("GT931", "unused-tensor", INFO, targets=TFLITE_TARGETS)
def unused_tensors(subject: TFLiteSubject) -> Iterator[Found]:
    """A constant that no operator reads and that is no output.

    Why:
        It takes space in the file, and memory where the file is not mapped.

    Example:
        Weights that are left of a layer that was cut off.

    Remedy:
        Convert the graph anew from the outputs that are wanted.
    """
    for subgraph in subject.model.subgraphs:
        unused = [t for t in subgraph.tensors if t.is_constant and t.index not in _used(subgraph)]
        size = sum(t.buffer_bytes for t in unused)
        if size >= _LITTLE:
            what = f"{counted(len(unused), 'constant')} of {_size(size)} are read by nothing"
            yield Found(max(unused, key=lambda t: t.buffer_bytes).plain_name, what)


def _used(subgraph: Subgraph) -> set[int]:
    read = {i for o in subgraph.operators for i in (*o.inputs, *o.outputs)}
    blocks = {
        i
        for t in subgraph.tensors
        if t.quantization is not None and t.quantization.blockwise is not None
        for i in (t.quantization.blockwise.scales, t.quantization.blockwise.zero_points)
    }
    return read | blocks | {*subgraph.inputs, *subgraph.outputs}


@tflite_rule("GT932", "unused-buffer", INFO, targets=TFLITE_TARGETS)
def unused_buffers(subject: TFLiteSubject) -> Iterator[Found]:
    """A buffer that neither a tensor nor metadata has.

    Why:
        It takes space in the file.

    Example:
        What is left of metadata that was taken out by hand.

    Remedy:
        Convert the graph anew.
    """
    model = subject.model
    used = {t.buffer for s in model.subgraphs for t in s.tensors}
    used |= {m.buffer for m in model.metadata}
    left = [b.size for index, b in enumerate(model.buffers) if index not in used and b.size]
    if sum(left) >= _LITTLE:
        yield Found(None, f"{counted(len(left), 'buffer')} of {_size(sum(left))} are unused")


@tflite_rule("GT933", "duplicate-buffer", INFO, targets=TFLITE_TARGETS)
def duplicate_buffers(subject: TFLiteSubject) -> Iterator[Found]:
    """Constants of the same bytes are stored more than once.

    Why:
        A file can hold them once: tensors may share a buffer.

    Example:
        An embedding that is used at the input and at the output.

    Remedy:
        Convert with a newer TensorFlow, whose converter stores equal constants once.
    """
    model = subject.model
    seen: dict[tuple[int, bytes], list[int]] = {}
    names = {t.buffer: t.plain_name for s in model.subgraphs for t in s.tensors}
    by_size: dict[int, list[int]] = {}
    for index, buffer in enumerate(model.buffers):
        if buffer.size >= _LITTLE and index in names:
            by_size.setdefault(buffer.size, []).append(index)
    for size, indices in by_size.items():
        for index in indices if len(indices) > 1 else ():
            seen.setdefault((size, _digest(model.buffer_data(index))), []).append(index)
    again = [(size, index) for (size, _), found in seen.items() for index in found[1:]]
    if again:
        total = _size(sum(size for size, _ in again))
        what = f"{counted(len(again), 'buffer')} of {total} hold what another holds, too"
        yield Found(names[max(again)[1]], what)


def _digest(raw: memoryview) -> bytes:
    import hashlib

    return hashlib.blake2b(raw, digest_size=16).digest()


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"
