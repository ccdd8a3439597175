"""What a user says of a model: `ModelOptions`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence

from graphtools.graph.shape import Shape


@dataclasses.dataclass(frozen=True)
class ModelOptions:
    """How a model is read; what is not given is found in the model.

    Example:
        >>> options = ModelOptions(outputs=["logits"], input_shapes={"image": Shape([1, 224])})
        >>> options.outputs
        ['logits']

    Attributes:
        inputs: Names of the inputs' tensors; those of the signature, or the likely ones, if None.
        outputs: Names of the outputs' tensors, likewise.
        input_shapes: By input, or by its key in the signature, shapes that take the place of those
            in the graph; under "" that of the only input.
        signature: Key of the signature whose inputs and outputs are taken; `serving_default` if
            None, and if there is none of this name, all but the internal ones.
        tags: Tags of the meta graph of a SavedModel; the only one, or the one for serving, if None.
        checkpoint: Where the values of variables are; found beside a .meta file and in a
            SavedModel if None.
        allow_missing: Whether inputs and outputs may be named that the graph does not have, as for
            toco, which was asked to ignore such.
        batch: The first dimension of all inputs that have dimensions and are given no shape, -1 for
            an open one; as they are if None.
    """

    inputs: Sequence[str] | None = None
    outputs: Sequence[str] | None = None
    input_shapes: Mapping[str, Shape] = dataclasses.field(default_factory=dict)
    signature: str | None = None
    tags: Sequence[str] | None = None
    checkpoint: str | os.PathLike[str] | None = None
    allow_missing: bool = False
    batch: int | None = None
