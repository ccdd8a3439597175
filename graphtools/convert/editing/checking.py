"""Does an edited model run, and compute what it must? Both are run in LiteRT on the same values."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import tempfile
from typing import TYPE_CHECKING, Any

from graphtools.convert.editing.edit_tflite import EditedTFLite, TFLiteEdits
from graphtools.errors import GraphtoolsError, InvalidGraph
from graphtools.formats import open_model
from graphtools.run.litert import LiteRT, LiteRTRun
from graphtools.run.litert_tensors import LiteRTValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: How far floats may lie apart, of the largest: kernels add up in another order for other batches.
_TOLERANCE = 1e-4
#: How many steps quantized values may lie apart; that of a requantization, and its neighbour's.
_STEPS = 2


@dataclasses.dataclass(frozen=True)
class EditCheck:
    """How an edited model compares with the one before.

    Attributes:
        compared: Number of outputs that were compared; 0 where what they are was changed.
        note: What was found, for people.
    """

    compared: int
    note: str


def check_edit(edited: EditedTFLite, edits: TFLiteEdits, *, trust: bool = False) -> EditCheck:
    """Read an edited model back, and, where LiteRT is installed, run it and the one before.

    Outputs are compared unless the edit changes what they are (other detections, an earlier end).

    Args:
        edited: The edited model.
        edits: What was done.
        trust: Whether models may run that do more than compute.

    Raises:
        InvalidGraph: It does not run where the one before does, or computes something else.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "edited.tflite")
        edited.save(path)
        open_model(path)
        if importlib.util.find_spec("ai_edge_litert") is None:
            return EditCheck(0, "it reads back; LiteRT is not installed, so it was not run")
        with LiteRT(trust=trust) as litert:
            return _run_both(litert, edited.path, path, edits)


def _run_both(litert: LiteRT, before: str, after: str, edits: TFLiteEdits) -> EditCheck:
    try:
        single = litert.run(before)
    except GraphtoolsError as problem:
        return EditCheck(0, f"it was not run, as the one before does not: {problem.message}")
    try:
        if edits.cut or edits.detection:
            litert.run(after)
            return EditCheck(0, "it runs; its outputs are others now")
        pairs = _batched(litert, before, after, single) if edits.batch else []
        if not edits.batch:
            # quantized ends take real values, too
            found = litert.run(after, [v.real for v in single.inputs])
            pairs = list(zip(single.outputs, found.outputs, strict=True))
    except GraphtoolsError as problem:
        raise InvalidGraph(f"the edited model does not run: {problem.message}") from None
    for expected, given in pairs:
        _compare(expected, given)
    if not pairs:
        return EditCheck(0, "it runs; its batch is no multiple of the one before, to compare with")
    return EditCheck(len(pairs), f"LiteRT computes the same as before ({len(pairs)} compared)")


def _batched(
    litert: LiteRT, before: str, after: str, single: LiteRTRun
) -> list[tuple[LiteRTValue, LiteRTValue]]:
    """The outputs for many samples, beside those for as many as there were before, in turn."""
    import numpy as np

    found = litert.run(after)
    was, now = single.inputs[0].raw.shape[0], found.inputs[0].raw.shape[0]
    if now % was:
        return []
    parts = [
        litert.run(before, [v.raw[i : i + was] for v in found.inputs]) for i in range(0, now, was)
    ]
    pairs = []
    for place, given in enumerate(found.outputs):
        own = [part.outputs[place] for part in parts]
        joined = np.concatenate([np.atleast_1d(v.raw) for v in own])
        pairs.append((own[0]._replace(raw=joined), given))
    return pairs


def _compare(expected: LiteRTValue, given: LiteRTValue) -> None:
    """Compare what two outputs stand for.

    Raises:
        InvalidGraph: They differ.
    """
    import numpy as np

    left, right = np.asarray(expected.real), np.asarray(given.real)
    name = given.tensor.name
    if left.shape != right.shape:
        raise InvalidGraph(f"{name!r} has the shape {right.shape} where {left.shape} is right")
    if not left.size or left.dtype.kind not in "fiu":
        return
    steps = [max(v.tensor.scale) for v in (expected, given) if v.tensor.is_quantized]
    allowed = max(_TOLERANCE * float(np.nanmax(np.abs(left))), _STEPS * max(steps, default=0.0))
    apart = float(np.nanmax(np.abs(left.astype(np.float64) - right.astype(np.float64))))
    if apart > allowed:
        raise InvalidGraph(
            f"{name!r} of the edited model lies {apart:.3g} from what it must be",
            "this is a fault of the edit, and nothing was written",
        )
