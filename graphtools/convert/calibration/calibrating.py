"""Reads calibration data for the inputs of a graph that is to be converted."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from graphtools.convert.calibration.calibration import (
    STEPS,
    Calibration,
    read_calibration,
)
from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.inference import infer_shapes
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import channel_values
from graphtools.samples.preprocessing import choose_normalization


def calibration_for(
    graph: Graph,
    inputs: Sequence[str],
    path: str | os.PathLike[str],
    *,
    shapes: Mapping[str, Shape] | None = None,
    steps: int = STEPS,
    resize: str = "stretch",
    mean: str | None = None,
    std: str | None = None,
    stats: tuple[float, float] | None = None,
    keys: Mapping[str, str] | None = None,
    signature: Mapping[str, str] | None = None,
    model: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Read data for the inputs of a graph.

    Args:
        graph: The graph.
        inputs: Names of its inputs.
        path: The data; see `read_calibration`.
        shapes: Shapes of inputs by tensor, in place of those of the graph.
        steps: How many samples are used at most.
        resize: How images are made as large as the input.
        mean: What is subtracted from pixels: one number, or one a channel, separated by commas.
        std: What the difference is divided by.
        stats: Mean and standard deviation of the quantized input, which say the same.
        keys: By input, the feature of TFRecords, or the array of an .npz file, that has its values,
            where it has another name.
        signature: By tensor of an input, what it is called in a signature, under which the data may
            have its values, too.
        model: The file of the graph, beside which that of the whole detector may lie.
        progress: Called with the number of samples that are read, and of all that will be.

    Raises:
        GraphtoolsError: See `read_calibration`.
        InvalidValue: There are `keys`, and the data has no names; or `mean` or `std`, and the data
            are arrays.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> import os, tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     data = os.path.join(folder, "data.npy")
        ...     np.save(data, np.zeros((8, 32, 32, 3), "float32"))
        ...     with graphtools.calibration_for(graph, ["input"], data) as calibration:
        ...         calibration.summary.steps
        8
    """
    refs = [Ref.from_user(name) for name in inputs]
    inference = infer_shapes(graph, shapes, targets=[r.node for r in refs if r.node in graph])
    fed = [
        SampledInput(
            r.tensor,
            inference.dtype(r.node, r.index) or FLOAT32,
            inference.shape(r.node, r.index),
            (signature or {}).get(str(r), ""),
        )
        for r in refs
    ]
    normalization = choose_normalization(
        graph,
        fed,
        mean=channel_values("mean", mean),
        std=channel_values("std", std),
        stats=stats,
        model=model,
    )
    found = read_calibration(
        path,
        fed,
        steps=steps,
        resize=resize,
        normalization=normalization,
        keys=keys,
        progress=progress,
    )
    pixels = "mean" if mean else "std" if std else ""
    _check_effects(found, path, keys, pixels)
    return found


def _check_effects(
    found: Calibration,
    path: str | os.PathLike[str],
    keys: Mapping[str, str] | None,
    pixels: str,
) -> None:
    """Check that what was given counts for data of this kind.

    Args:
        found: The data.
        path: Where they are.
        keys: Features or arrays by input.
        pixels: The option by which pixels were to be normalised; empty if there was none.

    Raises:
        InvalidValue: Something has no effect.
    """
    kind = found.summary.kind
    if keys and kind not in ("tfrecord", "npz"):
        raise InvalidValue(
            f"{param('keys')} has no effect: {found.source} have no names",
            "leave it out; it is for TFRecords and .npz files",
        )
    if pixels and kind in ("npz", "npy"):
        raise InvalidValue(
            f"{param(pixels)} is for images: arrays, as those of {path}, are fed as they are",
            "normalise them as training did before they are saved, and leave it out",
        )
