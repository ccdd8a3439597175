"""The values of one output of two models compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from graphtools.graph.shape import Shape
from graphtools.verify.metrics import Metrics, Tolerance, measure
from graphtools.verify.model_sides import End, EndValue


@dataclasses.dataclass(frozen=True)
class ComparedOutput:
    """An output of two models.

    Attributes:
        name_a: Its name in the first model.
        name_b: Its name in the second.
        equal: Whether both agree within the tolerance.
        dtype_a: Element type of the first.
        dtype_b: Element type of the second.
        shape_a: Shape of the first.
        shape_b: Shape of the second.
        metrics: How far they lie apart; None where shapes differ, or they hold no numbers.
        problem: Why they cannot be compared or cannot agree; empty if they can.
    """

    name_a: str
    name_b: str
    equal: bool
    dtype_a: str
    dtype_b: str
    shape_a: tuple[int, ...]
    shape_b: tuple[int, ...]
    metrics: Metrics | None
    problem: str = ""


def compare_output(
    x: End, y: End, a: EndValue, b: EndValue, tolerance: Tolerance
) -> ComparedOutput:
    """Compare the values of an output."""
    metrics = None
    problem = ""
    kinds = {a.real.dtype.kind, b.real.dtype.kind}
    step = max(a.step, b.step)
    equal = False
    if a.real.shape != b.real.shape:
        shapes = " and ".join(str(Shape(v.real.shape)) for v in (a, b))
        problem = f"the shapes differ: {shapes}"
    elif kinds <= set("biufc"):
        metrics = measure(a.real, b.real, step)
        equal = tolerance.admits(metrics, step)
        largest = float(abs(a.real).max()) if a.real.size else 0.0
        if not equal and 0 < largest < step:
            problem = f"its quantization step, {step:.3g}, is above all values: nothing is left"
    elif kinds <= set("OSU"):
        equal = a.real.tolist() == b.real.tolist()
        problem = "" if equal else "the strings differ"
    else:
        problem = f"the types differ: {a.dtype} and {b.dtype}"
    return ComparedOutput(
        x.name, y.name, equal, a.dtype, b.dtype, a.real.shape, b.real.shape, metrics, problem
    )


def remarks(values: Sequence[Mapping[str, EndValue]]) -> list[str]:
    """What is to be known of the outputs of either model."""
    import numpy as np

    found = []
    for model, outputs in zip("AB", values, strict=True):
        for name, value in outputs.items():
            array = value.real
            if not array.size:
                found.append(f"the output {name!r} of {model} is empty: nothing is compared")
            elif array.dtype.kind == "f" and np.isnan(array).any():
                found.append(f"the output {name!r} of {model} has {np.isnan(array).sum():,} NaN")
            elif array.dtype.kind in "fiu" and array.size > 1 and np.ptp(array) == 0:
                found.append(
                    f"all elements of the output {name!r} of {model} are {array.flat[0]:g}: feed "
                    "real data to see a difference"
                )
    return found
