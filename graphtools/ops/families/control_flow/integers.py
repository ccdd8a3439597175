"""Values of integer tensors that pass through control flow and functions."""

from __future__ import annotations

from graphtools.ops.call import Call, Integers, integer_function


@integer_function(
    "Identity", "StopGradient", "PreventGradient", "Snapshot", "EnsureShape", "Enter", "Exit",
    "NextIteration",
)  # fmt: skip
def passed_on(call: Call) -> Integers | None:
    """The input."""
    return call.integers(0)


@integer_function("IdentityN")
def identity_n(call: Call) -> list[Integers | None]:
    """All inputs."""
    return [call.integers(position) for position in range(len(call.inputs))]


@integer_function("Switch")
def switch(call: Call) -> list[Integers | None]:
    """Either output has the input's value, if it has any."""
    return [call.integers(0)] * 2


@integer_function("Merge")
def merge(call: Call) -> list[Integers | None]:
    """What all inputs have; which of them came is not known. Starts of loops are not followed."""
    parts = [call.integers(position) for position in range(len(call.inputs))]
    first = parts[0] if parts else None
    if first is None or any(p is None or p.dims != first.dims for p in parts):
        return []
    columns = zip(*(p.items for p in parts if p is not None), strict=True)
    items = tuple(c[0] if all(v == c[0] for v in c) else None for c in columns)
    return [Integers(first.dims, items), None]
