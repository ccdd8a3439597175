"""What is in a checkpoint."""

from __future__ import annotations

import dataclasses
import os

from graphtools.analysis.sizes import Item, Size, by_dtype, informative_scopes, total
from graphtools.formats import places
from graphtools.formats.checkpoint import OBJECT_GRAPH, Checkpoint
from graphtools.formats.source import file_size
from graphtools.graph.variables import is_optimizer_slot
from graphtools.idioms.moving_average import is_moving_average


@dataclasses.dataclass(frozen=True)
class CheckpointSummary:
    """What is in a checkpoint.

    Attributes:
        version: `V1` or `V2`.
        shards: Number of files with values.
        tensors: Number of tensors.
        object_based: Whether it was written by `tf.train.Checkpoint`.
        size: Size of all tensors.
        optimizer_slots: Number of tensors that belong to an optimizer.
        moving_averages: Number of moving averages.
        by_dtype: Size by dtype.
        by_scope: Size by top scopes.
        missing: Files with values that are not there.
        problems: What is known to be damaged.
        note: How the path led to this checkpoint, where that needs saying.
    """

    version: str
    shards: int
    tensors: int
    object_based: bool
    size: Size
    optimizer_slots: int
    moving_averages: int
    by_dtype: dict[str, Size]
    by_scope: dict[str, Size]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    note: str


def summarize_checkpoint(checkpoint: Checkpoint) -> CheckpointSummary:
    """Say what is in a checkpoint; values are not read."""
    items = [
        Item(t.name, t.dtype, t.shape, t.shape.elements or 0, t.nbytes) for t in checkpoint.values()
    ]
    return CheckpointSummary(
        version=checkpoint.version,
        shards=checkpoint.shards,
        tensors=len(checkpoint),
        object_based=OBJECT_GRAPH in checkpoint,
        size=total(items),
        optimizer_slots=sum(is_optimizer_slot(n) for n in checkpoint),
        moving_averages=sum(is_moving_average(n) for n in checkpoint),
        by_dtype=by_dtype(items),
        by_scope=informative_scopes(items),
        missing=checkpoint.missing,
        problems=checkpoint.problems,
        note=checkpoint.note,
    )


def checkpoint_bytes(checkpoint: Checkpoint) -> int:
    """Bytes of all files of a checkpoint."""
    if checkpoint.version == "V1" and checkpoint.shards == 1:
        return file_size(checkpoint.path)
    folder = os.path.dirname(checkpoint.path) or "."
    base = os.path.basename(checkpoint.path)
    starts = (f"{base}.index", f"{base}.data-") if checkpoint.version == "V2" else (f"{base}-0",)
    return sum(
        file_size(os.path.join(folder, name))
        for name in places.names(folder)
        if name.startswith(starts)
    )
