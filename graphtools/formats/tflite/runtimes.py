"""What TFLite's runtimes have of each operator: versions of kernels, and since when.

Source: LiteRT's `tools/versioning/runtime_version.cc` and `core/kernels/register.cc`, and the
operators that TFLite Micro's `MicroMutableOpResolver` can add.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from graphtools.errors import InvalidValue
from graphtools.formats.tflite.model import Operator, TFLiteModel

FILE = Path(__file__).with_name("runtimes.txt")
#: Custom operators with a kernel in LiteRT's own resolver.
CUSTOM_KERNELS = frozenset(
    {"AudioSpectrogram", "Mfcc", "NumericVerify", "TFLite_Detection_PostProcess",
     "aeq.hadamard_rotation"}
)  # fmt: skip
#: Custom operators that MediaPipe's and the Task Library's resolvers add.
MEDIAPIPE_KERNELS = frozenset(
    {"Convolution2DTransposeBias", "Landmarks2TransformMatrix", "MaxPoolingWithArgmax2D",
     "MaxUnpooling2D", "TransformLandmarks", "TransformTensor", "TransformTensorBilinear"}
)  # fmt: skip
#: The custom operator that the Edge TPU compiler puts in the place of what it maps.
EDGE_TPU_OP = "edgetpu-custom-op"

#: A runtime's version, as `(2, 5)`.
Runtime = tuple[int, int]


class Kernels(NamedTuple):
    """What runtimes have of an operator.

    Attributes:
        newest: The newest version that LiteRT has; 0 for none.
        is_micro: Whether TFLite Micro has it.
        since: For each version from 1 on, the first runtime that has it; None where nothing is
            known.
    """

    newest: int
    is_micro: bool
    since: tuple[Runtime | None, ...]


@functools.cache
def kernels() -> dict[str, Kernels]:
    """By name of an operator, what runtimes have of it."""
    found = {}
    for line in FILE.read_text("ascii").splitlines():
        if not line.startswith("#"):
            op, newest, micro, *since = line.split()
            runtimes = tuple(None if text == "-" else parse_runtime(text) for text in since)
            found[op] = Kernels(int(newest.replace("-", "0")), micro == "micro", runtimes)
    return found


def parse_runtime(text: str) -> Runtime:
    """A version of TensorFlow Lite's runtime, as `2.5`; what stands behind is left out.

    Raises:
        InvalidValue: It is none.

    Example:
        >>> parse_runtime("2.5.1")
        (2, 5)
    """
    parts = text.strip().split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        raise InvalidValue(f"{text!r} is no version of a runtime", "write it as 2.5")
    return int(parts[0]), int(parts[1])


def first_runtime(operator: Operator) -> Runtime | None:
    """The first runtime that has an operator's version; None where nothing is known of it."""
    known = None if operator.is_custom else kernels().get(operator.op)
    if known is None or not 1 <= operator.version <= len(known.since):
        return None
    return known.since[operator.version - 1]


def minimum_runtime(model: TFLiteModel) -> Runtime | None:
    """The first runtime that has all of a model's operators; None where nothing is known.

    Example:
        >>> minimum_runtime(open_model("fixtures/quant/model.tflite"))
        (1, 5)
    """
    found = [first_runtime(o) for subgraph in model.subgraphs for o in subgraph.operators]
    return max((runtime for runtime in found if runtime is not None), default=None)


def missing_kernel(operator: Operator) -> str:
    """Why LiteRT's own resolver has no kernel for an operator; empty where it has, or may have."""
    if operator.is_flex:
        return "it is a kernel of TensorFlow's, which the Flex delegate has to bring"
    if operator.is_custom:
        if operator.op in CUSTOM_KERNELS:
            return ""
        if operator.op == EDGE_TPU_OP:
            return "it is compiled for an Edge TPU, the delegate of which has to be loaded"
        if operator.op in MEDIAPIPE_KERNELS:
            return "it is a custom operator that MediaPipe brings, and LiteRT does not"
        return "it is a custom operator, for which the application has to bring a kernel"
    known = kernels().get(operator.op)
    if known is None or not known.newest:
        return ""  # newer than what is known here, or an operator that other runtimes have
    if operator.version > known.newest:
        return f"it is version {operator.version}, and LiteRT has it up to {known.newest}"
    return ""
