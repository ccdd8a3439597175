"""How a graph's images are normalised, as far as the graph tells.

Two things tell it:

1. The graph normalises itself: its input goes through an addition, a multiplication and the like
   with constants before anything else happens. What they make of pixels from 0 to 255, or of
   values from 0 to 1, tells which of both it is made for.
2. The graph is what the exporter of the Object Detection API makes of a detector for TFLite, and
   the detector it was made of lies beside it: its Preprocessor is read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from graphtools.errors import GraphtoolsError
from graphtools.formats import graph_of, open_model
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.ops.arithmetic import QUOTIENTS
from graphtools.ops.constness import FROM_SHAPES
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import Normalization
from graphtools.transforms._ssd.walk import constant_of
from graphtools.transforms.export_ssd import export_ssd

#: What the exporter calls its input, and the graph that it is made of.
_EXPORTED, _ORIGINAL = "normalized_input_image_tensor", "frozen_inference_graph.pb"
#: Ops between an input and its normalisation that leave the values as they are, or nearly so.
_HANDED_ON = frozenset(
    "Identity StopGradient Cast ToFloat Reshape Squeeze ExpandDims Transpose Pad "
    "PlaceholderWithDefault ResizeBilinear ResizeNearestNeighbor ResizeBicubic ResizeArea "
    "CropAndResize StridedSlice Slice CheckNumerics".split()
)
#: What networks take is from 0 to 1, from -1 to 1, or divided by the deviation of ImageNet's
#: pixels, which makes a range of 4.4: how wide it is, and where in it 0 lies.
_WIDTHS = (0.9, 6.0)
_CENTRES = (0.3, 0.7)


def choose_normalization(
    graph: Graph,
    inputs: Sequence[SampledInput],
    *,
    mean: Sequence[float] = (),
    std: Sequence[float] = (),
    stats: tuple[float, float] | None = None,
    model: str | os.PathLike[str] | None = None,
) -> Normalization | None:
    """How images are normalised: as given, else as the graph tells; None if nothing tells it.

    Args:
        graph: The graph.
        inputs: Its inputs; only of a single one can it be found.
        mean: What is subtracted from a pixel; one number, or one a channel.
        std: What the difference is divided by.
        stats: Mean and standard deviation of the quantized input, which say the same.
        model: The file of the graph, beside which that of the whole detector may lie.

    Raises:
        InvalidValue: What is given makes no sense.
    """
    if mean or std:
        return Normalization.from_mean_std(tuple(mean) or (0.0,), tuple(std) or (1.0,))
    if stats is not None:
        return Normalization.from_mean_std(stats[:1], stats[1:], "from the input's statistics")
    if len(inputs) != 1:
        return None
    ref = inputs[0].ref
    return _of_nodes(graph, ref) or _of_detector(ref, model)


def _of_nodes(graph: Graph, ref: Ref) -> Normalization | None:
    """What the nodes behind an input tell."""
    import numpy as np

    scale: Any = np.float64(1)
    offset: Any = np.float64(0)
    last = ""
    for tensor in reach([ref], lambda t: [Ref(step[0].name)] if (step := _next(graph, t)) else []):
        step = _next(graph, tensor)
        if step is None:
            break
        node, value, swapped = step
        if value is not None:
            last = node.name
            with np.errstate(all="ignore"):
                scale, offset = _after(node.op, swapped, value, scale, offset)
    if not last or not (np.isfinite(scale).all() and np.isfinite(offset).all()):
        return None
    for top, factor in ((255.0, 1.0), (1.0, 1 / 255)):
        if _plausible(scale, offset, top):
            source = f"the graph normalises itself, up to {last!r}"
            return Normalization((factor,), (0.0,), source)
    return None


def _next(graph: Graph, tensor: Ref) -> tuple[Node, Any, bool] | None:
    """The node that all of a tensor goes to, its constant, and whether that stands first.

    The constant is None for a node that hands on its input; None for any other node.
    """
    import numpy as np

    takers = {
        reader.node.name: reader.node
        for reader in data_readers(graph, tensor.node, tensor.index)
        if reader.node.op not in FROM_SHAPES
    }
    if len(takers) != 1:
        return None
    (node,) = takers.values()
    if node.op in _HANDED_ON:
        return (node, None, False) if Ref.parse(node.data_inputs[0]) == tensor else None
    if node.op not in ("Add", "AddV2", "BiasAdd", "Sub", "Mul", *QUOTIENTS):
        return None
    left, right = node.data_inputs
    swapped = Ref.parse(right) == tensor
    value = constant_of(graph, left if swapped else right)
    if value is None or (swapped and node.op in QUOTIENTS):
        return None
    value = np.asarray(value, np.float64).reshape(-1)
    return (node, value, swapped) if value.size in (1, 3, 4) else None


def _after(op: str, swapped: bool, value: Any, scale: Any, offset: Any) -> tuple[Any, Any]:
    """Scale and offset after an operation with a constant."""
    if op == "Mul":
        return scale * value, offset * value
    if op in QUOTIENTS:
        return scale / value, offset / value
    if op == "Sub":
        return (-scale, value - offset) if swapped else (scale, offset - value)
    return scale, offset + value


def _plausible(scale: Any, offset: Any, top: float) -> bool:
    """Whether values from 0 to a number become such as networks take."""
    import numpy as np

    if not np.all(scale):
        return False
    width = np.abs(scale) * top
    centre = -offset / scale / top
    if np.all((_CENTRES[0] <= centre) & (centre <= _CENTRES[1])):
        # VGG subtracts the mean of pixels, and no more
        return bool(np.all((_WIDTHS[0] <= width) & (width <= _WIDTHS[1])) or np.all(width == 255))
    # a factor alone tells what it is for where it is 1/255
    return bool(top > 1 and not np.any(offset) and np.all(np.abs(width - 1) < 0.1))


def _of_detector(ref: Ref, model: str | os.PathLike[str] | None) -> Normalization | None:
    """What the Preprocessor of the detector does that lies beside an exported graph."""
    if ref.node != _EXPORTED or model is None:
        return None
    path = os.path.join(os.path.dirname(os.fspath(model)), _ORIGINAL)
    if not os.path.isfile(path):
        return None
    try:
        report = export_ssd(graph_of(open_model(path))).report
    except GraphtoolsError:  # no detector that can be read: then it tells nothing
        return None
    return Normalization(report.scale, report.offset, f"from the Preprocessor of {path}")
